"""The daemon's heart: tells the others on one PostgreSQL that it lives, knows when it does not, and buries the dead.

It beats in a thread of its own, over a session of its own: whatever else hangs (a mailbox in a black hole, a batch
at its readers, the pool of connections), the life and the mailboxes go on; and no timeout of theirs stretches a
lease. A daemon whose walk, steps or sender are stuck lets itself die: what it cannot do, another can. A daemon that
was frozen knows by its own steady clock that it may have been buried, before it has asked anybody; what it had in
hand then is of an epoch that is over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from triaged import maillog
from triaged.daemon.loops import STALE_SECONDS, Loops
from triaged.edge import steady
from triaged.store.pulse import BEAT_SECONDS, LIFE_SECONDS, Pulse
from triaged.walk.house import House

_MARGIN_SECONDS = 1.0  # before the life ends by the server, it has ended for us
_MAILBOX = "mailbox-"  # loops of mailboxes: one that hangs is not the daemon's death


class Heart:
    """Of one daemon. `freed` is called when work of a dead one waits to be taken up."""

    def __init__(
        self, house: House, clock: Callable[[], datetime], loops: Loops, *, freed: Callable[[], object]
    ) -> None:
        self._house, self._clock, self._loops, self._freed = house, clock, loops, freed
        self._pulse: Pulse | None = house.store.pulse(house.owner)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._beaten = float("-inf")
        self._epoch = 0
        self._renewed: Mapping[str, int] = {}
        self._failing = False

    @property
    def shared(self) -> bool:
        """Whether other daemons may work on the same database."""
        return self._pulse is not None

    def epoch(self) -> int | None:
        """Which life this is; None while we may have been buried: then nothing of ours is surely ours."""
        if self._pulse is None:
            return 0
        alive = steady.seconds() - self._beaten < LIFE_SECONDS - _MARGIN_SECONDS
        return self._epoch if alive else None

    def holds(self, name: str, epoch: int) -> bool:
        """Whether a lease of that epoch was renewed with our life, and both last."""
        return self._renewed.get(name) == epoch and self._pulse is not None and self.epoch() is not None

    def start(self) -> None:
        """Live from now on. Raises Unavailable."""
        if self._pulse is None:
            return
        self._beat()
        self._bury()
        self._thread = threading.Thread(target=self._go_on, name="heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Dead, by our own word: others need not wait. Raises Unavailable."""
        self._stop.set()
        if self._pulse is None or self._thread is None:
            return
        self._thread.join(LIFE_SECONDS)
        self._beaten = float("-inf")
        if not self._thread.is_alive():
            self._pulse.end(self._clock())

    def _go_on(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                if not self._faint():
                    self._beat()
                    self._bury()
                self._failing = False
            except Exception as error:  # whatever it is, the next beat may reach the server
                if not self._failing:
                    maillog.loop_failed("heart", f"{type(error).__name__}: {error}"[:500])
                self._failing = True

    def _faint(self) -> bool:
        """Whether something of ours that does the work has been stuck for minutes."""
        return any(not name.startswith(_MAILBOX) for name in self._loops.stuck())

    def _beat(self) -> None:
        assert self._pulse is not None
        began = steady.seconds()  # before asking: the answer may take its time
        beat = self._pulse.beat(self._mailboxes())
        if self._epoch and beat.epoch != self._epoch:
            maillog.buried_alive(round(steady.seconds() - self._beaten, 1))
        self._epoch, self._renewed, self._beaten = beat.epoch, beat.renewed, began

    def _mailboxes(self) -> list[str]:
        """The leases of mailboxes whose loops go on."""
        return [
            f"mailbox:{name.removeprefix(_MAILBOX)}"
            for name, age in self._loops.ages().items()
            if name.startswith(_MAILBOX) and age < STALE_SECONDS
        ]

    def _bury(self) -> None:
        assert self._pulse is not None
        for owner in self._pulse.dead():
            work = self._house.store.bury(owner, self._clock(), self._house.owner)
            if work is not None:
                maillog.took_over(owner, work)
                self._freed()
