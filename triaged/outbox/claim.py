"""Letters in a sender's hand, and for how long they are his (promise 4)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from triaged.frozen import frozen
from triaged.store.rows import OutboxLetter


@frozen
class Claim:
    """Letters in hand, and since when: by the clock, and by one that nobody sets."""

    letters: Sequence[OutboxLetter]
    at: datetime
    began: float
    life: int | None = 0

    def older(self, seconds: float, now: datetime) -> bool:
        """Whether it is older than that: we may have slept in between, or the machine."""
        return time.monotonic() - self.began >= seconds or (now - self.at).total_seconds() >= seconds

    def outlived(self, life: int | None) -> bool:
        """Whether we may have been taken for dead since: what was claimed is somebody else's then."""
        return life is None or life != self.life
