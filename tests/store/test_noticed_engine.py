"""How a database is reached: its URL, what each connection is set to, and what its failures are called."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, create_engine, exc, select, text

from triaged.errors import Faulty
from triaged.store import Store, Unavailable
from triaged.store.columns import Moment
from triaged.store.engine import lacks_room, lifeline, open_engines, parse, session_of, told_plainly


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "database: not a URL; write sqlite:///FILE or postgresql://USER@HOST/NAME"),
        ("sqlite://", "database: SQLite needs a file: sqlite:///triaged.db"),
        ("sqlite:///:memory:", "database: SQLite needs a file: sqlite:///triaged.db"),
        ("mysql://triaged@db.example/x", "database: mysql is not supported; use sqlite or postgresql"),
    ],
)
def test_what_is_no_database_of_ours_is_told(url: str, told: str) -> None:
    with pytest.raises(Faulty) as refused:
        parse(url)
    assert refused.value.lines == (told,)


@pytest.mark.parametrize(
    ("url", "password", "parsed"),
    [
        ("sqlite:///triaged.db", None, "sqlite:///triaged.db"),
        ("sqlite:////var/lib/t.db", "secret", "sqlite:////var/lib/t.db"),
        ("postgresql://t@db.example/x", None, "postgresql+psycopg://t@db.example/x"),
        ("postgresql://t:old@db.example/x", None, "postgresql+psycopg://t:old@db.example/x"),
        ("postgresql+psycopg2://t@db.example/x", "new", "postgresql+psycopg://t:new@db.example/x"),
        ("postgresql://t:old@db.example/x", "", "postgresql+psycopg://t:@db.example/x"),
    ],
)
def test_a_url_gets_its_driver_and_the_password_that_is_given(
    url: str, password: str | None, parsed: str
) -> None:
    assert parse(url, password).render_as_string(hide_password=False) == parsed


def test_a_database_in_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match=f"^database: the folder of {tmp_path}/none/t.db does not exist$"):
        open_engines(parse(f"sqlite:///{tmp_path}/none/t.db"))


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("", "triaged"),
        ("host/1", "triaged host/1"),
        ("o" * 52, "triaged " + "o" * 52),
        ("x" + "o" * 60, "o" * 60),
    ],
)
def test_sessions_are_named_after_their_daemon_in_sixty_bytes(owner: str, name: str) -> None:
    assert session_of(owner) == name


# -- SQLite --------------------------------------------------------------------------------------------

WRITES = {
    "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "cache_size": -32000, "secure_delete": 1,
    "busy_timeout": 10_000, "query_only": 0,
}  # fmt: skip


def test_connections_to_sqlite_are_set_for_what_they_are_for(tmp_path: Path) -> None:
    file = tmp_path / "t.db"
    engines = open_engines(parse(f"sqlite:///{file}"))
    try:
        for engine, wanted in (
            (engines.writer, WRITES),
            (engines.recorder, WRITES),
            (engines.reader, {"query_only": 1, "busy_timeout": 10_000}),
        ):
            with engine.connect() as connection:
                found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            assert found == wanted
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with engines.writer.begin() as connection:
            assert connection.connection.driver_connection.in_transaction  # type: ignore[union-attr]
        with pytest.raises(exc.OperationalError, match="readonly"), engines.reader.begin() as connection:
            connection.execute(text("CREATE TABLE x (y INTEGER)"))
    finally:
        engines.close()


def test_a_recorder_begins_with_its_first_change_and_gives_its_turn_back(tmp_path: Path) -> None:
    engines = open_engines(parse(f"sqlite:///{tmp_path}/t.db"))
    assert engines.turn is not None
    try:
        with engines.recorder.connect() as connection:
            driver: Any = connection.connection.driver_connection
            for statement, begun in (
                ("SELECT 1", False),
                ("\n  SELECT 2", False),
                ("CREATE TABLE x (y INTEGER)", True),
                ("INSERT INTO x VALUES (1)", True),
            ):
                connection.exec_driver_sql(statement)
                # Its turn is taken with it: no other thread of ours meets SQLite's own lock
                assert (driver.in_transaction, engines.turn._lock.locked()) == (begun, begun), statement
            connection.rollback()
        engines.turn.give_back()
        with engines.turn():
            pass
    finally:
        engines.close()


def away(engine: Engine, *statements: str) -> Unavailable:
    """What these statements, one after the other, come out as."""
    with pytest.raises(Unavailable) as told, told_plainly(), engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return told.value


@pytest.mark.parametrize(
    ("statements", "told", "lacks"),
    [
        (
            ("PRAGMA max_page_count=1", "CREATE TABLE y AS SELECT zeroblob(100000)"),
            "database or disk is full",
            True,
        ),
        (("PRAGMA query_only=ON", "CREATE TABLE y (z)"), "attempt to write a readonly database", True),
        (("SELECT * FROM z",), "no such table: z", False),
    ],
)
def test_a_sqlite_without_room_lacks_room_and_one_that_is_wrong_does_not(
    tmp_path: Path, statements: tuple[str, ...], told: str, lacks: bool
) -> None:
    error = away(create_engine(f"sqlite:///{tmp_path}/t.db"), *statements)
    assert (str(error), lacks_room(error)) == (f"database unavailable: {told}", lacks)
    assert isinstance(error.__cause__, exc.OperationalError)
    assert not lacks_room(Unavailable(told))


def test_a_file_that_is_damaged_is_away_and_a_statement_of_ours_that_is_wrong_is_our_fault(
    tmp_path: Path,
) -> None:
    (tmp_path / "t.db").write_bytes(b"no database at all" * 100)
    error = away(create_engine(f"sqlite:///{tmp_path}/t.db"), "SELECT * FROM x")
    assert str(error) == "database unavailable: file is not a database"
    sound = create_engine("sqlite://")
    with sound.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y INTEGER UNIQUE)")
        connection.exec_driver_sql("INSERT INTO x VALUES (1)")
        with pytest.raises(exc.IntegrityError), told_plainly():
            connection.exec_driver_sql("INSERT INTO x VALUES (1)")
        with pytest.raises(exc.ProgrammingError), told_plainly():
            connection.exec_driver_sql("INSERT INTO x VALUES (?)", (object(),))
        with pytest.raises((TypeError, ValueError, AttributeError)), told_plainly():
            connection.execute(select(bindparam("at", "noon", type_=Moment)))


def test_where_no_connection_comes_free_the_database_is_busy(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/t.db", pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect(), pytest.raises(Unavailable) as told, told_plainly():
        engine.connect()
    assert str(told.value) == "the database is busy: no connection came free"
    engine.dispose()


@pytest.mark.parametrize(("said", "told"), [("  one\ntwo\n", "one"), ("", "OperationalError")])
def test_of_what_a_database_says_the_first_line_is_told_or_its_name(said: str, told: str) -> None:
    with pytest.raises(Unavailable) as away, told_plainly():
        raise exc.OperationalError("SELECT 'secret'", {}, sqlite3.OperationalError(said))
    assert str(away.value) == f"database unavailable: {told}"


# -- PostgreSQL ----------------------------------------------------------------------------------------


def shown(connection: Any, *names: str) -> list[Any]:
    return [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]


def test_sessions_of_postgresql_are_set_for_what_they_are_for(postgres: Any) -> None:
    url = parse(postgres.empty())
    engines = open_engines(url, "host/7")
    own = lifeline(url, "host/7")
    try:
        names = "application_name", "idle_in_transaction_session_timeout", "lock_timeout", "jit"
        for engine, isolation, only in (
            (engines.writer, "read committed", "off"),
            (engines.recorder, "read committed", "off"),
            (engines.reader, "repeatable read", "on"),
        ):
            with engine.connect() as connection:
                assert shown(connection, *names) == ["triaged host/7", "25s", "1min", "off"]
                assert shown(connection, "transaction_isolation", "transaction_read_only") == [
                    isolation,
                    only,
                ]
        names = "application_name", "lock_timeout", "statement_timeout", "synchronous_commit"
        with own.connect() as connection:
            assert shown(connection, *names) == ["triaged host/7", "3s", "3s", "off"]
        assert (engines.turn, engines.recording, engines.presence) == (None, None, None)
    finally:
        engines.close()
        own.dispose()


@pytest.mark.parametrize(
    ("code", "lacks"), [("53100", True), ("58030", True), ("53200", False), ("55P03", False)]
)
def test_a_postgresql_without_room_lacks_room(postgres: Any, code: str, lacks: bool) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'no more' USING ERRCODE = '{code}'; END $$"
    error = away(create_engine(parse(postgres.empty())), raising)
    assert (str(error), lacks_room(error)) == ("database unavailable: no more", lacks)


def test_a_write_without_room_is_remembered(store: Store) -> None:
    assert store.wanted_room is None
    if store.dialect != "sqlite":
        pytest.skip("a disk of SQLite is filled by a setting")
    with pytest.raises(Unavailable), store._writing() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert store.wanted_room is None
    with pytest.raises(Unavailable), store._writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        connection.exec_driver_sql("CREATE TABLE x AS SELECT zeroblob(100000)")
    assert store.wanted_room is not None
    assert store.wanted_room[1] == "database unavailable: database or disk is full"
