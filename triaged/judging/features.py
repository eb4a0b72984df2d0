"""A mail as the features the classifier weighs: words, pairs of words, characters of Japanese. PURE.

The same function serves training and guessing, so that they cannot differ. Words of the subject also
stand as features of their own, since a subject says in three words what a mail is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from triaged.judging.masking import mask

SUBJECT = 300  # characters of a subject that are looked at

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々ー"
_PIECES = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]+|[?!]")


@dataclass(frozen=True, slots=True)
class ClassifierText:
    """What the classifier is asked about: subject, the sender's words with forwards, ISO 639-1 or None."""

    subject: str
    text: str
    language: str | None = None


def features(asked: ClassifierText) -> list[str]:
    """The features of a mail, as often as they occur."""
    subject = _terms(mask(asked.subject[:SUBJECT]))
    return _terms(mask(asked.text)) + subject


def _terms(masked: str) -> list[str]:
    found: list[str] = []
    words: list[str] = []
    for piece in _PIECES.findall(masked):
        if piece[0] > "\u3000":
            found += _grams(piece)
        else:
            words.append(piece)
    found += words
    found += [f"{one} {two}" for one, two in pairwise(words)]
    return found


def _grams(run: str) -> list[str]:
    """Two to four characters of a run without blanks, which Japanese words are part of."""
    return [run[at : at + size] for size in (2, 3, 4) for at in range(len(run) - size + 1)]
