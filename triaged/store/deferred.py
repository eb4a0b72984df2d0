"""Rows put off until the end of a transaction, so that a batch of mails costs one statement a table.

A value that cannot be stored is refused when it is put off. Whoever reads what may have been put off in the
same transaction has it written first (`Within` in connected.py sees to that).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

from triaged.store.rows import Fenced


def _plainly(_dialect: str, table: Table) -> Any:
    return insert(table)


@dataclass(frozen=True, eq=False)
class Later:
    """A statement that can wait: its table, its parameters in their order, and how a dialect spells it.

    `exact`: each row must meet one row of the table, else the writing raises Fenced.
    """

    table: Table
    columns: tuple[str, ...]
    spelt: Callable[[str, Table], Any] = _plainly
    exact: bool = False

    def row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """A row's values in the order of the columns."""
        return tuple(values[name] for name in self.columns)


class Deferred:
    """What is put off in one transaction, by the statement that takes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Later, list[Any]] = {}

    def put(self, later: Later, rows: Iterable[Sequence[Any]]) -> None:
        """Write these when the transaction ends. Raises ValueError or TypeError for what cannot be stored."""
        processors = _compiled(later, self._connection.dialect).processors
        pile = self._rows.setdefault(later, [])
        for row in rows:
            pile.append([made(value) if made else value for made, value in zip(processors, row, strict=True)])

    def write(self) -> None:
        """Write now what was put off, a table that others refer to before them. Raises Fenced."""
        piles, self._rows = self._rows, {}
        for later in sorted(piles, key=lambda one: _rank(one.table)):
            rows = piles[later]
            if not rows:
                continue
            sql = _compiled(later, self._connection.dialect).sql
            done = self._connection.exec_driver_sql(sql, self._parameters(later, rows))
            if later.exact and done.rowcount != len(rows):
                raise Fenced(f"a row of {later.table.name} is no longer ours")

    def _parameters(self, later: Later, rows: list[Any]) -> list[Any]:
        if self._connection.dialect.positional:
            return [tuple(row) for row in rows]
        return [dict(zip(later.columns, row, strict=True)) for row in rows]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    processors: tuple[Callable[[Any], Any] | None, ...]  # for each parameter what makes it fit for the driver


@cache
def _compiled(later: Later, dialect: Dialect) -> _Compiled:
    statement = later.spelt(dialect.name, later.table)
    compiled = statement.compile(dialect=dialect, column_keys=list(later.columns))
    order = getattr(compiled, "positiontup", None) or list(later.columns)
    assert tuple(order) == later.columns, f"parameters of {later.table.name} stand in the order {order}"
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in later.columns]
    return _Compiled(str(compiled), tuple(one.bind_processor(dialect) for one in types))


@cache
def _rank(table: Table) -> int:
    return table.metadata.sorted_tables.index(table)
