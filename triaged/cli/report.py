"""`triaged report`: how the promises were kept, by policy, severity, partner and mailbox."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.edge import harmless, sheets
from triaged.promises.commitments import REPORTED

if TYPE_CHECKING:
    from triaged.promises.reports import Breach, Group

TITLE = ("by", "name", "tickets", "promise", "in time", "missed", "open", "kept", "median", "90 %", "rated")


@click.command("report")
@click.option("--since", default="30d", show_default=True, help="Tickets created since: 30d, or a date.")
@output.json_option
@click.option("--csv", "as_csv", is_flag=True, help="One line a group, with a header.")
@click.option(
    "--chart",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a chart there (SVG): kept in time.",
)
@click.option(
    "--promise",
    default="first_response",
    show_default=True,
    type=click.Choice(REPORTED),
    help="What the chart shows.",
)
@click.option(
    "--by",
    default="severity",
    show_default=True,
    type=click.Choice(["policy", "severity", "partner", "mailbox"]),
    help="Its bars.",
)
@click.option("--breaches/--no-breaches", default=True, help="List what was missed, and why.")
def command(
    since: str, as_json: bool, as_csv: bool, chart: Path | None, promise: str, by: str, breaches: bool
) -> None:
    """Promises kept and missed; how long people waited, on the wall; how content they were."""
    from triaged.promises import reports

    if as_json and as_csv:
        raise click.UsageError("--json or --csv, not both")
    if chart and chart.suffix.lower() != ".svg":
        raise click.BadParameter(f"{chart}: charts are written as SVG; name a file that ends in .svg")
    rulebook = context.knowledge().rulebook
    with context.store() as store:
        groups = reports.report(store.reported(context.since(since)), rulebook.promises, context.now())
    if chart:
        chart.write_text(reports.as_svg(groups, promise, by), "utf-8")
    if as_csv:
        _as_csv(groups)
        return
    objects = ({**reports.as_row(g), "breaches": [_breach(b) for b in g.breaches]} for g in groups)
    output.rows(TITLE, _lines(groups), as_json=as_json, objects=objects)
    if breaches and not as_json:
        _tell_breaches(groups)


def _as_csv(groups: Sequence[Group]) -> None:
    from triaged.promises import reports

    rows = [reports.as_row(group) for group in groups]
    out = csv.DictWriter(
        sys.stdout, list(rows[0]) if rows else ["by", "name", "tickets"], lineterminator="\n"
    )
    out.writeheader()
    out.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    """No spreadsheet may take a partner's name for a formula, no terminal for an order."""
    told = sheets.cell(value)
    return harmless.escaped(told) if isinstance(told, str) else told


def _lines(groups: Sequence[Group]) -> Iterator[tuple[Any, ...]]:
    for group in groups:
        for kept in group.kept:
            if not (kept.in_time or kept.missed or kept.open):
                continue
            share = None if kept.share is None else f"{kept.share:.0%}"
            rated = f"{group.satisfaction} ({group.ratings})" if group.ratings else None
            yield (
                group.by,
                group.name,
                group.tickets,
                kept.kind,
                kept.in_time,
                kept.missed,
                kept.open,
                share,
                _span(kept.p50),
                _span(kept.p90),
                rated,
            )


def _span(span: timedelta | None) -> str | None:
    """To the minute: seconds tell nobody anything."""
    from triaged.spec import durations

    return None if span is None else durations.show(timedelta(minutes=round(span / timedelta(minutes=1))))


def _breach(breach: Breach) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(breach)


def _tell_breaches(groups: Sequence[Group]) -> None:
    """Each breach once, though its ticket stands in four groups."""
    missed = [b for group in groups if group.by == "mailbox" for b in group.breaches]
    if not missed:
        return
    output.say("\nmissed", bold=True)
    lines = (
        (b.reference, b.kind, output.when(b.due), "beyond the limit" if b.beyond_limit else "", b.why)
        for b in missed
    )
    output.rows(("ref", "promise", "was due", "", "why"), lines, as_json=False)
