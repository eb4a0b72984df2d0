"""Clocks stop, pause and go on by events; severity changes keep what was used (failures F14, F18, F19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.world import at, event, hours, promises, ticket
from triaged.promises.clock import Commitment
from triaged.promises.clocks import commitments, with_next_promise
from triaged.tickets import states
from triaged.tickets.states import TABLE
from triaged.tickets.ticket import Event, Happening, State, Ticket
from triaged.vocabulary import Severity

H = Happening
MONDAY = at("2026-11-16 09:00+01:00")  # business begins in Berlin


def clock(t: Ticket, kind: str, now) -> Commitment:
    return next(c for c in commitments(t, promises(), now) if c.kind == kind)


def after(n: float, happening: Happening, /, **data) -> Event:
    return event(MONDAY + hours(n), happening, **data)


def test_a_human_answer_meets_the_first_response_and_an_acknowledgment_does_not():
    acknowledged = ticket(MONDAY, after(0.01, H.LETTER_SENT, kind="acknowledgment"))
    assert clock(acknowledged, "first_response", MONDAY + hours(1)).state == "running"
    answered = ticket(MONDAY, after(0.01, H.LETTER_SENT, kind="acknowledgment"), after(1, H.STAFF_ANSWERED))
    met = clock(answered, "first_response", MONDAY + hours(5))
    assert (met.state, met.met_at) == ("met", MONDAY + hours(1))


def test_in_the_plan_policy_the_recorded_notice_is_the_first_response():
    t = ticket(MONDAY, after(0.01, H.LETTER_SENT, kind="acknowledgment"), level="plan")
    assert clock(t, "first_response", MONDAY + hours(1)).state == "met"


def test_an_answer_that_comes_late_leaves_the_promise_missed():
    t = ticket(MONDAY, after(5, H.STAFF_ANSWERED))
    late = clock(t, "first_response", MONDAY + hours(6))
    assert (late.state, late.due, late.met_at) == ("missed", MONDAY + hours(4), MONDAY + hours(5))


def test_waiting_pauses_and_the_partners_answer_goes_on():
    t = ticket(MONDAY, after(1, H.WAITING), after(3, H.PARTNER_ANSWERED))
    running = clock(t, "first_response", MONDAY + hours(4))
    assert (running.state, running.due, running.paused) == ("running", MONDAY + hours(6), hours(2))
    assert running.used == hours(2)


def test_a_paused_clock_is_due_as_if_the_partner_answered_now():
    t = ticket(MONDAY, after(1, H.WAITING), state=State.WAITING)
    paused = clock(t, "first_response", MONDAY + hours(5))
    assert (paused.state, paused.due, paused.used) == ("paused", MONDAY + hours(8), hours(1))


@pytest.mark.parametrize(
    "kind", [H.AUTOMATIC_MAIL, H.ADDRESS_FAILED, H.STAFF_NOTED, H.LETTER_FAILED, H.REMINDED, H.ASSIGNED]
)
@pytest.mark.parametrize("paused", [True, False])
def test_robots_bounces_and_notes_never_touch_a_clock(kind, paused):
    before = (after(1, H.WAITING),) if paused else ()
    plain, noisy = ticket(MONDAY, *before), ticket(MONDAY, *before, after(2, kind, address="x@y.example"))
    now = MONDAY + hours(3)
    assert [c.due for c in commitments(plain, promises(), now)] == [
        c.due for c in commitments(noisy, promises(), now)
    ]
    assert [c.state for c in commitments(plain, promises(), now)] == [
        c.state for c in commitments(noisy, promises(), now)
    ]


def test_resolving_meets_the_resolution_and_a_reopening_goes_on_with_what_was_used():
    t = ticket(MONDAY, after(2, H.STAFF_ANSWERED), after(3, H.RESOLVED), after(30, H.REOPENED), severity="S1")
    at_3 = clock(replace(t, events=t.events[:-1]), "resolution", MONDAY + hours(20))
    assert (at_3.state, at_3.met_at) == ("met", MONDAY + hours(3))
    reopened = clock(t, "resolution", MONDAY + hours(30))
    assert (reopened.state, reopened.used, reopened.due) == ("running", hours(3), MONDAY + hours(31))


def test_resolved_for_silence_is_no_answer_of_a_human():
    t = ticket(MONDAY, after(1, H.WAITING), Event(MONDAY + hours(200), H.RESOLVED, "daemon", "silence"))
    assert clock(t, "first_response", MONDAY + hours(300)).state == "cancelled"


def test_identified_meets_the_identification():
    t = ticket(MONDAY, after(1.5, H.IDENTIFIED), level="large-account", severity="S1")
    assert clock(t, "identification", MONDAY + hours(9)).state == "met"
    assert clock(t, "resolution", MONDAY + hours(9)).state == "running"


def test_a_limit_passed_is_told_apart_from_a_target_passed():
    t = ticket(MONDAY, after(2, H.STAFF_ANSWERED), level="large-account", severity="S1")
    assert not clock(t, "first_response", MONDAY + hours(5)).beyond_limit
    late = ticket(MONDAY, after(4, H.STAFF_ANSWERED), level="large-account", severity="S1")
    assert clock(late, "first_response", MONDAY + hours(5)).beyond_limit


def test_every_update_begins_a_new_round_and_a_resolved_ticket_has_none():
    t = ticket(
        MONDAY, after(0.5, H.STAFF_ANSWERED), after(1.2, H.LETTER_SENT, kind="progress_update"), severity="S1"
    )
    update = clock(t, "next_update", MONDAY + hours(1.5))
    assert (update.cycle, update.due) == (2, MONDAY + hours(2.2))
    done = replace(t, events=(*t.events, after(1.6, H.RESOLVED)), state=State.RESOLVED)
    assert clock(done, "next_update", MONDAY + hours(9)).state == "cancelled"


def test_an_update_time_never_overrules_the_first_response():
    t = ticket(MONDAY, severity="S1")  # zammad#5177
    assert clock(t, "first_response", MONDAY).due == MONDAY + timedelta(minutes=15)
    assert clock(t, "next_update", MONDAY).due == MONDAY + hours(1)


def corrected(n: float, severity: str) -> Event:
    return after(n, H.SEVERITY_CORRECTED, severity=severity)


def test_a_higher_severity_keeps_the_share_that_was_used_and_breaches_nothing_at_once():
    t = replace(ticket(MONDAY, corrected(2, "S1")), severity=Severity.S1)
    first = clock(t, "first_response", MONDAY + hours(2))
    assert first.share == pytest.approx(0.5)  # 2 of 4 business hours
    assert first.due == MONDAY + hours(2) + timedelta(minutes=7.5)
    assert first.state == "running"


def test_a_milder_severity_keeps_the_time_that_was_used():
    t = replace(ticket(MONDAY, corrected(0.1, "S3"), severity="S1"), severity=Severity.S3)
    first = clock(t, "first_response", MONDAY + hours(1))
    assert first.due == MONDAY + hours(4)


def test_pauses_stay_pauses_when_the_severity_changes():
    t = replace(
        ticket(MONDAY, after(1, H.WAITING), after(3, H.PARTNER_ANSWERED), corrected(3, "S4")),
        severity=Severity.S4,
    )
    first = clock(t, "first_response", MONDAY + hours(3))
    assert first.paused == hours(2)
    assert first.due == MONDAY + hours(24) + hours(2)  # a business day, and the two hours waited


def test_a_promise_new_by_another_policy_counts_from_the_change():
    change = after(5, H.JUDGED, severity="S1", service_level="large-account")
    t = replace(ticket(MONDAY, change), severity=Severity.S1, service_level="large-account")
    assert clock(t, "identification", MONDAY + hours(5)).due == MONDAY + hours(7)


def test_a_missed_promise_stays_missed_when_the_severity_rises():
    t = replace(ticket(MONDAY, corrected(5, "S2")), severity=Severity.S2)
    assert clock(t, "first_response", MONDAY + hours(5)).state == "missed"


def test_from_the_plan_policy_to_standard_only_a_human_counts_again():
    sent = after(0.01, H.LETTER_SENT, kind="acknowledgment")
    change = after(1, H.JUDGED, severity="S3", service_level="standard")
    t = replace(ticket(MONDAY, sent, change, level="plan"), service_level="standard")
    assert clock(t, "first_response", MONDAY + hours(2)).state == "running"


@pytest.mark.parametrize(
    ("severity", "state"), [("S1", "running"), ("S2", "running"), ("S3", "paused"), ("S4", "paused")]
)
def test_while_the_identifiers_are_missing_only_s1_and_s2_run(severity, state):
    t = ticket(MONDAY, severity=severity, provisional=True, no_identifier=True)
    assert clock(t, "first_response", MONDAY + hours(0.1)).state == state


def test_the_identifiers_start_the_clock():
    came = after(3, H.JUDGED, severity="S3", service_level="standard", provisional=False)
    t = replace(ticket(MONDAY, after(3, H.PARTNER_ANSWERED), came, provisional=True), provisional=False)
    assert clock(t, "first_response", MONDAY + hours(3)).due == MONDAY + hours(7)


def test_history_starts_no_clock_before_the_partner_writes_anew():
    old = ticket(MONDAY, history=True)
    assert commitments(old, promises(), MONDAY + hours(900)) == ()
    answered = states.move(old, H.PARTNER_ANSWERED, MONDAY + hours(900), "anna@oakbridge.example", "again")
    assert isinstance(answered, states.Moved)
    assert clock(answered.ticket, "first_response", MONDAY + hours(900)).started == MONDAY + hours(900)


def test_a_merged_or_closed_ticket_promises_nothing_more():
    for end in (H.MERGED, H.CLOSED):
        t = ticket(MONDAY, Event(MONDAY + hours(1), end, "daemon", "x"), state=State.CLOSED)
        assert {c.state for c in commitments(t, promises(), MONDAY + hours(99))} <= {"cancelled", "met"}


def test_the_arithmetic_can_be_followed():
    t = replace(
        ticket(MONDAY, after(1, H.WAITING), after(3, H.PARTNER_ANSWERED), corrected(4, "S2")),
        severity=Severity.S2,
    )
    lines = clock(t, "first_response", MONDAY + hours(4)).arithmetic
    assert (
        lines[0] == "Mon 2026-11-16 09:00 starts: 4 business hours on calendar business (Europe/Berlin)"
        or "starts" in lines[0]
    )
    assert lines[1].endswith("paused: waiting on the partner")
    assert lines[2].endswith("goes on: the partner answered")
    assert "50% of it is used" in lines[3]
    assert lines[-1].endswith("due")


kinds = st.sampled_from([H.WAITING, H.PARTNER_ANSWERED, H.STAFF_NOTED, H.AUTOMATIC_MAIL, H.JUDGED, H.SEVERITY_CORRECTED, H.REOPENED, H.RESOLVED, H.STAFF_ANSWERED])  # fmt: skip
stories = st.lists(
    st.tuples(st.integers(0, 200), kinds, st.sampled_from(["S1", "S2", "S3", "S4"])), max_size=8
)


def told(story) -> Ticket:
    """A ticket that lived a story; what cannot happen in its state (tickets/states.py) is left out."""
    events, severity, state = [], "S3", State.NEW
    for n, kind, to in sorted(story, key=lambda s: s[0]):
        leads = TABLE.get(kind)
        if leads is not None:
            if state not in leads:
                continue
            state = leads[state]
        changes = kind in (H.JUDGED, H.SEVERITY_CORRECTED)
        severity = to if changes else severity
        events.append(after(n, kind, **({"severity": to} if changes else {})))
    return replace(ticket(MONDAY, *events), severity=Severity(severity))


@settings(max_examples=150, deadline=None)
@given(stories)
def test_marks_stand_in_order_and_never_before_the_start(story):
    for c in commitments(told(story), promises(), MONDAY + hours(201)):
        assert c.started <= c.warn_at <= c.due <= c.escalate_at[0] <= c.escalate_at[1]
        assert c.used >= timedelta() and c.paused >= timedelta()


@settings(max_examples=100, deadline=None)
@given(stories, st.sampled_from(["S1", "S2", "S3", "S4"]))
def test_no_change_of_severity_breaches_at_once(story, to):
    before = told(story)
    change = after(201, H.SEVERITY_CORRECTED, severity=to)
    changed = replace(before, severity=Severity(to), events=(*before.events, change), updated_at=change.at)
    was = {c.kind: c for c in commitments(before, promises(), change.at)}
    for c in commitments(changed, promises(), change.at):
        if c.kind in was and was[c.kind].state in ("running", "paused", "met"):
            assert c.state != "missed", (c, was[c.kind])


@pytest.mark.parametrize("history", [False, True])
def test_what_is_promised_next_on_a_ticket_changes_nothing_of_its_clocks(history):
    now, rulebook = MONDAY + hours(1), promises()
    t = replace(ticket(MONDAY), history=history, promise="next_update", promised_at=MONDAY)
    promised = with_next_promise(t, rulebook, now)
    assert promised is not t
    told = commitments(promised, rulebook, now)
    assert history or told
    assert told == commitments(replace(promised), rulebook, now)
