"""Train, compare, promote: a model is never put in force unnoticed where it is worse."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.learning.conftest import NOW
from triaged.classifier.features import ClassifierText
from triaged.classifier.model import load
from triaged.errors import Faulty
from triaged.learning import candidates, held_out, places
from triaged.learning.examples import Example


def shuffled(examples: list[Example]) -> list[Example]:
    """The same mails with each other's labels."""
    labels = [e.label for e in examples]
    random.Random(3).shuffle(labels)
    return [replace(e, label=label) for e, label in zip(examples, labels, strict=True)]


def test_a_model_guesses_the_same_from_file_as_when_trained(models: Path, some: list[Example]) -> None:
    made = candidates.make(some, models, NOW, source="test")
    first, again = load(places.current(models)), load(made.folder)
    assert [g.probabilities for g in first.guess([e.text for e in some])] == [
        g.probabilities for g in again.guess([e.text for e in some])
    ]


def test_a_card_tells_data_figures_and_versions(models: Path) -> None:
    folder = places.current(models)
    card = places.card_of(folder)
    assert card["data"]["examples"] == 175 and card["data"]["groups"] == 5
    assert set(card["figures"]["per_class"]) == {"S1", "S2", "S3", "S4"}
    assert sum(map(sum, card["figures"]["confusion"]["counts"])) == 175
    assert card["versions"]["scikit-learn"] and card["licence"] and card["weaknesses"] and card["sha256"]
    people = (folder / "card.md").read_text("utf-8")
    assert card["id"] in people and "Known weaknesses" in people


def test_the_words_of_held_out_texts_are_not_kept(models: Path, some: list[Example]) -> None:
    kept = (places.current(models) / held_out.FILE).read_text("utf-8")
    assert all(e.text.text not in kept for e in some) and len(kept.splitlines()) == 176


def test_a_worse_model_is_refused_with_the_reason(models: Path, some: list[Example]) -> None:
    before = places.name_of(places.current(models))
    worse = candidates.make(shuffled(some), models, NOW, source="nonsense")
    with pytest.raises(Faulty, match=r"worse in macro-F1.*\n(?s:.*)not promoted; --anyway"):
        candidates.promote(models, worse.folder, some, NOW, "ann")
    assert places.name_of(places.current(models)) == before


def test_anyway_puts_it_in_force_and_keeps_the_reason(models: Path, some: list[Example]) -> None:
    before = places.name_of(places.current(models))
    worse = candidates.make(shuffled(some), models, NOW, source="nonsense")
    against = candidates.promote(models, worse.folder, some, NOW, "ann", "a drill")
    promoted = places.card_of(places.current(models))["promoted"]
    assert (
        against
        and promoted["anyway"] == "a drill"
        and promoted["by"] == "ann"
        and promoted["against"] == against
    )
    assert promoted["at"] == NOW.isoformat(timespec="seconds") and promoted["reason"] == "a drill"
    parts = promoted["comparison"]["parts"]
    assert parts and not any("mails" in part for part in parts)
    assert load(places.current(models)).id == worse.card["id"] and not worse.folder.exists()
    assert before in [places.name_of(f) for f in places.candidates(models)]  # and can be promoted back


def test_the_same_data_may_be_promoted_again(models: Path, some: list[Example]) -> None:
    made = candidates.make(some, models, NOW, source="test")
    comparison = candidates.beside(models, made.folder)
    assert comparison.refusal == [] and comparison.parts[0].texts == len(some)
    assert all(d.old == pytest.approx(d.new, abs=1e-3) for d in comparison.parts[0].differences)


def test_a_model_good_only_on_its_own_table_is_refused(models: Path, some: list[Example]) -> None:
    word = {"S1": "apple", "S2": "pear", "S3": "plum", "S4": "fig"}
    random_words = random.Random(1)
    own = [
        Example(f"old-{i}", f"old-{i}", ClassifierText("", f"{word[e.label]} {noise}"), e.label)
        for i, e in enumerate(some)
        for noise in [" ".join("".join(random_words.choices("abcdefgh", k=6)) for _ in range(8))]
    ]
    made = candidates.make(own, models, NOW, source="old.csv")
    assert made.card["figures"]["macro_f1"][0] > 0.95
    with pytest.raises(Faulty, match="the other examples that ship"):
        candidates.promote(models, made.folder, [], NOW, "ann")


def test_corrections_count_though_the_candidate_has_learned_from_them(
    models: Path, some: list[Example]
) -> None:
    taught = [replace(e, id=f"ticket-{i}", group=f"ticket-{i}", ships=False) for i, e in enumerate(some[:20])]
    made = candidates.make([*some[20:], *taught], models, NOW, source="test")
    heard = candidates.heard(made.folder)
    by_heart = sum(
        g.severity == e.label
        for g, e in zip(heard.classifier.guess([e.text for e in taught]), taught, strict=True)
    )
    part = candidates.beside(models, made.folder, taught).parts[-1]
    assert part.texts == 20 and by_heart >= 18
    assert part.differences[0].new < 0.9  # what it said held out, not what it knows by heart


def test_a_tampered_candidate_is_never_promoted(models: Path, some: list[Example]) -> None:
    made = candidates.make(some, models, NOW, source="test")
    with (made.folder / "model.skops").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Faulty, match="SHA-256"):
        candidates.promote(models, made.folder, [], NOW, "ann", "anyway")


def test_a_first_model_needs_no_comparison(tmp_path: Path, some: list[Example]) -> None:
    made = candidates.make(some, tmp_path, NOW, source="test")
    assert candidates.promote(tmp_path, made.folder, [], NOW, "ann", reason="the first") == []
    assert load(places.current(tmp_path)).id == made.card["id"]
    assert places.card_of(places.current(tmp_path))["promoted"] == {
        "at": NOW.isoformat(timespec="seconds"), "by": "ann", "anyway": None, "against": [], "comparison": None,
        "reason": "the first",
    }  # fmt: skip


def test_a_folder_that_cannot_be_written_is_told(models: Path, some: list[Example], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Faulty, match="--out"):
        candidates.make(some, models, NOW, source="test", out=tmp_path / "file" / "model")


def test_the_newest_candidate_is_found_and_a_named_one(models: Path, some: list[Example]) -> None:
    first = candidates.make(some, models, NOW, source="a")
    second = candidates.make(shuffled(some), models, NOW.replace(hour=10), source="b")
    assert candidates.found(models, None) == second.folder
    assert candidates.found(models, first.card["id"]) == first.folder
    assert candidates.found(models, str(first.folder)) == first.folder
    with pytest.raises(Faulty, match="no candidate nonsuch"):
        candidates.found(models, "nonsuch")


def test_a_card_is_json_that_others_can_read(models: Path) -> None:
    text = (places.current(models) / "card.json").read_text("utf-8")
    assert "NaN" not in text and json.loads(text)["figures"]["texts"] == 175
