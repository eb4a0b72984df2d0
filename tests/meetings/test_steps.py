"""What is due of a session: on time, late, after a move, over the days on which clocks are changed; never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.followups.test_due import drain
from tests.meetings.test_moves import FIRST, NOW, YES, accepted, after, meeting, offered, who
from tests.tickets.world import at, promises, ticket, writer
from triaged.followups import due, still_wanted
from triaged.followups.steps import MEETING
from triaged.meetings import moves
from triaged.meetings.meeting import MeetingState
from triaged.promises.screen_sharing import as_span
from triaged.tickets import states
from triaged.tickets.ticket import Due, Happening, Ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def planned(t: Ticket, now: datetime) -> dict[str, datetime]:
    return {one.step: one.due_at for one in due.plan(t, promises(), now) if one.kind == MEETING}


def act(step: str, t: Ticket, now: datetime) -> due.Acted:
    return due.act(Due(t.id, MEETING, step, now), t, writer(now))


def booked(starts: datetime, agreed: datetime) -> Ticket:
    t = ticket(agreed)
    t = after(moves.offer(t, "uid-1@desk.example", (starts,), 40, "ben@desk.example", who(agreed)))
    return after(moves.accept(t, starts, YES, who(agreed)))


def test_of_an_accepted_one_are_due_its_reminders_and_its_end() -> None:
    assert planned(accepted(), NOW) == {
        "remind-2@1": FIRST - DAY,
        "remind-1@1": FIRST - HOUR,
        "over@1": FIRST + 40 * MINUTE,
    }


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (lambda: after(moves.decline(offered(), who())), {}),
        (lambda: after(moves.cancel(accepted(), who())), {}),
        (lambda: after(moves.begin(accepted(), who(FIRST))), {"ending@1": FIRST + 35 * MINUTE, "over@1": FIRST + 40 * MINUTE}),
        (lambda: after(moves.hold(accepted(), who(FIRST), "solved")), {}),
        (lambda: after(moves.miss(accepted(), "", who(FIRST))), {}),
    ],
    ids=["declined", "cancelled", "begun", "held", "missed"],
)  # fmt: skip
def test_after_each_way_out_nothing_of_it_is_left(state, steps) -> None:
    assert planned(state(), NOW) == steps


def test_what_is_already_past_when_the_time_is_agreed_upon_is_never_reminded_of() -> None:
    t = booked(NOW + 3 * HOUR, NOW)
    assert set(planned(t, NOW)) == {"remind-1@1", "over@1"}
    assert set(planned(booked(NOW + 50 * MINUTE, NOW), NOW)) == {"over@1"}


@pytest.mark.parametrize(
    ("late", "left"),
    [
        (FIRST - DAY + 5 * HOUR, True),
        (FIRST - 3 * HOUR, False),  # nearer to the next one than to its own time
    ],
)
def test_after_days_without_the_daemon_the_last_sensible_reminder_leaves_alone(
    late: datetime, left: bool
) -> None:
    assert ("remind-2@1" in planned(accepted(), late)) is left
    acted = act("remind-2@1", accepted(), late)
    assert bool(acted.letters) is left
    assert left or acted.withdrawn == "it came too late"


def test_a_reminder_comes_once_whatever_restarts_and_whoever_asks_again() -> None:
    first = act("remind-1@1", accepted(), FIRST - HOUR)
    (letter,) = first.letters
    assert letter.kind == "meeting_reminder"
    again = act("remind-1@1", first.ticket_after, FIRST - HOUR)
    assert (again.letters, again.withdrawn) == ((), "taken already")
    assert "remind-1@1" not in planned(first.ticket_after, FIRST - HOUR)


def test_a_step_of_a_time_that_was_moved_away_is_withdrawn_and_says_so() -> None:
    moved = after(moves.move(accepted(), FIRST + 3 * DAY, who(FIRST - 2 * HOUR)))
    acted = act("remind-1@1", moved, FIRST - HOUR)
    assert (acted.letters, acted.withdrawn) == ((), "the session was moved")
    assert set(planned(moved, FIRST - 2 * HOUR)) == {"remind-2@2", "remind-1@2", "over@2"}


def test_a_rulebook_with_one_reminder_more_or_less_says_none_twice() -> None:
    taken = act("remind-1@1", accepted(), FIRST - HOUR).ticket_after
    offered_by = promises().screen_sharing
    assert offered_by is not None
    changed = replace(
        promises(),
        screen_sharing=replace(offered_by, reminders=(as_span("2d"), as_span("1d"), as_span("1h"))),
    )
    steps = {one.step for one in due.plan(taken, changed, FIRST - 50 * MINUTE) if one.kind == MEETING}
    assert steps == {"over@1"}


def test_begun_it_counts_as_held_when_its_time_is_over_and_its_host_is_asked_once_more() -> None:
    begun = after(moves.begin(accepted(), who(FIRST)))
    t, written = drain(begun, FIRST, FIRST + 10 * DAY)
    ours = [(letter.kind, letter.to, when) for when, letter in written if letter.kind.startswith("meeting")]
    assert ours == [
        ("meeting_ending", ("ben@desk.example",), FIRST + 35 * MINUTE),
        ("meeting_summary", ("ben@desk.example",), FIRST + 40 * MINUTE),
        ("meeting_summary", ("ben@desk.example",), FIRST + 40 * MINUTE + DAY),
    ]
    assert meeting(t).state is MeetingState.HELD


def test_the_session_of_a_ticket_that_is_over_is_called_off_after_a_grace_and_not_reminded_of() -> None:
    over = after(states.move(accepted(), Happening.RESOLVED, NOW + HOUR, "cli:cy", "solved"))
    assert planned(over, NOW + HOUR) == {"call-off@1": NOW + HOUR + 10 * MINUTE}
    acted = act("call-off@1", over, NOW + 2 * HOUR)
    assert [letter.kind for letter in acted.letters] == ["meeting_cancelled", "meeting_news"]
    assert meeting(acted.ticket_after).state is MeetingState.CANCELLED


def test_opened_again_within_the_grace_it_stands_and_over_again_it_is_called_off_all_the_same() -> None:
    over = after(states.move(accepted(), Happening.RESOLVED, NOW + HOUR, "cli:cy", "solved"))
    opened = after(states.move(over, Happening.REOPENED, NOW + HOUR + MINUTE, "cli:cy", "not yet"))
    withdrawn = act("call-off@1", opened, NOW + 2 * HOUR)
    assert (withdrawn.letters, set(planned(opened, NOW + 2 * HOUR))) == (
        (),
        {"remind-2@1", "remind-1@1", "over@1"},
    )
    again = after(states.move(withdrawn.ticket_after, Happening.RESOLVED, NOW + 3 * HOUR, "cli:cy", "solved"))
    assert planned(again, NOW + 3 * HOUR) == {"call-off@2": NOW + 3 * HOUR + 10 * MINUTE}


@pytest.mark.parametrize(
    ("starts", "reminded"),
    [
        # Europe puts its clocks back on 25 October 2026, forward on 28 March 2027; a day is 24 hours before.
        ("2026-10-26 10:00+01:00", "2026-10-25 10:00+01:00"),
        ("2026-10-25 12:00+01:00", "2026-10-24 13:00+02:00"),
        ("2027-03-29 10:00+02:00", "2027-03-28 10:00+02:00"),
        ("2027-03-28 10:00+02:00", "2027-03-27 09:00+01:00"),
    ],
)
def test_reminders_keep_their_distance_over_the_days_on_which_clocks_are_changed(
    starts: str, reminded: str
) -> None:
    t = booked(at(starts), at(starts) - 5 * DAY)
    assert planned(t, at(starts) - 5 * DAY)["remind-2@1"] == at(reminded)
    (letter,) = act("remind-2@1", t, at(reminded)).letters
    local = at(starts).astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{local:%H:%M}" in letter.body and "Europe/Berlin" in letter.body


@pytest.mark.parametrize(
    ("kind", "key", "then", "why"),
    [
        ("meeting_reminder", "meeting:remind-1@1", lambda: accepted(), ""),
        ("meeting_reminder", "meeting:remind-1@1", lambda: after(moves.cancel(accepted(), who())), "cancelled"),
        ("meeting_reminder", "meeting:remind-1@1", lambda: after(moves.move(accepted(), FIRST + DAY, who())), "moved"),
        ("meeting_invitation", "meeting@1", lambda: accepted(), ""),
        ("meeting_invitation", "meeting@1", lambda: after(moves.cancel(accepted(), who())), "cancelled"),
        ("meeting_offer", "meeting-offer@1", offered, ""),
        ("meeting_offer", "meeting-offer@1", accepted, "accepted"),
        ("meeting_ending", "meeting:ending@1", accepted, "accepted"),
        ("meeting_cancelled", "meeting-cancelled@1", offered, ""),
    ],
)  # fmt: skip
def test_a_letter_that_waited_is_asked_again_when_it_may_leave(kind: str, key: str, then, why: str) -> None:
    leave = still_wanted.judge(kind, key, then(), promises(), NOW + HOUR)
    assert leave.withdraw == why if not why else why in leave.withdraw


def test_no_reminder_leaves_once_the_session_has_begun_by_the_clock() -> None:
    leave = still_wanted.judge("meeting_reminder", "meeting:remind-1@1", accepted(), promises(), FIRST)
    assert leave.withdraw == "its time has come"


def waiting_steps(t: Ticket, now: datetime) -> list[tuple[str, datetime]]:
    return [(one.step, one.due_at) for one in due.plan(t, promises(), now) if one.kind == "waiting"]


def test_while_a_session_is_still_to_come_the_partners_silence_is_none() -> None:
    """Nobody is told that we wait for his reply, or takes the ticket for resolved, who has an hour with us."""
    asked = after(states.move(ticket(NOW), Happening.WAITING, NOW, "cli:cy", "asked"))
    assert waiting_steps(asked, NOW)
    agreed = after(
        moves.offer(asked, "uid-1@desk.example", (FIRST + 20 * DAY,), 40, "ben@desk.example", who())
    )
    assert waiting_steps(agreed, NOW) == []
    agreed = after(moves.accept(agreed, FIRST + 20 * DAY, YES, who()))
    assert waiting_steps(agreed, NOW) == []
    over = after(moves.miss(agreed, "partner", who(FIRST + 20 * DAY)))
    first, *_ = waiting_steps(over, FIRST + 20 * DAY)
    assert first[1] > FIRST + 20 * DAY
