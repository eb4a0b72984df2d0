"""What is due of a screen-sharing session: reminders, its end, an offer nobody took up, the summary. PURE.

Planned from the session as the ticket's events tell it, so that nothing of an appointment that was moved, declined
or cancelled is left to come. What is late beyond its sense is not planned any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from triaged.followups.steps import MEETING, Step, Word, named, round_of_letter
from triaged.letters import invited
from triaged.meetings.meeting import BOOKED, RUNNING, Meeting, MeetingState, current
from triaged.promises.service_levels import Promises
from triaged.tickets.event_data import ByStep
from triaged.tickets.ticket import LIVE, Happening, Ticket

GRACE = timedelta(minutes=10)  # a ticket that is over may be opened again at once: an answer taken back
MOST_BROUGHT_UP = 100  # times that who came and went changes calendars, on one ticket


def planned(ticket: Ticket, promises: Promises, now: datetime) -> Iterator[tuple[Step, datetime]]:
    """Every step of the ticket's session and its time, also those taken."""
    meeting = current(ticket)
    if meeting is None:
        return
    if invited.is_astray(ticket, meeting, now) and (times := _times_brought_up(ticket)) < MOST_BROUGHT_UP:
        yield Step(MEETING, Word.CALENDARS, times), ticket.events[-1].at
    if meeting.state is MeetingState.OFFERED:
        yield _lapses(ticket, meeting)
    elif meeting.state in BOOKED and ticket.state not in LIVE:
        yield Step(MEETING, Word.CALL_OFF, _times_over(ticket)), _over_since(ticket) + GRACE
    elif meeting.state in BOOKED:
        yield from _reminders(meeting, promises, now)
        yield from _ends(meeting)
    elif meeting.state is MeetingState.BEGUN:
        yield from _running_out(meeting, promises, now)
        yield from _ends(meeting)
    elif meeting.wants_summary:
        again = promises.sharing.ask_summary_again
        if again is not None:
            at = promises.after(again, promises.sharing.hours, ticket.region, meeting.since)
            yield Step(MEETING, Word.SUMMARY, meeting.appointment), at


def why_gone(step: Step, ticket: Ticket) -> str:
    """Why a step of a session is planned no more."""
    meeting = current(ticket)
    if meeting is None:
        return "there is no session"
    if step.word is Word.CALENDARS:
        return "nobody's calendar is astray any more"
    if step.word not in (Word.LAPSE, Word.CALL_OFF) and step.round != meeting.appointment:
        return "the session was moved"
    same = meeting.state in RUNNING
    return "it came too late" if same and ticket.state in LIVE else f"the session is {meeting.state}"


def why_not_leave(key: str, meeting: Meeting | None, now: datetime) -> str:
    """Why a letter about a time agreed upon has lost its sense by the time it may leave."""
    step = named(key)
    if meeting is None or round_of_letter(key) != meeting.appointment:
        return "the session was moved"
    if meeting.state not in RUNNING or (step and step.word is Word.ENDING and meeting.state in BOOKED):
        return f"the session is {meeting.state}"
    begun = step is not None and step.word is Word.REMIND and meeting.starts and now >= meeting.starts
    return "its time has come" if begun or (meeting.ends and now >= meeting.ends) else ""


def why_no_offer(key: str, meeting: Meeting | None, now: datetime) -> str:
    """Why an offer has lost its sense by the time it may leave."""
    if meeting is None or meeting.number != round_of_letter(key) or meeting.state is not MeetingState.OFFERED:
        return f"the session is {meeting.state}" if meeting else "there is no session"
    return "" if any(at > now for at in meeting.times) else "every time offered has passed"


def _lapses(ticket: Ticket, meeting: Meeting) -> tuple[Step, datetime]:
    step = Step(MEETING, Word.LAPSE, meeting.number)
    last = max(meeting.times, default=meeting.since)
    return step, last if ticket.state in LIVE else min(last, _over_since(ticket) + GRACE)


def _reminders(meeting: Meeting, promises: Promises, now: datetime) -> Iterator[tuple[Step, datetime]]:
    """Those whose time was still to come when the time was agreed upon; late ones not so near to the next."""
    if meeting.starts is None or now >= meeting.starts:
        return
    times = [meeting.starts - one.length for one in promises.sharing.reminders]
    for place, at in enumerate(times):
        number = len(times) - place  # from the last on: who adds an earlier one renames none
        following = times[place + 1] if number > 1 else meeting.starts
        is_late = now > at and now - at > following - now
        if at > meeting.since and not is_late:
            yield Step(MEETING, Word.REMIND, meeting.appointment, number=number), at


def _running_out(meeting: Meeting, promises: Promises, now: datetime) -> Iterator[tuple[Step, datetime]]:
    if meeting.ends is not None and now < meeting.ends:
        at = meeting.ends - promises.sharing.warn_before_end
        yield Step(MEETING, Word.ENDING, meeting.appointment), at


def _ends(meeting: Meeting) -> Iterator[tuple[Step, datetime]]:
    if meeting.ends is not None:
        yield Step(MEETING, Word.OVER, meeting.appointment), meeting.ends


def _over_since(ticket: Ticket) -> datetime:
    return ticket.closed_at or ticket.resolved_at or ticket.updated_at


def _times_over(ticket: Ticket) -> int:
    """How often it was over by now: what is opened again may be over again."""
    return sum(event.kind in (Happening.RESOLVED, Happening.CLOSED) for event in ticket.events)


def _times_brought_up(ticket: Ticket) -> int:
    """How often calendars were brought up to date, or nobody's was astray any more when the time came."""
    told = (named(ByStep.of(event).step) for event in ticket.events)
    return sum(step is not None and step.word is Word.CALENDARS for step in told)
