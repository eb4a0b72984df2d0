"""APScheduler, which only ticks: what it calls is work that stands in the store.

Its defaults bite: a late job is dropped after a second, and ten hung jobs stop all others. So late jobs
run once when they can, and slow ones have threads of their own (libraries.md, section 8).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from triaged.frozen import frozen


@frozen
class Job:
    """What is done every so many seconds, the first time `at_once` or after them. `slow`: it may take minutes."""

    work: Callable[[], object]
    seconds: float
    at_once: bool = False
    slow: bool = False


class Ticking:
    """The scheduler of one daemon."""

    def __init__(self, jobs: Sequence[Job], failed: Callable[[BaseException], object]) -> None:
        """`failed` hears of every fault a job meets; it is called again all the same."""
        self._jobs, self._failed = jobs, failed
        self._scheduler: Any = None

    def start(self) -> None:
        """Begin to tick."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(2), "slow": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for job in self._jobs:
            how: dict[str, Any] = {"next_run_time": datetime.now(UTC)} if job.at_once else {}
            executor = "slow" if job.slow else "default"
            scheduler.add_job(self._told(job.work), "interval", seconds=job.seconds, executor=executor, **how)
        scheduler.start()
        self._scheduler = scheduler

    def _told(self, work: Callable[[], object]) -> Callable[[], None]:
        """The work, its faults told in one line: APScheduler would log a traceback for a database that is away."""

        @functools.wraps(work)
        def told() -> None:
            try:
                work()
            except Exception as error:
                self._failed(error)

        return told

    def again(self) -> None:
        """Every job now: the scheduler goes by the clock, and that was set back."""
        for job in self._scheduler.get_jobs() if self._scheduler else ():
            job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Let running jobs end, begin no others."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler:
            scheduler.shutdown(wait=True)
