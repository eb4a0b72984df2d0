"""What comes of a due step whose time has passed, worked out anew from the ticket as it is now. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triaged.followups import due, steps
from triaged.followups.steps import Word
from triaged.letters import compose, desk_letters
from triaged.letters.writer import Writer
from triaged.meetings.meeting import NO_ACCESS, Access
from triaged.tickets.event_data import Review
from triaged.tickets.ticket import OVER, Due, Event, Happening, Ticket
from triaged.vocabulary import Severity
from triaged.walk.plan import Change, Plan, StepTaken, change, some

STALE = timedelta(hours=12)  # after which a morning's digest tells nobody anything


def taken(step: Due, ticket: Ticket, writer: Writer, access: Access = NO_ACCESS) -> Plan:
    """The step taken, moved (its row goes to its new time, free for whoever is there) or withdrawn."""
    acted = due.act(step, ticket, writer, access)
    if acted.again_at is not None:
        return Plan((Change(ticket, ticket, dues=due.plan(ticket, writer.promises, writer.now)),))
    outcome = StepTaken(step.id, acted.withdrawn or "taken")
    changed = change(ticket, acted.ticket_after, writer, acted.letters)
    return Plan((changed,), step=outcome, ordered=acted.ordered)


def planned_anew(step: Due, ticket: Ticket, writer: Writer) -> Plan:
    """A letter left that later steps count from; or an acknowledgment did not, and who waits for an S1 must hear of us."""
    known = steps.of(step)
    if known is None or known.word is not Word.UNDELIVERED:
        return Plan((change(ticket, ticket, writer),), step=StepTaken(step.id, "planned anew"))
    return _undelivered(step, ticket, writer)


def _undelivered(step: Due, ticket: Ticket, writer: Writer) -> Plan:
    """A review for an S1 that is still open; of anything else the event and `status` tell enough."""
    open_ = ticket.state not in OVER
    reason = "the acknowledgment of this S1 reaches nobody: tell the partner by telephone that we are at it"
    if ticket.severity is not Severity.S1 or not open_ or reason in ticket.reviews:
        return Plan((change(ticket, ticket, writer),), step=StepTaken(step.id, "planned anew"))
    event = Event(writer.now, Happening.REVIEW_ASKED, "daemon", reason, Review(reason).stored())
    after = replace(ticket, reviews=(*ticket.reviews, reason), events=(*ticket.events, event))
    key = f"review@{compose.count(after, Happening.REVIEW_ASKED)}"
    letter = writer.to_staff("review", key, after, {"reasons": (reason, *_last_refusal(ticket))})
    outcome = StepTaken(step.id, "review asked")
    return Plan((change(ticket, after, writer, some([letter])),), step=outcome)


def _last_refusal(ticket: Ticket) -> tuple[str, ...]:
    told = [
        e.reason for e in ticket.events if e.kind in (Happening.LETTER_FAILED, Happening.LETTER_WITHDRAWN)
    ]
    return (f"the last word was: {told[-1]}",) if told else ()


def of_no_ticket(step: Due) -> Plan:
    """A step whose ticket is gone."""
    return Plan(step=StepTaken(step.id, "no such ticket"))


def is_stale(step: Due, now: datetime) -> bool:
    """Whether the morning is long over."""
    return now - step.due_at > STALE


def digest(step: Due, tickets: Sequence[Ticket], writer: Writer) -> Plan:
    """The morning digest of a mailbox, unless the morning is long over; and the next one's time."""
    late = is_stale(step, writer.now)
    letter = None if late else desk_letters.digest(writer, tickets)
    outcome = StepTaken(step.id, "stale" if late else "taken")
    return Plan(letters=some([letter]), dues=(due.next_digest(writer),), step=outcome)


def of_no_mailbox(step: Due, now: datetime) -> Plan:
    """A digest of a mailbox that was taken out: the last one."""
    return Plan(step=StepTaken(step.id, "stale" if is_stale(step, now) else "taken"))
