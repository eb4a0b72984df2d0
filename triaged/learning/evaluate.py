"""Examine a model on what was held out: the figures its card and its promotion rest on.

What a severity is said to be is told twice: as the likeliest class, and as the rulebook chooses it, by the
costs of mistakes and leaving the least sure to people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from triaged.frozen import frozen
from triaged.judging import weighing
from triaged.learning import scores
from triaged.learning.held_out import HeldOut
from triaged.rulebook.rulebook import ClassifierSettings
from triaged.vocabulary import Severity

SEVERITIES = tuple(s.value for s in Severity)


@frozen
class Figures:
    """Figures of one model on one set of texts. Intervals are (value, lower, upper) at 95 %."""

    texts: int
    classes: tuple[str, ...]
    macro_f1: scores.Interval
    kappa: scores.Interval
    calibration_error: scores.Interval
    per_class: Mapping[str, Mapping[str, scores.Interval]]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[Mapping[str, float], ...]
    abstention: tuple[Mapping[str, float], ...]
    chosen: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As the card keeps them."""
        return {
            "texts": self.texts,
            "macro_f1": _rounded(self.macro_f1),
            "kappa": _rounded(self.kappa),
            "calibration_error": _rounded(self.calibration_error),
            "per_class": {
                name: {measure: _rounded(value) for measure, value in row.items()}
                for name, row in self.per_class.items()
            },
            "confusion": {"classes": self.classes, "counts": self.confusion},
            "calibration": self.calibration,
            "abstention": self.abstention,
            "chosen_by_rulebook": self.chosen,
        }


def figures(held: HeldOut, settings: ClassifierSettings | None = None) -> Figures:
    """The figures on what was held out; with the rulebook's settings also of what it would choose."""
    truth, probabilities = held.truth, held.probabilities
    matrix = scores.confusion(truth, probabilities.argmax(axis=1), len(held.classes))
    return Figures(
        texts=len(truth),
        classes=held.classes,
        macro_f1=_interval(scores.with_interval(scores.macro_f1, matrix)),
        kappa=_interval(scores.with_interval(scores.kappa, matrix)),
        calibration_error=scores.calibration_interval(truth, probabilities),
        per_class=_per_class(matrix, held.classes),
        confusion=tuple(tuple(row) for row in matrix.tolist()),
        calibration=tuple(scores.calibration(truth, probabilities)),
        abstention=tuple(scores.abstention(truth, probabilities)),
        chosen=chosen(held, settings) if settings and set(held.classes) <= set(SEVERITIES) else {},
    )


def chosen(held: HeldOut, settings: ClassifierSettings) -> dict[str, Any]:
    """What comes of the rulebook's prior, costs and confidence: S1 found, mistakes on either side, abstentions."""
    names, likeliest = _as_chosen(held, settings)
    said = np.array([held.classes.index(c) for c in names])
    truth, sure = held.truth, np.array(likeliest) >= settings.confidence
    matrix = scores.confusion(truth, said, len(held.classes))
    return {
        "confidence": settings.confidence,
        "abstains": round(float(1 - sure.mean()), 4),
        "S1": {
            "recall": _rounded(_of("S1", scores.recall, matrix, held)),
            "precision": _rounded(_of("S1", scores.precision, matrix, held)),
        },
        "prior": {s.value: round(share, 4) for s, share in settings.prior.items()},
        "at_prior": at_prior(matrix, held.classes, settings.prior or weighing.EVEN),
        "macro_f1": round(float(scores.macro_f1(matrix)), 4),
        "macro_f1_when_sure": round(
            float(scores.macro_f1(scores.confusion(truth[sure], said[sure], len(held.classes)))), 4
        ),
        "too_grave": round(float((said < truth).mean()), 4),
        "too_mild": round(float((said > truth).mean()), 4),
        "S1_left_to_people": int((~sure & (truth == 0)).sum()),
        "S1_said_milder_when_sure": int((sure & (truth == 0) & (said > 0)).sum()),
    }


def _as_chosen(held: HeldOut, settings: ClassifierSettings) -> tuple[list[str], list[float]]:
    """What the rulebook makes of each text, by its prior and costs, and how sure the likeliest is by the prior."""
    said, sure = [], []
    for row in held.rows:
        after = weighing.by_prior(_by_severity(row.said, held.classes), settings.prior)
        best = weighing.cheapest({s.value: p for s, p in after.items()}, settings).value
        said.append(best if best in held.classes else held.classes[int(np.argmax(row.said))])
        sure.append(max(after.values()))
    return said, sure


def _by_severity(said: Sequence[float], classes: Sequence[str]) -> dict[Severity, float]:
    known = dict(zip(classes, said, strict=True))
    return {s: known.get(s.value, 0.0) for s in Severity}


def at_prior(matrix: Any, classes: Sequence[str], prior: Mapping[Severity, float]) -> dict[str, float]:
    """S1's recall and precision, and the share that is right, where severities occur with the shares of `prior`.

    The texts of each true class count together as much as its share: the examples hold as many S1 as S4, mail does not.
    """
    counted = matrix.sum(axis=1)
    weight = np.array([prior.get(Severity(c), 0.0) for c in classes]) / np.maximum(1, counted)
    mail = matrix * weight[:, None]
    found = {"right": float(np.trace(mail) / max(1e-12, mail.sum()))}
    if "S1" in classes:
        s1 = classes.index("S1")
        found["S1_recall"] = float(mail[s1, s1] / max(1e-12, mail[s1].sum()))
        found["S1_precision"] = float(mail[s1, s1] / max(1e-12, mail[:, s1].sum()))
    return {name: round(value, 4) for name, value in found.items()}


def _of(name: str, measure: Any, matrix: Any, held: HeldOut) -> scores.Interval:
    if name not in held.classes:
        return (0.0, 0.0, 0.0)
    return _interval(scores.with_interval(measure, matrix)[held.classes.index(name)])


def _per_class(matrix: Any, classes: tuple[str, ...]) -> dict[str, dict[str, scores.Interval]]:
    measures = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
    found = {name: scores.with_interval(measure, matrix) for name, measure in measures.items()}
    return {
        label: {name: _interval(values[at]) for name, values in found.items()}
        for at, label in enumerate(classes)
    }


def _interval(values: Any) -> scores.Interval:
    value, lower, upper = (float(v) for v in values)
    return value, lower, upper


def _rounded(interval: scores.Interval) -> list[float]:
    return [round(v, 4) for v in interval]
