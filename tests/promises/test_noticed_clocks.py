"""Clocks told whole: every line of their arithmetic, every mark, and what a story that repeats itself leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.promises.test_clocks import MONDAY, H, after, clock, corrected
from tests.promises.test_service_levels import changed
from tests.tickets.world import at, hours, promises, ticket
from triaged.promises import promising
from triaged.promises.clock import Commitment
from triaged.promises.clocks import commitments, with_next_promise
from triaged.promises.service_levels import Promises
from triaged.tickets.ticket import Event, State, Ticket
from triaged.vocabulary import Severity

STARTS = "Mon 2026-11-16 09:00 starts: 4 business hours on calendar business (Europe/Berlin)"
UPDATED = {"kind": "progress_update"}


def first(t: Ticket, n: float) -> Commitment:
    return clock(t, "first_response", MONDAY + hours(n))


def test_a_commitment_is_told_whole() -> None:
    t = ticket(MONDAY, after(1, H.WAITING), after(3, H.PARTNER_ANSWERED), corrected(4, "S2"))
    assert clock(replace(t, severity=Severity.S2), "resolution", MONDAY + hours(4.5)) == Commitment(
        kind="resolution",
        policy="standard",
        severity=Severity.S2,
        started=MONDAY,
        due=at("2026-11-16 20:20+01:00"),
        limit=None,
        warn_at=at("2026-11-16 18:20+01:00"),
        escalate_at=(at("2026-11-16 20:20+01:00"), at("2026-11-17 00:20+01:00")),
        met_at=None,
        state="running",
        used=timedelta(minutes=70),
        paused=hours(2),
        share=70 / 480,
        target="8h",
        cycle=0,
        arithmetic=(
            "Mon 2026-11-16 09:00 starts: 8h on calendar round-the-clock (Europe/Berlin)",
            "Mon 2026-11-16 10:00 paused: waiting on the partner",
            "Mon 2026-11-16 12:00 goes on: the partner answered",
            "Mon 2026-11-16 13:00 S2, standard: now 8h; 8% of it is used (8% of 1 business day before)",
            "used 1h10m of 8h (15%), paused 2h",
            "Mon 2026-11-16 20:20 due",
        ),
        running=True,
        business=False,
        missed_before=(),
    )


def test_who_counts_in_business_hours_alone_says_so() -> None:
    assert first(ticket(MONDAY), 1).business
    assert not first(replace(ticket(MONDAY, severity="S2")), 0.5).business, (
        "two calendars, one of them by night"
    )


def test_waiting_twice_is_one_pause_and_answering_twice_ends_it_once() -> None:
    t = ticket(
        MONDAY,
        after(1, H.WAITING),
        after(2, H.WAITING),
        after(3, H.PARTNER_ANSWERED),
        after(4, H.PARTNER_ANSWERED),
    )
    assert first(t, 4.5).arithmetic == (
        STARTS,
        "Mon 2026-11-16 10:00 paused: waiting on the partner",
        "Mon 2026-11-16 12:00 goes on: the partner answered",
        "used 2h30m of 4h (62%), paused 2h",
        "Mon 2026-11-16 15:00 due",
    )


def test_while_it_stands_still_the_pause_grows_and_the_due_time_with_it() -> None:
    paused = first(ticket(MONDAY, after(1, H.WAITING), state=State.WAITING), 3.5)
    assert (paused.paused, paused.running, paused.warn_at) == (hours(2.5), False, MONDAY + hours(5.5))
    assert paused.arithmetic == (
        STARTS,
        "Mon 2026-11-16 10:00 paused: waiting on the partner",
        "used 1h of 4h (25%), paused 2h30m",
        "Mon 2026-11-16 15:30 due if the partner answered now",
    )


def test_what_is_kept_while_it_stands_still_ends_its_pause_and_is_kept_once() -> None:
    t = ticket(
        MONDAY, after(1, H.WAITING), after(2, H.STAFF_ANSWERED), after(3, H.STAFF_ANSWERED),
        after(3.5, H.PARTNER_ANSWERED), after(3.7, H.WAITING),
    )  # fmt: skip
    met = first(t, 9)
    assert (met.state, met.met_at, met.used, met.paused) == ("met", MONDAY + hours(2), hours(1), hours(1))
    assert met.arithmetic == (
        STARTS,
        "Mon 2026-11-16 10:00 paused: waiting on the partner",
        "Mon 2026-11-16 11:00 met: staff answered",
        "used 1h of 4h (25%), paused 1h",
        "Mon 2026-11-16 14:00 due",
    )


def test_what_ends_for_silence_has_used_what_it_used_and_is_not_ended_again() -> None:
    t = ticket(
        MONDAY, after(1, H.WAITING), Event(MONDAY + hours(4), H.RESOLVED, "daemon", "silence"),
        after(5, H.CLOSED), after(6, H.STAFF_ANSWERED), state=State.CLOSED,
    )  # fmt: skip
    ended = first(t, 9)
    assert (ended.state, ended.used, ended.paused, ended.met_at) == ("cancelled", hours(1), hours(3), None)
    assert ended.arithmetic[1:4] == (
        "Mon 2026-11-16 10:00 paused: waiting on the partner",
        "Mon 2026-11-16 13:00 ends: resolved for silence",
        "used 1h of 4h (25%), paused 3h",
    )


def test_what_ended_after_it_was_missed_is_remembered_as_missed() -> None:
    t = ticket(MONDAY, Event(MONDAY + hours(6), H.RESOLVED, "daemon", "silence"), state=State.RESOLVED)
    ended = first(t, 9)
    assert (ended.state, ended.used, ended.missed_before) == (
        "cancelled",
        hours(6),
        ((0, MONDAY + hours(4)),),
    )


def test_a_reopened_resolution_goes_on_from_there_and_what_lay_between_is_no_pause() -> None:
    t = ticket(
        MONDAY, after(1, H.WAITING), after(2, H.STAFF_ANSWERED), after(3, H.RESOLVED), after(30, H.REOPENED),
        severity="S1",
    )  # fmt: skip
    reopened = clock(t, "resolution", MONDAY + hours(31))
    assert (reopened.state, reopened.used, reopened.paused) == ("running", hours(2), hours(2))
    assert reopened.arithmetic[1:] == (
        "Mon 2026-11-16 10:00 paused: waiting on the partner",
        "Mon 2026-11-16 12:00 met: resolved",
        "Tue 2026-11-17 15:00 goes on: reopened",
        "used 2h of 4h (50%), paused 2h",
        "Tue 2026-11-17 18:00 due",
    )


def test_a_mark_that_was_reached_before_a_milder_severity_is_still_to_come() -> None:
    t = replace(ticket(MONDAY, corrected(3.5, "S4")), severity=Severity.S4)
    assert first(replace(t, severity=Severity.S3, events=t.events[:-1]), 3.5).warn_at == MONDAY + hours(3)
    milder = first(t, 3.5)
    assert (milder.warn_at, milder.due) == (MONDAY + hours(18), MONDAY + hours(24))
    assert milder.share == 3.5 / 24


def test_a_mark_that_was_reached_stays_where_it_was_when_the_severity_rises() -> None:
    t = replace(ticket(MONDAY, corrected(3.5, "S1")), severity=Severity.S1)
    assert first(t, 3.5).warn_at == MONDAY + hours(3)


def test_a_word_to_the_partner_while_we_wait_for_him_begins_a_round_that_stands_still() -> None:
    t = ticket(MONDAY, after(0.5, H.WAITING), after(2, H.LETTER_SENT, **UPDATED), severity="S1")
    update = clock(t, "next_update", MONDAY + hours(5))
    assert (update.state, update.cycle, update.started, update.paused) == (
        "paused", 1, MONDAY + hours(2), hours(3),
    )  # fmt: skip
    assert update.arithmetic == (
        "Mon 2026-11-16 11:00 starts: 1h on calendar round-the-clock (Europe/Berlin)",
        "Mon 2026-11-16 11:00 counts anew: the partner was told how it stands",
        "used 0s of 1h (0%), paused 3h",
        "Mon 2026-11-16 15:00 due if the partner answered now",
    )


def test_a_word_to_the_partner_begins_a_round_whose_former_pauses_are_forgotten() -> None:
    t = ticket(
        MONDAY,
        after(0.25, H.WAITING),
        after(0.5, H.PARTNER_ANSWERED),
        after(1, H.LETTER_SENT, **UPDATED),
        severity="S1",
    )
    update = clock(t, "next_update", MONDAY + hours(1.5))
    assert (update.state, update.paused, update.used) == ("running", timedelta(), hours(0.5))
    assert update.missed_before == ()
    late = clock(
        replace(t, events=(*t.events, after(2.5, H.LETTER_SENT, **UPDATED))), "next_update", MONDAY + hours(3)
    )
    assert (late.cycle, late.missed_before) == (2, ((1, MONDAY + hours(2)),))


def test_a_policy_that_escalates_later_than_its_due_time_misses_it_all_the_same() -> None:
    late = promising.build(changed(service_levels__standard__escalate_at=[150]))
    (found, *_) = commitments(ticket(MONDAY), late, MONDAY + hours(4.5))
    assert (found.state, found.due, found.escalate_at) == ("missed", MONDAY + hours(4), (MONDAY + hours(6),))


@pytest.mark.parametrize(("n", "beyond"), [(2.9, False), (3, False), (3.1, True)])
def test_the_outermost_limit_is_passed_after_it_and_not_at_it(n: float, beyond: bool) -> None:
    t = ticket(MONDAY, after(n, H.STAFF_ANSWERED), level="large-account", severity="S1")
    answered = first(t, 9)
    assert (answered.state, answered.limit, answered.beyond_limit) == ("missed", MONDAY + hours(3), beyond)
    assert not first(ticket(MONDAY, level="large-account", severity="S1"), 9).beyond_limit, "not met yet"


def story(t: Ticket, kind: str, n: float, promised: Promises | None = None) -> tuple[str, ...]:
    """What its arithmetic tells between the beginning and the sum."""
    found = {one.kind: one for one in commitments(t, promised or promises(), MONDAY + hours(n))}
    return found[kind].arithmetic[1:-2]


def states_of(t: Ticket, n: float) -> dict[str, str]:
    return {one.kind: one.state for one in commitments(t, promises(), MONDAY + hours(n))}


def test_the_last_answer_is_kept_for_the_same_question_and_no_other() -> None:
    t, now = ticket(MONDAY), MONDAY + hours(1)
    told = commitments(t, promises(), now)
    assert commitments(t, promises(), now) is told
    assert commitments(t, promising.build({}), now) == ()
    assert commitments(t, promises(), now)[0].used == hours(1)
    assert commitments(t, promises(), now + hours(1))[0].used == hours(2)
    assert commitments(replace(t, created_at=now), promises(), now + hours(1))[0].used == hours(1)
    told = commitments(t, promises(), now)
    assert commitments(with_next_promise(t, promises(), now), promises(), now) is told


@pytest.mark.parametrize(
    ("t", "promise", "n"),
    [
        (ticket(MONDAY), "first_response", 4),
        (ticket(MONDAY, after(1, H.STAFF_ANSWERED), state=State.OPEN), "resolution", 24),
        (ticket(MONDAY, after(0.5, H.STAFF_ANSWERED), state=State.OPEN, severity="S1"), "next_update", 1.5),
        (ticket(MONDAY, severity="S1"), "first_response", 0.25),  # missed, and still the first
        (ticket(MONDAY, after(0.5, H.WAITING), state=State.WAITING), None, None),
        (ticket(MONDAY, after(1, H.STAFF_ANSWERED), after(2, H.RESOLVED), state=State.RESOLVED), None, None),
        (ticket(MONDAY, state=State.CLOSED), None, None),
        (ticket(MONDAY, history=True), None, None),
        (ticket(MONDAY, level="gold"), None, None),
    ],
)
def test_what_is_promised_next_is_the_first_that_runs(
    t: Ticket, promise: str | None, n: float | None
) -> None:
    before = replace(t, promise="identification", promised_at=MONDAY)
    after_ = with_next_promise(before, promises(), MONDAY + hours(3))
    assert after_ == replace(t, promise=promise, promised_at=None if n is None else MONDAY + hours(n))
    assert with_next_promise(after_, promises(), MONDAY + hours(3)) is after_


def test_terms_that_no_event_told_count_from_when_the_ticket_was_touched() -> None:
    t = replace(ticket(MONDAY), severity=Severity.S1, updated_at=MONDAY + hours(2))
    assert story(t, "first_response", 3) == (
        "Mon 2026-11-16 11:00 S1, standard: now 15m; 50% of it is used (50% of 4 business hours before)",
    )
    assert first(t, 3).severity is Severity.S1


def test_a_ticket_without_a_judgment_counts_as_it_stands() -> None:
    bare = ticket(MONDAY, severity="S1")
    assert first(replace(bare, events=bare.events[:1]), 0.1).target == "15m"


def test_an_answer_that_was_taken_back_before_it_left_answered_nothing() -> None:
    answer = {"letter": "answer@1"}
    t = ticket(
        MONDAY,
        after(1, H.STAFF_ANSWERED, **answer),
        after(1, H.WAITING, **answer),
        after(1.1, H.TAKEN_BACK, **answer),
    )
    assert (first(t, 2).state, story(t, "first_response", 2)) == ("running", ())
    stands = ticket(MONDAY, after(1, H.STAFF_ANSWERED, letter="answer@2"), after(1.1, H.TAKEN_BACK, **answer))
    assert first(stands, 2).state == "met"


def test_where_the_region_is_unknown_the_arithmetic_tells_utc() -> None:
    assert first(ticket(MONDAY, region="XX"), 1).arithmetic[0].startswith("Mon 2026-11-16 08:00 starts: ")
    assert "(UTC)" in first(ticket(MONDAY, region="XX"), 1).arithmetic[0]


def test_what_happened_before_the_start_does_nothing() -> None:
    early = ticket(MONDAY, after(-1, H.STAFF_ANSWERED))
    assert first(early, 1).state == "running"
    at_once = ticket(MONDAY, after(0, H.STAFF_ANSWERED))
    assert first(at_once, 1).met_at == MONDAY


def test_old_mail_of_the_partner_ends_no_waiting_and_staff_may_say_that_it_is_over() -> None:
    waiting = (after(1, H.WAITING), after(2, H.PARTNER_ANSWERED, history=True))
    assert story(ticket(MONDAY, *waiting), "first_response", 3) == (
        "Mon 2026-11-16 10:00 paused: waiting on the partner",
    )
    assert story(ticket(MONDAY, *waiting, after(2.5, H.RESUMED)), "first_response", 3)[-1] == (
        "Mon 2026-11-16 11:30 goes on: the partner answered"
    )


@pytest.mark.parametrize(
    ("data", "cycle"),
    [
        ({"kind": "progress_update"}, 1),  # as the oldest events tell it
        ({"kind": "case_update"}, 1),
        ({"kind": "closed"}, 0),
        ({"kind": "progress_update", "counts_as": ""}, 0),
        ({"kind": "closed", "counts_as": "update"}, 1),
        ({"kind": "closed", "counts_as": "acknowledgment"}, 0),
    ],
)
def test_what_a_letter_counts_as_is_its_events_to_say(data: dict[str, str], cycle: int) -> None:
    t = ticket(MONDAY, after(0.5, H.LETTER_SENT, **data), severity="S1")
    assert clock(t, "next_update", MONDAY + hours(0.6)).cycle == cycle


@pytest.mark.parametrize("kind", ["acknowledgment", "acknowledgment_unverified", "missing_information"])
def test_the_oldest_acknowledgments_count_by_their_kind(kind: str) -> None:
    sent = ticket(MONDAY, after(0.5, H.LETTER_SENT, kind=kind), level="plan")
    assert story(sent, "first_response", 2) == (
        "Mon 2026-11-16 09:30 met: the acknowledgment counts in this policy",
    )
    assert first(ticket(MONDAY, after(0.5, H.LETTER_SENT, kind="closed"), level="plan"), 2).state == "running"


def judged(n: float, level: str, severity: str = "S3", **more: object) -> Event:
    return after(n, H.JUDGED, severity=severity, service_level=level, **more)


def test_what_the_new_policy_does_not_promise_ends_and_says_so() -> None:
    t = replace(ticket(MONDAY, judged(1, "plan"), level="large-account"), service_level="plan")
    assert story(t, "identification", 3) == ("Mon 2026-11-16 10:00 ends: plan promises none for S3",)
    assert states_of(t, 3) == {
        "first_response": "running",
        "identification": "cancelled",
        "resolution": "cancelled",
        "next_update": "cancelled",
    }
    back = replace(t, service_level="large-account", events=(*t.events, judged(2, "large-account")))
    found = clock(back, "identification", MONDAY + hours(3))
    assert (found.state, found.started, found.due) == ("running", MONDAY + hours(2), MONDAY + hours(4))


def test_an_acknowledgment_counts_from_when_a_policy_says_so_and_no_longer_where_it_unsays_it() -> None:
    sent = after(0.5, H.LETTER_SENT, kind="acknowledgment")
    late = replace(ticket(MONDAY, sent, judged(1, "plan")), service_level="plan")
    assert story(late, "first_response", 2) == (
        "Mon 2026-11-16 10:00 S3, plan: now 24h; 4% of it is used (25% of 4 business hours before)",
        "Mon 2026-11-16 10:00 met: the acknowledgment counts in this policy",
    )
    unsaid = replace(ticket(MONDAY, sent, judged(1, "standard"), level="plan"), service_level="standard")
    assert story(unsaid, "first_response", 2) == (
        "Mon 2026-11-16 09:30 met: the acknowledgment counts in this policy",
        "Mon 2026-11-16 10:00 goes on: in standard only a human answer counts",
        "Mon 2026-11-16 10:00 S3, standard: now 4 business hours; 2% of it is used (2% of 24h before)",
    )


@pytest.mark.parametrize("human", [after(0.7, H.STAFF_ANSWERED), after(0.7, H.RESOLVED)])
def test_whom_a_human_answered_meanwhile_keeps_what_the_acknowledgment_kept(human: Event) -> None:
    sent = after(0.5, H.LETTER_SENT, kind="acknowledgment")
    t = replace(ticket(MONDAY, sent, human, judged(1, "standard"), level="plan"), service_level="standard")
    assert (first(t, 2).state, first(t, 2).met_at, first(t, 2).policy) == ("met", MONDAY + hours(0.5), "plan")


def test_an_acknowledgment_keeps_the_first_response_alone() -> None:
    both = {"any": {"first_response": "4h", "resolution": "8h"}}
    ours = promising.build(changed(service_levels__plan__targets=both, service_levels__plan__plans={}))
    t = ticket(MONDAY, after(0.5, H.LETTER_SENT, kind="acknowledgment"), level="plan")
    found = {one.kind: one.state for one in commitments(t, ours, MONDAY + hours(1))}
    assert found == {"first_response": "met", "resolution": "running"}


@pytest.mark.parametrize(
    ("how", "state", "why"),
    [
        (
            Event(MONDAY + hours(0.2), H.RESOLVED, "daemon", "silence"),
            "cancelled",
            "ends: resolved for silence",
        ),
        (after(0.2, H.RESOLVED), "met", "met: resolved"),
        (after(0.2, H.CLOSED), "met", "met: resolved"),
        (after(0.2, H.MERGED), "cancelled", "ends: merged"),
    ],
)
def test_what_an_end_does_to_the_first_response(how: Event, state: str, why: str) -> None:
    t = ticket(MONDAY, how, severity="S1", state=State.RESOLVED)
    assert (first(t, 1).state, story(t, "first_response", 1)) == (state, (f"Mon 2026-11-16 09:12 {why}",))


def test_resolved_keeps_the_resolution_and_ends_the_updates_whoever_did_it() -> None:
    for actor in ("daemon", "cli:cy"):
        t = ticket(
            MONDAY, Event(MONDAY + hours(0.2), H.RESOLVED, actor, "x"), severity="S1", state=State.RESOLVED
        )
        found = states_of(t, 1)
        assert (found["resolution"], found["next_update"]) == ("met", "cancelled")
        assert story(t, "next_update", 1) == ("Mon 2026-11-16 09:12 ends: resolved",)


def test_a_closed_one_that_was_resolved_before_is_as_it_was_and_reopened_it_runs() -> None:
    t = ticket(MONDAY, after(0.1, H.RESOLVED), after(0.5, H.CLOSED), severity="S1", state=State.CLOSED)
    assert states_of(t, 1) == {"first_response": "met", "resolution": "met", "next_update": "cancelled"}
    back = replace(t, state=State.OPEN, events=(*t.events, after(1, H.REOPENED)))
    assert states_of(back, 1.1) == {
        "first_response": "met",
        "resolution": "running",
        "next_update": "running",
    }
    assert story(back, "next_update", 1.1) == ("Mon 2026-11-16 10:00 counts anew: reopened",)


def test_a_new_policy_opens_no_clock_on_what_is_over_before_it_is_reopened() -> None:
    t = ticket(MONDAY, after(1, H.RESOLVED), judged(2, "large-account", "S1"), state=State.RESOLVED)
    t = replace(t, severity=Severity.S1, service_level="large-account")
    assert set(states_of(t, 3)) == {"first_response", "resolution"}
    merged = replace(t, events=(*t.events[:2], after(1, H.MERGED), *t.events[3:]), state=State.CLOSED)
    assert set(states_of(merged, 3)) == {"first_response", "resolution"}
    back = replace(t, events=(*t.events[:3], after(1.5, H.REOPENED), *t.events[3:]), state=State.OPEN)
    assert set(states_of(back, 3)) == {"first_response", "resolution", "identification", "next_update"}


def test_identifiers_that_are_missing_hold_what_waits_for_them_and_say_so() -> None:
    t = ticket(MONDAY, provisional=True)
    assert story(t, "first_response", 1) == (
        "Mon 2026-11-16 09:00 paused: the identifiers are missing, and S3 waits for them",
    )
    came = replace(t, provisional=False, events=(*t.events, judged(2, "standard", provisional=False)))
    assert story(came, "first_response", 3)[1:] == ("Mon 2026-11-16 11:00 goes on: test: judged",)
    assert first(came, 3).paused == hours(2)
    read_late = replace(t, events=(t.events[0], replace(t.events[1], at=MONDAY + hours(0.5))))
    assert story(read_late, "first_response", 1) == story(t, "first_response", 1)
