"""What a list of a words file becomes: a value that is compared, joined and pickled by its phrases. PURE.

`Table` answers whether a whole line is one of its phrases, `Prefixes` whether a subject begins with one,
`Endings` whether a line ends with one; `Phrases` (phrases.py) finds them anywhere. Patterns made of them stay
behind when they are pickled for a reader process, and are made again there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

LONGEST: Final = 120  # characters of a phrase
# Of scripts with blanks
WORD_END: Final = re.compile(r"[^\W\u0590-\u1cff\u2e80-\uabff\uac00-\ud7ff\uf900-\ufaff]")
_MARKS = "^$*… "


class Listed:
    """Phrases in the order written, each once."""

    __slots__ = ("phrases",)

    def __init__(self, *phrases: str) -> None:
        self.phrases: tuple[str, ...] = tuple(dict.fromkeys(p for p in map(str.strip, phrases) if p))

    @classmethod
    def joined(cls, lists: Iterable[Listed]) -> Self:
        """The phrases of all of them."""
        return cls(*(phrase for one in lists for phrase in one.phrases))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.phrases == self.phrases

    def __hash__(self) -> int:
        return hash(self.phrases)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.phrases)} phrases)"

    def __reduce__(self) -> tuple[type[Self], tuple[str, ...]]:
        return type(self), self.phrases

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # a reader process, which checks no file, does without

        item = core_schema.no_info_after_validator_function(_phrase, core_schema.str_schema(strict=True))
        return core_schema.no_info_after_validator_function(
            lambda phrases: cls(*phrases), core_schema.list_schema(item)
        )


class Table(Listed):
    """Phrases that are a whole line, label or word; asked with text as `plain` gives it."""

    __slots__ = ("_plain",)

    def __init__(self, *phrases: str) -> None:
        super().__init__(*phrases)
        self._plain = frozenset(map(plain, self.phrases))

    def __contains__(self, text: str) -> bool:
        return text in self._plain

    @property
    def plain(self) -> frozenset[str]:
        """Its phrases as they are compared."""
        return self._plain


class Prefixes(Listed):
    """What mail programs put before a subject: `Fwd:`, `WG[2]:`, `転送:`."""

    __slots__ = ("_pattern",)

    def __init__(self, *phrases: str) -> None:
        super().__init__(*phrases)
        self._pattern: re.Pattern[str] | None = None

    def begin(self, text: str) -> bool:
        """Whether a plain text begins with one of them and its colon."""
        if self._pattern is None:
            self._pattern = _alternatives(self.phrases, "", r"\s?(?:\[\d+\]|\(\d+\)|\^\d+)?\s?:")
        return self._pattern.match(text) is not None


class Endings(Listed):
    """Words a line ends with; the day may follow them in English (`Anna wrote on 10 November`)."""

    __slots__ = ("_pattern", "tails")

    def __init__(self, *phrases: str) -> None:
        super().__init__(*phrases)
        self.tails = tuple(map(plain, self.phrases))
        self._pattern: re.Pattern[str] | None = None

    def start_in(self, text: str) -> int:
        """Where in a short plain text the word begins that ends it; -1 if none does."""
        if self._pattern is None:
            self._pattern = _alternatives(self.phrases, r"(?<!\w)", r"(?: on .{6,40})?$")
        found = self._pattern.search(text)
        return found.start() if found else -1


def plain(text: str) -> str:
    """The text as tables, prefixes and endings are compared: case-folded, a Turkish `İ` as any `i`."""
    return text.casefold().replace("\u0307", "")


def _alternatives(phrases: tuple[str, ...], before_word: str, behind: str) -> re.Pattern[str]:
    """Any of the phrases, the longest first, with what bounds them; nothing where there is none."""
    words = sorted(map(plain, phrases), key=len, reverse=True)
    bounded = (f"{before_word if WORD_END.match(word[0]) else ''}{re.escape(word)}" for word in words)
    return re.compile(f"(?:{'|'.join(bounded)}){behind}" if words else r"(?!)")


def _phrase(text: str) -> str:
    """A phrase that can be looked for. Refused with the reason, which is shown at its place."""
    from pydantic_core import PydanticCustomError

    inner = text.strip(_MARKS)
    if not inner:
        raise PydanticCustomError("phrase", "a phrase has a word in it")
    if len(text) > LONGEST:
        raise PydanticCustomError("phrase", f"a phrase has at most {LONGEST} characters")
    if "\n" in text:
        raise PydanticCustomError("phrase", "a phrase stands on one line")
    return text.lower()
