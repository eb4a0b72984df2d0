"""A screen-sharing session as its people see it: terms to read and accept, times to choose, the code, the ways out.

Whoever sees the request sees how the session stands; only people of the request act on it and get its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.frozen import frozen
from triaged.letters import bearing
from triaged.meetings import codes, eligibility
from triaged.meetings.meeting import BOOKED, RUNNING, Meeting, MeetingState, current
from triaged.meetings.moves import EARLY
from triaged.promises.screen_sharing import Terms
from triaged.store.page_rows import Draft, TicketPage
from triaged.tickets.ticket import Ticket
from triaged.walk.by_page import Changed, No, Outcome
from triaged.walk.by_page_meeting import MeetingByPage
from triaged.walk.plans import meeting_orders
from triaged.web import render
from triaged.web.pages import May, get, post
from triaged.web.tickets import shown, wording
from triaged.web.visit import Visit, go, ticket_of, ticket_of_form

FORM = "session"  # of drafts
_LONGEST_REASON = 1000


@frozen
class MeetingShown:
    """What of a session its partner's pages may take. `free`: times that can be chosen; `code_from`: when codes begin."""

    state: MeetingState
    minutes: int
    host: str
    starts: datetime | None
    ends: datetime | None
    code_from: datetime | None
    free: tuple[datetime, ...]
    answers: Mapping[str, str]
    terms: str
    accepted_by: str
    accepted_at: datetime | None
    is_booked: bool
    has_code: bool
    is_ours: bool  # whether the reader is one of its people


def show(visit: Visit) -> Response:
    """The page of the ticket's session."""
    return _shown(visit, ticket_of(visit))


def accept(visit: Visit) -> Response:
    """The terms are accepted and a time is chosen, or the page says what stands in the way."""
    found, starts = ticket_of_form(visit), _moment(visit)
    if visit.form.get("terms") != "yes" or starts is None:
        error = wording.meeting_choice(chosen=starts is not None)
        return _shown(visit, found, error=error, chosen=starts, status=400)
    version, digest = visit.form.get("version")[:40], visit.form.get("digest")[:64]
    outcome = _acts(visit).accept(
        found.ticket.id, starts, version, digest=digest, peer=visit.peer, form=visit.form.key
    )
    return _after(visit, found, outcome, "accepted", chosen=starts)


def decline(visit: Visit) -> Response:
    """It is not wanted: one click."""
    found = ticket_of_form(visit)
    return _after(visit, found, _acts(visit).decline(found.ticket.id, form=visit.form.key), "declined")


def move(visit: Visit) -> Response:
    """To another of the times offered."""
    found, starts = ticket_of_form(visit), _moment(visit)
    if starts is None:
        return _shown(visit, found, error=wording.meeting_choice(chosen=False), status=400)
    outcome = _acts(visit).move(found.ticket.id, starts, form=visit.form.key)
    return _after(visit, found, outcome, "moved", chosen=starts)


def cancel(visit: Visit) -> Response:
    """It cannot be, or need not be any more."""
    found, reason = ticket_of_form(visit), visit.form.get("reason")[:_LONGEST_REASON]
    outcome = _acts(visit).cancel(found.ticket.id, reason, form=visit.form.key)
    return _after(visit, found, outcome, "cancelled")


def code(visit: Visit) -> Response:
    """A connection code, shown this once. Whoever loads the page again is given none."""
    found = ticket_of_form(visit)
    outcome, made = _acts(visit).new_code(found.ticket.id, form=visit.form.key)
    if made:
        return _shown(visit, ticket_of(visit), code=made)
    return _after(visit, found, outcome, "again")


def keep(visit: Visit, address: str) -> str:
    """A choice that came when the session of signing in was over: it stands there again."""
    reference = visit.request.path_params["reference"][:32].upper()
    fields = {"starts": visit.form.get("starts")[:40]}
    visit.house.store.save_draft(Draft(address, reference, FORM, fields, visit.now))
    return f"/tickets/{reference}/session"


def meeting_shown(visit: Visit, ticket: Ticket) -> MeetingShown | None:
    """The ticket's session for this reader; None: there never was one."""
    meeting = current(ticket)
    if meeting is None:
        return None
    is_ours = visit.who.address in eligibility.deciders(ticket)
    open_ = meeting.state is MeetingState.OFFERED or meeting.state in BOOKED
    accepted = meeting.accepted
    return MeetingShown(
        state=meeting.state,
        minutes=meeting.minutes,
        host=bearing.named(meeting.host),
        starts=meeting.starts,
        ends=meeting.ends,
        code_from=meeting.starts - EARLY if meeting.starts and meeting.state in RUNNING else None,
        free=_acts(visit).free_times(ticket) if open_ and is_ours else (),
        answers=meeting.answers,
        terms=accepted.terms if accepted else "",
        accepted_by=accepted.person if accepted else "",
        accepted_at=accepted.at if accepted else None,
        is_booked=meeting.state in BOOKED,
        has_code=is_ours and not codes.why_none(ticket, meeting, visit.now),
        is_ours=is_ours,
    )


def _acts(visit: Visit) -> MeetingByPage:
    return MeetingByPage(visit.house.store, visit.house.knowledge, visit.who.scope, visit.now)


def _moment(visit: Visit) -> datetime | None:
    """The time that a form chose, as its fields hold it: UTC with its zone."""
    try:
        at = datetime.fromisoformat(visit.form.get("starts")[:40])
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):  # the year 1 east of Greenwich is no time in UTC
        return None


def _after(
    visit: Visit, found: TicketPage, outcome: Outcome, said: str, chosen: datetime | None = None
) -> Response:
    if isinstance(outcome, No):
        if outcome.why == "unseen":
            raise HTTPException(404)
        return _shown(visit, ticket_of(visit), error=wording.refusal(outcome), chosen=chosen, status=400)
    if isinstance(outcome, Changed):
        return _shown(visit, ticket_of(visit), error=wording.refusal(No("meeting_state")), status=409)
    visit.house.store.drop_draft(visit.who.address, found.ticket.reference, FORM)
    return go(f"/tickets/{found.ticket.reference}/session?said={said}")


def _shown(
    visit: Visit,
    found: TicketPage,
    *,
    error: str = "",
    code: str = "",
    chosen: datetime | None = None,
    status: int = 200,
) -> Response:
    ticket, draft = found.ticket, visit.house.store.draft(visit.who.address, found.ticket.reference, FORM)
    before = str(draft.fields.get("starts", "")) if draft else ""
    return render.page(
        visit,
        "session.html",
        status=status,
        ticket=shown.ticket(ticket),
        meeting=meeting_shown(visit, ticket),
        terms=_terms(visit, ticket, current(ticket)),
        chosen=chosen.isoformat() if chosen else before,
        error=error,
        code=code,
        said=visit.query("said"),
        wording=wording,
    )


def _terms(visit: Visit, ticket: Ticket, meeting: Meeting | None) -> Terms | None:
    """What is to be accepted. None: nothing is."""
    if meeting is None or meeting.state is not MeetingState.OFFERED:
        return None
    rulebook = visit.house.knowledge.rulebook
    return meeting_orders.terms_for(ticket, rulebook.promises.sharing, rulebook.letters)


_AT = "/tickets/{reference}/session"
PAGES = (
    get(_AT, May.PARTNER, show),
    post(f"{_AT}/accept", May.PARTNER, accept, keep=keep),
    post(f"{_AT}/decline", May.PARTNER, decline),
    post(f"{_AT}/move", May.PARTNER, move, keep=keep),
    post(f"{_AT}/cancel", May.PARTNER, cancel),
    post(f"{_AT}/code", May.PARTNER, code),
)
