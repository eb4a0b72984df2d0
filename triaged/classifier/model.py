"""The severity a text asks for, with calibrated probabilities and the words that spoke for it. PURE.

Contract: `load` takes the folder of a model and refuses with ModelRefused what is not, byte for byte, the
file its card speaks of, what holds any type beyond plain values and numpy's arrays, and what another
scikit-learn wrote. A Classifier then guesses many texts at once and keeps nothing between them.

A model is a linear one over weighted features: it is stored as its numbers alone, so that the workers
need no scikit-learn to use it and every guess can be told as a sum of terms.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Protocol

from triaged.classifier.features import MEANING, READS, TITLED, ClassifierText, features, weighed
from triaged.classifier.stored_arrays import Unknown, unpacked
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.reading.values import Guess
from triaged.vocabulary import Severity

__all__ = ["Classifier", "ClassifierText", "ModelRefused", "load"]

MODEL = "model.skops"
CARD = "card.json"
FORMAT = 1
LEAST_OF_A_LANGUAGE = 25  # examples; of a language with fewer the model has learnt nothing
LEAST_KNOWN = 17  # features; of the examples 97 % have more, and on fewer each one weighs too much
TERMS = 12  # features told with a guess
_NEEDED = (
    "`pip install 'triaged[embeddings]'` and name an encoder under `classifier: embeddings` in the config, "
    "or put a model of words alone in force (`triaged train`, `triaged model promote`)"
)
REMEDY = "`triaged train` makes a new one, `triaged model promote` puts it in force"


class ModelRefused(Faulty):
    """This model is not used; the line says why and what to do."""


class Folder(Protocol):
    """Where a model lies, handed in by whoever may read files (a pathlib.Path)."""

    def __truediv__(self, name: str) -> Any:
        """The file of that name."""


@frozen
class Classifier:
    """A linear model in force. `weights`: one row per feature (in `columns`), one column a severity."""

    id: str
    columns: Mapping[str, int]
    meanings: Any
    idf: Any
    weights: Any
    intercepts: Any
    temperature: float
    severities: tuple[Severity, ...]
    languages: frozenset[str] = frozenset()  # learnt from enough examples; none told: taken for all
    reads: int = READS  # which kind of features it was made of
    frequencies: Any = None  # how often each feature occurred in training: what mail is watched against
    needs: Mapping[str, Any] = field(default_factory=dict)  # beside words, by its card: as a rule nothing

    def guess(self, texts: Sequence[ClassifierText]) -> list[Guess]:
        """The word on each text, in order. Costs about the reading of its characters, once."""
        return [self._guess(features(text, self.reads), text.language) for text in texts]

    def terms(self, text: ClassifierText, severity: Severity) -> tuple[tuple[str, float], ...]:
        """The strongest features for and against a severity, which need not be the likeliest."""
        names, at, values = self._weighed(features(text, self.reads))
        return self._told(names, values[:, None] * self.weights[at], self.severities.index(severity))

    def strange(self, language: str | None) -> bool:
        """Whether it has learnt nothing of a language."""
        return bool(self.languages) and language not in (None, *self.languages)

    def _blind(self, language: str | None, known: int) -> str:
        """On three words it happens to know the model would be sure of itself, in any language."""
        if self.strange(language):
            return f"it has learnt no mail in {language!r}"
        return "too few words it knows" if known < LEAST_KNOWN else ""

    def _guess(self, found: Sequence[str], language: str | None) -> Guess:
        names, at, values = self._weighed(found)
        parts = values[:, None] * self.weights[at]
        shares = self.shares(parts)
        best = int(shares.argmax())
        blind = self._blind(language, sum(TITLED not in name for name in names))
        told = dict(zip(self.severities, shares.tolist(), strict=True))
        return Guess(
            severity=self.severities[best],
            confidence=0.0 if blind else round(float(shares[best]), 6),
            probabilities=tuple((s.value, round(told.get(s, 0.0), 6)) for s in Severity),
            terms=self._told(names, parts, best),
            model=self.id,
            blind=blind,
        )

    def shares(self, parts: Any) -> Any:
        """Each severity's probability, from what each feature adds to it (a row a feature)."""
        return softmax((self.intercepts + parts.sum(axis=0)) / self.temperature)

    def _weighed(self, found: Sequence[str]) -> tuple[list[str], Any, Any]:
        """The features the model knows, their columns, and their values in this text."""
        import numpy as np

        columns = self.columns
        counted = Counter(name for name in found if name in columns)
        names = list(counted)
        at = np.fromiter((columns[name] for name in names), dtype=np.intp, count=len(names))
        counts = np.fromiter(counted.values(), dtype=np.float64, count=len(names))
        return names, at, weighed(counts, self.idf[at], self.meanings[at], self.reads)

    def _told(self, names: list[str], parts: Any, best: int) -> tuple[tuple[str, float], ...]:
        """The strongest features for and against the severity chosen, strongest first.

        What counts is how far a feature lifts this severity over the others on average.
        """
        import numpy as np

        for_it = (parts[:, best] - parts.mean(axis=1)) / self.temperature
        order = np.argsort(-np.abs(for_it), kind="stable")[:TERMS]
        return tuple((names[i], round(float(for_it[i]), 3)) for i in order)


def softmax(scores: Any) -> Any:
    """Scores as probabilities; of many texts, one row a text."""
    import numpy as np

    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def load(folder: Folder, met: Collection[str] = ()) -> Classifier:
    """The classifier of a model's folder: its words. Raises ModelRefused with one line and the remedy.

    `met`: what the caller can give a model beside words. One that needs more is refused (sentences.py).
    """
    try:
        card, packed = (folder / CARD).read_bytes(), (folder / MODEL).read_bytes()
    except OSError as error:
        raise ModelRefused(f"{folder}: cannot be read: {error.strerror or error}; {REMEDY}") from None
    told = _card(card, str(folder))
    if wanting := sorted(told["needs"].keys() - set(met)):
        raise ModelRefused(f"{folder}: needs {', '.join(wanting)}; {_NEEDED}")
    return _opened(told, packed, str(folder))


def spoken_of(packed: bytes, sha256: object, where: str) -> None:
    """Raises ModelRefused where a file is not, byte for byte, the one its card speaks of."""
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise ModelRefused(f"{where}: not the file its card speaks of (SHA-256 differs); {REMEDY}")


def _opened(card: Mapping[str, Any], packed: bytes, where: str) -> Classifier:
    spoken_of(packed, card.get("sha256"), f"{where}/{MODEL}")
    _same_scikit_learn(str(card.get("versions", {}).get("scikit-learn", "none")), where)
    counted = card.get("data", {}).get("languages", {})
    languages = frozenset(language for language, count in counted.items() if count >= LEAST_OF_A_LANGUAGE)
    built = _built(str(card["id"]), languages, _unpacked(packed, where), where)
    return replace(built, needs=card["needs"])


def _card(card: bytes, where: str) -> dict[str, Any]:
    try:
        told = {"needs": {}, **json.loads(card)}
        if not isinstance(told["id"], str) or not isinstance(told["needs"], dict):
            raise ValueError("no card")
    except (ValueError, KeyError, TypeError):
        raise ModelRefused(f"{where}/{CARD}: no model card; {REMEDY}") from None
    return told


def _same_scikit_learn(stored: str, where: str) -> None:
    from importlib.metadata import version

    here = version("scikit-learn")
    if stored.split(".")[:2] != here.split(".")[:2]:
        raise ModelRefused(f"{where}: written by scikit-learn {stored}, this is {here}; {REMEDY}")


def _unpacked(packed: bytes, where: str) -> dict[str, Any]:
    try:
        held = unpacked(packed)
    except Unknown as foreign:
        raise ModelRefused(f"{where}/{MODEL}: holds foreign types ({foreign}); {REMEDY}") from None
    except Exception as error:  # whatever a hostile file provokes
        raise ModelRefused(
            f"{where}/{MODEL}: not a skops file of ours ({type(error).__name__}); {REMEDY}"
        ) from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise ModelRefused(f"{where}/{MODEL}: not a model of this version; {REMEDY}")
    return held


def _reads(kind: Any, where: str) -> int:
    """Which features a model needs; older files say none, and have the first. Raises ModelRefused."""
    if not isinstance(kind, int) or not 1 <= kind <= READS:
        raise ModelRefused(f"{where}/{MODEL}: needs features this version does not make ({kind!r}); {REMEDY}")
    return kind


def _built(name: str, languages: frozenset[str], held: dict[str, Any], where: str) -> Classifier:
    import numpy as np

    try:
        known = held["features"].split("\n")
        classes = tuple(Severity(c) for c in held["classes"])
        if held["weights"].shape != (len(known), len(classes)) or held["idf"].shape != (len(known),):
            raise ValueError("sizes differ")
        return Classifier(
            id=name,
            columns={feature: at for at, feature in enumerate(known)},
            meanings=np.array([feature.startswith(MEANING) for feature in known]),
            idf=held["idf"],
            weights=held["weights"],
            intercepts=held["intercepts"],
            temperature=float(held["temperature"]),
            severities=classes,
            languages=languages,
            reads=_reads(held.get("reads", 1), where),
            frequencies=held.get("frequencies", held["idf"] * 0),  # older files have none
        )
    except (KeyError, ValueError, AttributeError, TypeError):
        raise ModelRefused(f"{where}/{MODEL}: incomplete, or not for severities; {REMEDY}") from None
