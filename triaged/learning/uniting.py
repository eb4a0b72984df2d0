"""Sentences beside words: the head is learned from what the words said of texts held out, and from embeddings.

The words' word on a text they had learned from is worth nothing, so the head sees only what was said of each
text when it was held out (train.py). To examine it, all of that is done anew for each fold, without the fold: the
words, what they say of texts held out among the rest, and the head. That takes five trainings more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from triaged.classifier import sentences
from triaged.classifier.features import features
from triaged.classifier.sentences import Head, logarithms, prepared
from triaged.errors import Faulty
from triaged.learning import calibrate, folds, held_out
from triaged.learning.evaluate import SEVERITIES
from triaged.learning.examples import Example
from triaged.learning.train import ITERATIONS, Progress, Trained
from triaged.learning.train import trained as trained_of
from triaged.readers.encoders import Apart

C = 2.0  # inverse strength of regularisation; docs/decisions.md has the trials
LOGARITHMS = 0.1  # what a logarithm of the words counts beside a number of an embedding
WEIGHT = 3.0  # of an embedding, whose numbers differ little from text to text


def united(trained: Trained, examples: Sequence[Example], encoder: Apart, progress: Progress) -> Trained:
    """The model of words with its head, examined anew as it will speak with it.

    Raises Faulty where the labels are not S1 to S4, or a text has no embedding.
    """
    if trained.classes != SEVERITIES:
        raise Faulty("sentence embeddings are for severities: the examples' labels are not S1 to S4")
    found = encoder.encode_all([prepared(e.text) for e in examples], progress)
    if missing := [e.id for e, one in zip(examples, found, strict=True) if one is None]:
        raise Faulty(
            f"{encoder.name} has no embedding of {', '.join(missing[:3])}; it cannot be learned from"
        )
    embeddings = np.array(found, dtype=np.float64)
    words, scores, splits = _apart(examples, embeddings)
    truth, weights = _truth(examples)
    said = np.zeros_like(scores)
    for kept, held in splits:  # a fold's probabilities owe nothing to its own texts, the temperature included
        temperature = calibrate.temperature(scores[kept], truth[kept], weights[kept])
        said[held] = calibrate.shares(scores[held], temperature)
    said = np.where(words.max(axis=1, keepdims=True) >= sentences.SURE, words, said)
    head = replace(
        fitted(trained.held.probabilities, embeddings, examples),
        temperature=calibrate.temperature(scores, truth, weights),
    )
    return replace(trained, held=held_out.of(examples, SEVERITIES, said), head=(head, encoder.name))


def _apart(examples: Sequence[Example], embeddings: Any) -> tuple[Any, Any, list[tuple[Any, Any]]]:
    """Of each text what words and what a head said that had not seen it (probabilities, scores), and the folds."""
    found = [features(e.text) for e in examples]
    words, scores = np.zeros((2, len(examples), len(SEVERITIES)))
    splits = list(folds.held_out([e.label for e in examples], [e.group for e in examples]))
    for kept, held in splits:
        rest = [examples[i] for i in kept]
        part = trained_of(rest, [found[i] for i in kept])
        head = fitted(part.held.probabilities, embeddings[kept], rest)
        words[held] = part.probabilities([found[i] for i in held])
        scores[held] = head.scores(logarithms(words[held]), embeddings[held])
    return words, scores, splits


def _truth(examples: Sequence[Example]) -> tuple[Any, Any]:
    return np.array([SEVERITIES.index(e.label) for e in examples]), np.array([e.weight for e in examples])


def fitted(said: Any, embeddings: Any, examples: Sequence[Example]) -> Head:
    """The head of some texts, uncalibrated. `said`: by words that had not learned from them."""
    from sklearn.linear_model import LogisticRegression

    usual, (truth, weights) = embeddings.mean(axis=0), _truth(examples)
    rows = np.hstack([logarithms(said) * LOGARITHMS, (embeddings - usual) * WEIGHT])
    learned = LogisticRegression(C=C, class_weight="balanced", max_iter=ITERATIONS)
    learned.fit(rows, truth, sample_weight=weights)
    by_row, at = learned.coef_.T, len(SEVERITIES)
    return Head(by_row[:at] * LOGARITHMS, by_row[at:] * WEIGHT, usual, learned.intercept_, 1.0)
