"""The sender's question before each letter: may it still leave? (followups/still_wanted.py answers.)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from triaged.followups import still_wanted
from triaged.followups.still_wanted import NOW, Leave
from triaged.letters import kinds
from triaged.promises.service_levels import Promises
from triaged.store.rows import OutboxLetter
from triaged.tickets.ticket import OVER, Ticket
from triaged.vocabulary import Severity

FRESH = timedelta(minutes=1)  # just thought of: nothing can have changed, but a question may be on its way
MayLeave = Callable[[OutboxLetter, datetime], Leave]


class Tickets(Protocol):
    """What is asked of the store."""

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket whole."""


def is_urgent(store: Tickets) -> Callable[[OutboxLetter], bool]:
    """Whether a letter is of an S1 that is open: its partner, or who is to help him, waits for it."""

    def urgent(letter: OutboxLetter) -> bool:
        ticket = store.ticket(letter.ticket_id) if letter.ticket_id is not None else None
        return ticket is not None and ticket.severity is Severity.S1 and ticket.state not in OVER

    return urgent


def always(_letter: OutboxLetter, _now: datetime) -> Leave:
    """Every letter may leave at any time."""
    return NOW


def by_ticket(store: Tickets, promises: Callable[[], Promises]) -> MayLeave:
    """Asks the ticket as it is now, and the rulebook in force; acknowledgments are spared the question."""

    def may_leave(letter: OutboxLetter, now: datetime) -> Leave:
        known = promises()
        if letter.ticket_id is None or not still_wanted.is_asked(letter.kind, known):
            return NOW
        fresh = now - letter.written_at < FRESH
        if fresh and not kinds.of(letter.kind).soon_void:
            return NOW
        ticket = store.ticket(letter.ticket_id)
        return still_wanted.judge(letter.kind, letter.key, ticket, known, now) if ticket else NOW

    return may_leave
