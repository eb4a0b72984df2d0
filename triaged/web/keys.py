"""Random keys, their hashes, and the tokens of forms. What a browser holds is never stored, only its hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 characters that nobody takes for one another
_NOT_OF_CODE = re.compile(r"[^0-9A-Z]")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def new() -> str:
    """256 random bits, fit for a cookie and an address."""
    return secrets.token_urlsafe(32)


def is_key(text: str) -> bool:
    """Whether a text has the shape of one of ours: nothing else is worth a question to the store."""
    return _KEY.fullmatch(text) is not None


def hashed(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def code_of(token: str, secret: bytes) -> str:
    """The short code of a link: 40 bits that follow from it, as `H4KX-9PTN`."""
    digest = hmac.new(secret, b"code\0" + token.encode(), "sha256").digest()
    letters = "".join(_ALPHABET[byte % 32] for byte in digest[:8])
    return f"{letters[:4]}-{letters[4:]}"


def code_hash(address: str, code: str, secret: bytes) -> str:
    """What is kept of a code: alike however it is typed, useless for another address."""
    typed = _NOT_OF_CODE.sub("", code.upper().translate(_FULL_WIDTH))
    return hmac.new(secret, f"{address.lower()}\0{typed}".encode(), "sha256").hexdigest()


_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}  # as a Japanese keyboard types them


def form_token(key_hash: str, secret: bytes) -> str:
    """What a form of this session or browser carries, so that no other site can post it. `key_hash`: its key, hashed."""
    return hmac.new(secret, b"form\0" + key_hash.encode(), "sha256").hexdigest()


def is_form_token(given: str, key: str, secret: bytes) -> bool:
    """Whether a form carries it."""
    return bool(key) and is_token_of(given, hashed(key), secret)


def is_token_of(given: str, key_hash: str, secret: bytes) -> bool:
    """The same for a session of which only the row is left."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), form_token(key_hash, secret).encode())
