"""What a happening changes on a ticket, told whole: every field, every event, every reason, at the border and beyond."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.tickets.test_states import ALDER, DECISION, MATCH, NOON, H, case_moved, in_state, moved, refused
from tests.tickets.world import hours
from triaged.tickets import cases, states
from triaged.tickets.cases import Case, CaseStep
from triaged.tickets.states import Moved, Refused, move
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.vocabulary import Severity

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
BEN = "ben@staff.example"
LONG_AGO = NOON - DAY
FULL = {
    "snoozed_until": NOON + DAY,
    "reviews": ("conflict",),
    "merged_into": None,
    "resolved_at": LONG_AGO,
    "closed_at": LONG_AGO,
}


def changed(before: Ticket, after: Ticket) -> dict[str, object]:
    """The fields that differ, but the story and when it was touched."""
    names = set(Ticket.__dataclass_fields__) - {"events", "updated_at"}
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}


@pytest.mark.parametrize(
    ("state", "happening", "data", "fields"),
    [
        ("open", H.RESOLVED, {}, {"state": "resolved", "resolved_at": NOON, "snoozed_until": None}),
        ("resolved", H.CLOSED, {}, {"state": "closed", "closed_at": NOON, "snoozed_until": None}),
        ("open", H.MERGED, {"into": 7}, {"state": "closed", "closed_at": NOON, "merged_into": 7, "snoozed_until": None}),
        ("closed", H.REOPENED, {}, {"state": "open", "resolved_at": None, "closed_at": None}),
        ("open", H.PARTNER_ANSWERED, {}, {"snoozed_until": None}),
        ("open", H.PARTNER_ANSWERED, {"thanks": True}, {}),
        ("open", H.PARTNER_ANSWERED, {"bystander": True}, {}),
        ("open", H.PARTNER_ANSWERED, {"history": True}, {}),
        ("waiting", H.PARTNER_ANSWERED, {"thanks": True}, {"state": "open"}),
        ("waiting", H.PARTNER_ANSWERED, {"history": True}, {}),
        ("open", H.SNOOZED, {"until": "2026-12-01T00:00:00+00:00"}, {"snoozed_until": NOON + 10.5 * DAY}),
        ("open", H.SNOOZED, {"until": None}, {"snoozed_until": None}),
        ("open", H.KEPT_PRIVATE, {"on": True}, {"private": True}),
        ("open", H.ASSIGNED, {"to": BEN, "name": "Ben"}, {"assigned_to": BEN}),
        ("open", H.ESCALATED, {"tier": 3}, {"tier": 3}),
        ("open", H.LINKED, {"to": 9}, {"linked_to": 9}),
        ("open", H.LINKED, {"from": 9}, {}),
        ("open", H.REVIEW_ASKED, {"review": "odd"}, {"reviews": ("conflict", "odd")}),
        ("open", H.REVIEW_ASKED, {"review": "conflict"}, {}),
        ("open", H.SEVERITY_CORRECTED, {"severity": "S1"},
         {"severity": "S1", "severity_by_human": True, "severity_because": "corrected from S3 by a human", "reviews": ()}),
        ("open", H.STAFF_NOTED, {}, {}),
        ("new", H.IDENTIFIED, {}, {"state": "open"}),
        ("waiting", H.RESUMED, {}, {"state": "open"}),
        ("resolved", H.RATED, {"score": 5}, {}),
        ("new", H.CASE_MOVED, {"case": "CP-1", "step": "submitted"}, {"state": "open"}),
    ],
)  # fmt: skip
def test_a_happening_changes_these_fields_and_no_others(state, happening, data, fields) -> None:
    before = in_state(State(state), **FULL)
    result = moved(before, happening, **data)
    assert changed(before, result.ticket) == fields
    assert result.ticket.updated_at == NOON
    assert result.events[0] == Event(NOON, happening, BEN, "test", data)
    assert result.ticket.events == (*before.events, *result.events)


def test_closing_what_was_merged_leaves_where_it_went() -> None:
    assert moved(in_state(State.RESOLVED, merged_into=7), H.CLOSED).ticket.merged_into == 7


@pytest.mark.parametrize(
    ("state", "happening", "why"),
    [
        ("resolved", H.WAITING, "resolved: nothing is waited for"),
        ("open", H.RESUMED, "open: it was not waiting"),
        ("closed", H.RESOLVED, "closed: it is over already"),
        ("closed", H.CLOSED, "closed: it is over already"),
        ("waiting", H.REOPENED, "waiting: only a resolved or closed ticket is reopened"),
        ("closed", H.PARTNER_ANSWERED, "closed: a later answer opens a new ticket linked to it"),
        ("new", H.RATED, "new: only a resolved ticket is rated"),
        ("resolved", H.IDENTIFIED, "resolved: that cannot be done now"),
        ("resolved", H.ESCALATED, "resolved: that cannot be done now"),
        ("closed", H.MERGED, "closed: that cannot be done now"),
        ("closed", H.SPLIT, "closed: that cannot be done now"),
    ],
)
def test_what_cannot_be_is_refused_in_these_words(state: str, happening: Happening, why: str) -> None:
    assert refused(in_state(State(state)), happening, score=5, tier=2) == f"PS-1042 is {why}"


@pytest.mark.parametrize(("tier", "to", "goes"), [(1, 1, False), (1, 2, True), (1, 3, True), (1, 4, False), (3, 3, False), (2, 1, False)])  # fmt: skip
def test_a_ticket_goes_up_to_the_third_tier_and_never_down(tier: int, to: int, goes: bool) -> None:
    result = move(in_state(State.OPEN, tier=tier), H.ESCALATED, NOON, BEN, "x", {"tier": to})
    assert isinstance(result, Moved) if goes else result == Refused(f"PS-1042 is with tier {tier} already")


def told(result: Moved | Refused) -> list[tuple[str, str, object]]:
    assert isinstance(result, Moved)
    return [(event.kind, event.reason, event.data) for event in result.events]


def answers(t: Ticket, at=NOON, within: timedelta | None = None, **data) -> Moved | Refused:
    more = {} if within is None else {"reopen_within": within}
    return move(t, H.PARTNER_ANSWERED, at, "anna@oakbridge.example", "he wrote", data, **more)


def test_an_answer_tells_what_follows_from_it_with_its_own_reason() -> None:
    wrote = ("partner_answered", "he wrote", {})
    assert told(answers(in_state(State.WAITING))) == [wrote, ("resumed", "the partner answered", {})]
    assert told(answers(in_state(State.NEW))) == [wrote]
    over = in_state(State.RESOLVED, resolved_at=LONG_AGO)
    assert told(answers(over)) == [wrote, ("reopened", "the partner answered a resolved ticket", {})]
    for what in ("thanks", "bystander"):
        assert told(answers(over, **{what: True})) == [("partner_answered", "he wrote", {what: True})]
    staff = move(in_state(State.NEW), H.STAFF_ANSWERED, NOON, BEN, "he wrote", answer_means_waiting=True)
    assert told(staff) == [
        ("staff_answered", "he wrote", {}),
        ("waiting", "staff answered: waiting on the partner", {}),
    ]
    for state in (State.WAITING, State.RESOLVED, State.CLOSED):
        again = move(in_state(state), H.STAFF_ANSWERED, NOON, BEN, "he wrote", answer_means_waiting=True)
        assert told(again) == [("staff_answered", "he wrote", {})]
    assert told(move(in_state(State.OPEN), H.STAFF_ANSWERED, NOON, BEN, "he wrote")) == [
        ("staff_answered", "he wrote", {})
    ]


@pytest.mark.parametrize("within", [timedelta(days=14), timedelta(days=3)])
def test_to_the_very_end_of_its_time_an_answer_reopens_and_not_a_moment_later(within: timedelta) -> None:
    over = in_state(State.RESOLVED, resolved_at=NOON)
    assert len(told(answers(over, NOON + within, within))) == 2
    assert answers(over, NOON + within + TICK, within) == Refused(
        f"PS-1042 was resolved more than {within.days} days ago: a later answer opens a new ticket linked to it"
    )
    assert len(told(answers(over, NOON + within + TICK, within, thanks=True))) == 1
    assert len(told(answers(in_state(State.RESOLVED), NOON + 99 * DAY, within))) == 2, (
        "nobody knows since when"
    )


def test_what_is_said_of_no_days_is_fourteen() -> None:
    over = in_state(State.RESOLVED, resolved_at=NOON)
    assert isinstance(answers(over, NOON + 14 * DAY), Moved)
    assert isinstance(answers(over, NOON + 14 * DAY + TICK), Refused)


def test_old_mail_found_late_moves_nothing_and_touches_nothing_back() -> None:
    late = replace(in_state(State.WAITING, history=True), updated_at=NOON + DAY)
    result = answers(late, NOON, history=True)
    assert isinstance(result, Moved)
    assert changed(late, result.ticket) == {} and result.ticket.updated_at == NOON + DAY
    assert answers(late, NOON + 2 * DAY, history=True).ticket.updated_at == NOON + 2 * DAY  # type: ignore[union-attr]
    assert told(result) == [("partner_answered", "he wrote", {"history": True})]


def test_the_first_live_answer_to_history_says_that_clocks_begin() -> None:
    old = in_state(State.NEW, history=True)
    result = answers(old, thanks=True)
    assert told(result) == [("partner_answered", "he wrote", {"thanks": True, "ends_history": True})]
    assert isinstance(result, Moved) and changed(old, result.ticket) == {"history": False}


PEOPLE = (
    Person("anna@oakbridge.example", "Anna"),
    Person("cy@oakbridge.example", "Cy"),
    Person("di@oakbridge.example", "Di", role="other"),
    Person("ed@oakbridge.example", "Ed", role="reader", failed=True),
)


@pytest.mark.parametrize(
    ("one", "two", "role"),
    [
        ({}, {}, "cc"),
        ({"trusted": False}, {"trusted": False}, "cc"),
        ({"trusted": False}, {}, "cc"),
        ({}, {"trusted": False}, "other"),
        ({}, {"partner_domain": "elm.example"}, "other"),
    ],
)
def test_whom_a_merger_brings_reads_from_now_on_if_he_is_as_well_known(one, two, role: str) -> None:
    kept = in_state(State.OPEN, **one)
    other = replace(in_state(State.WAITING, **two), id=43, reference="PS-1043", people=PEOPLE)
    result = states.merge(kept, other, NOON, "cli:cy", "same outage")
    assert not isinstance(result, Refused)
    survivor, gone = result
    cy, di, ed = PEOPLE[1:]
    joined = (replace(cy, role=role, since=NOON), replace(di, since=NOON), replace(ed, role=role, since=NOON))
    assert changed(kept, survivor.ticket) == {
        "people": (Person("anna@oakbridge.example", "Anna Holm"), *joined)
    }
    assert survivor.events == (
        Event(NOON, H.LINKED, "cli:cy", "PS-1043 merged into this: same outage",
              {"from": 43, "reference": "PS-1043", "people": [p.address for p in joined]}),
    )  # fmt: skip
    assert changed(other, gone.ticket) == {"state": "closed", "closed_at": NOON, "merged_into": 42}
    assert gone.events == (
        Event(
            NOON, H.MERGED, "cli:cy", "same outage", {"into": 42, "reference": "PS-1042", "was": "waiting"}
        ),
    )


def test_nothing_is_merged_into_itself() -> None:
    one = in_state(State.OPEN)
    assert states.merge(one, one, NOON, "ben", "x") == Refused("PS-1042 cannot be merged into itself")


def test_what_is_split_off_knows_its_people_and_its_words_and_nothing_of_the_account() -> None:
    account = {
        "account_key": "alder", "account_name": "Alder Works", "superadmin_email": "it@alder.example", "large_user": True,
        "licences": 250, "plan": "Enterprise", "missing": ("zuid",), "no_identifier": True, "provisional": True,
        "severity_by_human": True, "tags": ("x",), "tier": 3, "reviews": ("odd",), "resolved_at": LONG_AGO,
        "closed_at": LONG_AGO, "linked_to": 7,
    }  # fmt: skip
    both = in_state(State.RESOLVED, **account)
    result = states.split(both, "The other customer", NOON, "cli:cy", "two customers", "and for Elm:")
    assert not isinstance(result, Refused)
    kept, opened = result
    assert changed(both, kept.ticket) == {} and kept.events == (
        Event(NOON, H.SPLIT, "cli:cy", "two customers", {"subject": "The other customer"}),
    )
    assert opened == replace(
        in_state(State.NEW, people=both.people), id=0, reference="", subject="The other customer", updated_at=NOON,
        linked_to=42,
        events=(
            Event(both.created_at, H.RECEIVED, "cli:cy", "split off PS-1042: two customers"),
            Event(NOON, H.LINKED, "cli:cy", "split off PS-1042", {"from": 42, "passage": "and for Elm:"}),
        ),
    )  # fmt: skip


def test_a_judgment_fills_these_fields_and_no_others() -> None:
    before = in_state(
        State.NEW, tags=("old",), reviews=("odd", "conflict"), queue="first", rulebook_version="r0"
    )
    after = states.judged(before, DECISION, MATCH, NOON, region="JP").ticket
    assert changed(before, after) == {
        "severity": "S1",
        "severity_because": "rule large-account",
        "service_level": "large-account",
        "large_user": True,
        "tags": ("old", "priority-customer"),
        "account_key": "alder",
        "account_name": "Alder Works",
        "superadmin_email": "it@alder.example",
        "licences": 250,
        "plan": "Enterprise",
        "region": "JP",
    }
    assert after.events[-1].actor == "daemon" and after.events[-1].reason == "rule large-account"


def test_a_judgment_keeps_what_it_knows_nothing_of() -> None:
    known = {
        "region": "SA", "queue": "first", "rulebook_version": "r0", "account_key": "alder", "plan": "Enterprise",
        "licences": 7, "tags": (states.FOREIGN,), "reviews": ("odd",), "trusted": False,
    }  # fmt: skip
    nobody = replace(MATCH, account=None, licences=0, no_identifier=True, matched_by=None)
    before = in_state(State.OPEN, **known)
    after = states.judged(before, replace(DECISION, tags=()), nobody, NOON, actor="cli:cy").ticket
    assert {name: getattr(after, name) for name in known} == known | {"reviews": ("odd", "conflict")}
    assert (after.large_user, after.no_identifier, after.events[-1].actor) == (False, True, "cli:cy")
    told_ = replace(DECISION, queue="second", rulebook_version="r1", provisional=True)
    again = states.judged(after, told_, nobody, NOON).ticket
    assert (again.queue, again.rulebook_version, again.provisional) == ("second", "r1", True)


def test_a_humans_severity_keeps_its_reason_and_what_the_content_says_is_told_beside_it() -> None:
    before = in_state(State.OPEN, severity="S4", severity_by_human=True, severity_because="set by cy")
    judged = states.judged(before, replace(DECISION, content_severity=Severity.S2), MATCH, NOON)
    after = judged.ticket
    assert (after.severity, after.severity_because, after.content_severity) == ("S4", "set by cy", "S2")
    assert judged.events[0].reason == "set by cy"
    assert after.account_name == ALDER.name


def test_cases_keep_their_steps_their_dates_and_whether_one_is_under_way() -> None:
    first = date(2026, 12, 1)
    t = case_moved(in_state(State.OPEN), CaseStep.SUBMITTED, expected=first)
    assert cases.cases(t) == (Case("CP-204", CaseStep.SUBMITTED, NOON, first, 1),)
    assert t.engineering
    redated = case_moved(t, CaseStep.SUBMITTED, expected=first + DAY, report="Later.")
    assert cases.cases(redated) == (Case("CP-204", CaseStep.SUBMITTED, NOON, first + DAY, 2, "Later."),)
    for again in (first, None):
        same = cases.move_case(t, "CP-204", CaseStep.SUBMITTED, NOON, "ben", "x", expected=again)
        assert same == Refused("CP-204 is submitted: it cannot become submitted")
    done = case_moved(t, CaseStep.RESOLVED)
    assert not done.engineering and cases.cases(done)[0].expected == first
    two = cases.move_case(done, "CP-205", CaseStep.IN_REVIEW, NOON, "ben", "x")
    assert isinstance(two, Moved) and two.ticket.engineering
    assert [one.id for one in cases.cases(two.ticket)] == ["CP-204", "CP-205"]
    assert cases.move_case(done, "CP-204", CaseStep.IN_PROGRESS, NOON, "ben", "x") == Refused(
        "CP-204 is resolved: it cannot become in_progress"
    )
    assert cases.move_case(t, "204", CaseStep.IN_PROGRESS, NOON, "ben", "x") == Refused(
        "'204' is not a case id; write one like CP-204"
    )


def test_a_case_told_by_another_version_stays_where_it_stood() -> None:
    odd = moved(in_state(State.OPEN), H.CASE_MOVED, case="CP-9", step="pondering").ticket
    assert cases.cases(odd) == (Case("CP-9", CaseStep.SUBMITTED, NOON, None, 1),)
    on = moved(
        case_moved(in_state(State.OPEN), CaseStep.IN_REVIEW),
        H.CASE_MOVED,
        NOON + hours(1),
        case="CP-204",
        step="pondering",
    )
    assert cases.cases(on.ticket) == (Case("CP-204", CaseStep.IN_REVIEW, NOON + hours(1), None, 2),)
    nameless = moved(in_state(State.OPEN), H.CASE_MOVED, step="submitted").ticket
    assert cases.cases(nameless) == ()


def test_thanks_confirm_every_fix_that_waits_for_them_and_no_other_case() -> None:
    t = in_state(State.OPEN)
    for number, step in (
        ("CP-1", CaseStep.CONFIRMING),
        ("CP-2", CaseStep.IN_PROGRESS),
        ("CP-3", CaseStep.CONFIRMING),
    ):
        result = cases.move_case(t, number, step, NOON, "ben", "x")
        assert isinstance(result, Moved)
        t = result.ticket
    confirmed = cases.confirmed(t, NOON, "anna@oakbridge.example")
    assert confirmed is not None
    assert [(e.data["case"], e.data["step"], e.reason) for e in confirmed.events] == [
        ("CP-1", "resolved", "the partner confirmed the fix"),
        ("CP-3", "resolved", "the partner confirmed the fix"),
    ]
    assert [one.step for one in cases.cases(confirmed.ticket)] == ["resolved", "in_progress", "resolved"]
