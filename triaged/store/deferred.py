"""Rows put off until the end of a transaction, so that a batch of mails costs one statement a table.

A value that cannot be stored is refused when it is put off, inside the savepoint of the mail it belongs
to; a savepoint that rolls back takes its rows out again. Whoever reads such a table in the same
transaction calls `write` for it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert


def _plainly(_dialect: str, table: Table) -> Any:
    return insert(table)


@dataclass(frozen=True, eq=False)
class Later:
    """An INSERT that can wait: its table, the columns its rows give, and how a dialect spells it."""

    table: Table
    columns: tuple[str, ...]
    spelt: Callable[[str, Table], Any] = _plainly

    def row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """A row's values in the order of the columns."""
        return tuple(values[name] for name in self.columns)


Rows = dict[Later, list[Any]]


class Deferred:
    """The rows put off in one transaction, by the INSERT that takes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Rows = {}

    def put(self, later: Later, rows: Iterable[Sequence[Any]]) -> None:
        """Insert these when the transaction ends. Raises ValueError or TypeError for what cannot be stored."""
        _, processors = _compiled(later, self._connection.dialect)
        pile = self._rows.setdefault(later, [])
        for row in rows:
            pile.append([made(value) if made else value for made, value in zip(processors, row, strict=True)])

    def write(self, *laters: Later) -> None:
        """Insert now what was put off for these; none named: everything."""
        for later in laters or tuple(self._rows):
            rows = self._rows.pop(later, None)
            if rows:
                sql, _ = _compiled(later, self._connection.dialect)
                self._connection.exec_driver_sql(sql, self._parameters(later, rows))

    def _parameters(self, later: Later, rows: list[Any]) -> list[Any]:
        if self._connection.dialect.positional:
            return [tuple(row) for row in rows]
        return [dict(zip(later.columns, row, strict=True)) for row in rows]

    def snapshot(self) -> Rows:
        """What is put off now, for `restore` when a savepoint undoes what was written since."""
        return {later: list(rows) for later, rows in self._rows.items()}

    def restore(self, rows: Rows) -> None:
        """Back to a snapshot."""
        self._rows = rows


@cache
def _compiled(later: Later, dialect: Dialect) -> tuple[str, tuple[Callable[[Any], Any] | None, ...]]:
    """The SQL, and for each column what makes a value fit for the driver."""
    statement = later.spelt(dialect.name, later.table)
    compiled = statement.compile(dialect=dialect, column_keys=list(later.columns))
    order = getattr(compiled, "positiontup", None) or list(later.columns)
    assert tuple(order) == later.columns, f"columns of {later.table.name} stand in the order {order}"
    types = [later.table.c[name].type.dialect_impl(dialect) for name in later.columns]
    return str(compiled), tuple(one.bind_processor(dialect) for one in types)
