"""How often one address or one person may ask for something: buckets that fill again, bounded in number."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from triaged.frozen import frozen

# Remembered at once: whoever comes from more addresses than that has more of them than we
_MOST_KEYS = 20_000


@frozen
class Rate:
    """So many at once, and so many a minute in the long run."""

    at_once: int
    a_minute: float


ANY = Rate(240, 240)  # requests of one peer
POSTS = Rate(30, 30)
RATES = {
    "request": ANY,
    "post": POSTS,
    "sign-in": Rate(20, 10),
    "code": Rate(10, 5),
    "upload": Rate(15, 5),
    "search": Rate(30, 30),
}


class Buckets:
    """Counts of what was asked, by kind and by whom. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()  # left, as of when

    def wait(self, kind: str, who: str) -> float:
        """Take one; 0: it is granted, else the seconds until it would be."""
        rate, now, key = RATES[kind], self._clock(), (kind, who)
        with self._lock:
            left, then = self._left.pop(key, (float(rate.at_once), now))
            left = min(float(rate.at_once), left + (now - then) * rate.a_minute / 60)
            granted = left >= 1
            self._left[key] = (left - 1 if granted else left, now)
            if len(self._left) > _MOST_KEYS:
                self._left.popitem(last=False)
        return 0.0 if granted else (1 - left) * 60 / rate.a_minute
