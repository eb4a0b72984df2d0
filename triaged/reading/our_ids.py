"""The Message-IDs of our own letters: known again by their signature wherever they come back. PURE.

`<PS.<ticket>.<letter>.<mark>@host>`: the ticket's number, a digest of the letter's key, and a short
HMAC over both. Without the secret nobody can make one, so an answer that names such an id belongs to
that ticket, whatever its subject says (failures F9 and F10: numbers and foreign ids of the same shape
must not match). Made in lower-case base 32, since some systems change the case of ids.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_SHAPE = re.compile(r"<?ps\.([1-9][0-9]{0,14})\.([a-z2-7]{10})\.([a-z2-7]{20})@[^\s<>@]{1,255}>?")


def message_id(ticket_id: int, letter_key: str, secret: bytes, host: str) -> str:
    """The one fixed Message-ID of a letter (promise 3), with angle brackets, at most 320 characters."""
    letter = _base32(hashlib.sha256(letter_key.encode("utf-8", "replace")).digest(), 10)
    mark = _mark(f"{ticket_id}.{letter}", secret)
    return f"<ps.{ticket_id}.{letter}.{mark}@{host}>"


def verify(message_id: str, secret: bytes) -> int | None:
    """The ticket a letter of ours belongs to; None if the id is not ours or not signed by us.

    The host does not count: a mailbox may have moved to another name since the letter was sent.
    """
    shape = _shape(message_id)
    if shape is None:
        return None
    ticket, letter, mark = shape.groups()
    right = hmac.compare_digest(mark, _mark(f"{ticket}.{letter}", secret))
    return int(ticket) if right else None


def recipient_mark(message_id: str, address: str, secret: bytes) -> str:
    """What stands in a letter to one person alone, and proves that a letter given back had reached him.

    The id itself travels in the References of everybody who answers; this stands in no answer.
    """
    given = f"recipient:{message_id.strip().lower()}:{address.strip().lower()}"
    return _base32(hmac.new(secret, given.encode("utf-8", "replace"), hashlib.sha256).digest(), 26)


def is_recipient(message_id: str, address: str, mark: str, secret: bytes) -> bool:
    """Whether a mark that came back is the one of this letter to this person."""
    right = recipient_mark(message_id, address, secret)
    return hmac.compare_digest(mark.strip().lower().encode("utf-8", "replace"), right.encode("ascii"))


def looks_ours(message_id: str) -> bool:
    """Whether an id has the shape of ours; says nothing about its signature."""
    return _shape(message_id) is not None


def _shape(message_id: str) -> re.Match[str] | None:
    return _SHAPE.fullmatch(message_id.strip().lower()) if len(message_id) <= 400 else None


def _mark(of: str, secret: bytes) -> str:
    return _base32(hmac.new(secret, b"letter:" + of.encode("ascii"), hashlib.sha256).digest(), 20)


def _base32(digest: bytes, length: int) -> str:
    return base64.b32encode(digest).decode("ascii").lower()[:length]
