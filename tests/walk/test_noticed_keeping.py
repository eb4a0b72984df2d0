"""What is forgotten, what waits to be, and doors that wait for the walk: each told in the log by its name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.said import listening
from tests.simulation.scene import Scene
from tests.store.samples import arrival
from triaged.intake import backlog, keep
from triaged.walk import retention, triage

DAY = timedelta(days=1)


def test_what_is_forgotten_is_told(scene: Scene) -> None:
    began, house = scene.month.now, scene.month.house
    scene.store.keep([arrival(1, history="skip", received_at=began)], now=began)
    with listening() as said:
        assert retention.forget_old(house, began) == {}
        house.store.note(retention.NOTE, {}, began + 400 * DAY)  # it has looked every day since
        gone = retention.forget_old(house, began + 401 * DAY)
    assert gone["raw_mail"] == 1
    assert said.of("retention.forgotten") == [gone] and not said.of("retention.waits")


def test_a_clock_that_leapt_is_told_and_nothing_is_forgotten(scene: Scene) -> None:
    began, house = scene.month.now, scene.month.house
    scene.store.keep([arrival(1, history="skip", received_at=began)], now=began)
    with listening() as said:
        retention.forget_old(house, began)
        assert retention.forget_old(house, began + 4000 * DAY) == {}
    assert said.of("retention.waits") == [{"leapt_days": 4000}] and not said.of("retention.forgotten")


def test_doors_that_wait_for_the_walk_say_so_and_when_they_open_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "_LOOK_SECONDS", 0.0)
    waiting = backlog.Backlog(scene.store, 2)
    with listening() as said:
        assert not waiting.full()
        scene.store.keep([arrival(1), arrival(2)], now=scene.month.now)
        assert waiting.full() and waiting.full()
        scene.month.now += timedelta(seconds=1)
        triage.triage_batch(scene.month.house, scene.month.now)
        assert not waiting.full()
    assert said.of("door.backlog") == [{"waiting": 2, "full": True}, {"waiting": 0, "full": False}]


def test_what_doors_take_between_two_looks_counts_at_once(scene: Scene) -> None:
    """A look a second: a fast door would take thousands beyond the bound before the next."""
    door = keep.Keep(scene.store, lambda: scene.month.now, lambda: None)
    door.backlog = backlog.Backlog(scene.store, 3)
    assert not door.full()
    door([arrival(1, history="skip"), arrival(2), arrival(3)])
    assert not door.full(), "history does not wait for the walk"
    door([arrival(4)])
    assert door.full()
