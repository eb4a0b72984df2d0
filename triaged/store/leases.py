"""Leases: which daemon reads which mailbox, or does what only one may do at a time.

Each taking raises the epoch. A holder that slept past its lease finds, when it renews, that its epoch is
gone, and stops. PostgreSQL tells the time itself: the daemons' clocks may differ.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, text, update

from triaged.store.columns import Moment, from_micros
from triaged.store.connected import Connected
from triaged.store.inserts import upsert
from triaged.store.tables import due, lease, letter, mail

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

    def drop_leases(self, owner: str) -> int:
        """Give back all of an owner who goes for good, whatever his loops still hang in; how many."""
        with self._writing() as connection:
            dropped = update(lease).where(lease.c.owner == owner).values(owner="", until=from_micros(0))
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
            return sum(
                connection.execute(
                    update(work)
                    .where(work.c.ready_at.is_not(None), work.c.owner.is_not(None), work.c.owner != heir)
                    .values(owner=None, ready_at=now)
                ).rowcount
                for work in (mail, letter, due)
            )

    def leases(self) -> dict[str, tuple[str, datetime]]:
        """Owner and end of every lease that was not given back, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(lease).where(lease.c.owner != "").order_by(lease.c.name))
            return {row.name: (row.owner, row.until) for row in rows}


def _held(name: str, owner: str, epoch: int) -> Any:
    return and_(lease.c.name == name, lease.c.owner == owner, lease.c.epoch == epoch)


def _time(connection: Connection, now: datetime) -> datetime:
    """The one clock all daemons share: the server's; on SQLite there is one machine, and its `now`."""
    if connection.dialect.name != "postgresql":
        return now
    return from_micros(connection.scalar(_SERVER_MICROS) or 0)
