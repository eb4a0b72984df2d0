"""What may become of a screen-sharing session, and when: each change answers the ticket afterwards or why it cannot be. PURE.

`TABLE` says from which states a change leads; the rest is what the moment allows. Who may order it, and whether the
host has that hour, is for who asks (walk/plans/meeting_orders.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from triaged.frozen import frozen
from triaged.meetings.meeting import BOOKED, RUNNING, STANDING, Accepted, Meeting, MeetingState, current
from triaged.tickets import states
from triaged.tickets.meeting_data import MeetingChanged
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Happening, Ticket

By = Literal["partner", "staff", "daemon"]
EARLY = timedelta(minutes=15)  # before its time it may begin, and codes are made
_S = MeetingState

# What each change leads to, and from which states
TABLE: Mapping[MeetingState, frozenset[MeetingState]] = {
    _S.DECLINED: frozenset({_S.OFFERED}),
    _S.ACCEPTED: frozenset({_S.OFFERED}),
    _S.MOVED: BOOKED,
    _S.BEGUN: RUNNING,  # again, where the line was cut
    _S.HELD: RUNNING | {_S.MISSED, _S.HELD},  # the daemon took it for missed; held again: its summary
    _S.MISSED: RUNNING,
    _S.CANCELLED: BOOKED | {_S.OFFERED},
}
_INSTEAD = {
    _S.DECLINED: "a time that stands is cancelled, not declined",
    _S.MOVED: "only a time that was accepted, before it has begun, is moved",
    _S.CANCELLED: "only what has not begun is cancelled",
    _S.BEGUN: "only an accepted one begins",
    _S.HELD: "only an accepted one is held",
    _S.MISSED: "only an accepted one is missed",
    _S.ACCEPTED: "only an offer is accepted",
}


@frozen
class Who:
    """Who changes it, and why. `actor` as events have it; `step`: the due step, where a time brought it about."""

    at: datetime
    actor: str
    by: By
    reason: str
    step: str = ""


def offer(
    ticket: Ticket, uid: str, times: Sequence[datetime], minutes: int, host: str, who: Who
) -> Moved | Refused:
    """A new one, with the times to choose from. Whether there may be one is eligibility.py's to say."""
    before = current(ticket)
    if before is not None and before.state in STANDING:
        return Refused(standing(ticket, before))
    if not times:
        return Refused("offer at least one time")
    number = before.number + 1 if before else 1
    told = MeetingChanged(
        number, _S.OFFERED, who.by, uid, tuple(sorted(set(times))), minutes, host.lower(), step=who.step
    )
    return _told(ticket, told, who)


def decline(ticket: Ticket, who: Who) -> Moved | Refused:
    """The partner does not want it; none is offered again on this ticket."""
    return _change(ticket, _S.DECLINED, MeetingChanged(), who)


def accept(ticket: Ticket, starts: datetime, accepted: Accepted, who: Who) -> Moved | Refused:
    """One of the times offered, the terms accepted."""
    meeting = current(ticket)
    if meeting is not None and meeting.state is _S.OFFERED:
        if starts not in meeting.times:
            return Refused(f"{_utc(starts)} is none of the times offered")
        if starts <= who.at:
            return Refused(f"{_utc(starts)} has passed")
    told = MeetingChanged(
        starts=starts,
        terms=accepted.terms,
        language=accepted.language,
        digest=accepted.digest,
        person=accepted.person.lower(),
        peer=accepted.peer,
    )
    return _change(ticket, _S.ACCEPTED, told, who)


def move(ticket: Ticket, starts: datetime, who: Who, host: str = "") -> Moved | Refused:
    """To another time, or another host; the invitation's SEQUENCE rises."""
    meeting = current(ticket)
    if meeting is not None and meeting.state in BOOKED:
        if starts == meeting.starts and host.lower() in ("", meeting.host):
            return Refused(f"it is at {_utc(starts)} already")
        if starts <= who.at:
            return Refused(f"{_utc(starts)} has passed")
    sequence = meeting.sequence + 1 if meeting else 1
    return _change(ticket, _S.MOVED, MeetingChanged(starts=starts, host=host.lower(), sequence=sequence), who)


def invite_again(ticket: Ticket, who: Who) -> Moved | Refused:
    """At the same time, with what is new about it (its link): the invitation's SEQUENCE rises as for a move."""
    meeting = current(ticket)
    starts, sequence = (meeting.starts, meeting.sequence + 1) if meeting else (None, 1)
    return _change(ticket, _S.MOVED, MeetingChanged(starts=starts, sequence=sequence), who)


def cancel(ticket: Ticket, who: Who) -> Moved | Refused:
    """It does not take place; what was invited to is cancelled by the next SEQUENCE."""
    meeting = current(ticket)
    booked = meeting is not None and meeting.state in BOOKED
    sequence = meeting.sequence + 1 if meeting and booked else 0
    return _change(ticket, _S.CANCELLED, MeetingChanged(sequence=sequence), who)


def begin(ticket: Ticket, who: Who) -> Moved | Refused:
    """The line stands; again, where it was cut."""
    meeting = current(ticket)
    if meeting is not None and meeting.state in RUNNING and (objection := why_not_now(meeting, who.at)):
        return Refused(objection)
    return _change(ticket, _S.BEGUN, MeetingChanged(), who)


def hold(ticket: Ticket, who: Who, summary: str = "") -> Moved | Refused:
    """It took place. `summary`: what came of it; it can be told later, and told again."""
    meeting = current(ticket)
    if meeting is not None and meeting.state in TABLE[_S.HELD] and _ahead(meeting, who.at):
        return Refused(f"it begins at {_utc(meeting.starts)}")
    if meeting is not None and meeting.state is _S.HELD and not summary:
        return Refused("it is held already; say what came of it")
    return _change(ticket, _S.HELD, MeetingChanged(summary=summary), who)


def miss(ticket: Ticket, missing: Literal["partner", "staff", ""], who: Who) -> Moved | Refused:
    """It did not take place. `missing`: who did not come; empty: nobody said."""
    meeting = current(ticket)
    if meeting is not None and meeting.state in RUNNING and _ahead(meeting, who.at):
        return Refused(f"it begins at {_utc(meeting.starts)}; cancel it, or wait")
    return _change(ticket, _S.MISSED, MeetingChanged(missing=missing), who)


def why_not_now(meeting: Meeting, now: datetime) -> str:
    """Why nobody may be connected now: too early, or over; empty: he may."""
    if meeting.starts is None or meeting.ends is None:
        return "no time is agreed upon"
    if now < meeting.starts - EARLY:
        return f"it begins at {_utc(meeting.starts)}; a quarter of an hour before is the earliest"
    if now >= meeting.ends:
        return f"its time was over at {_utc(meeting.ends)}"
    return ""


def standing(ticket: Ticket, meeting: Meeting) -> str:
    """Why there can be no second one beside it."""
    at = f" for {_utc(meeting.starts)}" if meeting.starts else ""
    return f"{ticket.reference} has a session already, {meeting.state}{at}"


def _ahead(meeting: Meeting, now: datetime) -> bool:
    """Whether its time is still to come, and it has not begun before it either."""
    return meeting.state in BOOKED and meeting.starts is not None and now < meeting.starts


def _change(ticket: Ticket, to: MeetingState, told: MeetingChanged, who: Who) -> Moved | Refused:
    meeting = current(ticket)
    if meeting is None:
        return Refused(f"{ticket.reference} has no screen-sharing session")
    if meeting.state not in TABLE[to]:
        return Refused(f"the session of {ticket.reference} is {meeting.state}: {_INSTEAD[to]}")
    return _told(ticket, replace(told, meeting=meeting.number, state=str(to), by=who.by, step=who.step), who)


def _told(ticket: Ticket, told: MeetingChanged, who: Who) -> Moved | Refused:
    return states.move(ticket, Happening.MEETING_CHANGED, who.at, who.actor, who.reason[:1000], told.stored())


def _utc(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "no time"
