"""py3langid, asked for the best language of one script, with priors.

Contract: `Model.best` answers what ranking every language of the library, adding prior and hints, and
taking the first of the script would answer; it scores only the script's languages, in one array, since
ranking all 140 as Python pairs costs more than scoring them. Its tables are mapped and not held: of 70 MB
a reader's mail touches few. PURE: the model file is part of the library.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from typing import IO, Any, Final, NamedTuple

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model

from triaged.reading.language import language_words as words

_FLOOR: Final = -1e6  # of a text none of whose letters the model knows: then the prior decides


class Model:
    """The languages written in one script."""

    def __init__(self, script: str) -> None:
        whole = _tables()
        merged: list[str] = [words.MERGED.get(code, code) for code in whole.codes]
        columns = [at for at, code in enumerate(merged) if len(code) == 2 and _script(code) == script]
        self._codes = [merged[at] for at in columns]
        self._prior = np.array([words.PRIOR.get(code, words.RARE) for code in self._codes])
        self._scores = _Scores(whole.scores.of(columns), whole.priors[columns], self._codes, whole)

    def best(self, text: str, hints: Mapping[str, float]) -> str | None:
        """The likeliest language; `hints` are added to the scores of their languages."""
        if not self._codes:
            return None
        weighed = np.maximum(self._scores.of(text), _FLOOR) + self._prior
        for code, hint in hints.items():
            if code in self._codes:
                weighed[self._codes.index(code)] += hint
        return self._codes[int(weighed.argmax())]


class _Scores(LanguageIdentifier):
    """The library's scores as they are, one for each language."""

    __slots__ = ()

    def __init__(self, scores: Any, priors: Any, codes: list[str], whole: _Tables) -> None:
        super().__init__(scores, priors, codes, whole.moves, whole.features, tk_row=array("H"))  # type: ignore[no-untyped-call]
        self._rowbase: Any = whole.rows

    def of(self, text: str) -> Any:
        """An array in the order of the languages; of a language listed twice the first has the score."""
        return self._decide(text)  # type: ignore[no-untyped-call]


class _Kept:
    """The scores of all languages, a row a feature and a column a language, out of memory between scripts."""

    def __init__(self, scores: Any) -> None:
        self._file, self._kind, self._shape = _file_of(scores), scores.dtype, scores.shape

    def of(self, columns: Sequence[int]) -> Any:
        """Those of some languages, in memory."""
        whole = np.memmap(self._file, dtype=self._kind, mode="r", shape=self._shape)
        return np.ascontiguousarray(whole[:, columns])


class _Tables(NamedTuple):
    """The library's model of all languages."""

    scores: _Kept
    priors: Any
    codes: list[str]
    moves: memoryview  # the next state by row and byte
    rows: array[int]  # where a state's row begins
    features: array[int]  # the feature a state ends; -1: none


def _script(code: str) -> str:
    return words.SCRIPTS.get(code, "latin")


@cache
def _tables() -> _Tables:
    """The whole model, unpacked once a process (0.4 s)."""
    scores, priors, codes, moves, rows, features = load_model(MODEL_DIR / MODEL_FILE)  # type: ignore[no-untyped-call]
    starts = array("L", (row << 8 for row in rows))
    moving = memoryview(_mapped(np.frombuffer(moves, dtype=moves.typecode)))
    return _Tables(_Kept(scores), priors, codes, moving, starts, array("l", features))


def _mapped(values: Any) -> Any:
    """The same array in a nameless file, of which the system keeps in memory what is looked at."""
    with _file_of(values) as file:
        return np.asarray(np.memmap(file, dtype=values.dtype, mode="r", shape=values.shape))


def _file_of(values: Any) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - held for as long as its arrays may be asked for
    file.write(np.ascontiguousarray(values).data.cast("B"))
    file.flush()
    return file
