"""Two models beside each other: on which texts they can be heard, which of them is right, and what refuses the new one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from triaged.learning import compare
from triaged.learning.compare import Comparison, Difference, Heard, Mail, Part
from triaged.learning.held_out import HeldOut, Row

CLASSES = ("S1", "S2", "S3", "S4")


def heard(id: str, rows: tuple[Row, ...], classes: tuple[str, ...] = CLASSES, before: str = "") -> Heard:
    nobody: Any = None  # who is asked for no text that he was not heard on
    return Heard(id, HeldOut(classes, rows, before), nobody)


@pytest.mark.parametrize(
    ("lower", "upper", "more", "worse"),
    [
        (-0.2, -0.1, True, True),
        (-0.2, 0.0, True, False),
        (-0.2, 0.1, True, False),
        (0.1, 0.2, True, False),
        (0.1, 0.2, False, True),
        (0.0, 0.2, False, False),
        (-0.2, -0.1, False, False),
    ],
)
def test_worse_is_what_chance_does_not_explain(lower: float, upper: float, more: bool, worse: bool) -> None:
    assert Difference("macro-F1", 0.5, 0.5, lower, upper, more).worse is worse


WORSE = Difference("macro-F1", 0.61234, 0.5, -0.2, -0.05)
BETTER = Difference("S1 recall", 0.5, 0.6, 0.05, 0.2)


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ((), ["nothing to compare the two on: train the new one while the old is in force"]),
        ((Part("x", 0, ()),), ["nothing to compare the two on: train the new one while the old is in force"]),
        ((Part("x", compare.LEAST, (BETTER,)),), []),
        (
            (Part("x", compare.LEAST, (WORSE, BETTER)), Part("y", 0, ())),
            ["worse in macro-F1 on x: 0.612 -> 0.500 (difference -0.200 to -0.050)"],
        ),
        ((Part("x", compare.LEAST - 1, (WORSE,)), Part("y", compare.LEAST, ())), []),
    ],
)
def test_a_model_is_refused_where_it_is_worse_on_enough_texts(
    parts: tuple[Part, ...], refusal: list[str]
) -> None:
    assert Comparison("a", "b", parts).refusal == refusal


def test_both_are_heard_on_what_the_old_was_examined_on_or_said_then() -> None:
    old = heard("old", (Row("1", "w1", "S1", (0.7, 0.3)), Row("9", "w9", "S1", (1.0, 0.0))), ("S2", "S1"))
    rows = (
        Row("1", "w1", "S1", (0.1, 0.2, 0.3, 0.4), (9.0, 9.0, 9.0, 9.0)),
        Row("2", "w2", "S2", (0.4, 0.3, 0.2, 0.1), (0.0, 1.0, 0.0, 0.0)),
        Row("3", "w3", "S3", (0.4, 0.3, 0.2, 0.1)),
    )
    both = list(compare._held_out_by_both(old, heard("new", rows, before="old")))
    # its own words come first, in our order of classes; those that the new one noted, where it is the same old one
    assert both == [
        ("1", "S1", [0.3, 0.7, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]),
        ("2", "S2", [0.0, 1.0, 0.0, 0.0], [0.4, 0.3, 0.2, 0.1]),
    ]
    assert [one[0] for one in compare._held_out_by_both(old, heard("new", rows, before="older"))] == ["1"]


def test_a_set_of_texts_is_told_with_the_mails_on_which_they_differ() -> None:
    texts = [("a", "S1"), ("b", "S2"), ("c", "S3")]
    before = np.array([[0.9, 0.1, 0, 0], [0.9, 0.1, 0, 0], [0, 0, 0.6, 0.4]])
    after = np.array([[0.8, 0.2, 0, 0], [0.2, 0.8, 0, 0], [0, 0, 0.4, 0.6]])
    part = compare._part("x", texts, before, after)
    assert (part.where, part.texts) == ("x", 3)
    assert part.mails == (Mail("b", "S2", "S1", "S2"), Mail("c", "S3", "S3", "S4"))
    found = {one.measure: (one.old, one.new, one.more_is_better) for one in part.differences}
    # F1 of the classes that occur: S1 2/3, S2 0, S3 1 before; S1 1, S2 1, S3 0 after
    assert found["macro-F1"] == (pytest.approx(5 / 9), pytest.approx(2 / 3), True)
    assert found["S1 recall"] == (1.0, 1.0, True)
    assert found["calibration error"][2] is False
    [recall] = [one for one in part.differences if one.measure == "S1 recall"]
    assert (recall.lower, recall.upper, recall.worse) == (0.0, 0.0, False)
    assert compare._part("x", [], before[:0], after[:0]) == Part("x", 0, ())
