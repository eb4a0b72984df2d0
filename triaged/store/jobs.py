"""Work that takes minutes and was set going at the console: one of a kind at a time over all processes, seen by all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from triaged.frozen import frozen
from triaged.store.connected import Connected
from triaged.store.desk_tables import job
from triaged.store.inserts import upsert

SILENT = timedelta(minutes=2)  # a job that says nothing for so long has died
_KEPT = timedelta(days=30)
RUNNING, DONE, FAILED, CANCELLED, STOPPED = "running", "done", "failed", "cancelled", "stopped"


@frozen
class Job:
    """One piece of work. `asked`: what of; `total` 0: nobody knows yet; `result`: what came of it, or why nothing did.

    `place`: the process that began it and with which it ends (edge/alive.py); empty: nobody knows.
    """

    id: int
    kind: str
    who: str
    asked: Any
    state: str
    done: int
    total: int
    begun_at: datetime
    beat_at: datetime
    ended_at: datetime | None
    result: Any
    place: str = ""

    @property
    def runs(self) -> bool:
        """Whether it is under way."""
        return self.state == RUNNING

    def is_silent(self, now: datetime) -> bool:
        """Whether it says nothing any more: its process died, and another may begin."""
        return self.runs and now - self.beat_at > SILENT


class Jobs(Connected):
    """Who asked for what, how far it is, what came of it."""

    def begin_job(self, kind: str, who: str, asked: Any, now: datetime, place: str = "") -> int | None:
        """A new one; None: one of its kind is under way. What has died meanwhile is told as failed."""
        with self._writing() as connection:
            dead = update(job).where(job.c.kind == kind, job.c.state == RUNNING, job.c.beat_at < now - SILENT)
            connection.execute(
                dead.values(state=FAILED, ended_at=now, result={"error": "its process has died"})
            )
            connection.execute(delete(job).where(job.c.begun_at < now - _KEPT, job.c.state != RUNNING))
            new = upsert(connection, job).values(
                kind=kind, who=who, asked=asked, state=RUNNING, begun_at=now, beat_at=now, place=place
            )
            number = connection.scalar(new.on_conflict_do_nothing().returning(job.c.id))
        return int(number) if number is not None else None

    def beat_job(self, number: int, done: int, total: int, now: datetime) -> bool:
        """It lives, and is so far; False: it is not wanted any more."""
        alive = update(job).where(job.c.id == number, job.c.state == RUNNING)
        with self._noting() as connection:
            return connection.execute(alive.values(done=done, total=total, beat_at=now)).rowcount == 1

    def end_job(self, number: int, state: str, result: Any, now: datetime) -> bool:
        """What came of it; False: it was over already."""
        over = update(job).where(job.c.id == number, job.c.state == RUNNING)
        with self._writing() as connection:
            return connection.execute(over.values(state=state, result=result, ended_at=now)).rowcount == 1

    def running_jobs(self) -> list[Job]:
        """All that are under way, or say so."""
        with self._reading() as connection:
            return [
                Job(**row._mapping) for row in connection.execute(select(job).where(job.c.state == RUNNING))
            ]

    def job(self, number: int) -> Job | None:
        """One of them."""
        with self._reading() as connection:
            row = connection.execute(select(job).where(job.c.id == number)).first()
        return Job(**row._mapping) if row else None

    def last_job(self, kind: str, who: str = "") -> Job | None:
        """The newest of a kind, or of a kind and a person."""
        query = select(job).where(job.c.kind == kind)
        if who:
            query = query.where(job.c.who == who)
        with self._reading() as connection:
            row = connection.execute(query.order_by(job.c.id.desc()).limit(1)).first()
        return Job(**row._mapping) if row else None
