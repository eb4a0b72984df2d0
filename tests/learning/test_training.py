"""From examples to a model: what is learned, what is held out, and that it is the same each time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triaged.classifier.features import ClassifierText
from triaged.errors import Faulty
from triaged.learning import duplicates, folds, train, vectors
from triaged.learning.examples import Example


def test_training_again_gives_the_same_coefficients(some: list[Example]) -> None:
    assert train.train(some).fingerprint == train.train(some).fingerprint


def test_other_labels_give_other_coefficients(some: list[Example]) -> None:
    turned = [replace(e, label={"S1": "S4", "S4": "S1"}.get(e.label, e.label)) for e in some]
    assert train.train(some).fingerprint != train.train(turned).fingerprint


def test_progress_is_told_to_the_end(some: list[Example]) -> None:
    told: list[tuple[int, int]] = []
    train.train(some, lambda done, of: told.append((done, of)))
    assert told == [(n, 6) for n in range(1, 7)]


def test_every_text_is_held_out_once_with_its_whole_group(some: list[Example]) -> None:
    labels, groups = [e.label for e in some], [e.group for e in some]
    seen: list[int] = []
    for kept, held in folds.held_out(labels, groups):
        assert not {groups[i] for i in kept} & {groups[i] for i in held}
        seen += held.tolist()
    assert sorted(seen) == list(range(len(some)))


def test_what_one_writer_alone_says_is_not_learned() -> None:
    texts = [["alder", "down"], ["alder", "down"], *([["down"]] * 4)]
    assert vectors.learned(texts, ["a", "a", "b", "c", "d", "e"]).features == ("down",)


def test_a_text_that_names_its_label_is_learned_and_a_random_label_is_not() -> None:
    def scored(label: str) -> float:
        examples = [
            Example(str(i), str(i), ClassifierText("", f"case {('red', 'blue')[i % 2]} number"), ("S1", "S4")[(i if label == "told" else i // 2) % 2])
            for i in range(80)
        ]  # fmt: skip
        held = train.train(examples).held
        return float((held.probabilities.argmax(axis=1) == held.truth).mean())

    assert scored("told") == 1.0
    assert scored("random") < 0.75


def test_two_labels_are_enough_and_one_is_not(some: list[Example]) -> None:
    two = [e for e in some if e.label in {"S1", "S4"}]
    model = train.train(two)
    assert model.classes == ("S1", "S4") and model.weights.shape[1] == 2
    with pytest.raises(Faulty, match="fewer than two labels"):
        train.train([e for e in some if e.label == "S1"])


def test_a_label_of_too_few_examples_is_refused(some: list[Example]) -> None:
    few = [e for e in some if e.label != "S1"] + [e for e in some if e.label == "S1"][:3]
    with pytest.raises(Faulty, match="label 'S1' has 3 examples"):
        train.train(few)


def test_near_duplicates_across_groups_are_found(some: list[Example]) -> None:
    one = some[0]
    twin = Example("twin", "elsewhere", replace(one.text, text=one.text.text + "\nThanks"), one.label)
    assert [(some[a].id, b) for a, b, _ in duplicates.across_groups([*some, twin])] == [(one.id, len(some))]


def test_of_a_text_corrected_twice_one_is_learned_and_shipped_twins_are_an_error(some: list[Example]) -> None:
    one = some[0]
    heavier = replace(one, id="ticket-7", group="ticket-7", weight=3.0, ships=False)
    assert [e.id for e in duplicates.without([one, some[1], heavier])] == [some[1].id, "ticket-7"]
    with pytest.raises(Faulty, match="nearly the same"):
        duplicates.without([one, replace(one, id="other", group="other")])
