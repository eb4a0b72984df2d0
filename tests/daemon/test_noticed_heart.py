"""A daemon that was frozen is buried by another, and finds it out when it wakes: both are told in the log."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.intake.scene import eventually
from tests.said import listening
from tests.servers.postgres import Postgres
from tests.store.samples import arrival
from triaged.daemon.heart import Heart
from triaged.daemon.loops import Loops
from triaged.metrics import Metrics
from triaged.store import Store, upgrade
from triaged.store.pulse import Beat, Pulse


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    url = postgres.fresh(upgrade)
    opened = Store.open(url)
    yield opened
    opened.close()
    postgres.drop(url)


def heart(store: Store, owner: str) -> Heart:
    house: Any = SimpleNamespace(store=store, owner=owner)
    return Heart(house, now, Loops(Metrics()), freed=lambda: None)


def test_who_takes_over_says_so_and_who_was_buried_alive_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    thaw, honest = threading.Event(), Pulse.beat
    thaw.set()

    def beat(pulse: Pulse, also: Collection[str]) -> Beat:
        if pulse._owner == "frozen:1:a":
            thaw.wait(60)
        return honest(pulse, also)

    monkeypatch.setattr(Pulse, "beat", beat)
    frozen, other = heart(store, "frozen:1:a"), heart(store, "other:2:b")
    with listening() as said:
        frozen.start()
        other.start()
        try:
            store.keep([arrival(1)], now=now())
            assert len(store.claim_mail(10, now(), "frozen:1:a")) == 1
            thaw.clear()
            eventually(lambda: said.of("daemon.took_over"), 40)
            assert frozen.epoch() is None, "it knows by itself that it may have been buried"
            thaw.set()
            eventually(lambda: said.of("daemon.buried_alive"), 20)
        finally:
            thaw.set()
            frozen.stop()
            other.stop()
    assert said.of("daemon.took_over") == [{"owner": "frozen:1:a", "work": 1}]
    assert said.of("daemon.buried_alive")[0]["seconds"] >= 5
    assert frozen._epoch == 2
