"""When reminders fall: the rulebook's spans laid out from a start, never in a burst. PURE.

A reminder that left late (the daemon was down) pushes the next one: the gap that the rulebook puts
between two of them always lies between them (failure F17).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from triaged.frozen import frozen
from triaged.promises.service_levels import Promises
from triaged.promises.spans import Span

END = 0  # the number of a schedule's last step, which is no reminder


@frozen
class Slot:
    """A reminder of a schedule by its number, from 1, or its END; lateness moves it from `nominal`."""

    number: int
    nominal: datetime
    at: datetime
    last: bool


def lay_out(
    start: datetime,
    reminders: Sequence[Span],
    end: Span | None,
    done: Mapping[int, datetime],
    promises: Promises,
    region: str,
    now: datetime,
) -> Iterator[Slot]:
    """Every step still to come: the reminders, then END if the rulebook wants an end.

    `done`: the numbers of those taken, and when. A step that is overdue at `now` counts as taken now for those after it.
    Counted from when people are at work, else two business days from a Saturday would come before
    twelve business hours.
    """
    calendar_name = promises.schedules.calendar
    calendar = promises.calendar(calendar_name, region)
    start = calendar.next_open(start)
    steps = [*enumerate(reminders, 1), *([(END, end)] if end is not None else [])]
    nominal_before = taken_before = start
    for number, span in steps:
        nominal = max(nominal_before, promises.after(span, calendar_name, region, start))
        gap = calendar.between(nominal_before, nominal)
        at = max(nominal, calendar.add(taken_before, gap)) if taken_before > nominal_before else nominal
        nominal_before = nominal
        taken_before = done.get(number, max(at, now))
        if number not in done:
            yield Slot(number, nominal, at, last=number == len(reminders) != END)
