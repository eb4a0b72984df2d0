"""Backups at their borders: how many stay, which schema they are of, which databases make room for them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.store.samples import NOW, open_tickets
from triaged.errors import Faulty
from triaged.store import Store, backup, schema
from triaged.store.rows import OldSchema

HOUR = timedelta(hours=1)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("b.db*"))


@pytest.mark.parametrize(
    ("keep", "left"), [(1, ["b.db"]), (2, ["b.db", "b.db.1"]), (3, ["b.db", "b.db.1", "b.db.2"])]
)
def test_so_many_backups_stay_as_were_said(store: Store, tmp_path: Path, keep: int, left: list[str]) -> None:
    for n in range(5):
        backup.make(store._engines, tmp_path / "b.db", NOW + n * HOUR, keep=keep)
    assert names(tmp_path) == left
    assert [backup.read_back(tmp_path / name).made_at for name in left] == [
        NOW + (4 - n) * HOUR for n in range(keep)
    ]


def test_what_is_named_otherwise_beside_it_is_none_of_its_backups(store: Store, tmp_path: Path) -> None:
    others = ["b.db.01", "b.db.old", "b.db.1x", "b.db.²", "xb.db.3"]
    for name in others:
        (tmp_path / name).write_text("mine")
    for n in range(3):
        backup.make(store._engines, tmp_path / "b.db", NOW + n * HOUR, keep=1)
    assert all((tmp_path / name).read_text() == "mine" for name in others)


def of_schema(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_a_backup_says_its_schema_its_rows_and_its_size_and_one_of_a_later_version_is_refused_by_it(
    store: Store, tmp_path: Path
) -> None:
    open_tickets(store, 2)
    file = tmp_path / "b.db"
    made = backup.make(store._engines, file, NOW)
    assert (made.file, made.made_at, made.schema) == (file, NOW, schema.REVISIONS[-1])
    assert (made.rows["ticket"], made.rows["mail"], "lease" in made.rows) == (2, 0, False)
    assert made.size == file.stat().st_size and backup.read_back(file) == made
    of_schema(file, "9999")
    with pytest.raises(Faulty) as told:
        backup.restore(file, store._engines, replace=True)
    assert str(told.value) == f"{file}: of schema 9999, newer than this triaged knows"
    assert store.ticket(1002) is not None


def test_who_asks_to_replace_a_database_of_this_version_or_none_puts_nothing_aside(
    store: Store, url: str, tmp_path: Path
) -> None:
    open_tickets(store)
    with closing(backup.open_target(url, replace=True)) as target:
        schema.check(target)
    assert store.ticket(1001) is not None, "what is in it goes only when rows come in its place"
    with closing(backup.open_target(f"sqlite:///{tmp_path}/new.db", replace=True)) as target:
        schema.check(target)
    assert list(tmp_path.glob("*.newer*")) == []


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("no/where.db", "its folder does not exist"),
        ("folder", "not a regular file"),
        ("link", "not a regular file"),
        ("dangling", "not a regular file"),
        ("b.db", "exists; say --keep N to keep the N newest"),
        ("notes.txt", "exists; say --keep N to keep the N newest"),
    ],
)
def test_why_a_backup_may_not_stand_there(store: Store, tmp_path: Path, place: str, why: str) -> None:
    backup.make(store._engines, tmp_path / "b.db", NOW)
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "notes.txt")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    with pytest.raises(Faulty) as told:
        backup.make(store._engines, tmp_path / place, NOW)
    assert str(told.value) == f"{tmp_path / place}: {why}"
    if place == "notes.txt":
        with pytest.raises(Faulty, match="not a backup made by triaged; it stays as it is"):
            backup.make(store._engines, tmp_path / place, NOW, keep=3)


def test_what_is_damaged_says_how(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    backup.make(store._engines, file, NOW)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO raw (sha256, size, packed) VALUES ('ab', 1, x'00')")
    with pytest.raises(Faulty) as told:
        backup.read_back(file)
    assert str(told.value) == f"{file}: damaged: the bytes of mail ab are not what came"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE raw SET packed = x''")
    assert backup.read_back(file).rows["raw"] == 1, "erased: there is nothing to compare"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO event (ticket_id, at, kind, actor, reason, data) VALUES (7, 1, 'received', '', '', '{}')"
        )
    with pytest.raises(Faulty) as told:
        backup.read_back(file)
    assert str(told.value) == f"{file}: damaged: foreign_key_check: event"


def test_what_a_killed_backup_left_beside_it_is_no_part_of_the_next_one(store: Store, tmp_path: Path) -> None:
    """Nor is one taken from a database that has another version's tables, and none leaves a file open."""
    open_tickets(store)
    file = tmp_path / "b.db"
    for end in ("", "-journal", "-wal", "-shm"):
        (tmp_path / f"b.db.partial{end}").write_bytes(b"left over" * 5000)
    made = backup.make(store._engines, file, NOW)
    open_files = len([*Path("/proc/self/fd").iterdir()])
    assert backup.make(store._engines, tmp_path / "c.db", NOW).rows == made.rows
    assert len([*Path("/proc/self/fd").iterdir()]) == open_files
    assert backup.read_back(file) == made and made.rows["ticket"] == 1
    assert [*tmp_path.glob("*.partial*")] == [] and file.stat().st_mode & 0o777 == 0o600
    with store._writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(OldSchema):
        backup.make(store._engines, file, NOW + HOUR, keep=2)
    assert backup.read_back(file) == made and names(tmp_path) == ["b.db"]
    with store._writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": made.schema})
    open_tickets(store)
    assert backup.restore(file, store._engines, replace=True) == made
    assert store.ticket(1001) is not None and store.ticket(1002) is None
