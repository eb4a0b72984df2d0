"""A session's life: which change is allowed from which state, and at which moment; each tells who, why and by whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.world import at, event, ticket
from triaged.meetings import codes, moves
from triaged.meetings.meeting import RUNNING, Accepted, Meeting, MeetingState, current, meetings
from triaged.meetings.moves import TABLE, Who
from triaged.tickets.meeting_data import MeetingAnswered, MeetingChanged, MeetingCode
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Happening, Ticket

S, H = MeetingState, Happening
NOW = at("2026-11-16 09:00+01:00")
FIRST, SECOND = NOW + timedelta(days=2), NOW + timedelta(days=3)
HOST = "ben@desk.example"
YES = Accepted("2026-11", "en", "d1", "anna@oakbridge.example", "192.0.2.7", NOW)


def who(when=NOW, by: moves.By = "staff", reason: str = "because") -> Who:
    return Who(when, "cli:cy", by, reason)


def after(moved: Moved | Refused) -> Ticket:
    assert isinstance(moved, Moved), moved
    return moved.ticket


def offered() -> Ticket:
    return after(
        moves.offer(ticket(NOW), "uid-1@desk.example", (SECOND, FIRST), 40, "Ben@Desk.example", who())
    )


def accepted() -> Ticket:
    return after(moves.accept(offered(), FIRST, YES, who(by="partner")))


BY_STATE: dict[MeetingState, Callable[[], Ticket]] = {
    S.OFFERED: offered,
    S.DECLINED: lambda: after(moves.decline(offered(), who(by="partner"))),
    S.ACCEPTED: accepted,
    S.MOVED: lambda: after(moves.move(accepted(), SECOND, who())),
    S.BEGUN: lambda: after(moves.begin(accepted(), who(FIRST))),
    S.HELD: lambda: after(moves.hold(accepted(), who(FIRST))),
    S.MISSED: lambda: after(moves.miss(accepted(), "partner", who(FIRST))),
    S.CANCELLED: lambda: after(moves.cancel(accepted(), who())),
}
CHANGES: dict[MeetingState, Callable[[Ticket], Moved | Refused]] = {
    S.DECLINED: lambda t: moves.decline(t, who()),
    S.ACCEPTED: lambda t: moves.accept(t, FIRST, YES, who()),
    S.MOVED: lambda t: moves.move(t, SECOND + timedelta(hours=1), who()),
    S.BEGUN: lambda t: moves.begin(t, who(start(t))),
    S.HELD: lambda t: moves.hold(t, who(start(t)), "the key was wrong"),
    S.MISSED: lambda t: moves.miss(t, "", who(start(t))),
    S.CANCELLED: lambda t: moves.cancel(t, who()),
}


def start(t: Ticket):
    found = current(t)
    return found.starts if found and found.starts else FIRST


def meeting(t: Ticket) -> Meeting:
    found = current(t)
    assert found is not None
    return found


@pytest.mark.parametrize("state", BY_STATE, ids=str)
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_each_change_is_allowed_from_the_states_of_the_table_and_refused_with_a_reason_from_others(
    state: MeetingState, change: MeetingState
) -> None:
    before = BY_STATE[state]()
    assert meeting(before).state is state
    moved = CHANGES[change](before)
    if state in TABLE[change]:
        told = after(moved).events[-1]
        assert (meeting(after(moved)).state, told.actor, told.reason) == (change, "cli:cy", "because")
    else:
        assert isinstance(moved, Refused)
        assert f"is {state}: " in moved.reason


@pytest.mark.parametrize("state", BY_STATE, ids=str)
def test_a_second_one_stands_beside_none(state: MeetingState) -> None:
    moved = moves.offer(BY_STATE[state](), "uid-2@desk.example", (SECOND,), 40, HOST, who())
    if state in RUNNING | {S.OFFERED}:
        assert isinstance(moved, Refused) and "has a session already" in moved.reason
    else:
        assert [one.number for one in meetings(after(moved))] == [1, 2]


def test_what_was_agreed_upon_is_kept_with_who_when_and_from_where() -> None:
    one = meeting(accepted())
    assert one.accepted == YES
    assert (one.starts, one.ends, one.host, one.by) == (FIRST, FIRST + timedelta(minutes=40), HOST, "partner")
    assert one.times == (FIRST, SECOND)
    assert (one.sequence, one.appointment) == (0, 1)


def test_the_sequence_rises_with_each_move_and_the_cancellation_and_the_uid_stays() -> None:
    t = accepted()
    for number in range(1, 4):
        t = after(moves.move(t, SECOND + timedelta(hours=number), who()))
        assert (meeting(t).sequence, meeting(t).appointment) == (number, number + 1)
    t = after(moves.invite_again(t, who()))
    assert (meeting(t).sequence, meeting(t).starts) == (4, SECOND + timedelta(hours=3))
    gone = meeting(after(moves.cancel(t, who())))
    assert (gone.sequence, gone.uid) == (5, "uid-1@desk.example")


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (lambda: moves.accept(offered(), NOW, YES, who()), "none of the times offered"),
        (lambda: moves.accept(offered(), FIRST, YES, who(FIRST)), "has passed"),
        (lambda: moves.move(accepted(), NOW - timedelta(hours=1), who()), "has passed"),
        (lambda: moves.move(accepted(), FIRST, who()), "already"),
        (lambda: moves.begin(accepted(), who(FIRST - timedelta(minutes=16))), "a quarter of an hour before"),
        (lambda: moves.begin(accepted(), who(FIRST + timedelta(minutes=40))), "was over"),
        (lambda: moves.hold(accepted(), who()), "it begins at"),
        (lambda: moves.miss(accepted(), "", who()), "it begins at"),
        (lambda: moves.hold(BY_STATE[S.HELD](), who(SECOND)), "say what came of it"),
        (lambda: moves.decline(ticket(NOW), who()), "no screen-sharing session"),
        (lambda: moves.offer(ticket(NOW), "uid-1@desk.example", (), 40, HOST, who()), "at least one time"),
    ],
)
def test_what_the_moment_forbids_is_refused_with_the_reason(moved, why: str) -> None:
    refused = moved()
    assert isinstance(refused, Refused)
    assert why in refused.reason


def test_a_calendars_answer_counts_for_the_time_that_stands() -> None:
    t = accepted()

    def answered(t: Ticket, sequence: int) -> Ticket:
        told = MeetingAnswered(1, "anna@oakbridge.example", "declined", sequence).stored()
        return event_on(t, H.MEETING_ANSWERED, told)

    assert meeting(answered(t, 0)).answers == {"anna@oakbridge.example": "declined"}
    assert meeting(answered(t, 7)).answers == {}
    assert meeting(after(moves.move(answered(t, 0), SECOND, who()))).answers == {}


def event_on(t: Ticket, kind: Happening, data) -> Ticket:
    return replace(t, events=(*t.events, event(NOW, kind, **data)))


def test_codes_are_typed_as_people_type() -> None:
    assert codes.shown("H4KX9PTN") == "H4KX-9PTN"
    for typed in ("h4kx-9ptn", " H4KX 9PTN ", "Ｈ４ＫＸ－９ＰＴＮ", "H4KX\u20119PTN"):
        assert codes.typed(typed) == "H4KX9PTN"
    assert len(codes.typed("A" * 10_000)) <= 40
    assert not set("O0I1L") & set(codes.ALPHABET)


def test_a_session_has_codes_only_while_it_runs_and_not_without_end() -> None:
    begins = accepted()
    assert "no session that was accepted" in codes.why_none(offered(), meeting(offered()), FIRST)
    assert codes.why_none(begins, meeting(begins), FIRST - timedelta(minutes=15)) == ""
    assert "quarter" in codes.why_none(begins, meeting(begins), FIRST - timedelta(minutes=15, seconds=1))
    assert codes.why_none(begins, meeting(begins), FIRST + timedelta(minutes=39, seconds=59)) == ""
    assert "over" in codes.why_none(begins, meeting(begins), FIRST + timedelta(minutes=40))
    full = begins
    for number in range(1, codes.MOST_CODES + 1):
        assert codes.next_number(full, meeting(full)) == number
        full = event_on(full, H.MEETING_CODE, MeetingCode(1, number).stored())
    assert "20 codes were made" in codes.why_none(full, meeting(full), FIRST)


JSON = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.lists(st.text(max_size=3), max_size=2)
)
KEYS = ["meeting", "state", "times", "starts", "minutes", "host", "sequence", "attendee", "answer", "uid"]
DATA = st.dictionaries(st.sampled_from(KEYS), JSON | st.sampled_from([str(s) for s in S]), max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([H.MEETING_CHANGED, H.MEETING_ANSWERED, H.MEETING_CODE]), DATA), max_size=5
    )
)
def test_events_gone_bad_raise_nothing(told) -> None:
    t = ticket(NOW, *(event(NOW, kind, **data) for kind, data in told))
    for one in meetings(t):
        codes.why_none(t, one, NOW)
        moves.why_not_now(one, NOW)
    moves.cancel(t, who())


def test_a_state_of_another_version_leaves_the_session_where_it_stood() -> None:
    later = MeetingChanged(1, "recorded").stored()
    assert meeting(event_on(accepted(), H.MEETING_CHANGED, later)).state is S.ACCEPTED
