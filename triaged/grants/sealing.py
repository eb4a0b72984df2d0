"""Tokens at rest: sealed by a key that stands in a file and not in the database.

AES-256-GCM, the row and column as associated data, so that a sealed text copied into another row does not open; in
front the id of its key, so that the file may hold a new key above the old ones. A line of the file is one key: 32
random bytes in base64; the first seals, all open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from triaged.errors import Faulty

_BYTES, _NONCE = 32, 12
_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a file by their ids, the one that seals first."""

    by_id: Mapping[str, bytes] = field(repr=False)

    def seal(self, plain: str, about: str) -> str:
        """The text sealed; it opens only about the same."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name, key = next(iter(self.by_id.items()))
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, plain.encode(), about.encode())
        return f"{_VERSION}:{name}:{base64.b64encode(nonce + sealed).decode('ascii')}"

    def open(self, sealed: str, about: str) -> str:
        """The text. Raises Faulty where no key opens it, or it is of something else."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        version, name, held = (*sealed.split(":", 2), "", "")[:3]
        key = self.by_id.get(name) if version == _VERSION else None
        if key is None:
            raise Faulty(
                f"a stored token is sealed by key {name[:16] or '?'}, which oauth2_key_file does not hold"
            )
        try:
            mixed = base64.b64decode(held, validate=True)
            return AESGCM(key).decrypt(mixed[:_NONCE], mixed[_NONCE:], about.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Faulty("a stored token does not open: it was changed, or copied from another row") from None

    def is_newest(self, sealed: str) -> bool:
        """Whether it is sealed by the first key."""
        return sealed.startswith(f"{_VERSION}:{next(iter(self.by_id))}:")


def new_key() -> str:
    """A key as a line of the file."""
    return base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def read(text: str) -> Keys:
    """The keys of a file's text; empty lines and those that begin with # are passed over. Raises Faulty."""
    found: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        try:
            key = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _BYTES:
            raise Faulty(
                f"oauth2_key_file: line {number} is no key of {_BYTES} bytes in base64; triaged oauth2 key FILE makes one"
            )
        found[hashlib.sha256(key).hexdigest()[:8]] = key
    if not found:
        raise Faulty("oauth2_key_file: it holds no key; triaged oauth2 key FILE makes one")
    return Keys(found)
