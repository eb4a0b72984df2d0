"""`triaged cases`: engineering cases of tickets and their timeline."""

from __future__ import annotations

from datetime import datetime

import click

from triaged.cli import opening, show

STEPS = ("submitted", "in_review", "in_progress", "confirming_fix", "resolved")


@click.group("cases")
def command() -> None:
    """Engineering cases (CP-…): raised when a ticket goes to engineering."""


@command.command("list")
@click.argument("reference")
@show.json_option
def list_(reference: str, as_json: bool) -> None:
    """The cases of a ticket."""
    from dataclasses import asdict

    from triaged.tickets.cases import cases

    with opening.store() as store:
        ticket = opening.ticket(store, reference)
    found = cases(ticket)
    reports = {
        str(e.data["case"]): e.data["report"]
        for e in ticket.events
        if e.data.get("report") and "case" in e.data
    }
    lines = ((c.id, c.step, show.when(c.since), c.expected, reports.get(c.id)) for c in found)
    show.rows(
        ("case", "step", "since", "expected", "reported"), lines, as_json=as_json, objects=map(asdict, found)
    )


@command.command("raise")
@click.argument("reference")
@click.option("--reason", default="", help="For the story.")
@click.option("--report", default="", help="What the partner reads about it.")
@click.option("--expected", type=click.DateTime(["%Y-%m-%d"]), help="Expected date; told as no promise.")
def raise_(reference: str, reason: str, report: str, expected: datetime | None) -> None:
    """Raise a case for ticket REFERENCE under the next number. The partner is told."""
    from triaged.casework import Casework

    with opening.store() as store:
        work = Casework(store, opening.knowledge(), opening.actor(), opening.now())
        day = expected.date() if expected else None
        ticket, case = work.raise_case(opening.ticket(store, reference), reason, day, report)
    click.echo(f"{case} of {ticket.reference} is submitted")


@command.command()
@click.argument("reference")
@click.argument("case")
@click.argument("step", type=click.Choice(STEPS))
@click.option("--reason", default="", help="For the story.")
@click.option("--report", default="", help="What the partner reads about it.")
@click.option("--expected", type=click.DateTime(["%Y-%m-%d"]), help="Expected date; told as no promise.")
def move(reference: str, case: str, step: str, reason: str, report: str, expected: datetime | None) -> None:
    """Put CASE of ticket REFERENCE on its next step; an id not known yet is raised. The partner is told."""
    from triaged.casework import Casework

    with opening.store() as store:
        work = Casework(store, opening.knowledge(), opening.actor(), opening.now())
        told = reason or f"{case.upper()}: {step.replace('_', ' ')}"
        day = expected.date() if expected else None
        ticket = work.move_case(opening.ticket(store, reference), case.upper(), step, told, day, report)
    click.echo(f"{case.upper()} of {ticket.reference} is {step.replace('_', ' ')}")
