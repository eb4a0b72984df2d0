"""Lists of phrases searched for together, in linear time (RE2), whatever the text. PURE.

Phrases are written in lower case. They match whole words: "tack" is no part of "attack".
`*` at an end lets the word go on there (`temporar*`); `…` stands for up to forty characters; a phrase that
begins or ends with `^` or `$` stands at the beginning or end of a line. Scripts that write no blanks between
words, or glue particles to them (Han, kana, Hangul, Thai, Hebrew, Arabic), have no word ends to look for.
Texts are folded (`fold`): NFKC, lower case, one blank for any white space but line ends.

A pattern is made when it is first asked: what reads no mail pays nothing for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import re2

from triaged.reading.words.automata import compiled
from triaged.reading.words.listed import WORD_END, Listed

_RE2: Any = re2  # untyped
_BLANKS = re.compile(r"[^\S\n ][^\S\n]*| [^\S\n]+")  # not a lone blank, of which there are most
_GAP = ".{0,40}?"
_IN_WORD: Final = r"\p{Latin}\p{Greek}\p{Cyrillic}\p{M}\p{Nd}_"
_BEGINS, _ENDS = f"(?:^|[^{_IN_WORD}])", f"(?:[^{_IN_WORD}]|$)"


class Phrases(Listed):
    """Phrases that mean the same; answers which of them stands in a folded text, and where."""

    __slots__ = ("_pattern",)

    def __init__(self, *lines: str) -> None:
        """A line may hold several phrases, split by ` | `."""
        super().__init__(*(phrase for line in lines for phrase in line.split(" | ")))
        self._pattern: Any = None

    def find(self, text: str) -> str:
        """The first phrase found, as it stands in the text; empty if none."""
        found = next(self.spans(text), None)
        return text[slice(*found)] if found else ""

    def at(self, text: str) -> int:
        """Where the first one begins; -1 if none stands there."""
        found = next(self.spans(text), None)
        return found[0] if found else -1

    def count(self, text: str) -> int:
        """How many stand in the text."""
        return sum(1 for _ in self.spans(text))

    def without(self, text: str, instead: str = " ") -> str:
        """The text with every phrase in it replaced."""
        pieces, done = [], 0
        for start, end in self.spans(text):
            pieces += [text[done:start], instead]
            done = end
        return "".join([*pieces, text[done:]])

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where phrases stand; the character between two of them may bound both."""
        if not self.phrases:
            return
        if self._pattern is None:
            self._pattern = compiled("(?m)" + _alternatives(self.phrases))
        at = 0
        while found := self._pattern.search(text, at):
            start, end = found.span(found.lastindex)
            yield start, end
            at = max(end, at + 1)


def fold(text: str) -> str:
    """The text as phrases are written: NFKC, lower case, straight apostrophes, blanks folded."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
        text = text.replace("İ", "i")  # a Turkish capital, whose dot would stay behind as a sign of its own
    return _BLANKS.sub(" ", text.lower())


def _alternatives(phrases: tuple[str, ...]) -> str:
    """One pattern of them all, the longest first; those with the same kind of ends together: a short pattern is a fast one."""
    ends: dict[tuple[str, str], list[str]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        inner = phrase.strip("^$*")
        begins = _BEGINS if phrase[0] not in "^*" and WORD_END.match(inner[0]) else ""
        stops = _ENDS if phrase[-1] not in "$*" and WORD_END.match(inner[-1]) else ""
        ends.setdefault((begins, stops), []).append(_escaped(phrase))
    return "|".join(
        f"{begins}({'|'.join(alike)}){stops}" for (begins, stops), alike in sorted(ends.items(), reverse=True)
    )


def _escaped(phrase: str) -> str:
    start, end = phrase.startswith("^"), phrase.endswith("$")
    inner = phrase[start : len(phrase) - end].strip("*")
    gaps: str = _RE2.escape(inner).replace(_RE2.escape("…"), _GAP)
    return ("^" if start else "") + gaps + ("$" if end else "")
