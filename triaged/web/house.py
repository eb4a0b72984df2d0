"""What the pages stand on: the store, what the house knows, the clock, the counts of requests. One a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from triaged.config.config import Config
from triaged.config.web import Web
from triaged.store.store import Store
from triaged.walk.knowledge import Knowledge
from triaged.web.here import Here
from triaged.web.jobs import Working
from triaged.web.limits import Buckets
from triaged.web.provider import Provider


@dataclass(slots=True)
class House:
    """`knowledge` is replaced as a whole when the rulebook or the directory changed; `later` does work aside (serve.py)."""

    config: Config
    web: Web
    store: Store
    knowledge: Knowledge
    clock: Callable[[], datetime]
    secret: bytes
    later: Callable[[str, Callable[[], None]], None]
    working: Working
    oidc: Provider | None = None
    buckets: Buckets = field(default_factory=Buckets)

    here: Here = field(init=False)

    def __post_init__(self) -> None:
        self.here = Here(self.store, self.later)
