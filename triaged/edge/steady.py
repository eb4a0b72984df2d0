"""A clock that nobody sets, and that goes on while the machine sleeps (`time.monotonic` stands still then)."""

from __future__ import annotations

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """Seconds since some moment before the process began."""
    return time.clock_gettime(_CLOCK)
