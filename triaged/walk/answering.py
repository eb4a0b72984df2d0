"""What a short answer means: the directory says which id a bare number is, the ticket what we asked. PURE."""

from __future__ import annotations

from dataclasses import replace

from triaged.judging.directory import Directory
from triaged.letters import kinds
from triaged.reading.values import Find, FindKind, Identifiers, Reading
from triaged.tickets.ticket import Happening, Ticket

_IDS = frozenset({"superadmin_email", "zoid", "zuid"})
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
    turns = [
        e
        for e in ticket.events
        if e.kind is Happening.STAFF_ANSWERED or _is_question(e.kind, e.data.get("kind"))
    ]
    return reading.parts.asked or (bool(turns) and turns[-1].kind is not Happening.STAFF_ANSWERED)


def shown(reading: Reading) -> str:
    """The answer's first line, for a review."""
    return next((row.strip() for row in reading.parts.own.splitlines() if row.strip()), "nothing")[:LONGEST]


def _is_question(kind: Happening, letter: object) -> bool:
    return kind is Happening.LETTER_SENT and kinds.of(str(letter)).asks == "identifiers"


def _is_bare(reading: Reading) -> bool:
    """Hardly more than the value: all that can be said for it where the question is not at hand."""
    return len(reading.parts.own.split()) <= _BARE


def _asks(ticket: Ticket) -> bool:
    return ticket.no_identifier or bool(_IDS & set(ticket.missing))


def _named(given: Identifiers, ticket: Ticket | None, directory: Directory) -> Identifiers:
    finds = [replace(f, kind=_kind(f, ticket, directory)) for f in given.unnamed]
    superadmin = next((f.value for f in finds if f.kind == "superadmin_email"), None)
    dropped = {("customer_email", superadmin)}
    return replace(
        given,
        superadmin_email=given.superadmin_email or superadmin,
        customer_emails=tuple(a for a in given.customer_emails if a != superadmin),
        zoid=_more(given.zoid, finds, "zoid"),
        zuid=_more(given.zuid, finds, "zuid"),
        found=(*(f for f in given.found if (f.kind, f.value) not in dropped), *finds),
    )


def _more(known: tuple[str, ...], finds: list[Find], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *(f.value for f in finds if f.kind == kind))))


def _kind(find: Find, ticket: Ticket | None, directory: Directory) -> FindKind:
    """Which id a number is: the directory knows; else what the ticket still lacks, the ZOID first."""
    if find.kind != "zoid" or find.value in directory.by_zoid:
        return find.kind
    lacks_user = ticket is not None and not ticket.no_identifier and "zoid" not in ticket.missing
    return "zuid" if find.value in directory.by_zuid or lacks_user else "zoid"
