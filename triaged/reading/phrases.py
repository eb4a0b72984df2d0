"""Lists of phrases searched for together, in linear time (RE2), whatever the text. PURE.

Phrases are written in lower case, split by ` | `; `…` in them stands for up to forty characters; a
phrase that begins or ends with `^` or `$` stands at the beginning or end of a line. Texts are folded
(`fold`): NFKC, lower case, one blank for any white space but line ends.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import re2

from triaged.reading.automata import compiled

_RE2: Any = re2  # untyped
_BLANKS = re.compile(r"[^\S\n ][^\S\n]*| [^\S\n]+")  # not a lone blank, of which there are most
_GAP = ".{0,40}?"


class Phrases:
    """Phrases that mean the same; answers which of them stands in a folded text, and where."""

    __slots__ = ("_pattern",)

    def __init__(self, *lines: str) -> None:
        every = (phrase.strip() for line in lines for phrase in line.split(" | "))
        self._pattern: Any = compiled("(?m)" + "|".join(_escaped(phrase) for phrase in every if phrase))

    def find(self, text: str) -> str:
        """The first phrase found, as it stands in the text; empty if none."""
        found = self._pattern.search(text)
        return str(found.group()) if found else ""

    def at(self, text: str) -> int:
        """Where the first one begins; -1 if none stands there."""
        found = self._pattern.search(text)
        return int(found.start()) if found else -1

    def count(self, text: str) -> int:
        """How many stand in the text."""
        return sum(1 for _ in self._pattern.finditer(text))


def fold(text: str) -> str:
    """The text as phrases are written: NFKC, lower case, straight apostrophes, blanks folded."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
    return _BLANKS.sub(" ", text.lower())


def _escaped(phrase: str) -> str:
    start, end = phrase.startswith("^"), phrase.endswith("$")
    inner = phrase[start : len(phrase) - end]
    gaps: str = _RE2.escape(inner).replace(_RE2.escape("…"), _GAP)
    return ("^" if start else "") + gaps + ("$" if end else "")
