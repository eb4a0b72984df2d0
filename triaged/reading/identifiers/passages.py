"""A stretch of a mail made ready for finding things in it: one spelling for what people see as one.

Contract: `Passage.text` is NFKC without invisible characters, dashes and apostrophes of one kind;
`Passage.folded` is the same text in lower case with Latin accents taken off, letter for letter of
the same length, so that a place found in one is the same place in the other. PURE.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from triaged.frozen import frozen

Part = Literal["new", "forwarded", "subject"]

LONGEST = 300_000  # characters; NFKC may write one character as eighteen

_ONE_SPELLING = {
    **{
        ord(c): None
        for c in "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u2066\u2069\r\x00"
    },
    **{ord(c): "-" for c in "‐‑‒–—―−﹣"},
    **{ord(c): "'" for c in "’‘´`ʼ＇"},
    ord("№"): "#",  # NFKC makes "No" of it, which grows together with the number
    **{ord(c): " " for c in "\u3000\u00a0\u202f\u2009\u000b\u000c"},
}
_ODD = re.compile("[" + re.escape("".join(map(chr, _ONE_SPELLING))) + "]")


def _unaccented() -> dict[int, str]:
    table: dict[int, str] = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        table[code] = base if len(base) == 1 else chr(code)
    return table


_UNACCENTED = _unaccented()


def normal(text: str) -> str:
    """The text in one spelling: full-width digits are digits, soft hyphens are gone. Idempotent, linear."""
    if text.isascii():
        return text[:LONGEST].replace("\r", "").replace("\x00", "").replace("`", "'")
    return _one_spelling(unicodedata.normalize("NFKC", _one_spelling(text[:LONGEST])))[:LONGEST]


def _one_spelling(text: str) -> str:
    return _ODD.sub(lambda found: _ONE_SPELLING[ord(found[0])] or "", text)


def fold(text: str) -> str:
    """Lower case without Latin accents, of the same length as `text` (which must be `normal`)."""
    if text.isascii():
        return text.lower()
    # The one letter that grows in lower case, a Turkish İ, is an I by then
    return text.translate(_UNACCENTED).lower()


@frozen
class Passage:
    """One part of a mail to look through. `folded` has the length of `text`."""

    part: Part
    text: str
    folded: str

    @classmethod
    def of(cls, part: Part, text: str) -> Passage:
        """A passage of raw text."""
        text = normal(text)
        return cls(part, text, fold(text))

    def line_at(self, place: int) -> tuple[int, int]:
        """Start and end of the line that `place` stands in, without its line break."""
        start = self.text.rfind("\n", 0, place) + 1
        end = self.text.find("\n", place)
        return start, len(self.text) if end < 0 else end

    def context(self, place: int, width: int = 120) -> str:
        """The line around `place`, cut, for showing to people."""
        start, end = self.line_at(place)
        if end - start > width:
            start = max(start, place - width // 2)
            end = min(end, start + width)
        return " ".join(self.text[start:end].split())
