"""What happens at intervals: due steps, heartbeat, watching files, training. APScheduler only ticks.

Its defaults bite: a late job is dropped after a second, and ten hung jobs stop all others. So late jobs
run once when they can, and slow ones have threads of their own (libraries.md, section 8).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from triaged import __version__, maillog
from triaged.store.rows import Unavailable
from triaged.walk import deadlines

if TYPE_CHECKING:
    from triaged.daemon.daemon import Daemon


class Ticking:
    """The scheduler of one daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self._scheduler: Any = None
        self._watched: tuple[float, ...] = ()

    def start(self) -> None:
        """Begin to tick."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(2), "slow": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

        def every(job: Callable[[], object], **how: Any) -> None:
            scheduler.add_job(self._told(job), "interval", **how)

        every(self._take_due, seconds=1)
        every(self.announce, seconds=15, next_run_time=datetime.now(UTC))
        every(self._watch_rulebook, seconds=2)
        every(self._look_at_directory, minutes=10, next_run_time=datetime.now(UTC))
        every(self.daemon.reloading.catch_up, seconds=30, executor="slow")
        every(self._train, minutes=30, executor="slow")
        scheduler.start()
        self._scheduler = scheduler

    def _told(self, job: Callable[[], object]) -> Callable[[], None]:
        """The job, its faults told in one line: APScheduler would log a traceback for a database that is away."""

        @functools.wraps(job)
        def told() -> None:
            try:
                job()
            except Exception as error:
                self.daemon.loop_failed("tick", error)

        return told

    def _take_due(self) -> None:
        self.daemon.tick("deadlines")
        while not self.daemon.stopping.is_set() and deadlines.take_due(
            self.daemon.house, self.daemon.clock()
        ):
            self.daemon.ring_senders()

    def announce(self) -> None:
        """Say that we live and which mailboxes we know; what nobody knows any more is somebody's."""
        house, at = self.daemon.house, self.daemon.clock()
        value = {
            "version": __version__,
            "threads": {n: round(time.monotonic() - t, 1) for n, t in list(self.daemon.ticks.items())},
            "mailboxes": sorted(house.mailboxes),
        }
        house.store.announce(house.owner, value, at)
        house.hand_over(at)

    def again(self) -> None:
        """Every job now: the scheduler reckons by the clock, and that was set back."""
        for job in self._scheduler.get_jobs() if self._scheduler else ():
            job.modify(next_run_time=datetime.now(UTC))

    def forget(self) -> None:
        """Stopped in order: `status` need not look for this daemon."""
        with suppress(Unavailable):
            self.daemon.house.store.note(f"daemon.{self.daemon.house.owner}", None, self.daemon.clock())

    def _look_at_directory(self) -> None:
        """A directory that nobody renews makes wrong severities quietly: tell of it."""
        files = self.daemon.house.knowledge.config.directory
        if files.max_age is None:
            return
        age = timedelta(
            seconds=time.time() - min(p.stat().st_mtime for p in (files.accounts, files.partners))
        )
        old = age > files.max_age
        self.daemon.house.metrics.directory_old.set(1 if old else 0)
        if old:
            maillog.directory_old(f"{age.days}d")
        self.daemon.house.store.note(
            "directory.old", f"{age.days} days" if old else None, self.daemon.clock()
        )

    def _watch_rulebook(self) -> None:
        """`reload_on_change`: a file that changed, and has rested for a tick, asks for a reload."""
        known = self.daemon.house.knowledge
        if not known.config.reload_on_change or known.config.rulebook is None:
            return
        seen = tuple(sorted(p.stat().st_mtime for p in known.config.rulebook.glob("*.yaml")))
        if self._watched and seen != self._watched and time.time() - max(seen, default=0.0) > 1:
            self.daemon.reload_asked.set()
        if not self._watched or time.time() - max(seen, default=0.0) > 1:
            self._watched = seen

    def _train(self) -> None:
        """Train a new model where the rulebook's schedule says so; it is promoted only if it is no worse."""
        from triaged.learning import schedule

        if schedule.train_if_due(self.daemon.house.store, self.daemon.house.knowledge, self.daemon.clock()):
            self.daemon.reload_asked.set()

    def stop(self) -> None:
        """Let running jobs end, begin no others."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler:
            scheduler.shutdown(wait=True)
