"""What is known and could not be written down, since the database was away: kept in order until it is written.

A letter that was sent and is forgotten leaves twice; one that was to be given back and is forgotten waits for
its lease. Only our own death forgets what is kept here (promise 3).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from triaged.store.values import Unavailable

_TRIES = 5  # at once, a second apart, before it is kept for later
_LAST_SECONDS = 5.0

Write = Callable[[], object]


class Unwritten:
    """Whatever of one sender's is not in the database yet."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._kept: deque[Write] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    def write(self, write: Write) -> None:
        """Write it down, behind what is kept. Raises Unavailable: then it is kept too."""
        self._kept.append(write)
        for _ in range(_TRIES - 1):
            try:
                self.settle()
                return
            except Unavailable:
                self._stop.wait(1)
        self.settle()

    def keep(self, write: Write) -> None:
        """Write it down once `settle` is called."""
        self._kept.append(write)

    def settle(self) -> None:
        """Write down all that is kept. Raises Unavailable: the rest stays kept."""
        while self._kept:
            self._kept[0]()
            self._kept.popleft()

    def settle_at_last(self) -> bool:
        """Before the end: try for a few seconds; whether all is written."""
        until = time.monotonic() + _LAST_SECONDS
        while self._kept:
            try:
                self.settle()
            except Unavailable:
                if time.monotonic() > until:
                    return False
                time.sleep(0.5)
        return True
