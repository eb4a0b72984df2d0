"""The queue as people see it: tickets listed, found and walked through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from triaged.store.columns import address_key, number_apart, text_apart
from triaged.store.dues import DueWork
from triaged.store.listed import among
from triaged.store.rows import TicketFilter
from triaged.store.scope import of_staff
from triaged.store.search import Searching
from triaged.store.tables import due, person, ticket
from triaged.store.threads import ticket_id as number_of
from triaged.store.tickets import whole
from triaged.tickets.ticket import Due, State, Ticket

_STAFF = of_staff("")  # for whom all texts are looked at


class Listings(DueWork, Searching):
    """Tickets for the command line, the digest, the reports and the directory's changes."""

    def tickets(self, wanted: TicketFilter | None = None) -> list[Ticket]:
        """Tickets with their people but without their events, in the order `wanted` says."""
        wanted = wanted or TicketFilter()
        with self._reading() as connection:
            query = self._matching(connection, wanted)
            ids = (
                _by_promise(connection, query, wanted)
                if wanted.by_promise
                else _newest(connection, query, wanted)
            )
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

    def _matching(self, connection: Connection, wanted: TicketFilter) -> Select[Any]:
        query = _matching(wanted)
        if wanted.text is None:
            return query
        found = self._found(connection, _STAFF, wanted.text)
        named = number_of(wanted.text)
        numbers = [*(found.tickets if found else ()), *([named] if named is not None else [])]
        return query if found is None else query.where(among(ticket.c.id, numbers))


def _newest(connection: Connection, query: Select[Any], wanted: TicketFilter) -> list[int]:
    return list(connection.scalars(query.order_by(_number_of(wanted).desc()).limit(wanted.limit)))


def _number_of(wanted: TicketFilter) -> Any:
    """What puts the newest first; apart from the key's index where few are found by something else."""
    return number_apart(ticket.c.id) if wanted.text is not None or wanted.person else ticket.c.id


def _by_promise(connection: Connection, query: Select[Any], wanted: TicketFilter) -> list[int]:
    """Two questions, since no index of both databases puts "nothing promised" last."""
    promised = query.where(ticket.c.promised_at.is_not(None)).order_by(ticket.c.promised_at, ticket.c.id)
    ids = list(connection.scalars(promised.limit(wanted.limit)))
    if len(ids) < wanted.limit and wanted.missed_at is None:
        others = query.where(ticket.c.promised_at.is_(None)).order_by(_number_of(wanted).desc())
        ids += connection.scalars(others.limit(wanted.limit - len(ids)))
    return ids


def _matching(wanted: TicketFilter) -> Select[Any]:
    query = select(ticket.c.id)
    if wanted.states and State.CLOSED not in wanted.states:
        # Few are not closed: found by state, not by all that a partner or an account ever had.
        query = query.where(ticket.c.state.in_(wanted.states))
        return query.where(*(text_apart(column) == value for column, value in _equal(wanted)), *_more(wanted))
    if wanted.states:
        query = query.where(text_apart(ticket.c.state).in_(wanted.states))
    return query.where(*(column == value for column, value in _equal(wanted)), *_more(wanted))


def _equal(wanted: TicketFilter) -> Iterator[tuple[Any, str]]:
    equal = (
        (ticket.c.partner_domain, wanted.partner),
        (ticket.c.mailbox, wanted.mailbox),
        (ticket.c.assigned_to, wanted.assigned),
        (ticket.c.account_key, wanted.account),
        (ticket.c.queue, wanted.queue),
        (ticket.c.channel, wanted.channel),
    )
    return ((column, value) for column, value in equal if value is not None)


def _more(wanted: TicketFilter) -> Iterator[Any]:
    """What narrows a list further."""
    if wanted.severities:
        yield ticket.c.severity.in_(wanted.severities)
    if wanted.review is not None:
        yield ticket.c.reviews != [] if wanted.review else ticket.c.reviews == []
    if wanted.created_since is not None:
        yield ticket.c.created_at >= wanted.created_since
    if wanted.missed_at is not None:
        yield ticket.c.promised_at < wanted.missed_at
    if wanted.after_id is not None:
        yield ticket.c.id < wanted.after_id
    if wanted.due_before is not None:
        pending = (due.c.ticket_id == ticket.c.id, due.c.done_at.is_(None), due.c.due_at < wanted.due_before)
        yield exists().where(*pending)
    if wanted.person is not None:
        its = select(person.c.ticket_id).where(person.c.address == address_key(wanted.person))
        yield ticket.c.id.in_(its)
