"""Leases with epochs, polls, notes, counts, and a database that goes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.servers.postgres import Postgres
from tests.store.samples import LEASE, MINUTE, NOW, arrival, event, letter, open_tickets, step, write
from triaged.errors import Temporary
from triaged.store import MailboxState, Store, Unavailable, upgrade
from triaged.tickets.ticket import Happening, State


def test_a_lease_is_held_by_one_until_it_ends_or_is_given_back(store: Store) -> None:
    epoch = store.take_lease("mailbox:global", "one", NOW, 60)
    assert epoch is not None
    assert store.take_lease("mailbox:global", "two", NOW, 60) is None
    assert store.take_lease("mailbox:eu", "two", NOW, 60) is not None
    assert store.renew_lease("mailbox:global", "one", epoch, NOW, 60)
    assert not store.renew_lease("mailbox:global", "two", epoch, NOW, 60)
    assert set(store.leases()) == {"mailbox:global", "mailbox:eu"}
    assert store.drop_lease("mailbox:global", "one", epoch)
    assert set(store.leases()) == {"mailbox:eu"}
    later = store.take_lease("mailbox:global", "two", NOW, 60)
    assert later is not None and later > epoch
    assert not store.renew_lease("mailbox:global", "one", epoch, NOW, 60)
    assert not store.drop_lease("mailbox:global", "one", epoch)


def test_a_lease_that_ended_is_taken_over_and_its_holder_fenced(store: Store) -> None:
    epoch = store.take_lease("digest", "one", NOW, -1)  # in the past by whichever clock
    assert epoch is not None
    later = store.take_lease("digest", "two", NOW, 60)
    assert later is not None and later > epoch
    assert not store.renew_lease("digest", "one", epoch, NOW, 60)


def test_taking_ones_own_lease_again_fences_the_former_holder_of_the_name(store: Store) -> None:
    first = store.take_lease("digest", "one", NOW, 60)
    second = store.take_lease("digest", "one", NOW, 60)
    assert first is not None and second is not None and second > first
    assert not store.renew_lease("digest", "one", first, NOW, 60)


def test_postgresql_tells_the_time_of_leases_itself(postgres: Postgres) -> None:
    store = Store.open(postgres.fresh(upgrade))
    slow_clock, fast_clock = NOW - timedelta(days=9000), NOW + timedelta(days=9000)
    assert store.take_lease("digest", "slow", slow_clock, 60) is not None
    assert store.take_lease("digest", "fast", fast_clock, 60) is None
    store.close()


def test_polls_are_noted_and_failures_counted_until_one_goes_well(store: Store) -> None:
    store.note_poll("global", True, None, NOW)
    store.note_poll("global", False, "timed out", NOW + MINUTE)
    store.note_poll("global", False, "refused", NOW + 2 * MINUTE)
    store.note_poll("eu", False, "no route", NOW)
    assert store.mailbox_states() == [
        MailboxState("eu", None, NOW, 1, "no route"),
        MailboxState("global", NOW, NOW + 2 * MINUTE, 2, "refused"),
    ]
    store.note_poll("global", True, None, NOW + 3 * MINUTE)
    assert store.mailbox_states()[1] == MailboxState("global", NOW + 3 * MINUTE, NOW + 2 * MINUTE, 0, None)


def test_the_last_note_under_a_name_stands(store: Store) -> None:
    store.note("rulebook", {"version": "a"}, NOW)
    store.note("rulebook", {"version": "b", "refused": None}, NOW + MINUTE)
    found = store.notes()["rulebook"]
    assert (found.value, found.at) == ({"version": "b", "refused": None}, NOW + MINUTE)


def test_everything_is_counted(store: Store) -> None:
    empty = store.counts(NOW)
    assert (empty.mail, empty.tickets, empty.dues_late, empty.oldest_waiting_mail) == ({}, {}, 0, None)
    store.keep([arrival(1), arrival(2), arrival(3, history="skip")], now=NOW)
    one, two, closed = open_tickets(store, 3)
    with store.transaction() as tx:
        tx.set_dues(
            one.id,
            [step(after=-MINUTE), step(name="soon", after=MINUTE), step(name="far", after=200 * MINUTE)],
        )
        write(tx, [letter("a"), letter("b")], one.id)
        tx.add_events(two.id, [event(Happening.MISSED)])
        tx.add_events(closed.id, [event(Happening.MISSED)])
        tx.save(two, replace(two, reviews=("conflict",)))
        tx.save(closed, replace(closed, state=State.CLOSED))
    with store.transaction() as tx:
        tx.mark_address("x@y.example", "550", NOW)
    counts = store.counts(NOW)
    assert counts.mail == {"waiting": 2, "skipped": 1}
    assert counts.tickets == {("new", "S3"): 2, ("closed", "S3"): 1}
    assert counts.letters == {"waiting": 2}
    assert (counts.dues_late, counts.dues_soon, counts.missed, counts.reviews) == (1, 1, 1, 1)
    assert (counts.failed_addresses, counts.oldest_waiting_letter) == (1, NOW)
    assert counts.oldest_waiting_mail == arrival(1).received_at


def test_a_database_that_goes_away_is_unavailable_and_comes_back_by_itself(postgres: Postgres) -> None:
    store = Store.open(postgres.fresh(upgrade))
    store.ping()
    try:
        postgres.stop()
        for ask in (store.ping, store.waiting_mail, lambda: store.keep([arrival(1)], now=NOW)):
            with pytest.raises(Unavailable) as told:
                ask()
            assert (
                isinstance(told.value, Temporary)
                and "\n" not in str(told.value)
                and "INSERT" not in str(told.value)
            )
    finally:
        postgres.start()
    assert store.keep([arrival(1)], now=NOW)[0].new
    store.close()


def test_connections_that_ended_while_nobody_used_them_cost_no_call(postgres: Postgres) -> None:
    url = postgres.fresh(upgrade)
    store = Store.open(url)
    try:
        for number in range(3):
            store.note("round", {"number": number}, NOW)
            assert store.notes()["round"].value == {"number": number}
            ended = postgres.query(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                f" WHERE datname = '{url.partition('?')[0].rpartition('/')[2]}'"
            )
            assert int(ended) >= 1
    finally:
        store.close()


def test_a_server_that_dies_inside_a_transaction_undoes_it(postgres: Postgres) -> None:
    store = Store.open(postgres.fresh(upgrade))
    try:
        with pytest.raises(Unavailable), store.transaction() as tx:
            tx.add_due(replace(step(), mailbox="global"))
            postgres.stop(hard=True)
            tx.add_due(replace(step(name="another"), mailbox="global"))
    finally:
        postgres.start()
    assert store.claim_dues(9, NOW + LEASE, "one", LEASE) == []
    store.close()


def test_a_locked_sqlite_file_is_unavailable(empty_database, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import shutil
    import sqlite3

    from triaged.store import engine

    monkeypatch.setattr(engine, "_BUSY_MILLISECONDS", 50)
    file = tmp_path / "locked.db"
    shutil.copy(empty_database, file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = Store.open(f"sqlite:///{file}")
    with pytest.raises(Unavailable, match="database is locked"):
        store.keep([arrival(1)], now=NOW)
    assert store.waiting_mail() == 0  # readers go on
    other.execute("ROLLBACK")
    assert store.keep([arrival(1)], now=NOW)[0].new
    store.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "x.db").write_bytes(b"this is no database at all" * 100)
    store = Store.open(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(Unavailable, match="not a database"):
        store.ping() or store.waiting_mail()
    store.close()
