"""A backlog: does the work go on evenly, do acknowledgments leave with it, and what does a fresh mail wait for?

The mails are small and made here, so that 8,000 are soon laid down. `TRIAGED_BACKLOG=100000 TRIAGED_DOMAINS=1000
TRIAGED_OLD=100000` asks for other numbers: of mails that wait, of the domains they come from (several: one after the
other), of old mails at first contact (0: leave that out).
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from tests.bench import Row
from tests.bench.drain import cpu_of, daemon, memory_of
from tests.bench.mails import SUPPORT, partner
from tests.bench.sink import Sinking
from triaged.store import Store
from triaged.store.tables import mail as mail_table

MAILS = int(os.environ.get("TRIAGED_BACKLOG", "8000"))
DOMAINS = tuple(map(int, os.environ.get("TRIAGED_DOMAINS", f"1 {MAILS}").split()))
OLD = int(os.environ.get("TRIAGED_OLD", MAILS * 5 // 2))
QUARTERS = 0.10  # the last quarter's rate beside the first's
EVEN = 0.25  # acknowledgments' rate of a quarter beside the mean of all
FRESH = 5.0  # seconds
SLOWEST = 9.0  # mails a second: below, the work is given up
LOOK = 0.1  # seconds between two looks, at least
FLAT = 0.10  # memory of the last quarter beside the second's


def rows() -> Iterator[Row]:
    """8,000 from one domain, 8,000 from as many, and one fresh mail behind 20,000 old ones."""
    for domains in DOMAINS:
        name = f"{MAILS:,} of {domains:,} domain{'s' * (domains > 1)}"
        yield from _quarters(name, [_mail(n, n % domains) for n in range(MAILS)], domains)
    if OLD:
        yield from _fresh([_mail(n, n % max(DOMAINS)) for n in range(OLD)])


def _mail(number: int, house: int, subject: str = "Export") -> bytes:
    domain = partner(house)
    return (
        f"Authentication-Results: mx.intake.example; dmarc=pass header.from={domain}\r\n"
        f"From: Staff <staff{number}@{domain}>\r\nTo: {SUPPORT}\r\nSubject: {subject} {number}\r\n"
        f"Message-ID: <{number}.{subject}.backlog@{domain}>\r\n\r\n"
        f"The export of reports has failed for us since this morning, report {number}.\r\n"
    ).encode()


def _quarters(name: str, mails: Sequence[bytes], domains: int) -> Iterator[Row]:
    with Sinking() as sink, daemon(sink, domains) as (dovecot, folder, process):
        appear = dovecot.lay_down("bench", mails, datetime.now(UTC))
        cpu = cpu_of(process.pid)
        appear()
        judged, left, memory = _watched(folder, sink, len(mails), process.pid)
        cpu = cpu_of(process.pid) - cpu
    rates, leaving = _rates(len(mails), judged), _rates(len(mails), left)
    told, mean = " ".join(f"{rate:.0f}" for rate in rates), len(mails) / (left[-1] - left[0])
    worst = max(abs(rate / mean - 1) for rate in leaving)
    kept = rates[-1] >= (1 - QUARTERS) * rates[0]
    yield Row(f"{name}: mails a second by quarter", told, f"last >= {1 - QUARTERS:.1f} x first", kept)
    told = " ".join(f"{rate:.0f}" for rate in leaving)
    yield Row(f"{name}: letters a second by quarter", told, f"within {EVEN:.0%} of even", worst <= EVEN)
    yield Row(f"{name}: first letter after", f"{left[0] - judged[0]:.1f} s")
    yield Row(f"{name}: CPU ms a mail", f"{1000 * cpu / len(mails):.2f}")
    told, flat = " ".join(f"{one:.0f}" for one in memory), memory[-1] <= (1 + FLAT) * memory[1]
    yield Row(f"{name}: memory by quarter", f"{told} MB", "<= 260 MB, flat", memory[-1] <= 260 and flat)


def _rates(count: int, reached: Sequence[float]) -> list[float]:
    """Mails a second in each quarter; two quarters seen at one look took no shorter than a look."""
    return [count / 4 / max(b - a, LOOK) for a, b in itertools.pairwise(reached)]


def _watched(
    folder: Path, sink: Sinking, count: int, pid: int
) -> tuple[list[float], list[float], list[float]]:
    """When work began and each quarter was judged; the first letter left and each quarter; MB behind each quarter."""
    begun = time.perf_counter()  # letters may have left: it takes a while until many mails have appeared
    judged, left, memory = [begun], list[float](), list[float]()
    store = Store.open(f"sqlite:///{folder}/triaged.db")
    try:
        while len(left) < 5 or len(judged) < 5:
            now = time.perf_counter()
            if now - begun > count / SLOWEST:
                raise RuntimeError(f"{sink.taken()} letters for {count} mails")
            taken = sink.taken()
            if taken and not left:
                left.append(now)
            left += [now] * ((4 * taken // count + 1 - len(left)) if left else 0)
            reached = 4 * _finished(store) // count + 1 - len(judged)
            judged += [now] * reached
            memory += [memory_of(pid) for _ in range(reached)]
            time.sleep(max(LOOK, 10 * (time.perf_counter() - now)))  # a count of many rows takes its time
    finally:
        store.close()
    return judged, left, [*memory[:-1], memory_of(pid)]


def _finished(store: Store) -> int:
    with store._reading() as connection:
        query = select(func.count()).where(mail_table.c.finished_at.is_not(None))
        return connection.scalar(query) or 0


def _fresh(old: Sequence[bytes]) -> Iterator[Row]:
    """First contact with a full mailbox: what came a month ago gets no letter, what comes now has one soon."""
    with Sinking() as sink, daemon(sink, max(DOMAINS)) as (dovecot, folder, _process):
        dovecot.deliver_many("bench", old, datetime.now(UTC) - timedelta(days=30))
        store = Store.open(f"sqlite:///{folder}/triaged.db")
        times = []
        try:
            for number in range(3):
                while _finished(store) < (number + 1) * len(old) // 20:
                    time.sleep(0.1)
                before, start = sink.taken(), time.perf_counter()
                dovecot.append("bench", _mail(number, number, "Fresh"))
                while sink.taken() == before and time.perf_counter() - start < 120:
                    time.sleep(0.02)
                times.append(time.perf_counter() - start)
            behind = _finished(store)
        finally:
            store.close()
    told = " ".join(f"{one:.1f}" for one in times)
    yield Row(f"fresh mails behind {OLD:,} old ones, s", told, f"<= {FRESH} s", max(times) <= FRESH)
    yield Row("of the old ones judged by then", f"{behind:,}")
