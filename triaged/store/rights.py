"""What a PostgreSQL user may not do that the daemon needs, and how far its server's clock is from ours."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy import func, literal, select

from triaged.store import tables
from triaged.store.engine import open_engines, parse, told_plainly

_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE")


def on_postgresql(url: str, password: str | None) -> tuple[list[str], float]:
    """The rights that are lacking, in words, and how many seconds its clock is ahead. Raises Unavailable."""
    with (
        closing(open_engines(parse(url, password))) as engines,
        told_plainly(),
        engines.reader.begin() as connection,
    ):
        lacking = []
        schema = func.current_schema()
        if not connection.scalar(select(func.has_schema_privilege(schema, literal("CREATE")))):
            lacking.append("CREATE on the schema: `triaged db upgrade` must run as another user")
        for name in sorted(tables.metadata.tables):
            if not connection.scalar(select(func.to_regclass(name).isnot(None))):
                continue  # told of as an old schema
            without = [
                w
                for w in _NEEDED
                if not connection.scalar(select(func.has_table_privilege(name, literal(w))))
            ]
            if without:
                lacking.append(f"{', '.join(without)} on the table {name}")
        told: datetime | None = connection.scalar(select(func.clock_timestamp()))
        ours = datetime.now(UTC)
    return lacking, (told - ours).total_seconds() if told else 0.0
