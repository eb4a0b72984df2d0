"""The schema: made from nothing, equal to the tables, and refused with the remedy when it is old."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.servers.postgres import Postgres
from triaged.errors import Faulty
from triaged.store import OldSchema, Store, Unavailable, schema, tables, tickets, upgrade
from triaged.store.engine import open_engines, parse
from triaged.tickets.ticket import Ticket


def run(url: str, *statements: str) -> None:
    engines = open_engines(parse(url))
    with engines.writer.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engines.close()


def opened(url: str, ask: Callable[[Store], Any]) -> Any:
    store = Store.open(url)
    try:
        return ask(store)
    finally:
        store.close()


def test_an_empty_database_is_refused_with_the_remedy(empty_url: str) -> None:
    with pytest.raises(OldSchema, match=r"no tables yet; run: triaged db upgrade$"):
        opened(empty_url, Store.check_schema)


def test_an_empty_database_has_no_secret_and_says_the_remedy(empty_url: str) -> None:
    with pytest.raises(OldSchema, match="run: triaged db upgrade"):
        opened(empty_url, Store.secret)


def test_upgrade_makes_everything_and_may_run_again(empty_url: str) -> None:
    assert upgrade(empty_url) == schema.REVISIONS[-1]
    secret = opened(empty_url, Store.secret)
    assert len(secret) == 32
    assert upgrade(empty_url) == schema.REVISIONS[-1]
    opened(empty_url, Store.check_schema)
    assert opened(empty_url, Store.secret) == secret


def test_an_older_schema_is_refused_with_the_remedy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    with pytest.raises(OldSchema, match=r"has schema \w+, this triaged needs 9999; run: triaged db upgrade$"):
        opened(url, Store.check_schema)


def test_a_newer_schema_is_refused_by_the_daemon_and_by_upgrade(url: str) -> None:
    run(url, "UPDATE alembic_version SET version_num = 'a-later-one'")
    with pytest.raises(OldSchema, match="newer than this triaged"):
        opened(url, Store.check_schema)
    with pytest.raises(OldSchema, match="newer than this triaged"):
        upgrade(url)


def test_a_failed_upgrade_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_make_secret", lambda connection: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upgrade(empty_url)
    with pytest.raises(OldSchema, match="no tables yet"):
        opened(empty_url, Store.check_schema)


def test_the_migrations_are_those_the_program_knows() -> None:
    folder = Path(schema.__file__).with_name("migrations") / "versions"
    files = sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))
    assert files == list(schema.REVISIONS)


def test_the_migrations_make_the_tables_exactly_on_sqlite(empty_database: Path, tmp_path: Path) -> None:
    by_tables = create_engine(f"sqlite:///{tmp_path / 'tables.db'}")
    tables.metadata.create_all(by_tables)
    assert sqlite_schema(empty_database) == sqlite_schema(tmp_path / "tables.db")


def sqlite_schema(file: Path) -> set[str]:
    """Every CREATE statement, its clauses in no order: SQLAlchemy, Alembic and ALTER TABLE order them each their way."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND tbl_name != 'alembic_version'"
        )
        return {"\n".join(sorted(_clauses(sql))) for (sql,) in rows}


def _clauses(sql: str) -> Iterator[str]:
    """A statement cut at the commas between columns and constraints."""
    head, _, rest = " ".join(sql.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    yield f"{head.strip()} {tail.strip()}"
    clause, depth = "", 0
    for char in body:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            yield clause.strip()
            clause = ""
        else:
            clause += char
    yield clause.strip()


def test_the_migrations_make_the_tables_exactly_on_postgresql(postgres: Postgres) -> None:
    migrated, by_tables = postgres.fresh(upgrade), postgres.empty()
    engines = open_engines(parse(by_tables))
    tables.metadata.create_all(engines.writer)
    engines.close()
    run(migrated, "DROP TABLE alembic_version")
    assert clauses(postgres.dump_schema(migrated)) == clauses(postgres.dump_schema(by_tables))


def clauses(dump: str) -> list[str]:
    lines = (line.strip(" ,") for line in dump.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("--", "\\")))


def test_every_field_of_a_ticket_is_stored() -> None:
    columns = set(tables.ticket.c.keys()) | {"reference", "people", "events"}
    assert {field.name for field in fields(Ticket)} == columns
    assert set(tickets.COLUMNS) < columns


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("mysql://somebody@host/x", "not supported; use sqlite or postgresql"),
        ("what is this", "not a URL"),
        ("sqlite:////nowhere/at/all/triaged.db", "the folder of /nowhere/at/all/triaged.db does not exist"),
    ],
)
def test_a_url_that_cannot_be_right_is_refused_in_one_line(url: str, complaint: str) -> None:
    with pytest.raises(Faulty, match=complaint):
        Store.open(url)


def test_the_password_is_shown_nowhere() -> None:
    store = Store.open("postgresql://triaged:plain@127.0.0.1:1/triaged", password="s3cret")
    with pytest.raises(Unavailable) as told:
        store.ping()
    assert "s3cret" not in f"{told.value} {store._engines}"
