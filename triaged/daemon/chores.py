"""What is done at intervals: due steps, the heartbeat, watching files, training (triaged/daemon/schedule.py ticks)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from triaged import __version__, maillog
from triaged.config.file_marks import FileMarks, Mark
from triaged.daemon.loops import Loops
from triaged.daemon.schedule import Job
from triaged.store.rows import Unavailable
from triaged.vocabulary import counted
from triaged.walk import deadlines, retention, rulebook_change, telling_old
from triaged.walk.house import House

_MINUTE = 60.0


class Chores:
    """The chores of one daemon."""

    def __init__(
        self,
        house: House,
        clock: Callable[[], datetime],
        loops: Loops,
        *,
        ring: Callable[[], object],
        ask_reload: Callable[[], object],
    ) -> None:
        """`ring` is called when letters may have been written."""
        self.house, self.clock, self.loops = house, clock, loops
        self._ring, self._ask_reload = ring, ask_reload
        self._lay: tuple[Mark, ...] | None = None  # how the files lay at the last look
        self._asked_for: tuple[Mark, ...] | None = None
        self._heard, self._begun = "", clock()  # the last order to reload

    def jobs(self) -> Sequence[Job]:
        """All of them, with how often each is done."""
        return (
            Job(self.take_due, 1),
            Job(self.announce, 15, at_once=True),
            Job(self.watch_files, 2),
            Job(self.hear_orders, 2),
            Job(self.add_up, _MINUTE),
            Job(self.look_at_directory, 10 * _MINUTE, at_once=True),
            Job(self.train, 30 * _MINUTE, slow=True),
            Job(self.forget_old, 60 * _MINUTE, at_once=True, slow=True),
            Job(self.tell_old, 60 * _MINUTE, at_once=True, slow=True),
        )

    def take_due(self) -> None:
        """Every step whose time has passed."""
        self.loops.tick("deadlines")
        while not self.loops.stopping.is_set() and deadlines.take_due(self.house, self.clock()):
            self._ring()

    def announce(self) -> None:
        """Say that we live and which mailboxes we know; what nobody knows any more is somebody's."""
        house, at = self.house, self.clock()
        value = {
            "version": __version__,
            "threads": {name: round(age, 1) for name, age in self.loops.ages().items()},
            "mailboxes": sorted(house.mailboxes),
        }
        house.store.announce(house.owner, value, at)
        house.hand_over(at)

    def add_up(self) -> None:
        """What the database counted of itself stays short."""
        self.house.store.add_up()

    def forget(self) -> None:
        """Stopped in order: `status` need not look for this daemon."""
        with suppress(Unavailable):
            self.house.store.note(f"daemon.{self.house.owner}", None, self.clock())

    def forget_old(self) -> None:
        """What is over by `retention` goes."""
        retention.forget_old(self.house, self.clock(), self.loops.stopping.is_set)

    def tell_old(self) -> None:
        """What an older version recorded is to be shown and found by the pages too."""
        telling_old.tell_old(self.house, self.clock(), self.loops.stopping.is_set)

    def look_at_directory(self) -> None:
        """A directory that nobody renews makes wrong severities quietly: tell of it."""
        files = self.house.knowledge.config.directory
        if files.max_age is None:
            return
        written = min(path.stat().st_mtime for path in (files.accounts, files.partners))
        age = timedelta(seconds=time.time() - written)
        old = age > files.max_age
        self.house.metrics.directory_old.set(1 if old else 0)
        if old:
            maillog.directory_old(f"{age.days}d")
        self.house.store.note("directory.old", counted(age.days, "day") if old else None, self.clock())

    def watch_files(self) -> None:
        """`reload_on_change`: files of the rulebook or of the operator's words that are not those in force, and have rested
        for a tick, ask for a reload, once."""
        known = self.house.knowledge
        if not known.config.reload_on_change:
            return
        lie = FileMarks.of(known.config).rules
        rested, self._lay = lie == self._lay, lie  # else who writes them may not be done
        if rested and lie not in (known.files.rules, self._asked_for):
            self._asked_for = lie
            self._ask_reload()

    def hear_orders(self) -> None:
        """Somebody has put a rulebook or a model in force, by a page or a command: it is loaded, unless it is already."""
        note, known = self.house.store.note_of(rulebook_change.ASKED), self.house.knowledge
        mark = str(note.value.get("mark", "")) if note else ""
        if note is None or mark == self._heard:
            return
        older = not self._heard and note.at < self._begun  # than this daemon, which has loaded all since
        self._heard = mark
        rulebook = note.value.get("rulebook")
        if rulebook != known.rulebook.version if rulebook else not older:
            self._ask_reload()

    def train(self) -> None:
        """Train a new model where the rulebook's schedule says so; it is promoted only if it is no worse."""
        from triaged.learning import unattended

        if unattended.train_if_due(self.house.store, self.house.knowledge, self.clock()):
            self._ask_reload()
