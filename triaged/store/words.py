"""The words by which mails, letters and tickets are found again: one function of text, alike for both databases. PURE.

`indexed` makes the words of a text, `sought` the phrases of a query by the same rules: compatibility forms are one
(full-width digits, half-width kana), cases are one, accents of Latin, Greek and Cyrillic letters are dropped, what
is no letter or digit parts words. Scripts that write no blanks become overlapping pairs of characters, since a
whole sentence would be one word. Digits typed in groups are found in one piece and the other way round. What is left
beyond ASCII is spelt in hexadecimal, so that no database's parser, locale or Unicode version has a say, and nothing of
a query reaches one but letters a to z and digits, each word quoted.

Who changes these rules has every row indexed again, by a migration.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

from triaged.frozen import frozen

MOST_TEXT = 32_000  # characters of a text that are indexed; a tsvector holds a megabyte
MOST_QUERY = 500
MOST_PHRASES = 20
LONGEST = 60  # characters of a word; two that differ only behind are one
_PREFIX = 4  # letters from which on a word of a query may go on

# Hiragana to Bopomofo, Hangul, ideographs, Thai, Lao, Tibetan, Burmese, Khmer, and the ideographs beyond the BMP.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3031-\u3035\u303b\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_PIECE = re.compile(rf"([{_UNSPACED}]+)|([^\W_{_UNSPACED}]+)")
_GROUPED = re.compile(r"(?<![0-9])[0-9]{1,8}(?:[ ,.\-\u2010-\u2015'][0-9]{1,8}){1,9}(?![0-9])")
_DIGITS = re.compile(r"[0-9]+")
_LONG_NUMBER = re.compile(r"[0-9]{5,20}")
_LONGEST_NUMBER = 24
_ACCENTED = re.compile(r"[\u00c0-\u052f\u1e00-\u1fff]")
_MARK = re.compile(r"[\u0300-\u036f]")


@frozen
class Phrase:
    """Words that stand one behind the other; `goes_on`: the last may be the beginning of a longer one."""

    words: tuple[str, ...]
    goes_on: bool = False


Sought = tuple[tuple[Phrase, ...], ...]  # each of these must be found, by one of its phrases


def indexed(*texts: str) -> str:
    """The words of these texts in their order, parted by blanks, bounded."""
    text = _plain("\n".join(texts)[:MOST_TEXT])
    found: list[str] = []
    for unspaced, spaced in _PIECE.findall(text):
        found += _pairs(unspaced, closing=True) if unspaced else _forms(spaced)
    found += sorted({joined for group in _GROUPED.findall(text) if (joined := _joined(group))})
    return " ".join(map(_spelt, found))


def sought(query: str) -> Sought:
    """What a query asks for; empty where it holds no letter or digit."""
    text = _plain(query[:MOST_QUERY])
    asked: list[tuple[Phrase, ...]] = []
    for group in _GROUPED.findall(text):
        if joined := _joined(group):
            asked.append((Phrase((joined,)), Phrase(tuple(_DIGITS.findall(group)))))
            text = text.replace(group, " ", 1)
    asked += [(phrase,) for word in text.split() if (phrase := _phrase(word)) is not None]
    return tuple(dict.fromkeys(asked))[:MOST_PHRASES]


def for_fts5(asked: Sought) -> str:
    """The MATCH expression of SQLite's FTS5."""
    return " AND ".join("(" + " OR ".join(map(_fts5, either)) + ")" for either in asked)


def for_tsquery(asked: Sought) -> str:
    """The text of PostgreSQL's `to_tsquery('simple', …)`."""
    return " & ".join("(" + " | ".join(map(_tsquery, either)) + ")" for either in asked)


def narrowed(asked: Sought, whose: str) -> Sought:
    """The same among the texts that carry a word (`of_partner`); among all where there is none."""
    return ((Phrase((whose,)),), *asked) if whose else asked


def of_partner(name: str | None) -> str:
    """The word that says whose a text is, so that a partner's search meets no other partner's."""
    return "zof" + (hashlib.sha256(name.lower().encode()).hexdigest()[:16] if name else "nobody")


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    return _ACCENTED.sub(_bare, unicodedata.normalize("NFC", text))


def _bare(letter: re.Match[str]) -> str:
    return _MARK.sub("", unicodedata.normalize("NFD", letter[0])) or letter[0]


def _spelt(word: str) -> str:
    return word if word.isascii() else "z" + word.encode("utf-16-be", "replace").hex()


def _pairs(piece: str, *, closing: bool) -> Iterator[str]:
    """Overlapping pairs; `closing`: and the last character, so that each begins one."""
    yield from (piece[at : at + 2] for at in range(len(piece) - 1))
    if closing or len(piece) == 1:
        yield piece[-1]


def _forms(word: str) -> Iterable[str]:
    """The word, and long runs of digits within it: `org20071234567`."""
    yield word[:LONGEST]
    if not word.isdigit():
        yield from _LONG_NUMBER.findall(word[:200])


def _joined(group: str) -> str:
    """The digits of a group in one piece; empty where no id is so long."""
    digits = "".join(_DIGITS.findall(group))
    return digits if len(digits) <= _LONGEST_NUMBER else ""


def _phrase(word: str) -> Phrase | None:
    """One word of a query as words of the index; None where nothing is left of it."""
    found: list[str] = []
    goes_on = False
    for unspaced, spaced in _PIECE.findall(word):
        found += _pairs(unspaced, closing=False) if unspaced else [spaced[:LONGEST]]
        goes_on = len(unspaced) == 1 or (len(spaced) >= _PREFIX and spaced.isalpha())
    return Phrase(tuple(map(_spelt, found)), goes_on) if found else None


def _fts5(phrase: Phrase) -> str:
    return '"' + " ".join(phrase.words) + '"' + ("*" if phrase.goes_on else "")


def _tsquery(phrase: Phrase) -> str:
    *before, last = phrase.words
    return " <-> ".join([*(f"'{word}'" for word in before), f"'{last}'{':*' if phrase.goes_on else ''}"])
