"""The transition table, reopening, merging, splitting, ratings, engineering cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.tickets.world import at, hours, ticket
from triaged.judging.decisions import Account, AccountMatch, Decision
from triaged.rulebook.verdict import Verdict
from triaged.tickets import cases, states
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import Moved, Refused, move
from triaged.tickets.ticket import Happening, Person, State
from triaged.vocabulary import Severity

H = Happening
NOON = at("2026-11-20 12:00")


def moved(t, happening, when=NOON, **data) -> Moved:
    result = move(t, happening, when, "ben@staff.example", "test", data)
    assert isinstance(result, Moved), result
    return result


def refused(t, happening, when=NOON, **data) -> str:
    result = move(t, happening, when, "ben@staff.example", "test", data)
    assert isinstance(result, Refused), result
    return result.reason


def in_state(state: State, **fields):
    return ticket(NOON - hours(2), state=state, **fields)


@pytest.mark.parametrize(
    ("before", "happening", "after"),
    [
        ("new", H.STAFF_ANSWERED, "open"),
        ("new", H.PARTNER_ANSWERED, "new"),
        ("new", H.IDENTIFIED, "open"),
        ("open", H.WAITING, "waiting"),
        ("waiting", H.PARTNER_ANSWERED, "open"),
        ("waiting", H.RESUMED, "open"),
        ("waiting", H.STAFF_ANSWERED, "waiting"),
        ("open", H.RESOLVED, "resolved"),
        ("resolved", H.CLOSED, "closed"),
        ("resolved", H.STAFF_ANSWERED, "resolved"),
        ("closed", H.REOPENED, "open"),
        ("open", H.MERGED, "closed"),
        ("resolved", H.AUTOMATIC_MAIL, "resolved"),
        ("waiting", H.AUTOMATIC_MAIL, "waiting"),
        ("closed", H.ADDRESS_FAILED, "closed"),
    ],
)
def test_happenings_lead_where_the_table_says(before, happening, after):
    assert moved(in_state(State(before)), happening).ticket.state == after


@pytest.mark.parametrize(
    ("before", "happening", "why"),
    [
        ("resolved", H.WAITING, "nothing is waited for"),
        ("open", H.RESUMED, "it was not waiting"),
        ("closed", H.RESOLVED, "over already"),
        ("open", H.REOPENED, "only a resolved or closed ticket"),
        ("closed", H.PARTNER_ANSWERED, "new ticket linked"),
        ("open", H.RATED, "only a resolved ticket is rated"),
        ("open", H.SEVERITY_CORRECTED, "a correction names a severity"),
    ],
)
def test_what_the_table_does_not_name_is_refused_with_its_reason(before, happening, why):
    assert why in refused(in_state(State(before)), happening, score=5)


def test_an_answer_of_staff_sets_waiting_where_the_rulebook_says_so():
    result = move(
        in_state(State.NEW), H.STAFF_ANSWERED, NOON, "b@s.example", "Sent folder", answer_means_waiting=True
    )
    assert isinstance(result, Moved)
    assert [e.kind for e in result.events] == [H.STAFF_ANSWERED, H.WAITING]
    assert result.ticket.state is State.WAITING


def test_a_partner_reopens_within_fourteen_days_and_not_later():
    resolved = replace(in_state(State.RESOLVED), resolved_at=NOON)
    soon = moved(resolved, H.PARTNER_ANSWERED, NOON + timedelta(days=13))
    assert [e.kind for e in soon.events] == [H.PARTNER_ANSWERED, H.REOPENED]
    assert soon.ticket.state is State.OPEN and soon.ticket.resolved_at is None
    assert "14 days" in refused(resolved, H.PARTNER_ANSWERED, NOON + timedelta(days=15))


def test_thanks_reopen_nothing():
    resolved = replace(in_state(State.RESOLVED), resolved_at=NOON)
    assert moved(resolved, H.PARTNER_ANSWERED, NOON + hours(1), thanks=True).ticket.state is State.RESOLVED


def test_a_live_answer_ends_history():
    assert moved(in_state(State.NEW, history=True), H.PARTNER_ANSWERED).ticket.history is False


def test_a_tier_is_reached_once():
    second = moved(in_state(State.OPEN), H.ESCALATED, tier=2).ticket
    assert second.tier == 2
    assert "tier 2 already" in refused(second, H.ESCALATED, tier=2)
    assert "tier 2 already" in refused(second, H.ESCALATED, tier=4)


def test_a_failed_address_is_marked_on_its_person_alone():
    people = (Person("anna@oakbridge.example"), Person("bo@oakbridge.example", role="cc"))
    after = moved(
        in_state(State.OPEN, people=people), H.ADDRESS_FAILED, address="Anna@oakbridge.example"
    ).ticket
    assert [p.failed for p in after.people] == [True, False]


def test_merging_takes_the_people_along_and_leads_to_the_survivor():
    one = in_state(State.OPEN)
    two = replace(in_state(State.NEW, people=(Person("cy@oakbridge.example"),)), id=43, reference="PS-1043")
    result = states.merge(one, two, NOON, "ben", "same outage")
    assert not isinstance(result, Refused)
    kept, gone = result
    assert {p.address for p in kept.ticket.people} == {"anna@oakbridge.example", "cy@oakbridge.example"}
    assert (gone.ticket.state, gone.ticket.merged_into) == (State.CLOSED, 42)
    assert isinstance(states.merge(one, one, NOON, "ben", "x"), Refused)
    assert "reopen the ticket it went into" in refused(gone.ticket, H.REOPENED)


def test_nothing_is_merged_into_what_is_merged_or_taken_from_what_is_over():
    one, two = in_state(State.OPEN), replace(in_state(State.NEW), id=43, reference="PS-1043")
    merged = replace(one, state=State.CLOSED, merged_into=44)
    assert states.merge(merged, two, NOON, "ben", "x") == Refused(
        "PS-1042 is itself merged; merge into its survivor"
    )
    over = replace(two, state=State.CLOSED)
    for result in (states.merge(one, over, NOON, "ben", "x"), states.split(over, "Other", NOON, "ben", "x")):
        assert isinstance(result, Refused) and result.reason.startswith("PS-1043 is closed: ")


@pytest.mark.parametrize(("score", "counts"), [(0, False), (1, True), (5, True), (6, False)])
def test_a_rating_is_a_number_from_one_to_five(score, counts):
    result = move(in_state(State.RESOLVED), H.RATED, NOON, "anna", "x", {"score": score})
    assert (result == Refused("a rating is a number from 1 to 5")) is not counts


def test_a_link_leads_to_the_other_ticket_and_one_that_comes_from_there_does_not():
    linked = moved(in_state(State.OPEN), H.LINKED, to=43, reference="PS-1043").ticket
    assert linked.linked_to == 43
    assert moved(linked, H.LINKED, **{"from": 44}).ticket.linked_to == 43


def test_no_case_moves_on_a_ticket_that_is_closed():
    t = case_moved(in_state(State.OPEN), CaseStep.SUBMITTED)
    over = replace(t, state=State.CLOSED)
    result = cases.move_case(over, "CP-204", CaseStep.IN_PROGRESS, NOON, "ben", "x")
    assert isinstance(result, Refused) and result.reason.startswith("PS-1042 is closed: ")


def test_splitting_opens_a_ticket_that_knows_nothing_of_the_first_account():
    both = in_state(State.OPEN, account_key="alder", superadmin_email="it@alder.example", tags=("x",))
    result = states.split(both, "The other customer", NOON, "ben", "two customers in one mail")
    assert not isinstance(result, Refused)
    kept, opened = result
    assert kept.ticket.state is State.OPEN
    assert (opened.id, opened.account_key, opened.superadmin_email, opened.linked_to) == (0, None, None, 42)
    assert opened.created_at == both.created_at


VERDICT = Verdict((), None, None, None, None, None, None, (), None, None, None, (), (), ())
DECISION = Decision(Severity.S1, "rule large-account", Severity.S3, False, False, "large-account", "rule", ("priority-customer",), ("conflict",), None, VERDICT)  # fmt: skip
ALDER = Account(
    "alder",
    "Alder Works",
    "60031122334",
    "it@alder.example",
    (),
    "JP",
    "oakbridge.example",
    (),
    (),
    "Enterprise",
)
MATCH = AccountMatch(ALDER, "zoid", 250, 200, True, True, False, "", False, ("zuid",), False, "by ZOID")


def test_a_judgment_fills_the_ticket_and_tells_the_clocks():
    after = states.judged(in_state(State.NEW), DECISION, MATCH, NOON, region="JP").ticket
    assert (after.severity, after.service_level, after.superadmin_email) == (
        Severity.S1,
        "large-account",
        "it@alder.example",
    )
    assert after.events[-1].data == {
        "severity": "S1",
        "service_level": "large-account",
        "provisional": False,
        "region": "JP",
        "plan": "Enterprise",
        "tags": ["priority-customer"],
    }
    assert after.reviews == ("conflict",)


def test_a_humans_severity_is_never_overwritten():
    corrected = moved(in_state(State.OPEN), H.SEVERITY_CORRECTED, severity="S4").ticket
    after = states.judged(corrected, DECISION, MATCH, NOON).ticket
    assert (after.severity, after.events[-1].data["severity"]) == (Severity.S4, "S4")


def test_another_partners_account_is_marked_so_that_letters_keep_silent():
    foreign = states.judged(in_state(State.NEW), DECISION, replace(MATCH, foreign=True), NOON).ticket
    assert states.FOREIGN in foreign.tags
    own = states.judged(foreign, DECISION, MATCH, NOON).ticket
    assert states.FOREIGN not in own.tags


def case_moved(t, step, **more):
    result = cases.move_case(t, "CP-204", step, NOON, "ben", "test", **more)
    assert isinstance(result, Moved), result
    return result.ticket


def test_a_case_goes_its_way_and_may_fall_back_from_confirming():
    t = case_moved(in_state(State.OPEN), CaseStep.SUBMITTED, expected=date(2026, 12, 1))
    t = case_moved(t, CaseStep.IN_PROGRESS, report="Reproduced.")
    t = case_moved(case_moved(t, CaseStep.CONFIRMING), CaseStep.IN_PROGRESS)
    (case,) = cases.cases(t)
    assert (case.step, case.expected, case.moves) == (CaseStep.IN_PROGRESS, date(2026, 12, 1), 4)
    back = cases.move_case(t, "CP-204", CaseStep.SUBMITTED, NOON, "ben", "x")
    assert isinstance(back, Refused) and "cannot become submitted" in back.reason
    assert isinstance(cases.move_case(t, "204", CaseStep.SUBMITTED, NOON, "ben", "x"), Refused)


def test_the_partners_word_confirms_a_fix():
    t = case_moved(case_moved(in_state(State.OPEN), CaseStep.SUBMITTED), CaseStep.CONFIRMING)
    confirmed = cases.confirmed(t, NOON, "anna@oakbridge.example")
    assert confirmed is not None
    assert cases.cases(confirmed.ticket)[0].step is CaseStep.RESOLVED
    assert cases.confirmed(in_state(State.OPEN), NOON, "anna") is None
