"""What is due on a ticket and what happens when its time has come. PURE.

`plan` answers every step that is still to be taken, each with its time; the walk stores it as rows.
`act` is called when a row's time has passed, however late: it plans again from the ticket as it is now,
and takes the step, moves the row (`again_at`), or withdraws it with the reason. Each step taken leaves an
event that names it (`data["step"]`), so that no restart, clock jump or second daemon takes it twice (F17).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triaged.followups import acting, pending
from triaged.followups.acting import Acted
from triaged.letters.writer import Writer
from triaged.promises.service_levels import Promises
from triaged.tickets.ticket import Due, Happening, State, Ticket

__all__ = ["Acted", "act", "next_digest", "plan", "steps_taken"]
_DAY = timedelta(days=1)


def plan(ticket: Ticket, promises: Promises, now: datetime) -> tuple[Due, ...]:
    """Every pending step of a ticket, earliest first. A ticket that came as history has none."""
    if ticket.history or ticket.merged_into is not None:
        return ()
    taken = steps_taken(ticket)
    found = pending.steps(ticket, promises, now.astimezone(UTC), taken)
    left = [due for due in found if f"{due.kind}:{due.step}" not in taken]
    return tuple(sorted(left, key=lambda due: (due.due_at, due.kind, due.step)))


def act(due: Due, ticket: Ticket, writer: Writer) -> Acted:
    """Take a step whose time has passed, or say why not. Call with the ticket as it is now.

    After a step was taken the rest is to be planned anew, with the ticket that `Acted` gives.
    """
    now = writer.now.astimezone(UTC)
    name = f"{due.kind}:{due.step}"
    steps = plan(ticket, writer.promises, now)
    planned = next((d for d in steps if (d.kind, d.step) == (due.kind, due.step)), None)
    if planned is None:
        return acting.withdraw(name, ticket, now, _why_gone(due, ticket))
    if planned.due_at > now:
        return Acted(ticket, again_at=planned.due_at)
    return acting.take(replace(planned, id=due.id), ticket, replace(writer, now=now))


def steps_taken(ticket: Ticket) -> dict[str, datetime]:
    """The steps (`kind:step`) that events of the ticket say were taken or withdrawn, and when."""
    return {e.data["step"]: e.at for e in ticket.events if ":" in str(e.data.get("step", ""))}


def next_digest(writer: Writer) -> Due:
    """The next morning digest of a mailbox: on working days, at the hour the rulebook says, local time."""
    promises, desk, now = writer.promises, writer.desk, writer.now
    hour, minute = map(int, promises.schedules.digest_at.split(":"))
    calendar = promises.calendar(promises.schedules.digest_calendar, desk.region)
    local = now.astimezone(writer.desk_zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    while local.astimezone(UTC) <= now or not calendar.is_working_day(local.date()):
        local += _DAY
    return Due(None, "digest", local.date().isoformat(), local.astimezone(UTC), desk.mailbox)


def _why_gone(due: Due, ticket: Ticket) -> str:
    """Why a step that was planned once is planned no more."""
    if f"{due.kind}:{due.step}" in steps_taken(ticket):
        return "taken already"
    if ticket.merged_into is not None:
        return "the ticket was merged"
    if ticket.state in (State.RESOLVED, State.CLOSED) and due.kind != "close":
        return f"the ticket is {ticket.state}"
    last = next((e for e in reversed(ticket.events) if e.kind in _REASONS), None)
    if due.kind == "missing_information" and not ticket.no_identifier:
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
