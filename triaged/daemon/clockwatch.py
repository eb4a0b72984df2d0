"""Notices a clock that was set back: times calculated by it lie in a future that is far."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from triaged import maillog
from triaged.walk import deadlines
from triaged.walk.house import House

_TOLERANCE = timedelta(seconds=30)  # less strands nothing, and each jump costs letters that are retried a try


class ClockWatch:
    """Compares the clock with one that nobody sets. Ask it every few seconds, from one thread."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen, self._at = clock(), time.monotonic()

    def set_back(self) -> timedelta:
        """By how much it was set back since last asked; zero if it was not."""
        at, seen = time.monotonic(), self._clock()
        behind = self._seen + timedelta(seconds=at - self._at) - seen
        self._seen, self._at = seen, at
        return behind if behind > _TOLERANCE else timedelta(0)


class SetBack:
    """Brings forward what waits for a time that was calculated by the clock before it was set back."""

    def __init__(self, house: House, clock: Callable[[], datetime], wake: Callable[[], object]) -> None:
        """`wake`: whoever sleeps by that clock looks round at once."""
        self._house, self._clock, self._wake = house, clock, wake
        self._watch = ClockWatch(clock)
        self._owed = timedelta(0)  # set back by so much, and not put right while the database is away

    def look(self) -> None:
        """Put it right if it was set back since the last look, or if that could not be done then. Raises Unavailable."""
        self._owed = max(self._owed, self._watch.set_back())
        if not self._owed:
            return
        work = self._house.store.bring_forward(self._clock(), self._house.owner, seen=True)
        deadlines.plan_digests(self._house, self._clock())
        self._wake()
        maillog.clock_set_back(self._owed.total_seconds(), work)
        self._owed = timedelta(0)
