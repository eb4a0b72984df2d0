"""A database copied into another, SQLite or PostgreSQL, row by row, and compared row by row before it counts.

Rows pass as they lie (times as numbers, JSON as its text), so that what is compared is what is stored. Who runs on
the one database does not run on the other: leases and the daemons' signs of life stay behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.types import TypeDecorator

from triaged.errors import Faulty
from triaged.store import schema, tables
from triaged.store.engine import Engines, told_plainly

_STAYS_BEHIND = frozenset({"lease", "tally"})  # the other database counts for itself
_OF_FILES = "backup"  # the setting that marks a file of `db backup`, and says when it was made
_ROWS, _ROWS_OF_BYTES = 500, 10  # fetched and written at a time; a mail may have 150 MB
_LEFT = {"note": "name NOT LIKE 'daemon.%'", "setting": f"name NOT IN ('{_OF_FILES}', 'probe')"}


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has, of those that a copy takes."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table).where(*_taken(table))) or 0
        for table in _plain()
    }


@contextmanager
def snapshot(engines: Engines) -> Iterator[Connection]:
    """One state of the database, however long reading it takes. Raises Unavailable, OldSchema."""
    schema.check(engines)
    with told_plainly(), engines.reader.begin() as connection:
        _be_patient(connection)
        yield connection


def copy(source: Connection, target: Connection) -> dict[str, int]:
    """Every row of `source` into the empty tables of `target`, whose transaction the caller ends; how many of each.

    Raises Faulty where a row reads otherwise in the copy.
    """
    _be_patient(target)
    # What `db upgrade` had made: the secret that signs our Message-IDs
    target.execute(delete(_named("setting")))
    for table in _plain():
        _fill(source, target, table)
    for table in _plain():
        _tie(source, target, table)
    _set_sequences(target)
    return {table.name: _compare(source, target, table) for table in _plain()}


def clear(target: Connection) -> None:
    """Throw every row away."""
    for table in reversed(list(_plain())):
        for column in _self_references(table):
            target.execute(update(table).where(column.is_not(None)).values({column.name: None}))
        target.execute(delete(table))
    target.execute(delete(tables.lease))


def is_empty(connection: Connection) -> bool:
    """Whether no mail, ticket or letter was ever kept there."""
    kept = (tables.mail, tables.ticket, tables.letter, tables.audit)
    return not any(connection.scalar(select(1).select_from(table).limit(1)) for table in kept)


def behind(connection: Connection) -> Iterator[tuple[str, int, int]]:
    """PostgreSQL's sequences that would give a number again: (table, next number, highest id)."""
    if connection.dialect.name != "postgresql":
        return
    for table, sequence in _sequences(connection):
        highest = connection.scalar(select(func.max(table.c.id))) or 0
        last, called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()
        following = last + 1 if called else last
        if following <= highest:
            yield table.name, following, highest


@cache
def _plain() -> tuple[Table, ...]:
    """The tables with the types that lie beneath ours, those that others refer to first."""
    plain = MetaData(naming_convention=tables.metadata.naming_convention)
    copies = [one.to_metadata(plain) for one in tables.metadata.sorted_tables]
    for table in copies:
        for column in table.columns:
            if isinstance(column.type, TypeDecorator):
                column.type = column.type.impl_instance
    return tuple(one for one in copies if one.name not in _STAYS_BEHIND)


def _named(name: str) -> Table:
    return next(table for table in _plain() if table.name == name)


def _taken(table: Table) -> list[Any]:
    return [text(_LEFT[table.name])] if table.name in _LEFT else []


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    """The rows in the order of their key, the same in both databases: by bytes, whatever a locale says."""
    order: list[ColumnElement[Any]] = []
    for column in table.primary_key.columns:
        is_text = isinstance(column.type, String) and connection.dialect.name == "postgresql"
        order.append(column.collate("C") if is_text else column)
    query: Select[Any] = select(table).where(*_taken(table)).order_by(*order)
    return iter(connection.execution_options(yield_per=_piece(table)).execute(query))


def _piece(table: Table) -> int:
    return _ROWS_OF_BYTES if any(isinstance(c.type, LargeBinary) for c in table.columns) else _ROWS


def _fill(source: Connection, target: Connection, table: Table) -> None:
    """The rows, but for what ties them to rows of their own table that may come later."""
    later: dict[str, Any] = {column.name: None for column in _self_references(table)}
    pile: list[Mapping[str, Any]] = []
    for row in _rows(source, table):
        pile.append({**row._mapping, **later})
        if len(pile) >= _piece(table):
            target.execute(insert(table), pile)
            pile = []
    if pile:
        target.execute(insert(table), pile)


def _tie(source: Connection, target: Connection, table: Table) -> None:
    for column in _self_references(table):
        tied = select(table.c.id, column).where(column.is_not(None))
        set_it = update(table).where(table.c.id == bindparam("of_id")).values({column.name: bindparam("to")})
        pile = [{"of_id": one, "to": to} for one, to in source.execute(tied)]
        if pile:
            target.execute(set_it, pile)


def _self_references(table: Table) -> list[Any]:
    return [c for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]


def _compare(source: Connection, target: Connection, table: Table) -> int:
    number = 0
    for ours, copied in zip_longest(_rows(source, table), _rows(target, table)):
        if ours is None or copied is None or tuple(ours) != tuple(copied):
            key = [getattr(ours or copied, column.name) for column in table.primary_key.columns]
            raise Faulty(f"{table.name} {key}: reads otherwise in the copy; nothing was written")
        number += 1
    return number


def _set_sequences(target: Connection) -> None:
    """The next row is numbered behind the last one copied. (Tickets number themselves.)"""
    if target.dialect.name != "postgresql":
        return
    for table, sequence in _sequences(target):
        highest = target.scalar(select(func.max(table.c.id)))
        given = {"sequence": sequence, "at": highest or 1, "called": highest is not None}
        target.execute(text("SELECT setval(CAST(:sequence AS regclass), :at, :called)"), given)


def _sequences(connection: Connection) -> Iterator[tuple[Table, str]]:
    for table in _plain():
        if "id" in table.c:
            asked = text("SELECT pg_get_serial_sequence(:table, 'id')")
            sequence = connection.scalar(asked, {"table": f'"{table.name}"'})
            if sequence:
                yield table, sequence


def _be_patient(connection: Connection) -> None:
    """A copy may wait minutes for the other side: no reason for the server to end its transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
