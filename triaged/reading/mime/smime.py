"""S/MIME mail signed in one piece: the mail within the signature, which a mail program shows.

Contract: `content` never raises; an encrypted or broken one gives None. The signature is not checked:
who sent a mail is our own mail server's word (sender/authenticity.py). PURE, linear.
"""

from __future__ import annotations

from typing import NamedTuple

NAMES = (".p7m", ".p7c", ".p7z")  # of such a file, whatever type its mail program gives it
TYPES = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
MOST_ITEMS = 10_000
_DEEPEST = 12

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_ENCRYPTED = {  # EnvelopedData, SignedAndEnvelopedData, EncryptedData, AuthEnvelopedData
    bytes.fromhex(oid)
    for oid in ("2a864886f70d010703", "2a864886f70d010704", "2a864886f70d010706", "2a864886f70d0109100117")
}
_END = b"\0\0"


class _Item(NamedTuple):
    """A tag-length-value of BER: its tag byte, and where its contents stand."""

    tag: int
    start: int
    end: int
    next: int


class _Broken(Exception):
    """The bytes are no BER."""


def content(data: bytes) -> bytes | None:
    """The signed content of a PKCS #7 SignedData; None where there is none to read."""
    try:
        reader = _Reader(data)
        kind, held = reader.items(reader.only(0, len(data)))[:2]
        if data[kind.start : kind.end] != _SIGNED_DATA:
            return None
        signed = reader.items(reader.only(held.start, held.end))
        _, wrapped = reader.items(signed[2])[:2]  # version, digest algorithms, the content, …
        return reader.octets(reader.only(wrapped.start, wrapped.end))
    except (_Broken, ValueError, IndexError):
        return None


def is_encrypted(data: bytes) -> bool:
    """Whether the bytes are a PKCS #7 envelope, which only its addressee can open."""
    try:
        reader = _Reader(data)
        kind = reader.items(reader.only(0, len(data)))[0]
    except (_Broken, ValueError, IndexError):
        return False
    return data[kind.start : kind.end] in _ENCRYPTED


class _Reader:
    """Items of BER with definite and indefinite lengths, bounded in number and depth."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MOST_ITEMS

    def items(self, outer: _Item) -> list[_Item]:
        """The items within a constructed one."""
        found: list[_Item] = []
        at = outer.start
        while at < outer.end:
            item = self._item(at, outer.end, 0)
            found.append(item)
            at = item.next
        return found

    def only(self, at: int, end: int) -> _Item:
        """The item at a place."""
        return self._item(at, end, 0)

    def octets(self, item: _Item, depth: int = 0) -> bytes:
        """The bytes of an octet string, put together where it comes in pieces."""
        if not item.tag & 0x20:
            return self._data[item.start : item.end]
        if depth > _DEEPEST:
            raise _Broken
        return b"".join(self.octets(piece, depth + 1) for piece in self.items(item))

    def _item(self, at: int, end: int, depth: int) -> _Item:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST or at + 2 > end:
            raise _Broken
        tag, first = self._data[at], self._data[at + 1]
        start = at + 2
        if first == 0x80:
            return self._indefinite(tag, start, end, depth)
        if first & 0x80:
            width = first & 0x7F
            length = int.from_bytes(self._data[start : start + width], "big")
            start += width
        else:
            length = first
        if start + length > end:
            length = end - start  # a mail cut short: what is there
        return _Item(tag, start, start + length, start + length)

    def _indefinite(self, tag: int, start: int, end: int, depth: int) -> _Item:
        at = start
        while at < end and self._data[at : at + 2] != _END:
            at = self._item(at, end, depth + 1).next
        return _Item(tag, start, at, at + 2)
