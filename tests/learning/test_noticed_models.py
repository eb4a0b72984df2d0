"""What of models in their folders nobody would have noticed: which is found, who is told to have put one in force."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from triaged.config import shipped
from triaged.errors import Faulty
from triaged.learning import candidates, in_force, places
from triaged.store import Store
from triaged.walk.rulebook_change import ASKED

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=2)
BY_EVA = {"by": "eva@desk.example", "at": BEFORE.isoformat(), "reason": "better"}


def card(folder: Path, **told: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / places.CARD).write_text(json.dumps(told), "utf-8")
    return folder


def test_candidates_wait_in_the_order_in_which_they_were_trained(tmp_path: Path) -> None:
    waits = tmp_path / places.CANDIDATES
    new, old = (
        card(waits / "a", id="new", trained_at="2026-02"),
        card(waits / "b", id="old", trained_at="2026-01"),
    )
    card(waits / ".model-x", id="half", trained_at="2026-03")
    (waits / "empty").mkdir()
    broken = waits / "c"
    broken.mkdir()
    (broken / places.CARD).write_text("{", "utf-8")
    assert places.candidates(tmp_path) == [broken, old, new]
    assert candidates.found(tmp_path, None) == new
    assert candidates.found(tmp_path, "old") == candidates.waiting(tmp_path, "old") == old
    assert candidates.found(tmp_path, str(old)) == old
    elsewhere = card(tmp_path / "elsewhere", id="e")
    assert candidates.found(tmp_path, str(elsewhere)) == elsewhere
    for asked, name in ((str(elsewhere), str(elsewhere)), ("half", "half")):
        with pytest.raises(Faulty) as told:
            candidates.waiting(tmp_path, asked)
        assert str(told.value) == f"{waits}: no candidate {name}; `triaged train` makes one"
    with pytest.raises(Faulty) as told:
        candidates.found(tmp_path / "none", None)
    assert (
        str(told.value) == f"{tmp_path / 'none' / places.CANDIDATES}: no candidate; `triaged train` makes one"
    )


def test_a_card_that_cannot_be_read_has_no_name(tmp_path: Path) -> None:
    assert places.name_of(card(tmp_path / "a", id=7)) == "7"
    for number, text in enumerate(("{", "[]", "{}", "null")):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / places.CARD).write_text(text, "utf-8")
        assert places.name_of(folder) == "unknown"
    assert places.name_of(tmp_path / "nothing") == "unknown"
    with pytest.raises(Faulty, match="no model card"):
        places.card_of(tmp_path / "1")
    with pytest.raises(Faulty, match="cannot be read"):
        places.card_of(tmp_path / "nothing")


def test_what_a_dead_promoter_moved_aside_stands_again_only_when_he_had_his_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = card(tmp_path / f".model-1{places.ASIDE}", id="old")
    (tmp_path / f".model-0{places.ASIDE}").mkdir()
    monkeypatch.setattr(places, "_BETWEEN", 3600.0)
    with pytest.raises(Faulty) as told:
        places.current(tmp_path)
    assert str(told.value) == (
        f"{tmp_path / 'current'}: no model here; `triaged train` makes one, `triaged model promote` puts it in force"
    )
    monkeypatch.setattr(places, "_BETWEEN", -1.0)
    assert places.name_of(places.current(tmp_path)) == "old" and not aside.exists()
    assert [one.name for one in (tmp_path / "current").iterdir()] == [places.CARD]


def rows(store: Store) -> list[tuple[str, str, str, dict[str, Any], datetime]]:
    return [(one["who"], one["what"], one["about"], one["counts"], one["at"]) for one in store.audits()]


def note(store: Store) -> dict[str, Any] | None:
    found = store.note_of(ASKED)
    return None if found is None else {name: value for name, value in found.value.items() if name != "mark"}


def test_a_model_in_force_is_written_down_once_with_who_put_it_there(store: Store, tmp_path: Path) -> None:
    current = tmp_path / places.CURRENT
    assert not in_force.noticed(store, tmp_path, NOW), "there is none"
    card(current, id="m0")
    assert not in_force.noticed(store, tmp_path, NOW), "it lay there before this history began"
    assert (rows(store), note(store)) == ([], None)
    card(current, id="m1", promoted=BY_EVA)
    assert in_force.noticed(store, tmp_path, NOW) and not in_force.noticed(store, tmp_path, NOW)
    told = {"reason": "better", "against": [], "promoted_at": BEFORE.isoformat()}
    first = ("eva@desk.example", "model.promote", "m1", told, BEFORE)
    assert rows(store) == [first]
    assert note(store) == {"who": "eva@desk.example", "model": "m1"}
    again = BY_EVA | {
        "at": NOW.isoformat(),
        "reason": "",
        "anyway": "a drill",
        "against": ["worse"],
        "by": "bo",
    }
    card(current, id="m1", promoted=again)
    assert in_force.noticed(store, tmp_path, NOW)
    second = (
        "bo",
        "model.promote",
        "m1",
        {"reason": "a drill", "against": ["worse"], "promoted_at": NOW.isoformat()},
        NOW,
    )
    assert rows(store) == [second, first]
    card(current, id="m" * 70)
    assert in_force.noticed(store, tmp_path, NOW) and not in_force.noticed(store, tmp_path, NOW)
    by_hand = {"reason": "changed in its folder by hand", "promoted_at": ""}
    assert rows(store) == [("", "model.found", "m" * 64, by_hand, NOW), second, first]
    assert note(store) == {"who": "", "model": "m" * 64}


@pytest.mark.parametrize(
    ("at", "then"),
    [("", NOW), ("yesterday", NOW), ("2026-11-20T09:00:00", NOW), ("2026-11-20T09:00:00+00:00", BEFORE)],
)
def test_a_time_that_is_none_is_the_moment_it_was_seen(
    store: Store, tmp_path: Path, at: str, then: datetime
) -> None:
    card(tmp_path / places.CURRENT, id="m1", promoted={"at": at, "by": "eva"})
    assert in_force.noticed(store, tmp_path, NOW)
    assert rows(store) == [
        ("eva", "model.promote", "m1", {"reason": "", "against": [], "promoted_at": at}, then)
    ]


def test_the_model_that_comes_with_the_program_is_nobodys_doing(store: Store, tmp_path: Path) -> None:
    its = places.card_of(places.current(shipped.models()))
    assert in_force.ships(its) and not in_force.ships({}) and not in_force.ships(its | {"id": "m1"})
    assert not in_force.ships(its | {"promoted": {"at": "2020-01-01T00:00:00+00:00"}})
    card(tmp_path / places.CURRENT, **its)
    assert not in_force.noticed(store, tmp_path, NOW) and rows(store) == []
