"""What one of our own people did at the console and by commands: it stays, under the name that stands in his place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, String, Table, cast, delete, func, or_, select, update

from triaged.store.desk_tables import job, presence, rulebook_draft, rulebook_version
from triaged.store.service_tables import alert
from triaged.store.tables import audit
from triaged.store.visit_tables import session

_TOLD: tuple[tuple[str, Table, tuple[str, ...]], ...] = (
    ("rulebook versions", rulebook_version, ("who", "reason", "remark")),
    ("jobs", job, ("who", "asked", "result")),
    ("audit rows", audit, ("who", "counts")),
    ("sessions of others", session, ("why_ended",)),
    ("alerts", alert, ("title", "body")),
)


def erase_work(connection: Connection, keys: Collection[str], clean: Callable[[Any], Any]) -> dict[str, int]:
    """How much of each. What he had only begun (a draft of the rulebook) goes."""
    counts = {what: _cleaned(connection, table, names, keys, clean) for what, table, names in _TOLD}
    gone = delete(rulebook_draft).where(rulebook_draft.c.address.in_(keys))
    counts["rulebook drafts"] = connection.execute(gone).rowcount
    connection.execute(delete(presence).where(presence.c.address.in_(keys)))
    return {what: number for what, number in counts.items() if number}


def _cleaned(
    connection: Connection,
    table: Table,
    names: Collection[str],
    keys: Collection[str],
    clean: Callable[[Any], Any],
) -> int:
    texts = [func.lower(cast(table.c[name], String)) for name in names]
    named = or_(*(text.contains(key, autoescape=True) for text in texts for key in keys))
    count = 0
    for row in connection.execute(select(table.c.id, *(table.c[n] for n in names)).where(named)).all():
        told = {name: clean(row._mapping[name]) for name in names}
        if told != {name: row._mapping[name] for name in names}:
            connection.execute(update(table).where(table.c.id == row.id).values(**told))
            count += 1
    return count
