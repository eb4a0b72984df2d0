"""What of a session nobody would have noticed: borders of its moments, all that a change keeps, every reason in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.meetings.test_eligibility import PAID
from tests.meetings.test_moves import (
    BY_STATE,
    FIRST,
    HOST,
    NOW,
    SECOND,
    YES,
    S,
    accepted,
    after,
    event_on,
    meeting,
    offered,
    who,
)
from tests.tickets.world import at, promises, ticket
from triaged.meetings import codes, eligibility, moves
from triaged.meetings.meeting import Meeting, MeetingState, current, meetings, of_number
from triaged.tickets.meeting_data import MeetingAnswered, MeetingChanged, MeetingCode
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Happening, Person, State, Ticket

H = Happening
MINUTE = timedelta(minutes=1)
UID = "uid-1@desk.example"


def test_all_that_an_offer_says_is_the_session_and_nothing_more() -> None:
    assert meeting(offered()) == Meeting(1, S.OFFERED, NOW, NOW, UID, (FIRST, SECOND), 40, HOST)
    assert offered().events[-1].data == {
        "meeting": 1,
        "state": "offered",
        "by": "staff",
        "uid": UID,
        "times": [FIRST.isoformat(), SECOND.isoformat()],
        "minutes": 40,
        "host": HOST,
    }
    of_daemon = moves.offer(ticket(NOW), UID, (FIRST, FIRST), 40, HOST, replace(who(by="daemon"), step="a:b"))
    assert after(of_daemon).events[-1].data["step"] == "a:b"
    assert (meeting(after(of_daemon)).by, meeting(after(of_daemon)).times) == ("daemon", (FIRST,))


@pytest.mark.parametrize(
    ("moved", "data"),
    [
        (
            lambda: moves.accept(offered(), FIRST, replace(YES, person="Anna@Oakbridge.example"), who(by="partner")),
            {"state": "accepted", "by": "partner", "starts": FIRST.isoformat(), "terms": "2026-11", "language": "en", "digest": "d1", "person": "anna@oakbridge.example", "peer": "192.0.2.7"},
        ),
        (lambda: moves.move(accepted(), SECOND, who(), "Cy@Desk.example"), {"state": "moved", "by": "staff", "starts": SECOND.isoformat(), "host": "cy@desk.example", "sequence": 1}),
        (lambda: moves.move(accepted(), FIRST, who(), "cy@desk.example"), {"state": "moved", "by": "staff", "starts": FIRST.isoformat(), "host": "cy@desk.example", "sequence": 1}),
        (lambda: moves.invite_again(accepted(), who()), {"state": "moved", "by": "staff", "starts": FIRST.isoformat(), "sequence": 1}),
        (lambda: moves.cancel(offered(), who()), {"state": "cancelled", "by": "staff"}),
        (lambda: moves.cancel(accepted(), who()), {"state": "cancelled", "by": "staff", "sequence": 1}),
        (lambda: moves.hold(accepted(), who(FIRST), "solved"), {"state": "held", "by": "staff", "summary": "solved"}),
        (lambda: moves.miss(accepted(), "partner", who(FIRST)), {"state": "missed", "by": "staff", "missing": "partner"}),
    ],
    ids=["accepted", "moved", "another host", "invited again", "offer cancelled", "cancelled", "held", "missed"],
)  # fmt: skip
def test_what_an_event_keeps_of_a_change_is_what_the_change_is_about(moved, data) -> None:
    assert after(moved()).events[-1].data == {"meeting": 1, **data}


def test_a_change_leaves_the_rest_of_the_session_as_it_was() -> None:
    agreed = meeting(accepted())
    again = after(moves.move(accepted(), SECOND, who(NOW + MINUTE)))
    assert meeting(again) == replace(
        agreed, state=S.MOVED, since=NOW + MINUTE, starts=SECOND, sequence=1, appointment=2, by="staff"
    )
    later = after(moves.move(again, SECOND + MINUTE, who(NOW + 2 * MINUTE)))
    assert meeting(later).since == NOW + 2 * MINUTE, "moved again is another time"
    held = after(moves.hold(accepted(), who(FIRST)))
    summed_up = after(moves.hold(held, who(SECOND), "the key was wrong"))
    assert meeting(summed_up) == replace(
        agreed, state=S.HELD, since=FIRST, by="staff", summary="the key was wrong"
    )
    assert meeting(held).wants_summary and not meeting(summed_up).wants_summary
    missed = after(moves.miss(accepted(), "partner", who(FIRST)))
    assert meeting(missed) == replace(agreed, state=S.MISSED, since=FIRST, by="staff", missing="partner")
    assert meeting(after(moves.hold(missed, who(SECOND)))).missing == "", "somebody came after all"


def test_a_code_on_the_ticket_is_no_answer_of_a_calendar_and_begun_keeps_the_answers() -> None:
    answered = event_on(
        accepted(), H.MEETING_ANSWERED, MeetingAnswered(1, "anna@oakbridge.example", "accepted", 0).stored()
    )
    begun = after(moves.begin(event_on(answered, H.MEETING_CODE, MeetingCode(1, 1).stored()), who(FIRST)))
    assert meeting(begun).answers == {"anna@oakbridge.example": "accepted"}
    assert meeting(begun).appointment == 1


def test_an_offer_told_anew_under_a_number_begins_it_anew() -> None:
    anew = MeetingChanged(1, "offered", "daemon", UID, (SECOND,), 30, HOST).stored()
    assert meeting(event_on(accepted(), H.MEETING_CHANGED, anew)) == Meeting(
        1, S.OFFERED, NOW, NOW, UID, (SECOND,), 30, HOST, by="daemon"
    )


def test_a_change_of_a_session_that_nobody_offered_is_none() -> None:
    odd = event_on(ticket(NOW), H.MEETING_CHANGED, MeetingChanged(3, "accepted", starts=FIRST).stored())
    assert meetings(odd) == () and current(odd) is None


def test_a_session_is_found_by_its_number() -> None:
    two = after(
        moves.offer(after(moves.cancel(offered(), who())), "uid-2@desk.example", (FIRST,), 40, HOST, who())
    )
    assert [getattr(of_number(two, number), "uid", None) for number in (1, 2, 3)] == [
        UID,
        "uid-2@desk.example",
        None,
    ]


NONE_AT_ALL: dict[str, Callable[[Ticket], Moved | Refused]] = {
    "accept": lambda t: moves.accept(t, FIRST, YES, who()),
    "move": lambda t: moves.move(t, FIRST, who()),
    "invite again": lambda t: moves.invite_again(t, who()),
    "cancel": lambda t: moves.cancel(t, who()),
    "begin": lambda t: moves.begin(t, who()),
    "hold": lambda t: moves.hold(t, who()),
    "miss": lambda t: moves.miss(t, "", who()),
}


@pytest.mark.parametrize("name", NONE_AT_ALL)
def test_what_was_never_offered_is_neither_accepted_nor_moved_nor_ended(name: str) -> None:
    assert NONE_AT_ALL[name](ticket(NOW)) == Refused("PS-1042 has no screen-sharing session")


@pytest.mark.parametrize("state", [one for one in S if one is not S.OFFERED], ids=str)
def test_why_a_time_is_not_accepted_is_the_state_before_it_is_the_time(state: MeetingState) -> None:
    refused = moves.accept(BY_STATE[state](), NOW - MINUTE, YES, who())
    assert refused == Refused(f"the session of PS-1042 is {state}: only an offer is accepted")


def test_an_offer_is_not_moved_whatever_the_time() -> None:
    assert moves.move(offered(), NOW - MINUTE, who()) == Refused(
        "the session of PS-1042 is offered: only a time that was accepted, before it has begun, is moved"
    )


AT = "2026-11-18 08:00 UTC"


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (lambda: moves.accept(offered(), FIRST + MINUTE, YES, who()), "2026-11-18 08:01 UTC is none of the times offered"),
        (lambda: moves.accept(offered(), FIRST, YES, who(FIRST)), f"{AT} has passed"),
        (lambda: moves.accept(offered(), FIRST, YES, who(FIRST - MINUTE)), None),
        (lambda: moves.move(accepted(), FIRST, who()), f"it is at {AT} already"),
        (lambda: moves.move(accepted(), FIRST, who(), HOST.upper()), f"it is at {AT} already"),
        (lambda: moves.move(accepted(), SECOND, who(SECOND)), "2026-11-19 08:00 UTC has passed"),
        (lambda: moves.move(accepted(), SECOND, who(SECOND - MINUTE)), None),
        (lambda: moves.begin(accepted(), who(FIRST - 15 * MINUTE)), None),
        (
            lambda: moves.begin(accepted(), who(FIRST - 15 * MINUTE - timedelta(seconds=1))),
            f"it begins at {AT}; a quarter of an hour before is the earliest",
        ),
        (lambda: moves.begin(accepted(), who(FIRST + 40 * MINUTE)), "its time was over at 2026-11-18 08:40 UTC"),
        (lambda: moves.hold(accepted(), who(FIRST)), None),
        (lambda: moves.hold(accepted(), who(FIRST - MINUTE)), f"it begins at {AT}"),
        (lambda: moves.miss(accepted(), "", who(FIRST)), None),
        (lambda: moves.miss(accepted(), "", who(FIRST - MINUTE)), f"it begins at {AT}; cancel it, or wait"),
        (lambda: moves.hold(after(moves.begin(accepted(), who(FIRST - MINUTE))), who(FIRST - MINUTE)), None),
        (lambda: moves.offer(accepted(), "x", (FIRST,), 40, HOST, who()), f"PS-1042 has a session already, accepted for {AT}"),
        (lambda: moves.offer(offered(), "x", (FIRST,), 40, HOST, who()), "PS-1042 has a session already, offered"),
    ],
)  # fmt: skip
def test_at_the_very_minute_a_change_is_allowed_or_refused_in_these_words(moved, why: str | None) -> None:
    found = moved()
    assert isinstance(found, Moved) if why is None else found == Refused(why)


def test_nobody_is_connected_to_what_has_no_time() -> None:
    assert moves.why_not_now(meeting(offered()), FIRST) == "no time is agreed upon"
    assert meeting(offered()).ends is None


def test_of_a_long_reason_a_thousand_characters_are_kept() -> None:
    told = after(moves.cancel(accepted(), who(reason="x" * 999 + "yz"))).events[-1]
    assert told.reason == "x" * 999 + "y"


def test_why_there_is_no_code_names_the_state_or_that_there_is_no_session() -> None:
    told = "PS-1042 has no session that was accepted"
    assert codes.why_none(ticket(NOW), None, NOW) == f"{told} (none)"
    assert codes.why_none(offered(), meeting(offered()), FIRST) == f"{told} (offered)"


def test_codes_that_were_used_or_are_of_another_session_are_not_counted() -> None:
    t = accepted()
    for code in (MeetingCode(1, 7, used=True), MeetingCode(2, 5), MeetingCode(1, 2)):
        t = event_on(t, H.MEETING_CODE, code.stored())
    assert codes.next_number(t, meeting(t)) == 3
    for number in range(codes.MOST_CODES - 1):
        assert codes.why_none(t, meeting(t), FIRST) == "", number
        t = event_on(t, H.MEETING_CODE, MeetingCode(1, number).stored())
    assert codes.why_none(t, meeting(t), FIRST) == "20 codes were made for this session"


def test_nobody_beside_the_ticket_decides_about_its_session() -> None:
    people = [
        Person(f"{role}@oakbridge.example", role=role) for role in ("requester", "cc", "reader", "other")
    ]
    assert eligibility.deciders(ticket(NOW, people=tuple(people))) == (
        "requester@oakbridge.example",
        "cc@oakbridge.example",
        "reader@oakbridge.example",
    )


@pytest.mark.parametrize(
    ("starts", "why"),
    [
        (NOW, "2026-11-16 08:00 UTC has passed"),
        (NOW + MINUTE, "2026-11-16 08:01 UTC is too soon"),
        (NOW + 60 * MINUTE, ""),
        (NOW + timedelta(days=60), ""),
        (NOW + timedelta(days=60) + MINUTE, "2027-01-15 08:01 UTC is more than 60 days away"),
    ],
)
def test_the_first_and_the_last_time_that_may_be_offered(starts, why: str) -> None:
    assert eligibility.why_no_time(starts, 40, ticket(NOW, **PAID), promises(), NOW, ()) == why


def test_why_none_is_offered_in_full() -> None:
    declined = replace(BY_STATE[S.DECLINED](), **PAID)
    told = {
        eligibility.why_not(one, promises().screen_sharing)
        for one in (
            declined,
            replace(accepted(), **PAID),
            ticket(NOW, **PAID, history=True),
            ticket(NOW, **PAID, state=State.CLOSED, merged_into=7),
        )
    }
    assert told == {
        "declined on 2026-11-16: it is not offered again on this ticket",
        f"PS-1042 has a session already, accepted for {AT}",
        "PS-1042 came as history: nobody is written to",
        "PS-1042 was merged",
    }
    without = replace(promises(), screen_sharing=None)
    assert (
        eligibility.why_no_time(FIRST, 40, ticket(NOW, **PAID), without, NOW, ()) == eligibility.NOT_OFFERED
    )


def test_what_stands_outside_the_hours_or_beside_another_session_is_told_in_full() -> None:
    t, night = ticket(NOW, **PAID), at("2026-11-17 20:00+01:00")
    assert eligibility.why_no_time(night, 40, t, promises(), NOW, ()) == (
        "2026-11-17 19:00 UTC is outside the hours of calendar business (Tue 20:00 in Europe/Berlin)"
    )
    taken = [(FIRST - 30 * MINUTE, FIRST + 10 * MINUTE)]
    assert eligibility.why_no_time(FIRST, 40, t, promises(), NOW, taken) == (
        f"{AT}: the host has another session from 07:30 to 08:10 UTC"
    )
