"""How a daemon ends: in order, and in time whatever hangs.

Doors first, then the walk finishes what it has in hand, then the senders. What is still busy after GRACE
hangs in a server that answers nothing, or in mail that takes its readers' time: its connection is cut, its
readers are stopped, the mails go back to waiting. What does not even end then is left: everything is a row
with a lease, and nothing is lost with a thread. All of it takes at most SECONDS, half of what systemd gives.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from triaged import maillog
from triaged.daemon import systemd
from triaged.edge import cords
from triaged.frozen import frozen

GRACE = 8.0
CUT = 16.0  # when what was cut must have ended
SECONDS = 24.0
_NEED_READERS = ("walk", "reload")  # loops that may be waiting for them

Stop = Callable[[], object]


class Readers(Protocol):
    """The worker processes."""

    def close(self) -> None:
        """Let them end what they have in hand."""

    def give_up(self) -> None:
        """End them at once."""


@frozen
class Parts:
    """What a daemon is made of, as its ending sees it: in the order in which it ends."""

    listener: Stop | None
    loops: Sequence[threading.Thread]
    stop_loops: Stop
    ticks: Stop
    readers: Readers
    http: Stop | None
    last_words: Callable[[bool], object]  # to the store; whether something hangs


def end(parts: Parts, why: str) -> list[str]:
    """Stop everything; the names of what still hangs."""
    began = time.monotonic()
    maillog.stopping(why)
    systemd.stopping()
    busy = [*parts.loops]
    if parts.listener:
        busy.append(_aside("listener", parts.listener))
    parts.stop_loops()
    busy.append(_aside("ticks", parts.ticks))
    if _ended(busy, began + GRACE):
        _cut(busy, parts.readers)
        _ended(busy, began + CUT)
    last = [_aside("readers", parts.readers.close)]
    if parts.http:
        last.append(_aside("http", parts.http))
    if _ended(last[:1], began + CUT + 2):
        parts.readers.give_up()
    left = _ended([*busy, *last], began + SECONDS - 4)
    _ended([_aside("store", lambda: parts.last_words(bool(left)))], began + SECONDS)
    if left:
        maillog.left_hanging(left)
    return left


def _aside(name: str, work: Stop) -> threading.Thread:
    """Do it in a thread that nobody need wait for."""

    def told() -> None:
        try:
            work()
        except Exception as error:
            maillog.loop_failed(name, f"{type(error).__name__}: {error}"[:500])

    thread = threading.Thread(target=told, name=name, daemon=True)
    thread.start()
    return thread


def _ended(threads: Sequence[threading.Thread], until: float) -> list[str]:
    """Wait for them; the names of those that have not ended by then."""
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [thread.name for thread in threads if thread.is_alive()]


def _cut(threads: Iterable[threading.Thread], readers: Readers) -> None:
    alive = [thread for thread in threads if thread.is_alive()]
    for thread in alive:
        if isinstance(thread, cords.Loop):
            thread.cord.cut()
    if any(thread.name in _NEED_READERS for thread in alive):
        readers.give_up()
