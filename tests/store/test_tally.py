"""The database counts mails, tickets and letters as they come; nothing that `status` asks grows with what is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from tests.store.samples import LEASE, NOW, arrival, letter, new_ticket, write
from tests.store.test_reported import plan
from tests.store.world import filled
from triaged.store import Fate, Store, backup, schema, status, upgrade
from triaged.store.engine import open_engines, parse
from triaged.store.rows import LetterState
from triaged.store.tables import letter as letters
from triaged.store.tables import mail, raw, ticket
from triaged.store.tally import MANY, numbers
from triaged.store.tally_tables import COUNTED, tally
from triaged.tickets.ticket import State
from triaged.vocabulary import Severity


def counted(connection: Connection) -> dict[str, dict[str, int]]:
    """As the database counted."""
    return {of: numbers(connection, of) for of in COUNTED}


def there(connection: Connection) -> dict[str, dict[str, int]]:
    """Row by row."""
    found = {}
    for of, (_columns, word) in COUNTED.items():
        its = word.format(row=of)
        rows = connection.execute(text(f"SELECT {its}, count(*) FROM {of} GROUP BY {its}"))
        found[of] = dict(map(tuple, rows))
    return found


def agrees(store: Store) -> bool:
    with store._reading() as connection:
        return counted(connection) == there(connection)


def test_whatever_comes_changes_and_goes_is_counted(store: Store) -> None:
    filled(store, 8)
    assert agrees(store)
    random = Random(5)
    for turn in range(30):
        with store._writing() as connection:
            for table, changes in (
                (mail, lambda: {"fate": random.choice(list(Fate))}),
                (letters, lambda: {"state": random.choice(list(LetterState))}),
                (
                    ticket,
                    lambda: {"state": random.choice(list(State)), "severity": random.choice(list(Severity))},
                ),
            ):
                ids = list(connection.scalars(select(table.c.id)))
                which = table.c.id.in_(random.sample(ids, k=min(3, len(ids))))
                connection.execute(update(table).where(which).values(**changes()))
        with store.transaction() as tx:
            write(tx, [letter(f"more {turn}")], tx.open_ticket(new_ticket()).id)
        assert agrees(store), turn
    with store._writing() as connection:
        connection.execute(text("DELETE FROM recipient"))
        connection.execute(text("DELETE FROM said"))
        connection.execute(delete(letters))
    assert agrees(store)


def test_what_is_taken_back_or_kept_already_is_not_counted(store: Store) -> None:
    store.keep([arrival(1)], now=NOW)
    store.keep([arrival(1)], now=NOW)  # the same uid again
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        tx.open_ticket(new_ticket())
        raise ZeroDivisionError
    assert agrees(store)
    assert store.counts(NOW).mail == {"waiting": 1} and not store.counts(NOW).tickets


def test_many_rows_of_the_tally_become_few_and_say_the_same(store: Store) -> None:
    with store.transaction() as tx:
        for _ in range(MANY):
            tx.open_ticket(new_ticket())
    before = store.counts(NOW)
    assert store.add_up() == MANY
    assert store.add_up() == 0, "there are few"
    assert store.counts(NOW) == before and before.tickets == {("new", "S3"): MANY}
    assert agrees(store)
    with store._reading() as connection:
        assert connection.scalar(select(func.count()).select_from(tally)) == 1


def test_a_copy_counts_for_itself(store: Store, empty_url: str) -> None:
    filled(store)
    upgrade(empty_url)
    target = Store.open(empty_url)
    try:
        backup.copy(store._engines, target._engines)
        assert agrees(target) and target.counts(NOW).mail == store.counts(NOW).mail
    finally:
        target.close()


def test_an_old_database_is_counted_when_it_is_upgraded(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    to_head = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _head: to_head(config, "0013"))
    upgrade(empty_url)
    engines = open_engines(parse(empty_url))
    row: dict[str, Any] = dict.fromkeys(("body_sha256", "mailbox", "door"), "x")
    row |= {"sha256": "x", "received_at": NOW, "kept_at": NOW, "envelope_to": [], "history": "none"}
    row |= dict.fromkeys(("behind_mta", "sent_folder", "truncated"), False)
    with engines.writer.begin() as connection:
        connection.execute(insert(raw), {"sha256": "x", "size": 1, "packed": b"x"})
        connection.execute(
            insert(mail), [row | {"fate": fate} for fate in (Fate.TICKET, Fate.TICKET, Fate.SPAM)]
        )
    engines.close()
    monkeypatch.undo()
    upgrade(empty_url)
    store = Store.open(empty_url)
    try:
        store.check_schema()
        assert store.counts(NOW).mail == {"ticket": 2, "spam": 1} and agrees(store)
    finally:
        store.close()


def test_the_daemon_keeps_the_tally_short() -> None:
    chores = Path(schema.__file__).parents[1] / "daemon" / "chores.py"
    assert "Job(self.add_up, _MINUTE)" in chores.read_text("utf-8")


def test_status_asks_nothing_that_grows_with_what_is_over(store: Store) -> None:
    for asked in (status.MISSED, status.REVIEWS):
        found = plan(store, asked)
        assert "SCAN event" not in found and "Seq Scan" not in found, found
        assert "ix_ticket_live" in found or "ix_ticket_state" in found, found


def test_what_was_missed_counts_on_open_tickets_only(store: Store) -> None:
    from tests.store.samples import event
    from triaged.tickets.ticket import Happening

    with store.transaction() as tx:
        live = tx.open_ticket(
            new_ticket(reviews=("conflict",)), [event(Happening.MISSED), event(Happening.MISSED)]
        )
        over = tx.open_ticket(new_ticket(reviews=("conflict",)), [event(Happening.MISSED)])
        tx.save(over, replace(over, state=State.CLOSED, closed_at=NOW))
    assert live.events
    assert (store.counts(NOW).missed, store.counts(NOW).reviews) == (2, 1)


def test_two_that_add_up_at_once_lose_nothing(url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    stores = [Store.open(url) for _ in range(4)]
    try:
        with stores[0].transaction() as tx:
            for _ in range(2 * MANY):
                tx.open_ticket(new_ticket())

        def work(store: Store) -> None:
            for number in range(5):
                store.add_up()
                with store.transaction() as tx:
                    tx.open_ticket(new_ticket(subject=f"{number}"))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, stores))
        assert agrees(stores[0])
        assert sum(stores[0].counts(NOW).tickets.values()) == 2 * MANY + 20
    finally:
        for store in stores:
            store.close()


def test_claims_add_nothing_to_the_tally(store: Store) -> None:
    store.keep([arrival(n) for n in range(1, 5)], now=NOW)
    with store._reading() as connection:
        before = connection.scalar(select(func.count()).select_from(tally))
    store.claim_mail(4, NOW, "one", LEASE)
    with store._reading() as connection:
        assert connection.scalar(select(func.count()).select_from(tally)) == before
