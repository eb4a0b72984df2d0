"""One, two and three daemons on one PostgreSQL and one mailbox: how many mails a second, and what each mail costs.

The mailbox has one reader at a time; what it keeps all of them judge, and record one batch at a time (docs/scale.md).
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import Row
from tests.bench.drain import PATIENCE, configure, cpu_of, running, wait_until_ready
from tests.bench.mails import partner_mails
from tests.bench.sink import Sinking
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres, binaries
from triaged.store import upgrade

MAILS, MOST = 2000, 3


def rows() -> Iterator[Row]:
    """Each number of daemons on an empty database of its own."""
    mails, programs = partner_mails(MAILS), binaries()
    if len(mails) < MAILS or programs is None:
        yield Row("daemons", "skipped: the spamassassin corpus or PostgreSQL is not there")
        return
    server = Postgres(programs)
    try:
        server.start()
        alone = 0.0
        for number in range(1, MOST + 1):
            with Sinking() as sink:
                seconds, cpu, each = _drained(mails, sink, server, number)
            alone = alone or seconds
            told = (
                f"{MAILS / seconds:.0f} ({alone / seconds:.2f} x one; CPU {1000 * cpu / MAILS:.1f} ms a mail)"
            )
            yield Row(f"{number} daemon(s), mails a second", told)
            yield Row("  CPU seconds of each", " ".join(f"{one:.1f}" for one in each))
    finally:
        server.remove()


def _drained(
    mails: Sequence[bytes], sink: Sinking, server: Postgres, number: int
) -> tuple[float, float, list[float]]:
    """Seconds, and the CPU of all daemons and of each; every mail has its letter, once."""
    database, dovecot = server.fresh(upgrade), Dovecot().start()
    with ExitStack() as stack:
        stack.callback(dovecot.stop)
        processes = []
        for _ in range(number):
            folder = Path(tempfile.mkdtemp(prefix="triaged-bench-"))
            stack.callback(shutil.rmtree, folder)
            port = configure(folder, dovecot, sink.port, len(mails), database)
            processes.append(stack.enter_context(running(folder)))
            wait_until_ready(port, processes[-1])
        time.sleep(3)  # readers are warm
        appear = dovecot.lay_down("bench", mails, datetime.now(UTC))
        before, begun = [cpu_of(one.pid) for one in processes], time.perf_counter()
        appear()
        while sink.taken() < len(mails) and time.perf_counter() < begun + PATIENCE:
            time.sleep(0.05)
        seconds = time.perf_counter() - begun
        each = [cpu_of(one.pid) - was for one, was in zip(processes, before, strict=True)]
        time.sleep(1)  # anything doubled would come now
        if sink.taken() != len(mails):
            raise RuntimeError(f"{sink.taken()} letters for {len(mails)} mails")
    return seconds, sum(each), each
