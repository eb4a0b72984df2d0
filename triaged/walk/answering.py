"""What a short answer means: the directory says which id a bare number is, the ticket what we asked. PURE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from triaged.judging.directory import Directory
from triaged.letters import kinds
from triaged.reading.identifiers import telling
from triaged.reading.identifiers.kinds import ASKED, IDENTIFIERS, NUMBERS
from triaged.reading.values import Find, FindKind, Identifiers, Reading
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import Event, Happening, Ticket

_BARE = 6  # words
LONGEST = 100  # characters of an answer that a review shows


def understood(reading: Reading, ticket: Ticket | None, directory: Directory, *, replies: bool) -> Reading:
    """The reading, with a bare number or address taken for what we asked.

    `replies`: the mail names a ticket of ours, where there is no ticket to ask.
    """
    given = reading.identifiers
    if not given.unnamed:
        return reading
    if reading.parts.asked or (replies and _is_bare(reading) if ticket is None else _asks(ticket)):
        given = _named(given, ticket, directory)
    return replace(reading, identifiers=replace(given, unnamed=()))


def is_unanswered(reading: Reading, ticket: Ticket | None) -> bool:
    """Whether a mail answers our question for identifiers that nobody of staff has taken up since."""
    if ticket is None:
        return reading.parts.asked
    if not ticket.no_identifier or ticket.history:
        return False
    turns = [e for e in ticket.events if e.kind is Happening.STAFF_ANSWERED or _is_question(e)]
    return reading.parts.asked or (bool(turns) and turns[-1].kind is not Happening.STAFF_ANSWERED)


def shown(reading: Reading) -> str:
    """The answer's first line, for a review."""
    return next((row.strip() for row in reading.parts.own.splitlines() if row.strip()), "nothing")[:LONGEST]


def _is_question(event: Event) -> bool:
    return event.kind is Happening.LETTER_SENT and kinds.of(OfLetter.of(event).kind).asks == "identifiers"


def _is_bare(reading: Reading) -> bool:
    """Hardly more than the value: all that can be said for it where the question is not at hand."""
    return len(reading.parts.own.split()) <= _BARE


def _asks(ticket: Ticket) -> bool:
    return ticket.no_identifier or bool(set(ASKED) & set(ticket.missing))


def _named(given: Identifiers, ticket: Ticket | None, directory: Directory) -> Identifiers:
    finds = [replace(f, kind=_kind(f, ticket, directory)) for f in given.unnamed]
    superadmin = next((f.value for f in finds if f.kind == "superadmin_email"), None)
    dropped = {("customer_email", superadmin)}
    named = {
        kind.name: tuple(dict.fromkeys((*telling.values(given, kind), *_values(finds, kind.find))))
        for kind in IDENTIFIERS
    }
    named["customer_emails"] = tuple(a for a in given.customer_emails if a != superadmin)
    more = telling.made(named)
    return replace(
        given,
        **{name: getattr(more, name) for name in named},
        found=(*(f for f in given.found if (f.kind, f.value) not in dropped), *finds),
    )


def _values(finds: list[Find], kind: str) -> Iterator[str]:
    return (f.value for f in finds if f.kind == kind)


def _kind(find: Find, ticket: Ticket | None, directory: Directory) -> FindKind:
    """Which id a number is: the directory knows; else the first of those that the ticket still lacks."""
    if find.kind != NUMBERS[0].find:
        return find.kind
    of_directory = (kind for kind in NUMBERS if directory.having(kind.column, find.value))
    open_ones = (
        kind for kind in NUMBERS if ticket is None or ticket.no_identifier or kind.name in ticket.missing
    )
    return next(chain(of_directory, open_ones), NUMBERS[-1]).find
