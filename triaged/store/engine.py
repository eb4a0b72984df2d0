"""Connections: one writer and readers, on SQLite and on PostgreSQL, and what their failures are called.

SQLite: WAL, synchronous=FULL (a mail we answered 250 for must survive a power cut), and a writer that
begins IMMEDIATE: a deferred transaction that reads and then writes fails at once with "database is
locked" when another wrote in between, whatever busy_timeout says. The daemon's threads queue for writing in
memory instead of polling SQLite's lock. Readers use a second engine. The recorder's own connection looks
without a transaction and begins one with its first change, as `turns.py` tells.
PostgreSQL: one engine; `pool_pre_ping` so that a restart of the server costs one failure, not many. A client
that is frozen, or whose machine is gone, must not keep its locks: the server ends a transaction that idles, and
looks whether its clients are still there.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, exc, make_url

from triaged.edge import private
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.store.rows import Unavailable
from triaged.store.turns import PATIENCE, FileLock, Presence, Turn

_BUSY_MILLISECONDS = 10_000
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    "53100",  # PostgreSQL: disk_full
    "58030",  # io_error
}
IDLE_SECONDS = 25  # inside a transaction, after which whoever holds it is taken for frozen
_SESSION = {  # of each connection to PostgreSQL; the last four are the server's side of TCP
    "idle_in_transaction_session_timeout": IDLE_SECONDS * 1000,
    "lock_timeout": 60_000,
    "jit": "off",  # compiling a statement took two seconds where finding fifty tickets takes milliseconds
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


@frozen
class Engines:
    """Where to write, to read and to record; on PostgreSQL all by one pool, and nobody queues."""

    url: URL
    writer: Engine
    reader: Engine
    recorder: Engine
    turn: Turn | None = None
    recording: FileLock | None = None
    presence: Presence | None = None

    def close(self) -> None:
        """Give back every connection."""
        for engine in (self.reader, self.writer, self.recorder):
            engine.dispose()
        if self.presence:
            self.presence.leave()


def parse(url: str, password: str | None = None) -> URL:
    """The database's URL with its password filled in. Raises Faulty naming what is wrong with it."""
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise Faulty("database: not a URL; write sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise Faulty("database: SQLite needs a file: sqlite:///triaged.db")
        return parsed
    if parsed.get_backend_name() != "postgresql":
        raise Faulty(f"database: {parsed.drivername} is not supported; use sqlite or postgresql")
    parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.set(password=password) if password is not None else parsed


def open_engines(url: URL, owner: str = "") -> Engines:
    """Engines for a parsed URL; connects only when used. `owner`: the daemon whose sessions they will be."""
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url, owner)


def session_of(owner: str) -> str:
    """The name under which PostgreSQL shows a daemon's sessions (63 bytes at most); "triaged" for nobody's."""
    return f"triaged {owner}"[-60:] if owner else "triaged"


def lifeline(url: URL, owner: str) -> Engine:
    """One session apart from all others, which tells that a daemon lives: whoever is at its end learns that in seconds."""
    session = {
        "lock_timeout": 3_000,
        "statement_timeout": 3_000,
        "tcp_keepalives_idle": 2,
        "tcp_keepalives_interval": 1,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 5_000,
        "synchronous_commit": "off",
    }
    told = {"connect_timeout": 3, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3}
    given = {**told, "tcp_user_timeout": 5_000, **_named(owner, session)}
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=given)


def _named(owner: str, session: Mapping[str, object]) -> dict[str, str]:
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    return {"application_name": session_of(owner), "options": options}


def _sqlite(url: URL) -> Engines:
    if not Path(str(url.database)).absolute().parent.is_dir():
        raise Faulty(f"database: the folder of {url.database} does not exist")
    turn, one = Turn(), {"pool_size": 1, "max_overflow": 0, "pool_timeout": PATIENCE}
    writer, recorder = (create_engine(url, hide_parameters=True, **one) for _ in range(2))
    reader = create_engine(url, pool_size=4, max_overflow=12, pool_timeout=PATIENCE, hide_parameters=True)
    file = Path(str(url.database)).resolve()  # one lock, by whatever name it is reached
    for engine in (writer, recorder, reader):
        event.listen(engine, "do_connect", partial(_make_private, file))
    event.listen(writer, "connect", _prepare_writer)
    event.listen(writer, "begin", _begin_immediate)
    event.listen(recorder, "connect", _prepare_writer)
    event.listen(recorder, "before_cursor_execute", partial(_begin_with_the_first_change, turn))
    event.listen(reader, "do_connect", partial(_connect_read_only, file), retval=True)
    event.listen(reader, "connect", _prepare_reader)
    event.listen(reader, "begin", _begin)
    return Engines(url, writer, reader, recorder, turn, FileLock(file), Presence(file))


def _make_private(file: Path, *_: Any) -> None:
    """SQLite would make the file by the umask; what it makes beside it has the file's rights."""
    with suppress(OSError):  # then SQLite says what is wrong
        private.make(file)


def _connect_read_only(file: Path, _dialect: Any, _record: Any, _given: Any, more: dict[str, Any]) -> Any:
    """A reader where nothing can be written (a disk that fell read-only); None: one like any other.

    SQLite keeps an index beside a WAL database and must make it. Where it cannot, nobody can write either, and the
    file is read as it lies: what a killed daemon left in the WAL alone is not in it.
    """
    beside = file.with_name(file.name + "-shm")
    if beside.exists() or os.access(file.parent, os.W_OK) or not file.exists():
        return None
    return sqlite3.connect(f"file:{quote(str(file))}?immutable=1", uri=True, **more)


def _prepare(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # we begin and commit ourselves
    for pragma in (f"busy_timeout={_BUSY_MILLISECONDS}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_writer(connection: Any, _record: Any) -> None:
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32000")
    _prepare(connection, *pragmas, "secure_delete=ON")  # what is erased lies in no free page


def _prepare_reader(connection: Any, _record: Any) -> None:
    _prepare(connection, "query_only=ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_with_the_first_change(
    turn: Turn, connection: Connection, _cursor: Any, statement: str, *_: Any
) -> None:
    driver = connection.connection.driver_connection
    if driver is None or driver.in_transaction or statement.lstrip().startswith(("SELECT", "BEGIN")):
        return
    turn.take()
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(url: URL, owner: str) -> Engines:
    try:
        engine = create_engine(
            url,
            pool_size=8,
            max_overflow=24,
            pool_timeout=PATIENCE,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "connect_timeout": 10,
                "keepalives_idle": 30,
                "tcp_user_timeout": 60_000,
                **_named(owner, _SESSION),
            },
        )
    except ModuleNotFoundError:
        raise Faulty("database: PostgreSQL needs the driver: pip install 'triaged[postgres]'") from None
    event.listen(engine, "after_cursor_execute", _rearm)
    # One state for all statements of a reader, as on SQLite: else a ticket could be shown without its last event.
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(url, engine, reader, engine)


def _rearm(
    connection: Connection, _cursor: Any, _statement: str, _parameters: Any, _context: Any, many: bool
) -> None:
    """psycopg sends an executemany as a pipeline, after which PostgreSQL (15) does not watch for idling.

    A plain statement behind it makes it watch again.
    """
    if many:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("SELECT 1")


@contextmanager
def told_plainly() -> Iterator[None]:
    """Every way a database can be away comes out as Unavailable, without SQL or secrets in its text."""
    try:
        yield
    except exc.TimeoutError:
        raise Unavailable("the database is busy: no connection came free") from None
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError) as error:
        raise Unavailable(_first_line(error)) from error
    except exc.StatementError as error:
        if not isinstance(error, exc.DBAPIError):
            raise error.orig or error from None  # a value that our own column types refused
        damaged = type(error) is exc.DatabaseError  # neither our statement nor our data: the file itself
        if error.connection_invalidated or damaged:
            raise Unavailable(_first_line(error)) from error
        raise


def lacks_room(error: Unavailable) -> bool:
    """Whether a disk is full, broken or may not be written, rather than a database away or busy."""
    cause = error.__cause__
    driver: Any = cause.orig if isinstance(cause, exc.DBAPIError) else None
    sqlite = getattr(driver, "sqlite_errorcode", 0) & 0xFF  # the rest of it says which call failed
    return sqlite in _NO_ROOM or getattr(driver, "sqlstate", None) in _NO_ROOM


def _first_line(error: exc.DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return f"database unavailable: {lines[0] if lines else type(error.orig).__name__}"
