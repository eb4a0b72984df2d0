"""What comes of a step whose time has passed, whole: an S1 whose acknowledgment reaches nobody, a ticket planned anew, a morning's digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.tickets.world import DESK, at, event, ticket, writer
from triaged.followups import due, steps
from triaged.tickets.ticket import Due, Event, Happening, State, Ticket
from triaged.walk.plan import Plan, StepTaken
from triaged.walk.plans import due_steps
from triaged.walk.plans.due_steps import STALE

NOW = at("2026-11-20 09:30")
REASON = "the acknowledgment of this S1 reaches nobody: tell the partner by telephone that we are at it"
UNDELIVERED = Due(42, steps.PLAN, "undelivered@7", NOW, id=9)
GRAVE = ticket(NOW, severity="S1")


def refused(kind: Happening, why: str) -> Event:
    return Event(NOW, kind, "daemon", why, {"kind": "acknowledgment", "key": "acknowledgment"})


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ((), ""),
        ((refused(Happening.LETTER_FAILED, "550 no such user"),), "550 no such user"),
        (
            (refused(Happening.LETTER_FAILED, "550"), refused(Happening.LETTER_WITHDRAWN, "more than 4 letters"),
             event(NOW, Happening.STAFF_NOTED)),
            "more than 4 letters",
        ),
    ],
)  # fmt: skip
def test_who_waits_for_an_s1_and_is_not_even_acknowledged_is_staffs_to_reach(
    events: tuple[Event, ...], last: str
) -> None:
    before = ticket(NOW, *events, severity="S1", reviews=("odd",))
    plan = due_steps.planned_anew(UNDELIVERED, before, writer(NOW))
    (change,) = plan.changes
    assert plan.step == StepTaken(9, "review asked") and change.before == before
    assert change.after.reviews == ("odd", REASON)
    told = change.after.events[-1]
    assert (told.at, told.kind, told.actor, told.reason, told.data) == (
        *(NOW, Happening.REVIEW_ASKED, "daemon", REASON),
        {"review": REASON},
    )
    (letter,) = change.letters
    assert (letter.kind, letter.key, letter.to) == ("review", "review@1", DESK.alert)
    assert f"- {REASON}" in letter.body and ("the last word was: " in letter.body) is bool(last)
    assert last in letter.body


@pytest.mark.parametrize(
    ("step", "of"),
    [
        (UNDELIVERED, replace(GRAVE, reviews=(REASON,))),
        (UNDELIVERED, ticket(NOW, severity="S2")),
        (UNDELIVERED, replace(GRAVE, state=State.RESOLVED)),
        (UNDELIVERED, replace(GRAVE, state=State.CLOSED)),
        (replace(UNDELIVERED, step="sent@7"), GRAVE),
        (replace(UNDELIVERED, step="what nobody knows"), GRAVE),
    ],
)
def test_else_a_ticket_is_planned_anew_and_nobody_told(step: Due, of: Ticket) -> None:
    plan = due_steps.planned_anew(step, of, writer(NOW))
    (change,) = plan.changes
    assert plan.step == StepTaken(9, "planned anew")
    assert (change.before, change.letters) == (of, ())
    assert (change.after.events, change.after.reviews) == (of.events, of.reviews)
    assert change.dues == due.plan(of, writer(NOW).promises, NOW)


def test_a_step_whose_ticket_is_gone_is_over() -> None:
    assert due_steps.of_no_ticket(UNDELIVERED) == Plan(step=StepTaken(9, "no such ticket"))


MORNING = Due(None, steps.DIGEST, "2026-11-20", NOW, "global", id=9)


@pytest.mark.parametrize(("late", "outcome"), [(STALE, "taken"), (STALE + timedelta(seconds=1), "stale")])
def test_a_mornings_digest_is_sent_within_half_a_day_and_the_next_is_planned(
    late: timedelta, outcome: str
) -> None:
    now = NOW + late
    plan = due_steps.digest(MORNING, [GRAVE], writer(now))
    assert [one.kind for one in plan.letters] == (["digest"] if outcome == "taken" else [])
    assert (plan.dues, plan.step) == ((due.next_digest(writer(now)),), StepTaken(9, outcome))
    assert due_steps.of_no_mailbox(MORNING, now) == Plan(step=StepTaken(9, outcome))


def test_a_step_of_a_ticket_is_taken_moved_or_withdrawn() -> None:
    closing = ticket(NOW, event(NOW, Happening.RESOLVED), state=State.RESOLVED, resolved_at=NOW)
    (step,) = (one for one in due.plan(closing, writer(NOW).promises, NOW) if one.kind == steps.CLOSE)
    step = replace(step, id=9)
    later = writer(step.due_at)
    plan = due_steps.taken(step, closing, later)
    assert plan.step == StepTaken(9, "taken") and plan.changes[0].after.state is State.CLOSED
    early: Any = due_steps.taken(step, closing, writer(NOW))
    assert early.step is None or early.step.outcome != "taken"
    gone = due_steps.taken(step, replace(closing, state=State.OPEN, resolved_at=None), later)
    assert gone.step is not None and gone.step.outcome != "taken" and gone.changes[0].letters == ()
