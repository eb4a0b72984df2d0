"""The daemon's loops: each takes turn after turn in a thread of its own, and it is known whether all go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Protocol

from triaged import maillog
from triaged.edge import cords
from triaged.metrics import Metrics

STALE_SECONDS = 180.0  # a loop without progress for so long is stuck: systemd restarts us
PAUSE_SECONDS = 1.0  # after a fault


class Work(Protocol):
    """What a loop does turn by turn."""

    def wanted(self) -> bool:
        """Whether there is to be another turn."""

    def turn(self) -> object:
        """Do what is to be done; where that is nothing, wait a while for it."""

    def failed(self, error: Exception) -> None:
        """A turn met a fault: tell of it, and wait before the next."""

    def close(self) -> None:
        """There is no other turn."""


def take_turns(work: Work) -> None:
    """One turn after the other for as long as they are wanted; no exception ends it."""
    try:
        while work.wanted():
            try:
                work.turn()
            except Exception as error:
                work.failed(error)
    finally:
        work.close()


class Loops:
    """The loops of one daemon and when each made progress; also of work that is ticked from elsewhere."""

    def __init__(self, metrics: Metrics) -> None:
        self.stopping = threading.Event()
        self.threads: list[cords.Loop] = []
        self._metrics = metrics
        self._ticks: dict[str, float] = {}

    def start(self, name: str, work: Work) -> None:
        """Let it take its turns in a thread of its own from now on."""
        self.tick(name)
        thread = cords.Loop(name, lambda: take_turns(work))
        self.threads.append(thread)
        thread.start()

    def tick(self, name: str) -> None:
        """It made progress: the watchdog goes by this."""
        self._ticks[name] = time.monotonic()
        self._metrics.loop_tick.labels(name).set_to_current_time()

    def excuse(self, name: str) -> None:
        """It begins what may take minutes: until its next tick that is not being stuck."""
        self._ticks.pop(name, None)

    def failed(self, name: str, error: BaseException) -> None:
        """It met a fault; it goes on after a moment."""
        maillog.loop_failed(name, f"{type(error).__name__}: {error}"[:500])
        self._metrics.loop_failures.labels(name).inc()
        self.stopping.wait(PAUSE_SECONDS)

    def ages(self) -> Mapping[str, float]:
        """Seconds since each made progress."""
        now = time.monotonic()
        return {name: now - at for name, at in list(self._ticks.items())}

    def stuck(self) -> list[str]:
        """Those without progress for too long, or dead."""
        dead = [thread.name for thread in self.threads if not thread.is_alive()]
        return sorted({*dead, *(name for name, age in self.ages().items() if age > STALE_SECONDS)})
