"""Daemons load anew what somebody put in force by a page or a command: once, and not what they have already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from triaged.daemon.chores import Chores
from triaged.store import Store
from triaged.walk import rulebook_change

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def chores(store: Store, asked: list[str], version: str = "old") -> Chores:
    known = SimpleNamespace(rulebook=SimpleNamespace(version=version))
    house = cast(Any, SimpleNamespace(store=store, knowledge=known))
    return Chores(
        house, lambda: NOW, cast(Any, None), ring=lambda: None, ask_reload=lambda: asked.append("reload")
    )


def test_a_rulebook_that_was_put_is_loaded_once(store: Store) -> None:
    asked: list[str] = []
    one = chores(store, asked)
    one.hear_orders()
    rulebook_change.ask_reload(store, "lee@desk.example", NOW, rulebook="new")
    one.hear_orders()
    one.hear_orders()
    assert asked == ["reload"]
    rulebook_change.ask_reload(store, "lee@desk.example", NOW, rulebook="newer")
    one.hear_orders()
    assert asked == ["reload"] * 2


def test_who_has_it_already_does_not_load_it_and_who_began_before_it_does(store: Store) -> None:
    asked: list[str] = []
    rulebook_change.ask_reload(store, "lee@desk.example", NOW - timedelta(hours=1), rulebook="old")
    chores(store, asked).hear_orders()
    assert asked == []
    rulebook_change.ask_reload(store, "lee@desk.example", NOW - timedelta(hours=1), rulebook="other")
    chores(store, asked).hear_orders()
    assert asked == ["reload"]


def test_a_model_that_was_promoted_is_loaded_unless_the_daemon_began_later(store: Store) -> None:
    asked: list[str] = []
    rulebook_change.ask_reload(store, "lee@desk.example", NOW - timedelta(hours=1), model="m-2")
    one = chores(store, asked)
    one.hear_orders()
    assert asked == []
    rulebook_change.ask_reload(store, "lee@desk.example", NOW, model="m-3")
    one.hear_orders()
    assert asked == ["reload"]
