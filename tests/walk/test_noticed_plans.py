"""What people order on pages and by command, as plans: every field and event of the ticket, every refusal in its words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.tickets.test_noticed_states import changed
from tests.tickets.world import at, event, hours, promises, ticket, writer
from triaged.judging.decisions import Partner
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Attached, Event, Happening, Person, State, Ticket
from triaged.vocabulary import Severity
from triaged.walk.plan import Plan
from triaged.walk.plans import answers, marks, orders, page_acts
from triaged.walk.plans.answers import Answer
from triaged.walk.plans.orders import Order
from triaged.walk.plans.page_acts import Act, No
from triaged.walk.tickets_from_mail import MOST_PEOPLE

H = Happening
MONDAY = at("2026-11-16 09:00+01:00")
NOW = MONDAY + hours(5)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
ANNA, BO, CY, STAFF = (
    "anna@oakbridge.example",
    "bo@oakbridge.example",
    "cy@oakbridge.example",
    "cy@staff.example",
)
OAK = Partner("oakbridge.example", "Oakbridge", "premium", "EU")
PEOPLE = (Person(ANNA, "Anna Holm"), Person(BO, "Bo Lind", role="cc"))


def t(*events: Event, **fields: Any) -> Ticket:
    return ticket(MONDAY, *events, **({"state": State.OPEN, "people": PEOPLE} | fields))


def after(n: float, kind: Happening, actor: str = STAFF, /, **data: Any) -> Event:
    return replace(event(MONDAY + hours(n), kind, **data), actor=actor)


def order(reason: str = "because", actor: str = "cli:cy", now=NOW, **more: Any) -> Order:
    return Order(actor, reason, writer(now, **more))


def act(address: str = ANNA, admin: bool = False, partner: Partner | None = OAK, now=NOW) -> Act:
    return Act(address, "Anna Holm", partner, admin, writer(now), "k1")


Told = list[tuple[str, str, str, dict[str, Any]]]


def told(plan: Plan | Refused | No) -> Told:
    """The events of the one ticket that changes."""
    assert isinstance(plan, Plan) and plan.ordered, plan
    (one,) = plan.changes
    return [(e.kind, e.actor, e.reason, dict(e.data)) for e in one.events]


def letters(plan: Plan | Refused | No) -> list[tuple[str, tuple[str, ...]]]:
    assert isinstance(plan, Plan), plan
    return [(letter.kind, (*letter.to, *letter.cc)) for one in plan.changes for letter in one.letters]


def only(plan: Plan | Refused | No) -> Ticket:
    assert isinstance(plan, Plan), plan
    return plan.changes[0].after


# -- answers


@pytest.mark.parametrize(
    ("state", "then", "events", "left"),
    [
        ("new", "", ["staff_answered", "waiting"], "waiting"),
        ("open", "", ["staff_answered", "waiting"], "waiting"),
        ("open", "open", ["staff_answered"], "open"),
        ("new", "open", ["staff_answered"], "open"),
        ("open", "wait", ["staff_answered", "waiting"], "waiting"),
        ("open", "resolve", ["staff_answered", "resolved"], "resolved"),
        ("waiting", "", ["staff_answered"], "waiting"),
        ("resolved", "", ["staff_answered"], "resolved"),
        ("closed", "", ["staff_answered"], "closed"),
    ],
)
def test_an_answer_and_what_follows_from_it(state: str, then: Any, events: list[str], left: str) -> None:
    before = t(state=State(state))
    plan = answers.answer(before, Answer(" Try it. \n", "answer:1", then=then, name="Cy Moor"), order())
    data = {"report": " Try it. \n", "name": "Cy Moor", "letter": "answer:1", "was": state}
    reasons = {
        "waiting": "staff answered: waiting on the partner", "resolved": "solved with the answer",
    }  # fmt: skip
    assert told(plan) == [
        ("staff_answered", "cli:cy", "answered by a letter", data),
        *((kind, "cli:cy", reasons[kind], {"letter": "answer:1"}) for kind in events[1:]),
    ]
    assert only(plan).state == left
    assert letters(plan) == [("answer", (ANNA, BO))]


def test_a_rulebook_that_waits_for_no_answer_waits_for_none() -> None:
    by = promises()
    busy = replace(by, schedules=by.schedules.model_copy(update={"answer_means_waiting": False}))
    plan = answers.answer(t(), Answer("Try it.", "answer:1"), order(promises=busy))
    assert [kind for kind, *_ in told(plan)] == ["staff_answered"]


def test_a_letter_that_can_be_taken_back_leaves_when_it_no_longer_can_and_keeps_what_was_attached() -> None:
    file = Attached("a.txt", "text/plain", b"x")
    given = Answer("Try it.", "answer:1", (file,), undo=timedelta(seconds=10), name="Cy Moor")
    (letter,) = answers.answer(t(), given, order()).changes[0].letters  # type: ignore[union-attr]
    assert (letter.not_before, letter.files, letter.author, letter.key) == (
        NOW + timedelta(seconds=10), (file,), "Cy Moor", "answer:1",
    )  # fmt: skip
    (at_once,) = answers.answer(t(), replace(given, undo=timedelta()), order()).changes[0].letters  # type: ignore[union-attr]
    assert at_once.not_before is None and at_once.files == (file,)


def test_of_a_long_answer_two_thousand_characters_are_kept_on_the_ticket_and_all_in_the_letter() -> None:
    plan = answers.answer(t(), Answer("x" * 1999 + "yz", "answer:1"), order())
    assert told(plan)[0][3]["report"] == "x" * 1999 + "y"
    assert "yz" in plan.changes[0].letters[0].body.replace("\n", "")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "text", "then", "why"),
    [
        (t(), " \n", "", "nothing is written"),
        (t(people=()), "Hello", "", "PS-1042 has nobody whom letters reach"),
        (t(state=State.RESOLVED), "Hello", "resolve", "PS-1042 is resolved: it is over already"),
        (t(state=State.RESOLVED), "Hello", "wait", "PS-1042 is resolved: nothing is waited for"),
    ],
)
def test_why_nobody_is_answered(before: Ticket, text: str, then: Any, why: str) -> None:
    assert answers.answer(before, Answer(text, "answer:1", then=then), order()) == Refused(why)


def answered(*more: Event, was: str = "new", state: State = State.WAITING, **fields: Any) -> Ticket:
    own = {"letter": "answer:1"}
    return t(
        after(1, H.STAFF_ANSWERED, was=was, **own), after(1, H.WAITING, **own), *more, state=state, **fields
    )


def test_an_answer_taken_back_leaves_the_ticket_as_it_was() -> None:
    plan = answers.take_back(answered(), "answer:1", order(""))
    assert told(plan) == [
        ("taken_back", "cli:cy", "taken back before it left", {"letter": "answer:1"}),
        ("letter_withdrawn", "cli:cy", "taken back before it left", {"kind": "answer", "key": "answer:1"}),
    ]
    assert only(plan).state is State.NEW and only(plan).resolved_at is None
    assert isinstance(plan, Plan) and plan.withdrawn == ((42, "answer", "answer:1"),)
    assert told(answers.take_back(answered(), "answer:1", order("a typing error")))[0][2] == "a typing error"


@pytest.mark.parametrize("what", [H.PARTNER_ANSWERED, H.RESOLVED, H.CLOSED, H.REOPENED, H.MERGED, H.RESUMED])
def test_what_others_did_after_it_stays_when_it_is_taken_back(what: Happening) -> None:
    before = answered(after(2, what, ANNA), state=State.OPEN)
    assert only(answers.take_back(before, "answer:1", order())).state is State.OPEN
    before = answered(after(0.5, what, ANNA), state=State.OPEN)
    earlier = replace(before, events=tuple(sorted(before.events, key=lambda e: e.at)))
    assert only(answers.take_back(earlier, "answer:1", order())).state is State.NEW


def test_a_note_meanwhile_hinders_nothing_and_an_unknown_state_stays_as_it_is() -> None:
    assert only(answers.take_back(answered(after(2, H.STAFF_NOTED)), "answer:1", order())).state is State.NEW
    odd = answered(was="pondering", state=State.WAITING)
    assert only(answers.take_back(odd, "answer:1", order())).state is State.WAITING


def test_an_answer_to_what_was_resolved_leaves_it_resolved_since_then_when_taken_back() -> None:
    before = answered(was="resolved", state=State.RESOLVED, resolved_at=MONDAY)
    found = only(answers.take_back(before, "answer:1", order()))
    assert (found.state, found.resolved_at) == (State.RESOLVED, MONDAY)


@pytest.mark.parametrize("key", ["", "answer:2"])
def test_only_an_answer_that_there_is_is_taken_back(key: str) -> None:
    assert answers.take_back(answered(), key, order()) == Refused("there is no such answer")
    by_mail = t(after(1, H.STAFF_ANSWERED))
    assert answers.take_back(by_mail, "", order()) == Refused("there is no such answer")


def test_the_last_answer_by_a_letter_is_the_newest_that_stands() -> None:
    two = answered(after(2, H.STAFF_ANSWERED, letter="answer:2"), after(3, H.STAFF_ANSWERED))
    found = answers.last_answer(two)
    assert found is not None and found.data["letter"] == "answer:2"
    gone = replace(two, events=(*two.events, after(4, H.TAKEN_BACK, letter="answer:2")))
    found = answers.last_answer(gone)
    assert found is not None and found.data["letter"] == "answer:1"
    assert answers.last_answer(t(after(1, H.STAFF_ANSWERED))) is None


# -- marks


def test_what_is_put_off_is_told_and_is_no_ticket_of_lately() -> None:
    plan = marks.snooze(t(), NOW + DAY, order())
    until = (NOW + DAY).isoformat()
    assert told(plan) == [("snoozed", "cli:cy", "because", {"until": until})]
    assert only(plan).updated_at == MONDAY and changed(t(), only(plan)) == {"snoozed_until": NOW + DAY}
    assert isinstance(plan, Plan) and plan.changes[0].dues is None
    back = marks.snooze(t(snoozed_until=NOW + DAY), None, order())
    assert told(back) == [("snoozed", "cli:cy", "because", {"until": None})]


@pytest.mark.parametrize(
    ("before", "until", "why"),
    [
        (t(state=State.RESOLVED), NOW + DAY, "PS-1042 is resolved: it is in no queue"),
        (t(state=State.CLOSED), None, "PS-1042 is closed: it is in no queue"),
        (t(), NOW, "that time is past"),
        (t(), None, "PS-1042 is not put off"),
    ],
)
def test_why_it_is_not_put_off(before: Ticket, until: Any, why: str) -> None:
    assert marks.snooze(before, until, order()) == Refused(why)
    assert isinstance(marks.snooze(t(), NOW + TICK, order()), Plan)


OTHER = replace(t(), id=43, reference="PS-1043")


@pytest.mark.parametrize(
    ("how", "here", "there", "mark"),
    [
        ("related", "related to PS-1043", "related to PS-1042", ("related", "related")),
        ("duplicate", "a duplicate of PS-1043", "has a duplicate: PS-1042", ("duplicate", "original")),
    ],
)
def test_a_mark_stands_on_both_tickets(how: Any, here: str, there: str, mark: tuple[str, str]) -> None:
    plan = marks.relate(t(), OTHER, how, order())
    assert isinstance(plan, Plan) and plan.ordered
    assert [[(e.kind, e.reason, dict(e.data)) for e in one.events] for one in plan.changes] == [
        [("related", f"{here}: because", {"to": 43, "reference": "PS-1043", "how": mark[0]})],
        [("related", f"{there}: because", {"to": 42, "reference": "PS-1042", "how": mark[1]})],
    ]
    assert [changed(one.before, one.after) for one in plan.changes if one.before] == [{}, {}]
    marked = only(plan)
    assert marks.relations(marked)[43].how == how
    assert marks.relate(marked, OTHER, how, order()) == Refused("PS-1042 and PS-1043: it is so already")
    gone = marks.relate(marked, OTHER, "none", order(""))
    assert isinstance(gone, Plan)
    assert [one.events[0].reason for one in gone.changes] == [
        "no longer related to PS-1043",
        "no longer related to PS-1042",
    ]
    assert marks.relations(gone.changes[0].after) == {}


def test_what_is_not_related_is_not_unrelated_nor_is_anything_to_itself() -> None:
    assert marks.relate(t(), OTHER, "none", order()) == Refused("PS-1042 and PS-1043: it is so already")
    assert marks.relate(t(), t(), "related", order()) == Refused("PS-1042 cannot be related to itself")


def test_a_merge_taken_back_leaves_both_as_they_were_but_for_who_wrote_meanwhile() -> None:
    other = replace(
        OTHER, state=State.WAITING, people=(Person(CY), Person("di@oakbridge.example"), Person(ANNA))
    )
    plan = orders.merge(other, t(), order())
    assert isinstance(plan, Plan)
    kept, gone = plan.changes[0].after, plan.changes[1].after
    kept = replace(kept, events=(*kept.events, after(6, H.PARTNER_ANSWERED, CY)))
    back = marks.unmerge(kept, gone, order("a mistake", now=NOW + hours(2)))
    assert isinstance(back, Plan) and back.ordered
    survivor, returned = (one.after for one in back.changes)
    assert [p.address for p in survivor.people] == [ANNA, BO, CY]
    assert (returned.state, returned.merged_into, returned.closed_at) == (State.WAITING, None, None)
    assert [(e.kind, e.reason, dict(e.data)) for one in back.changes for e in one.events] == [
        ("unmerged", "PS-1043 was taken out again: a mistake", {"ticket": 43, "reference": "PS-1043"}),
        ("unmerged", "the merge was taken back: a mistake", {"ticket": 42, "reference": "PS-1042"}),
    ]
    assert survivor.updated_at == returned.updated_at == NOW + hours(2)
    assert marks.unmerge(kept, OTHER, order()) == Refused("PS-1043 did not go into PS-1042")
    untold = replace(gone, events=())
    assert marks.unmerge(replace(kept, events=()), untold, order("")).changes[1].after.state is State.OPEN  # type: ignore[union-attr]


# -- orders


def test_an_order_tells_who_gave_it_and_writes_its_letter_unless_it_is_quiet() -> None:
    solved = orders.happen(t(), H.RESOLVED, {"tell": "The key was wrong."}, order(), quiet=False)
    assert told(solved) == [("resolved", "cli:cy", "because", {"tell": "The key was wrong."})]
    assert letters(solved) == [("resolved", (ANNA, BO))]
    assert "The key was wrong." in solved.changes[0].letters[0].body  # type: ignore[union-attr]
    assert letters(orders.happen(t(), H.RESOLVED, {}, order(), quiet=True)) == []
    assert letters(orders.happen(t(state=State.RESOLVED), H.CLOSED, {}, order(), quiet=False)) == [
        ("closed", (ANNA, BO))
    ]
    assert letters(orders.happen(t(), H.WAITING, {}, order(), quiet=False)) == []
    assert orders.happen(t(), H.RESUMED, {}, order(), quiet=False) == Refused(
        "PS-1042 is open: it was not waiting"
    )


@pytest.mark.parametrize(("reason", "because"), [("worse", "set by cli:cy: worse"), ("", "set by cli:cy")])
def test_a_corrected_severity_stands_for_good_and_is_learned_from(reason: str, because: str) -> None:
    before = t(provisional=True, reviews=("odd",))
    plan = orders.correct(before, Severity.S1, "The words.", order(reason))
    assert told(plan) == [("severity_corrected", "cli:cy", because, {"was": "S3", "severity": "S1"})]
    found = only(plan)
    assert {name: getattr(found, name) for name in ("severity", "severity_because", "severity_by_human", "provisional", "updated_at")} == {
        "severity": Severity.S1, "severity_because": because, "severity_by_human": True, "provisional": False, "updated_at": NOW,
    }  # fmt: skip
    learned = plan.correction
    assert learned is not None
    assert (learned.ticket_id, learned.at, learned.who, learned.was, learned.severity, learned.reason) == (
        42, NOW, "cli:cy", Severity.S3, Severity.S1, reason,
    )  # fmt: skip
    assert (learned.subject, learned.text, learned.language) == (before.subject, "The words.", "en")
    assert [kind for kind, _ in letters(plan)] == ["new_s1"]
    assert letters(orders.correct(replace(before, severity=Severity.S1), Severity.S1, "", order())) == []
    assert letters(orders.correct(before, Severity.S2, "", order())) == []
    assert letters(orders.correct(replace(before, history=True), Severity.S1, "", order())) == []


def test_how_it_stands_is_told_to_the_partner_or_noted_where_nobody_can_be_written_to() -> None:
    plan = orders.progress(t(), order("We are testing."))
    assert told(plan) == [("staff_answered", "cli:cy", "We are testing.", {"report": "We are testing."})]
    (letter,) = plan.changes[0].letters  # type: ignore[union-attr]
    assert (letter.kind, letter.key) == ("progress_update", "update@3") and "We are testing." in letter.body
    for before in (t(people=()), t(history=True)):
        noted = orders.progress(before, order("We are testing."))
        assert [kind for kind, *_ in told(noted)] == ["staff_noted"] and letters(noted) == []


def test_questions_to_staff_are_answered_by_their_word() -> None:
    plan = orders.reviewed(t(reviews=("odd", "conflict")), order("looked at"))
    assert told(plan) == [("staff_noted", "cli:cy", "reviewed: looked at", {})] and only(plan).reviews == ()


def test_a_cases_step_is_told_to_the_partner() -> None:
    plan = orders.move_case(t(), "CP-7", CaseStep.IN_REVIEW, order(), expected=None, report="We look.")
    assert told(plan) == [
        ("case_moved", "cli:cy", "because", {"case": "CP-7", "step": "in_review", "report": "We look."})
    ]
    assert letters(plan) == [("case_update", (ANNA, BO))]
    refused = orders.move_case(t(), "7", CaseStep.IN_REVIEW, order(), expected=None, report="")
    assert refused == Refused("'7' is not a case id; write one like CP-204")


def test_merging_tells_the_partner_and_refuses_what_cannot_be() -> None:
    plan = orders.merge(OTHER, t(), order())
    assert isinstance(plan, Plan) and plan.ordered
    assert [[letter.kind for letter in one.letters] for one in plan.changes] == [[], ["merged"]]
    assert orders.merge(t(), t(), order()) == Refused("PS-1042 cannot be merged into itself")


def test_which_questions_are_settled_once_the_account_is_known() -> None:
    settled = (
        "conflicting identifiers: x",
        "another partner's account: x",
        "an answer to our question gives nothing",
    )
    assert [orders._on_account(one) for one in (*settled, "odd", "no conflicting identifiers")] == [
        True
    ] * 3 + [False] * 2


# -- acts on pages


def received(by: str = ANNA, **fields: Any) -> Ticket:
    made = t(**fields)
    return replace(made, events=(replace(made.events[0], actor=by), *made.events[1:]))


def test_who_asked_is_whose_mail_opened_it_if_he_is_one_of_its_people() -> None:
    assert page_acts.opener(received(BO)) == BO
    assert page_acts.opener(received("gone@oakbridge.example")) == ANNA
    assert page_acts.opener(received("x@y.example", people=PEOPLE[1:])) == ""
    assert page_acts.opener(replace(t(), events=())) == ANNA


def test_closing_is_the_openers_and_told_to_the_others_and_to_staff() -> None:
    plan = page_acts.close(received(), act())
    assert told(plan) == [("closed", ANNA, "closed by who opened it", {})]
    assert letters(plan) == [("closed", (BO,)), ("page_act", ("leads@staff.example",))]
    assert page_acts.close(received(), act(BO)) == No("not_yours", "only who opened it may close it")
    assert page_acts.close(received(state=State.CLOSED), act()) == No(
        "state", "PS-1042 is closed: it is over already"
    )


@pytest.mark.parametrize(
    ("fields", "events", "may"),
    [
        ({"state": State.OPEN}, (), False),
        ({"state": State.RESOLVED, "resolved_at": None}, (), True),
        ({"state": State.RESOLVED, "resolved_at": NOW - 14 * DAY}, (), True),
        ({"state": State.RESOLVED, "resolved_at": NOW - 14 * DAY - TICK}, (), False),
        ({"state": State.RESOLVED, "resolved_at": NOW, "merged_into": 7}, (), False),
        ({"state": State.CLOSED, "closed_at": NOW - 14 * DAY}, (after(1, H.CLOSED, ANNA),), True),
        ({"state": State.CLOSED, "closed_at": NOW - 14 * DAY - TICK}, (after(1, H.CLOSED, ANNA),), False),
        ({"state": State.CLOSED, "closed_at": None}, (after(1, H.CLOSED, ANNA),), False),
        ({"state": State.CLOSED, "closed_at": NOW}, (after(1, H.CLOSED, BO),), False),
        (
            {"state": State.CLOSED, "closed_at": NOW},
            (after(1, H.CLOSED, ANNA), after(2, H.CLOSED, "daemon")),
            False,
        ),
        ({"state": State.CLOSED, "closed_at": NOW}, (), False),
    ],
)
def test_who_may_open_it_again_and_until_when(
    fields: dict[str, Any], events: tuple[Event, ...], may: bool
) -> None:
    before = t(*events, **fields)
    assert page_acts.may_reopen(before, ANNA, NOW, 14 * DAY) is may
    plan = page_acts.reopen(before, " not yet ", act())
    if may:
        assert told(plan) == [("reopened", ANNA, "not yet", {})] and letters(plan) == [
            ("page_act", ("leads@staff.example",))
        ]
        assert told(page_acts.reopen(before, " ", act()))[0][2] == "opened again on its page"
    elif before.state is State.OPEN:
        assert plan == No("state", "PS-1042 is open")
    else:
        assert plan == No("too_late", f"PS-1042 is {before.state}: a later answer opens a new, linked one")


@pytest.mark.parametrize(
    ("fields", "events", "asks"),
    [
        ({"state": State.OPEN}, (), False),
        ({"state": State.RESOLVED}, (), True),
        ({"state": State.RESOLVED}, (after(1, H.RESOLVED),), True),
        ({"state": State.RESOLVED}, (after(1, H.RESOLVED), after(2, H.RATED, ANNA, score=5)), False),
        ({"state": State.RESOLVED}, (after(1, H.RATED, ANNA, score=5), after(2, H.RESOLVED)), True),
        (
            {"state": State.CLOSED},
            (after(1, H.RATED, ANNA, score=5), after(2, H.REOPENED), after(3, H.CLOSED)),
            True,
        ),
        ({"state": State.CLOSED, "merged_into": 7}, (), False),
    ],
)
def test_a_solution_is_rated_once(fields: dict[str, Any], events: tuple[Event, ...], asks: bool) -> None:
    before = t(*events, **fields)
    assert page_acts.asks_for_rating(before) is asks
    assert isinstance(page_acts.rate(before, 4, "", act()), Plan) is asks


RESOLVED = {"state": State.RESOLVED, "resolved_at": NOW - hours(1)}


@pytest.mark.parametrize(
    ("score", "comment", "fields", "kinds", "staff"),
    [
        (5, "good ", RESOLVED, ["rated"], False),
        (2, "", RESOLVED, ["rated"], False),
        (2, " ", RESOLVED, ["rated"], False),
        (3, "so so", RESOLVED, ["rated"], False),
        (2, "not at all", RESOLVED, ["rated", "reopened"], True),
        (1, "not at all", RESOLVED, ["rated", "reopened"], True),
        (1, "not at all", {"state": State.RESOLVED, "resolved_at": NOW - 15 * DAY}, ["rated"], True),
        (1, "not at all", {"state": State.CLOSED, "closed_at": NOW}, ["rated"], True),
    ],
)
def test_a_complaint_opens_it_again_and_is_told_to_staff(
    score: int, comment: str, fields: Any, kinds: list[str], staff: bool
) -> None:
    plan = page_acts.rate(t(**fields), score, comment, act())
    data = {"score": score} | ({"comment": comment.strip()} if comment.strip() else {})
    expected = [("rated", ANNA, f"rated {score} of 5", data)]
    if len(kinds) == 2:
        expected.append(("reopened", ANNA, f"rated {score} of 5 with a complaint", {}))
    assert told(plan) == expected
    assert [kind for kind, _ in letters(plan)] == (["page_act"] if staff else [])


@pytest.mark.parametrize(
    ("fields", "score", "no"),
    [
        (RESOLVED, 0, No("score", "a rating is a number from 1 to 5")),
        (RESOLVED, 6, No("score", "a rating is a number from 1 to 5")),
        ({}, 5, No("state", "PS-1042 is open: nothing is to be rated yet")),
        ({"state": State.CLOSED, "merged_into": 7}, 5, No("rated", "it was rated since it was resolved")),
    ],
)
def test_why_it_is_not_rated(fields: Any, score: int, no: No) -> None:
    assert page_acts.rate(t(**fields), score, "", act()) == no


def confirming() -> Ticket:
    moved = cases.move_case(t(), "CP-7", CaseStep.CONFIRMING, MONDAY + hours(1), "cli:cy", "x")
    assert isinstance(moved, Moved)
    return moved.ticket


@pytest.mark.parametrize(
    ("holds", "step", "reason"),
    [
        (True, "resolved", "the partner confirmed the fix"),
        (False, "in_progress", "the partner says the fix does not hold"),
    ],
)
def test_the_partners_word_on_a_fix(holds: bool, step: str, reason: str) -> None:
    plan = page_acts.fix(confirming(), "CP-7", "It works.", act(), holds=holds)
    assert told(plan) == [("case_moved", ANNA, reason, {"case": "CP-7", "step": step})]
    assert letters(plan) == [("case_update", (BO,)), ("page_act", ("leads@staff.example",))]
    none = No("no_case", "no case of that number waits for a word on its fix")
    assert page_acts.fix(confirming(), "CP-8", "", act(), holds=holds) == none
    assert page_acts.fix(only(plan), "CP-7", "", act(), holds=holds) == none


NEW = Person(CY, "Cy Oak", failed=True)


def test_a_colleague_joins_as_one_who_gets_letters() -> None:
    before = received()
    plan = page_acts.add_person(before, NEW, OAK, act())
    assert told(plan) == [("people_changed", ANNA, f"{CY} joined", {"added": CY, "name": "Cy Oak"})]
    assert only(plan).people == (*PEOPLE, Person(CY, "Cy Oak", role="cc")) and only(plan).updated_at == MONDAY
    assert isinstance(plan, Plan) and plan.changes[0].dues
    reader = replace(PEOPLE[1], role="reader", failed=True, since=MONDAY)
    again = page_acts.add_person(received(people=(PEOPLE[0], reader)), Person(BO), OAK, act(CY, admin=True))
    assert only(again).people == (PEOPLE[0], replace(reader, role="cc", failed=False))


MANY = (*PEOPLE, *(Person(f"p{n}@oakbridge.example", role="cc") for n in range(MOST_PEOPLE - 2)))


@pytest.mark.parametrize(
    ("fields", "person", "partner", "by", "no"),
    [
        ({}, NEW, OAK, act(BO), No("not_yours", "only who opened it, or an admin, adds people")),
        ({}, NEW, None, act(), No("not_a_colleague", f"{CY} is nobody of Oakbridge")),
        (
            {},
            NEW,
            replace(OAK, domain="elm.example"),
            act(),
            No("not_a_colleague", f"{CY} is nobody of Oakbridge"),
        ),
        ({}, NEW, None, act(partner=None), No("not_a_colleague", f"{CY} is nobody of them")),
        ({}, Person(BO), OAK, act(), No("already", f"{BO} is on it")),
        ({}, Person(ANNA), OAK, act(), No("already", f"{ANNA} is on it")),
        ({"people": MANY}, NEW, OAK, act(), No("too_many", f"more than {MOST_PEOPLE} people")),
    ],
)
def test_why_nobody_joins(fields: Any, person: Person, partner: Any, by: Act, no: No) -> None:
    assert page_acts.add_person(received(**fields), person, partner, by) == no
    assert isinstance(page_acts.add_person(received(people=MANY[:-1]), NEW, OAK, act()), Plan)


@pytest.mark.parametrize(
    ("fields", "address", "by", "no"),
    [
        ({}, CY, act(), No("already", f"{CY} is not on it")),
        ({"people": (*PEOPLE, Person(CY, role="other"))}, CY, act(), No("already", f"{CY} is not on it")),
        ({}, ANNA, act(), No("needed", "who opened it stays")),
        ({"people": (*PEOPLE, Person(CY, role="cc"))}, BO, act(CY), No("not_yours", "only who opened it, or an admin, removes others")),
        ({"people": (replace(PEOPLE[0], failed=True), PEOPLE[1])}, BO, act(), No("needed", "nobody would be left whom letters reach")),
    ],
)  # fmt: skip
def test_why_nobody_leaves(fields: Any, address: str, by: Act, no: No) -> None:
    assert page_acts.remove_person(received(**fields), address, by) == no


@pytest.mark.parametrize("by", [act(), act(BO), act(CY, admin=True)])
def test_who_leaves_is_told_by_name(by: Act) -> None:
    plan = page_acts.remove_person(received(), BO, by)
    assert told(plan) == [("people_changed", by.address, f"{BO} left", {"removed": BO, "name": "Bo Lind"})]
    assert only(plan).people == PEOPLE[:1]


@pytest.mark.parametrize(
    ("address", "on", "people"),
    [
        (BO, False, (PEOPLE[0], replace(PEOPLE[1], role="reader"))),
        (CY, True, (*PEOPLE, Person(CY, "Anna Holm", role="cc"))),
        (CY, False, None),
        (BO, True, None),
        (ANNA, True, None),
    ],
)
def test_letters_come_to_who_follows_it(address: str, on: bool, people: Any) -> None:
    plan = page_acts.follow(received(), act(address), on=on)
    if people is None:
        assert plan == No("already", "it is so already")
        return
    assert told(plan) == [("followed", address, "follows it" if on else "follows it no more", {"on": on})]
    assert only(plan).people == people


def test_the_last_whom_letters_reach_follows_on_and_nobody_joins_a_crowd() -> None:
    alone = received(people=PEOPLE[:1])
    assert page_acts.follow(alone, act(), on=False) == No("needed", "nobody would be left whom letters reach")
    unverified = received(people=PEOPLE[:1], trusted=False)
    assert isinstance(page_acts.follow(unverified, act(), on=False), Plan)
    assert page_acts.follow(received(people=MANY), act(CY), on=True) == No(
        "too_many", f"more than {MOST_PEOPLE} people"
    )
    assert isinstance(page_acts.follow(received(people=MANY[:-1]), act(CY), on=True), Plan)
    back = received(people=(PEOPLE[0], replace(PEOPLE[1], role="reader", failed=True)))
    assert only(page_acts.follow(back, act(BO), on=True)).people == PEOPLE


@pytest.mark.parametrize(("on", "what"), [(True, "kept from"), (False, "shown to")])
def test_its_opener_keeps_it_private_and_shows_it_again(on: bool, what: str) -> None:
    before = received(private=not on)
    plan = page_acts.keep_private(before, act(), on=on)
    assert told(plan) == [("kept_private", ANNA, f"{what} the organisation's admin", {"on": on})]
    assert changed(before, only(plan)) == {"private": on} and plan.changes[0].dues is None  # type: ignore[union-attr]
    assert page_acts.keep_private(before, act(BO), on=on) == No(
        "not_yours", "only who opened it keeps it private"
    )
    assert page_acts.keep_private(only(plan), act(), on=on) == No("already", "it is so already")


@pytest.mark.parametrize(("on", "what"), [(True, "may"), (False, "may not")])
def test_consent_is_each_ones_own_last_word(on: bool, what: str) -> None:
    before = t(after(1, H.CONSENTED, ANNA, on=not on), after(2, H.CONSENTED, BO, on=on))
    plan = page_acts.consent(before, act(), on=on)
    assert told(plan) == [("consented", ANNA, f"support {what} sign in to the account", {"on": on})]
    assert page_acts.consents(only(plan)) == {ANNA: (on, NOW), BO: (on, MONDAY + hours(2))}
    assert page_acts.consent(only(plan), act(), on=on) == No("already", "it is so already")
    assert page_acts.consent(t(), act(), on=False) == No("already", "it is so already")


def test_of_a_long_reason_a_thousand_characters_are_kept() -> None:
    plan = page_acts.reopen(t(**RESOLVED), "x" * 999 + "yz", act())
    assert told(plan)[0][2] == "x" * 999 + "y"


QUIET: dict[str, Callable[[Ticket], Any]] = {
    "follow": lambda one: page_acts.follow(one, act(BO), on=False),
    "consent": lambda one: page_acts.consent(one, act(), on=True),
}


@pytest.mark.parametrize("what", QUIET)
def test_what_moves_nothing_leaves_the_clocks_and_the_time_it_was_touched(what: str) -> None:
    plan = QUIET[what](received())
    assert only(plan).updated_at == MONDAY and letters(plan) == [] and plan.ordered
