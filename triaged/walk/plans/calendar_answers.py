"""What the calendar of somebody invited answers (METHOD:REPLY): shown on the session, and no request. PURE.

A calendar object proves nothing: it counts only of who wrote the mail, if he is of the ticket or holds the session, and
about the time that stands. It moves nothing; its host is told where somebody cannot come or proposes another time.
Where it is the host himself who cannot, somebody else of ours has to see to it: a review, told to others than him.
"""

from __future__ import annotations

from triaged.letters import compose, meeting_letters
from triaged.letters.recipients import others_of_staff
from triaged.meetings.eligibility import deciders
from triaged.meetings.meeting import STANDING, Meeting, current
from triaged.reading.values import InvitationReply
from triaged.store.rows import Fate
from triaged.tickets import states
from triaged.tickets.event_data import Review
from triaged.tickets.meeting_data import MeetingAnswered
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Happening, Letter, Ticket
from triaged.walk.plan import Plan, change, unplanned
from triaged.walk.plans.judged import JudgedMail, fate

MOST = 50  # answers that a ticket takes: calendars may quarrel
_COUNTED = ("accepted", "declined", "tentative")


def answered(judged: JudgedMail) -> Plan | None:
    """The plan of an answer to an invitation of ours; None: it is none that counts."""
    reply, ticket = judged.reading.invitation_reply, judged.incoming.asked.meeting
    meeting = current(ticket) if ticket else None
    if reply is None or ticket is None or meeting is None or meeting.uid != reply.uid:
        return None
    sender = judged.sender.address
    answer = reply.of(sender)
    is_asked = sender == meeting.host or sender in deciders(ticket)
    if answer not in _COUNTED or judged.sender.authentication == "fail" or not is_asked:
        return None
    if meeting.state not in STANDING or reply.sequence != meeting.sequence:
        why = f"an answer to a session that is {meeting.state}, or was moved since"
        return Plan(mail=fate(judged, Fate.AUTOMATIC, why, ticket))
    told = sum(event.kind is Happening.MEETING_ANSWERED for event in ticket.events)
    if (meeting.answers.get(sender) == answer and not reply.counter) or told >= MOST:
        return Plan(mail=fate(judged, Fate.AUTOMATIC, "an answer to our invitation, known already", ticket))
    return _noted(judged, ticket, meeting, reply, answer)


def _noted(judged: JudgedMail, ticket: Ticket, meeting: Meeting, reply: InvitationReply, answer: str) -> Plan:
    sender = judged.sender.address
    said = f"{sender} {answer} the invitation"
    if reply.counter:
        at = f" at {reply.starts:%Y-%m-%d %H:%M} UTC" if reply.starts else ""
        said = f"{sender} proposes another time{at}"
    data = MeetingAnswered(meeting.number, sender, answer, meeting.sequence)
    moved = states.move(ticket, Happening.MEETING_ANSWERED, judged.now, sender, said, data.stored())
    assert not isinstance(moved, Refused), "it may happen in any state"
    after = moved.ticket
    news = None
    if reply.counter or answer != "accepted":
        key = f"meeting-answer@{judged.envelope.number}"
        news = meeting_letters.news(judged.writer, after, meeting, key, (said, reply.comment[:200]))
    asked = None
    if sender == meeting.host and (reply.counter or answer == "declined"):
        after, asked = _asked(judged, after, meeting, said, reply.comment)
    told = unplanned(change(ticket, after, judged.writer, [news, asked]))
    return Plan((told,), mail=fate(judged, Fate.AUTOMATIC, said, after))


def _asked(
    judged: JudgedMail, ticket: Ticket, meeting: Meeting, said: str, comment: str
) -> tuple[Ticket, Letter | None]:
    """The question who holds it instead, once for each time agreed upon."""
    at = f" of {meeting.starts:%Y-%m-%d %H:%M} UTC" if meeting.starts else ""
    reason = f"{said}, and holds the session{at}: hand it over, move it, or cancel it"
    if reason in ticket.reviews:
        return ticket, None
    moved = states.move(ticket, Happening.REVIEW_ASKED, judged.now, "daemon", reason, Review(reason).stored())
    assert not isinstance(moved, Refused), "it may be asked in any state"
    after, writer = moved.ticket, judged.writer
    key = f"review@{compose.count(after, Happening.REVIEW_ASKED)}"
    to = others_of_staff(after, writer.desk, meeting.host)
    return after, writer.to_staff(
        "review", key, after, {"reasons": tuple(filter(None, (reason, comment[:200])))}, to=to
    )
