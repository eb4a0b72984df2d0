"""Retention as the daemon does it: by the config, one at a time, and not by a clock that leapt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.store.samples import NOW, arrival
from triaged.config.config import Retention
from triaged.metrics import Metrics
from triaged.store import Store
from triaged.store.rows import Note
from triaged.walk import retention

DAY = timedelta(days=1)


@dataclass
class FakeConfig:
    retention: Retention = field(default_factory=Retention)


@dataclass
class Known:
    config: FakeConfig


@dataclass
class House:
    store: Store
    metrics: Metrics
    knowledge: Known
    owner: str = "here:1:a"


@pytest.fixture
def house(store: Store) -> Any:
    store.keep([arrival(1, history="skip")], now=NOW)
    return House(store, Metrics(), Known(FakeConfig()))


def test_what_is_over_by_the_config_goes_and_is_told(house: Any) -> None:
    assert retention.forget_old(house, NOW + 399 * DAY) == {}
    assert retention.forget_old(house, NOW + 401 * DAY) == {"raw_mail": 1}
    assert house.store.notes()["retention"].value == {"gone": {"raw_mail": 1}}
    assert b'triaged_forgotten_total{what="raw_mail"} 1.0' in house.metrics.text()
    assert house.store.leases() == {}


def test_two_daemons_do_not_forget_at_once(house: Any) -> None:
    house.store.take_lease("retention", "other:2:b", NOW + 401 * DAY, 60)
    if house.store.dialect == "sqlite":
        assert retention.forget_old(house, NOW + 401 * DAY) == {}


def test_a_clock_that_leapt_costs_nothing_for_a_day(house: Any) -> None:
    assert retention.forget_old(house, NOW) == {}
    wrong = NOW + 4000 * DAY
    assert retention.forget_old(house, wrong) == {}
    assert retention.forget_old(house, wrong + timedelta(hours=23)) == {}
    assert retention.forget_old(house, NOW + timedelta(hours=2)) == {}  # it was set right
    assert house.store.mail(1).raw
    assert retention.forget_old(house, wrong) == {}
    assert retention.forget_old(house, wrong + timedelta(hours=25)) == {"raw_mail": 1, "ledger": 1}


def test_kept_for_ever_is_kept() -> None:
    kept = Retention(raw_mail=None, letters=None, closed_tickets=None, events=None)
    before = retention.before(kept, NOW)
    assert before.raw_mail is before.events is None
    assert retention.doubts(Note("retention", {}, NOW), NOW + 30 * DAY) is None


@pytest.mark.parametrize(
    ("looked", "doubted", "believed"),
    [
        (31, None, True),  # days since it last looked, and since when the clock is doubted
        (31.001, None, False),
        (40, 0.9, False),
        (40, 1, True),
        (40, 30.9, True),
        (40, 31.1, False),  # another leap
        (40, -0.1, False),  # it was set back meanwhile: another leap
        (40, -30, False),
    ],
)
def test_a_clock_that_leapt_is_believed_after_a_day_of_the_same_time(
    looked: float, doubted: float | None, believed: bool
) -> None:
    now = NOW + 100 * DAY
    began = None if doubted is None else now - doubted * DAY
    note = Note("retention", {} if began is None else {"doubted": began.isoformat()}, now - looked * DAY)
    kept = doubted is not None and 0 <= doubted < 1
    assert retention.doubts(note, now) == (None if believed else began if kept else now)
    assert retention.doubts(None, now) is None


def test_who_loses_the_lease_forgets_no_more(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[dict[str, int]] = [{"raw_mail": 1}, {"raw_mail": 1}, {}]
    monkeypatch.setattr(house.store, "forget_some", lambda *_: steps.pop(0))
    with monkeypatch.context() as patched:
        patched.setattr(house.store, "renew_lease", lambda *_: False)
        assert retention.forget_old(house, NOW) == {"raw_mail": 1} and len(steps) == 2
    assert retention.forget_old(house, NOW, stopping=lambda: True) == {} and len(steps) == 2
    assert retention.forget_old(house, NOW) == {"raw_mail": 1} and steps == []
