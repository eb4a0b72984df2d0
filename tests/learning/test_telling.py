"""How a model is told to people, and what is made of texts and folders that are not as they should be."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.learning.conftest import NOW
from triaged.classifier.features import ClassifierText
from triaged.errors import Faulty
from triaged.learning import (
    candidates,
    compare,
    duplicates,
    examples,
    folds,
    held_out,
    lessons,
    places,
    telling,
    watch,
)
from triaged.learning.candidates import Candidate
from triaged.learning.compare import Comparison, Part
from triaged.learning.examples import Example
from triaged.rulebook.rulebook import ClassifierSettings
from triaged.store.rows import Fate, PastMail
from triaged.vocabulary import Severity

SAID = {"classifier.severity": "S2", "classifier.confidence": 0.75, "subject": "Shop", "text": "It is down."}


def past(number: int, facts: dict[str, Any] | None, human: Severity | None = None) -> PastMail:
    reading = {} if facts is None else {"facts": facts}
    return PastMail(
        number, b"", "europe", "imap", datetime(2026, 11, number, tzinfo=UTC), None, True, False, Fate.TICKET,
        "request", 1000 + number, Severity.S2, human, reading,
    )  # fmt: skip


def test_of_stored_mail_only_what_a_model_guessed_on_is_looked_at() -> None:
    mails = [
        past(2, SAID, Severity.S1),
        past(3, None),
        past(4, {"classifier.severity": None}),
        past(5, {"classifier.severity": "S3"}),
    ]
    judged, texts = watch.recent(mails)
    assert judged == [
        watch.Judged(mails[0].received_at, Severity.S2, 0.75, Severity.S1),
        watch.Judged(mails[3].received_at, Severity.S3, 0.0, None),
    ]
    assert texts == [ClassifierText("Shop", "It is down."), ClassifierText("", "")]


DRIFT = {"distance": 0.1234, "by_chance": 0.05, "unknown": 0.2, "risen": list("abcdefgh")}


@pytest.mark.parametrize(("drifted", "word"), [(True, "has drifted"), (False, "reads as in training")])
def test_how_a_model_does_is_told_week_by_week_and_by_its_words(drifted: bool, word: str) -> None:
    weeks = [{"week": "2026-W45", "looked_at": 4, "agreed": 3}]
    found = {"mails": 8, "abstains": 0.25, "weeks": weeks, "drift": {**DRIFT, "drifted": drifted}}
    assert list(telling.used(found)) == [
        "8 mails; abstained on 25%.",
        "2026-W45: people agree on 3 of 4",
        f"Mail {word}: distance 0.123 bits (0.050 by chance), 20% of words unknown; risen: a, b, c, d, e, f",
    ]
    assert len(list(telling.used({**found, "drift": None}))) == 2
    assert list(telling.used({**found, "mails": 0})) == []


FIGURES = {
    **dict.fromkeys(("macro_f1", "kappa", "calibration_error"), (0.5, 0.4, 0.6)),
    "per_class": {"S1": {"precision": [0.9], "recall": [0.8]}},
}


def test_a_training_is_told_with_ten_lines_of_a_kind_at_most() -> None:
    data = {"examples": 7, "source": "a table"}
    made = Candidate(Path("here"), {"id": "m1", "data": data, "figures": FIGURES})
    shown = {"wanting": [f"line {n}" for n in range(10)], "contradictions": [f"other {n}" for n in range(12)]}
    told = list(telling.trained(made, shown))
    assert told[:2] == ["model m1 of 7 examples in here", "  learned from a table"]
    assert told[5] == "  S1                 precision 0.900  recall 0.800"
    assert told[6:16] == [f"  wanting: line {n}" for n in range(10)]
    assert told[16:] == [
        *(f"  contradictions: other {n}" for n in range(10)),
        "  contradictions: and 2 more (--json tells all)",
    ]


@pytest.mark.parametrize(("most", "left"), [(None, None), (2, None), (1, "  and 1 more (--all)")])
def test_mail_by_mail_so_many_are_told(most: int | None, left: str | None) -> None:
    mails = (compare.Mail("a", "S1", "S2", "S1"), compare.Mail("b", "S1", "S3", "S1"))
    beside = Comparison("old", "new", (Part("texts", 9, (), mails),))
    told = list(telling.mail_by_mail(beside, {"a": "Shop  is\ndown"}, most))
    assert told[:2] == ["texts: 2 became right", f"  {'a':28}S1 is right, S2 -> S1  Shop is down"]
    assert told[-1] == (left or f"  {'b':28}S1 is right, S3 -> S1  ")
    assert len(told) == 3


def test_on_no_texts_at_all_no_model_takes_over() -> None:
    beside = Comparison("old", "new", (Part("texts", 0, ()),))
    [why] = beside.refusal
    assert why.startswith("nothing to compare the two on") and list(telling.compared(beside))[-1] == (
        f"may not be promoted: {why}"
    )
    assert Comparison("old", "new", (Part("texts", 0, ()), Part("more", 1, ()))).refusal == []


# -- texts ----------------------------------------------------------------------------------------------


def test_of_very_many_texts_those_of_the_same_masked_words_are_found(
    some: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    four = some[:4]
    twin = replace(four[1], id="twin", group="other", weight=9.0)
    alike = replace(four[2], id="alike")  # of the same group
    given = [*four, twin, alike]
    monkeypatch.setattr(duplicates, "MANY", len(given))
    nearly = duplicates.across_groups(given)
    monkeypatch.setattr(duplicates, "MANY", len(given) - 1)
    assert duplicates.across_groups(given) == [(1, 4, 1.0)] and [pair[:2] for pair in nearly] == [(1, 4)]
    assert [e.id for e in duplicates.without([replace(e, ships=False) for e in given])] == [
        four[0].id, four[2].id, four[3].id, "twin", "alike",
    ]  # fmt: skip


def test_texts_of_one_writer_are_held_out_one_by_one_with_the_labels_spread() -> None:
    labels = ["S1"] * 5 + ["S2"] * 10
    parts = [held.tolist() for _, held in folds.held_out(labels, ["one"] * 15)]
    assert sorted(at for part in parts for at in part) == list(range(15))
    assert [sorted(labels[at] for at in part) for part in parts] == [["S1", "S2", "S2"]] * 5
    both = [held.tolist() for _, held in folds.held_out(labels, ["one"] * 5 + ["two"] * 10)]
    assert sorted(both) == [list(range(5)), list(range(5, 15))]


def test_without_corrections_a_model_learns_what_ships(some: list[Example]) -> None:
    settings = ClassifierSettings()
    learned_from, told = lessons.material(some, [], settings)
    assert told == "the examples that ship" and [e.id for e in learned_from] == [e.id for e in some]
    assert {e.weight for e in learned_from} == {settings.shipped_weight}


# -- folders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "said"),
    [(None, "cannot be read: "), ("{", "cannot be read: "), ("[1]", "no model card")],
)
def test_a_folder_without_a_card_is_no_model(tmp_path: Path, held: str | None, said: str) -> None:
    if held is not None:
        (tmp_path / places.CARD).write_text(held)
    assert places.name_of(tmp_path) == "unknown"
    with pytest.raises(Faulty) as told:
        places.card_of(tmp_path)
    assert len(told.value.lines) == 1 and f"{tmp_path / places.CARD}: {said}" in told.value.lines[0]


def test_candidates_stand_in_the_order_of_their_training_and_one_without_a_card_first(tmp_path: Path) -> None:
    for name, held in (
        ("a", '{"trained_at": "2026-02"}'),
        ("b", '{"trained_at": "2026-01"}'),
        ("c", "[]"),
        (".d", "{}"),
    ):
        (tmp_path / places.CANDIDATES / name).mkdir(parents=True)
        (tmp_path / places.CANDIDATES / name / places.CARD).write_text(held)
    assert [one.name for one in places.candidates(tmp_path)] == ["c", "b", "a"]


def test_a_folder_of_examples_that_holds_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / examples.SECOND).write_text("{}\n")
    with pytest.raises(Faulty, match=r"examples: no examples here \(\*\.jsonl\)"):
        examples.shipped(tmp_path)


@pytest.mark.parametrize("held", ["", "{}", '{"classes": ["S1"]}', '{"classes": ["S1"], "before": ""}\n[1]'])
def test_what_was_held_out_is_whole_or_a_fault_by_its_file(tmp_path: Path, held: str) -> None:
    assert held_out.read(tmp_path) == held_out.HeldOut((), ())
    (tmp_path / held_out.FILE).write_text(held)
    with pytest.raises(Faulty) as told:
        held_out.read(tmp_path)
    assert told.value.lines[0].startswith(
        f"{tmp_path / held_out.FILE}: not what a model said of held-out texts: "
    )


def test_a_model_in_force_of_which_nobody_knows_what_it_learned_says_nothing_before(
    models: Path, some: list[Example]
) -> None:
    (places.current(models) / held_out.FILE).unlink()
    made = candidates.make(some, models, NOW, source="test")
    held = held_out.read(made.folder)
    assert held.before == "" and {row.before for row in held.rows} == {None}


def test_a_model_of_other_labels_is_neither_compared_nor_promoted(models: Path, some: list[Example]) -> None:
    words = {"S1": "high", "S2": "high", "S3": "low", "S4": "low"}
    other = candidates.make([replace(e, label=words[e.label]) for e in some], models, NOW, source="a table")
    before = places.name_of(places.current(models))
    said = "incomplete, or not for severities"
    with pytest.raises(Faulty, match=said):
        candidates.beside(models, other.folder)
    with pytest.raises(Faulty, match=said):
        candidates.promote(models, other.folder, [], NOW, "ann", "all the same")
    assert places.name_of(places.current(models)) == before
    assert other.card["figures"]["per_class"].keys() == {"high", "low"}


def test_a_place_that_takes_no_model_is_told_and_the_candidate_stays(
    models: Path, some: list[Example]
) -> None:
    made = candidates.make(some, models, NOW, source="test")
    shutil.rmtree(models / places.CURRENT)
    (models / places.CURRENT).symlink_to(models / "nowhere" / "at" / "all")
    card = json.loads((made.folder / places.CARD).read_text())
    (models / "nowhere").write_text("a file")
    with pytest.raises(Faulty, match=r"current: cannot be written: "):
        candidates._into_force(models, made.folder, {})
    assert json.loads((made.folder / places.CARD).read_text()) == card
