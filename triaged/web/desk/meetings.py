"""Screen-sharing sessions for staff: all of them by their time, a ticket's own beside it, and a connection code."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.meetings import codes, eligibility
from triaged.meetings.meeting import BOOKED, RUNNING, STANDING, Meeting, MeetingState, current, meetings
from triaged.store.meeting_rows import MeetingFilter
from triaged.store.threads import reference
from triaged.tickets.ticket import Ticket
from triaged.walk.by_hand import ChangedMeanwhile, TakenAlready
from triaged.walk.plans import meeting_orders
from triaged.web.desk.meeting_orders import MOST_TIMES, of_meeting
from triaged.web.desk.page import hand, page
from triaged.web.pages import May, get
from triaged.web.visit import Visit

_VIEWS: Mapping[str, tuple[str, frozenset[MeetingState]]] = {
    "coming": ("To come", RUNNING),
    "offered": ("Offered", frozenset({MeetingState.OFFERED})),
    "over": ("Over", frozenset(MeetingState) - STANDING),
    "all": ("All", frozenset(MeetingState)),
}
_MOST = 200


@frozen
class DeskMeeting:
    """A ticket's session as its page needs it. `why_not`: why none may be offered now; empty: one may.

    `people`: who of the partner can have accepted; `why_no_code`: why there can be no connection code now.
    """

    meeting: Meeting | None
    earlier: tuple[Meeting, ...]
    why_not: str
    why_no_code: str
    has_link: bool
    minutes: int
    version: str
    people: tuple[str, ...]
    most_times: int = MOST_TIMES

    @property
    def is_booked(self) -> bool:
        """Whether a time stands that has not begun."""
        return self.meeting is not None and self.meeting.state in BOOKED

    @property
    def is_running(self) -> bool:
        """Whether it stands or has begun."""
        return self.meeting is not None and self.meeting.state in RUNNING


def beside(visit: Visit, ticket: Ticket) -> DeskMeeting:
    """The session of a ticket, for its page."""
    promises, meeting = visit.house.knowledge.rulebook.promises, current(ticket)
    return DeskMeeting(
        meeting=meeting,
        earlier=meetings(ticket)[:-1],
        why_not=meeting_orders.why_none(ticket, promises.screen_sharing),
        why_no_code=codes.why_none(ticket, meeting, visit.now),
        has_link=bool(meeting and visit.house.store.access_of(ticket.id, meeting.number).link),
        minutes=promises.sharing.minutes,
        version=promises.sharing.version,
        people=eligibility.deciders(ticket),
    )


def listed(visit: Visit) -> Response:
    """Sessions by their time; the view, and whose, stand in the address."""
    view = visit.query("view") if visit.query("view") in _VIEWS else "coming"
    mine = visit.query("whose") == "mine"
    states = tuple(str(one) for one in sorted(_VIEWS[view][1]))
    which = MeetingFilter(states=states, host=visit.who.address if mine else "", limit=_MOST)
    return page(
        visit,
        "meetings.html",
        rows=[(row, reference(row.ticket_id)) for row in visit.house.store.meetings(which)],
        most=_MOST,
        views=[(name, title) for name, (title, _states) in _VIEWS.items()],
        view=view,
        mine=mine,
    )


def new_code(visit: Visit, ticket: Ticket) -> tuple[str, str]:
    """A connection code to be read out to the partner, and what stands in its way."""
    try:
        return of_meeting(hand(visit)).new_code(ticket)[1], ""
    except TakenAlready:
        return "", "Each code is shown once. Make a new one; the former is dead then."
    except ChangedMeanwhile:
        return "", "Somebody was faster. Look at how it stands, and make it again."
    except Faulty as fault:
        return "", "; ".join(fault.lines)


PAGES = (get("/screen-sharing", May.STAFF, listed),)
