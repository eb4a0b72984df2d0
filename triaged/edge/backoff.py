"""How long to wait before trying again: growing, bounded, jittered. PURE: chance is an argument (0 <= chance < 1).

Jitter keeps daemons that failed together from coming back together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triaged.frozen import frozen


@frozen
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


# The same two days for a letter whose answer was lost: each try may be one more copy, the first comes soon.
UNANSWERED_WAITS = (timedelta(seconds=20), *LETTER_WAITS)
ASIDE = timedelta(seconds=20)  # for a letter at which a line ended: others go first, should it be its doing


URGENT = timedelta(seconds=24)  # between two tries of a letter somebody waits for whose service is down


def is_between_tries(tries: int, age: timedelta) -> bool:
    """Whether a letter of that age, refused at its try number `tries`, would not have been tried again yet: no try then."""
    return age < sum(LETTER_WAITS[:tries], timedelta(0))


def letter_wait(tries: int, chance: float, waits: Sequence[timedelta] = LETTER_WAITS) -> timedelta | None:
    """The wait after a letter's try number `tries` (from 1) failed; None when two days of tries are over."""
    if tries > len(waits):
        return None
    return waits[max(tries, 1) - 1] * (0.85 + 0.3 * chance)
