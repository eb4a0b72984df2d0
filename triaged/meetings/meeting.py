"""A screen-sharing session as its ticket's events tell it. PURE.

Offered (by staff, with one or more times), it is declined, or accepted with one of them; accepted, it may be moved
and begins, and is held or missed in the end; until it begins it can be cancelled. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from triaged.frozen import frozen
from triaged.tickets.meeting_data import MeetingAnswered, MeetingChanged
from triaged.tickets.ticket import Event, Happening, Ticket


class MeetingState(StrEnum):
    """Where it stands."""

    OFFERED = "offered"
    DECLINED = "declined"  # none is offered again on this ticket
    ACCEPTED = "accepted"
    MOVED = "moved"  # accepted, and at another time since
    BEGUN = "begun"
    HELD = "held"
    MISSED = "missed"  # not begun, or somebody did not come
    CANCELLED = "cancelled"


BOOKED = frozenset({MeetingState.ACCEPTED, MeetingState.MOVED})  # a time stands, and it has not begun
RUNNING = BOOKED | {MeetingState.BEGUN}  # it takes its host's time
STANDING = RUNNING | {MeetingState.OFFERED}  # something is still to come


@frozen
class Access:
    """How to get into the meeting: for its invitation alone. Empty: nobody has said yet."""

    link: str = ""
    passcode: str = ""


NO_ACCESS = Access()


@frozen
class Accepted:
    """To what terms somebody said yes: their version, language and the digest of the very text; who, from where, when."""

    terms: str
    language: str
    digest: str
    person: str
    peer: str
    at: datetime


@frozen
class Meeting:
    """A session as it stands.

    `number`: of the ticket's, from 1. `appointment` counts the times agreed upon on this ticket, so that what belongs
    to one of them is distinct (0: none yet). `sequence` is the invitation's (RFC 5545). `answers`: what the calendars of
    those invited said to the time that stands. `by`: who brought about the last change.
    """

    number: int
    state: MeetingState
    since: datetime
    offered_at: datetime
    uid: str
    times: tuple[datetime, ...]
    minutes: int
    host: str
    starts: datetime | None = None
    sequence: int = 0
    appointment: int = 0
    accepted: Accepted | None = None
    by: str = "staff"
    missing: str = ""
    summary: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends(self) -> datetime | None:
        """When its time is over; None: no time is agreed upon."""
        return self.starts + timedelta(minutes=self.minutes) if self.starts else None

    @property
    def wants_summary(self) -> bool:
        """Whether staff still owe what came of it."""
        return self.state is MeetingState.HELD and not self.summary


def meetings(ticket: Ticket) -> tuple[Meeting, ...]:
    """The sessions of a ticket, in the order they were offered."""
    found: dict[int, Meeting] = {}
    appointments = 0
    for event in ticket.events:
        if event.kind is Happening.MEETING_CHANGED:
            told = MeetingChanged.of(event)
            state = next((one for one in MeetingState if one == told.state), None)
            before = found.get(told.meeting)
            if state is None or (before is None and state is not MeetingState.OFFERED):
                continue  # as another version may have written it
            agreed = state in BOOKED
            appointments += agreed
            after = _after(before, told, state, event)
            found[told.meeting] = replace(after, appointment=appointments, answers={}) if agreed else after
        elif event.kind is Happening.MEETING_ANSWERED:
            answer = MeetingAnswered.of(event)
            before = found.get(answer.meeting)
            if before is not None and answer.sequence == before.sequence:
                answers = {**before.answers, answer.attendee: answer.answer}
                found[answer.meeting] = replace(before, answers=answers)
    return tuple(found.values())


def current(ticket: Ticket) -> Meeting | None:
    """The last one that was offered."""
    return next(reversed(meetings(ticket)), None)


def of_number(ticket: Ticket, number: int) -> Meeting | None:
    """The one of that number."""
    return next((one for one in meetings(ticket) if one.number == number), None)


def _after(before: Meeting | None, told: MeetingChanged, state: MeetingState, event: Event) -> Meeting:
    if before is None or state is MeetingState.OFFERED:
        return Meeting(
            number=told.meeting,
            state=state,
            since=event.at,
            offered_at=event.at,
            uid=told.uid,
            times=told.times,
            minutes=told.minutes,
            host=told.host,
            by=told.by or "staff",
        )
    accepted = before.accepted
    if told.terms:
        accepted = Accepted(told.terms, told.language, told.digest, told.person, told.peer, event.at)
    return replace(
        before,
        state=state,
        since=before.since if state is before.state and state is not MeetingState.MOVED else event.at,
        host=told.host or before.host,
        starts=told.starts or before.starts,
        sequence=max(told.sequence, before.sequence),
        accepted=accepted,
        by=told.by or before.by,
        missing=told.missing if state is MeetingState.MISSED else "",
        summary=told.summary or before.summary,
    )
