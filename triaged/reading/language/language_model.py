"""py3langid, asked for the best language of one script, with priors.

Contract: `Model.best` answers what ranking every language of the library, adding prior and hints, and
taking the first of the script would answer; it scores only the script's languages, in one array, since
ranking all 140 as Python pairs costs more than scoring them. PURE: the model file is part of the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from triaged.reading.language import language_words as words

_FLOOR: Final = -1e6  # of a text none of whose letters the model knows: then the prior decides


class Model:
    """The languages written in one script."""

    def __init__(self, script: str) -> None:
        whole = _identifier()
        merged: list[str] = [words.MERGED.get(code, code) for code in whole.nb_classes]
        columns = [at for at, code in enumerate(merged) if len(code) == 2 and _script(code) == script]
        self._codes = [merged[at] for at in columns]
        self._prior = np.array([words.PRIOR.get(code, words.RARE) for code in self._codes])
        self._scores = _Scores(  # type: ignore[no-untyped-call]
            np.ascontiguousarray(whole.nb_ptc[:, columns]),
            whole.nb_pc[columns],
            self._codes,
            whole.tk_nextmove,
            whole.tk_output,
            tk_row=whole.tk_row,
        )

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

    def of(self, text: str) -> Any:
        """An array in the order of the languages; of a language listed twice the first has the score."""
        return self._decide(text)  # type: ignore[no-untyped-call]


def _script(code: str) -> str:
    return words.SCRIPTS.get(code, "latin")


@cache
def _identifier() -> Any:
    """The whole model, loaded once a process (0.6 s)."""
    return _Scores.from_model_file(MODEL_FILE)  # type: ignore[no-untyped-call]
