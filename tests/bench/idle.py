"""What costs while nothing happens: the start of `--help`, and looking for due steps among 200,000 tickets."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from tests.bench import Row
from triaged.store import Store, upgrade
from triaged.store.tables import due

TICKETS = 200_000
SWEEP = 50.0  # ms
HELP = 3.0  # times bare Python
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """Start-up and the idle sweep."""
    bare = _best([sys.executable, "-I", "-c", "pass"])
    help_ = _best([str(Path(sys.executable).with_name("triaged")), "--help"])
    share = help_ / bare
    yield Row("bare Python", f"{bare:.0f} ms")
    yield Row("triaged --help", f"{help_:.0f} ms", f"<= {HELP:.0f} x bare Python", share <= HELP)
    took = _sweep()
    yield Row(f"idle sweep over {TICKETS:,} due steps", f"{took:.1f} ms", f"< {SWEEP:.0f} ms", took < SWEEP)


def _best(program: list[str]) -> float:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
        return 1000 * (time.perf_counter() - start)

    once()
    return min(once() for _ in range(7))


def _sweep() -> float:
    """Milliseconds of one look for due steps where all lie in the future."""
    with tempfile.TemporaryDirectory(prefix="triaged-idle-") as folder:
        url = f"sqlite:///{folder}/triaged.db"
        upgrade(url)
        store = Store.open(url)
        try:
            _fill(store)
            return statistics.median(_look(store) for _ in range(11))
        finally:
            store.close()


def _look(store: Store) -> float:
    start = time.perf_counter()
    assert store.claim_dues(50, NOW, "bench", timedelta(minutes=5)) == []
    return 1000 * (time.perf_counter() - start)


def _fill(store: Store) -> None:
    with store._writing() as connection:
        for begin in range(0, TICKETS, 10_000):
            rows = [
                {
                    "ticket_id": None,
                    "kind": "first_response",
                    "step": f"warn@{number}",
                    "mailbox": "global",
                    "due_at": NOW + timedelta(minutes=1 + number % 10_000),
                    "ready_at": NOW + timedelta(minutes=1 + number % 10_000),
                    "data": {},
                }
                for number in range(begin, begin + 10_000)
            ]
            connection.execute(insert(due), rows)
