"""Steps to be taken at a time: rows, claimed once, whatever restarts or however many daemons (promise 4).

A ticket's pending steps are replaced by what `tickets.due.plan` says now; what is done stays done, so the
same step can never happen twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from triaged.followups.steps import PLAN
from triaged.store.claims import claim, outside, taking
from triaged.store.connected import Connected, Within, pieces
from triaged.store.deferred import Later
from triaged.store.inserts import insert_once
from triaged.store.rows import Fenced
from triaged.store.tables import due
from triaged.tickets.ticket import Due

_FIELDS = [due.c[name] for name in ("id", "ticket_id", "mailbox", "kind", "step", "due_at", "data")]
_CLAIM = claim(due, [*_FIELDS, due.c.runs])
_CLAIM_BUT = claim(due, [*_FIELDS, due.c.runs], where=outside(due.c.mailbox))
_NEW = Later(due, ("ticket_id", "mailbox", "kind", "step", "due_at", "data", "ready_at"))
_PENDING = due.c.done_at.is_(None)
_STORED = select(*_FIELDS, due.c.done_at, due.c.owner).where(due.c.ticket_id == bindparam("of_ticket"))
_DONE = (
    update(due)
    .where(due.c.id == bindparam("due_id"), due.c.owner == bindparam("by"), _PENDING)
    .values(owner=None, ready_at=None, error=None, outcome=bindparam("outcome"), done_at=bindparam("done_at"))
)
_MOVE = update(due).where(due.c.id == bindparam("due_id"), _PENDING).values(owner=None, runs=0, error=None)


class DueWork(Connected):
    """What the deadlines and the listings ask about steps."""

    def claim_dues(
        self, limit: int, now: datetime, owner: str, lease: timedelta, others: Collection[str] = ()
    ) -> list[Due]:
        """Up to `limit` steps whose time has passed, earliest first, ours for `lease`; none of `others`' mailboxes."""
        taken = taking(limit, now, owner, lease)
        with self._writing() as connection:
            if others:
                rows = connection.execute(_CLAIM_BUT, {**taken, "others": list(others)}).all()
            else:
                rows = connection.execute(_CLAIM, taken).all()
        return sorted((_due(row._mapping) for row in rows), key=lambda one: (one.due_at, one.id))

    def due_retry(self, due_id: int, owner: str, error: str, at: datetime) -> bool:
        """It could not be done this time; again at `at`. False: the claim was lost."""
        ours = (due.c.id == due_id, due.c.owner == owner, _PENDING)
        with self._writing() as connection:
            again = update(due).where(*ours).values(owner=None, ready_at=at, error=error)
            return connection.execute(again).rowcount == 1

    def take_back_dues(self, owner: str, now: datetime) -> int:
        """What is ours and we know nothing of: call it with nothing in hand."""
        ours = (due.c.owner == owner, _PENDING)
        with self._writing() as connection:
            return connection.execute(update(due).where(*ours).values(owner=None, ready_at=now)).rowcount

    def plan_due(self, step: Due) -> bool:
        """Add a step that belongs to no ticket (a mailbox's digest); False if it was planned before."""
        with self._writing() as connection:
            return connection.scalar(insert_once(connection, due), due_row(step)) is not None

    def next_due_at(self) -> datetime | None:
        """When the next step wants to be taken; None: nothing is pending."""
        with self._reading() as connection:
            at: datetime | None = connection.scalar(
                select(func.min(due.c.ready_at)).where(due.c.ready_at.is_not(None))
            )
            return at

    def next_dues(self, ticket_ids: Iterable[int]) -> Mapping[int, Due]:
        """The earliest pending step of each ticket that has one."""
        query = select(*_FIELDS).where(_PENDING).order_by(due.c.due_at.desc(), due.c.id.desc())
        with self._reading() as connection:
            return {
                row.ticket_id: _due(row._mapping)
                for ids in pieces(ticket_ids)
                for row in connection.execute(query.where(due.c.ticket_id.in_(ids)))
            }

    def dues(self, ticket_id: int) -> list[Due]:
        """A ticket's pending steps, earliest first."""
        query = (
            select(*_FIELDS).where(due.c.ticket_id == ticket_id, _PENDING).order_by(due.c.due_at, due.c.id)
        )
        with self._reading() as connection:
            return [_due(row._mapping) for row in connection.execute(query)]


class DueWrites(Within):
    """What the recorder and the deadlines do with a ticket's steps."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._planned: set[int] = set()  # tickets whose steps were put off or stored here

    def set_dues(self, ticket_id: int, dues: Sequence[Due]) -> None:
        """Make the ticket's pending steps exactly these; done ones stay done and never come again.

        A step that somebody has claimed and that keeps its time stays his; one that moves is taken from
        him (his `finish_due` raises Fenced); one no longer wanted is left to him to withdraw. A step PLAN
        always stays: the letter it came with may have left after the ticket was read.
        """
        wanted = {(one.kind, one.step): one for one in dues}
        unheard = ticket_id in self._opened and ticket_id not in self._planned
        stored = {} if unheard else self._stored(ticket_id)
        new = [due_row(one, ticket_id) for key, one in wanted.items() if key not in stored]
        gone = [
            row.id
            for key, row in stored.items()
            if key not in wanted and row.kind != PLAN and not row.done_at and not row.owner
        ]
        moved = [
            {"due_id": row.id, "due_at": one.due_at, "ready_at": one.due_at, "data": one.data}
            for key, row in stored.items()
            if not row.done_at and (one := wanted.get(key)) and _differs(one, row)
        ]
        if new:
            self._later(_NEW, [_NEW.row(row) for row in new], about=[ticket_id])
            self._planned.add(ticket_id)
        if moved:
            self._apart().execute(_MOVE, moved)
        if gone:
            self._apart().execute(delete(due).where(due.c.id.in_(gone)))

    def finish_due(self, due_id: int, owner: str, outcome: str, now: datetime) -> None:
        """The step was taken, or had lost its sense: `outcome` says. Raises Fenced if it is not ours."""
        taken = {"due_id": due_id, "by": owner, "outcome": outcome, "done_at": now}
        if self._apart().execute(_DONE, taken).rowcount != 1:
            raise Fenced(f"due step {due_id} is no longer ours")

    def add_due(self, step: Due) -> bool:
        """Add one step, of a ticket or of none; False if it exists, pending or done."""
        if step.ticket_id is not None:
            self._planned.add(step.ticket_id)
        connection = self._about([] if step.ticket_id is None else [step.ticket_id])
        return connection.scalar(insert_once(connection, due), due_row(step, step.ticket_id)) is not None

    def _stored(self, ticket_id: int) -> dict[tuple[str, str], Any]:
        rows = self._about([ticket_id]).execute(_STORED, {"of_ticket": ticket_id})
        return {(row.kind, row.step): row for row in rows}


def _differs(one: Due, row: Any) -> bool:
    return one.due_at != row.due_at or (dict(one.data) != row.data and not row.owner)


def due_row(one: Due, ticket_id: int | None = None) -> dict[str, Any]:
    """A step as a row, of a ticket or of none."""
    return {
        "ticket_id": ticket_id,
        "mailbox": one.mailbox,
        "kind": one.kind,
        "step": one.step,
        "due_at": one.due_at,
        "ready_at": one.due_at,
        "data": one.data,
    }


def _due(row: Mapping[Any, Any]) -> Due:
    return Due(**{column.name: row[column.name] for column in _FIELDS})
