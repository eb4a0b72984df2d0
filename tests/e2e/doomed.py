"""A daemon that is killed at a chosen point, in a process of its own; used by test_kill.

One function of the house is wrapped, and the process sends itself SIGKILL before or after the COUNTth call;
the house knows nothing of it. Mail is read in this very process, so that it is up soon.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from triaged.config import config as configs
from triaged.daemon import daemon
from triaged.readers.pool import InlineReaders

# Forked from a process that has imported everything: up in a second.
_nursery = multiprocessing.get_context("forkserver")
PRELOAD = ["tests.e2e.doomed", "triaged.outbox.smtp", "holidays", "uvicorn", "psycopg"]
_nursery.set_forkserver_preload(PRELOAD)

# The walk in order; each: (module, object, attribute, when).
POINTS: dict[str, tuple[str, str, str, str]] = {
    "fetched, not kept": ("triaged.intake.whole", "Taking", "take", "after"),
    "about to be committed by the door": ("triaged.store.kept", "", "_move", "after"),
    "kept, not moved on the server": ("triaged.intake.keep", "Keep", "__call__", "after"),
    "moved on the server, not noted": ("triaged.intake.after", "Mover", "settle", "after"),
    "claimed for triage": ("triaged.store.mail", "MailWork", "claim_mail", "after"),
    "read": ("triaged.readers.pool", "InlineReaders", "read", "after"),
    "placed": ("triaged.walk.triage", "", "place", "after"),
    "half of the batch recorded": ("triaged.walk.pen", "Pen", "write", "after"),
    "everything written, not committed": ("triaged.store.store", "Transaction", "finish", "after"),
    "committed, nobody told": ("triaged.walk.triage", "", "_tell", "before"),
    "letters claimed": ("triaged.store.outbox", "Outbox", "claim_letters", "after"),
    "about to send": ("triaged.outbox.smtp", "Line", "send", "before"),
    "recipients told, no data": ("triaged.outbox.smtp", "Line", "_hand_over", "before"),
    "sent, not recorded": ("triaged.outbox.smtp", "Line", "send", "after"),
    "sent and recorded": ("triaged.store.outbox", "Outbox", "letter_sent", "after"),
}


def doom(point: str, count: int, end: signal.Signals = signal.SIGKILL) -> None:
    """From now on the COUNTth call at the point is the last thing this process does, until it is told to go on."""
    module, owner, name, when = POINTS[point]
    place: Any = import_module(module)
    place = getattr(place, owner) if owner else place
    setattr(place, name, _deadly(getattr(place, name), when, count, end))


def _deadly(honest: Callable[..., Any], when: str, count: int, end: signal.Signals) -> Callable[..., Any]:
    left = [count]

    def call(*given: Any, **named: Any) -> Any:
        result = honest(*given, **named) if when == "after" else None
        # What found nothing to do is no point of the walk: an idle look for mail or letters.
        if when == "before" or result or not isinstance(result, list):
            left[0] -= 1
            if left[0] == 0:
                _end_here(end)
        return honest(*given, **named) if when == "before" else result

    return call


def _end_here(end: signal.Signals) -> None:
    os.kill(os.getpid(), end)
    if (
        end == signal.SIGSTOP
    ):  # the main thread takes it, and stops the others a moment later: this one must not run on
        time.sleep(1)


def started(
    config: Path, begin: datetime, point: str, count: int, end: signal.Signals = signal.SIGKILL
) -> multiprocessing.process.BaseProcess:
    """A daemon on its way to its end (SIGSTOP: it is frozen there). Its clock begins at `begin`."""
    process = _nursery.Process(target=_live, args=(config, begin, point, count, end), daemon=True)
    process.start()
    return process


def _live(config: Path, begin: datetime, point: str, count: int, end: signal.Signals) -> None:
    daemon.Readers = lambda surroundings, *_: InlineReaders(surroundings)  # type: ignore[assignment,misc]
    started = time.monotonic()
    doom(point, count, end)
    house = daemon.Daemon(
        configs.load(config),
        config_path=config,
        clock=lambda: begin + timedelta(seconds=time.monotonic() - started),
    )
    house.serve()
