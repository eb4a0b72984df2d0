"""What of a ticket is told by another way than mail: that it is S1, that a promise is (nearly) missed, that it is over.

Written by the pen in the transaction that changes the ticket, so that neither is there without the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from triaged.alerts.telling import Told, over
from triaged.config.alerts import Alert
from triaged.store.alerts import Over
from triaged.tickets.event_data import OfCommitment
from triaged.tickets.ticket import LIVE, Happening, Ticket
from triaged.vocabulary import Severity
from triaged.walk.plan import Change

# The tier that hears of it, whatever tier the ticket has reached; a human's escalation names no step.
_OF_COMMITMENT = {
    Happening.AT_RISK: (1, "is nearly late"),
    Happening.MISSED: (2, "is missed"),
    Happening.ESCALATED: (3, "is long missed and still open"),
}


def of_change(change: Change, now: datetime) -> list[Told]:
    """What is to be told because a ticket has changed: that it is S1 now, and promises that are (nearly) missed."""
    before, after = change.before, change.after
    if after.history or after.state not in LIVE:
        return []
    found = [
        _of_commitment(after, OfCommitment.of(event), event.kind)
        for event in change.events
        if event.kind in _OF_COMMITMENT and OfCommitment.of(event).step
    ]
    if after.severity is Severity.S1 and (before is None or before.severity is not Severity.S1):
        found.insert(0, _new_s1(after, now))
    return found


def over_with(change: Change, receivers: Sequence[Alert], now: datetime) -> list[Over]:
    """What of a ticket is over: it is solved, or S1 no more."""
    before, after = change.before, change.after
    if before is None or before.state not in LIVE:
        return []
    if after.state not in LIVE:
        solved = f"{after.reference} is {after.state}"
        return [
            *over("new_s1", after.reference, solved, receivers, now),
            *over("missed", after.reference, solved, receivers, now),
        ]
    if before.severity is Severity.S1 and after.severity is not Severity.S1:
        return over("new_s1", after.reference, f"{after.reference} is {after.severity} now", receivers, now)
    return []


def _new_s1(ticket: Ticket, now: datetime) -> Told:
    treated = "priority customer, large user account; " if ticket.large_user and ticket.trusted else ""
    promised = (
        f"next promise: {ticket.promise.replace('_', ' ')} by {_moment(ticket.promised_at)}"
        if ticket.promise and ticket.promised_at
        else "nothing is promised yet"
    )
    return Told(
        "new_s1",
        f"{ticket.reference}/{now:%Y%m%dT%H%M%S}",
        f"{ticket.reference} is S1",
        f"{treated}{promised}. Mailbox {ticket.mailbox}. triaged tickets show {ticket.reference}",
        Severity.S1,
    )


def _of_commitment(ticket: Ticket, told: OfCommitment, happening: Happening) -> Told:
    what = told.commitment.replace("_", " ") or "a promise"
    due = f", due {_moment(told.due)}" if told.due else ""
    tier, how = _OF_COMMITMENT[happening]
    return Told(
        "missed",
        f"{ticket.reference}/{told.step}",
        f"{ticket.reference} ({ticket.severity}): {what} {how}",
        f"{what.capitalize()}{due}; goes to tier {tier}. triaged tickets show {ticket.reference}",
        ticket.severity,
        tier,
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
