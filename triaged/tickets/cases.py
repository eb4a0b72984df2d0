"""Engineering cases: a ticket's way through engineering, told as events of the ticket. PURE.

A case (`CP-…`) goes submitted, in review, engineering in progress, confirming the fix, resolved; from
confirming it may fall back into progress, when the partner says the fix does not hold. Its expected
date is shown as no promise.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from triaged.frozen import frozen
from triaged.tickets.event_data import CaseMoved
from triaged.tickets.states import Moved, Refused, move
from triaged.tickets.ticket import Event, Happening, Ticket

_ID = re.compile(r"CP-[0-9]{1,12}")


class CaseStep(StrEnum):
    """The timeline; a step may be left out going forward."""

    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_PROGRESS = "in_progress"  # engineering in progress
    CONFIRMING = "confirming_fix"  # needs the partner's word
    RESOLVED = "resolved"


ORDER = tuple(CaseStep)


@frozen
class Case:
    """A case as it stands. `moves` counts its steps so far, so that every one is distinct."""

    id: str
    step: CaseStep
    since: datetime
    expected: date | None
    moves: int
    note: str = ""


def cases(ticket: Ticket) -> tuple[Case, ...]:
    """The cases of a ticket, in the order they were raised."""
    found: dict[str, Case] = {}
    for event in ticket.events:
        told = CaseMoved.of(event) if event.kind is Happening.CASE_MOVED else None
        if told and told.case:
            found[told.case] = _after(found.get(told.case), told, event.at)
    return tuple(found.values())


def move_case(
    ticket: Ticket,
    case_id: str,
    step: CaseStep,
    at: datetime,
    actor: str,
    reason: str,
    *,
    expected: date | None = None,
    report: str = "",
) -> Moved | Refused:
    """The case on its next step. `report` is what the partner may read about it."""
    if not _ID.fullmatch(case_id):
        return Refused(f"{case_id!r} is not a case id; write one like CP-204")
    known = {case.id: case for case in cases(ticket)}.get(case_id)
    redated = known is not None and step is known.step and expected not in (None, known.expected)
    if known is not None and not redated and not _may_follow(known.step, step):
        return Refused(f"{case_id} is {known.step}: it cannot become {step}")
    told = CaseMoved(case_id, str(step), expected or (known.expected if known else None), report)
    moved = move(ticket, Happening.CASE_MOVED, at, actor, reason, told.stored())
    if isinstance(moved, Refused):
        return moved
    under_way = any(case.step is not CaseStep.RESOLVED for case in cases(moved.ticket))
    return Moved(replace(moved.ticket, engineering=under_way), moved.events)


def confirmed(ticket: Ticket, at: datetime, actor: str) -> Moved | None:
    """The cases whose fix the partner just confirmed with thanks, resolved; None where none waits for his word."""
    events: tuple[Event, ...] = ()
    for case in cases(ticket):
        if case.step is CaseStep.CONFIRMING:
            moved = move_case(ticket, case.id, CaseStep.RESOLVED, at, actor, "the partner confirmed the fix")
            if isinstance(moved, Moved):
                ticket, events = moved.ticket, (*events, *moved.events)
    return Moved(ticket, events) if events else None


def _may_follow(now: CaseStep, then: CaseStep) -> bool:
    if then is CaseStep.IN_PROGRESS and now is CaseStep.CONFIRMING:
        return True  # the fix did not hold
    return ORDER.index(then) > ORDER.index(now)


def _after(before: Case | None, told: CaseMoved, at: datetime) -> Case:
    """A step that is none of the timeline, as another version may know it, leaves the case where it stood."""
    stood = before.step if before else CaseStep.SUBMITTED
    step = next((one for one in CaseStep if one == told.step), stood)
    return Case(told.case, step, at, told.expected, (before.moves if before else 0) + 1, told.report)
