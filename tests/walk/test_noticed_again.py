"""Mails that are walked again, tickets that are divided, accounts that are named: what comes of it, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.meetings.test_moves import NOW as THEN
from tests.simulation.scene import Scene
from tests.walk.test_by_page import asked, now
from tests.walk.test_noticed_orders import saved
from tests.walk.test_noticed_plans import ANNA, BO, order, t
from tests.walk.test_noticed_session_plans import accepted, begun, held, offered
from tests.walk.test_whole_mails import letters, of_cy, row, story
from tests.walk.test_whole_stories import account_of_another
from triaged.store.rows import LedgerMail
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Happening, Person, State, Ticket
from triaged.vocabulary import Severity
from triaged.walk import triage
from triaged.walk.plan import Plan
from triaged.walk.plans import orders

H = Happening


def again(scene: Scene, mail: LedgerMail) -> LedgerMail:
    """A mail walked once more."""
    assert scene.store.replay([mail.id], scene.month.now) == 1
    triage.triage_batch(scene.month.house, scene.month.now)
    found = scene.store.mail(mail.id)
    assert found is not None
    return found


def test_what_staff_wrote_is_counted_once_however_often_it_is_walked(scene: Scene) -> None:
    ticket = asked(scene)
    mail = of_cy(scene, ticket, [scene.ann.address])
    before, sent = now(scene, ticket), letters(scene, ticket)
    assert row(again(scene, mail)) == ("ticket", "staff", "walked again", ticket.id)
    assert (now(scene, ticket), letters(scene, ticket)) == (before, sent)


def test_a_request_walked_again_is_judged_anew_and_nobody_has_answered(scene: Scene) -> None:
    mail = scene.asks()
    ticket = scene.ticket(mail)
    wrong = saved(scene, ticket, severity=Severity.S4, service=None, account_key=None, severity_because="x")
    sent = letters(scene, ticket)
    assert row(again(scene, mail)) == ("ticket", "request", "walked again", ticket.id)
    after = now(scene, ticket)
    names = "severity", "content_severity", "service", "state", "people", "account_key", "reviews"
    assert {one: getattr(after, one) for one in names} == {one: getattr(ticket, one) for one in names}
    assert [one[:3] for one in story(scene, wrong)] == [("judged", "daemon", after.severity_because)]
    assert after.events[-1].data == next(e.data for e in ticket.events if e.kind is H.JUDGED)
    assert letters(scene, ticket) == sent


def test_an_s1_that_comes_of_walking_again_is_told_to_staff_once(scene: Scene) -> None:
    body = "Our whole company is down: nobody of 400 users can log in to Zoho CRM, all of us are locked out."
    mail = scene.writes(body, "URGENT: Zoho CRM down for everybody")
    ticket = scene.ticket(mail)
    assert ticket.severity is Severity.S1
    paged = [("new_s1", f"new-s1@{n}", tuple(scene.month.config.staff.alert)) for n in (1, 2)]
    for severity, told in ((Severity.S1, paged[:1]), (Severity.S3, paged)):
        saved(scene, ticket, severity=severity)
        again(scene, mail)
        assert now(scene, ticket).severity is Severity.S1
        assert [one for one in letters(scene, ticket) if one[0] == "new_s1"] == told


GRAVE = "All our records are gone."
MILD = "One report in Zoho CRM is slow."


@pytest.mark.parametrize(("passage", "grave"), [(MILD, False), (GRAVE, True), ("", True)])
def test_of_what_is_split_off_rules_see_the_passage_alone(scene: Scene, passage: str, grave: bool) -> None:
    ticket = scene.ticket(scene.writes(f"{MILD}\n\n{GRAVE}\n"))
    assert "data-loss-words" in ticket.tags
    new = scene.desk().split(ticket, "Other", "two matters", None, passage)
    assert ("data-loss-words" in new.tags) is grave
    assert new.content_severity == ticket.content_severity


def test_naming_the_account_settles_what_was_asked_about_it_and_nothing_else(scene: Scene) -> None:
    ticket = asked(scene)
    other = account_of_another(scene, ticket)
    asks = (
        "conflicting identifiers: ZOID and ZUID",
        "another partner's account: x",
        "an answer to our question: x",
        "odd",
    )
    saved(scene, ticket, reviews=asks)
    after = scene.desk().name_account(now(scene, ticket), other, "he said so")
    assert (after.reviews, after.account_key) == (("odd",), other.key)


@pytest.mark.parametrize(
    ("people", "reached"),
    [
        ((Person(ANNA),), True),
        ((Person(ANNA, failed=True), Person(BO, role="cc")), True),
        ((Person(ANNA, failed=True), Person(BO, role="reader")), False),
    ],
)
def test_how_it_stands_is_an_answer_where_anybody_is_reached(
    people: tuple[Person, ...], reached: bool
) -> None:
    plan = orders.progress(t(people=people), order("We are testing."))
    assert isinstance(plan, Plan)
    told = plan.changes[0]
    assert [e.kind for e in told.events] == [H.STAFF_ANSWERED if reached else H.STAFF_NOTED]
    assert len(told.letters) == reached


@pytest.mark.parametrize(
    ("with_session", "stands"), [(offered, True), (accepted, True), (begun, True), (held, False)]
)
def test_a_ticket_goes_into_no_other_while_its_session_stands(with_session: Any, stands: bool) -> None:
    into: Ticket = t(id=77, reference="PS-1077", state=State.OPEN)
    plan = orders.merge(with_session(), into, order(now=THEN))
    assert isinstance(plan, Refused) is stands
    if isinstance(plan, Refused):
        assert plan.reason.endswith(": cancel it first, or merge the other way")
    other_way = orders.merge(into, replace(with_session(), trusted=True), order(now=THEN))
    assert isinstance(other_way, Plan)
