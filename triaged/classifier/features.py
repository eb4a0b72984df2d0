"""A mail as the features the classifier weighs: words, pairs of words, characters of Japanese, meanings. PURE.

The same two functions serve training and guessing, so that they cannot differ. A meaning (evidence.py) is
written `=everybody`; it weighs the same in a short mail and a long one, while words share the length of
their mail between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from triaged.classifier.evidence import spoken_of
from triaged.classifier.masking import mask

SUBJECT = 300  # characters of a subject that are looked at
MEANING = "="
MEANING_WEIGHT = 0.1  # found by trial, docs/decisions.md

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々ー"
_PIECES = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]{{2,}}|[?!]")  # a single letter tells nothing


@dataclass(frozen=True, slots=True)
class ClassifierText:
    """What the classifier is asked about: subject, the sender's words with forwards, ISO 639-1 or None."""

    subject: str
    text: str
    language: str | None = None


def features(asked: ClassifierText) -> list[str]:
    """The features of a mail, as often as they occur."""
    subject, text = mask(asked.subject[:SUBJECT]), mask(asked.text)
    meanings = [MEANING + name for name in spoken_of(f"{subject}\n{text}")]
    return _terms(text) + _terms(subject) + meanings


def weighed(counts: Any, idf: Any, meanings: Any) -> Any:
    """The values of one text's features: 1 + log(count), times idf, of unit length; of a meaning a constant.

    Three numpy arrays of one length; `meanings` says which features are meanings.
    """
    import numpy as np

    values = np.where(meanings, 0.0, (1.0 + np.log(counts)) * idf)
    length = float(np.sqrt(values @ values)) or 1.0
    return np.where(meanings, MEANING_WEIGHT, values / length)


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
