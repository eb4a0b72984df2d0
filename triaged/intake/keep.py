"""The one way in, whatever the door: mail made durable, counted, and the walk woken (promise 1).

Nothing here looks into a mail: what it says is for later, when it can no longer be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from triaged import maillog
from triaged.metrics import Metrics
from triaged.store.rows import Arrival, Cursor, KeptMail

Clock = Callable[[], datetime]


class Ledger(Protocol):
    """What is asked of the store."""

    def keep(
        self, arrivals: Sequence[Arrival], cursor: Cursor | None = None, now: datetime | None = None
    ) -> list[KeptMail]:
        """Durable when it returns."""


class Keep:
    """Called by every door; may be called from any thread."""

    def __init__(
        self,
        store: Ledger,
        clock: Clock,
        wake: Callable[[], object],
        metrics: Metrics | None = None,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        """`full`: whether so much mail waits already that doors take no more (triaged/intake/backlog.py)."""
        self.store, self.clock, self.wake, self.metrics, self.full = store, clock, wake, metrics, full

    def __call__(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> list[KeptMail]:
        """Keep mails (and move a folder's cursor with them); all are durable when this returns.

        Raises Unavailable when the database is away: then nothing is kept and the door must say so.
        """
        kept = self.store.keep(arrivals, cursor, self.clock())
        new = [arrival for arrival, row in zip(arrivals, kept, strict=True) if row.new]
        for (mailbox, door), count in Counter((a.mailbox, a.door) for a in new).items():
            maillog.kept(mailbox, door, count)
            if self.metrics is not None:
                self.metrics.kept.labels(mailbox, door).inc(count)
        if any(arrival.history != "skip" for arrival in new):
            self.wake()
        return kept
