"""The house in motion: its store, its readers, what it knows now, and how its loops wake each other."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from triaged.latecomers import Latecomers
from triaged.metrics import Metrics
from triaged.store.store import Store

if TYPE_CHECKING:
    from triaged.knowledge import Knowledge
    from triaged.readers import InlineReaders, Readers


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
    letters_came: threading.Event = field(default_factory=threading.Event)

    def mail_waits(self) -> None:
        """A door kept mail: wake the walk."""
        self.mail_came.set()

    def letters_wait(self) -> None:
        """Letters were written: wake the outbox."""
        self.letters_came.set()
