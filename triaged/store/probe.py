"""Whether mail can be kept just now: tried, not believed.

A database answers SELECT 1 while its disk is full, while somebody holds its lock, and where it may only be
read. So a probe writes as much as a small mail and takes it back; now and then it also commits, because some
disks say only then that they are full. What a small write does not meet, larger ones do: a write of anybody's
that failed for want of room is remembered for a minute.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, delete, insert

from triaged.store.connected import Connected, set_busy_timeout
from triaged.store.engine import told_plainly
from triaged.store.inserts import put_setting
from triaged.store.rows import Unavailable
from triaged.store.tables import setting

PROBE_SECONDS = 2  # as long as somebody else may hold SQLite's lock before we call it locked
_ROOM = "x" * 64 * 1024
_COMMITTED = "x" * 16 * 1024
_COMMIT_EVERY = 2.0  # seconds; a commit waits for the disk
_REMEMBERED = 60.0
_LEAST_FREE = 4 * 1024 * 1024


class _TakenBack(Exception):
    """Ends a probe that is not to be committed."""


class Probing(Connected):
    """Asks the database to do what it is for."""

    _committed_at = float("-inf")

    def probe(self) -> None:
        """Raises Unavailable with the reason why mail cannot be kept."""
        if self.dialect == "sqlite":
            _look_at_disk(Path(str(self._engines.url.database)))
        if self.wanted_room is not None and time.monotonic() - self.wanted_room[0] < _REMEMBERED:
            raise Unavailable(f"{self.wanted_room[1]} (a write failed within the last minute)")
        now = time.monotonic()
        commit = now - self._committed_at >= _COMMIT_EVERY
        with (
            suppress(_TakenBack),
            self._alone(),
            self._turn(),
            told_plainly(),
            self._engines.writer.connect() as connection,
            set_busy_timeout(connection, PROBE_SECONDS),
            connection.begin(),
        ):
            self._write(connection, commit)
        if commit:
            self._committed_at = now

    def _write(self, connection: Connection, commit: bool) -> None:
        name = f"probe {uuid.uuid4().hex}"
        connection.execute(insert(setting).values(name=name, value=_ROOM))
        connection.execute(delete(setting).where(setting.c.name == name))
        if not commit:
            raise _TakenBack
        # SQLite does not write pages that are free again, and so would not meet a full disk.
        if self.dialect == "sqlite":
            put_setting(connection, "probe", _COMMITTED)


def _look_at_disk(file: Path) -> None:
    if not file.exists():
        raise Unavailable(f"the database's file {file.name} is gone")
    disk = os.statvfs(file)
    free = disk.f_bavail * disk.f_frsize
    if free < _LEAST_FREE:
        raise Unavailable(f"the disk is full: {free // 1024} KiB free beside the database")
