"""Large alternations of words for RE2. PURE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

_LIBRARY: Any = re2  # untyped
_UNANCHORED = _LIBRARY._Anchor.UNANCHORED
_NOWHERE = (-1, -1)


class Automaton:
    """A pattern of RE2, which says the same with less ado.

    Most of what is looked for is not there, and most texts are ASCII, whose characters are their bytes: the
    library counts the characters of a text anew for each question.
    """

    __slots__ = (
        "_ask",
        "_pattern",
        "findall",
        "fullmatch",
        "groups",
        "match",
        "pattern",
        "split",
        "sub",
        "subn",
    )

    def __init__(self, pattern: Any) -> None:
        self._pattern, self._ask = pattern, pattern._regexp.Match
        self.pattern, self.groups = pattern.pattern, pattern.groups
        self.match, self.fullmatch, self.findall = pattern.match, pattern.fullmatch, pattern.findall
        self.split, self.sub, self.subn = pattern.split, pattern.sub, pattern.subn

    def __reduce__(self) -> tuple[Any, ...]:
        return compiled, (self.pattern,)

    def search(self, text: str, at: int = 0) -> Any:
        """The first match from there on; None if none."""
        return next(self.finditer(text, at), None)

    def finditer(self, text: str, at: int = 0) -> Iterator[Any]:
        """Every match from there on."""
        if not text.isascii():
            if not at and self._ask(_UNANCHORED, (told := text.encode()), 0, len(told))[0] == _NOWHERE:
                return
            yield from self._pattern.finditer(text, at)
            return
        told = text.encode()
        end = len(told)
        while True:
            spans = self._ask(_UNANCHORED, told, at, end)
            if spans[0] == _NOWHERE:
                return
            yield _LIBRARY._Match(self._pattern, text, at, end, spans)
            if at == end:
                return
            at = spans[0][1] if spans[0][1] != at else at + 1


def compiled(pattern: str) -> Automaton:
    """RE2 with room for a large automaton; with the default 8 MB it falls back to its slow engine."""
    options = re2.Options()
    options.max_mem = 256 << 20
    options.log_errors = False
    return Automaton(_LIBRARY.compile(pattern, options))
