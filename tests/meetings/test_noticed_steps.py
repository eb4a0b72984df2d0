"""What is due of a session at the very moment where it begins or ends to be due, and every reason why it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.letters.test_invited import INVITES, WRITTEN, booked, held
from tests.meetings.test_moves import FIRST, NOW, SECOND, accepted, after, event_on, meeting, offered, who
from tests.meetings.test_steps import DAY, HOUR, MINUTE, act, planned
from tests.tickets.world import promises, ticket
from triaged.followups import due, meeting_steps
from triaged.followups.steps import MEETING
from triaged.meetings import moves
from triaged.promises.screen_sharing import as_span
from triaged.tickets import states
from triaged.tickets.event_data import ByStep
from triaged.tickets.ticket import Happening, State, Ticket

SECOND_ = timedelta(seconds=1)


def over(t: Ticket, at: datetime, how: Happening = Happening.RESOLVED) -> Ticket:
    return after(states.move(t, how, at, "cli:cy", "solved"))


def begun() -> Ticket:
    return after(moves.begin(accepted(), who(FIRST)))


def test_an_offer_lapses_with_its_last_time_or_soon_after_its_ticket_is_over() -> None:
    assert planned(offered(), NOW) == {"lapse@1": SECOND}
    assert planned(over(offered(), NOW + HOUR), NOW + HOUR) == {"lapse@1": NOW + HOUR + 10 * MINUTE}
    assert planned(over(offered(), SECOND - MINUTE), SECOND - MINUTE) == {"lapse@1": SECOND}


def test_a_grace_counts_from_when_the_ticket_was_closed_else_resolved_else_touched() -> None:
    resolved = over(accepted(), NOW + HOUR)
    closed = over(resolved, NOW + 2 * HOUR, Happening.CLOSED)
    assert planned(closed, NOW + 2 * HOUR) == {"call-off@2": NOW + 2 * HOUR + 10 * MINUTE}
    noted = after(states.move(resolved, Happening.STAFF_NOTED, NOW + 3 * HOUR, "cli:cy", "x"))
    assert planned(noted, NOW + 3 * HOUR) == {"call-off@1": NOW + HOUR + 10 * MINUTE}
    untold = replace(accepted(), state=State.RESOLVED, updated_at=NOW + 4 * HOUR)
    assert planned(untold, NOW + 4 * HOUR) == {"call-off@0": NOW + 4 * HOUR + 10 * MINUTE}


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (FIRST - DAY, {"remind-2@1", "remind-1@1", "over@1"}),
        # half way between two reminders the earlier one is still sensible, and a second later no more
        (FIRST - DAY + (DAY - HOUR) / 2, {"remind-2@1", "remind-1@1", "over@1"}),
        (FIRST - DAY + (DAY - HOUR) / 2 + SECOND_, {"remind-1@1", "over@1"}),
        (FIRST - 30 * MINUTE, {"remind-1@1", "over@1"}),
        (FIRST - 30 * MINUTE + SECOND_, {"over@1"}),
        (FIRST, {"over@1"}),
    ],
)
def test_a_reminder_is_late_when_the_next_one_is_nearer(now: datetime, left: set[str]) -> None:
    assert set(planned(accepted(), now)) == left


def test_of_three_reminders_each_is_late_by_the_next() -> None:
    sharing = promises().screen_sharing
    assert sharing is not None
    three = replace(sharing, reminders=(as_span("1d"), as_span("3h"), as_span("1h")))
    ours = replace(promises(), screen_sharing=three)

    def left(now: datetime) -> list[tuple[str, datetime]]:
        return [(one.step, one.due_at) for one in due.plan(accepted(), ours, now) if one.kind == MEETING]

    assert left(NOW) == [
        ("remind-3@1", FIRST - DAY),
        ("remind-2@1", FIRST - 3 * HOUR),
        ("remind-1@1", FIRST - HOUR),
        ("over@1", FIRST + 40 * MINUTE),
    ]
    assert [step for step, _ in left(FIRST - 2 * HOUR)] == ["remind-2@1", "remind-1@1", "over@1"]
    assert [step for step, _ in left(FIRST - 2 * HOUR + SECOND_)] == ["remind-1@1", "over@1"]


def test_a_reminder_of_the_very_minute_in_which_it_was_agreed_upon_is_none() -> None:
    def agreed(at: datetime) -> Ticket:
        return after(moves.accept(offered(), FIRST, moves.Accepted("1", "en", "d", "a", "p", at), who(at)))

    assert "remind-1@1" not in planned(agreed(FIRST - HOUR), FIRST - HOUR)
    assert "remind-1@1" in planned(agreed(FIRST - HOUR - SECOND_), FIRST - HOUR - SECOND_)


def test_its_host_is_warned_of_its_end_until_it_has_come() -> None:
    ends = FIRST + 40 * MINUTE
    assert planned(begun(), ends - SECOND_) == {"ending@1": ends - 5 * MINUTE, "over@1": ends}
    assert planned(begun(), ends) == {"over@1": ends}


def test_a_rulebook_that_wants_no_second_question_has_none() -> None:
    done = after(moves.hold(begun(), who(FIRST + 40 * MINUTE)))
    assert planned(done, FIRST + HOUR) == {"summary@1": FIRST + 40 * MINUTE + DAY}
    sharing = promises().screen_sharing
    assert sharing is not None
    never = replace(promises(), screen_sharing=replace(sharing, ask_summary_again=None))
    assert [one for one in due.plan(done, never, FIRST + HOUR) if one.kind == MEETING] == []


def test_calendars_that_are_astray_are_brought_up_to_date_each_time_anew_and_not_without_end() -> None:
    t = booked(held(WRITTEN, INVITES, "anna@oakbridge.example"))
    assert planned(t, NOW + HOUR)["calendars@0"] == NOW + MINUTE
    for times in range(meeting_steps.MOST_BROUGHT_UP):
        assert f"calendars@{times}" in planned(t, NOW + HOUR), times
        t = event_on(t, Happening.REMINDED, ByStep(f"meeting:calendars@{times}").stored())
    assert not [one for one in planned(t, NOW + HOUR) if one.startswith("calendars")]


@pytest.mark.parametrize(
    ("step", "of", "now", "why"),
    [
        ("calendars@0", lambda: accepted(), NOW, "nobody's calendar is astray any more"),
        ("remind-2@1", lambda: accepted(), FIRST - HOUR, "it came too late"),
        ("remind-1@1", lambda: begun(), FIRST + MINUTE, "it came too late"),
        ("remind-1@1", lambda: over(accepted(), NOW + HOUR), NOW + 2 * HOUR, "the session is accepted"),
        ("remind-1@2", lambda: accepted(), NOW, "the session was moved"),
        ("lapse@1", lambda: accepted(), NOW, "it came too late"),
        ("lapse@1", lambda: after(moves.decline(offered(), who())), NOW, "the session is declined"),
        ("over@1", lambda: after(moves.cancel(accepted(), who())), NOW, "the session is cancelled"),
        ("ending@1", lambda: ticket(NOW), NOW, "there is no session"),
    ],
)  # fmt: skip
def test_why_a_step_of_a_session_is_gone(step: str, of, now: datetime, why: str) -> None:
    acted = act(step, of(), now)
    assert (acted.withdrawn, acted.letters, acted.again_at) == (why, (), None)


ENDS = FIRST + 40 * MINUTE


@pytest.mark.parametrize(
    ("key", "of", "now", "why"),
    [
        ("meeting:remind-1@1", accepted, FIRST - SECOND_, ""),
        ("meeting:remind-1@1", accepted, FIRST, "its time has come"),
        ("meeting:remind-1@1", None, FIRST, "the session was moved"),
        ("meeting@1", accepted, FIRST, ""),
        ("meeting@1", accepted, ENDS - SECOND_, ""),
        ("meeting@1", accepted, ENDS, "its time has come"),
        ("meeting@2", accepted, NOW, "the session was moved"),
        ("meeting:ending@1", accepted, ENDS - MINUTE, "the session is accepted"),
        ("meeting:ending@1", begun, ENDS - MINUTE, ""),
        ("meeting:ending@1", begun, ENDS, "its time has come"),
    ],
)
def test_until_when_a_letter_about_a_time_may_leave(key: str, of, now: datetime, why: str) -> None:
    assert meeting_steps.why_not_leave(key, meeting(of()) if of else None, now) == why


@pytest.mark.parametrize(
    ("key", "of", "now", "why"),
    [
        ("meeting-offer@1", offered, SECOND - SECOND_, ""),
        ("meeting-offer@1", offered, SECOND, "every time offered has passed"),
        ("meeting-offer@2", offered, NOW, "the session is offered"),
        ("meeting-offer@1", accepted, NOW, "the session is accepted"),
        ("meeting-offer@1", None, NOW, "there is no session"),
    ],
)
def test_until_when_an_offer_may_leave(key: str, of, now: datetime, why: str) -> None:
    assert meeting_steps.why_no_offer(key, meeting(of()) if of else None, now) == why
