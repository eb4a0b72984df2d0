"""A mail as the features the classifier weighs: words, their beginnings, pairs, Japanese characters, meanings,
and the same of its subject once more. PURE.

The same two functions serve training and guessing, so that they cannot differ. A meaning (evidence.py) is
written `=everybody`; it weighs the same in a short mail and a long one, while words share the length of
their mail between them. A word's beginning is written `verb…`: of a language with a hundred examples few
forms of a word were ever seen (connecter, connexion), and on a phone people leave out accents. A subject names the
trouble where a text also greets, tells and thanks: what stands in it counts in the mail, and once more as `subject: down`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any

from triaged.classifier.evidence import spoken_of
from triaged.classifier.masking import mask
from triaged.frozen import frozen

SUBJECT = 300  # characters of a subject that are looked at
MEANING = "="
TITLED = "subject: "
BEGINNING = 4  # letters; found by trial, docs/decisions.md
# Which features: 1 were those of models made before words had beginnings, 2 before subjects counted once more
READS = 3
_MEANING_WEIGHTS = {1: 0.1, 2: 0.1, 3: 0.07}  # found by trial, docs/decisions.md

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々ー"
_MARKED = re.compile("[\u00c0-\u024f]")
_PIECES = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]{{2,}}|[?!]")  # a single letter tells nothing


@frozen
class ClassifierText:
    """What the classifier is asked about: subject, the sender's words with forwards, ISO 639-1 or None."""

    subject: str
    text: str
    language: str | None = None


def features(asked: ClassifierText, reads: int = READS) -> list[str]:
    """The features of a mail, as often as they occur, as a model of that kind (`reads`) knows them."""
    subject, text = mask(asked.subject[:SUBJECT]), mask(asked.text)
    meanings = [MEANING + name for name in spoken_of(f"{subject}\n{text}")]
    if reads == 1:
        return _terms(text) + _terms(subject) + meanings
    titled = _terms(_plain(subject))
    terms = _terms(_plain(text)) + titled
    found = terms + [begun for word in terms if (begun := _beginning(word))] + meanings
    if reads == 2:
        return found
    meant = [f"{MEANING}{TITLED}{name}" for name in spoken_of(subject)]
    return found + [TITLED + one for one in titled] + meant


@lru_cache(maxsize=1 << 14)
def _beginning(term: str) -> str:
    """How a word of letters begins that is longer than that; empty of what is none."""
    long = len(term) > BEGINNING and term[0].isalpha() and term[0] < "\u3000" and " " not in term
    return f"{term[:BEGINNING]}…" if long else ""


def _plain(text: str) -> str:
    """The text without accents on Latin letters."""
    if text.isascii():
        return text
    return _MARKED.sub(lambda found: unicodedata.normalize("NFD", found[0])[0], text)


def weighed(counts: Any, idf: Any, meanings: Any, reads: int = READS) -> Any:
    """The values of one text's features: 1 + log(count), times idf, of unit length; of a meaning a constant.

    Three numpy arrays of one length; `meanings` says which features are meanings. `reads`: as a model of that kind
    was taught.
    """
    import numpy as np

    values = np.where(meanings, 0.0, (1.0 + np.log(counts)) * idf)
    length = float(np.sqrt(values @ values)) or 1.0
    return np.where(meanings, _MEANING_WEIGHTS[reads], values / length)


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
