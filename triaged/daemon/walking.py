"""The walk's loop: records one batch while the readers are at the next ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from triaged.daemon.loops import Loops
from triaged.store.rows import Unavailable
from triaged.walk import triage
from triaged.walk.house import House

NAME = "walk"
REST_SECONDS = 5.0  # between looks for waiting mail when nothing woke it
MOST_AHEAD = 64 * 1024 * 1024  # bytes of mail claimed and not recorded, beyond which no more is claimed


class Walking:
    """One daemon's walk, turn by turn (triaged/daemon/loops.py). No batch is given up for a database away."""

    def __init__(
        self,
        house: House,
        clock: Callable[[], datetime],
        loops: Loops,
        *,
        first: Callable[[], object],
        ring: Callable[[], object],
    ) -> None:
        """`first` begins each turn; `ring` is called when letters may have been written."""
        self.house, self.clock, self.loops = house, clock, loops
        self._first, self._ring = first, ring
        self._batches: deque[triage.Batch] = deque()
        # A claim is under way, or its answer was lost: some mail may be ours and unknown to us.
        self._astray = False

    def wanted(self) -> bool:
        """What is claimed is finished, else it waits for its lease."""
        return bool(self._batches) or not self._stopping

    def turn(self) -> None:
        """Record a batch; without one wait until mail comes."""
        self.loops.tick(NAME)
        self._first()
        self._read_ahead()
        if self._batches:
            self._record()
        else:
            self.house.mail_came.wait(REST_SECONDS)
            self.house.mail_came.clear()

    def failed(self, error: Exception) -> None:
        """Told, and tried again after a moment."""
        self.loops.failed(NAME, error)

    def close(self) -> None:
        """Nothing is left in hand."""

    def _record(self) -> None:
        again = False
        try:
            triage.finish(self.house, self._batches[0], self.clock())
        except Unavailable:
            again = not self._stopping  # else it would wait for its lease
            raise
        finally:
            if not again:
                self._batches.popleft()
        self._ring()

    def _read_ahead(self) -> None:
        """Claim so much that no reader waits for the recorder, and no more than memory can bear."""
        batches = self._batches
        if self._astray:
            held = [mail.id for batch in batches for mail in batch.mails]
            self.house.store.take_back_mail(self.house.owner, held, self.clock())
            self._astray = False
        most = self.house.knowledge.config.limits.reader_workers + 2
        while len(batches) < most and not self._stopping:
            if batches and not (batches[-1].full and sum(b.size for b in batches) < MOST_AHEAD):
                return
            self._astray = True
            batch = triage.begin(self.house, self.clock())
            self._astray = False
            if batch is None:
                return
            batches.append(batch)

    @property
    def _stopping(self) -> bool:
        return self.loops.stopping.is_set()
