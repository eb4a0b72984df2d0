"""Working time: when people are at work, and how much of it lies between two moments. PURE.

Windows are written as local wall times; each day's ends become UTC before anything is added, so that a
window is as long as the clock on the wall says, also on the day it is changed (F18). All moments are
aware; answers are UTC. Public holidays come from the library `holidays` when a calendar is *built*
(years 2020 to 2045), so that asking it never loads anything.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

YEARS = range(2020, 2046)
FAR = timedelta(days=3660)  # ten years: no calendar that opens at all stays shut so long
_DAY = timedelta(days=1)
_ONE = timedelta(microseconds=1)

Stretch = tuple[int, int]  # minutes of the local day


class NeverOpen(ValueError):
    """The calendar has not enough open time within ten years."""


@dataclass(frozen=True)
class Calendar:
    """Weekly hours in a time zone, less holidays, with single days that differ."""

    name: str
    zone: ZoneInfo
    week: tuple[tuple[Stretch, ...], ...] = ()  # Monday first; empty with always_open
    closed: Mapping[date, str] = field(default_factory=dict, repr=False)  # public holidays: name
    special: Mapping[date, tuple[Stretch, ...]] = field(default_factory=dict)  # company days
    always_open: bool = False
    # Windows already worked out; says the same whenever it is asked
    _known: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def is_working_day(self, day: date) -> bool:
        """Whether the local `day` has any open time."""
        return self.always_open or bool(self._stretches(day))

    def is_open(self, at: datetime) -> bool:
        """Whether people are at work; the end of a window is already shut."""
        if self.always_open:
            return True
        return any(begin <= at < end for begin, end in self._windows(self._local(at)))

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The earliest moment with `span` of open time since `start`; no span: `start` itself.

        Raises NeverOpen beyond ten years, ValueError for a negative span.
        """
        if span < timedelta():
            raise ValueError(f"{span} is negative")
        start = start.astimezone(UTC)
        if self.always_open or not span:
            return start + span
        for begin, end in self._windows_from(start, start + FAR):
            open_for = end - max(begin, start)
            if span <= open_for:
                return max(begin, start) + span
            span -= open_for
        raise NeverOpen(
            f"calendar {self.name} has not enough open time in the ten years after {start:%Y-%m-%d}"
        )

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if self.always_open:
            return end - start
        total = timedelta()
        for begin, shut in self._windows_from(start, end):
            if begin >= end:
                break
            total += min(shut, end) - max(begin, start)
        return total

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open, else the next opening. Raises NeverOpen beyond ten years."""
        return at.astimezone(UTC) if self.is_open(at) else self.add(at, _ONE) - _ONE

    def add_business_days(self, start: datetime, days: int) -> datetime:
        """The same clock time on the `days`-th next working day (domain page). Raises NeverOpen.

        What comes outside the opening hours begins at the next opening.
        """
        local = self.next_open(start).astimezone(self.zone)
        day, left = local.date(), days
        for _ in range(FAR.days):
            if not left:
                return datetime.combine(day, local.time(), self.zone).astimezone(UTC)
            day += _DAY
            left -= self.is_working_day(day)
        raise NeverOpen(f"calendar {self.name} has not {days} working days in ten years")

    def whole_days(self) -> Calendar:
        """The same working days, open from midnight to midnight: what a business day is counted on."""
        return self if self.always_open else self._whole

    @cached_property
    def _whole(self) -> Calendar:
        return Calendar(
            f"{self.name} (whole days)",
            self.zone,
            tuple(((0, 1440),) if stretches else () for stretches in self.week),
            self.closed,
            {day: ((0, 1440),) if stretches else () for day, stretches in self.special.items()},
        )

    def _local(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _stretches(self, day: date) -> tuple[Stretch, ...]:
        if day in self.special:
            return self.special[day]
        return () if day in self.closed else self.week[day.weekday()]

    def _windows(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        if day not in self._known:
            found = [(_utc(day, a, self.zone), _utc(day, b, self.zone)) for a, b in self._stretches(day)]
            self._known[day] = tuple(w for w in found if w[0] < w[1])
        return self._known[day]

    def _windows_from(self, start: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Windows that end after `start`, in order, to the end of the day of `until`."""
        day, last = self._local(start), self._local(until)
        while day <= last:
            for window in self._windows(day):
                if window[1] > start:
                    yield window
            day += _DAY


def _utc(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock minute; 1440 is the next midnight."""
    if minute == 1440:
        return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def round_the_clock(name: str = "round-the-clock", zone: str = "UTC") -> Calendar:
    """The calendar that is always open."""
    return Calendar(name, ZoneInfo(zone), always_open=True)


def public_holidays(country: str, subdivision: str | None = None) -> Mapping[date, str]:
    """The public holidays of `YEARS`, named in English where the library can. Raises ValueError.

    Source: the library `holidays` (years it does not know, as lunar ones far ahead, have none).
    """
    import holidays  # only who builds a calendar pays it

    _without_other_countries()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "available only from 2001 to 2035": the docstring says so
        try:
            named: Any = holidays.country_holidays(country, subdiv=subdivision, years=YEARS, language="en_US")
        except NotImplementedError as error:
            raise ValueError(str(error)) from None
    return dict(named)


def _without_other_countries() -> None:
    """Put the library's package of countries there unread: it would import all 250 for the one asked for (0.1 s)."""
    spec = importlib.util.find_spec("holidays.countries")
    if spec is not None:
        sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
