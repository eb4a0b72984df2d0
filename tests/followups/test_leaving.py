"""A letter that waited is asked again: its hours, its sense, and what left just before it (F14, F17)."""

from __future__ import annotations

import pytest

from tests.tickets.world import at, event, hours, promises, ticket, writer
from triaged.followups import still_wanted
from triaged.followups.still_wanted import NOW
from triaged.tickets.ticket import Happening, State

H = Happening
MONDAY = at("2026-11-16 10:00+01:00")
ASKED = {"no_identifier": True, "provisional": True}


def judge(kind, key, t, now):
    return still_wanted.judge(kind, key, t, promises(), now)


def test_a_reminder_waits_for_the_morning_and_leaves_then():
    t = ticket(MONDAY, **ASKED)
    night = at("2026-11-17 02:00+01:00")
    held = judge("missing_information_reminder", "missing_information:remind-1", t, night)
    assert held.wait_until == at("2026-11-17 08:00+01:00")
    assert judge("missing_information_reminder", "missing_information:remind-1", t, held.wait_until) == NOW


def test_a_reminder_whose_answer_has_come_is_withdrawn():
    t = ticket(MONDAY)
    assert judge("missing_information_reminder", "missing_information:remind-1", t, MONDAY).withdraw
    answered = ticket(
        MONDAY, event(MONDAY, H.WAITING), event(MONDAY + hours(1), H.PARTNER_ANSWERED), state=State.OPEN
    )
    assert (
        judge("waiting_reminder", "waiting:remind-1@1", answered, MONDAY + hours(2)).withdraw
        == "the partner answered"
    )


def test_a_reminder_of_an_earlier_wait_does_not_count_for_a_later_one():
    twice = [
        event(MONDAY, H.WAITING),
        event(MONDAY + hours(1), H.PARTNER_ANSWERED),
        event(MONDAY + hours(2), H.WAITING),
    ]
    t = ticket(MONDAY, *twice, state=State.WAITING)
    assert judge("waiting_reminder", "waiting:remind-1@1", t, MONDAY + hours(3)).withdraw
    assert judge("waiting_reminder", "waiting:remind-1@2", t, MONDAY + hours(3)) == NOW


def test_of_reminders_that_queued_up_only_the_last_leaves():
    taken = event(MONDAY + hours(5), H.REMINDED, step="missing_information:remind-2")
    t = ticket(MONDAY, taken, **ASKED)
    assert (
        "remind-2"
        in judge(
            "missing_information_reminder", "missing_information:remind-1", t, MONDAY + hours(6)
        ).withdraw
    )
    assert judge("missing_information_reminder", "missing_information:remind-2", t, MONDAY + hours(6)) == NOW


def test_a_reminder_does_not_leave_on_the_heels_of_its_question():
    t = ticket(MONDAY, event(MONDAY + hours(4), H.LETTER_SENT, kind="missing_information"), **ASKED)
    assert (
        "just"
        in judge(
            "missing_information_reminder", "missing_information:remind-1", t, MONDAY + hours(4.1)
        ).withdraw
    )


def test_at_risk_is_not_told_when_it_is_worse_or_done_by_now():
    worse = ticket(MONDAY, event(MONDAY + hours(4), H.MISSED, step="first_response:miss"))
    assert judge("at_risk", "first_response:warn", worse, MONDAY + hours(5)).withdraw == "overtaken by: miss"
    done = ticket(MONDAY, event(MONDAY + hours(3.5), H.STAFF_ANSWERED), state=State.OPEN)
    assert judge("at_risk", "first_response:warn", done, MONDAY + hours(5)).withdraw


def test_that_a_promise_was_missed_is_told_however_late():
    done = ticket(MONDAY, event(MONDAY + hours(6), H.STAFF_ANSWERED), state=State.OPEN)
    assert judge("missed", "first_response:miss", done, MONDAY + hours(30)) == NOW


def test_a_ticket_reopened_meanwhile_is_not_called_solved_or_closed():
    reopened = ticket(
        MONDAY, event(MONDAY, H.RESOLVED), event(MONDAY + hours(1), H.REOPENED), state=State.OPEN
    )
    assert judge("resolved", "resolved@1", reopened, MONDAY + hours(2)).withdraw
    assert judge("closed", "closed@1", reopened, MONDAY + hours(2)).withdraw


def test_an_acknowledgment_is_never_asked_and_leaves_at_any_time():
    assert not still_wanted.is_asked("acknowledgment", promises())
    assert still_wanted.is_asked("waiting_reminder", promises())


def test_a_promise_paused_at_the_very_moment_it_ran_out_is_told():
    from triaged.followups import due

    t = ticket(MONDAY, event(MONDAY + hours(4), H.WAITING), state=State.WAITING)
    assert "first_response:miss" in {f"{d.kind}:{d.step}" for d in due.plan(t, promises(), MONDAY + hours(4))}


def test_an_update_missed_while_nobody_looked_is_recorded_though_the_next_round_has_begun():
    from triaged.followups import due
    from triaged.tickets.ticket import Due

    answered = event(MONDAY + hours(3), H.STAFF_ANSWERED)
    t = ticket(MONDAY, answered, severity="S1", state=State.OPEN)  # an update was due every hour
    now = MONDAY + hours(3.2)
    steps = {f"{d.kind}:{d.step}": d for d in due.plan(t, promises(), now)}
    assert steps["next_update:miss@0"].due_at == MONDAY + hours(1)
    acted = due.act(Due(t.id, "next_update", "miss@0", now), t, writer(now))
    assert [e.kind for e in acted.events] == [H.MISSED] and not acted.letters


def test_what_ran_out_in_the_night_is_told_in_the_morning_though_the_clock_stands_still_by_then():
    from triaged.followups import due

    t = ticket(
        at("2026-11-16 10:00+01:00"), event(at("2026-11-17 23:00+01:00"), H.WAITING), state=State.WAITING
    )
    steps = {f"{d.kind}:{d.step}": d.due_at for d in due.plan(t, promises(), at("2026-11-17 23:00+01:00"))}
    # Reached on Tuesday at ten in the evening
    assert steps["resolution:still"] == at("2026-11-18 09:00+01:00")


def confirming(*events, state=State.OPEN):
    """A case whose fix is to be confirmed: its third move."""
    moved = [event(MONDAY + hours(n), H.CASE_MOVED, case="CP-7", step=step) for n, step in enumerate(
        ("submitted", "in_progress", "confirming_fix")
    )]  # fmt: skip
    return ticket(MONDAY, *moved, *events, state=state)


@pytest.mark.parametrize(
    ("key", "t", "why"),
    [
        ("case:remind-1@CP-7/3", confirming(), ""),
        ("case:remind-1@CP-7/2", confirming(), "the case has moved on"),
        ("case:remind-1@CP-8/3", confirming(), "the case has moved on"),
        ("case:remind-1", confirming(), "the case has moved on"),
        ("case:remind-1@CP-7/4", confirming(event(MONDAY + hours(4), H.CASE_MOVED, case="CP-7", step="in_progress")), "the case has moved on"),
        ("case:remind-1@CP-7/3", confirming(state=State.RESOLVED), "the ticket is resolved"),
        ("case:remind-1@CP-7/3", confirming(state=State.CLOSED), "the ticket is closed"),
        ("case:remind-1@CP-7/3", confirming(event(MONDAY + hours(5), H.REMINDED, step="case:remind-2@CP-7/3")), "overtaken by: remind-2"),
    ],
)  # fmt: skip
def test_a_reminder_of_a_fix_leaves_while_that_fix_waits_for_a_word(key, t, why):
    assert judge("case_reminder", key, t, MONDAY + hours(6)).withdraw == why


def test_a_reminder_of_a_fix_does_not_leave_on_the_heels_of_the_one_before():
    sent = event(MONDAY + hours(5.9), H.LETTER_SENT, kind="case_reminder")
    assert (
        "just" in judge("case_reminder", "case:remind-1@CP-7/3", confirming(sent), MONDAY + hours(6)).withdraw
    )


def test_who_answered_the_question_for_identifiers_is_not_reminded_of_it():
    key = "missing_information:remind-1"
    asked = event(MONDAY, H.LETTER_SENT, kind="missing_information")
    answered = event(MONDAY + hours(1), H.PARTNER_ANSWERED)
    later = MONDAY + hours(24)
    assert judge("missing_information_reminder", key, ticket(MONDAY, asked, answered, **ASKED), later).withdraw == "the partner answered"  # fmt: skip
    assert judge("missing_information_reminder", key, ticket(MONDAY, answered, asked, **ASKED), later) == NOW
    closed = ticket(MONDAY, asked, **ASKED, state=State.RESOLVED)
    assert judge("missing_information_reminder", key, closed, later).withdraw == "the ticket is resolved"


def test_of_the_end_of_a_merge_hear_those_who_were_told_of_it():
    told = event(MONDAY, H.LETTER_SENT, kind="merged")
    assert judge("unmerged", "unmerged@1", ticket(MONDAY, told), MONDAY + hours(1)) == NOW
    untold = judge("unmerged", "unmerged@1", ticket(MONDAY), MONDAY + hours(1))
    assert untold.withdraw == "nobody was told of the merge"
    again = ticket(MONDAY, told, state=State.CLOSED, merged_into=7)
    assert judge("unmerged", "unmerged@1", again, MONDAY + hours(1)).withdraw == "it was merged again"
    assert judge("merged", "merged@1", again, MONDAY + hours(1)) == NOW


@pytest.mark.parametrize("key", ["nonsense", "first_response:remind-1", "waiting:resolve@1"])
def test_a_letter_to_staff_whose_key_is_no_mark_leaves(key):
    done = ticket(MONDAY, event(MONDAY + hours(1), H.STAFF_ANSWERED), state=State.OPEN)
    assert judge("at_risk", key, done, MONDAY + hours(2)) == NOW
