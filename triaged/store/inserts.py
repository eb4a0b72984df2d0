"""INSERT … ON CONFLICT, which SQLite and PostgreSQL both have, yet SQLAlchemy spells twice."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

from triaged.store.tables import setting


def upsert(connection: Connection, table: Table) -> Any:
    """INSERT that can say what to do ON CONFLICT, in the words of this connection's dialect."""
    return upsert_in(connection.dialect.name, table)


def insert_once(connection: Connection, table: Table) -> Any:
    """INSERT that does nothing where a unique row exists, answering the new row's id, or no row."""
    return _insert_once(connection.dialect.name, table)


@cache  # building a statement costs more than running it
def _insert_once(dialect: str, table: Table) -> Any:
    return upsert_in(dialect, table).on_conflict_do_nothing().returning(table.c.id)


def put_setting(connection: Connection, name: str, value: str) -> None:
    """This setting is that from now on, whoever else sets it at the same time."""
    row = upsert(connection, setting).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def upsert_in(dialect: str, table: Table) -> Any:
    """The same by the dialect's name, for statements built once."""
    if dialect != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 80 ms that a house on SQLite does not pay at its start

    return postgresql.insert(table)
