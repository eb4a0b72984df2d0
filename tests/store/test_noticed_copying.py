"""What a copy takes of a database and what stays behind, when one is empty, and which numbers would be given twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, text

from tests.store.samples import NOW, arrival, letter, open_tickets, write
from tests.store.world import filled
from triaged.errors import Faulty
from triaged.store import Store, backup, copying, upgrade
from triaged.store.tables import lease, metadata, note, setting


def test_rows_of_who_runs_here_are_not_counted_and_not_copied(store: Store) -> None:
    filled(store)
    store.note("daemon.here:1", {}, NOW)
    store.note("daemons", {}, NOW)
    with store._writing() as connection:
        for name in ("backup", "probe", "forgotten:events"):
            connection.execute(insert(setting).values(name=name, value="x"))
    with copying.snapshot(store._engines) as connection:
        counted = copying.counted(connection)
        taken = {
            one: [row.name for row in copying._rows(connection, copying._named(one))]
            for one in ("note", "setting")
        }
        total = {table.name: len(connection.execute(select(table)).all()) for table in metadata.sorted_tables}
    assert taken["note"] == ["daemons", "in_force"]
    assert [name for name in taken["setting"] if name in ("backup", "probe", "forgotten:events")] == [
        "forgotten:events"
    ]
    assert counted == {
        name: number - {"note": 1, "setting": 2}.get(name, 0)
        for name, number in total.items()
        if name not in ("lease", "tally")
    }


def test_a_database_that_is_cleared_holds_nothing_however_its_rows_hang_together(store: Store) -> None:
    filled(store)
    with store._writing() as connection:
        copying.clear(connection)
        left = {
            t.name: connection.execute(select(t)).all() for t in metadata.sorted_tables if t.name != "tally"
        }
    assert {name: rows for name, rows in left.items() if rows} == {}


@pytest.mark.parametrize("what", ["nothing", "beside", "mail", "ticket", "letter", "audit"])
def test_a_database_is_empty_until_a_mail_a_ticket_a_letter_or_an_audit_is_kept(
    store: Store, what: str
) -> None:
    if what == "beside":
        store.note("x", 1, NOW)
        store.take_lease("mailbox:global", "one", NOW, 60)
    if what == "mail":
        store.keep([arrival(1)], now=NOW)
    if what == "ticket":
        open_tickets(store)
    if what == "letter":
        with store.transaction() as tx:
            write(tx, [letter("d", kind="digest", audience="staff")], None)
    if what == "audit":
        store.audit("cli:dora", "privacy.show", "x", {}, NOW)
    with store._reading() as connection:
        assert copying.is_empty(connection) is (what in ("nothing", "beside"))


def test_rows_come_in_the_order_of_their_bytes_whatever_the_database(store: Store) -> None:
    names = ["Zebra", "a", "B", "ä", "_", "aa", "a b", "Ä"]
    for name in names:
        store.note(name, 1, NOW)
    with copying.snapshot(store._engines) as connection:
        found = [row.name for row in copying._rows(connection, copying._named("note"))]
    assert found == sorted(names, key=str.encode)


def test_a_copy_into_another_keeps_its_leases_and_takes_the_secret(store: Store, empty_url: str) -> None:
    filled(store)
    target = backup.open_target(empty_url)
    told = backup.copy(store._engines, target)
    with copying.snapshot(store._engines) as ours, target.reader.begin() as copied:
        assert told == copying.counted(ours) == copying.counted(copied)
        query = select(setting.c.value).where(setting.c.name == "secret")
        assert ours.scalar(query) == copied.scalar(query)
        assert copied.execute(select(lease)).all() == []
        assert copied.execute(select(note.c.name)).scalars().all() == ["in_force"]
    target.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM note WHERE name = 'b'", r"note \['b'\]: reads otherwise"),
        ("UPDATE note SET value = '2' WHERE name = 'a'", r"note \['a'\]: reads otherwise"),
        ("DELETE FROM note WHERE name = 'a'", r"note \['a'\]: reads otherwise"),
        ("INSERT INTO note (name, value, at) VALUES ('c', '1', 1)", r"note \['c'\]: reads otherwise"),
    ],
)
def test_a_row_that_is_missing_more_or_other_in_a_copy_is_named(
    store: Store, tmp_path: Any, change: str, told: str
) -> None:
    for name in "ab":
        store.note(name, 1, NOW)
    target = backup.open_target(f"sqlite:///{tmp_path}/copy.db")
    with copying.snapshot(store._engines) as ours, target.writer.begin() as copied:
        copying.copy(ours, copied)
        assert copying._compare(ours, copied, copying._named("note")) == 2
        copied.execute(text(change))
        with pytest.raises(Faulty, match=f"^{told} in the copy; nothing was written$"):
            copying._compare(ours, copied, copying._named("note"))
    target.close()


@pytest.mark.parametrize(
    ("last", "called", "behind"),
    [(4, True, []), (3, True, []), (2, True, [("mail", 3, 3)]), (4, False, []), (3, False, [("mail", 3, 3)])],
)
def test_a_sequence_is_behind_when_its_next_number_is_taken(
    postgres: Any, last: int, called: bool, behind: list[Any]
) -> None:
    url = postgres.fresh(upgrade)
    store = Store.open(url)
    store.keep([arrival(n) for n in (1, 2, 3)], now=NOW)
    with store._writing() as connection:
        assert list(copying.behind(connection)) == []
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('mail', 'id'), {last}, {called})")
        assert list(copying.behind(connection)) == behind
    store.close()
    postgres.drop(url)
