"""What a store asks of its database, and how the database goes about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from triaged.store import Store


@contextmanager
def heard(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that its reader asks meanwhile, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    engine = store._engines.reader
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def explained(connection: Connection, statement: Any) -> str:
    """How the database would run a statement with these parameters, a line a row."""
    made = statement.compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True, "literal_binds": True}
    )
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(row[-1] for row in connection.exec_driver_sql(explain + str(made).replace("%", "%%")))
