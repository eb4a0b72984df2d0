"""Every promise asked of the store: its own questions, and whether what is promised next fits what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from triaged.promises import clocks
from triaged.rulebook.rulebook import Rulebook
from triaged.store.promise_checks import Fault
from triaged.store.rows import TicketFilter
from triaged.store.store import Store
from triaged.tickets.ticket import LIVE

_PAGE = 200
_MINUTE = timedelta(minutes=1)


def faults(store: Store, rulebook: Rulebook, now: datetime) -> list[Fault]:
    """Every fault found, by the rulebook in force. Raises Unavailable."""
    holding = [rule.name for rule in rulebook.rules if rule.then.hold_letters]
    return [*store.faults(now, holding), *_other_promises(store, rulebook, now)]


def _other_promises(store: Store, rulebook: Rulebook, now: datetime) -> Iterator[Fault]:
    """Live tickets on which something else is stored as promised next than follows from their story."""
    last = None
    while page := store.tickets(TicketFilter(states=LIVE, limit=_PAGE, after_id=last)):
        last = page[-1].id
        for shown in page:
            ticket = store.ticket(shown.id)
            if ticket is None or ticket.state not in LIVE:
                continue
            fits = clocks.with_next_promise(ticket, rulebook.promises, now)
            stored, right = (_told(one.promise, one.promised_at) for one in (ticket, fits))
            if ticket.promise != fits.promise or _apart(ticket.promised_at, fits.promised_at):
                why = f"promises {stored} next; by its story and the rulebook in force it is {right}"
                yield Fault("promise-does-not-fit", (ticket.reference,), why)


def _apart(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > _MINUTE


def _told(promise: str | None, at: datetime | None) -> str:
    return f"{promise} by {at:%Y-%m-%d %H:%M} UTC" if promise and at else "nothing"
