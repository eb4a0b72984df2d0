"""A long life: ninety days of 500 mails in simulated time. What grows: memory, file handles, threads, the database?

The world that is simulated beside the daemon remembers every story and every letter; what that holds is weighed and
told apart. `TRIAGED_DAYS` lives through fewer.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

from tests.bench import Row
from tests.bench.drain import memory_of
from triaged.config import shipped
from triaged.learning import places
from triaged.simulation import invariants
from triaged.simulation.month import Course, Month

DAYS = int(os.environ.get("TRIAGED_DAYS", "90"))
MAILS = 500.0
BEGIN = datetime(2028, 2, 27, tzinfo=UTC)
EACH = max(DAYS // 9, 1)  # days between two looks
GROWN = 20.0  # MB that the daemon's part of the memory may differ between the first third and the end
EVEN = 0.15  # share by which a mail's place in the database may differ between then and the end


@dataclass(frozen=True)
class Look:
    """What is held after so many days."""

    days: int
    mails: int
    memory: float  # MB, PSS
    world: float  # MB of it that the simulated people, servers and truths hold
    handles: int
    threads: int
    database: float  # MB


def rows() -> Iterator[Row]:
    """Live, looking every ten days."""
    logging.getLogger("triaged").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="triaged-ninety-") as folder:
        course = Course(begin=BEGIN, days=DAYS, mail_per_day=MAILS, step=timedelta(minutes=5))
        month = Month(Path(folder), course, model=places.current(shipped.models()))
        looks: list[Look] = []
        try:
            month.run(lambda day: _every(looks, month, (day - BEGIN).days))
            looks.append(_look(month, DAYS))
            broken = invariants.broken(month)
        finally:
            month.close()
    early, late = looks[len(looks) // 3], looks[-1]
    yield Row("days · mails", " ".join(f"{one.days}·{one.mails:,}" for one in looks[1:]))
    yield Row("memory with the simulated world, MB", _told(looks, "memory"))
    yield Row("the simulated world, MB", _told(looks, "world"))
    grown = (late.memory - late.world) - (early.memory - early.world)
    bound = f"<= {GROWN:.0f} MB grown since day {early.days}"
    yield Row(
        "memory without it, MB",
        " ".join(f"{o.memory - o.world:.0f}" for o in looks[1:]),
        bound,
        grown <= GROWN,
    )
    for name in ("handles", "threads"):
        flat = getattr(late, name) <= getattr(early, name)
        yield Row(name, _told(looks, name), "flat", flat)
    each = [1000 * one.database / one.mails for one in looks[1:]]
    flat = each[-1] <= (1 + EVEN) * each[len(each) // 3]
    yield Row("database, MB", _told(looks, "database"))
    yield Row("database, KB a mail", " ".join(f"{one:.1f}" for one in each), f"within {EVEN:.0%}", flat)
    yield Row("promises broken", "; ".join(broken[:3]) or "none", "none", not broken)


def _every(looks: list[Look], month: Month, day: int) -> None:
    if day % EACH == 0:
        looks.append(_look(month, day))


def _told(looks: Sequence[Look], name: str) -> str:
    return " ".join(f"{getattr(one, name):.0f}" for one in looks[1:])


def _look(month: Month, days: int) -> Look:
    gc.collect()
    world = [
        month.life,
        month.sessions,
        month.postman,
        month.truths,
        month.opened_by,
        month._plan,
        month._server,
    ]
    known = [month, month.house, month.knowledge, month.config, month.town]
    return Look(
        days=days,
        mails=len(month.truths),
        memory=memory_of(os.getpid()),
        world=held(world, known) / 1e6,
        handles=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threads=threading.active_count(),
        database=sum(one.stat().st_size for one in Path(month.config.database.partition(":///")[2]).parent.glob("*.db*")) / 1e6,
    )  # fmt: skip


def held(roots: Sequence[object], without: Sequence[object]) -> int:
    """Bytes of all that can be reached from the roots, but for what is reached through `without`."""
    seen, waiting, size = {id(one) for one in without}, list(roots), 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        waiting += _held_by(one)
    return size


def _held_by(one: Any) -> list[object]:
    if isinstance(one, FunctionType):  # not the names of its module
        return [cell.cell_contents for cell in one.__closure__ or ()]
    if isinstance(one, MethodType):
        return [one.__self__, one.__func__]
    return gc.get_referents(one)
