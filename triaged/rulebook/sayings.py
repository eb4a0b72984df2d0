"""All phrases that a rulebook asks for, and which of them a text says. PURE once built.

A language's phrases are compiled together when a text first has words of that language: one pass over the
text (`re2.Filter`) finds which phrases it may say at all, and only those that a condition asks for are then
looked for. A text is of the mail's language, and of every other of which it has words that the mail's language
does not have (a forwarded mail, a subject, a language taken for its neighbour). Where the mail's language is
unknown, or no phrase is of it, the phrases of all are looked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse
from typing import Any

from triaged.frozen import frozen
from triaged.rulebook.lexicon import CJK, UNSPACED, Lexicon, words_alone, words_of
from triaged.rulebook.patterns import compiled, compiled_together

FEW = 2  # words of another language from which on a text may say something in it; one in a short text
SHORT = 12  # words

_WORD = re.compile(r"[^\W\d_]+")
_MARKS = re.compile("[\u0300-\u036f]+")

Saying = tuple[str, str]  # a phrase, and the language it is said in ("": none)


@dataclass(slots=True)
class SayingBook:
    """Collects phrases while rules are compiled; the same phrase of a language is kept once."""

    idents: dict[Saying, int] = field(default_factory=dict)

    def add(self, phrase: str, language: str) -> int:
        """The id of a phrase that has passed `Lexicon.check`."""
        return self.idents.setdefault((phrase, language), len(self.idents))

    def freeze(self, lexicon: Lexicon) -> Sayings:
        """All phrases, to be looked for."""
        return Sayings(lexicon, tuple(self.idents))


@dataclass(slots=True)
class Sayings:
    """The phrases by id; patterns of a language are made when one of its texts comes."""

    lexicon: Lexicon = field(default_factory=lambda: Lexicon({}))
    sayings: Sequence[Saying] = ()
    _together: dict[str, _OfLanguage] = field(default_factory=dict)
    _patterns: dict[int, Any] = field(default_factory=dict)
    _vocabularies: dict[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    _spoken: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._spoken = {language for _, language in self.sayings}

    def language(self, ident: int) -> str:
        """The language of a phrase; "" where it is of none."""
        return self.sayings[ident][1]

    def possible(self, text: str, language: str | None) -> frozenset[int]:
        """Ids of the phrases that a folded text may say; none other is said in it."""
        if not text or not self.sayings:
            return frozenset()
        words = words_of(text)
        alone = words_alone(words)
        return frozenset(
            i for one in self._heard(text, words, language) for i in self._of(one).possible(alone)
        )

    def pattern(self, ident: int) -> Any:
        """A phrase as RE2 looks for it."""
        if ident not in self._patterns:
            phrase, language = self.sayings[ident]
            self._patterns[ident] = compiled(self.lexicon.pattern(phrase, language))
        return self._patterns[ident]

    def _heard(self, text: str, words: Sequence[str], language: str | None) -> tuple[str, ...]:
        """The languages whose phrases are looked for in a text of these words, and those of none."""
        if language is None or language not in self._spoken:
            return tuple(sorted(self._spoken))
        foreign, counted = self._foreign(language), Counter[str]()
        spoken = _letters_of(words) if text.isascii() else set(_WORD.findall(_plain(text.casefold())))
        for word in spoken & foreign.keys():
            counted.update(foreign[word])
        enough = 1 if len(spoken) <= SHORT else FEW
        heard = {one for one, count in counted.items() if count >= enough}
        if not text.isascii() and CJK.search(text):
            heard |= UNSPACED
        return tuple(sorted({"", language, *heard} & self._spoken))

    def _foreign(self, language: str) -> Mapping[str, frozenset[str]]:
        """Words of other languages that this one does not have, plainly written, and whose they are."""
        if language not in self._vocabularies:
            found: dict[str, frozenset[str]] = {}
            for word, languages in self.lexicon.vocabulary().items():
                found[_plain(word)] = languages | found.get(_plain(word), frozenset())
            self._vocabularies[language] = {w: known for w, known in found.items() if language not in known}
        return self._vocabularies[language]

    def _of(self, language: str) -> _OfLanguage:
        if language not in self._together:
            mine = [(i, phrase) for i, (phrase, said_in) in enumerate(self.sayings) if said_in == language]
            self._together[language] = _OfLanguage.made(mine, language, self.lexicon)
        return self._together[language]


@frozen
class _OfLanguage:
    """The phrases of one language: all their indispensable words together, and each as it is needed."""

    idents: Sequence[int]
    present: Any

    @classmethod
    def made(cls, mine: Sequence[tuple[int, str]], language: str, lexicon: Lexicon) -> _OfLanguage:
        words = (lexicon.presence(phrase, language) for _, phrase in mine)
        return cls(tuple(ident for ident, _ in mine), compiled_together(words))

    def possible(self, words: str) -> Iterator[int]:
        """Ids of those whose indispensable words stand among these."""
        return (self.idents[at] for at in self.present.Match(words, potential=True) or ())


def _letters_of(words: Sequence[str]) -> set[str]:
    """Words of ASCII without digits, in lower case; what stands between digits is one too."""
    lower = " ".join(words).lower().split()
    spoken = set(filter(str.isalpha, lower))
    for mixed in filterfalse(str.isalpha, lower):
        spoken.update(_WORD.findall(mixed))
    return spoken


def _plain(word: str) -> str:
    """A word without its accents."""
    if word.isascii():
        return word
    return _MARKS.sub("", unicodedata.normalize("NFD", word))
