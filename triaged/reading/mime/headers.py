"""The headers of a mail: every one kept, in order, repeated ones too, as a person or a program reads them.

Contract: total and linear. Values are unfolded, raw 8-bit bytes read with the charset they most likely are in;
no lone surrogates, no NULs. RFC 2047 words are decoded only in fields that hold prose (vendor ISO-2022-JP too):
in a field with a grammar an encoded word could write signs of the grammar, and so say what nobody said. Such
fields are judged as they stand; only the display names of address lists are decoded, once the list is cut up.
PURE.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from email.message import Message as Part

from triaged.reading.mime import charsets

PROSE = frozenset({"subject", "comments", "keywords", "organization", "thread-topic", "content-description"})
LONGEST_VALUE = 64 * 1024  # characters of one field that are read
MOST_FIELDS = 2_000

_FOLD = re.compile(r"[\r\n]+[ \t]*")
_NUISANCE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
# No two quantifiers meet, so the scan is linear; the text may hold blanks, as many mailers write them.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,2000})\?=")
_ESCAPES = re.compile(rb"=([0-9A-Fa-f]{2})")


class Headers:
    """Header fields in the order they stand in the mail, looked up by name in any case."""

    __slots__ = ("_items", "_values")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items = tuple(items)
        self._values: dict[str, list[str]] = {}
        for name, value in self._items:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str, default: str = "") -> str:
        """The first (topmost) value of the field, `default` where the mail has none."""
        values = self._values.get(name.lower())
        return values[0] if values else default

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of the field, topmost first."""
        return tuple(self._values.get(name.lower(), ()))

    def items(self) -> tuple[tuple[str, str], ...]:
        """(name as written, value) of every field, in order."""
        return self._items

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Headers({list(self._items)!r})"


def from_part(part: Part) -> Headers:
    """The headers of a parsed part or mail."""
    return Headers((name, value_of(name, raw)) for name, raw in raw_items(part))


def raw_items(part: Part) -> list[tuple[str, str]]:
    """(name, text as it stands in the mail: 8-bit bytes are surrogates) of each field, bounded."""
    return [(name, str(value)[:LONGEST_VALUE]) for name, value in part.raw_items()][:MOST_FIELDS]


def value_of(name: str, raw: str) -> str:
    """A field's value on one line, 8-bit bytes decoded; encoded words too where the field holds prose."""
    value = plain_value(raw)
    return decode_words(value) if name.lower() in PROSE else value


def plain_value(raw: str) -> str:
    """The value unfolded, its 8-bit bytes decoded, encoded words left: what address lists are cut from."""
    if "\n" in raw or "\r" in raw:
        raw = _FOLD.sub(" ", raw)
    if raw.isascii() and raw.isprintable():
        return raw.strip()
    data = raw.encode("utf-8", "surrogateescape")
    text = charsets.decode(data).text if not raw.isascii() or b"\x1b" in data else raw
    return _NUISANCE.sub(" ", text).strip()


def decode_words(text: str) -> str:
    """RFC 2047 words decoded. A character cut in two by neighbouring words of one charset is made whole."""
    if "=?" not in text:
        return text
    out: list[str] = []
    end, pending, charset = 0, b"", ""
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        data, declared = _word_bytes(word), word[1].partition("*")[0].lower()
        if pending and (between.strip() or declared != charset):
            out.append(charsets.decode(pending, charset).text)
            pending = b""
        if between.strip() or not end:
            out.append(between)
        pending, charset, end = pending + data, declared, word.end()
    if end:
        out.append(charsets.decode(pending, charset).text)
    return _NUISANCE.sub(" ", "".join(out) + text[end:])


def without_words(text: str) -> str:
    """The text with its encoded words left out."""
    return _WORD.sub("", text)


def _word_bytes(word: re.Match[str]) -> bytes:
    data = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return _ESCAPES.sub(lambda m: bytes((int(m[1], 16),)), data.replace(b"_", b" "))
    return b64(data)


def b64(data: bytes) -> bytes:
    """Base64 as mail has it: blanks and stray characters passed over, missing padding made up for."""
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        kept = _NOT_B64.sub(b"", data)
        whole = len(kept) - (1 if len(kept) % 4 == 1 else 0)
        return base64.b64decode(kept[:whole] + b"=" * (-whole % 4))


_NOT_B64 = re.compile(rb"[^A-Za-z0-9+/]+")
