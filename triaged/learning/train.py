"""From labelled texts to a model: features, a linear model, and a temperature that makes it honest.

The same examples on the same machine and number of threads give the same coefficients: nothing is drawn
at random. Progress is told as (done, of all) after every step that takes time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from typing import Any

import numpy as np

from triaged.classifier.features import features
from triaged.classifier.sentences import Head
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.learning import calibrate, folds, held_out, vectors
from triaged.learning.examples import Example
from triaged.learning.held_out import HeldOut
from triaged.learning.vectors import Vocabulary

C = 6.0  # inverse strength of regularisation; docs/decisions.md has the trials
ITERATIONS = 1_000
Progress = Callable[[int, int], None]


@frozen
class Trained:
    """A model as its numbers. `weights`: one row per feature, one column per class.

    `held`: what models trained without them said of each text. `head`: of a model that sees sentences, and the
    name of the encoder it needs (uniting.py).
    """

    vocabulary: Vocabulary
    classes: tuple[str, ...]
    weights: Any
    intercepts: Any
    temperature: float = 1.0
    held: HeldOut = field(default_factory=lambda: HeldOut((), ()))
    head: tuple[Head, str] | None = None

    def scores(self, texts: Sequence[Sequence[str]]) -> Any:
        """The raw scores of texts (given as features): one row per text, one column per class."""
        return vectors.matrix(texts, self.vocabulary) @ self.weights + self.intercepts

    def probabilities(self, texts: Sequence[Sequence[str]]) -> Any:
        """The calibrated probabilities of texts."""
        return calibrate.shares(self.scores(texts), self.temperature)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the numbers: equal for equal training."""
        told = hashlib.sha256("\n".join(self.vocabulary.features).encode())
        numbers = [self.vocabulary.idf, self.weights, self.intercepts, np.float64(self.temperature)]
        if self.head:
            numbers += [self.head[0].words, self.head[0].sentences]
        for part in numbers:
            told.update(np.ascontiguousarray(part).tobytes())
        return told.hexdigest()


def train(examples: Sequence[Example], progress: Progress = lambda done, of: None) -> Trained:
    """A calibrated model of the examples. Raises Faulty where there is too little to learn from."""
    _enough(examples)
    found = [features(example.text) for example in examples]
    return trained(examples, found, progress)


def trained(
    examples: Sequence[Example], found: Sequence[Sequence[str]], progress: Progress = lambda done, of: None
) -> Trained:
    """As `train`, of features already found: the model of all, its temperature from held-out folds."""
    classes = tuple(sorted({e.label for e in examples}))
    truth = np.array([classes.index(e.label) for e in examples])
    weights = np.array([e.weight for e in examples])
    splits = list(folds.held_out([e.label for e in examples], [e.group for e in examples]))
    scores = np.zeros((len(examples), len(classes)))
    for done, (kept, held) in enumerate(splits, 1):
        part = fitted([examples[i] for i in kept], [found[i] for i in kept])
        scores[held] = _of_classes(part, [found[i] for i in held], classes)
        progress(done, len(splits) + 1)
    whole = fitted(examples, found)
    progress(len(splits) + 1, len(splits) + 1)
    said = np.zeros_like(scores)
    for kept, held in splits:  # a fold's probabilities owe nothing to its own texts, the temperature included
        said[held] = calibrate.shares(
            scores[held], calibrate.temperature(scores[kept], truth[kept], weights[kept])
        )
    temperature = calibrate.temperature(scores, truth, weights)
    return replace(whole, temperature=temperature, held=held_out.of(examples, classes, said))


def _of_classes(part: Trained, found: Sequence[Sequence[str]], classes: Sequence[str]) -> Any:
    """A model's scores in the columns of all classes; a class it never saw is out of the question."""
    scores = np.full((len(found), len(classes)), -1e3)
    scores[:, [classes.index(c) for c in part.classes]] = part.scores(found)
    return scores


def fitted(examples: Sequence[Example], found: Sequence[Sequence[str]]) -> Trained:
    """The linear model of the examples, uncalibrated."""
    from sklearn.linear_model import LogisticRegression

    vocabulary = vectors.learned(found, [e.group for e in examples])
    model = LogisticRegression(C=C, class_weight="balanced", max_iter=ITERATIONS)
    model.fit(
        vectors.matrix(found, vocabulary),
        [e.label for e in examples],
        sample_weight=[e.weight for e in examples],
    )
    weights, intercepts = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one column for two classes
        weights, intercepts = (
            np.hstack([-weights, weights]) / 2,
            np.array([-intercepts[0], intercepts[0]]) / 2,
        )
    return Trained(vocabulary, tuple(map(str, model.classes_)), weights, intercepts)


def _enough(examples: Sequence[Example]) -> None:
    counted = {label: sum(e.label == label for e in examples) for label in {e.label for e in examples}}
    if len(counted) < 2:
        raise Faulty("nothing to tell apart: the examples have fewer than two labels")
    for label, count in sorted(counted.items()):
        if count < folds.FOLDS:
            raise Faulty(f"label {label!r} has {count} examples; at least {folds.FOLDS} are needed")
