"""How long to wait before trying again: growing, bounded, jittered. PURE: chance is an argument (0 <= chance < 1).

Jitter keeps daemons that failed together from coming back together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits in seconds: `first`, twice that, four times, … never more than `cap`. For ever: no giving up."""

    first: float = 1.0
    cap: float = 120.0

    def seconds(self, failures: int, chance: float) -> float:
        """The wait after so many failures in a row, between 75 and 125 % of the plain one."""
        doublings = min(max(failures - 1, 0), 30)
        return min(self.first * 2.0**doublings, self.cap) * (0.75 + chance / 2)


_MINUTES = (1, 5, 15, 60, 120, 240, 480, 480, 480, 480, 480)
LETTER_WAITS = tuple(timedelta(minutes=m) for m in _MINUTES)  # two days in all, like a mail server's


def letter_wait(runs: int, chance: float) -> timedelta | None:
    """The wait after a letter's try number `runs` (from 1) failed; None when two days of tries are over."""
    if runs > len(LETTER_WAITS):
        return None
    return LETTER_WAITS[max(runs, 1) - 1] * (0.85 + 0.3 * chance)
