"""Backups and moving: what is copied is what was there, and no place ever holds half of it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from tests.servers.postgres import Postgres
from tests.store.samples import NOW, arrival, new_ticket, open_tickets
from tests.store.world import filled
from triaged.errors import Faulty
from triaged.store import OldSchema, Store, backup, copying, engine, running, schema, tables, upgrade
from triaged.store.engine import open_engines, parse


def rows_of(url: str) -> dict[str, list[Any]]:
    """Everything a copy takes, by table."""
    engines = open_engines(parse(url))
    with copying.snapshot(engines) as connection:
        found = {t.name: [tuple(r) for r in copying._rows(connection, t)] for t in copying._plain()}
    engines.close()
    return found


@pytest.fixture
def other(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> str:
    """A database of the other kind that does not exist yet, or has no tables."""
    if url.startswith("postgresql"):
        return f"sqlite:///{tmp_path}/other.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty()


def test_a_backup_restored_is_what_was_there(store: Store, url: str, empty_url: str, tmp_path: Path) -> None:
    filled(store)
    file = tmp_path / "a backup #1?.db"
    made = backup.make(store._engines, file, NOW)
    assert made.made_at == NOW and made.rows["ticket"] == 5 and made.rows["mail"] == 6
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.partial*")) == []
    before = rows_of(url)
    target = backup.open_target(empty_url)
    assert backup.restore(file, target).made_at == NOW
    target.close()
    assert rows_of(empty_url) == before
    restored = Store.open(empty_url)
    assert restored.secret() == store.secret()
    assert open_tickets(restored)[0].id == 1006
    restored.close()


def test_a_move_to_the_other_database_and_back_changes_no_row(
    store: Store, url: str, other: str, tmp_path: Path
) -> None:
    filled(store)
    before = rows_of(url)
    target = backup.open_target(other)
    copied = backup.copy(store._engines, target)
    assert copied["ticket"] == 5 and rows_of(other) == before
    with pytest.raises(Faulty, match="not empty"):
        backup.copy(target, store._engines)
    backup.copy(target, store._engines, replace=True)
    target.close()
    assert rows_of(url) == before


def test_after_a_move_numbers_go_on(store: Store, other: str) -> None:
    filled(store)
    target = backup.open_target(other)
    backup.copy(store._engines, target)
    target.close()
    moved = Store.open(other)
    # As before: mail 6 came two hours ago
    assert [fault.name for fault in moved.faults(NOW)] == ["mail-waits"]
    assert [ticket.reference for ticket in open_tickets(moved, 2)] == ["PS-1006", "PS-1007"]
    assert moved.keep([arrival(50)], now=NOW)[0].id == 7
    with moved.transaction() as tx:
        assert tx.next_number("case") == 1002
    assert moved.dues(1002)[0].id == 2
    moved.close()


def test_a_copy_that_reads_otherwise_is_refused_and_nothing_of_it_stays(
    store: Store, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(store)
    fill = copying._fill

    def careless(source: Any, target: Any, table: Any) -> None:
        fill(source, target, table)
        if table.name == "mail":
            target.execute(text("UPDATE mail SET subject = 'other' WHERE id = 3"))

    monkeypatch.setattr(copying, "_fill", careless)
    target = backup.open_target(other)
    with pytest.raises(Faulty, match=r"mail \[3\]: reads otherwise"):
        backup.copy(store._engines, target)
    with target.reader.begin() as connection:
        assert copying.is_empty(connection)
    target.close()


def test_restoring_into_a_database_in_use_wants_to_be_told_so(store: Store, tmp_path: Path) -> None:
    filled(store)
    backup.make(store._engines, tmp_path / "b.db", NOW)
    open_tickets(store)
    with pytest.raises(Faulty, match="not empty; back it up, then say --replace"):
        backup.restore(tmp_path / "b.db", store._engines)
    assert store.ticket(1006) is not None
    backup.restore(tmp_path / "b.db", store._engines, replace=True)
    assert store.ticket(1006) is None and store.ticket(1005) is not None


def test_what_is_written_while_a_backup_is_made_is_in_it_whole_or_not_at_all(
    store: Store, tmp_path: Path
) -> None:
    filled(store)
    stop = threading.Event()

    def pour() -> None:
        number = 100
        while not stop.is_set():
            store.keep([arrival(number), arrival(number + 1)], now=NOW)
            with store.transaction() as tx:
                tx.open_ticket(new_ticket())
                tx.open_ticket(new_ticket())
            number += 2

    pouring = threading.Thread(target=pour)
    pouring.start()
    try:
        made = [backup.make(store._engines, tmp_path / "b.db", NOW, keep=9) for _ in range(6)]
    finally:
        stop.set()
        pouring.join()
    assert all(one.rows["mail"] % 2 == 0 and (one.rows["ticket"] - 5) % 2 == 0 for one in made)
    assert made[-1].rows["mail"] > made[0].rows["mail"]


def test_the_newest_backups_are_kept_and_no_more(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "b[1].db"
    for hour in range(6):
        backup.make(store._engines, file, NOW + timedelta(hours=hour), keep=3)
    files = [file, *(file.with_name(f"{file.name}.{n}") for n in (1, 2))]
    assert [backup.read_back(one).made_at for one in files] == [NOW + timedelta(hours=h) for h in (5, 4, 3)]
    backup.make(store._engines, file, NOW, keep=1)
    assert sorted(p.name for p in tmp_path.glob("b*")) == ["b[1].db"]


@pytest.mark.parametrize("keep", [None, 3])
def test_a_place_where_something_else_stands_is_left_alone(
    store: Store, tmp_path: Path, keep: int | None
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "notes.txt")
    for name in ("notes.txt", "folder", "link", "no/where.db"):
        with pytest.raises(Faulty, match=name):
            backup.make(store._engines, tmp_path / name, NOW, keep)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_database_itself_is_no_place_for_its_backup(empty_database: Path, tmp_path: Path) -> None:
    (tmp_path / "d.db").write_bytes(empty_database.read_bytes())
    store = Store.open(f"sqlite:///{tmp_path}/d.db")
    for keep in (None, 3):
        with pytest.raises(Faulty, match="is the database itself"):
            backup.make(store._engines, tmp_path / "d.db", NOW, keep)
    store.close()


def test_two_backups_at_once_do_not_write_into_one_file(store: Store, tmp_path: Path) -> None:
    with (tmp_path / "b.db.partial").open("w") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        with pytest.raises(Faulty, match="another backup is being written"):
            backup.make(store._engines, tmp_path / "b.db", NOW)
    assert backup.make(store._engines, tmp_path / "b.db", NOW).rows["ticket"] == 0  # what a dead one left


CUT = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from triaged.store import Store, backup
store = Store.open(sys.argv[1])
read_back = backup.read_back
def slow(file):
    print("written", flush=True)
    sys.stdin.readline()
    return read_back(file)
backup.read_back = slow
backup.make(store._engines, Path(sys.argv[2]), datetime.now(UTC), keep=3)
"""


def test_a_backup_killed_in_the_middle_leaves_the_former_one(store: Store, url: str, tmp_path: Path) -> None:
    filled(store)
    file = tmp_path / "b.db"
    backup.make(store._engines, file, NOW, keep=3)
    victim = subprocess.Popen(
        [sys.executable, "-c", CUT, url, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout and victim.stdout.readline() == "written\n"
    victim.kill()
    victim.wait()
    assert backup.read_back(file).made_at == NOW
    backup.make(store._engines, file, NOW + timedelta(hours=1), keep=3)
    assert sorted(p.name for p in tmp_path.glob("b.db*")) == ["b.db", "b.db.1"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a disk of its own")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_costs_the_new_backup_and_not_the_old(store: Store, small_disk: Path) -> None:
    file = small_disk / "b.db"
    backup.make(store._engines, file, NOW, keep=3)
    store.keep([arrival(n, raw=os.urandom(500_000)) for n in range(1, 9)], now=NOW)
    with pytest.raises(Faulty, match=r"not written, what stood there stays: .*full"):
        backup.make(store._engines, file, NOW + timedelta(hours=1), keep=3)
    assert sorted(p.name for p in small_disk.iterdir()) == ["b.db"]
    assert backup.read_back(file).made_at == NOW
    assert store.keep([arrival(20)], now=NOW)[0].new


def damaged(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    if how == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif how == "another program's":
        file.unlink()
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE t (a)")
    elif how == "text":
        file.write_text("no database")
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "other bytes":
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE raw SET packed = x'00' WHERE rowid = (SELECT min(rowid) FROM raw)")


@pytest.mark.parametrize("how", ["cut", "another program's", "text", "empty", "other bytes"])
def test_a_damaged_backup_is_refused_before_anything_is_thrown_away(
    store: Store, tmp_path: Path, how: str
) -> None:
    filled(store)
    file = tmp_path / "b.db"
    backup.make(store._engines, file, NOW)
    damaged(file, how)
    with pytest.raises(Faulty, match=r"b\.db"):
        backup.restore(file, store._engines, replace=True)
    assert store.ticket(1005) is not None


def test_a_backup_of_an_older_version_is_brought_up(store: Store, empty_url: str, tmp_path: Path) -> None:
    filled(store)
    file = tmp_path / "b.db"
    backup.make(store._engines, file, NOW)
    _as_of(file, "0006")
    before = file.read_bytes()
    target = backup.open_target(empty_url)
    assert backup.restore(file, target).schema == "0006"
    target.close()
    restored = Store.open(empty_url)
    restored.check_schema()
    assert len(restored.mails()) == 6
    restored.close()
    assert file.read_bytes() == before


def _as_of(file: Path, revision: str) -> None:
    """The backup as an older triaged would have made it: what its tables had room for."""
    newer = file.with_suffix(".newer")
    file.rename(newer)
    engines = open_engines(parse(f"sqlite:///{file}"))
    with engines.writer.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engines.close()
    with closing(sqlite3.connect(file)) as old, old:
        old.execute("ATTACH ? AS newer", (str(newer),))
        for (table,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table == "alembic_version":
                continue
            held = [row[1] for row in old.execute(f"PRAGMA newer.table_info('{table}')")]
            both = ", ".join(
                f'"{row[1]}"' for row in old.execute(f"PRAGMA main.table_info('{table}')") if row[1] in held
            )
            old.execute(f'INSERT INTO main."{table}" ({both}) SELECT {both} FROM newer."{table}"')


def test_a_backup_of_a_later_version_is_refused(store: Store, tmp_path: Path) -> None:
    backup.make(store._engines, tmp_path / "b.db", NOW)
    with sqlite3.connect(tmp_path / "b.db") as later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Faulty, match="newer than this triaged"):
        backup.restore(tmp_path / "b.db", store._engines)


def test_who_runs_is_known_before_rows_are_exchanged(store: Store, url: str) -> None:
    now = datetime.now(UTC)
    mine = open_engines(parse(url))
    assert running.daemons(mine, now) == []
    store.inherit("here:1:a", now)
    store.announce("here:1:a", {"mailboxes": []}, now)
    assert running.daemons(mine, now) == ["here:1:a"]
    mine.close()


def test_leases_and_signs_of_life_stay_behind(store: Store, url: str, other: str) -> None:
    filled(store)
    store.announce("here:1:a", {"mailboxes": []}, NOW)
    target = backup.open_target(other)
    backup.copy(store._engines, target)
    target.close()
    moved = Store.open(other)
    assert moved.leases() == {} and list(moved.notes()) == ["in_force"]
    moved.close()


def test_a_copy_that_waits_long_for_the_other_side_is_not_ended(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine._SESSION, "idle_in_transaction_session_timeout", 300)
    url = postgres.fresh(upgrade)
    store = Store.open(url)
    filled(store)
    slow = copying._compare

    def compare(source: Any, target: Any, table: Any) -> int:
        if table.name == "ticket":
            time.sleep(1)
        return slow(source, target, table)

    monkeypatch.setattr(copying, "_compare", compare)
    assert backup.make(store._engines, tmp_path / "b.db", NOW).rows["ticket"] == 5
    store.close()
    postgres.drop(url)


def test_every_table_is_copied() -> None:
    assert {one.name for one in copying._plain()} == set(tables.metadata.tables) - {"lease", "tally"}


def test_a_backup_of_ours_takes_the_place_of_a_newer_versions_database(url: str, tmp_path: Path) -> None:
    """So one goes back to an older version: the newer one's tables, which we do not know, make room."""
    engines = open_engines(parse(url))
    backup.make(engines, tmp_path / "b.db", datetime.now(UTC))
    with engines.writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE of_later (id integer primary key)")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engines.close()
    with pytest.raises(OldSchema, match="newer"):
        backup.open_target(url)
    target = backup.open_target(url, replace=True)
    backup.restore(tmp_path / "b.db", target, replace=True)
    with target.reader.begin() as connection:
        assert schema.version(connection) == schema.REVISIONS[-1]
        assert not inspect(connection).has_table("of_later")
    target.close()


def test_a_newer_versions_database_stays_while_a_daemon_works_on_it(url: str) -> None:
    engines = open_engines(parse(url))
    with engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    living = open_engines(parse(url))
    if living.presence is not None:
        with living.presence.arrive():
            pass
    connected = living.writer.connect()
    try:
        with pytest.raises(Faulty, match="stop it first"):
            backup.open_target(url, replace=True)
    finally:
        connected.close()
        living.close()
        engines.close()
