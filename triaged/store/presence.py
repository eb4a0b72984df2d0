"""Who looks at or answers which ticket just now: a hint with its age, never a lock, seen by every process of the pages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from triaged.frozen import frozen
from triaged.store.columns import address_key
from triaged.store.connected import Connected
from triaged.store.desk_tables import presence
from triaged.store.inserts import upsert

FADES = timedelta(minutes=5)


@frozen
class Seen:
    """Somebody at a ticket. `writes`: an answer or a note of his is half written."""

    address: str
    at: datetime
    writes: bool


class Presence(Connected):
    """Who is where."""

    def tell_presence(self, ticket_id: int, address: str, now: datetime, *, writes: bool) -> None:
        """Somebody is there now; who faded is forgotten. It may be lost: it is said again in half a minute."""
        with self._noting() as connection:
            new = upsert(connection, presence).values(
                ticket_id=ticket_id, address=address_key(address), at=now, writes=writes
            )
            values = {"at": new.excluded.at, "writes": new.excluded.writes}
            connection.execute(
                new.on_conflict_do_update(index_elements=["ticket_id", "address"], set_=values)
            )
            connection.execute(delete(presence).where(presence.c.at < now - FADES))

    def present(self, tickets: Collection[int], but: str, now: datetime) -> dict[int, tuple[Seen, ...]]:
        """Who else is at these tickets, or was a moment ago, the latest first."""
        if not tickets:
            return {}
        query = (
            select(presence)
            .where(presence.c.ticket_id.in_(tickets), presence.c.address != address_key(but))
            .where(presence.c.at > now - FADES)
            .order_by(presence.c.at.desc())
        )
        found: dict[int, tuple[Seen, ...]] = {}
        with self._reading() as connection:
            for row in connection.execute(query):
                seen = Seen(row.address, row.at, row.writes)
                found[row.ticket_id] = (*found.get(row.ticket_id, ()), seen)
        return found
