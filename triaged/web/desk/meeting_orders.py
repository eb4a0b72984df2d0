"""What staff can do to a ticket's screen-sharing session: rows as in orders.py, ordered by walk/by_meeting.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from triaged.errors import Faulty
from triaged.meetings.meeting import Access
from triaged.tickets.ticket import Ticket
from triaged.walk.by_hand import ByHand
from triaged.walk.by_meeting import ByMeeting
from triaged.walk.plans.meeting_orders import LONGEST_SUMMARY, LONGEST_TOLD
from triaged.walk.rehearsal import MeetingRehearsal, Rehearsal
from triaged.web.desk.act import Act, Given

MOST_TIMES = 5  # fields of the form


def of_meeting(by: ByHand) -> ByMeeting:
    """The same person, who orders something of a session; what is only planned stays only planned."""
    kind = MeetingRehearsal if isinstance(by, Rehearsal) else ByMeeting
    return kind(**{one.name: getattr(by, one.name) for one in fields(by)})


def _offer(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    moments = [given.moment(f"time{place}") for place in range(1, MOST_TIMES + 1)]
    host = given.get("host", given.me)
    access = Access(given.get("link"), given.get("passcode"))
    chosen = [one for one in moments if one]
    return of_meeting(by).offer(
        ticket, chosen, host, access=access, reason=given.get("reason"), tell=_tell(given)
    )


def _accept(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    starts = given.moment("starts")
    if starts is None:
        raise Faulty("the time he chose is missing")
    person, version = given.must("person", "who accepted"), given.must("version", "the version of the terms")
    return of_meeting(by).accept(ticket, starts, person, version, reason=given.get("reason"))


def _move(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    starts, host = given.moment("starts"), given.get("host")
    return of_meeting(by).move(ticket, starts, host=host, reason=given.get("reason"), tell=_tell(given))


def _link(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    access = Access(given.must("link", "the link"), given.get("passcode"))
    return of_meeting(by).give_access(ticket, access, given.get("reason"))


def _cancel(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    return of_meeting(by).cancel(ticket, given.must("reason", "the reason"), _tell(given))


def _held(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    return of_meeting(by).hold(ticket, _summary(given), given.get("reason"))


def _tell(given: Given) -> str:
    return given.form.get("tell").strip()[: LONGEST_TOLD + 1]  # one more: too long is refused, never cut


def _summary(given: Given) -> str:
    return given.form.get("summary").strip()[: LONGEST_SUMMARY + 1]


MEETING_ORDERS: Mapping[str, Act] = {
    "session-offer": Act("Offer a session", "The session is offered: the letter leaves.", _offer, tells=True),
    "session-accept": Act("He accepted", "The time stands, and the invitation leaves.", _accept, tells=True),
    "session-decline": Act(
        "He declined",
        "It is declined, and will not be offered again on this ticket.",
        lambda by, ticket, given: of_meeting(by).decline(ticket, given.get("reason")),
        tells=True,
    ),
    "session-move": Act(
        "Move the session", "It is moved, and the invitation leaves anew.", _move, tells=True
    ),
    "session-link": Act("Give the link", "The link is kept for the invitation.", _link, tells=True),
    "session-cancel": Act(
        "Cancel the session", "It is cancelled, and the calendar entry goes.", _cancel, tells=True
    ),
    "session-begin": Act(
        "Begin the session",
        "It has begun.",
        lambda by, ticket, given: of_meeting(by).begin(ticket, given.get("code"), given.get("reason")),
    ),
    "session-held": Act("It took place", "It is held.", _held),
    "session-missed": Act(
        "It did not take place",
        "It is noted who did not come.",
        lambda by, ticket, given: of_meeting(by).miss(ticket, given.get("missing"), given.get("reason")),
    ),
    "session-summary": Act(
        "What came of it",
        "The summary stands with the ticket.",
        lambda by, ticket, given: of_meeting(by).sum_up(ticket, _summary(given)),
    ),
}
