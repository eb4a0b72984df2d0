"""The house in motion: its store, its readers, what it knows now, and how its loops wake each other."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from triaged.metrics import Metrics
from triaged.readers.latecomers import Latecomers
from triaged.store.store import Store

if TYPE_CHECKING:
    from triaged.readers.pool import InlineReaders, Readers
    from triaged.walk.knowledge import Knowledge


_LOOK_SECONDS = 2.0


def new_owner() -> str:
    """This daemon's name for what it claims: unique in the world, readable by people."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@dataclass(slots=True)
class House:
    """Everything a loop works with. `knowledge` is one reference, swapped whole by a reload."""

    store: Store
    readers: Readers | InlineReaders
    knowledge: Knowledge
    secret: bytes
    owner: str = field(default_factory=new_owner)
    metrics: Metrics = field(default_factory=Metrics)
    latecomers: Latecomers = field(default_factory=Latecomers)
    mail_came: threading.Event = field(default_factory=threading.Event)
    # Until then mails that daemons died with lie: who is killed as he begins, by whatever, must not use up their tries
    suspects_from: datetime | None = None
    # The database went away with steps in hand: some may be ours and unknown to us.
    steps_astray: bool = False
    _others: frozenset[str] = frozenset()
    _looked: float = float("-inf")

    def elsewhere(self, now: datetime) -> frozenset[str]:
        """Mailboxes that only other living daemons know: what is of them is theirs, we would answer in a wrong name.

        Looked up every two seconds at most. Raises Unavailable.
        """
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._others = frozenset().union(*self.store.living(now).values()) - self.mailboxes
            self._looked = time.monotonic()
        return self._others

    @property
    def mailboxes(self) -> frozenset[str]:
        """The names of those we know."""
        return frozenset(mailbox.name for mailbox in self.knowledge.config.mailboxes)

    def hand_over(self, now: datetime) -> int:
        """Letters of mailboxes that nobody knows any more leave by our first one; how many."""
        known = self.mailboxes.union(*self.store.living(now).values())
        return self.store.hand_over(known, self.knowledge.config.mailboxes[0].name)

    def begins(self, now: datetime) -> bool:
        """Whether this daemon's life is so young that its end would tell of nothing it had in hand."""
        return self.suspects_from is not None and now < self.suspects_from

    def mail_waits(self) -> None:
        """A door kept mail: wake the walk."""
        self.mail_came.set()
