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
from contextlib import suppress
from typing import TYPE_CHECKING

from triaged import maillog
from triaged.daemon import systemd
from triaged.edge import cords
from triaged.store.rows import Unavailable

if TYPE_CHECKING:
    from triaged.daemon.daemon import Daemon

GRACE = 8.0
CUT = 16.0  # when what was cut must have ended
SECONDS = 24.0


def end(daemon: Daemon, why: str) -> list[str]:
    """Stop everything; the names of what still hangs."""
    began = time.monotonic()
    maillog.stopping(why)
    systemd.stopping()
    loops = [*daemon.threads]
    if daemon.listening:
        loops.append(_aside("listener", daemon.listening.stop))
    daemon.stopping.set()
    daemon.wake()
    loops.append(_aside("ticks", daemon.ticking.stop))
    if _ended(loops, began + GRACE):
        _cut(loops, daemon)
        _ended(loops, began + CUT)
    last = [_aside("readers", daemon.house.readers.close)]
    if daemon.http:
        last.append(_aside("http", daemon.http.stop))
    if _ended(last[:1], began + CUT + 2):
        daemon.house.readers.give_up()
    left = _ended([*loops, *last], began + SECONDS - 4)
    _ended([_aside("store", lambda: _leave(daemon, bool(left)))], began + SECONDS)
    if left:
        maillog.left_hanging(left)
    return left


def _aside(name: str, work: Callable[[], object]) -> threading.Thread:
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


def _cut(threads: Iterable[threading.Thread], daemon: Daemon) -> None:
    alive = [thread for thread in threads if thread.is_alive()]
    for thread in alive:
        if isinstance(thread, cords.Loop):
            thread.cord.cut()
    if any(thread.name in ("walk", "reload") for thread in alive):
        daemon.house.readers.give_up()


def _leave(daemon: Daemon, hanging: bool) -> None:
    """The last words to the store: who hangs holds no mailbox any more, and `status` need not look for us."""
    with suppress(Unavailable):
        if hanging:
            daemon.house.store.drop_leases(daemon.house.owner)
    daemon.ticking.forget()
    daemon.house.store.close()
