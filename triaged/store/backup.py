"""Backups: one SQLite file of the whole database, whichever it is, taken while daemons run, and read back whole.

A file is written beside its place and takes it only when it has been read back, so no place ever holds half a
backup and none is lost for one that failed. SQLite writes it by VACUUM INTO: one state, without what lies in free
pages. PostgreSQL's rows are copied from one snapshot (copying.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, MetaData, create_engine, text

from triaged.edge import private
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.store import copying, schema, tables
from triaged.store.columns import from_micros, to_micros
from triaged.store.engine import Engines, open_engines, parse, told_plainly
from triaged.store.kept import unpack
from triaged.store.rows import Unavailable

_MARK = "backup"


@frozen
class Backup:
    """A backup that was read back whole: when it was made, of which schema, and its rows by table."""

    file: Path
    made_at: datetime
    schema: str
    rows: dict[str, int]
    size: int


def make(engines: Engines, file: Path, now: datetime, keep: int | None = None) -> Backup:
    """A backup of the database as it is now, in `file`, mode 0600.

    `keep`: so many stay, the newest in `file`, the older as `file.1`, `file.2`, …; None refuses a file that is
    there. Raises Faulty, Unavailable, OSError; then what was there still is.
    """
    _may_stand_there(engines, file, keep)
    schema.check(engines)
    with _beside(file) as partial:
        try:
            if engines.url.get_backend_name() == "sqlite":
                _vacuum_into(Path(str(engines.url.database)), partial)
            else:
                _copy_into(engines, partial)
            _mark(partial, now)
            made = read_back(partial)
        except (sqlite3.Error, Unavailable) as error:
            raise Faulty(f"{file}: not written, what stood there stays: {error}") from None
        _settle(partial)
        if keep is not None:
            _rotate(file, keep)
        partial.replace(file)
        _settle(file.parent)
    return Backup(file, made.made_at, made.schema, made.rows, made.size)


def read_back(file: Path) -> Backup:
    """Every page checked, every reference, every mail's bytes against their SHA-256. Raises Faulty."""
    try:
        with closing(_opened(file)) as connection:
            made_at = _made_at(connection, file)
            for check in ("integrity_check", "foreign_key_check"):
                found = connection.execute(f"PRAGMA {check}").fetchone()
                if found is not None and found[0] != "ok":
                    raise Faulty(f"{file}: damaged: {check}: {found[0]}")
            _look_into_mails(connection, file)
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            names = [one.name for one in tables.metadata.sorted_tables if one.name != "lease"]
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            rows = {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for name in names
                if name in there
            }
    except sqlite3.Error as error:
        raise Faulty(f"{file}: no backup that can be read: {error}") from None
    return Backup(file, made_at, str(version), rows, file.stat().st_size)


def restore(file: Path, engines: Engines, *, replace: bool = False) -> Backup:
    """Put a backup's rows into the database, which has this version's tables, whole or not at all.

    A backup of an older schema is brought up first, in a copy. Raises Faulty (damaged, of a newer schema, or the
    database is not empty and may not be replaced), Unavailable.
    """
    made = read_back(file)
    if made.schema not in schema.REVISIONS:
        raise Faulty(f"{file}: of schema {made.schema}, newer than this triaged knows")
    with tempfile.TemporaryDirectory(prefix="triaged-") as folder:
        if made.schema != schema.REVISIONS[-1]:
            file = _brought_up(file, Path(folder))
        url = URL.create("sqlite", database=f"file:{quote(str(file.absolute()))}", query=_READ_ONLY)
        source = create_engine(url)
        try:
            with told_plainly(), source.connect() as connection, engines.writer.begin() as target:
                fill(connection, target, replace=replace)
        finally:
            source.dispose()
    return made


def copy(source: Engines, target: Engines, *, replace: bool = False) -> dict[str, int]:
    """Every row of one database into another, compared row by row; how many of each table.

    Raises Faulty, Unavailable; then the target is as it was.
    """
    with copying.snapshot(source) as here, told_plainly(), target.writer.begin() as there:
        return fill(here, there, replace=replace)


def fill(source: Connection, target: Connection, *, replace: bool) -> dict[str, int]:
    """Copy into tables that are empty, or are emptied. Raises Faulty where neither may be."""
    if not copying.is_empty(target) and not replace:
        raise Faulty("the database is not empty; back it up, then say --replace to throw away what is in it")
    copying.clear(target)
    return copying.copy(source, target)


_READ_ONLY = {"mode": "ro", "immutable": "1", "uri": "true"}


def _opened(file: Path) -> sqlite3.Connection:
    if not file.is_file():
        raise Faulty(f"{file}: no such file")
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1", uri=True)


def _made_at(connection: sqlite3.Connection, file: Path) -> datetime:
    with suppress(sqlite3.OperationalError):
        found = connection.execute("SELECT value FROM setting WHERE name = ?", (_MARK,)).fetchone()
        if found:
            return from_micros(json.loads(found[0])["at"])
    raise Faulty(f"{file}: not a backup made by triaged")


def _look_into_mails(connection: sqlite3.Connection, file: Path) -> None:
    for sha256, packed in connection.execute("SELECT sha256, packed FROM raw WHERE length(packed) > 0"):
        try:
            same = hashlib.sha256(unpack(packed)).hexdigest() == sha256
        except Exception:
            same = False
        if not same:
            raise Faulty(f"{file}: damaged: the bytes of mail {sha256} are not what came")


def _may_stand_there(engines: Engines, file: Path, keep: int | None) -> None:
    """Raises Faulty where `file` is no place for a backup."""
    if not file.absolute().parent.is_dir():
        raise Faulty(f"{file}: its folder does not exist")
    if not file.exists() and not file.is_symlink():
        return
    if not file.is_file() or file.is_symlink():
        raise Faulty(f"{file}: not a regular file")
    database = engines.url.database
    if engines.url.get_backend_name() == "sqlite" and database and file.samefile(database):
        raise Faulty(f"{file}: is the database itself")
    if keep is None:
        raise Faulty(f"{file}: exists; say --keep N to keep the N newest")
    try:
        with closing(_opened(file)) as connection:
            _made_at(connection, file)
    except sqlite3.DatabaseError:
        raise Faulty(f"{file}: not a backup made by triaged; it stays as it is") from None


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """An empty file beside the place, ours alone while it is written; gone afterwards, whatever happened."""
    partial = file.with_name(file.name + ".partial")
    number = private.opened(partial, os.O_RDWR)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.path.samestat(os.fstat(number), partial.stat())
        except (BlockingIOError, FileNotFoundError):
            mine = False
        if not mine:
            raise Faulty(f"{file}: another backup is being written there")
        try:
            os.ftruncate(number, 0)
            yield partial
        finally:
            for leftover in (partial, *(Path(f"{partial}{end}") for end in ("-journal", "-wal", "-shm"))):
                leftover.unlink(missing_ok=True)
    finally:
        os.close(number)


def _vacuum_into(database: Path, partial: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as connection:
        connection.execute("PRAGMA query_only=OFF")
        connection.execute("VACUUM INTO ?", (str(partial),))


def _copy_into(engines: Engines, partial: Path) -> None:
    file = create_engine(URL.create("sqlite", database=str(partial)))
    try:
        with copying.snapshot(engines) as source, told_plainly(), file.begin() as target:
            tables.metadata.create_all(target)
            target.execute(
                text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            )
            version = {"version": schema.REVISIONS[-1]}
            target.execute(text("INSERT INTO alembic_version VALUES (:version)"), version)
            copying.copy(source, target)
    finally:
        file.dispose()


def _mark(partial: Path, now: datetime) -> None:
    """Say that it is a backup, and of when; take out who ran."""
    with closing(sqlite3.connect(partial)) as connection, connection:
        connection.execute("DELETE FROM lease")
        connection.execute("DELETE FROM note WHERE name LIKE 'daemon.%'")
        mark = (_MARK, json.dumps({"at": to_micros(now)}))
        connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", mark)


def _brought_up(file: Path, folder: Path) -> Path:
    """A copy of an older backup with this version's tables."""
    copied = folder / "backup.db"
    private.make(copied)
    with closing(_opened(file)) as connection, closing(sqlite3.connect(copied)) as made:
        connection.backup(made)
    schema.upgrade(f"sqlite:///{copied}")
    return copied


def _rotate(file: Path, keep: int) -> None:
    """Make room for one more: `file` becomes `file.1`, and what would be too many goes."""
    older = {}
    for path in file.parent.glob(f"{_escaped(file.name)}.*"):
        end = path.name.removeprefix(f"{file.name}.")
        if end.isascii() and end.isdigit() and not end.startswith("0"):
            older[int(end)] = path
    for number, path in sorted(older.items(), reverse=True):
        if number >= keep - 1:
            path.unlink()
        else:
            path.replace(file.with_name(f"{file.name}.{number + 1}"))
    if keep > 1 and file.exists():
        os.link(file, file.with_name(f"{file.name}.1"))


def _escaped(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _settle(path: Path) -> None:
    """On the disk, not only in its cache."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def open_target(url: str, password: str | None = None, *, replace: bool = False) -> Engines:
    """The database to fill, with this version's tables. Raises Faulty, Unavailable, OldSchema.

    `replace`: a database of a newer version makes room too, which is how one goes back to an older one.
    """
    if replace:
        _make_room(parse(url, password))
    schema.upgrade(url, password)
    return open_engines(parse(url, password))


def _make_room(url: URL) -> None:
    """Of a schema that we do not know, a SQLite file is put aside as FILE.newer, PostgreSQL's tables are dropped."""
    file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    if file is not None and not file.exists():
        return
    with closing(open_engines(url)) as engines:
        with told_plainly(), engines.reader.begin() as connection:
            if schema.version(connection) in (None, *schema.REVISIONS):
                return
        if engines.presence is not None:
            with engines.presence.arrive() as alone:
                if not alone:
                    raise Faulty(f"a daemon works on {file}; stop it first")
        else:
            _drop_all(engines)
    if file is not None:
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                file.with_name(file.name + end).rename(file.with_name(f"{file.name}.newer{end}"))


def _drop_all(engines: Engines) -> None:
    """Whole or not at all, unless a daemon is connected."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'triaged' AND pid <> pg_backend_pid()"
    )
    engines.reader.dispose()
    with told_plainly(), engines.writer.begin() as connection:
        if connection.scalar(text(others)):
            raise Faulty("a daemon is connected to the database; stop it first")
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)
