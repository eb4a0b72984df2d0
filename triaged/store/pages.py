"""Lists of tickets for the pages: who asks is part of every question (`Scope`), pages go by key, never by offset.

Each list is found by one index: a person's by his tickets, an admin's by the partner's, the queue by what is promised
next, everything by when it was last changed. What is few by then is put in order in memory: `_apart_from_indexes`
keeps the planners from walking another index in the order wanted until enough is met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
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
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
)  # fmt: skip

from triaged.store.columns import Words, address_key, number_apart, text_apart, to_micros
from triaged.store.list_rows import shown, status_of
from triaged.store.listed import among
from triaged.store.page_rows import BOUND, Counted, ListPage, Place, Sort, Status, View, Wanted
from triaged.store.page_tables import tag
from triaged.store.scope import SEES, Scope
from triaged.store.search import Found, Searching
from triaged.store.shapes import SHAPES, filled, filling, of_question, of_reader
from triaged.store.tables import LIVE, due, event, letter, person, ticket
from triaged.store.threads import referred
from triaged.tickets.ticket import State

_LAST = 9223372036854775807
_live: Any = literal_column(LIVE.replace("state", "ticket.state"))
_next = literal_column(f"coalesce(ticket.promised_at, {_LAST})", BigInteger)
_higher = or_(ticket.c.tier > 1, ticket.c.engineering)
_state = type_coerce(text_apart(ticket.c.state), Text)  # nearly all are closed
_STATUS: dict[Status, Any] = {
    Status.OPEN: and_(_state.in_(["new", "open"]), ~_higher),
    Status.ESCALATED: and_(_state.in_(["new", "open"]), _higher),
    Status.WAITING: _state == "waiting",
    Status.RESOLVED: _state == "resolved",
    Status.CLOSED: _state == "closed",
}
_FEW = {  # the states behind a status, of those that are never many
    Status.OPEN: (State.NEW, State.OPEN),
    Status.ESCALATED: (State.NEW, State.OPEN),
    Status.WAITING: (State.WAITING,),
    Status.RESOLVED: (State.RESOLVED,),
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
_EQUAL = {
    "mailbox": ticket.c.mailbox, "partner": ticket.c.partner_domain, "account": ticket.c.account_key,
    "service": ticket.c.service, "channel": ticket.c.channel,
}  # fmt: skip


def on_it(address: str) -> Any:
    """The tickets on which somebody stands who may see them."""
    here = filled("reader_key", address_key(address), person.c.address.type)
    stands = (person.c.address == here, person.c.role.in_(SEES))
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
    its = ticket.c.partner_domain
    if len(partners) > 1:
        return its.in_(filled("reader_partners", list(partners), its.type, several=True))
    return its == filled("reader_partner", partners[0], its.type) if partners else false()


class Pages(Searching):
    """Lists and counts."""

    def page(self, scope: Scope, wanted: Wanted) -> ListPage:
        """A page of the tickets wanted; one whose reference is the text asked for stands first."""
        return self.listed(scope, wanted, ())[0]

    def count(self, scope: Scope, wanted: Wanted) -> Counted:
        """How many there are, exact up to BOUND."""
        return self.counted(scope, [wanted])[0]

    def counted(self, scope: Scope, wanteds: Sequence[Wanted]) -> list[Counted]:
        """The same for several lists."""
        with self._reading() as connection:
            found = {one: self._found(connection, scope, one) for one in {wanted.text for wanted in wanteds}}
            return _numbers(connection, scope, wanteds, found)

    def listed(
        self, scope: Scope, wanted: Wanted, beside: Sequence[Wanted]
    ) -> tuple[ListPage, list[Counted]]:
        """A page, and how many there are in the lists beside it: what they all look for is looked for once."""
        with self._reading() as connection:
            found = {
                one: self._found(connection, scope, one) for one in {wanted.text, *(o.text for o in beside)}
            }
            page = self._page(connection, scope, wanted, found[wanted.text])
            return page, _numbers(connection, scope, beside, found)

    def _page(self, connection: Connection, scope: Scope, wanted: Wanted, found: Found | None) -> ListPage:
        rows, first, last = _piece(connection, scope, wanted, found.tickets if found else None)
        direct = self._direct(connection, scope, wanted)
        if direct is not None:
            rows = [direct, *(row for row in rows if row.id != direct.id)]
        return ListPage(shown(connection, rows, scope), first, last)

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


def _numbers(
    connection: Connection, scope: Scope, wanteds: Sequence[Wanted], found: Mapping[str, Found | None]
) -> list[Counted]:
    """How many of each list there are. What a search met is few: it is looked at once for all statuses."""
    whole = _of_all(connection, scope, [one for one in wanteds if found[one.text] is None])
    told: dict[Wanted, Counter[Status]] = {}
    return [
        whole[one] if met is None else _few(connection, scope, one, met, told)
        for one, met in ((one, found[one.text]) for one in wanteds)
    ]


def _few(
    connection: Connection, scope: Scope, wanted: Wanted, found: Found, told: dict[Wanted, Counter[Status]]
) -> Counted:  # fmt: skip
    every = replace(wanted, statuses=())
    if every not in told:
        told[every] = Counter()
        rows = connection.execute(
            _statuses(of_reader(scope), of_question(every)), filling(scope, every, found=found.tickets)
        )
        for state, tier, engineering, number in rows:
            told[every][status_of(state, tier, engineering)] += number
    number = sum(told[every][one] for one in wanted.statuses or Status)
    return Counted(min(number, BOUND), number > BOUND or found.more)


def _of_all(connection: Connection, scope: Scope, wanteds: Sequence[Wanted]) -> dict[Wanted, Counted]:
    """How many of each list there are, in one statement for all that differ by their shape alone."""
    told: dict[Wanted, Counted] = {}
    for given, alike in groupby(wanteds, lambda one: filling(scope, one)):
        lists = tuple(alike)
        row = connection.execute(_counts(of_reader(scope), tuple(map(of_question, lists))), given).one()
        told |= {one: Counted(min(n, BOUND), n > BOUND) for one, n in zip(lists, row, strict=True)}
    return told


@lru_cache(maxsize=SHAPES)
def _counts(scope: Scope, wanteds: tuple[Wanted, ...]) -> Select[Any]:
    few = (matching(scope, one).with_only_columns(ticket.c.id).limit(BOUND + 1) for one in wanteds)
    return select(*(select(func.count()).select_from(one.subquery()).scalar_subquery() for one in few))


@lru_cache(maxsize=SHAPES)
def _statuses(scope: Scope, wanted: Wanted) -> Select[Any]:
    kinds = (ticket.c.state, ticket.c.tier, ticket.c.engineering)
    return matching(scope, wanted, ()).with_only_columns(*kinds, func.count()).group_by(*kinds)


@lru_cache(maxsize=SHAPES)
def _list(scope: Scope, wanted: Wanted, *, is_search: bool) -> tuple[Select[Any], bool]:
    return query_of(scope, wanted, () if is_search else None)


def matching(scope: Scope, wanted: Wanted, found: Sequence[int] | None = None) -> Select[Any]:
    """The tickets wanted, for one reader, in no order. `found`: those that the text is in."""
    query = select(*_COLUMNS).where(*sees(scope))
    if found is not None:
        query = query.where(among(ticket.c.id, found, "found"))
    given = filling(scope, wanted)
    # Few are live, whatever an account ever had.
    apart = scope.is_staff and wanted.view is not View.EVERYTHING
    for name, column in _EQUAL.items():
        if given[name]:
            its = text_apart(column) if apart else column
            query = query.where(its == filled(name, given[name], column.type))
    if wanted.statuses:
        query = query.where(or_(*(_STATUS[one] for one in wanted.statuses)))
    if wanted.statuses and is_few(scope, wanted):
        query = query.where(ticket.c.state.in_({state for one in wanted.statuses for state in _FEW[one]}))
    if wanted.states:
        query = query.where(ticket.c.state.in_(wanted.states))
    if wanted.severities:
        query = query.where(ticket.c.severity.in_(wanted.severities))
    if wanted.person:
        query = query.where(ticket.c.id.in_(_of_person(wanted.person)))
    if wanted.tag:
        named = tag.c.name == filled("tag", given["tag"], tag.c.name.type)
        query = query.where(ticket.c.id.in_(select(tag.c.ticket_id).where(named)))
    if wanted.own:
        query = query.where(ticket.c.id.in_(on_it(scope.address)))
    return query.where(*_of_view(scope, wanted))


def is_few(scope: Scope, wanted: Wanted) -> bool:
    """Whether an admin asks for what is not closed: found by partner and state, and put in order in memory."""
    few = bool(wanted.statuses) and all(one in _FEW for one in wanted.statuses)
    return few and scope.who == "admin" and not _is_narrow(wanted)


def _of_person(address: str) -> Any:
    his = person.c.address == filled("person_key", address_key(address), person.c.address.type)
    return select(person.c.ticket_id).where(his).correlate(None)


def _of_view(scope: Scope, wanted: Wanted) -> Iterator[Any]:
    if not scope.is_staff or wanted.view is View.EVERYTHING:
        return
    now = filled("now", to_micros(wanted.now), BigInteger())
    me = filled("reader", scope.address, ticket.c.assigned_to.type)
    promised = type_coerce(ticket.c.promised_at, BigInteger)
    snoozed = func.coalesce(type_coerce(ticket.c.snoozed_until, BigInteger), 0) > now
    warned = exists().where(
        due.c.ticket_id == ticket.c.id, due.c.kind == ticket.c.promise, due.c.step.startswith("warn"),
        due.c.done_at.is_not(None),
    )  # fmt: skip
    yield _live
    yield from {
        View.QUEUE: (~snoozed,),
        View.MINE: (ticket.c.assigned_to == me, ~snoozed),
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
    sort = _sort(scope, wanted)
    key = _KEYS[sort]
    whole = scope.is_staff and not _is_narrow(wanted)
    by_index = (
        (
            scope.who == "admin"
            and sort is Sort.UPDATED
            and not _is_narrow(wanted)
            and not is_few(scope, wanted)
        )
        or (whole and wanted.view is View.EVERYTHING)
        or (whole and sort is Sort.DUE and wanted.view is not View.EVERYTHING)
        or (scope.is_staff and sort is Sort.UPDATED and bool(wanted.partner or wanted.service))
    )
    return sort, key if by_index else text_apart(key) if sort in _TEXTS else number_apart(key)


def _sort(scope: Scope, wanted: Wanted) -> Sort:
    few = not scope.is_staff or wanted.view is not View.EVERYTHING or _is_narrow(wanted)
    return wanted.sort if few or wanted.sort in _BY_INDEX else Sort.UPDATED


def _is_narrow(wanted: Wanted) -> bool:
    return bool(wanted.text or wanted.tag or wanted.person or wanted.account or wanted.own)


def query_of(scope: Scope, wanted: Wanted, found: Sequence[int] | None = None) -> tuple[Select[Any], bool]:
    """The statement of a page, one row longer than the page, and whether it runs backwards."""
    sort, key = ordered(scope, wanted)
    place, backwards = _place(wanted, sort)
    descending = wanted.descending != backwards
    query = matching(scope, wanted, found).add_columns(key.label("sorted_by"))
    if place is not None:
        here = tuple_(key, type_coerce(ticket.c.id, BigInteger))
        there = tuple_(
            filled("place_key", place.key, Words() if sort in _TEXTS else BigInteger()),
            filled("place_id", place.ticket_id, BigInteger()),
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
    place, _backwards = _place(wanted, _sort(scope, wanted))
    asked = wanted if place else replace(wanted, after=None, before=None)
    query, backwards = _list(of_reader(scope), of_question(asked), is_search=found is not None)
    rows = list(connection.execute(query, filling(scope, wanted, place, found or ())))
    more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    if backwards:
        rows.reverse()
    if not rows:
        return [], None, None
    first, last = (Place(row.sorted_by, row.id) for row in (rows[0], rows[-1]))
    earlier = more if backwards else place is not None
    later = True if backwards else more
    return rows, first if earlier else None, last if later else None
