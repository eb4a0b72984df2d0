"""Leases: which daemon reads which mailbox, or does what only one may do at a time.

Each taking raises the epoch. A holder that slept past its lease finds, when it renews, that its epoch is
gone, and stops. PostgreSQL tells the time itself: the daemons' clocks may differ. Here too: which daemons live,
and what becomes of work whose owner is dead or whose time a wrong clock set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, or_, select, text, update

from triaged.store.columns import Moment, from_micros, to_micros
from triaged.store.connected import Connected
from triaged.store.inserts import upsert
from triaged.store.rows import Held
from triaged.store.tables import due, lease, letter, mail, note, ticket

ALIVE = timedelta(minutes=10)  # since a daemon was last heard of: as long as it may have work in hand
_TOLERANCE = timedelta(minutes=1)
_SOON = timedelta(minutes=20)  # longer than any lease, and than a failed mail or step waits
_FEW_TRIES = 4
_LONGEST_OF_FEW = timedelta(minutes=75)  # between a letter's first tries
_LONGEST_WAIT = timedelta(hours=10)  # between its later ones
_LONGEST_NIGHT = timedelta(days=14)  # between two digests, holidays and all
LIFE = "daemon:"  # how the name of a lease begins that is a daemon's own life (pulse.py)
DAEMON = "daemon."
_DAEMONS = select(note.c.name, note.c.value).where(note.c.name.startswith(DAEMON))
_SERVER_MICROS = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")


class Leases(Connected):
    """Named leases, held by an owner until a time."""

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> int | None:
        """The epoch under which it is ours; None while somebody else holds it. Taking one's own again
        gives a new epoch: the former holder under this name is fenced too."""
        with self._writing() as connection:
            at = _time(connection, now)
            row = upsert(connection, lease).values(
                name=name, owner=owner, epoch=1, until=at + timedelta(seconds=seconds)
            )
            free = or_(
                lease.c.until <= bindparam("at", at, type_=Moment), lease.c.owner == row.excluded.owner
            )
            taken = row.on_conflict_do_update(
                index_elements=["name"],
                set_={"owner": row.excluded.owner, "until": row.excluded.until, "epoch": lease.c.epoch + 1},
                where=free,
            )
            epoch: int | None = connection.scalar(taken.returning(lease.c.epoch))
            return epoch

    def renew_lease(self, name: str, owner: str, epoch: int, now: datetime, seconds: float) -> bool:
        """Hold it longer. False: somebody else took it since; stop at once."""
        with self._writing() as connection:
            until = _time(connection, now) + timedelta(seconds=seconds)
            renewed = update(lease).where(_held(name, owner, epoch)).values(until=until)
            return connection.execute(renewed).rowcount == 1

    def drop_lease(self, name: str, owner: str, epoch: int) -> bool:
        """Give it back, so that another need not wait for its end. The epoch goes on counting."""
        with self._writing() as connection:
            dropped = update(lease).where(_held(name, owner, epoch)).values(owner="", until=from_micros(0))
            return connection.execute(dropped).rowcount == 1

    @contextmanager
    def leased(self, name: str, owner: str, now: datetime, seconds: float) -> Iterator[int | None]:
        """The lease's epoch while the block runs, given back behind it; None: it is another's. Raises Unavailable."""
        epoch = self.take_lease(name, owner, now, seconds)
        try:
            yield epoch
        finally:
            if epoch is not None:
                self.drop_lease(name, owner, epoch)

    def drop_leases(self, owner: str) -> int:
        """Give back all of an owner who goes for good, whatever his loops still hang in; how many."""
        with self._writing() as connection:
            theirs = (lease.c.owner == owner, ~lease.c.name.startswith(LIFE))
            dropped = update(lease).where(*theirs).values(owner="", until=from_micros(0))
            return connection.execute(dropped).rowcount

    def inherit(self, heir: str, now: datetime) -> int:
        """Free at once what a daemon that died had in hand, instead of when its leases end; how many pieces of work.

        Only where nobody else can live: on SQLite, by a lock that ends with its holder. On PostgreSQL other
        daemons may, so there the leases must run out. Raises Unavailable.
        """
        if self._engines.presence is None:
            return 0
        with self._engines.presence.arrive() as alone:
            return self._freed(heir, now) if alone else 0

    @property
    def shared(self) -> bool:
        """Whether another daemon lived on this SQLite file when `inherit` was called; on PostgreSQL that is as it should be."""
        return self._engines.presence is not None and self._engines.presence.shared

    def _freed(self, heir: str, now: datetime) -> int:
        with self._writing() as connection:
            connection.execute(
                update(lease).where(lease.c.owner != heir).values(owner="", until=from_micros(0))
            )
            for name, value in connection.execute(_DAEMONS).all():
                connection.execute(update(note).where(note.c.name == name).values(value=dict(value, beat=0)))
            return _work_freed(connection, now, lambda owner: owner != heir)

    def announce(self, owner: str, value: Mapping[str, Any], now: datetime) -> None:
        """Say that this daemon lives and what it knows (`mailboxes`); every few seconds, for `living` and for `status`."""
        with self._writing() as connection:
            told = {**value, "beat": to_micros(_time(connection, now))}
            row = upsert(connection, note).values(name=DAEMON + owner, value=told, at=now)
            values = {"value": row.excluded.value, "at": row.excluded.at}
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))

    def living(self, now: datetime) -> Mapping[str, frozenset[str]]:
        """Daemons that may still be at work, each with the mailboxes it knows. A dead one lives on for ALIVE."""
        with self._reading() as connection:
            return _living(connection, now)

    def bring_forward(self, now: datetime, me: str, *, seen: bool = False) -> int:
        """Work that waits for a time set by a clock that was put back since is due now; how much.

        `seen`: it was just set back, so whatever is tried again at a time may be meant; else only what lies further
        off than any wait. Only what nobody has in hand: a claim that ends later than any does is nobody's if its
        owner does not live. What comes too early for its sense is put off again by whoever takes it.
        """
        with self._writing() as connection:
            alive = [*_living(connection, now), me]
            found = 0
            for work, beyond in _BEYOND.items():
                stranded = and_(_claimed(work), work.c.ready_at > now + _SOON, work.c.owner.not_in(alive))
                freed = update(work).where(stranded).values(**_free(work), ready_at=now)
                found += connection.execute(freed).rowcount
                waiting = (work.c.ready_at > now, work.c.owner.is_(None), beyond(now, seen))
                found += connection.execute(update(work).where(*waiting).values(ready_at=now)).rowcount
            return found

    def leases(self) -> dict[str, tuple[str, datetime]]:
        """Owner and end of every lease that was not given back, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(lease).where(lease.c.owner != "").order_by(lease.c.name))
            return {row.name: (row.owner, row.until) for row in rows}


def set_free(connection: Connection, owner: str, now: datetime | None = None) -> int:
    """Nothing is this owner's any more: leases, and with `now` his claims, to be taken up from then on; how many of these."""
    mine = and_(lease.c.owner == owner, ~lease.c.name.startswith(LIFE))
    connection.execute(update(lease).where(mine).values(owner="", until=from_micros(0)))
    return _work_freed(connection, now, lambda taker: taker == owner) if now is not None else 0


def _work_freed(
    connection: Connection, now: datetime, whose: Callable[[ColumnElement[Any]], ColumnElement[bool]]
) -> int:
    return sum(
        connection.execute(
            update(work).where(_claimed(work), whose(work.c.owner)).values(**_free(work), ready_at=now)
        ).rowcount
        for work in (mail, letter, due)
    )


def _living(connection: Connection, now: datetime) -> dict[str, frozenset[str]]:
    at = _time(connection, now)
    return {
        name.removeprefix(DAEMON): frozenset(value.get("mailboxes", ()))
        for name, value in connection.execute(_DAEMONS)
        if abs(at - from_micros(value.get("beat", 0))) <= ALIVE
    }


def _claimed(work: Table) -> ColumnElement[bool]:
    return and_(work.c.ready_at.is_not(None), work.c.owner.is_not(None))


def _free(work: Table) -> dict[str, Any]:
    """Nobody's any more. A letter was not tried by whoever had it; of a mail it counts that nothing came of it."""
    return {"owner": None, "runs": letter.c.runs - 1} if work is letter else {"owner": None}


def _mail_beyond(now: datetime, seen: bool) -> ColumnElement[bool]:
    return mail.c.ready_at > (now if seen else now + _SOON)


def _letter_beyond(now: datetime, seen: bool) -> ColumnElement[bool]:
    few = letter.c.runs + letter.c.unanswered <= _FEW_TRIES
    far = or_(letter.c.ready_at > now + _LONGEST_WAIT, and_(few, letter.c.ready_at > now + _LONGEST_OF_FEW))
    retried = or_(letter.c.not_before.is_(None), letter.c.ready_at > letter.c.not_before)
    return or_(letter.c.written_at > now + _TOLERANCE, retried if seen else and_(retried, far))


def _due_beyond(now: datetime, seen: bool) -> ColumnElement[bool]:
    planned_later = select(ticket.c.id).where(ticket.c.updated_at > now + _TOLERANCE)
    retried = and_(due.c.ready_at > due.c.due_at, due.c.ready_at > (now if seen else now + _SOON))
    digest = and_(due.c.ticket_id.is_(None), due.c.due_at > now + _LONGEST_NIGHT)
    return or_(retried, digest, due.c.ticket_id.in_(planned_later))


_BEYOND: Mapping[Table, Callable[[datetime, bool], ColumnElement[bool]]] = {
    mail: _mail_beyond,
    letter: _letter_beyond,
    due: _due_beyond,
}


def still_held(connection: Connection, held: Held) -> bool:
    """Whether nobody else has taken this lease since."""
    where = _held(held.name, held.owner, held.epoch)
    return connection.scalar(select(lease.c.epoch).where(where)) is not None


def _held(name: str, owner: str, epoch: int) -> Any:
    return and_(lease.c.name == name, lease.c.owner == owner, lease.c.epoch == epoch)


def _time(connection: Connection, now: datetime) -> datetime:
    """The one clock all daemons share: the server's; on SQLite there is one machine, and its `now`."""
    if connection.dialect.name != "postgresql":
        return now
    return server_time(connection)


def server_time(connection: Connection) -> datetime:
    """PostgreSQL's clock."""
    return from_micros(connection.scalar(_SERVER_MICROS) or 0)
