"""What is due on a ticket and what happens when its time has come. PURE.

`plan` answers every step that is still to be taken, each with its time; the walk stores it as rows.
`act` is called when a row's time has passed, however late: it plans again from the ticket as it is now,
and takes the step, moves the row (`again_at`), or withdraws it with the reason. Each step taken leaves an
event that names it (followups/steps.py), so that no restart, clock jump or second daemon takes it twice (F17).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triaged.followups import acting, meeting_steps, pending, steps
from triaged.followups.acting import Acted
from triaged.followups.pending import Planned
from triaged.followups.steps import CLOSE, DIGEST, MEETING, MISSING, Step, Word
from triaged.letters.writer import Writer
from triaged.meetings.meeting import NO_ACCESS, Access
from triaged.promises.service_levels import Promises
from triaged.tickets.ticket import OVER, Due, Happening, Ticket

__all__ = ["Acted", "act", "next_digest", "plan"]
_DAY = timedelta(days=1)


def plan(ticket: Ticket, promises: Promises, now: datetime) -> tuple[Due, ...]:
    """Every pending step of a ticket, earliest first. A ticket that came as history has none."""
    return tuple(one.row(ticket) for one in _planned(ticket, promises, now))


def _planned(ticket: Ticket, promises: Promises, now: datetime) -> tuple[Planned, ...]:
    if ticket.history or ticket.merged_into is not None:
        return ()
    return pending.planned(ticket, promises, now.astimezone(UTC), steps.taken(ticket))


def act(due: Due, ticket: Ticket, writer: Writer, access: Access = NO_ACCESS) -> Acted:
    """Take a step whose time has passed, or say why not. Call with the ticket as it is now.

    `access`: how to get into its screen-sharing session, for who is invited late.

    After a step was taken the rest is to be planned anew, with the ticket that `Acted` gives.
    """
    now = writer.now.astimezone(UTC)
    step = steps.of(due)
    if step is None:
        return acting.withdraw_unknown(due, ticket, now)
    planned = next((one for one in _planned(ticket, writer.promises, now) if one.step == step), None)
    if planned is None:
        return acting.withdraw(step, ticket, now, _why_gone(step, ticket))
    if planned.at > now:
        return Acted(ticket, again_at=planned.at)
    return acting.take(planned, ticket, replace(writer, now=now), access)


def next_digest(writer: Writer) -> Due:
    """The next morning digest of a mailbox: on working days, at the hour the rulebook says, local time."""
    promises, desk, now = writer.promises, writer.desk, writer.now
    hour, minute = map(int, promises.schedules.digest_at.split(":"))
    calendar = promises.calendar(promises.schedules.digest_calendar, desk.region)
    local = now.astimezone(writer.desk_zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    while local.astimezone(UTC) <= now or not calendar.is_working_day(local.date()):
        local += _DAY
    step = Step(DIGEST, Word.DAY, day=local.date())
    return Due(None, step.kind, step.text, local.astimezone(UTC), desk.mailbox)


def _why_gone(step: Step, ticket: Ticket) -> str:
    """Why a step that was planned once is planned no more."""
    if step in steps.taken(ticket):
        return acting.TAKEN
    if ticket.merged_into is not None:
        return "the ticket was merged"
    if step.kind == MEETING:
        return meeting_steps.why_gone(step, ticket)
    if ticket.state in OVER and step.kind != CLOSE:
        return f"the ticket is {ticket.state}"
    last = next((e for e in reversed(ticket.events) if e.kind in _REASONS), None)
    if step.kind == MISSING and not ticket.no_identifier:
        return "the identifiers have come"
    return _REASONS[last.kind] if last else "it has lost its sense"


_REASONS = {
    Happening.PARTNER_ANSWERED: "the partner answered",
    Happening.STAFF_ANSWERED: "staff answered",
    Happening.WAITING: "we wait for the partner, the clock stands still",
    Happening.IDENTIFIED: "the problem is identified",
    Happening.REOPENED: "the ticket was reopened",
    Happening.SEVERITY_CORRECTED: "the severity was corrected",
    Happening.LETTER_SENT: "the partner was written to",
}
