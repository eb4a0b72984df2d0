"""What is told on a ticket by mails that prove nothing: machines, people in copy, forgers. PURE.

Anybody who knows an id of a thread can have something noted there. So many notes stand on a ticket, then one
that says so; what comes later lies in the ledger with the ticket's number, and moves and tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triaged.tickets.event_data import Enough, OfMail
from triaged.tickets.ticket import Event, Happening

MOST = 100
_UNPROVEN = frozenset({Happening.PARTNER_ANSWERED, Happening.STAFF_NOTED})


def is_note(event: Event) -> bool:
    """Whether anybody at all could have brought the event about."""
    if event.kind in _UNPROVEN:
        told = OfMail.of(event)
        return told.bystander or told.unproven
    return event.kind is Happening.AUTOMATIC_MAIL


def count(events: Sequence[Event]) -> int:
    """How many of a ticket's events are such."""
    return sum(map(is_note, events))


def enough(now: datetime) -> Event:
    """The last note there is."""
    reason = (
        f"more than {MOST} mails that prove nothing: later ones are only in the ledger (triaged mail list)"
    )
    return Event(now, Happening.AUTOMATIC_MAIL, "daemon", reason, Enough(enough=True).stored())
