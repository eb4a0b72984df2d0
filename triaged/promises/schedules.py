"""When reminders fall: the rulebook's spans laid out from a start, never in a burst. PURE.

A reminder that left late (the daemon was down) pushes the next one: the gap that the rulebook puts
between two of them always lies between them (failure F17).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from triaged.promises.service_levels import Promises
from triaged.promises.spans import Span


@dataclass(frozen=True, slots=True)
class Slot:
    """One step of a schedule; `late` moves it from `nominal`."""

    name: str
    nominal: datetime
    at: datetime
    last: bool


def lay_out(
    start: datetime,
    reminders: Sequence[Span],
    end: tuple[str, Span | None],
    done: dict[str, datetime],
    promises: Promises,
    region: str,
    now: datetime,
) -> Iterator[Slot]:
    """Every step still to come: `remind-1`, `remind-2`, …, then `end[0]` if the rulebook wants an end.

    `done`: steps taken, and when. A step that is overdue at `now` counts as taken now for those after it.
    Counted from when people are at work, else two business days from a Saturday would come before
    twelve business hours.
    """
    calendar_name = promises.schedules.calendar
    calendar = promises.calendar(calendar_name, region)
    start = calendar.next_open(start)
    steps = [(f"remind-{n}", span) for n, span in enumerate(reminders, 1)]
    steps += [(end[0], end[1])] if end[1] is not None else []
    nominal_before = taken_before = start
    for name, span in steps:
        nominal = max(nominal_before, promises.after(span, calendar_name, region, start))
        gap = calendar.between(nominal_before, nominal)
        at = max(nominal, calendar.add(taken_before, gap)) if taken_before > nominal_before else nominal
        nominal_before = nominal
        taken_before = done.get(name, max(at, now))
        if name not in done:
            yield Slot(name, nominal, at, last=name == f"remind-{len(reminders)}")
