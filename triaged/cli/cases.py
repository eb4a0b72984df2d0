"""`triaged cases`: engineering cases of tickets and their timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from triaged.cli import context, output

F = TypeVar("F", bound=Callable[..., Any])
STEPS = ("submitted", "in_review", "in_progress", "confirming_fix", "resolved")


def _telling(command: F) -> F:
    """The options of a step: its reason, the partner's report, the expected date."""
    for option in (
        click.option(
            "--expected", type=click.DateTime(["%Y-%m-%d"]), help="Expected date; told as no promise."
        ),
        click.option("--tell", "--report", "report", default="", help="What the partner is told about it."),
        click.option("--reason", default="", help="For the story."),
    ):
        command = option(command)
    return command


@click.group("cases")
def command() -> None:
    """Engineering cases (CP-…): raised when a ticket goes to engineering."""


@command.command("list")
@click.argument("reference")
@output.json_option
def list_(reference: str, as_json: bool) -> None:
    """The cases of a ticket."""
    from dataclasses import asdict

    from triaged.tickets.cases import cases
    from triaged.tickets.event_data import CaseMoved
    from triaged.tickets.ticket import Happening

    with context.store() as store:
        ticket = context.ticket(store, reference)
    found = cases(ticket)
    told = (CaseMoved.of(e) for e in ticket.events if e.kind is Happening.CASE_MOVED)
    reports = {one.case: one.report for one in told if one.report}
    lines = ((c.id, c.step, output.when(c.since), c.expected, reports.get(c.id)) for c in found)
    output.rows(
        ("case", "step", "since", "expected", "reported"), lines, as_json=as_json, objects=map(asdict, found)
    )


@command.command("raise")
@click.argument("reference")
@_telling
def raise_(reference: str, reason: str, report: str, expected: datetime | None) -> None:
    """Raise a case for ticket REFERENCE under the next number. The partner is told."""
    with context.store() as store:
        day = expected.date() if expected else None
        ticket, case = context.by_hand(store).raise_case(
            context.ticket(store, reference), reason, day, report
        )
    output.say(f"{case} of {ticket.reference} is submitted")


@command.command()
@click.argument("reference")
@click.argument("case")
@click.argument("step", type=click.Choice(STEPS))
@_telling
def move(reference: str, case: str, step: str, reason: str, report: str, expected: datetime | None) -> None:
    """Put CASE of ticket REFERENCE on its next step; an id not known yet is raised. The partner is told."""
    case = case.upper()
    with context.store() as store:
        day = expected.date() if expected else None
        before = context.ticket(store, reference)
        ticket = context.by_hand(store).move_case(before, case, step, reason, day, report)
    output.say(f"{case} of {ticket.reference} is {step.replace('_', ' ')}")
