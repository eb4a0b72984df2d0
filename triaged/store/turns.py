"""Who writes to a SQLite file, and who records: one at a time, and for as short as can be.

Recording (placing mails on tickets, moving tickets on) is one at a time over all threads and processes, or two
of them open two tickets for one thread. PostgreSQL has advisory locks for that; beside a SQLite file a lock
file does it, so that SQLite's own write lock is held only while something is written: doors keep mail and
senders note what they sent while a batch is judged.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from triaged.edge import private
from triaged.store.rows import Unavailable

PATIENCE = 60.0  # seconds
_LOOK_AGAIN = 0.005


class Turn:
    """The right to write, for which this process's threads queue in memory instead of polling SQLite's lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Only its own holder finds itself here, so it is read without the lock.
        self._holder: int | None = None

    def take(self) -> None:
        """Ours until given back; taking it again changes nothing. Raises Unavailable after PATIENCE."""
        if self._holder == threading.get_ident():
            return
        if not self._lock.acquire(timeout=PATIENCE):
            raise Unavailable("the database is busy: another thread has been writing for too long")
        self._holder = threading.get_ident()

    def give_back(self) -> None:
        """Let others write, if it was ours."""
        if self._holder == threading.get_ident():
            self._holder = None
            self._lock.release()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Ours inside the block."""
        self.take()
        try:
            yield
        finally:
            self.give_back()


class FileLock:
    """One recorder at a time for a database file, over threads and processes; nothing is written into the lock files.

    Whoever waits for the lock holds the one beside it, which everybody needs first: so a daemon that records
    without rest does not overtake an operator's command for ever.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._threads = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Alone inside the block. Raises Unavailable after PATIENCE."""
        until = time.monotonic() + PATIENCE
        if not self._threads.acquire(timeout=PATIENCE):
            raise Unavailable("the database is busy: another thread has been recording for too long")
        try:
            with ExitStack() as held:
                with _lock_file(self._database, "-next") as waiting:
                    _wait(waiting, until)
                    _wait(held.enter_context(_lock_file(self._database, "-recording")), until)
                yield
        finally:
            self._threads.release()


class Presence:
    """Who lives on a database file: each daemon shares a lock that ends with its holder, however he ends."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._here = ExitStack()
        self._arrived = False
        self.shared = False  # whether somebody else lived here when we arrived

    @contextmanager
    def arrive(self) -> Iterator[bool]:
        """Live here from now on. Inside the block: whether nobody else does, and nobody else can arrive.

        Not alone either when it has arrived before. Raises Unavailable.
        """
        if self._arrived:
            yield False
            return
        number = self._here.enter_context(_lock_file(self._database, "-daemon"))
        self._arrived = True
        try:
            alone = _locked(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.shared = not alone
            yield alone
        finally:
            _locked(number, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Gone, as far as others care."""
        self._here.close()
        self._arrived = False


def _wait(number: int, until: float) -> None:
    while not _locked(number, fcntl.LOCK_EX | fcntl.LOCK_NB):
        if time.monotonic() > until:
            raise Unavailable("the database is busy: another process has been recording for too long")
        time.sleep(_LOOK_AGAIN)


def _locked(number: int, how: int) -> bool:
    try:
        fcntl.flock(number, how)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks
        raise Unavailable(f"the database's folder cannot be locked: {error.strerror}") from None
    return True


@contextmanager
def _lock_file(database: Path, suffix: str) -> Iterator[int]:
    """The lock file beside the database, made where it is missing; closing it gives its locks back."""
    file = database.with_name(database.name + suffix)
    try:
        number = private.opened(file, like=database)
    except OSError as error:
        raise Unavailable(f"cannot open {file}: {error.strerror}") from None
    try:
        yield number
    finally:
        os.close(number)
