"""A daemon's sign of life on a PostgreSQL that several share, and the burial of those that gave none (promise 4).

A life is a lease of its own name, of seconds, on the server's clock. It is renewed over a session that does
nothing else and holds an advisory lock: a daemon that was killed, or whose machine is gone, loses the lock at once
or within the keepalives' seconds; one that is frozen keeps it and loses its life when the lease ends. Whoever
finds a dead one buries it: ends what sessions it has left, and frees all it had in hand. What a daemon claims is
its own for as long as it is not buried, whatever the daemons' clocks say (claims.py).

On SQLite nobody beats: there a file lock tells who lives (turns.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from triaged.frozen import frozen
from triaged.store.columns import from_micros
from triaged.store.connected import Connected
from triaged.store.engine import lifeline, session_of, told_plainly
from triaged.store.leases import DAEMON, LIFE, server_time, set_free
from triaged.store.rows import Unavailable
from triaged.store.tables import lease, note

LIFE_SECONDS = 6.0  # without a beat, after which a daemon is dead
BEAT_SECONDS = 1.0
# Without a beat, after which one without its lock is dead; also after our own session was lost
GRACE_SECONDS = 2.5
_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCKED = text(
    """
    SELECT NOT EXISTS (
      SELECT 1 FROM pg_locks AS held
      WHERE held.locktype = 'advisory' AND held.granted
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND ((held.classid::bigint << 32) | held.objid::bigint) = :key)
    """
)
_END_SESSIONS = text(
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = :session AND datname = current_database() AND usename = current_user
      AND pid <> pg_backend_pid()
    """
)


@frozen
class Beat:
    """What the server said to a sign of life: the epoch of this life, and of each lease renewed with it."""

    epoch: int
    renewed: Mapping[str, int]


class Pulse:
    """One daemon's session and life. Used by one thread; `end` by whoever stops it."""

    def __init__(self, home: Connected, owner: str) -> None:
        self._owner, self._name = owner, LIFE + owner
        self._engine = lifeline(home.url, owner)
        self._session: Connection | None = None
        self._epoch = 0
        self._since = from_micros(0)  # when this session began, by the server's clock

    def beat(self, also: Collection[str]) -> Beat:
        """Live on, and with it the leases of these names that are ours. Raises Unavailable.

        A new epoch: somebody buried us, and whatever was ours before is not any more.
        """
        try:
            return self._beat(also)
        except Unavailable:  # the session was lost: once more on a new one, before anybody misses us
            self._hang_up()
            return self._beat(also)

    def _beat(self, also: Collection[str]) -> Beat:
        with told_plainly():
            session = self._connected()
            with session.begin():
                at = server_time(session)
                until = at + timedelta(seconds=LIFE_SECONDS)
                ours = (lease.c.name == self._name, lease.c.epoch == self._epoch)
                if session.execute(update(lease).where(*ours).values(until=until)).rowcount != 1:
                    self._epoch += 1
                    born = {"name": self._name, "owner": self._owner, "epoch": self._epoch, "until": until}
                    session.execute(delete(lease).where(lease.c.name == self._name))
                    session.execute(insert(lease).values(born))
                held = update(lease).where(lease.c.owner == self._owner, lease.c.name.in_(list(also)))
                rows = session.execute(held.values(until=until).returning(lease.c.name, lease.c.epoch)).all()
        return Beat(self._epoch, {row.name: row.epoch for row in rows})

    def dead(self) -> list[str]:
        """Those of whom nobody need expect anything any more. Raises Unavailable."""
        with told_plainly():
            session = self._connected()
            with session.begin():
                at = server_time(session)
                if at - self._since < timedelta(seconds=GRACE_SECONDS):
                    return []  # the server may have been away for all of us: the others come back like us
                silent = at + timedelta(seconds=LIFE_SECONDS - GRACE_SECONDS)
                lives = select(lease.c.owner, lease.c.until).where(
                    lease.c.name.startswith(LIFE), lease.c.owner != self._owner, lease.c.until <= silent
                )
                return [
                    row.owner
                    for row in session.execute(lives).all()
                    if row.until <= at or session.scalar(_UNLOCKED, {"key": _key(row.owner)})
                ]

    def end(self, now: datetime) -> None:
        """Dead by one's own word: what hangs in our hands is free from `now` on. Raises Unavailable."""
        try:
            with told_plainly():
                session = self._connected()
                with session.begin():
                    set_free(session, self._owner, now)
                    session.execute(delete(lease).where(lease.c.name == self._name))
        finally:
            self._hang_up()

    def _connected(self) -> Connection:
        if self._session is None:
            session = self._engine.connect()
            with session.begin():
                session.execute(text("SET SESSION synchronous_commit = off"))
                # Not ours yet where the server still holds it for a session of ours that broke off.
                session.execute(_LOCK, {"key": _key(self._owner)})
                self._since = server_time(session)
            self._session = session
        return self._session

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()
            session.close()


class Burials(Connected):
    """What the living do about the dead."""

    def pulse(self, owner: str) -> Pulse | None:
        """The means to tell that this daemon lives; None on SQLite, where nobody asks."""
        return Pulse(self, owner) if self.dialect == "postgresql" else None

    def bury(self, owner: str, now: datetime, heir: str = "") -> int | None:
        """Free all a dead daemon had in hand, from `now` on; how many pieces of work. None: it lives, or somebody else did.

        Its sessions end first: whatever it was in the middle of is undone, and holds up nobody. Raises Unavailable.
        """
        with self._writing() as connection:
            silent = server_time(connection) + timedelta(seconds=LIFE_SECONDS - GRACE_SECONDS)
            life = delete(lease).where(lease.c.name == bindparam("life"), lease.c.until <= silent)
            if connection.execute(life, {"life": LIFE + owner}).rowcount != 1:
                return None
            connection.execute(_END_SESSIONS, {"session": session_of(owner)})
            work = set_free(connection, owner, now)
            told = connection.scalar(select(note.c.value).where(note.c.name == DAEMON + owner))
            if told is not None:
                ended = {**told, "buried_by": heir, "work": work}
                connection.execute(update(note).where(note.c.name == DAEMON + owner).values(value=ended))
            return work


def _key(owner: str) -> int:
    """The advisory lock of a daemon."""
    return int.from_bytes(hashlib.sha256(owner.encode()).digest()[:8], signed=True)
