"""What is planned and what comes of it, told whole: rows with their data, events with theirs, letters by kind and words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.followups.test_due import ASKED, MONDAY, H, act, after, case_of
from tests.letters.test_invited import ENDS, INVITES, WRITTEN, booked, held
from tests.meetings.test_moves import FIRST, accepted, meeting, offered, who
from tests.meetings.test_moves import after as moved_on
from tests.promises.test_service_levels import changed
from tests.tickets.world import at, event, hours, promises, ticket, writer
from triaged.followups import due, pending
from triaged.meetings import moves
from triaged.meetings.meeting import MeetingState
from triaged.promises import promising
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import Due, Event, Person, State, Ticket

SECOND = timedelta(seconds=1)
NOBODY = (Person("anna@oakbridge.example", failed=True),)


def rows(t: Ticket, now: datetime, kind: str = "", by=None) -> dict[str, tuple[datetime, dict[str, object]]]:
    """By step: when, and what its row keeps."""
    found = due.plan(t, by or promises(), now)
    assert all((one.ticket_id, one.mailbox) == (t.id, t.mailbox) for one in found)
    return {one.step: (one.due_at, dict(one.data)) for one in found if one.kind == kind or not kind}


def plain(
    overtaken: str = "", last: bool = False, ends: datetime | None = None, **more: object
) -> dict[str, object]:
    return {"overtaken": overtaken, "last": last, "ends": ends, **more}


def test_a_row_keeps_what_taking_its_step_needs() -> None:
    ends = at("2026-11-19 09:00+01:00")
    assert rows(ticket(MONDAY, **ASKED), MONDAY, "missing_information") == {
        "remind-1": (at("2026-11-16 13:00+01:00"), plain(ends=ends)),
        "remind-2": (at("2026-11-17 12:00+01:00"), plain(ends=ends)),
        "remind-3": (at("2026-11-18 09:00+01:00"), plain(last=True, ends=ends)),
        "tell-staff": (ends, plain(ends=ends)),
    }
    t = case_of(ticket(MONDAY, state=State.OPEN), CaseStep.SUBMITTED, CaseStep.CONFIRMING)
    ends = at("2026-11-23 10:00+01:00")
    assert rows(t, MONDAY + hours(2), "case") == {
        "remind-1@CP-204/2": (at("2026-11-18 10:00+01:00"), plain(last=True, ends=ends, case="CP-204")),
        "confirm@CP-204/2": (ends, plain(ends=ends, case="CP-204")),
    }


@pytest.mark.parametrize("late", [timedelta(), SECOND])
def test_of_marks_whose_time_has_come_the_last_one_writes(late: timedelta) -> None:
    miss = MONDAY + hours(4) + late
    assert rows(ticket(MONDAY), miss, "first_response") == {
        "warn": (MONDAY + hours(3), plain("miss")),
        "miss": (MONDAY + hours(4), plain()),
        "still": (MONDAY + hours(6), plain()),
    }
    assert rows(ticket(MONDAY), MONDAY + hours(6) + late, "first_response") == {
        "warn": (MONDAY + hours(3), plain("still")),
        "miss": (MONDAY + hours(4), plain("still")),
        "still": (MONDAY + hours(6), plain()),
    }
    assert rows(ticket(MONDAY), miss - SECOND - late, "first_response")["warn"][1] == plain()


def test_a_clock_that_stands_still_has_passed_what_it_has_passed_and_plans_no_more() -> None:
    t = ticket(MONDAY, after(3.5, H.WAITING), state=State.WAITING)
    assert rows(t, MONDAY + hours(5), "first_response") == {"warn": (MONDAY + hours(3), plain())}


def test_what_is_met_late_is_recorded_as_such_and_what_is_met_is_not() -> None:
    late = ticket(MONDAY, after(5, H.STAFF_ANSWERED), state=State.OPEN)
    assert rows(late, MONDAY + hours(6), "first_response") == {"miss": (MONDAY + hours(4), plain("met late"))}
    in_time = ticket(MONDAY, after(2, H.STAFF_ANSWERED), state=State.OPEN)
    assert rows(in_time, MONDAY + hours(6), "first_response") == {}
    resolved = ticket(MONDAY, Event(MONDAY + hours(2), H.RESOLVED, "daemon", "silence"), state=State.RESOLVED)
    assert rows(resolved, MONDAY + hours(6), "first_response") == {}


@pytest.mark.parametrize(
    "over", [{"history": True}, {"merged_into": 7, "state": State.RESOLVED, "resolved_at": MONDAY}]
)
def test_of_history_and_of_what_was_merged_nothing_is_due(over) -> None:
    assert rows(ticket(MONDAY, **over), MONDAY) == {}


def test_who_is_told_in_business_hours_is_told_when_they_begin() -> None:
    night = at("2026-11-16 22:00+01:00")
    assert rows(ticket(night, severity="S1"), night, "resolution")["warn"][0] == night + hours(3)
    friday = ticket(at("2026-11-20 16:00+01:00"), severity="S3")
    warned, _ = rows(friday, at("2026-11-20 16:00+01:00"), "resolution")["warn"]
    assert warned == at("2026-11-23 10:00+01:00"), "at ten by the clock: then people are in"


UPDATED = OfLetter("progress_update", "k", "update").stored()


def updates(*events: Event, n: float, **fields) -> dict[str, datetime]:
    t = ticket(MONDAY, *events, severity="S1", **({"state": State.OPEN} | fields))
    return {step: when for step, (when, _) in rows(t, MONDAY + hours(n), "next_update").items()}


def news(n: float) -> Event:
    return after(n, H.STAFF_NOTED, report="It is being tested.")


@pytest.mark.parametrize(
    ("events", "report"),
    [
        ((news(0.5),), True),
        ((after(0.5, H.STAFF_ANSWERED), news(0.5)), True),  # at the very moment the round begins
        ((news(0.5), after(0.6, H.STAFF_ANSWERED)), False),
        ((news(0.5), after(0.6, H.LETTER_WRITTEN, **UPDATED)), False),
        ((news(0.5), after(0.6, H.LETTER_SENT, **UPDATED)), False),
        ((news(0.5), after(0.6, H.LETTER_WRITTEN, kind="closed")), True),
        ((news(0.5), after(0.6, H.REMINDED, kind="progress_update")), True),
        ((after(0.5, H.STAFF_NOTED),), False),
    ],
)
def test_news_wait_to_be_told_until_they_are(events: tuple[Event, ...], report: bool) -> None:
    t = ticket(MONDAY, *events, severity="S1")
    since = max((e.at for e in t.events if e.kind in (H.STAFF_ANSWERED, H.LETTER_SENT)), default=MONDAY)
    assert (pending.last_report(t, since) is not None) is report
    steps = updates(*events, n=0.7)
    assert any(step.startswith("report@") for step in steps) is report
    assert any(step.startswith("still-working@") for step in steps) is not (
        report or (events[-1].kind is H.LETTER_WRITTEN and events[-1].data["kind"] != "closed")
    )


def test_news_of_a_former_round_are_news_no_more() -> None:
    t = ticket(MONDAY, news(0.5), severity="S1")
    assert pending.last_report(t, MONDAY + hours(0.5)) is not None
    assert pending.last_report(t, MONDAY + hours(0.5) + SECOND) is None


def test_without_news_the_partner_hears_four_hours_after_he_last_heard_and_not_before_it_is_due() -> None:
    assert updates(n=0.1)["still-working@0"] == MONDAY + hours(4)
    assert updates(after(1, H.STAFF_ANSWERED), n=1.1)["still-working@1"] == MONDAY + hours(5)
    assert updates(after(0.5, H.LETTER_SENT, **UPDATED), n=0.6)["still-working@1"] == MONDAY + hours(4.5)
    left = (after(0.4, H.LETTER_WRITTEN, **UPDATED), after(0.5, H.LETTER_SENT, **UPDATED))
    assert updates(*left, n=0.6) == {
        "warn@1": MONDAY + hours(1.25),
        "miss@1": MONDAY + hours(1.5),
        "still@1": MONDAY + hours(2),
        "still-working@1": MONDAY + hours(4.5),
    }
    at_once = (after(0.5, H.LETTER_WRITTEN, **UPDATED), after(0.5, H.LETTER_SENT, **UPDATED))
    assert "warn@1" in updates(*at_once, n=0.6), "written and sent within one moment"
    assert updates(after(0.5, H.LETTER_SENT, kind="acknowledgment"), n=0.6)[
        "still-working@0"
    ] == MONDAY + hours(4)
    waited = updates(after(0.2, H.WAITING), after(4, H.PARTNER_ANSWERED), n=4.5)
    assert waited["still-working@0"] == MONDAY + hours(4.8), (
        "when the update is due, though he heard long ago"
    )


@pytest.mark.parametrize(
    ("events", "fields"),
    [
        ((after(0.1, H.PARTNER_ANSWERED, thanks=True),), {}),
        ((), {"people": NOBODY}),
        ((after(0.1, H.WAITING),), {"state": State.WAITING}),
        ((), {"service_level": "large-account", "state": State.RESOLVED}),
    ],
)
def test_who_thanked_or_cannot_be_written_to_or_is_waited_for_hears_no_news_that_are_none(
    events, fields
) -> None:
    assert not [
        step for step in updates(*events, n=0.2, **fields) if step.startswith(("still-working", "report"))
    ]


def test_a_policy_that_tells_nothing_without_news_tells_nothing() -> None:
    silent = promising.build(changed(service_levels__standard__still_working_every=None))
    t = ticket(MONDAY, severity="S1", state=State.OPEN)
    assert set(rows(t, MONDAY, "next_update", silent)) == {"warn@0", "miss@0", "still@0"}


def test_an_update_that_is_written_asks_nobody_for_it_from_the_moment_its_round_begins() -> None:
    written = after(0.5, H.LETTER_WRITTEN, **UPDATED)
    assert "warn@1" not in updates(after(0.5, H.STAFF_ANSWERED), written, n=0.6)
    assert "warn@1" in updates(written, after(0.6, H.STAFF_ANSWERED), n=0.7), "it was of the round before"


QUESTION = after(2, H.LETTER_SENT, kind="missing_information")


def missing(*events: Event, n: float = 3, **fields) -> list[str]:
    return list(rows(ticket(MONDAY, *events, **(ASKED | fields)), MONDAY + hours(n), "missing_information"))


ALL = ["remind-1", "remind-2", "remind-3", "tell-staff"]


@pytest.mark.parametrize(
    ("events", "fields", "steps"),
    [
        ((), {}, ALL),
        ((QUESTION,), {"state": State.OPEN}, ALL),
        ((QUESTION,), {"state": State.WAITING}, []),
        ((QUESTION,), {"tags": ("encrypted",)}, []),
        ((QUESTION,), {"tags": ("other",)}, ALL),
        ((QUESTION, after(2.5, H.PARTNER_ANSWERED)), {}, []),
        ((after(1, H.PARTNER_ANSWERED), QUESTION), {}, ALL),
        ((QUESTION, after(2.5, H.PARTNER_ANSWERED, thanks=True)), {}, ["tell-staff"]),
        ((QUESTION, after(2.5, H.PARTNER_ANSWERED, bystander=True)), {}, ALL),
        ((QUESTION, after(2.5, H.PARTNER_ANSWERED, history=True)), {}, ALL),
        ((after(2, H.LETTER_SENT, kind="missing_information_reminder"), after(2.5, H.PARTNER_ANSWERED)), {}, ALL),
        ((after(2, H.LETTER_WRITTEN, kind="missing_information"), after(2.5, H.PARTNER_ANSWERED)), {}, ALL),
        ((after(2, H.LETTER_SENT, kind="acknowledgment"), after(2.5, H.PARTNER_ANSWERED)), {}, ALL),
        ((QUESTION,), {"no_identifier": False}, []),
    ],
)  # fmt: skip
def test_who_is_reminded_of_the_identifiers(events, fields, steps: list[str]) -> None:
    assert missing(*events, **fields) == steps


def test_silence_counts_from_the_first_question_that_left_else_from_when_the_mail_was_read() -> None:
    twice = ticket(MONDAY, QUESTION, after(3, H.LETTER_SENT, kind="missing_information"), **ASKED)
    assert rows(twice, MONDAY + hours(3.5), "missing_information")["remind-1"][0] == MONDAY + hours(6)
    bare = ticket(MONDAY, **ASKED)
    read_late = replace(bare, events=(bare.events[0], replace(bare.events[1], at=MONDAY + hours(1))))
    assert rows(read_late, MONDAY + hours(1), "missing_information")["remind-1"][0] == MONDAY + hours(5)
    unread = replace(bare, events=bare.events[:1])
    assert rows(unread, MONDAY, "missing_information")["remind-1"][0] == MONDAY + hours(4)


def test_a_case_whose_date_has_passed_is_told_unless_it_waits_for_the_partner_or_is_over() -> None:
    for step, told in (
        (CaseStep.IN_PROGRESS, True),
        (CaseStep.CONFIRMING, False),
        (CaseStep.RESOLVED, False),
    ):
        t = case_of(ticket(MONDAY), step, expected=date(2026, 11, 20))
        assert ("expected@CP-204/2026-11-20" in rows(t, MONDAY, "case")) is told, step
    assert "case" not in {
        one.kind for one in due.plan(case_of(ticket(MONDAY), CaseStep.IN_PROGRESS), promises(), MONDAY)
    }
    over = replace(
        case_of(ticket(MONDAY), CaseStep.IN_PROGRESS, expected=date(2026, 11, 20)), state=State.RESOLVED
    )
    assert rows(over, MONDAY, "case") == {}


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (after(0.5, H.PARTNER_ANSWERED), True),
        (after(1, H.PARTNER_ANSWERED), True),  # at the very moment the fix came
        (after(1.5, H.PARTNER_ANSWERED), False),
        (after(1.5, H.PARTNER_ANSWERED, bystander=True), True),
        (after(1.5, H.STAFF_ANSWERED), True),
    ],
)
def test_a_fix_is_reminded_of_until_the_partner_said_something_about_it(answer: Event, asked: bool) -> None:
    t = case_of(ticket(MONDAY, state=State.OPEN), CaseStep.SUBMITTED, CaseStep.CONFIRMING)
    t = replace(t, events=(*t.events, answer))
    assert ("remind-1@CP-204/2" in rows(t, MONDAY + hours(2), "case")) is asked
    assert rows(replace(t, people=NOBODY), MONDAY + hours(2), "case") == {}
    assert rows(replace(t, partner_domain=None), MONDAY + hours(2), "case") == {}


def test_closing_waits_for_the_hours_of_its_letter_where_it_has_some() -> None:
    t = ticket(MONDAY, after(12, H.RESOLVED), state=State.RESOLVED, resolved_at=MONDAY + hours(12))
    assert rows(t, MONDAY + hours(13), "close") == {"close@1": (at("2026-12-01 08:00+01:00"), plain())}
    any_time = promising.build(changed(sending_hours__closed="any"))
    assert rows(t, MONDAY + hours(13), "close", any_time)["close@1"][0] == at("2026-11-30 21:00+01:00")
    twice = replace(t, events=(*t.events, after(12.5, H.REOPENED), after(12.7, H.RESOLVED)))
    assert set(rows(twice, MONDAY + hours(13), "close")) == {"close@2"}
    assert rows(replace(t, resolved_at=None), MONDAY + hours(13), "close") == {}


# -- what comes of it


def told(acted: due.Acted) -> list[tuple[str, str, dict[str, object]]]:
    assert acted.withdrawn is None and acted.again_at is None
    assert acted.ticket_after.events[-len(acted.events) :] == acted.events
    assert {event.actor for event in acted.events} == {"daemon"}
    return [(event.kind, event.reason, dict(event.data)) for event in acted.events]


def test_marks_are_told_with_their_numbers() -> None:
    of = {"commitment": "first_response", "policy": "standard", "due": "2026-11-16T12:00:00+00:00"}
    warned = act("first_response:warn", ticket(MONDAY), MONDAY + hours(3))
    assert told(warned) == [
        ("at_risk", "75% of 4 business hours for first_response is used", {"step": "first_response:warn", "share": 0.75, **of}),
    ]  # fmt: skip
    missed = act("first_response:miss", warned.ticket_after, MONDAY + hours(4.5))
    why = "first_response was due 2026-11-16 12:00 UTC"
    assert told(missed) == [
        ("missed", why, {"step": "first_response:miss", "share": 1.125, **of}),
        ("escalated", f"to tier 2: {why}", {"commitment": "first_response", "tier": 2}),
    ]
    assert missed.ticket_after.tier == 2
    still = act("first_response:still", missed.ticket_after, MONDAY + hours(6))
    assert told(still) == [
        ("escalated", "first_response still open at 150%", {"step": "first_response:still", "share": 1.5, "tier": 3, **of}),
    ]  # fmt: skip
    high = replace(ticket(MONDAY), tier=3)
    again = act("first_response:miss", high, MONDAY + hours(4.5))
    assert [kind for kind, *_ in told(again)] == ["missed"] and again.ticket_after.tier == 3
    (odd,) = act("first_response:miss", ticket(MONDAY), MONDAY + hours(4) + timedelta(minutes=1)).events[:1]
    assert odd.data["share"] == 1.0042, "in hundredths of a per cent"


def test_a_letter_to_staff_tells_the_share_and_the_time_and_nobody_may_be_there_to_get_it() -> None:
    acted = act("first_response:miss", ticket(MONDAY), MONDAY + hours(5))
    assert "125 % of the time" in acted.letters[0].body or "125" in acted.letters[0].body
    nobody = replace(writer(MONDAY + hours(5)), desk=replace(writer(MONDAY).desk, alert=(), tiers={}))
    silent = due.act(Due(42, "first_response", "miss", MONDAY), ticket(MONDAY), nobody)
    assert silent.letters == () and [e.kind for e in silent.events] == [H.MISSED, H.ESCALATED]


def test_what_was_missed_in_a_round_that_is_over_is_told_of_that_round() -> None:
    t = ticket(MONDAY, after(1.5, H.STAFF_ANSWERED), severity="S1", state=State.OPEN)
    acted = act("next_update:miss@0", t, MONDAY + hours(1.6))
    assert told(acted) == [
        (
            "missed",
            "next_update was due 2026-11-16 09:00 UTC (over by now)",
            {"step": "next_update:miss@0", "commitment": "next_update", "share": 0.1, "policy": "standard",
             "due": "2026-11-16T09:00:00+00:00"},
        ),
    ]  # fmt: skip
    late = ticket(MONDAY, after(5, H.STAFF_ANSWERED), state=State.OPEN)
    assert told(act("first_response:miss", late, MONDAY + hours(6)))[0][1] == (
        "first_response was due 2026-11-16 12:00 UTC (met late)"
    )


def test_an_overtaken_warning_is_withdrawn_with_the_mark_that_is_told() -> None:
    acted = act("first_response:warn", ticket(MONDAY), MONDAY + hours(4))
    assert acted.withdrawn == "overtaken by: miss" and acted.letters == ()
    assert [(e.kind, e.reason, dict(e.data)) for e in acted.events] == [
        ("letter_withdrawn", "overtaken by: miss", {"step": "first_response:warn"})
    ]


def test_reminders_are_told_and_tell_when_silence_ends() -> None:
    waiting = ticket(MONDAY, after(1, H.WAITING), state=State.WAITING)
    acted = act("waiting:remind-1@1", waiting, at("2026-11-18 10:00+01:00"))
    assert told(acted) == [("reminded", "reminder 1 written", {"step": "waiting:remind-1@1"})]
    endless = promising.build(changed(schedules__waiting={"remind_after": ["2 business days"]}))
    now = at("2026-11-18 10:00+01:00")
    open_end = due.act(Due(42, "waiting", "remind-1@1", now), waiting, writer(now, promises=endless))
    assert open_end.letters and "until Mon" not in open_end.letters[0].body
    t = case_of(ticket(MONDAY, state=State.OPEN), CaseStep.SUBMITTED, CaseStep.CONFIRMING)
    of_case = act("case:remind-1@CP-204/2", t, at("2026-11-18 10:00+01:00"))
    assert told(of_case) == [("reminded", "reminder 1 written", {"step": "case:remind-1@CP-204/2"})]
    assert "CP-204" in of_case.letters[0].body


@pytest.mark.parametrize(
    ("thanked", "why"),
    [
        (False, "identifiers still missing after every reminder"),
        (True, "identifiers still missing; the partner's last word was thanks"),
    ],
)
def test_staff_who_decide_about_the_identifiers_are_told_whether_he_thanked(thanked: bool, why: str) -> None:
    asked = (QUESTION, after(2.5, H.PARTNER_ANSWERED, thanks=True)) if thanked else (QUESTION,)
    now = at("2026-11-30 09:00+01:00")
    acted = act("missing_information:tell-staff", ticket(MONDAY, *asked, **ASKED), now)
    assert [letter.kind for letter in acted.letters] == (["unidentified"] if thanked else [])
    if thanked:
        assert told(acted) == [
            ("review_asked", why, {"review": why, "step": "missing_information:tell-staff"})
        ]
        return
    done = tuple(
        event(MONDAY + hours(20 + n), H.REMINDED, step=f"missing_information:remind-{n}") for n in (1, 2, 3)
    )
    acted = act("missing_information:tell-staff", ticket(MONDAY, *asked, *done, **ASKED), now)
    assert told(acted) == [("review_asked", why, {"review": why, "step": "missing_information:tell-staff"})]


def test_what_ends_for_silence_says_what_it_was() -> None:
    t = ticket(MONDAY, after(1, H.WAITING), after(200, H.REMINDED, step="waiting:remind-1@1"),
               after(201, H.REMINDED, step="waiting:remind-2@1"), state=State.WAITING)  # fmt: skip
    solved = act("waiting:resolve@1", t, MONDAY + timedelta(days=40))
    assert told(solved) == [
        ("resolved", "the partner did not answer any reminder", {"step": "waiting:resolve@1"})
    ]
    assert solved.ticket_after.state is State.RESOLVED and solved.letters[0].kind == "resolved_for_silence"
    closed = act("close:close@1", solved.ticket_after, MONDAY + timedelta(days=80))
    assert told(closed) == [("closed", "resolved for 14d", {"step": "close:close@1"})]
    assert [letter.kind for letter in closed.letters] == ["closed"]


def test_a_fix_that_counts_as_confirmed_is_told_as_the_cases_step_and_as_a_step_taken() -> None:
    t = case_of(ticket(MONDAY, state=State.OPEN), CaseStep.SUBMITTED, CaseStep.CONFIRMING)
    t = replace(t, events=(*t.events, after(60, H.REMINDED, step="case:remind-1@CP-204/2")))
    acted = act("case:confirm@CP-204/2", t, MONDAY + timedelta(days=20))
    assert told(acted) == [
        ("case_moved", "nobody said the fix does not hold", {"case": "CP-204", "step": "resolved"}),
        ("reminded", "the fix counts as confirmed", {"step": "case:confirm@CP-204/2"}),
    ]
    passed = case_of(ticket(MONDAY), CaseStep.IN_PROGRESS, expected=date(2026, 11, 20))
    overdue = act("case:expected@CP-204/2026-11-20", passed, at("2026-11-23 09:00+01:00"))
    assert told(overdue) == [
        ("reminded", "CP-204 has passed its expected date", {"step": "case:expected@CP-204/2026-11-20"})
    ]


def test_a_name_of_another_version_is_told_and_no_longer_than_it_need_be() -> None:
    acted = due.act(Due(42, "tea", "x" * 300, MONDAY), ticket(MONDAY), writer(MONDAY))
    assert acted.withdrawn == f"no step that this version knows: tea:{'x' * 196}"
    assert acted.events[0].data == {"step": f"tea:{'x' * 196}"}


# -- sessions


def begun() -> Ticket:
    return moved_on(moves.begin(accepted(), who(FIRST)))


ENDS_AT = FIRST + timedelta(minutes=40)


@pytest.mark.parametrize(
    ("step", "t", "now", "state", "letters", "why"),
    [
        ("over@1", begun(), ENDS_AT, MeetingState.HELD, ["meeting_summary"], "its time is over"),
        ("over@1", accepted(), ENDS_AT, MeetingState.MISSED, ["meeting_news"], "it was not begun within its time"),
        ("lapse@1", offered(), FIRST + timedelta(days=2), MeetingState.CANCELLED, ["meeting_news"], "nobody chose one of the times offered"),
    ],
)  # fmt: skip
def test_how_a_session_ends_by_itself(step, t, now, state, letters, why) -> None:
    acted = act(f"meeting:{step}", t, now)
    assert meeting(acted.ticket_after).state is state
    assert [letter.kind for letter in acted.letters] == letters
    (only,) = acted.events
    assert (only.kind, only.reason, only.data["by"], only.data["step"]) == (
        "meeting_changed", why, "daemon", f"meeting:{step}",
    )  # fmt: skip
    assert letters != ["meeting_news"] or why in acted.letters[0].body


def test_a_session_whose_ticket_is_over_is_told_to_the_partner_too() -> None:
    over = replace(accepted(), state=State.RESOLVED, resolved_at=FIRST - timedelta(days=1))
    acted = act("meeting:call-off@0", over, FIRST - timedelta(hours=5))
    assert [letter.kind for letter in acted.letters] == ["meeting_cancelled", "meeting_news"]
    assert acted.events[0].reason == "the ticket is resolved"


@pytest.mark.parametrize(
    ("step", "t", "now", "why"),
    [
        ("ending@1", begun(), ENDS_AT - timedelta(minutes=5), "its host was told that the time runs out"),
        ("remind-1@1", accepted(), FIRST - timedelta(hours=1), "reminder 1 written"),
        ("summary@1", moved_on(moves.hold(begun(), who(ENDS_AT))), FIRST + timedelta(days=4), "its host was asked again what came of it"),
    ],
)  # fmt: skip
def test_what_is_written_of_a_session_is_told(step: str, t: Ticket, now: datetime, why: str) -> None:
    assert told(act(f"meeting:{step}", t, now)) == [("reminded", why, {"step": f"meeting:{step}"})]


def test_who_can_no_longer_be_written_to_is_not_reminded_of_his_session() -> None:
    acted = act("meeting:remind-1@1", replace(accepted(), people=NOBODY), FIRST - timedelta(hours=1))
    assert (acted.withdrawn, acted.letters) == ("there is nobody left to write to", ())


def test_calendars_are_brought_up_to_date_by_name() -> None:
    anna, bo, cy = "anna@oakbridge.example", "bo@oakbridge.example", "cy@oakbridge.example"
    t = booked(held(WRITTEN, INVITES, anna, cy))
    acted = act("meeting:calendars@0", t, MONDAY + hours(3))
    assert told(acted) == [
        (
            "reminded",
            f"invited to the session {bo}; the session leaves the calendar of {cy}",
            {"step": "meeting:calendars@0"},
        )
    ]
    assert acted.ordered and [(one.kind, one.to) for one in acted.letters] == [
        (INVITES, (bo,)),
        (ENDS, (cy,)),
    ]
    only_bo = booked(held(WRITTEN, INVITES, anna))
    assert (
        told(act("meeting:calendars@0", only_bo, MONDAY + hours(3)))[0][1] == f"invited to the session {bo}"
    )


def test_a_digest_of_this_very_moment_is_the_next_days() -> None:
    eight = at("2026-11-16 08:00-05:00")
    assert due.next_digest(writer(eight)).due_at == at("2026-11-17 08:00-05:00")
    just_before = due.next_digest(writer(eight - SECOND))
    assert just_before == Due(None, "digest", "2026-11-16", eight, "global")
