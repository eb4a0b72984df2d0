"""The queue as people see it: tickets listed, found and walked through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select

from triaged.store.columns import address_key
from triaged.store.dues import DueWork
from triaged.store.rows import TicketFilter
from triaged.store.tables import due, person, ticket
from triaged.store.threads import ticket_id as number_of
from triaged.store.tickets import whole
from triaged.tickets.ticket import Due, Ticket


class Listings(DueWork):
    """Tickets for the command line, the digest, the reports and the directory's changes."""

    def tickets(self, wanted: TicketFilter | None = None) -> list[Ticket]:
        """Tickets with their people but without their events, in the order `wanted` says."""
        wanted = wanted or TicketFilter()
        with self._reading() as connection:
            ids = _by_promise(connection, wanted) if wanted.by_promise else _newest(connection, wanted)
            found = {one.id: one for one in whole(connection, ids, events=False)}
        return [found[one] for one in ids]

    def queue(self, wanted: TicketFilter) -> list[tuple[Ticket, Due | None]]:
        """The same in the order of what is promised (`TicketFilter.by_promise`), each with its next step."""
        found = self.tickets(replace(wanted, by_promise=True))
        steps = self.next_dues(one.id for one in found)
        return [(one, steps.get(one.id)) for one in found]

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket whole, as last committed."""
        with self._reading() as connection:
            return next(iter(whole(connection, [ticket_id])), None)

    def ticket_by_reference(self, shown: str) -> Ticket | None:
        """The ticket behind "PS-1042" (or "1042"), whole; None if there is none."""
        number = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 19 else number_of(shown)
        return self.ticket(number) if number is not None else None

    def each_ticket(self, since: datetime | None = None, batch: int = 200) -> Iterator[Ticket]:
        """Every ticket created since then, whole, in order; memory for one batch: for reports."""
        last = 0
        while True:
            query = select(ticket.c.id).where(ticket.c.id > last).order_by(ticket.c.id).limit(batch)
            if since is not None:
                query = query.where(ticket.c.created_at >= since)
            with self._reading() as connection:
                ids = list(connection.scalars(query))
                found = whole(connection, ids)
            yield from found
            if len(ids) < batch:
                return
            last = ids[-1]


def _newest(connection: Connection, wanted: TicketFilter) -> list[int]:
    return list(connection.scalars(_matching(wanted).order_by(ticket.c.id.desc()).limit(wanted.limit)))


def _by_promise(connection: Connection, wanted: TicketFilter) -> list[int]:
    """Two questions, since no index of both databases puts "nothing promised" last."""
    query = _matching(wanted)
    promised = query.where(ticket.c.promised_at.is_not(None)).order_by(ticket.c.promised_at, ticket.c.id)
    ids = list(connection.scalars(promised.limit(wanted.limit)))
    if len(ids) < wanted.limit and wanted.missed_at is None:
        others = query.where(ticket.c.promised_at.is_(None)).order_by(ticket.c.id.desc())
        ids += connection.scalars(others.limit(wanted.limit - len(ids)))
    return ids


def _matching(wanted: TicketFilter) -> Select[Any]:
    query = select(ticket.c.id)
    equal = (
        (ticket.c.partner_domain, wanted.partner),
        (ticket.c.mailbox, wanted.mailbox),
        (ticket.c.assigned_to, wanted.assigned),
        (ticket.c.account_key, wanted.account),
        (ticket.c.queue, wanted.queue),
    )
    query = query.where(*(column == value for column, value in equal if value is not None))
    if wanted.states:
        query = query.where(ticket.c.state.in_(wanted.states))
    if wanted.severities:
        query = query.where(ticket.c.severity.in_(wanted.severities))
    if wanted.review is not None:
        query = query.where(ticket.c.reviews != [] if wanted.review else ticket.c.reviews == [])
    if wanted.created_since is not None:
        query = query.where(ticket.c.created_at >= wanted.created_since)
    if wanted.missed_at is not None:
        query = query.where(ticket.c.promised_at < wanted.missed_at)
    if wanted.after_id is not None:
        query = query.where(ticket.c.id < wanted.after_id)
    return query.where(*_by_others(wanted))


def _by_others(wanted: TicketFilter) -> Iterator[Any]:
    """Conditions on a ticket's people and steps."""
    if wanted.due_before is not None:
        pending = (due.c.ticket_id == ticket.c.id, due.c.done_at.is_(None), due.c.due_at < wanted.due_before)
        yield exists().where(*pending)
    if wanted.person is not None:
        yield _has_person(person.c.address == address_key(wanted.person))
    if wanted.text is not None:
        yield _mentions(wanted.text.strip())


def _mentions(text: str) -> Any:
    columns = (ticket.c.subject, ticket.c.account_name, ticket.c.superadmin_email, ticket.c.partner_domain)
    found = [column.icontains(text, autoescape=True) for column in columns]
    number = number_of(text)
    if number is not None:
        found.append(ticket.c.id == number)
    return or_(*found, _has_person(person.c.address.icontains(text, autoescape=True)))


def _has_person(which: Any) -> Any:
    return exists().where(person.c.ticket_id == ticket.c.id, which)
