"""Lists of tickets for the pages: who asks is part of every question (`Scope`), pages go by key, never by offset.

Each list is found by one index: a person's by his tickets, an admin's by the partner's, the queue by what is promised
next, everything by when it was last changed. What is few by then is put in order in memory: `_apart_from_indexes`
keeps the planners from walking another index in the order wanted until enough is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
)  # fmt: skip

from triaged.store.columns import Words, address_key, storable, to_micros
from triaged.store.page_rows import BOUND, Counted, ListPage, ListRow, Place, Sort, Status, View, Wanted
from triaged.store.page_tables import tag
from triaged.store.scope import Scope
from triaged.store.search import Searching
from triaged.store.tables import LIVE, due, event, letter, person, ticket
from triaged.store.threads import reference
from triaged.tickets.ticket import State

SEES = ("requester", "cc", "reader")  # roles that see a ticket
_LAST = 9223372036854775807
_live: Any = literal_column(LIVE.replace("state", "ticket.state"))
_next = literal_column(f"coalesce(ticket.promised_at, {_LAST})", BigInteger)
_higher = or_(ticket.c.tier > 1, ticket.c.engineering)
_STATUS: dict[Status, Any] = {
    Status.OPEN: and_(ticket.c.state.in_([State.NEW, State.OPEN]), ~_higher),
    Status.ESCALATED: and_(ticket.c.state.in_([State.NEW, State.OPEN]), _higher),
    Status.WAITING: ticket.c.state == State.WAITING,
    Status.RESOLVED: ticket.c.state == State.RESOLVED,
    Status.CLOSED: ticket.c.state == State.CLOSED,
}
_requester = (
    select(func.coalesce(func.min(person.c.address), ""))
    .where(person.c.ticket_id == ticket.c.id, person.c.role == "requester")
    .scalar_subquery()
)
_KEYS: dict[Sort, Any] = {
    Sort.DUE: _next,
    Sort.REFERENCE: type_coerce(ticket.c.id, BigInteger),
    Sort.PERSON: type_coerce(_requester, Text),
    Sort.SUBJECT: type_coerce(func.lower(ticket.c.subject), Text),
    Sort.CREATED: type_coerce(ticket.c.created_at, BigInteger),
    Sort.UPDATED: type_coerce(ticket.c.updated_at, BigInteger),
    Sort.CHANNEL: type_coerce(ticket.c.channel, Text),
    Sort.STATUS: case(*((which, place) for place, which in enumerate(_STATUS.values())), else_=9),
    Sort.SEVERITY: type_coerce(ticket.c.severity, Text),
}
_TEXTS = frozenset({Sort.PERSON, Sort.SUBJECT, Sort.CHANNEL, Sort.SEVERITY})
_BY_INDEX = frozenset({Sort.REFERENCE, Sort.CREATED, Sort.UPDATED})  # of all tickets, however many
_NAMES = (
    "id", "subject", "created_at", "updated_at", "channel", "state", "private", "tier", "engineering", "severity",
    "provisional", "mailbox", "partner_domain", "account_name", "service", "assigned_to", "promise", "promised_at",
    "tags", "reviews", "snoozed_until",
)  # fmt: skip
_COLUMNS = [ticket.c[name] for name in _NAMES]


def status_of(state: State, tier: int, engineering: bool) -> Status:
    """How a ticket stands in the words of a partner's list."""
    if state in (State.NEW, State.OPEN):
        return Status.ESCALATED if tier > 1 or engineering else Status.OPEN
    return Status(str(state))


def on_it(address: str) -> Any:
    """The tickets on which somebody stands who may see them."""
    stands = (person.c.address == address_key(address), person.c.role.in_(SEES))
    return select(person.c.ticket_id).where(*stands).correlate(None)


def sees(scope: Scope) -> Iterator[Any]:
    """What must hold of a ticket for it to exist for this reader.

    One that nobody verified is told to nobody of the partner before somebody of ours, or a letter, has answered it:
    a forger wrote it.
    """
    if scope.is_staff:
        return
    of_ours = select(event.c.id).where(event.c.ticket_id == ticket.c.id, event.c.kind == "staff_answered")
    written = select(letter.c.id).where(letter.c.ticket_id == ticket.c.id, letter.c.audience == "partner")
    answered = (query.correlate(ticket).exists() for query in (of_ours, written))
    yield or_(ticket.c.trusted, *answered)
    stands = ticket.c.id.in_(on_it(scope.address))
    if scope.who == "admin":
        yield _is_of(scope.partners)
        yield or_(~ticket.c.private, stands)
    else:
        yield stands


def _is_of(partners: tuple[str, ...]) -> Any:
    if len(partners) > 1:
        return ticket.c.partner_domain.in_(partners)
    return ticket.c.partner_domain == partners[0] if partners else false()


class Pages(Searching):
    """Lists and counts."""

    def page(self, scope: Scope, wanted: Wanted) -> ListPage:
        """A page of the tickets wanted; one whose reference is the text asked for stands first."""
        with self._reading() as connection:
            found = self._found(connection, scope, wanted.text)
            rows, first, last = _piece(connection, scope, wanted, found)
            direct = self._direct(connection, scope, wanted)
            if direct is not None:
                rows = [direct, *(row for row in rows if row.id != direct.id)]
            names = _requesters(connection, [row.id for row in rows])
        return ListPage(tuple(_row(row, names, scope) for row in rows), first, last)

    def count(self, scope: Scope, wanted: Wanted) -> Counted:
        """How many there are, exact up to BOUND."""
        return self.counted(scope, [wanted])[0]

    def counted(self, scope: Scope, wanteds: Sequence[Wanted]) -> list[Counted]:
        """The same for several lists."""
        with self._reading() as connection:
            return [self._number(connection, scope, wanted) for wanted in wanteds]

    def _number(self, connection: Connection, scope: Scope, wanted: Wanted) -> Counted:
        query = matching(scope, wanted, self._found(connection, scope, wanted.text))
        few = query.with_only_columns(ticket.c.id).limit(BOUND + 1).subquery()
        number = connection.scalar(select(func.count()).select_from(few)) or 0
        return Counted(min(number, BOUND), number > BOUND)

    def reference_of(self, scope: Scope, shown: str) -> int | None:
        """The ticket behind "PS-1042", "[ps-1042]", "PS 1042"; None where there is none for this reader."""
        with self._reading() as connection:
            return self._named(connection, scope, shown)

    def _direct(self, connection: Connection, scope: Scope, wanted: Wanted) -> Any:
        if not wanted.text or wanted.after or wanted.before:
            return None
        number = self._named(connection, scope, wanted.text)
        query = select(*_COLUMNS).where(ticket.c.id == number)
        return connection.execute(query).first() if number is not None else None

    def _named(self, connection: Connection, scope: Scope, shown: str) -> int | None:
        number = referred(shown)
        if number is None:
            return None
        found: int | None = connection.scalar(select(ticket.c.id).where(ticket.c.id == number, *sees(scope)))
        return found


def referred(shown: str) -> int | None:
    """The number that a text names as a reference and nothing else."""
    words = "".join(char if char.isalnum() else " " for char in _narrow(shown[:60])).split()
    digits = words[1] if len(words) == 2 and words[0] == "PS" else "".join(words).removeprefix("PS")
    joined = len(words) == 1 and words[0].startswith("PS")
    plain = digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if plain and (joined or len(words) == 2) else None


def _narrow(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", text).upper()


def matching(scope: Scope, wanted: Wanted, found: Sequence[int] | None = None) -> Select[Any]:
    """The tickets wanted, for one reader, in no order. `found`: those that the text is in."""
    query = select(*_COLUMNS).where(*sees(scope))
    if found is not None:
        query = query.where(ticket.c.id.in_(found))
    equal = (
        (ticket.c.mailbox, wanted.mailbox), (ticket.c.partner_domain, wanted.partner.lower()),
        (ticket.c.account_key, wanted.account), (ticket.c.service, wanted.service),
    )  # fmt: skip
    query = query.where(*(column == value for column, value in equal if value))
    if wanted.statuses:
        query = query.where(or_(*(_STATUS[one] for one in wanted.statuses)))
    if wanted.states:
        query = query.where(ticket.c.state.in_(wanted.states))
    if wanted.severities:
        query = query.where(ticket.c.severity.in_(wanted.severities))
    if wanted.person:
        query = query.where(ticket.c.id.in_(_of_person(wanted.person)))
    if wanted.tag:
        query = query.where(
            ticket.c.id.in_(select(tag.c.ticket_id).where(tag.c.name == storable(wanted.tag)))
        )
    if wanted.own:
        query = query.where(ticket.c.id.in_(on_it(scope.address)))
    return query.where(*_of_view(scope, wanted))


def _of_person(address: str) -> Any:
    return select(person.c.ticket_id).where(person.c.address == address_key(address)).correlate(None)


def _of_view(scope: Scope, wanted: Wanted) -> Iterator[Any]:
    if not scope.is_staff or wanted.view is View.EVERYTHING:
        return
    now = to_micros(wanted.now)
    promised = type_coerce(ticket.c.promised_at, BigInteger)
    snoozed = func.coalesce(type_coerce(ticket.c.snoozed_until, BigInteger), 0) > now
    warned = exists().where(
        due.c.ticket_id == ticket.c.id, due.c.kind == ticket.c.promise, due.c.step.startswith("warn"),
        due.c.done_at.is_not(None),
    )  # fmt: skip
    yield _live
    yield from {
        View.QUEUE: (~snoozed,),
        View.MINE: (ticket.c.assigned_to == scope.address, ~snoozed),
        View.UNASSIGNED: (ticket.c.assigned_to.is_(None), ~snoozed),
        View.S1: (ticket.c.severity == "S1",),
        View.AT_RISK: (promised > now, warned),
        View.MISSED: (promised <= now,),
        View.REVIEW: (ticket.c.reviews != [],),
        View.WAITING: (ticket.c.state == State.WAITING,),
        View.SNOOZED: (snoozed,),
    }[wanted.view]


def ordered(scope: Scope, wanted: Wanted) -> tuple[Sort, Any]:
    """By what a list is put in order, and the expression: one of an index only where that index finds the list."""
    few = not scope.is_staff or wanted.view is not View.EVERYTHING or _is_narrow(wanted)
    sort = wanted.sort if few or wanted.sort in _BY_INDEX else Sort.UPDATED
    key = _KEYS[sort]
    whole = scope.is_staff and not _is_narrow(wanted)
    by_index = (
        (scope.who == "admin" and sort is Sort.UPDATED and not _is_narrow(wanted) and not wanted.own)
        or (whole and wanted.view is View.EVERYTHING)
        or (whole and sort is Sort.DUE and wanted.view is not View.EVERYTHING)
        or (scope.is_staff and sort is Sort.UPDATED and bool(wanted.partner or wanted.service))
    )
    return sort, key if by_index else _apart_from_indexes(key, sort)


def _is_narrow(wanted: Wanted) -> bool:
    return bool(wanted.text or wanted.tag or wanted.person or wanted.account or wanted.own)


def _apart_from_indexes(key: Any, sort: Sort) -> Any:
    """The same value, in a form that no index has."""
    return func.coalesce(key, "") if sort in _TEXTS else key + literal_column("0")


def query_of(scope: Scope, wanted: Wanted, found: Sequence[int] | None = None) -> tuple[Select[Any], bool]:
    """The statement of a page, one row longer than the page, and whether it runs backwards."""
    sort, key = ordered(scope, wanted)
    place, backwards = _place(wanted, sort)
    descending = wanted.descending != backwards
    query = matching(scope, wanted, found).add_columns(key.label("sorted_by"))
    if place is not None:
        here = tuple_(key, type_coerce(ticket.c.id, BigInteger))
        there = tuple_(
            literal(place.key, Words() if sort in _TEXTS else BigInteger()),
            literal(place.ticket_id, BigInteger()),
        )
        query = query.where(here < there if descending else here > there)
    by = [key.desc(), ticket.c.id.desc()] if descending else [key, ticket.c.id]
    return query.order_by(*by).limit(max(1, min(wanted.limit, 200)) + 1), backwards


def _place(wanted: Wanted, sort: Sort) -> tuple[Place | None, bool]:
    """Where the page begins; none where an address holds what never was a place."""
    given = wanted.after or wanted.before
    if given is None or sort is not wanted.sort:
        return None, False
    try:
        key = str(given.key) if sort in _TEXTS else int(given.key)
        number = int(given.ticket_id)
    except ValueError:
        return None, False
    if not all(abs(one) < 2**63 for one in (key, number) if isinstance(one, int)):
        return None, False
    return Place(key, number), wanted.after is None


def _piece(
    connection: Connection, scope: Scope, wanted: Wanted, found: Sequence[int] | None
) -> tuple[list[Any], Place | None, Place | None]:
    query, backwards = query_of(scope, wanted, found)
    rows = list(connection.execute(query))
    more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    if backwards:
        rows.reverse()
    if not rows:
        return [], None, None
    first, last = (Place(row.sorted_by, row.id) for row in (rows[0], rows[-1]))
    earlier = more if backwards else wanted.after is not None
    later = True if backwards else more
    return rows, first if earlier else None, last if later else None


def _requesters(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    asked = (
        select(person.c.ticket_id, person.c.address, person.c.name)
        .where(person.c.ticket_id.in_(ids), person.c.role == "requester")
        .order_by(person.c.ticket_id, person.c.place.desc())
    )
    return {row.ticket_id: (row.address, row.name) for row in connection.execute(asked)} if ids else {}


def _row(row: Any, names: dict[int, tuple[str, str]], scope: Scope) -> ListRow:
    address, name = names.get(row.id, ("", ""))
    shown = ListRow(
        id=row.id, reference=reference(row.id), subject=row.subject, person=address, person_name=name,
        created_at=row.created_at, updated_at=row.updated_at, channel=row.channel,
        status=status_of(row.state, row.tier, row.engineering), state=row.state, private=row.private,
    )  # fmt: skip
    return _for_staff(shown, row) if scope.is_staff else shown


def _for_staff(shown: ListRow, row: Any) -> ListRow:
    from dataclasses import replace

    return replace(
        shown, severity=row.severity, provisional=row.provisional, mailbox=row.mailbox,
        partner=row.partner_domain or "", account=row.account_name or "", service=row.service or "",
        assigned_to=row.assigned_to or "", promise=row.promise or "", promised_at=row.promised_at,
        tags=tuple(row.tags), reviews=len(row.reviews), tier=row.tier, snoozed_until=row.snoozed_until,
    )  # fmt: skip
