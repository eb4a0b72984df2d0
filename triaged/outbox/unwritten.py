"""What is known and could not be written down, since the database was away: kept in order until it is written.

A letter that was sent and is forgotten leaves twice; one that was to be given back and is forgotten waits for
its lease. Only our own death forgets what is kept here (promise 3).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from triaged.store.rows import Unavailable

_TRIES = 5  # at once, a second apart, before it is kept for later
_FORGOTTEN_SECONDS = 10.0  # PostgreSQL writes out what it need not (Connected._noting) several times a second
_LAST_SECONDS = 5.0

Write = Callable[[], object]


class Unwritten:
    """Whatever of one sender's is not in the database yet."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._kept: deque[Write] = deque()
        self._fresh: deque[tuple[float, Write]] = deque()  # written, and since when

    def __len__(self) -> int:
        return len(self._kept)

    def write(self, write: Write, *, lasting: bool = True) -> None:
        """Write it down, behind what is kept. Raises Unavailable: then it is kept too.

        Not `lasting`: a database that falls over may forget it again, so that it is written once more then;
        it must change nothing where it stands already.
        """
        self._kept.append(write)
        for _ in range(_TRIES - 1):
            try:
                self.settle()
                break
            except Unavailable:
                self._stop.wait(1)
        else:
            self.settle()
        if not lasting:
            self._fresh.append((time.monotonic(), write))
            while self._fresh[0][0] < time.monotonic() - _FORGOTTEN_SECONDS:
                self._fresh.popleft()

    def doubt(self) -> None:
        """The database was away: what it may have forgotten is to be written again."""
        since = time.monotonic() - _FORGOTTEN_SECONDS
        self._kept.extendleft(write for at, write in reversed(self._fresh) if at >= since)
        self._fresh.clear()

    def keep(self, write: Write) -> None:
        """Write it down once `settle` is called."""
        self._kept.append(write)

    def settle(self) -> None:
        """Write down all that is kept. Raises Unavailable: the rest stays kept."""
        while self._kept:
            try:
                self._kept[0]()
            except Unavailable:
                self.doubt()
                raise
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
