"""Tickets for reports: a stream of slim rows of the span asked for, whatever else is kept and however much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, case, or_, select

from triaged.promises.reports import READ
from triaged.store.connected import Connected
from triaged.store.tables import event, ticket
from triaged.store.threads import reference
from triaged.tickets.ticket import Event, Happening, Ticket

BATCH = 500
_COLUMNS = [
    ticket.c[name]
    for name in (
        "id", "state", "mailbox", "created_at", "updated_at", "severity", "provisional", "service_level", "plan",
        "region", "partner_domain", "history",
    )
]  # fmt: skip
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_IS_READ = event.c.kind.in_([kind.value for kind in READ])
STORIES = (
    select(
        event.c.ticket_id,
        event.c.at,
        event.c.kind,
        event.c.actor,
        case((_IS_READ, event.c.data)).label("data"),
    )
    .where(event.c.ticket_id.in_(_IDS))
    .order_by(event.c.ticket_id, event.c.at, event.c.id)
)


class Reported(Connected):
    """What reports are made of."""

    def reported(
        self, since: datetime | None = None, partner: str | None = None, batch: int = BATCH
    ) -> Iterator[Ticket]:
        """Each ticket created since then, of all partners or one, in order of creation; memory for one batch.

        Of a ticket no more than a report reads: no people, texts, tags, references; of its story what moves a promise
        or rates (`promises.reports.READ`), and when it ends, without reasons.
        """
        last: tuple[datetime, int] | None = None
        while True:
            with self._reading() as connection:
                rows = connection.execute(reported(since, partner, last, batch)).all()
                stories = _stories(connection, [row.id for row in rows])
            for row in rows:
                yield _ticket(row, stories.get(row.id, ()))
            if len(rows) < batch:
                return
            last = (rows[-1].created_at, rows[-1].id)


def reported(
    since: datetime | None, partner: str | None, last: tuple[datetime, int] | None, batch: int
) -> Select[Any]:
    """The next tickets of a report behind the last one: found by when they were created, and by nothing else."""
    query = select(*_COLUMNS).order_by(ticket.c.created_at, ticket.c.id).limit(batch)
    if partner is not None:
        query = query.where(ticket.c.partner_domain == partner)
    if last is not None:
        at, number = last
        behind = or_(ticket.c.created_at > at, and_(ticket.c.created_at == at, ticket.c.id > number))
        return query.where(ticket.c.created_at >= at, behind)
    return query if since is None else query.where(ticket.c.created_at >= since)


def _stories(connection: Connection, ids: Sequence[int]) -> dict[int, list[Event]]:
    """What reports read of each story, and its end: until then its clocks have run."""
    stories: dict[int, list[Event]] = {}
    ends: dict[int, Event] = {}
    for number, at, kind, actor, data in connection.execute(STORIES, {"ids": ids}) if ids else ():
        one = ends[number] = Event(at, Happening(kind), actor, "", data or {})
        if data is not None:
            stories.setdefault(number, []).append(one)
    for number, one in ends.items():
        story = stories.setdefault(number, [])
        if not story or story[-1] is not one:
            story.append(one)
    return stories


def _ticket(row: Row[Any], story: Sequence[Event]) -> Ticket:
    told: dict[str, Any] = {**row._mapping, "reference": reference(row.id)}
    return Ticket(subject="", language="", severity_because="", events=tuple(story), **told)
