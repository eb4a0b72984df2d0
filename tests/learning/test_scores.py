"""Scores by hand on small matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from triaged.learning import calibrate, scores

TRUTH = np.array([0, 0, 1, 1, 2, 2, 3, 3, 3, 0])
SAID = np.array([0, 1, 1, 1, 2, 3, 3, 3, 0, 0])
MATRIX = scores.confusion(TRUTH, SAID, 4)


def test_scores_are_those_of_scikit_learn() -> None:
    assert scores.macro_f1(MATRIX) == pytest.approx(metrics.f1_score(TRUTH, SAID, average="macro"))
    assert scores.kappa(MATRIX) == pytest.approx(metrics.cohen_kappa_score(TRUTH, SAID, weights="linear"))
    assert scores.recall(MATRIX) == pytest.approx(metrics.recall_score(TRUTH, SAID, average=None))
    assert scores.precision(MATRIX) == pytest.approx(metrics.precision_score(TRUTH, SAID, average=None))


def test_macro_f1_is_over_the_classes_that_occur() -> None:
    assert scores.macro_f1(scores.confusion(np.array([0, 1]), np.array([0, 1]), 4)) == pytest.approx(1.0)


def test_an_interval_holds_its_value_and_narrows_with_more_texts() -> None:
    few, many = (scores.with_interval(scores.macro_f1, MATRIX * times) for times in (1, 50))
    assert few[1] <= few[0] <= few[2]
    assert many[2] - many[1] < (few[2] - few[1]) / 3


def test_calibration_error_is_the_gap_between_sure_and_right() -> None:
    sure = np.array([[0.9, 0.1]] * 10)
    assert scores.calibration_error(np.array([0] * 9 + [1]), sure) == pytest.approx(0.0)
    assert scores.calibration_error(np.array([0] * 5 + [1] * 5), sure) == pytest.approx(0.4)


def test_abstaining_leaves_out_the_least_sure() -> None:
    probabilities = np.array([[0.95, 0.05], [0.05, 0.95], [0.55, 0.45], [0.9, 0.1]])
    curve = scores.abstention(np.array([0, 1, 1, 0]), probabilities, (0.0, 0.25))
    assert (
        curve[0]["macro_f1"] < 1 and curve[1]["macro_f1"] == 1.0 and curve[1]["below"] == pytest.approx(0.9)
    )


def test_a_temperature_undoes_too_much_confidence() -> None:
    random = np.random.default_rng(1)
    truth = random.integers(0, 3, 3_000)
    honest = random.normal(size=(3_000, 3)) + 2 * np.eye(3)[truth]
    overdone = honest * 5
    found = calibrate.temperature(overdone, truth, np.ones(3_000))
    before, after = (scores.calibration_error(truth, calibrate.shares(overdone, t)) for t in (1.0, found))
    assert after < 0.03 < before


# -- to the number -------------------------------------------------------------------------------------

PROBABILITIES = np.array([[1.0, 0.0], [0.95, 0.05], [0.2, 0.8], [0.81, 0.19], [0.5, 0.5], [0.45, 0.55]])
RIGHT = np.array([0, 1, 1, 0, 0, 0])


def test_calibration_is_told_by_tenths_of_being_sure() -> None:
    assert scores.calibration(RIGHT, PROBABILITIES) == [
        {"from": 0.5, "texts": 2, "sure": 0.525, "right": 0.5},
        {"from": 0.8, "texts": 2, "sure": 0.805, "right": 1.0},
        {"from": 0.9, "texts": 2, "sure": 0.975, "right": 0.5},
    ]
    # (2 * 0.025 + 2 * 0.195 + 2 * 0.475) / 6
    assert scores.calibration_error(RIGHT, PROBABILITIES) == pytest.approx(0.695 / 3)
    assert scores.calibration(RIGHT[:0], PROBABILITIES[:0]) == []
    assert scores.calibration_error(RIGHT[:0], PROBABILITIES[:0]) == 0


def test_the_calibration_error_has_an_interval_around_it() -> None:
    value, lower, upper = scores.calibration_interval(RIGHT, PROBABILITIES)
    assert value == scores.calibration_error(RIGHT, PROBABILITIES)
    assert 0 <= lower < value < upper <= 1
    assert (value, lower, upper) == scores.calibration_interval(RIGHT, PROBABILITIES), "drawn alike each time"


def test_what_is_left_when_the_least_sure_are_left_to_people() -> None:
    curve = scores.abstention(RIGHT, PROBABILITIES, (0.0, 0.34, 0.5, 1.0))
    assert [(one["abstains"], one["below"]) for one in curve] == [
        (0.0, 0.5),
        (0.34, 0.8),
        (0.5, 0.81),
        (1.0, 1.0),
    ]
    # of all six: 0 is said of four, rightly of three, and once missed; 1 of two, rightly of one, and once missed
    assert curve[0]["macro_f1"] == pytest.approx((2 * 3 / (4 + 4) + 2 * 1 / (2 + 2)) / 2, abs=1e-4)
    assert curve[1]["macro_f1"] == pytest.approx((2 * 2 / (3 + 2) + 2 * 1 / (1 + 2)) / 2, abs=1e-4)
    assert curve[3]["macro_f1"] == 0


@pytest.mark.parametrize(
    ("measure", "found"),
    [
        (scores.recall, [2 / 3, 0.5, 0.0]),
        (scores.precision, [1.0, 0.5, 0.0]),
        (scores.f1, [0.8, 0.5, 0.0]),
        (scores.macro_f1, 0.65),
    ],
)
def test_a_class_that_never_occurs_counts_for_nothing(measure: Callable[[Any], Any], found: Any) -> None:
    matrix = scores.confusion(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2]), 3)
    assert measure(matrix) == pytest.approx(found)


def test_a_mistake_by_two_classes_counts_double() -> None:
    near, far = (scores.confusion(np.array([0, 1, 2, 0]), np.array([0, 1, 2, by]), 3) for by in (1, 2))
    # observed: 1 and 2; expected by chance: rows 2,1,1 with columns 1,2,1 and 1,1,2
    assert scores.kappa(near) == pytest.approx(1 - 1 / (14 / 4))
    assert scores.kappa(far) == pytest.approx(1 - 2 / (16 / 4))
    assert scores.kappa(scores.confusion(np.array([0]), np.array([0]), 3)) == 1
