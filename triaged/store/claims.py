"""Claiming rows of work: one statement, with a lease, alike on both databases (promise 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, UpdateBase, bindparam, or_, select, update

from triaged.store.columns import Moment
from triaged.store.leases import LIFE
from triaged.store.tables import lease, mail

SOUND = mail.c.runs < bindparam("fewer")  # mails that have had less than :fewer runs


def claim(
    table: Table,
    returning: Iterable[Column[Any]],
    where: ColumnElement[bool] | None = None,
    run: ColumnElement[int] | None = None,
) -> UpdateBase:
    """Take up to :most rows that are ready at :now, for :taker until :lease_end; one statement.

    `run`: the number of the run that begins; without it every claim counts.

    MATERIALIZED: PostgreSQL may run a bare IN-subquery again and take more than LIMIT. SQLite has no row
    locks and needs none: the writer is alone.
    """
    ready = (
        select(table.c.id)
        .where(table.c.ready_at <= bindparam("now", type_=Moment), _nobodys(table))
        .order_by(table.c.ready_at, table.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )
    taken = (ready if where is None else ready.where(where)).cte("taken")
    return (
        update(table)
        .where(table.c.id.in_(select(taken.prefix_with("MATERIALIZED", dialect="postgresql").c.id)))
        .values(
            owner=bindparam("taker"),
            ready_at=bindparam("lease_end", type_=Moment),
            runs=table.c.runs + 1 if run is None else run,
        )
        .returning(*returning)
    )


def _nobodys(table: Table) -> ColumnElement[bool]:
    """A claim of a daemon that beats ends with its life, not by the clock of another daemon's machine (pulse.py)."""
    lives = select(lease.c.owner).where(lease.c.name.startswith(LIFE), lease.c.owner != bindparam("taker"))
    return or_(table.c.owner.is_(None), table.c.owner.not_in(lives))


def outside(column: Column[str]) -> ColumnElement[bool]:
    """Rows of no mailbox among :others; of none at all too."""
    return or_(column.is_(None), column.not_in(bindparam("others", expanding=True)))


def taking(limit: int, now: datetime, owner: str, lease: timedelta) -> dict[str, Any]:
    """The parameters of a claim."""
    return {"now": now, "most": limit, "taker": owner, "lease_end": now + lease}
