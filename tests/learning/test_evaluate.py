"""What the rulebook makes of a model's words, by hand on ten texts."""

from __future__ import annotations

from tests.rulebook.rulebooks import rulebook
from triaged.learning import evaluate
from triaged.learning.held_out import HeldOut, Row

CLASSES = ("S1", "S2", "S3", "S4")
TEXTS = (
    ("S1", (0.8, 0.1, 0.05, 0.05)),
    ("S1", (0.2, 0.6, 0.1, 0.1)),
    ("S1", (0.4, 0.3, 0.2, 0.1)),
    ("S1", (0.3, 0.4, 0.2, 0.1)),
    ("S2", (0.1, 0.7, 0.1, 0.1)),
    ("S2", (0.6, 0.2, 0.1, 0.1)),
    ("S3", (0.1, 0.1, 0.7, 0.1)),
    ("S3", (0.05, 0.05, 0.3, 0.6)),
    ("S4", (0.1, 0.1, 0.1, 0.7)),
    ("S4", (0.1, 0.1, 0.5, 0.3)),
)
HELD = HeldOut(CLASSES, tuple(Row(str(n), str(n), label, said) for n, (label, said) in enumerate(TEXTS)))
DEAR = "costs: {S1: {S2: 9, S3: 9, S4: 9}}"


def chosen(settings: str) -> dict[str, object]:
    return evaluate.chosen(HELD, rulebook(f"classifier: {{confidence: 0.55{settings}}}\n").classifier)


def test_mistakes_on_either_side_and_what_is_left_to_people_are_counted() -> None:
    found = chosen("")
    s1 = found.pop("S1")
    assert isinstance(s1, dict) and {name: values[0] for name, values in s1.items()} == {
        "recall": 0.5,
        "precision": 0.6667,
    }
    assert found == {
        "confidence": 0.55,
        "abstains": 0.3,
        "prior": {},
        "at_prior": {"right": 0.5, "S1_recall": 0.5, "S1_precision": 0.5},
        "macro_f1": 0.4929,
        "macro_f1_when_sure": 0.5833,
        "too_grave": 0.2,
        "too_mild": 0.3,
        "S1_left_to_people": 2,
        "S1_said_milder_when_sure": 1,
    }


def test_where_a_missed_s1_costs_most_nearly_all_is_s1() -> None:
    found = chosen(f", {DEAR}")
    assert (found["too_grave"], found["too_mild"], found["S1_said_milder_when_sure"]) == (0.5, 0.1, 0)
    assert found["S1_left_to_people"] == 2
    assert found["at_prior"] == {"right": 0.25, "S1_recall": 1.0, "S1_precision": 0.2857}


def test_a_prior_moves_what_is_likeliest_and_how_sure_it_is() -> None:
    found = chosen(", prior: {S1: 0.01, S2: 0.04, S3: 0.05, S4: 0.9}")
    assert found["prior"] == {"S1": 0.01, "S2": 0.04, "S3": 0.05, "S4": 0.9}
    assert (found["too_grave"], found["too_mild"]) == (0.0, 0.8)


def test_of_a_class_that_no_text_has_nothing_is_found() -> None:
    held = HeldOut(CLASSES[1:], tuple(Row(r.id, r.words, r.label, r.said[1:]) for r in HELD.rows[4:]))
    settings = rulebook("classifier: {confidence: 0.55}\n").classifier
    found = evaluate.chosen(held, settings)
    assert found["S1"] == {"recall": [0.0, 0.0, 0.0], "precision": [0.0, 0.0, 0.0]}
    assert set(found["at_prior"]) == {"right"}
    assert evaluate.figures(held).chosen == {}
    assert (
        evaluate.figures(HeldOut(("up", "down"), (Row("1", "1", "up", (0.9, 0.1)),)), settings).chosen == {}
    )


def test_figures_go_onto_the_card_rounded_and_by_class() -> None:
    card = evaluate.figures(HELD).as_json()
    assert (card["texts"], card["chosen_by_rulebook"]) == (10, {})
    assert card["confusion"] == {
        "classes": CLASSES,
        "counts": ((2, 2, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 1, 1)),
    }
    assert {
        name: [row[m][0] for m in ("precision", "recall", "f1")] for name, row in card["per_class"].items()
    } == {
        "S1": [0.6667, 0.5, 0.5714],
        "S2": [0.3333, 0.5, 0.4],
        "S3": [0.5, 0.5, 0.5],
        "S4": [0.5, 0.5, 0.5],
    }
    assert card["macro_f1"][0] == 0.4929
    assert card["macro_f1"][1] <= 0.4929 <= card["macro_f1"][2]
    assert (card["kappa"][0], card["calibration_error"][0]) == (0.6032, 0.36)
