"""Notices a clock that was set back: times reckoned by it lie in a future that is far."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

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
