"""How commands tell: everything they print goes out here, and nothing in it drives a terminal.

Listings are a table on a terminal, plain tab-separated lines in a pipe, JSON lines with `--json`.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import click

from triaged.edge import harmless

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
_AHEAD = timedelta(minutes=1)
NUMBER = click.IntRange(1, 2**63 - 1)  # more no database holds
LIMIT = click.IntRange(1, 2**63 - 2)  # one more is asked for


def write_anywhere() -> None:
    """A terminal or pipe whose encoding lacks a character gets it as JSON writes it, instead of ending the command."""
    harmless.register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors=harmless.AS_JSON)


def say(text: Any = "", *, err: bool = False, nl: bool = True, **style: Any) -> None:
    """Print a line, in a style of click's; what strangers wrote into it stays harmless."""
    # By its own stream: click would write UTF-8 where a terminal takes ASCII only.
    stream = sys.stderr if err else sys.stdout
    click.secho(harmless.on_screen(str(text)), file=stream, nl=nl, **style)


def raw(content: bytes) -> None:
    """Bytes as they are, into a file or a pipe; on a terminal only what is harmless there."""
    if sys.stdout.isatty():
        say(content.decode("utf-8", "replace").replace("\r\n", "\n"), nl=False)
    else:
        sys.stdout.buffer.write(content)


def json_option(command: F) -> F:
    """`--json`: one object per line."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")(command)


def plain(value: Any) -> Any:
    """A value as JSON knows it: times in ISO 8601 UTC, sets sorted, enums by value."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v) for v in value)
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def json_line(value: Any) -> str:
    """One object on one line, text readable as it is but for what would do harm on a terminal."""
    return harmless.as_json(plain(value))


def when(moment: datetime | None) -> str:
    """A time in UTC to the minute; a dash where there is none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else "-"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that tells something: `12s`, `5m`, `3h`, `2d`."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    sign, seconds = ("in ", -seconds) if seconds < 0 else ("", seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size or (unit == "d" and seconds >= size):
            return f"{sign}{int(seconds // size)}{unit}"
    return f"{sign}{int(seconds)}s"


def ago(moment: datetime | None, now: datetime) -> str:
    """`5m ago`; a moment that another machine's clock puts a little ahead of ours is now."""
    if moment is None:
        return "never"
    if moment <= now + _AHEAD:
        return f"{age(min(moment, now), now)} ago"
    return f"{age(now, moment)} ahead of this machine's clock"


def clean(text: str) -> str:
    """Text of strangers made harmless for a terminal: no control characters, one line."""
    return "".join(c if c.isprintable() else " " for c in text)


def first(limit: int, ask: Callable[[int], Sequence[T]]) -> Sequence[T]:
    """The first `limit` of what `ask` finds; where there are more a line beside the listing says so."""
    found = ask(limit + 1)
    if len(found) > limit:
        say(f"cut: only the first {limit} are listed, there are more (--limit)", err=True)
    return found[:limit]


def rows(
    title: Sequence[str],
    lines: Iterable[Sequence[Any]],
    *,
    as_json: bool,
    objects: Iterable[Any] = (),
    on_terminal: Sequence[str] = (),
) -> None:
    """Print a listing: `objects` with --json, else `lines` under `title`.

    `on_terminal`: the columns that a terminal has room for, in order; a pipe gets them all.
    """
    if as_json:
        for thing in objects:
            say(json_line(thing))
        return
    cells = [[clean(str("-" if c is None else c)) for c in line] for line in lines]
    if sys.stdout.isatty():
        shown = [title.index(name) for name in on_terminal or title]
        _table([title[i] for i in shown], [[line[i] for i in shown] for line in cells])
    else:
        for line in cells:
            say("\t".join(line))


def _table(title: Sequence[str], cells: list[list[str]]) -> None:
    """One line a row, cut at the terminal's width; more than a screenful goes through the pager."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in title:
        table.add_column(name, overflow="ellipsis", no_wrap=True, min_width=_NARROWEST.get(name))
    for line in cells:
        table.add_row(*(Text(c, style=_style(name, c)) for name, c in zip(title, line, strict=True)))
    console = Console()
    if len(cells) + 1 < console.height:
        console.print(table)
        return
    os.environ.setdefault("LESS", "-FRX")
    with console.pager(styles=True):
        console.print(table)


_NARROWEST = {"ref": 8, "sev": 3, "id": 2, "state": 8, "promised": 26}
COLOURS = {"S1": "red", "S2": "yellow", "S3": "cyan", "S4": "green"}


def _style(column: str, cell: str) -> str:
    if column == "sev":
        return COLOURS.get(cell[:2], "")
    return "bold red" if column == "promised" and " missed " in cell else ""
