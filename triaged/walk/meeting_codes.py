"""Connection codes made and known again. Only a slow hash is kept, so that who reads the database reads no code."""

from __future__ import annotations

import hashlib
import secrets

from triaged.meetings import codes
from triaged.meetings.meeting import Meeting

_COST = {"n": 2**13, "r": 8, "p": 1, "maxmem": 2**25}  # some 20 ms, 8 MB


def make() -> str:
    """A code nobody can guess."""
    return "".join(secrets.choice(codes.ALPHABET) for _ in range(codes.LENGTH))


def hashed(code: str, ticket_id: int, meeting: Meeting, secret: bytes) -> str:
    """As it is kept: of this session alone. `code` as it was made or typed."""
    salt = secret + f"meeting-code:{ticket_id}:{meeting.number}".encode()
    return hashlib.scrypt(codes.typed(code).encode(), salt=salt, dklen=32, **_COST).hex()
