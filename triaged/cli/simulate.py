"""`triaged simulate`: a synthetic month on the real store and the real walk, with a moved clock."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import output
from triaged.edge import private, sheets
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.simulation.month import Month, Outage
    from triaged.simulation.summary import Summary


@click.command("simulate")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 400))
@click.option("--mail-per-day", default=500.0, show_default=True, type=click.FloatRange(1, 20_000))
@click.option("--seed", default=0, show_default=True, help="The same seed, the same month.")
@click.option(
    "--from",
    "begin",
    default="2028-02-27",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day. The default month has a leap day and two clock changes.",
)
@click.option(
    "--outage",
    "outages",
    multiple=True,
    metavar="WHAT:DAY:LENGTH",
    help="`daemon` or `smtp` is away from a day's noon on, for a span: daemon:9:3d. May be repeated.",
)
@click.option("--database", help="Instead of SQLite in a temporary folder; should be empty.")
@click.option(
    "--letters", type=click.Path(dir_okay=False, path_type=Path), help="Write every letter that left, as CSV."
)
@click.option("--step", default="5m", show_default=True, help="How often the simulated daemon looks.")
@click.option("--without-model", is_flag=True, help="Let rules alone judge: quicker.")
@output.json_option
def command(
    days: int,
    mail_per_day: float,
    seed: int,
    begin: datetime,
    outages: tuple[str, ...],
    database: str | None,
    letters: Path | None,
    step: str,
    without_model: bool,
    as_json: bool,
) -> None:
    """Live through a synthetic month, print what was sent when, and check that every promise was kept or told."""
    from triaged.config import shipped
    from triaged.learning import places
    from triaged.simulation import invariants
    from triaged.simulation.month import Course, Month
    from triaged.simulation.summary import sum_up

    if not 1970 <= begin.year <= 9000:
        raise click.BadParameter(f"--from {begin:%Y-%m-%d}: write a year from 1970 to 9000")
    start = begin.replace(tzinfo=UTC)
    model = None if without_model else places.current(shipped.models())
    course = Course(
        begin=start,
        days=days,
        mail_per_day=mail_per_day,
        seed=seed,
        outages=[_outage(text, start) for text in outages],
        step=_step(step),
    )
    with _folder() as folder, _quiet():
        month = Month(folder, course, model=model, database=database)
        try:
            began = time.monotonic()
            month.run(_progress(days))
            seconds = time.monotonic() - began
            summary, breaches = sum_up(month), invariants.broken(month)
            if letters:
                _write_letters(letters, month)
        finally:
            month.close()
    if as_json:
        output.say(output.json_line(_as_object(summary, breaches)))
    else:
        _tell(summary)
        mails = sum(count for _, count in summary.mails)
        output.say(f"\n{mails} mails in {seconds:.0f} s: {mails / max(seconds, 0.001):.0f} a second")
    if breaches:
        raise Faulty(*breaches)
    if not as_json:
        output.say("every invariant holds")


def _outage(text: str, begin: datetime) -> Outage:
    """`daemon:9:3d`. Raises click.BadParameter."""
    from triaged.simulation.month import Outage
    from triaged.spec.durations import parse

    what, _, rest = text.partition(":")
    day, _, length = rest.partition(":")
    try:
        if what not in ("daemon", "smtp"):
            raise ValueError(f"{what!r} is neither daemon nor smtp")
        at = begin + timedelta(days=int(day) - 1, hours=12)
        return Outage("daemon" if what == "daemon" else "smtp", at, at + parse(length))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{text!r}: write WHAT:DAY:LENGTH like daemon:9:3d ({error})") from None


def _step(text: str) -> timedelta:
    from triaged.spec.durations import parse

    try:
        return max(parse(text), timedelta(minutes=1))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder, in memory where there is such a place: nothing of a simulation need survive."""
    import tempfile

    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="triaged-simulation-", dir=memory if memory.is_dir() else None
    ) as one:
        yield Path(one)


@contextmanager
def _quiet() -> Iterator[None]:
    import logging

    log = logging.getLogger("triaged")
    before, log.level = log.level, logging.CRITICAL
    try:
        yield
    finally:
        log.setLevel(before)


def _progress(days: int) -> Any:
    """A line that counts the days, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda _day: None
    return lambda day: click.echo(f"\r{day:%Y-%m-%d} of {days} days", nl=False, err=True)


def _write_letters(path: Path, month: Month) -> None:
    import csv

    rows = {row.message_id: row for row in month.house.store.letters(limit=10**9)}
    with os.fdopen(private.opened(path, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("left", "kind", "key", "ticket", "to", "subject"))
        for one in month.postman.delivered:
            row = rows[one.message_id]
            ticket = f"PS-{row.ticket_id}" if row.ticket_id else ""
            cells = (output.plain(one.at), row.kind, row.key, ticket, " ".join(one.to), one.subject)
            out.writerow(map(sheets.cell, cells))


def _tell(summary: Summary) -> None:
    from triaged.simulation.summary import COLUMNS

    _table("mails by fate", ("fate", "mails"), summary.mails)
    lines = ((who, kind, sum(counts), *counts) for who, kind, counts in summary.letters)
    _table("letters that left, by the hour where they went", ("to", "kind", "all", *COLUMNS), lines)
    _table("letters that did not leave", ("kind", "state", "letters"), summary.outbox)
    _table("tickets", ("state", "severity", "tickets"), summary.tickets)
    kept = (
        (group.by, group.name, k.kind, k.in_time, k.missed, k.open)
        for group in summary.promises
        for k in group.kept
        if k.in_time or k.missed or k.open
    )
    _table("promises", ("by", "name", "promise", "in time", "missed", "open"), kept)


def _table(title: str, head: tuple[str, ...], lines: Iterable[tuple[Any, ...]]) -> None:
    output.say(f"\n{title}", bold=True)
    output.rows(head, lines, as_json=False, objects=())


def _as_object(summary: Summary, breaches: list[str]) -> dict[str, Any]:
    from triaged.promises import reports

    return {
        "mails": dict(summary.mails),
        "letters": [{"audience": w, "kind": k, "by_hours": list(c)} for w, k, c in summary.letters],
        "not_sent": [{"kind": k, "state": s, "letters": n} for k, s, n in summary.outbox],
        "tickets": [{"state": s, "severity": v, "tickets": n} for s, v, n in summary.tickets],
        "promises": [reports.as_row(group) for group in summary.promises],
        "breaches": breaches,
    }
