"""When the daemon trains by itself, on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.learning.conftest import NOW
from triaged.learning import places, unattended
from triaged.learning.examples import Example
from triaged.reading.values import Surroundings
from triaged.rulebook.rulebook import ClassifierSettings
from triaged.store import Store, upgrade
from triaged.store.rows import Correction
from triaged.vocabulary import Severity

WEEKLY = ClassifierSettings(train_every=timedelta(days=7), train_corrections=3)
LATER = NOW + timedelta(days=8)


class Taught:
    """A real store whose corrections are given: a ticket for each would only be scenery."""

    def __init__(self, store: Store, corrections: list[Correction]) -> None:
        self.given = corrections
        self.note, self.note_of = store.note, store.note_of

    def corrections(self) -> list[Correction]:
        return self.given


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'triaged.db'}"
    upgrade(url)
    opened = Store.open(url)
    yield opened
    opened.close()


def corrections(some: list[Example], count: int) -> list[Correction]:
    """Human words on texts nobody has seen, after the model was trained."""
    return [
        Correction(
            n, NOW + timedelta(days=1), "ann", Severity.S3, Severity(e.label), "", e.text.subject, f"{'xyz'[n % 3]}{n} {e.text.text[::-1]}", "en", n
        )
        for n, e in enumerate(some[:count])
    ]  # fmt: skip


def knowledge(models: Path, settings: ClassifierSettings = WEEKLY) -> Any:
    return SimpleNamespace(
        models=models, rulebook=SimpleNamespace(classifier=settings), surroundings=Surroundings()
    )


def test_without_a_schedule_nothing_is_trained(store: Store, models: Path, some: list[Example]) -> None:
    taught: Any = Taught(store, corrections(some, 5))
    by_hand = replace(WEEKLY, train_every=None)
    assert not unattended.train_if_due(taught, knowledge(models, by_hand), LATER) and not store.notes()


def test_before_its_time_nothing_is_trained(store: Store, models: Path, some: list[Example]) -> None:
    taught: Any = Taught(store, corrections(some, 5))
    assert not unattended.train_if_due(taught, knowledge(models), NOW + timedelta(days=6))
    assert places.candidates(models) == []


def test_without_enough_new_corrections_nothing_is_trained(
    store: Store, models: Path, some: list[Example]
) -> None:
    taught: Any = Taught(store, corrections(some, 2))
    assert not unattended.train_if_due(taught, knowledge(models), LATER)


def test_when_due_a_model_with_the_corrections_is_in_force_and_told(
    store: Store, models: Path, some: list[Example]
) -> None:
    before = places.name_of(places.current(models))
    taught: Any = Taught(store, corrections(some, 3))
    assert unattended.train_if_due(taught, knowledge(models), LATER)
    card = places.card_of(places.current(models))
    assert card["id"] != before and card["data"]["corrections"] == 3 and card["promoted"]["by"] == "schedule"
    assert store.notes()[unattended.NOTE].value["outcome"] == f"model {card['id']} in force"
    assert not unattended.train_if_due(taught, knowledge(models), LATER + timedelta(hours=1))


def test_a_worse_model_is_not_promoted_and_the_reason_is_noted(
    store: Store, models: Path, some: list[Example]
) -> None:
    before = places.name_of(places.current(models))
    turned = {"S1": "S4", "S2": "S4", "S3": "S1", "S4": "S1"}
    alike = {label: [e for e in some if e.label == label] for label in turned}
    wrong = [
        replace(
            corrections(some, 1)[0], id=n, ticket_id=n, severity=Severity(turned[label]), text=f"{one.text.text}\n{two.text.text}"
        )
        for label, of in alike.items()
        for n, (one, two) in enumerate(zip(of[:10], of[10:20], strict=False), 100 * int(label[1]))
    ]  # fmt: skip
    taught: Any = Taught(store, wrong)
    heavy = replace(WEEKLY, corrections_weight=50.0)
    assert not unattended.train_if_due(taught, knowledge(models, heavy), LATER)
    assert places.name_of(places.current(models)) == before
    assert "worse in" in store.notes()[unattended.NOTE].value["outcome"]


def test_what_cannot_be_trained_is_noted_and_left_until_the_next_time(
    store: Store, models: Path, some: list[Example]
) -> None:
    (models / "examples" / "broken.jsonl").write_text("no json\n", "utf-8")
    taught: Any = Taught(store, corrections(some, 3))
    assert not unattended.train_if_due(taught, knowledge(models), LATER)
    assert "broken.jsonl:1" in store.notes()[unattended.NOTE].value["outcome"]
    (models / "examples" / "broken.jsonl").unlink()
    assert not unattended.train_if_due(taught, knowledge(models), LATER + timedelta(days=6))
