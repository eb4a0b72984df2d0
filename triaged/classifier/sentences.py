"""Sentence embeddings united with words: an option, asked only where the words alone are unsure. PURE.

Contract: `load` opens a model's folder. A model whose card says that it needs sentence embeddings is refused
unless an encoder of exactly that name is handed in: the numbers of another encoder mean something else. A
United then guesses as a Classifier does, and never worse for a text its encoder has no answer to: there the
word of the words stands.

What is sure by its words stays so; of the rest a small linear model weighs the words' own word (its four
logarithms) and the embedding together. An encoder costs a hundred times what the words do.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from triaged.classifier import model
from triaged.classifier.features import SUBJECT, ClassifierText
from triaged.classifier.model import REMEDY, Classifier, Folder, ModelRefused
from triaged.frozen import frozen
from triaged.reading.values import Guess
from triaged.vocabulary import Severity

HEAD = "sentences.npz"
NEED = "sentences"  # what a card calls it under `needs`
CHARACTERS = 400  # of a text that are embedded; an encoder's time grows with them
SURE = 0.8  # from here on the words' own word stands
TERM = "=the sentences"  # what the embedding is called among the terms of a guess
LEAST_SHARE = 1e-4  # below it the words' shares are not told apart


class Encoder(Protocol):
    """Something that turns a text into numbers of which near ones mean much the same, in any language."""

    @property
    def name(self) -> str:
        """Which one it is, to the bytes of its weights: a model is trained for one."""

    def encode(self, text: str) -> Any | None:
        """The embedding of a prepared text (`prepared`), of unit length; None where it has none."""


@frozen
class Head:
    """A linear model over the words' four logarithms and an embedding. Columns are S1 to S4."""

    words: Any  # four rows: what each logarithm of the words weighs
    sentences: Any  # one row for each number of an embedding
    usual: Any  # the mean embedding of what was learned from
    intercepts: Any
    temperature: float

    def scores(self, logarithms: Any, embeddings: Any) -> Any:
        """The scores of texts, one row a text, at the temperature that makes them honest."""
        raw = logarithms @ self.words + (embeddings - self.usual) @ self.sentences + self.intercepts
        return raw / self.temperature

    def lift(self, embedding: Any, best: int) -> float:
        """How far the embedding lifts a severity over the others on average: what is told as its term."""
        parts = (embedding - self.usual) @ self.sentences
        return float((parts[best] - parts.mean()) / self.temperature)


@frozen
class United:
    """A model of words with its head, and the encoder it was trained for."""

    words: Classifier
    head: Head
    encoder: Encoder

    @property
    def id(self) -> str:
        """The model's id by its card."""
        return self.words.id

    def guess(self, texts: Sequence[ClassifierText]) -> list[Guess]:
        """The word on each text, in order; of an unsure one by its sentences too."""
        return [self._once_more(t, g) for t, g in zip(texts, self.words.guess(texts), strict=True)]

    def _once_more(self, text: ClassifierText, guess: Guess) -> Guess:
        if self.words.strange(text.language) or not unsure(guess):
            return guess
        embedding = self.encoder.encode(prepared(text))
        return guess if embedding is None else self._united(text, guess, embedding)

    def _united(self, text: ClassifierText, guess: Guess, embedding: Any) -> Guess:
        words = logarithms([[share for _, share in guess.probabilities]])
        shares = model.softmax(self.head.scores(words, embedding)[0])
        best = int(shares.argmax())
        severity = list(Severity)[best]
        term = (TERM, round(self.head.lift(embedding, best), 3))
        return replace(
            guess,
            severity=severity,
            confidence=0.0 if guess.blind else round(float(shares[best]), 6),
            probabilities=tuple((s.value, round(float(p), 6)) for s, p in zip(Severity, shares, strict=True)),
            terms=(term, *self.words.terms(text, severity))[: model.TERMS],
        )


def unsure(guess: Guess) -> bool:
    """Whether the words alone leave it open."""
    return max(share for _, share in guess.probabilities) < SURE


def logarithms(shares: Any) -> Any:
    """The words' probabilities, one row a text, as the head takes them."""
    import numpy as np

    return np.log(np.clip(np.asarray(shares, dtype=np.float64), LEAST_SHARE, 1.0))


def prepared(text: ClassifierText) -> str:
    """What of a text is embedded: its beginning, in one line, without what an encoder stumbles over.

    Lone surrogates become question marks; NUL, after which a C library reads nothing, a blank.
    """
    whole = f"{text.subject[:SUBJECT]}\n{text.text[: 4 * CHARACTERS]}".replace("\0", " ")
    return " ".join(whole.encode("utf-8", "replace").decode("utf-8").split())[:CHARACTERS]


def load(folder: Folder, encoder: Encoder | None = None) -> Classifier | United:
    """The model of a folder. Raises ModelRefused with one line and the remedy."""
    words = model.load(folder, met=(NEED,) if encoder else ())
    need = words.needs.get(NEED)
    if need is None or encoder is None:
        return words
    if need.get("encoder") != encoder.name:
        raise ModelRefused(
            f"{folder}: trained for the sentence embeddings of {need.get('encoder')}, the config names "
            f"{encoder.name}; name that encoder under `classifier: embeddings`, or make a model for this one: "
            f"{REMEDY}"
        )
    return United(words, _head(folder, str(need.get("sha256"))), encoder)


def _head(folder: Folder, sha256: str) -> Head:
    import numpy as np

    try:
        packed = (folder / HEAD).read_bytes()
    except OSError as error:
        raise ModelRefused(f"{folder / HEAD}: cannot be read: {error.strerror or error}; {REMEDY}") from None
    model.spoken_of(packed, sha256, str(folder / HEAD))
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as held:
            numbers = {name: held[name].astype(np.float64) for name in held.files}
        return Head(**{**numbers, "temperature": float(numbers["temperature"])})
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused(f"{folder / HEAD}: not a head of ours ({error}); {REMEDY}") from None


def packed(head: Head) -> bytes:
    """A head as the bytes of its file."""
    import numpy as np

    told = io.BytesIO()
    np.savez_compressed(
        told,
        words=np.float32(head.words),
        sentences=np.float32(head.sentences),
        usual=np.float32(head.usual),
        intercepts=np.float32(head.intercepts),
        temperature=np.float64(head.temperature),
    )
    return told.getvalue()
