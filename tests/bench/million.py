"""What grows with the archive: the same work on a store of 10,000 tickets and on one of a million, in turn.

    TRIAGED_TICKETS=1000000 python -m tests.bench million     (TRIAGED_DATABASES="sqlite postgresql", TRIAGED_FOLDER)

Every part is asked of both stores alternately, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import text

from tests.bench import Row, lived, multiplied
from tests.servers.postgres import Postgres, binaries
from tests.web.desk import ANNA, BEN, LENA, MONDAY, Browser, Desk, small_rules
from triaged.edge.memory import starting
from triaged.promises import reports
from triaged.store import Store, upgrade
from triaged.store.rows import TicketFilter
from triaged.tickets.ticket import State
from triaged.walk import deadlines, observing, story

FEW, MANY = 10_000, int(os.environ.get("TRIAGED_TICKETS", "1000000"))
DATABASES = os.environ.get("TRIAGED_DATABASES", "sqlite").split()
FLAT, NOISE = 1.3, 0.002  # times; seconds that are no growth
PAGE = 0.1  # seconds at 95 %
TURNS, PAGES, REPORTS = 20, 20, 3
SHARED = ("-c", "shared_buffers=512MB", "-c", "max_wal_size=2GB")
_OPEN = tuple(state for state in State if state is not State.CLOSED)


@dataclass
class Taken:
    """How long one part took, each time; `cpu`: of this process, pages included."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def time(self, work: Callable[[], object]) -> None:
        """Once more."""
        begin, busy = time.perf_counter(), time.process_time()
        work()
        self.seconds.append(time.perf_counter() - begin)
        self.cpu.append(time.process_time() - busy)

    @property
    def median(self) -> float:
        """Half of them took less."""
        return statistics.median(self.seconds)

    @property
    def most(self) -> float:
        """19 of 20 took less."""
        return sorted(self.seconds)[int(0.95 * (len(self.seconds) - 1))]


class Great:
    """A desk on a made store, and what is measured on it."""

    def __init__(self, folder: Path, pattern: Path, url: str, tickets: int, long: int) -> None:
        self.copies = multiplied.make(pattern, url, tickets)
        self.tickets = tickets
        self.long = multiplied.newest(long, self.copies)
        self.folder = folder
        small_rules(folder)
        self.desk = Desk(folder, url, daemon=False)
        self.house, self.random = lived.house_of(self.desk), Random(15)
        self.staff, self.admin, self.anna = (self.desk.signed_in(one) for one in (BEN, LENA, ANNA))
        self.mails = 0

    def close(self) -> None:
        self.desk.close()

    @property
    def store(self) -> Store:
        return self.desk.store

    def size(self) -> int:
        """Bytes of the database."""
        if self.store.dialect == "sqlite":
            return Path(str(self.store.url.database)).stat().st_size
        with self.store._reading() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)

    def parts(self) -> dict[str, tuple[int, Callable[[], object]]]:
        """What is done how often, by name; what changes the store comes last."""
        known, store = self.house.knowledge, self.store
        since = MONDAY - timedelta(days=7)

        def report() -> object:
            return reports.report(store.reported(since), known.rulebook.promises, MONDAY)

        def page(browser: Browser, path: str) -> tuple[int, Callable[[], object]]:
            return PAGES, lambda: self._page(browser, path)

        return {
            "tickets list": (TURNS, lambda: store.queue(TicketFilter(states=_OPEN))),
            "tickets list --partner": (TURNS, lambda: store.queue(TicketFilter(states=_OPEN, partner="oakbridge.example"))),
            "tickets list --text, common": (TURNS, lambda: store.queue(TicketFilter(states=_OPEN, text="export"))),
            "tickets list --text, rare": (TURNS, lambda: store.queue(TicketFilter(text="rare7"))),
            "tickets list --text, none": (TURNS, lambda: store.queue(TicketFilter(text="nowhere"))),
            "tickets show": (TURNS, self._show),
            "status": (TURNS, lambda: (store.mailbox_states(), store.notes(), store.counts(MONDAY), store.leases())),
            "a scrape of the metrics": (TURNS, lambda: list(observing.observe(store, MONDAY))),
            "report of a week": (REPORTS, report),
            "page: queue": page(self.staff, "/queue"),
            "page: queue, everything": page(self.staff, "/queue?view=everything"),
            "page: queue of a partner": page(self.staff, "/queue?view=everything&partner=oakbridge.example"),
            "page: search by staff, common": page(self.staff, "/queue?q=export"),
            "page: search by staff, two words": page(self.staff, "/queue?q=export+dashboard"),
            "page: search by staff, rare": page(self.staff, "/queue?q=rare7"),
            "page: search by staff, beginning": page(self.staff, "/queue?q=dash"),
            "page: organisation's list": page(self.admin, "/tickets"),
            "page: a person's list": page(self.anna, "/tickets"),
            "page: search by a partner": page(self.admin, "/tickets?q=export"),
            "page: ticket of 500 events, staff": page(self.staff, f"/queue/PS-{self.long}"),
            "page: ticket of 500 events, partner": page(self.anna, f"/tickets/PS-{self.long}"),
            "triage of a mail": (TURNS, self._triage),
            "triage of an answer": (TURNS, self._answer),
            "sweep, nothing due": (TURNS, lambda: deadlines.take_due(self.house, MONDAY)),
            "sweep of 50 due steps": (REPORTS, lambda: deadlines.take_due(self.house, MONDAY + timedelta(days=60))),
        }  # fmt: skip

    def _page(self, browser: Browser, path: str) -> None:
        self.desk.pages.house.buckets._left.clear()  # here nobody asks too often
        assert browser.get(path).status_code == 200, path

    def _show(self) -> None:
        copy = self.random.randrange(self.copies)
        number = multiplied.newest(1001 + self.random.randrange(40), self.copies - copy)
        found = self.store.ticket_by_reference(f"PS-{number}")
        assert found is not None or copy
        if found is not None:
            story.whole(found, self.store, self.house.knowledge, MONDAY)

    def _triage(self) -> None:
        self.mails += 1
        by = f"person{self.mails}@oakbridge.example"
        words = lived.sentences(self.random, 4)
        arrival = lived.mail(f"new{self.mails}", by, f"Trouble {self.mails}", words, MONDAY)
        lived.walk(self.house, arrival, MONDAY)

    def _answer(self) -> None:
        self.mails += 1
        subject = f"Re: [PS-{self.long}] Export of the pipeline is wrong"
        words = lived.sentences(self.random, 4)
        arrival = lived.mail(
            f"new{self.mails}", ANNA, subject, words, MONDAY, "<bench.long@oakbridge.example>"
        )
        assert lived.walk(self.house, arrival, MONDAY).id == self.long


def rows() -> Iterator[Row]:
    """Every part on both stores, on each database."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="triaged-million-", dir=os.environ.get("TRIAGED_FOLDER")))
        stack.callback(shutil.rmtree, folder)
        pattern, long = _pattern(folder / "pattern")
        for database in DATABASES:
            with _two(folder / database, pattern, long, database) as (few, many):
                yield from _of(database, few, many)


def _pattern(folder: Path) -> tuple[Path, int]:
    folder.mkdir()
    small_rules(folder)
    file = folder / "triaged.db"
    upgrade(f"sqlite:///{file}")
    desk = Desk(folder, f"sqlite:///{file}", daemon=False)
    try:
        return file, lived.live(desk)
    finally:
        desk.close()


@contextmanager
def _two(folder: Path, pattern: Path, long: int, database: str) -> Iterator[tuple[Great, Great]]:
    with ExitStack() as stack:
        server = _server(stack) if database == "postgresql" else None
        made = []
        for tickets in (FEW, MANY):
            its = folder / str(tickets)
            its.mkdir(parents=True)
            url = server.empty() if server else f"sqlite:///{its}/triaged.db"
            begin = time.perf_counter()
            with starting():  # as `triaged web` begins
                great = Great(its, pattern, url, tickets, long)
            stack.callback(great.close)
            made.append(great)
            print(f"     made {tickets:,} tickets in {time.perf_counter() - begin:.0f} s", flush=True)
        yield made[0], made[1]


def _server(stack: ExitStack) -> Postgres:
    programs = binaries()
    assert programs is not None, "PostgreSQL is not installed"
    server = Postgres(programs, SHARED)
    stack.callback(server.remove)
    server.start()
    return server


def _of(database: str, few: Great, many: Great) -> Iterator[Row]:
    for great in (few, many):
        size = great.size()
        told = f"{size / great.tickets / 1024:.1f} KB"
        yield Row(f"{database}, {great.tickets:,} tickets, {size / 1e9:.2f} GB", f"{told} a ticket")
    here, there = few.parts(), many.parts()
    for name, (turns, work) in here.items():
        yield _row(database, name, *_in_turn(turns, work, there[name][1]))


def _in_turn(turns: int, *works: Callable[[], object]) -> Sequence[Taken]:
    taken = [Taken() for _ in works]
    for turn in range(turns + 1):
        for one, work in zip(taken, works, strict=True):
            (one if turn else Taken()).time(work)  # the first time fills the caches
    return taken


def _row(database: str, name: str, few: Taken, many: Taken) -> Row:
    times = many.median / few.median
    met = times <= FLAT or many.median - few.median <= NOISE
    bound = f"<= {FLAT}"
    if name.startswith("page"):
        met, bound = met and many.most <= PAGE, f"{bound}, 95 % <= {PAGE * 1000:.0f} ms"
    cpu = statistics.median(many.cpu) / max(statistics.median(few.cpu), 1e-6)
    told = f"{_ms(few.median)}, {_ms(few.most)} -> {_ms(many.median)}, {_ms(many.most)} ms: {times:.2f}"
    told += f" (CPU {_ms(statistics.median(many.cpu))} ms, {cpu:.2f})"
    return Row(f"{database}: {name}", told, bound, met)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"
