"""The database goes away while letters are sent: none leaves twice, none waits for its lease (issue 9, 3)."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.test_outages import running, until
from tests.outbox.test_outbox import ids, states
from tests.servers.postgres import Postgres, binaries
from tests.servers.smtp_sink import Sink
from triaged.config.config import Mailbox
from triaged.daemon.loops import take_turns
from triaged.outbox import sending
from triaged.outbox.sending import MailboxSender, Means
from triaged.store import Store, Unavailable, engine, upgrade
from triaged.store.leases import ALIVE
from triaged.tickets.ticket import Letter

AWAY = 8.0  # seconds
LETTERS = 6


class Database:
    """One of the two, and a way to take it away."""

    def __init__(self, url: str, go: Callable[[], None], come: Callable[[], None]) -> None:
        self.url, self.go, self.come = url, go, come

    def leave_for(self, seconds: float) -> None:
        self.go()
        threading.Timer(seconds, self.come).start()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    if request.param == "postgresql":
        programs = binaries()
        if programs is None:
            pytest.skip("PostgreSQL is not installed")
        server = Postgres(programs)
        server.start()
        yield Database(server.fresh(upgrade), lambda: server.stop(hard=True), server.start)
        server.remove()
        return
    monkeypatch.setattr(engine, "_BUSY_MILLISECONDS", 200)
    url = f"sqlite:///{tmp_path}/away.db"
    upgrade(url)
    other = sqlite3.connect(tmp_path / "away.db", isolation_level=None, check_same_thread=False)
    yield Database(url, lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("ROLLBACK"))
    other.close()


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    opened = Store.open(database.url)
    yield opened
    opened.close()


def sender(store: Store, sink: Sink, owner: str = "here") -> MailboxSender:
    smtp = {"host": "127.0.0.1", "port": sink.port, "tls": "none", "timeout_seconds": 5}
    mailbox = Mailbox(name="global", address="help@support.example", smtp=smtp)
    return MailboxSender(mailbox, Means(store=store, owner=owner, clock=lambda: datetime.now(UTC)))


def written(store: Store, count: int = LETTERS) -> list[str]:
    one = Letter("acknowledgment", "", "partner", "global", ("anna@oakbridge.example",), "S", "B")
    found = [f"<{number}@support.example>" for number in range(count)]
    for name in found:
        with store.transaction() as tx:
            raw = f"Message-ID: {name}\r\n\r\nbody\r\n".encode()
            tx.write([replace(one, key=name)], None, [name], [raw], datetime.now(UTC))
    return found


@contextmanager
def leaving_at(
    monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], None], after: bool
) -> Iterator[None]:
    """`act` once, before or after the third call of a method of the store."""
    honest, calls = getattr(Store, name), iter(range(1_000_000))

    def call(self: Store, *given: Any) -> Any:
        third = next(calls) == 2
        if third and not after:
            act()
        found = honest(self, *given)
        if third and after:
            act()
            raise Unavailable("the answer is lost")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Store, name, call)
        yield


def all_sent(store: Store) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            return set(states(store)) == {"sent"}
        except Unavailable:
            return False

    return ask


def test_what_was_sent_and_could_not_be_recorded_is_recorded_when_the_database_is_back(
    database: Database, store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = written(store)
    away = leaving_at(monkeypatch, "letter_sent", lambda: database.leave_for(AWAY), after=False)
    with away, running(sender(store, sink)):
        assert until(all_sent(store), AWAY + 22)
    assert Counter(ids(sink)) == Counter(letters)  # each once
    assert {row.runs for row in store.letters()} == {1}


def test_a_claim_whose_answer_was_lost_is_taken_back_at_once(
    store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LETTERS_A_CLAIM", 2)
    letters = written(store)
    with leaving_at(monkeypatch, "claim_letters", lambda: None, after=True), running(sender(store, sink)):
        assert until(all_sent(store), 20)
    assert Counter(ids(sink)) == Counter(letters)
    assert {row.runs for row in store.letters()} == {1}


def test_what_was_to_be_given_back_is_given_back_when_the_database_is_back(
    database: Database, store: Store, sink: Sink
) -> None:
    letters = written(store)
    hand = sender(store, sink)
    hand.leaving = _away_at_the_second(database)
    with running(hand):
        assert until(all_sent(store), AWAY + 22)
    assert Counter(ids(sink)) == Counter(letters)


def _away_at_the_second(database: Database) -> Any:
    from triaged.outbox.may_leave import always

    calls = iter(range(1_000_000))

    def leaving(letter: Any, now: datetime) -> Any:
        if next(calls) == 1:
            database.leave_for(AWAY)
            raise Unavailable("the database is away")
        return always(letter, now)

    return leaving


def test_an_orderly_stop_still_writes_what_it_knows(
    database: Database, store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(store, 3)
    hand = sender(store, sink)

    def stop() -> None:
        database.leave_for(3)
        hand.stop.set()

    with leaving_at(monkeypatch, "letter_sent", stop, after=False):
        take_turns(hand)
    assert until(all_sent(store), 5)
    assert len(sink.taken) == 3


def test_a_sender_that_slept_hands_over_nothing_that_another_may_have(
    store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triaged.outbox.smtp import Line

    letters = written(store, 3)
    hand, now = sender(store, sink), datetime.now(UTC)
    hand.clock = lambda: now
    honest = Line._envelope

    def sleepy(line: Line, *given: Any) -> Any:
        nonlocal now
        found = honest(line, *given)
        if now < asleep_until:
            now += sending.LEASE
            assert len(store.claim_letters(9, now, "other", sending.LEASE)) == 3
        return found

    asleep_until = now + timedelta(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(Line, "_envelope", sleepy)
        assert hand.send_once() == 0
    assert sink.taken == []
    assert states(store) == ["waiting"] * 3
    now += sending.LEASE + ALIVE
    assert hand.send_once() == 3
    assert Counter(ids(sink)) == Counter(letters)


def test_time_that_no_clock_of_ours_counted_is_seen_by_the_other(store: Store, sink: Sink) -> None:
    claim = sending.Claim((), datetime.now(UTC), time.monotonic())
    assert not claim.older(60, claim.at)
    # The machine slept: its steady clock stood still
    assert claim.older(60, claim.at + timedelta(seconds=61))
    slept = sending.Claim((), claim.at, claim.began - 61)
    assert slept.older(60, claim.at - timedelta(days=1))  # the clock was set back
