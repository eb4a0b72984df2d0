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
from contextlib import contextmanager
from pathlib import Path

from triaged.store.values import Unavailable

PATIENCE = 60.0  # seconds
_LOOK_AGAIN = 0.005


class Turn:
    """The right to write, for which this process's threads queue in memory instead of polling SQLite's lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def take(self) -> None:
        """Ours until given back; taking it again changes nothing. Raises Unavailable after PATIENCE."""
        if self._holder == threading.get_ident():
            return
        if not self._lock.acquire(timeout=PATIENCE):
            raise Unavailable("the database is busy: another thread writes without end")
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
    """One recorder at a time for a database file, over threads and processes; nothing is written into the lock file."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._threads = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Alone inside the block. Raises Unavailable after PATIENCE."""
        until = time.monotonic() + PATIENCE
        if not self._threads.acquire(timeout=PATIENCE):
            raise Unavailable("the database is busy: another thread records without end")
        try:
            number = _opened(self._database, "-recording")
            try:
                while not _locked(number):
                    if time.monotonic() > until:
                        raise Unavailable("the database is busy: another process records without end")
                    time.sleep(_LOOK_AGAIN)
                yield
            finally:
                os.close(number)  # which gives the lock back
        finally:
            self._threads.release()


class Presence:
    """Whether another daemon lives on a database file: a lock that ends with its holder, however he ends."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._number: int | None = None

    def alone(self) -> bool:
        """Whether nobody else is there; if so nobody else is from now on, until `leave`. Raises Unavailable."""
        if self._number is None:
            number = _opened(self._database, "-daemon")
            if not _locked(number):
                os.close(number)
                return False
            self._number = number
        return True

    def leave(self) -> None:
        """Gone, as far as others care."""
        if self._number is not None:
            os.close(self._number)
            self._number = None


def _locked(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(database: Path, suffix: str) -> int:
    """The lock file beside the database, made where it is missing."""
    file = database.with_name(database.name + suffix)
    try:
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Unavailable(f"cannot open {file}: {error.strerror}") from None
    try:
        number = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if os.geteuid() == 0:  # made by an admin's command: it must still be the service's own
            owner = database.stat()
            os.fchown(number, owner.st_uid, owner.st_gid)
        return number
    except OSError as error:
        raise Unavailable(f"cannot create {file}: {error.strerror}") from None
