"""The one way in, whatever the door: mail made durable, counted, and the walk woken (promise 1).

Nothing here looks into a mail: what it says is for later, when it can no longer be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from triaged import maillog
from triaged.intake.backlog import Backlog
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

    backlog: Backlog | None = None  # without it there is room for everything

    def __init__(
        self, store: Ledger, clock: Clock, wake: Callable[[], object], metrics: Metrics | None = None
    ) -> None:
        self.store, self.clock, self.wake, self.metrics = store, clock, wake, metrics

    def full(self) -> bool:
        """Whether so much mail waits already that doors take no more."""
        return self.backlog is not None and self.backlog.full()

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
        for_the_walk = sum(arrival.history != "skip" for arrival in new)
        if self.backlog is not None:
            self.backlog.took(for_the_walk)
        if for_the_walk:
            self.wake()
        return kept
