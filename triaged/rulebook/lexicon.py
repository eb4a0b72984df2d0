"""The word lists of a rulebook, and the RE2 patterns that they make of phrases (phrases.py). PURE.

Usual endings of the language and letters typed without their accents are found too (endings.py). Japanese
and Chinese have no blanks: there a blank between two pieces means that they touch, and a gap is counted in
characters.

Checking a phrase writes no pattern: every list is measured once, so that a rulebook with thousands of words
loads at once, and a pattern is written when a mail of its language first needs it. What has passed `check` is
sound by construction: every word is escaped, brackets close, and the size is bounded below what RE2 refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from triaged.frozen import frozen
from triaged.rulebook.endings import any_letters, flexible, opening
from triaged.rulebook.folding import fold_lower, fold_word
from triaged.rulebook.phrases import (
    Either,
    Gap,
    Misphrased,
    MisphrasedList,
    Piece,
    Ref,
    asks,
    bare,
    begins,
    may_lack,
    names,
    parse,
)
from triaged.spec.did_you_mean import did_you_mean

GAP = 7  # words between two pieces of a sentence, where no number is written
GAP_CJK = 25  # characters, where a language is written without blanks
DEEPEST = 5  # word lists may name each other so deep
# Of `Measure.size`: RE2 runs some 43,000 instructions; a pattern has at most 1.6 times its size
LARGEST = 25_000

UNSPACED = frozenset({"ja", "zh"})
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_ALONE = re.compile(r"[^\W_]+")
_GAP_SIZE = 18  # instructions of one word, or one character, that does not matter

_BEGIN = r"(?:^|[.!?。:] ?|^[^ .!?\n]+(?: [^ .!?\n]+){0,3}, )[(\"'¿¡]{0,2}"
_QUESTION = r"(?:[^.!?。\n]*)\?"
_START = r"(?:^|[ (\[\"'/,:;>*_.!?¿¡-])"
_END = r"(?:[ .,;:!?)\]\"'/_\n-]|$)"
_BETWEEN = r"(?:[,;:)\"']{0,2} [(\"']?|['-])"
_WORD = r"(?:[^ .!?\n]+(?:\.[^ .!?\n]+)* )"


@frozen
class Measure:
    """How large a phrase or list gets, how deep its lists lead, and which they are; about RE2 instructions."""

    size: int = 0
    depth: int = 0
    lists: frozenset[str] = frozenset()

    def beside(self, other: Measure) -> Measure:
        """Both, one behind the other or one instead of the other."""
        return Measure(self.size + other.size, max(self.depth, other.depth), self.lists | other.lists)


@dataclass(slots=True)
class Lexicon:
    """Word lists by name as a rulebook writes them; what is no text in them is told elsewhere, and left out."""

    words: Mapping[str, Any]
    _languages: dict[str, set[str]] = field(default_factory=dict)
    _phrases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _measures: dict[tuple[str, str], Measure] = field(default_factory=dict)
    _written: dict[tuple[str, str], str] = field(default_factory=dict)
    _present: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    _marked: dict[str, bool] = field(default_factory=dict)  # lists that hold phrases with ^ or ?
    _vocabulary: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for known in self.words:
            name, _, language = str(known).rpartition("-")
            self._languages.setdefault(name, set()).add(language)

    def languages(self, phrase: str) -> tuple[str, ...]:
        """The languages a phrase can be said in: those that have every list it names.

        Raises Misphrased where it names a list that is nowhere, or lists that no language has together.
        """
        named = tuple(dict.fromkeys(names(parse(phrase))))
        if not named:
            return ("ja" if CJK.search(phrase) else "",)
        having = [self._having(name) for name in named]
        common = set.intersection(*having)
        if not common:
            raise Misphrased(f"no language has all of {', '.join(named)}; give one of them its lists")
        return tuple(sorted(common))

    def _having(self, name: str) -> set[str]:
        if name in self.words:
            return {name.rpartition("-")[2]}
        if name in self._languages:
            return self._languages[name]
        near = did_you_mean(name, {*map(str, self.words), *self._languages})
        raise Misphrased(f"unknown word list '{name}'{near}; `words` has its lists")

    def check(self, phrase: str, language: str) -> frozenset[str]:
        """Every list that a phrase leads to in one of its languages. Raises Misphrased."""
        pieces = parse(phrase)
        alone = len(pieces) == 1 and isinstance(pieces[0], Ref)
        measure = self._sequence(pieces, language, [], marks=alone)
        if measure.size > LARGEST:
            raise Misphrased(
                "the phrase is too large with all its lists; name one language's lists, or split it"
            )
        return measure.lists

    def _sequence(
        self, pieces: Sequence[Piece], language: str, inside: list[str], *, marks: bool = False
    ) -> Measure:
        total, size = Measure(), 0
        for piece in pieces:
            if isinstance(piece, str):
                size += len(piece) + 12
            else:
                total = total.beside(self._piece(piece, language, inside, marks=marks))
        return Measure(total.size + size, total.depth, total.lists)

    def _piece(self, piece: Gap | Ref | Either, language: str, inside: list[str], *, marks: bool) -> Measure:
        if isinstance(piece, Gap):
            return Measure(_GAP_SIZE * _most(piece, language))
        if isinstance(piece, Either):
            return self._sequence([p for option in piece.options for p in option], language, inside)
        return self._list(piece.name, language, inside, marks=marks)

    def _list(self, name: str, language: str, inside: list[str], *, marks: bool) -> Measure:
        known = self._known(name, language)
        if known in inside:
            raise Misphrased(f"word lists lead back to themselves: {' -> '.join([*inside, known])}")
        if not marks and self._holds_marks(known):
            raise Misphrased(f"'{known}' holds phrases with ^ or ?: it can only stand alone")
        if (known, language) not in self._measures:
            total = Measure(lists=frozenset({known}))
            for phrase in self.phrases(known):
                total = total.beside(self._sequence(_good(phrase), language, [*inside, known]))
            self._measures[known, language] = Measure(total.size, total.depth + 1, total.lists)
        measure = self._measures[known, language]
        if not self.phrases(known):
            raise Misphrased(f"the word list '{known}' has no phrase")
        if len(inside) + measure.depth > DEEPEST:
            raise Misphrased(
                f"word lists name each other deeper than {DEEPEST}: {', '.join(sorted(measure.lists))}"
            )
        return measure

    def _holds_marks(self, known: str) -> bool:
        if known not in self._marked:
            self._marked[known] = any(begins(phrase) or asks(phrase) for phrase in self.phrases(known))
        return self._marked[known]

    def _known(self, name: str, language: str) -> str:
        """The word list a name means in a language."""
        for known in (name, f"{name}-{language}"):
            if known in self.words:
                return known
        raise Misphrased(
            f"unknown word list '{name}'{did_you_mean(name, map(str, self.words))}; `words` has its lists"
        )

    def phrases(self, known: str) -> tuple[str, ...]:
        """The phrases of one list."""
        if known not in self._phrases:
            given = self.words[known]
            listed = given if isinstance(given, list) else ()
            self._phrases[known] = tuple(p for p in listed if isinstance(p, str) and p.strip())
        return self._phrases[known]

    # -- patterns --------------------------------------------------------------------------------------

    def pattern(self, phrase: str, language: str) -> str:
        """The RE2 pattern of a phrase that has passed `check` in this language ("": words as they stand)."""
        pieces = parse(phrase)
        if len(pieces) == 1 and isinstance(pieces[0], Ref):  # a list alone: its phrases keep their ^ and ?
            listed = self.phrases(self._known(pieces[0].name, language))
            return "|".join(f"(?:{self._whole(one, language)})" for one in listed)
        return self._whole(phrase, language)

    def _whole(self, phrase: str, language: str) -> str:
        """One phrase with what has to stand before and behind it."""
        body = self._text(parse(phrase), language)
        start, end = ("", "") if language in UNSPACED else (_START, _END)
        start = _BEGIN if begins(phrase) else start
        return f"{start}{body}{_QUESTION if asks(phrase) else end}"

    def _text(self, pieces: Sequence[Piece], language: str) -> str:
        """Pieces one behind the other: each brings what parts it from the next."""
        between = " ?" if language in UNSPACED else _BETWEEN
        last = max((i for i, piece in enumerate(pieces) if not may_lack(piece)), default=len(pieces) - 1)
        made = ""
        for index, piece in enumerate(pieces):
            if isinstance(piece, Gap):
                made += _gap(piece, language)
            elif index <= last:
                made += self._one(piece, language, between if index < last else "")
            else:  # left out or not, nothing of it parts the words before from what follows
                made += f"(?:{between}{self._one(piece, language, '')})?"
        return made

    def _one(self, piece: str | Ref | Either, language: str, between: str) -> str:
        if isinstance(piece, Either):
            options = "|".join(self._text(option, language) for option in piece.options)
            return f"(?:(?:{options}){between})?" if piece.optional else f"(?:{options}){between}"
        if isinstance(piece, Ref):
            return f"(?:{self._body(self._known(piece.name, language), language)}){between}"
        return f"{_word(piece, language)}{between}"

    def _body(self, known: str, language: str) -> str:
        key = (known, language)
        if key not in self._written:
            self._written[key] = "|".join(self._text(parse(one), language) for one in self.phrases(known))
        return self._written[key]

    def presence(self, phrase: str, language: str) -> str:
        """A pattern over `words_alone` of a text: the words that a phrase cannot do without, in whatever order it says.

        It only serves to pass over phrases (its literals are looked for), so it may find too much, never too little.
        """
        return self._there(parse(phrase), language, asks(phrase)) or "(?s:.*)"

    def _there(self, pieces: Sequence[Piece], language: str, asked: bool) -> str:
        """`asked`: a question follows at once, so that the last of its words need not end."""
        found = (self._there_one(piece, language, asked) for piece in pieces if not may_lack(piece))
        return "(?s:.*)".join(one for one in found if one)

    def _there_one(self, piece: Piece, language: str, asked: bool) -> str:
        if isinstance(piece, Either):
            return _any(self._there(option, language, asked) for option in piece.options)
        if isinstance(piece, Ref):
            key = (self._known(piece.name, language), language, asked)
            if key not in self._present:
                listed = self.phrases(key[0])
                self._present[key] = _any(self._there(parse(p), language, asked or asks(p)) for p in listed)
            return self._present[key]
        return _word_alone(str(piece), language, asked)

    # -- which languages a text may be in --------------------------------------------------------------

    def vocabulary(self) -> Mapping[str, frozenset[str]]:
        """Words, plainly written, that stand in the lists of some languages and not of all; and of which."""
        if self._vocabulary:
            return self._vocabulary
        found: dict[str, set[str]] = {}
        for known in self.words:
            language = str(known).rpartition("-")[2]
            for phrase in self.phrases(known):
                for word in _words(_good(phrase)):
                    found.setdefault(fold_word(bare(word)), set()).add(language)
        self._vocabulary = {word: frozenset(languages) for word, languages in found.items()}
        return self._vocabulary


def words_of(text: str) -> list[str]:
    """The words of a folded text, as `words_alone` has them."""
    return _ALONE.findall(text)


def words_alone(words: Iterable[str]) -> str:
    """Words with a blank before and behind each, of its own; what `presence` is held against."""
    return f" {'  '.join(words)} "


def _any(options: Iterable[str]) -> str:
    """One of several; nothing at all where one of them asks for nothing.

    Each in brackets of its own: else RE2 takes the blank before them all out of them, and looks for it alone.
    """
    several = tuple(options)
    return f"(?:{'|'.join(f'({one})' for one in several)})" if all(several) else ""


@cache
def _word_alone(word: str, language: str, asked: bool) -> str:
    """A word with the blank before it, and that behind it where it takes no endings; else they are left open.

    An ending that may lack would say nothing, and RE2 could not tell such a list from one that asks for nothing.
    """
    inner = bare(word)
    if language in UNSPACED:
        return _word(word, language)
    whole = fold_lower(inner)
    parts = _ALONE.findall(whole)
    if not parts:
        return ""
    before = "" if word.startswith("*") and len(word) > 1 else " "
    *first, last = parts
    if last != whole:  # which takes the endings: `check-ins`
        return before + "".join(f"{part}  " for part in first) + opening(last[:-1], "")
    goes_on = word.endswith(("*", "'"))
    kind = "" if (word.startswith("=") and len(word) > 1) or goes_on else language
    begins_so = opening(last, kind)
    return before + begins_so + ("" if asked or goes_on or begins_so != flexible(last, kind) else " ")


def _good(phrase: str) -> tuple[Piece, ...]:
    try:
        return parse(phrase)
    except Misphrased as fault:
        raise MisphrasedList(str(fault)) from None


def _words(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Either):
            for option in piece.options:
                yield from _words(option)


def _most(gap: Gap, language: str) -> int:
    return gap.most or (GAP_CJK if language in UNSPACED else GAP)


def _gap(gap: Gap, language: str) -> str:
    if language in UNSPACED:
        return f"[^。!?\\n]{{0,{_most(gap, language)}}}"
    return f"{_WORD}{{0,{_most(gap, language)}}}[(\"']?"


@cache
def _word(word: str, language: str) -> str:
    inner = bare(word)
    if word.startswith("=") and len(word) > 1:
        return flexible(inner, "")
    front = any_letters() if word.startswith("*") and len(word) > 1 else ""
    if word.endswith("*") and len(word) > 1:
        return front + flexible(inner, "") + any_letters()
    if word.endswith("'"):  # l', n': the apostrophe parts it from the next word
        return front + flexible(inner, "")
    return front + flexible(inner, language)
