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
