"""Tickets whole: with their people and events, opened, changed and found.

Inside a transaction a ticket is read and written under the recording lock, so nobody changes it between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, delete, func, select, update

from triaged.store.columns import address_key
from triaged.store.connected import pieces
from triaged.store.deferred import Deferred, Later
from triaged.store.inserts import put_setting
from triaged.store.lookups import Lookup
from triaged.store.said import SaidWrites
from triaged.store.tables import event, person, setting, ticket
from triaged.store.threads import PEOPLE, reference
from triaged.tickets import notes
from triaged.tickets.ticket import Event, Happening, Person, Ticket

FIRST = 1001
_LISTS = ("missing", "tags", "references", "reviews")
_ELSEWHERE = {"id", "reference", "people", "events"}  # fields of Ticket that are no columns
COLUMNS = tuple(field.name for field in fields(Ticket) if field.name not in _ELSEWHERE)
_OF_SEVERITY = {"severity", "severity_because", "severity_by_human"}

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_TICKETS = select(ticket).where(ticket.c.id.in_(_IDS)).order_by(ticket.c.id)
_PEOPLE = select(person).where(person.c.ticket_id.in_(_IDS)).order_by(person.c.ticket_id, person.c.place)
_STORY = [event.c[name] for name in ("ticket_id", "at", "kind", "actor", "reason", "data", "id")]
_EVENTS = (
    select(*_STORY).where(event.c.ticket_id.in_(_IDS)).order_by(event.c.ticket_id, event.c.at, event.c.id)
)
_OPENED = Later(ticket, ("id", *COLUMNS))
EVENTS = Later(event, ("ticket_id", "at", "kind", "actor", "reason", "data"))


def whole(connection: Connection, ids: Iterable[int], *, events: bool = True) -> list[Ticket]:
    """Tickets by id, in order of id, with their people and (unless told otherwise) their events."""
    found: list[Ticket] = []
    for piece in pieces(sorted(set(ids))):
        rows = connection.execute(_TICKETS, {"ids": piece}).all()
        people = _people(connection, piece)
        story = _events(connection, piece) if events else {}
        found += [_ticket(row, people.get(row.id, ()), story.get(row.id, ())) for row in rows]
    return found


def _event_row(ticket_id: int, one: Event) -> tuple[Any, ...]:
    return (ticket_id, one.at, one.kind.value, one.actor, one.reason, one.data)


def add_events(connection: Connection, ticket_id: int, events: Sequence[Event]) -> None:
    """Append to a ticket's story."""
    story = Deferred(connection)
    story.put(EVENTS, [_event_row(ticket_id, one) for one in events])
    story.write()


class TicketWrites(SaidWrites):
    """What the recorder, the deadlines and the commands do to tickets."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._next_ticket: int | None = None
        self._notes: Lookup[int, int] = Lookup(self._ask_notes, 0)

    def ticket(self, ticket_id: int) -> Ticket | None:
        """The ticket as it stands in this transaction, whole."""
        return next(iter(self.tickets([ticket_id])), None)

    def tickets(self, ticket_ids: Iterable[int]) -> list[Ticket]:
        """Several tickets whole, in order of id: three statements however many."""
        ids = list(ticket_ids)
        return whole(self._about(ids), ids)

    def next_ticket(self) -> tuple[int, str]:
        """The number and the reference of the next ticket opened here: nobody else opens one before we end."""
        number = self._next()
        return number, reference(number)

    def open_ticket(self, new: Ticket, events: Sequence[Event] = ()) -> Ticket:
        """Store a new ticket under the next number; its `id` and `reference` are ignored and given anew."""
        number = self._number()
        row = (number, *(getattr(new, name) for name in COLUMNS))
        self._later(_OPENED, [row], about=[number])
        self._opened[number] = []
        self._add_people(number, new.people)
        self.add_events(number, (*new.events, *events))
        opened = replace(new, id=number, reference=reference(number), events=(*new.events, *events))
        self._tell_opened(opened)
        return opened

    def save(self, before: Ticket, after: Ticket) -> Ticket:
        """Write what differs, and people; events go by `add_events`. Answers the ticket as now stored.

        A severity set by a human is never overwritten by one that is not (promise 5), whatever `before`
        said: the stored row is asked.
        """
        changed = {
            name: getattr(after, name) for name in COLUMNS if getattr(after, name) != getattr(before, name)
        }
        connection = self._about([after.id])
        if _OF_SEVERITY & changed.keys() and not after.severity_by_human:
            stored = self._human_severity(after.id)
            if stored is not None:
                changed = {name: value for name, value in changed.items() if name not in _OF_SEVERITY}
                after = replace(after, **stored)
        if changed:
            connection.execute(update(ticket).where(ticket.c.id == after.id).values(**changed))
        if before.people != after.people:
            connection.execute(delete(person).where(person.c.ticket_id == after.id))
            self._add_people(after.id, after.people)
        self._tell_saved(before, after)
        return after

    def add_events(self, ticket_id: int, events: Sequence[Event]) -> None:
        """Append to a ticket's story, with their reasons."""
        self._later(EVENTS, [_event_row(ticket_id, one) for one in events], about=[ticket_id])
        if self._notes.knows(ticket_id):
            self._notes.change(ticket_id, self._notes.of(ticket_id) + notes.count(events))

    def notes_on(self, ticket_id: int) -> int:
        """How many events of a ticket anybody could have brought about (tickets/notes.py)."""
        return self._notes.of(ticket_id)

    def _ask_notes(self, ids: list[int]) -> dict[int, int]:
        return {one: notes.count(story) for one, story in _events(self._about(ids), ids).items()}

    def next_number(self, name: str, first: int = FIRST) -> int:
        """The next of a series of its own ("case" for CP-…), without gaps; `first` begins it."""
        key = f"number:{name}"
        connection = self._apart()
        last = connection.scalar(select(setting.c.value).where(setting.c.name == key))
        number = first if last is None else int(last) + 1
        put_setting(connection, key, str(number))
        return number

    def _number(self) -> int:
        """Numbers without gaps: nobody else opens tickets while we hold the recording lock."""
        number = self._next()
        self._next_ticket = number + 1
        return number

    def _next(self) -> int:
        if self._next_ticket is None:
            last = self._apart().scalar(select(func.max(ticket.c.id)))
            self._next_ticket = (last or FIRST - 1) + 1
        return self._next_ticket

    def _add_people(self, ticket_id: int, people: Sequence[Person]) -> None:
        rows: dict[str, tuple[Any, ...]] = {}
        for place, one in enumerate(people):
            address = address_key(one.address)
            row = (ticket_id, address, one.name, one.role, one.failed, place, one.since)
            rows.setdefault(address, row)
        self._later(PEOPLE, rows.values(), about=[ticket_id])

    def _human_severity(self, ticket_id: int) -> dict[str, Any] | None:
        columns = [ticket.c.severity, ticket.c.severity_because, ticket.c.severity_by_human]
        row = self._about([ticket_id]).execute(select(*columns).where(ticket.c.id == ticket_id)).first()
        return dict(row._mapping) if row and row.severity_by_human else None


def _people(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Person, ...]]:
    people: dict[int, tuple[Person, ...]] = {}
    for row in connection.execute(_PEOPLE, {"ids": ids}):
        one = Person(row.address, row.name, row.role, row.failed, row.since)
        people[row.ticket_id] = (*people.get(row.ticket_id, ()), one)
    return people


def _events(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Event, ...]]:
    story: dict[int, list[Event]] = {}
    rows = connection.execute(_EVENTS, {"ids": ids}).all()
    # By place: a long story has thousands of values
    for whose, at, kind, actor, reason, data, number in rows:
        story.setdefault(whose, []).append(Event(at, Happening(kind), actor, reason, data, number))
    return {one: tuple(events) for one, events in story.items()}


def _ticket(row: Row[Any], people: Sequence[Person], events: Sequence[Event]) -> Ticket:
    values = dict(row._mapping)
    for name in _LISTS:
        values[name] = tuple(values[name])
    return Ticket(**values, reference=reference(row.id), people=tuple(people), events=tuple(events))
