"""The ground every group of queries stands on: short reading and writing transactions."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, text

from triaged.store.advisory import take_recording_lock
from triaged.store.deferred import Deferred, Later
from triaged.store.engine import Engines, lacks_room, told_plainly
from triaged.store.rows import Unavailable
from triaged.tickets.ticket import Letter

_PIECE = 500  # parameters of one IN list: both databases have a limit
_T = TypeVar("_T")


def pieces(things: Iterable[_T]) -> Iterator[list[_T]]:
    """The things in lists short enough for an IN."""
    rest = iter(things)
    while piece := list(itertools.islice(rest, _PIECE)):
        yield piece


def set_synchronous(connection: Connection, how: str) -> None:
    """SQLite's durability of the next commits; set past SQLAlchemy, which would begin a transaction for it."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA synchronous={how}")


@contextmanager
def set_busy_timeout(connection: Connection, seconds: float) -> Iterator[None]:
    """Inside the block wait no longer for SQLite's lock; without effect on PostgreSQL."""
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name != "sqlite":
        yield
        return
    (before,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={before}")


class Connected:
    """Has a database. Groups of queries derive from it; `Store` derives from all of them."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._writers: set[int] = set()  # threads that are writing now
        # When a write last failed for want of room, and how.
        self.wanted_room: tuple[float, str] | None = None

    @property
    def url(self) -> URL:
        """Where it is, password and all."""
        return self._engines.url

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._engines.writer.dialect.name

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction that only looks. Raises Unavailable."""
        with told_plainly(), self._engines.reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends. Raises Unavailable."""
        with self._alone(), self._turn(), self._minding_room(), self._engines.writer.begin() as connection:
            yield connection

    @contextmanager
    def _recording(self) -> Iterator[Connection]:
        """A transaction on tickets, alone among all recorders; it sees what others write until its first change.

        Durable when the block ends, else undone whole. Raises Unavailable.
        """
        engines = self._engines
        if engines.turn is None or engines.recording is None:
            with self._alone(), self._minding_room(), engines.recorder.begin() as connection:
                take_recording_lock(connection)
                yield connection
            return
        with self._alone(), engines.recording(), self._minding_room():
            try:
                with engines.recorder.begin() as connection:
                    yield connection
            finally:
                engines.turn.give_back()

    @contextmanager
    def _minding_room(self) -> Iterator[None]:
        """Told plainly; a write that failed for want of room is remembered for the probe."""
        try:
            with told_plainly():
                yield
        except Unavailable as error:
            if lacks_room(error):
                self.wanted_room = time.monotonic(), str(error)
            raise

    def _turn(self) -> AbstractContextManager[None]:
        return self._engines.turn() if self._engines.turn else nullcontext()

    @contextmanager
    def _noting(self) -> Iterator[Connection]:
        """A transaction that survives our own death at once, a power cut only from the next durable one on.

        For what a repeat would not lose: mail claimed, a letter known as sent. It spares a wait for the disk each;
        after a power cut some letters may leave twice, under their one Message-ID (promise 3).
        """
        with self._alone(), self._turn(), self._minding_room(), self._engines.writer.connect() as connection:
            if self.dialect == "sqlite":
                set_synchronous(connection, "NORMAL")
            try:
                with connection.begin():
                    if self.dialect == "postgresql":
                        connection.execute(text("SET LOCAL synchronous_commit = off"))
                    yield connection
            finally:
                if self.dialect == "sqlite":
                    set_synchronous(connection, "FULL")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A thread that writes inside its own transaction would wait for itself: say so at once."""
        thread = threading.get_ident()
        if thread in self._writers:
            raise RuntimeError("this thread is inside a transaction of the store: use that one")
        self._writers.add(thread)
        try:
            yield
        finally:
            self._writers.discard(thread)


class Within:
    """Works inside one transaction that somebody else began and will end. `Transaction` derives from all.

    What is written is put off where it can be (`_later`), and what was touched by that is known: tickets by
    number, Message-IDs and hashes by name. Nobody gets at the connection but by saying what he asks about
    (`_about`), and what was put off about that is written first; or that nothing put off can be meant (`_apart`).
    With the writing, whoever was the cause, every kept answer about something touched is dropped (`_forget`).
    """

    def __init__(self, connection: Connection) -> None:
        self.__connection = connection
        self.__deferred = Deferred(connection)
        self._touched: set[int | str] = set()
        self._opened: dict[int, list[Letter]] = {}  # tickets opened here, with all the letters they have

    def finish(self) -> None:
        """Write what was put off; called when the transaction is about to end. Raises Fenced."""
        self.__deferred.write()
        touched, self._touched = self._touched, set()
        self._forget(touched)

    def _later(self, later: Later, rows: Iterable[Sequence[Any]], about: Iterable[int | str]) -> None:
        """Write these at the end, or when somebody asks about what they touch. Raises ValueError, TypeError."""
        self.__deferred.put(later, rows)
        self._touched.update(about)

    def _about(self, asked: Iterable[int | str]) -> Connection:
        """The connection, to ask about these or change them."""
        self._written(asked)
        return self.__connection

    def _apart(self) -> Connection:
        """The connection, for what nothing put off can touch, or what the asker counts himself."""
        return self.__connection

    def _written(self, asked: Iterable[int | str]) -> None:
        """Have written what was put off about these."""
        if not self._touched.isdisjoint(asked):
            self.finish()

    def _forget(self, touched: Set[int | str]) -> None:
        """Drop what was looked up about these: it has been written since. Whoever keeps answers adds to it."""
