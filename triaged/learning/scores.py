"""How good guesses are: per class, together, and how honest the probabilities. PURE of files and clocks.

`truth` and `said` are columns of classes, `probabilities` one row per text. Intervals are 95 % bootstrap
intervals over the texts, drawn with a fixed seed: resampling texts only changes how often each cell of
the confusion matrix is counted, so a multinomial draw of the matrix is the same thing and much cheaper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

DRAWS = 1_000
BINS = 10
SEED = 20_261_122
ABSTAINING = (0.0, 0.1, 0.2, 0.3, 0.4)
Interval = tuple[float, float, float]  # value, lower end, upper end


def confusion(truth: Any, said: Any, classes: int) -> Any:
    """Counts: one row per true class, one column per class said."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, said), 1)
    return counts


def recall(matrix: Any) -> Any:
    """Of the texts of each class, the share found. Works on one matrix or a stack of them."""
    return _share(_diagonal(matrix), matrix.sum(axis=-1))


def precision(matrix: Any) -> Any:
    """Of the texts said to be of each class, the share that is."""
    return _share(_diagonal(matrix), matrix.sum(axis=-2))


def f1(matrix: Any) -> Any:
    """The harmonic mean of precision and recall of each class."""
    return _share(2 * _diagonal(matrix), matrix.sum(axis=-1) + matrix.sum(axis=-2))


def macro_f1(matrix: Any) -> Any:
    """The mean F1 of the classes that occur."""
    occurs = matrix.sum(axis=-1) > 0
    return (f1(matrix) * occurs).sum(axis=-1) / np.maximum(1, occurs.sum(axis=-1))


def kappa(matrix: Any) -> Any:
    """Cohen's kappa with linear weights: agreement beyond chance, a mistake by two classes counting double."""
    size = matrix.shape[-1]
    far = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    expected = matrix.sum(axis=-1)[..., :, None] * matrix.sum(axis=-2)[..., None, :]
    by_chance = (far * expected).sum(axis=(-1, -2)) / np.maximum(1, matrix.sum(axis=(-1, -2)))
    return 1 - _share((far * matrix).sum(axis=(-1, -2)), by_chance)


def with_interval(measure: Callable[[Any], Any], matrix: Any) -> Any:
    """A measure of a confusion matrix with its interval: rows of (value, lower, upper)."""
    many = _drawn(matrix)
    lower, upper = np.quantile(measure(many), (0.025, 0.975), axis=0)
    return np.stack([measure(matrix), lower, upper], axis=-1)


def _drawn(matrix: Any) -> Any:
    flat = matrix.reshape(-1)
    total = int(flat.sum())
    draws = np.random.default_rng(SEED).multinomial(total, flat / max(1, total), size=DRAWS)
    return draws.reshape(DRAWS, *matrix.shape)


def calibration(truth: Any, probabilities: Any) -> list[dict[str, float]]:
    """By how sure it was: how many texts, how sure on average, how often right."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        {
            "from": round(at / BINS, 2),
            "texts": int((bins == at).sum()),
            "sure": round(float(sure[bins == at].mean()), 4),
            "right": round(float(right[bins == at].mean()), 4),
        }
        for at in range(BINS)
        if (bins == at).any()
    ]


def calibration_error(truth: Any, probabilities: Any) -> float:
    """Expected calibration error: how far sureness and being right lie apart, over the bins."""
    table = calibration(truth, probabilities)
    total = sum(row["texts"] for row in table)
    return sum(row["texts"] * abs(row["sure"] - row["right"]) for row in table) / max(1, total)


def calibration_interval(truth: Any, probabilities: Any, draws: int = 300) -> Interval:
    """The calibration error with its interval."""
    random = np.random.default_rng(SEED)
    size = len(truth)
    found = [
        calibration_error(truth[drawn], probabilities[drawn])
        for drawn in (random.integers(0, size, size) for _ in range(draws))
    ]
    lower, upper = np.quantile(found, (0.025, 0.975))
    return calibration_error(truth, probabilities), float(lower), float(upper)


def abstention(
    truth: Any, probabilities: Any, shares: Sequence[float] = ABSTAINING
) -> list[dict[str, float]]:
    """Macro-F1 on what is left when the least sure share of texts is left to people."""
    sure, said = probabilities.max(axis=1), probabilities.argmax(axis=1)
    order = np.argsort(sure, kind="stable")
    curve = []
    for share in shares:
        kept = order[round(share * len(order)) :]
        left = confusion(truth[kept], said[kept], probabilities.shape[1])
        least = float(sure[kept].min()) if len(kept) else 1.0
        curve.append(
            {"abstains": share, "below": round(least, 4), "macro_f1": round(float(macro_f1(left)), 4)}
        )
    return curve


def _diagonal(matrix: Any) -> Any:
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _share(part: Any, whole: Any) -> Any:
    return np.where(np.asarray(whole) > 0, part / np.maximum(whole, 1e-12), 0.0)
