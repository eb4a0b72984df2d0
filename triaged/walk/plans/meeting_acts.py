"""What a person of the partner orders of a screen-sharing session by a page, judged on the ticket as it is now. PURE.

A refusal is a word that the page puts into the reader's language (page_acts.Why).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from triaged.meetings import codes, eligibility
from triaged.meetings.eligibility import Taken
from triaged.meetings.meeting import BOOKED, Access, Meeting, MeetingState, current
from triaged.store.meeting_rows import CodeMade
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Ticket
from triaged.walk.plan import Plan
from triaged.walk.plans import meeting_orders
from triaged.walk.plans.meeting_orders import Consent, MeetingOrder
from triaged.walk.plans.page_acts import Act, No

MOST_MOVES = 10  # of one session; each mails everybody a new invitation


def accept(
    before: Ticket, starts: datetime, version: str, peer: str, access: Access, taken: Iterable[Taken], act: Act,
    digest: str = "",
) -> Plan | No:  # fmt: skip
    """The terms shown (their version, the digest of their text) are accepted, and a time is chosen. `peer`: the network address it came from."""
    meeting, taken = current(before), tuple(taken)
    if meeting is None or meeting.state is not MeetingState.OFFERED:
        return _state(meeting)
    if stranger := _stranger(before, act):
        return stranger
    if why := _no_time(meeting, starts, taken, act):
        return why
    consent = Consent(version, act.address, peer, digest)
    if words := meeting_orders.why_terms(before, consent, act.writer):
        return No("meeting_terms", words)
    order = _order(act, "accepted on the page")
    return _plan(meeting_orders.accept(before, starts, consent, access, taken, order))


def decline(before: Ticket, act: Act) -> Plan | No:
    """He does not want it; none is offered again on this ticket."""
    return _stranger(before, act) or _plan(
        meeting_orders.decline(before, _order(act, "declined on the page"))
    )


def move(before: Ticket, starts: datetime, access: Access, taken: Iterable[Taken], act: Act) -> Plan | No:
    """To another of the times offered."""
    meeting, taken = current(before), tuple(taken)
    if meeting is None or meeting.state not in BOOKED:
        return _state(meeting)
    if stranger := _stranger(before, act):
        return stranger
    if meeting.sequence >= MOST_MOVES:
        return No("meeting_state", f"it was moved {MOST_MOVES} times")
    if why := _no_time(meeting, starts, taken, act):
        return why
    return _plan(meeting_orders.move(before, starts, access, taken, _order(act, "moved on the page")))


def cancel(before: Ticket, reason: str, act: Act) -> Plan | No:
    """He cannot come, or needs it no more."""
    meeting = current(before)
    if meeting is None or meeting.state not in BOOKED:
        return _state(meeting)
    if stranger := _stranger(before, act):
        return stranger
    return _plan(meeting_orders.cancel(before, _order(act, reason.strip() or "cancelled on the page")))


def new_code(before: Ticket, made: CodeMade, act: Act) -> Plan | No:
    """A connection code for him to read out; the former one is dead."""
    meeting = current(before)
    if stranger := _stranger(before, act):
        return stranger
    if words := codes.why_none(before, meeting, act.now):
        return No("meeting_code", words)
    return _plan(meeting_orders.new_code(before, made, act.address, _order(act, "")))


def free_times(meeting: Meeting, taken: Iterable[Taken], now: datetime) -> tuple[datetime, ...]:
    """Those of the times offered that can still be chosen."""
    taken, length = tuple(taken), timedelta(minutes=meeting.minutes)
    free = (at for at in meeting.times if not eligibility.taken_by(at, at + length, taken))
    return tuple(at for at in free if now < at != meeting.starts)


def _stranger(before: Ticket, act: Act) -> No | None:
    """An organisation's admin sees the ticket; he is none of its people."""
    if act.address in eligibility.deciders(before):
        return None
    return No("meeting_people", f"{act.address} is nobody of {before.reference}")


def _no_time(meeting: Meeting, starts: datetime, taken: Iterable[Taken], act: Act) -> No | None:
    if starts not in meeting.times or starts <= act.now:
        return No("meeting_time", f"{starts:%Y-%m-%d %H:%M} UTC can be chosen no more")
    words = eligibility.taken_by(starts, starts + timedelta(minutes=meeting.minutes), taken)
    return No("meeting_taken", words) if words else None


def _state(meeting: Meeting | None) -> No:
    return No("meeting_state", f"the session is {meeting.state}" if meeting else "there is no session")


def _order(act: Act, reason: str) -> MeetingOrder:
    return MeetingOrder(act.address, "partner", reason[:1000], act.writer)


def _plan(planned: Plan | Refused) -> Plan | No:
    return No("meeting_state", planned.reason) if isinstance(planned, Refused) else planned
