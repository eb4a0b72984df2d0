"""What is due, and what comes of it: on time, late, moved, withdrawn, never twice (failures F14, F17, F19)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.tickets.world import at, event, hours, promises, ticket, writer
from triaged.followups import due, steps
from triaged.followups.steps import Step, Word
from triaged.tickets import cases, states
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import Moved
from triaged.tickets.ticket import Due, Event, Happening, Letter, Person, State, Ticket
from triaged.vocabulary import Severity

H = Happening
MONDAY = at("2026-11-16 09:00+01:00")
ASKED = {"no_identifier": True, "provisional": True, "missing": ("superadmin_email", "zoid", "zuid")}


def after(n: float, happening: Happening, /, **data) -> Event:
    return event(MONDAY + hours(n), happening, **data)


def planned(t: Ticket, now) -> dict[str, Due]:
    return {f"{d.kind}:{d.step}": d for d in due.plan(t, promises(), now)}


def act(name: str, t: Ticket, now) -> due.Acted:
    kind, _, step = name.partition(":")
    return due.act(Due(t.id, kind, step, now), t, writer(now))


def drain(t: Ticket, start, until) -> tuple[Ticket, list[tuple]]:
    """Take every step at its time, as the daemon does; (when, letter) of everything written."""
    written, now = [], start
    for _ in range(200):
        steps = due.plan(t, promises(), now)
        if not steps or steps[0].due_at > until:
            return t, written
        now = max(now, steps[0].due_at)
        acted = due.act(steps[0], t, writer(now))
        t = acted.ticket_after
        written += [(now, letter) for letter in acted.letters]
    raise AssertionError("steps without end")


def test_the_steps_of_a_fresh_ticket_are_those_of_its_promises():
    steps = planned(ticket(MONDAY), MONDAY)
    assert {n: d.due_at for n, d in steps.items()} == {
        "first_response:warn": at("2026-11-16 12:00+01:00"),
        "first_response:miss": at("2026-11-16 13:00+01:00"),
        "first_response:still": at("2026-11-16 15:00+01:00"),
        "resolution:warn": at("2026-11-17 09:00+01:00"),  # 03:00 by the clock: told when people are in
        "resolution:miss": at("2026-11-17 09:00+01:00"),
        "resolution:still": at("2026-11-18 09:00+01:00"),
    }


def test_staff_are_told_at_risk_missed_and_still_open_once_each_with_rising_tiers():
    after_all, written = drain(ticket(MONDAY, severity="S1"), MONDAY, MONDAY + timedelta(minutes=40))
    assert [(letter.kind, letter.to) for _, letter in written] == [
        ("at_risk", ("leads@staff.example",)),
        ("missed", ("leads@staff.example", "tier2@staff.example")),
        ("still_open", ("leads@staff.example", "tier3@staff.example")),
    ]
    assert [(e.kind, e.data.get("tier")) for e in after_all.events[2:]] == [
        (H.AT_RISK, None),
        (H.MISSED, None),
        (H.ESCALATED, 2),
        (H.ESCALATED, 3),
    ]
    assert after_all.tier == 3
    assert len({letter.key for _, letter in written}) == 3


def test_who_is_assigned_is_told_instead_of_the_list():
    acted = act("first_response:warn", ticket(MONDAY, assigned_to="cy@staff.example"), MONDAY + hours(3))
    assert acted.letters[0].to == ("cy@staff.example",)


def test_a_letter_at_risk_shows_the_arithmetic():
    body = act("first_response:warn", ticket(MONDAY), MONDAY + hours(3)).letters[0].body
    assert "75 % of the time" in body and "4 business hours on calendar business (Europe/Berlin)" in body


def test_a_step_that_is_not_ripe_moves_to_its_time():
    t = ticket(MONDAY, after(1, H.WAITING), after(3, H.PARTNER_ANSWERED))
    acted = act("first_response:warn", t, MONDAY + hours(3))
    assert acted.again_at == MONDAY + hours(5) and not acted.letters and acted.withdrawn is None


def test_a_step_that_lost_its_sense_is_withdrawn_with_an_event():
    t = ticket(MONDAY, after(1, H.STAFF_ANSWERED), state=State.OPEN)
    acted = act("first_response:warn", t, MONDAY + hours(3))
    assert acted.withdrawn == "staff answered"
    assert [(e.kind, e.data["step"]) for e in acted.events] == [(H.LETTER_WITHDRAWN, "first_response:warn")]


@pytest.mark.parametrize(
    ("name", "fields", "why"),
    [
        ("first_response:warn", {"state": State.CLOSED, "merged_into": 7}, "the ticket was merged"),
        ("close:close@1", {"state": State.CLOSED, "merged_into": 7}, "the ticket was merged"),
        ("first_response:warn", {"state": State.CLOSED}, "the ticket is closed"),
        ("waiting:remind-1@1", {"state": State.RESOLVED}, "the ticket is resolved"),
        ("close:close@1", {"state": State.CLOSED}, "it has lost its sense"),
        ("meeting:ending@1", {}, "there is no session"),
        ("meeting:calendars@1", {}, "there is no session"),
        ("missing_information:remind-1", {}, "the identifiers have come"),
    ],
)
def test_why_a_step_is_planned_no_more_is_told(name, fields, why):
    acted = act(name, ticket(MONDAY, **fields), MONDAY + hours(3))
    assert (acted.withdrawn, acted.letters) == (why, ()) and steps.named(name) is not None


def test_a_step_taken_is_not_taken_again_by_anybody():
    once = act("first_response:warn", ticket(MONDAY), MONDAY + hours(3))
    twice = act("first_response:warn", once.ticket_after, MONDAY + hours(3.1))
    assert once.letters and not twice.letters and not twice.events
    assert twice.withdrawn == "taken already"
    assert "first_response:warn" not in planned(once.ticket_after, MONDAY + hours(3.1))


def test_after_three_days_down_one_letter_tells_the_worst_and_no_miss_is_dropped():
    late = MONDAY + timedelta(days=3)
    t, written = ticket(MONDAY), []
    for name in ("first_response:warn", "first_response:miss", "first_response:still"):
        acted = act(name, t, late)
        t, written = acted.ticket_after, [*written, *acted.letters]
    assert [letter.kind for letter in written] == ["still_open"]
    assert [e.kind for e in t.events[2:]] == [H.LETTER_WITHDRAWN, H.MISSED, H.ESCALATED]


def test_a_promise_met_late_while_nobody_looked_is_recorded_without_a_letter():
    t = ticket(MONDAY, after(6, H.STAFF_ANSWERED), state=State.OPEN)
    acted = act("first_response:miss", t, MONDAY + hours(30))
    assert [e.kind for e in acted.events] == [H.MISSED] and not acted.letters


def test_while_a_clock_stands_still_nothing_of_it_is_due():
    t = ticket(MONDAY, after(1, H.WAITING), state=State.WAITING)
    assert not [n for n in planned(t, MONDAY + hours(500)) if n.startswith(("first_response", "resolution"))]


def test_missing_information_is_reminded_after_4_and_12_business_hours_and_2_business_days_then_staff_are_told():
    steps = planned(ticket(MONDAY, **ASKED), MONDAY)
    assert [(n, d.due_at) for n, d in steps.items() if n.startswith("missing")] == [
        ("missing_information:remind-1", at("2026-11-16 13:00+01:00")),
        ("missing_information:remind-2", at("2026-11-17 12:00+01:00")),
        ("missing_information:remind-3", at("2026-11-18 09:00+01:00")),
        ("missing_information:tell-staff", at("2026-11-19 09:00+01:00")),
    ]


def test_reminders_leave_in_the_day_time_of_the_partner():
    friday_night = at("2026-11-20 21:00+01:00")
    _, written = drain(ticket(friday_night, **ASKED), friday_night, friday_night + timedelta(days=14))
    for when, letter in written:
        if letter.kind == "missing_information_reminder":
            local = when.astimezone(promises().calendar("letter-hours", "EU").zone)
            assert local.weekday() < 5 and 8 <= local.hour < 19


def test_a_reminder_that_came_late_pushes_the_next_ones():
    down_until = MONDAY + timedelta(days=3)
    t = ticket(MONDAY, **ASKED)
    first = act("missing_information:remind-1", t, down_until)
    assert [letter.kind for letter in first.letters] == ["missing_information_reminder"]
    second = act("missing_information:remind-2", first.ticket_after, down_until)
    assert second.again_at == at("2026-11-19 17:00+01:00")  # the eight business hours that lie between them


def test_whichever_overdue_reminder_is_claimed_first_only_one_leaves():
    now = MONDAY + timedelta(days=3)
    for order in (("remind-1", "remind-2", "remind-3"), ("remind-3", "remind-2", "remind-1")):
        t, written = ticket(MONDAY, **ASKED), 0
        for step in order:
            acted = act(f"missing_information:{step}", t, now)
            t, written = acted.ticket_after, written + len(acted.letters)
        assert written == 1


def test_no_reminder_when_the_identifiers_have_come():
    t = ticket(MONDAY, no_identifier=False)
    assert act("missing_information:remind-1", t, MONDAY + hours(4)).withdrawn == "the identifiers have come"


def test_after_the_last_reminder_staff_decide():
    t, written = drain(ticket(MONDAY, **ASKED), MONDAY, MONDAY + timedelta(days=30))
    kinds = [
        letter.kind
        for _, letter in written
        if letter.kind in ("missing_information_reminder", "unidentified")
    ]
    assert kinds == ["missing_information_reminder"] * 3 + ["unidentified"]
    assert "identifiers still missing" in t.reviews[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"partner_domain": None, "trusted": False},
        {"trusted": False},
        {"people": ()},
        {"people": (Person("a@b.example", failed=True),)},
    ],
)
def test_strangers_forgers_and_dead_addresses_get_no_reminder(fields):
    assert not [n for n in planned(ticket(MONDAY, **ASKED, **fields), MONDAY) if n.startswith("missing")]


def test_silence_is_reminded_then_resolved_with_a_notice_then_closed():
    t = ticket(MONDAY, after(1, H.STAFF_ANSWERED), after(1, H.WAITING), state=State.WAITING)
    t, written = drain(t, MONDAY + hours(1), MONDAY + timedelta(days=60))
    assert [letter.kind for _, letter in written] == [
        "waiting_reminder",
        "waiting_reminder",
        "resolved_for_silence",
        "closed",
    ]
    assert t.state is State.CLOSED
    assert "until Mon 30 Nov 2026, 10:00 (Europe/Berlin)" in written[0][1].body


def test_an_answer_begins_a_new_round_of_reminders():
    t = ticket(
        MONDAY, after(1, H.WAITING), after(50, H.PARTNER_ANSWERED), after(51, H.WAITING), state=State.WAITING
    )
    steps = planned(t, MONDAY + hours(51))
    assert "waiting:remind-1@2" in steps and "waiting:remind-1@1" not in steps


def test_what_staff_reported_goes_out_before_the_update_is_due():
    t = ticket(
        MONDAY,
        after(0.2, H.STAFF_ANSWERED),
        after(0.5, H.STAFF_NOTED, report="The fix is being tested."),
        severity="S1",
        state=State.OPEN,
    )
    steps = planned(t, MONDAY + hours(0.6))
    assert "next_update:warn@1" not in steps
    acted = act("next_update:report@1", t, MONDAY + hours(1))
    assert acted.letters[0].kind == "progress_update"
    assert "The fix is being tested." in acted.letters[0].body


def test_what_staff_wrote_to_the_partner_themselves_is_not_sent_again():
    t = ticket(
        MONDAY, after(0.2, H.STAFF_ANSWERED, report="Please try again."), severity="S1", state=State.OPEN
    )
    assert "next_update:report@1" not in planned(t, MONDAY + hours(0.3))


def test_an_update_that_is_written_and_not_yet_sent_asks_nobody_for_another():
    t = ticket(
        MONDAY,
        after(0.5, H.STAFF_NOTED, report="News."),
        after(0.6, H.LETTER_WRITTEN, kind="progress_update"),
        severity="S1",
    )
    steps = planned(t, MONDAY + hours(0.7))
    assert [n for n in steps if n.startswith("next_update")] == ["next_update:miss@0", "next_update:still@0"]


def test_a_forger_gets_nothing_even_after_staff_were_written_to():
    t = ticket(MONDAY, after(1, H.LETTER_WRITTEN, kind="at_risk"), **ASKED, trusted=False, severity="S2")
    assert not [n for n in planned(t, MONDAY) if n.startswith("missing")]
    assert act("first_response:warn", t, MONDAY + hours(0.8)).letters[0].audience == "staff"


def test_a_partner_who_was_asked_is_reminded_though_no_server_vouches_for_him():
    t = ticket(MONDAY, after(0.1, H.LETTER_WRITTEN, kind="missing_information"), **ASKED, trusted=False)
    acted = act("missing_information:remind-1", t, MONDAY + hours(5))
    assert acted.letters and "Sync stopped" not in acted.letters[0].subject


def test_notes_inside_the_team_never_reach_the_partner():
    t = ticket(
        MONDAY,
        after(0.2, H.STAFF_ANSWERED),
        after(0.5, H.STAFF_NOTED, text="They are clueless."),
        severity="S1",
        state=State.OPEN,
    )
    _, written = drain(t, MONDAY + hours(0.6), MONDAY + hours(12))
    assert "clueless" not in "".join(letter.body for _, letter in written if letter.audience == "partner")


def test_without_news_staff_are_asked_and_the_partner_hears_only_as_often_as_the_policy_says():
    t = ticket(MONDAY, after(0.2, H.STAFF_ANSWERED), severity="S1", state=State.OPEN)
    t, written = drain(t, MONDAY + hours(0.3), MONDAY + hours(10))
    told = [when for when, letter in written if letter.kind == "progress_update"]
    assert told == [MONDAY + hours(4.2)]  # sent once; the next only when this one has really left
    assert [letter.kind for _, letter in written if letter.key.startswith("next_update")][:2] == [
        "update_due",
        "missed",
    ]


def test_a_resolved_ticket_closes_after_its_time_and_not_when_reopened():
    t = ticket(MONDAY, after(3, H.RESOLVED), state=State.RESOLVED, resolved_at=MONDAY + hours(3))
    assert planned(t, MONDAY + hours(4))["close:close@1"].due_at == MONDAY + hours(3) + timedelta(days=14)
    reopened = replace(t, state=State.OPEN, resolved_at=None, events=(*t.events, after(5, H.REOPENED)))
    assert act("close:close@1", reopened, MONDAY + timedelta(days=15)).withdrawn == "the ticket was reopened"


def case_of(t: Ticket, *steps: Step, **more) -> Ticket:
    for n, step in enumerate(steps):
        result = cases.move_case(t, "CP-204", step, MONDAY + hours(n), "ben", "test", **more)
        assert isinstance(result, Moved)
        t = result.ticket
    return t


def test_a_fix_nobody_contradicts_counts_as_confirmed():
    t = case_of(
        ticket(MONDAY, after(0.1, H.STAFF_ANSWERED), state=State.OPEN),
        CaseStep.SUBMITTED,
        CaseStep.CONFIRMING,
    )
    t, written = drain(t, MONDAY + hours(2), MONDAY + timedelta(days=10))
    about = [letter.kind for _, letter in written if letter.kind.startswith("case")]
    assert about == ["case_reminder", "case_update"]
    assert cases.cases(t)[0].step is CaseStep.RESOLVED


def test_an_answer_of_the_partner_ends_the_reminders_of_a_case():
    t = case_of(ticket(MONDAY), CaseStep.SUBMITTED, CaseStep.CONFIRMING)
    answered = replace(t, events=(*t.events, after(3, H.PARTNER_ANSWERED)))
    assert not [n for n in planned(answered, MONDAY + hours(4)) if n.startswith("case")]


def test_staff_learn_that_an_expected_date_has_passed_the_partner_does_not():
    t = case_of(ticket(MONDAY), CaseStep.IN_PROGRESS, expected=date(2026, 11, 20))
    name = "case:expected@CP-204/2026-11-20"
    assert planned(t, MONDAY)[name].due_at == at("2026-11-23 09:00+01:00")
    acted = act(name, t, at("2026-11-23 09:00+01:00"))
    assert [(letter.kind, letter.audience) for letter in acted.letters] == [("case_overdue", "staff")]


def test_history_has_nothing_due():
    assert due.plan(ticket(MONDAY, history=True), promises(), MONDAY + timedelta(days=900)) == ()


def test_the_digest_comes_on_working_mornings_of_the_mailbox():
    friday = at("2026-11-20 10:00-05:00")
    step = due.next_digest(writer(friday))
    assert (step.due_at, step.step, step.mailbox) == (at("2026-11-23 08:00-05:00"), "2026-11-23", "global")
    thanksgiving = due.next_digest(writer(at("2026-11-25 09:00-05:00")))
    assert thanksgiving.step == "2026-11-27"


def _wild(chance: random.Random, n: int) -> Ticket:
    created = at("2027-10-20 00:00") + timedelta(minutes=chance.randrange(20 * 1440))
    severity = chance.choice(["S1", "S2", "S3", "S4"])
    fields = ASKED if chance.random() < 0.4 else {}
    level = chance.choice(["standard", "standard", "large-account", "plan"])
    region = chance.choice(["US", "EU", "JP", "SA", "IN"])
    return ticket(
        created,
        id=n,
        severity=severity,
        level=level,
        region=region,
        language=chance.choice(["en", "ja"]),
        **fields,
    )


def _life(t: Ticket, chance: random.Random, outage: tuple) -> tuple[Ticket, list[tuple[object, Letter]]]:
    """A month of one ticket: people act at random, the daemon takes what is due and is down for three days."""
    now, written, end = t.created_at, [], t.created_at + timedelta(days=35)
    happenings = [H.STAFF_ANSWERED, H.PARTNER_ANSWERED, H.AUTOMATIC_MAIL, H.STAFF_NOTED, H.RESOLVED]
    people = sorted(
        t.created_at + timedelta(minutes=chance.randrange(35 * 1440)) for _ in range(chance.randrange(6))
    )
    while now < end:
        steps = due.plan(t, promises(), now)
        nexts = [d.due_at for d in steps[:1]] + people[:1]
        if not nexts or min(nexts) > end:
            break
        now = max(now, min(nexts))
        if outage[0] <= now < outage[1]:
            now = outage[1]
        if people and people[0] <= now:
            people.pop(0)
            moved = states.move(
                t, chance.choice(happenings), now, "x@y.example", "by chance", answer_means_waiting=True
            )
            t = moved.ticket if isinstance(moved, Moved) else t
            continue
        acted = due.act(steps[0], t, writer(now))
        assert acted.ticket_after != t or acted.again_at is not None
        assert acted.again_at is None, "what was planned now is ripe now"
        t = acted.ticket_after
        for letter in acted.letters:
            written.append((now, letter))
            t = replace(
                t,
                events=(
                    *t.events,
                    Event(
                        now,
                        H.LETTER_SENT,
                        "daemon",
                        "sent",
                        {"kind": letter.kind, "audience": letter.audience},
                    ),
                ),
            )
    return t, written


@pytest.mark.parametrize("seed", range(2))
def test_a_month_of_tickets_keeps_its_invariants(seed):
    """No reminder in the night, on a holiday or twice; no promise silently dropped. Two clock changes lie in it."""
    chance = random.Random(seed)
    outage = (at("2027-11-09 00:00"), at("2027-11-12 00:00"))
    for n in range(1, 26):
        t, written = _life(_wild(chance, n), chance, outage)
        keys = [(letter.kind, letter.key) for _, letter in written]
        assert len(keys) == len(set(keys))
        days = promises().calendar("letter-hours", t.region)
        for when, letter in written:
            if letter.kind in (
                "missing_information_reminder",
                "waiting_reminder",
                "resolved_for_silence",
                "closed",
            ):
                assert days.is_open(letter.not_before or when), (letter.kind, when)
        partner = [when for when, letter in written if letter.kind.endswith("_reminder")]
        assert all(b - a >= hours(1) for a, b in pairwise(partner)), written
        _nothing_dropped(t)


def _nothing_dropped(t: Ticket) -> None:
    from triaged.promises.clocks import commitments

    now = t.events[-1].at
    taken = steps.taken(t)
    for c in commitments(t, promises(), now):
        if c.state == "missed" and c.kind != "next_update" and c.due < now - timedelta(days=4):
            assert Step(c.kind, Word.MISS) in taken, (c, taken)


def test_the_severity_may_change_under_a_planned_step():
    t = ticket(MONDAY)
    worse = replace(
        t, severity=Severity.S1, events=(*t.events, after(1, H.SEVERITY_CORRECTED, severity="S1"))
    )
    steps = planned(worse, MONDAY + hours(1))
    assert steps["first_response:miss"].due_at == MONDAY + hours(1) + timedelta(minutes=11.25)
