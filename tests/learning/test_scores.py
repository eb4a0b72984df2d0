"""Scores by hand on small matrices."""

from __future__ import annotations

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
