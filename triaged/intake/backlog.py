"""How much kept mail waits for the walk: beyond a bound the doors wait too, and nothing falls over.

What lies on an IMAP server is as safe there; a mail server that hears 451 comes again. So an overload of hours costs
time, and neither memory nor the disk.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

from triaged import maillog
from triaged.store.rows import Unavailable

_LOOK_SECONDS = 1.0
_FREE_AGAIN = 0.9  # of the bound: else each mail walked would let one in


class Store(Protocol):
    """What is asked of the store."""

    def waiting_mail(self) -> int:
        """Mails kept and not finished."""


class Backlog:
    """Asked by every door before it takes more; looked up once a second at most, whoever asks.

    What is kept between two looks is counted on top: a fast door would else take thousands beyond the bound in a second.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._store, self._most = store, most
        self._lock = threading.Lock()
        self._looked, self._waiting, self._full = float("-inf"), 0, False

    def full(self) -> bool:
        """Whether no more is taken now."""
        with self._lock:
            if time.monotonic() - self._looked >= _LOOK_SECONDS:
                self._look()
            return self._full

    def took(self, mails: int) -> None:
        """Mails that a door has just kept."""
        with self._lock:
            self._judge(self._waiting + mails)

    def _look(self) -> None:
        try:
            waiting = self._store.waiting_mail()
        except Unavailable:  # whoever keeps will say so
            return
        self._looked = time.monotonic()
        self._judge(waiting)

    def _judge(self, waiting: int) -> None:
        full = waiting >= self._most * (_FREE_AGAIN if self._full else 1.0)
        if full != self._full:
            maillog.backlog(waiting, full)
        self._waiting, self._full = waiting, full
