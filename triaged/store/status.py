"""How the daemon is doing: polls, notes for `status`, and everything counted for it and the metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, select

from triaged.store.connected import Connected
from triaged.store.inserts import upsert
from triaged.store.rows import Counts, MailboxState, Note
from triaged.store.tables import due, event, failed_address, letter, mail, mailbox_state, note, ticket
from triaged.tickets.ticket import LIVE, Happening

_SOON = timedelta(hours=1)


class Status(Connected):
    """What daemons tell and `status` asks."""

    def note_poll(self, mailbox: str, ok: bool, error: str | None, now: datetime) -> None:
        """A poll went well or badly; failures count up until one goes well."""
        with self._writing() as connection:
            row = upsert(connection, mailbox_state).values(
                mailbox=mailbox,
                good_at=now if ok else None,
                failed_at=None if ok else now,
                failures=0 if ok else 1,
                error=None if ok else error,
            )
            new = row.excluded
            values = {"good_at": new.good_at, "failures": 0, "error": None}
            if not ok:
                values = {
                    "failed_at": new.failed_at,
                    "failures": mailbox_state.c.failures + 1,
                    "error": new.error,
                }
            connection.execute(row.on_conflict_do_update(index_elements=["mailbox"], set_=values))

    def mailbox_states(self) -> list[MailboxState]:
        """Every mailbox ever polled, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(mailbox_state).order_by(mailbox_state.c.mailbox))
            return [MailboxState(**row._mapping) for row in rows]

    def note(self, name: str, value: Any, now: datetime) -> None:
        """Tell `status` something; the last word under a name stands. None: there is nothing to tell any more."""
        with self._writing() as connection:
            if value is None:
                connection.execute(delete(note).where(note.c.name == name))
                return
            row = upsert(connection, note).values(name=name, value=value, at=now)
            values = {"value": row.excluded.value, "at": row.excluded.at}
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))

    def notes(self) -> dict[str, Note]:
        """Everything told, by name."""
        with self._reading() as connection:
            return {
                row.name: Note(**row._mapping)
                for row in connection.execute(select(note).order_by(note.c.name))
            }

    def counts(self, now: datetime) -> Counts:
        """Everything at once, in one reading transaction."""
        with self._reading() as connection:
            return Counts(
                mail=_by(connection, mail.c.fate),
                tickets=_tickets(connection),
                letters=_by(connection, letter.c.state),
                **_dues(connection, now),
                missed=_missed(connection),
                reviews=_count(connection, ticket, ticket.c.state.in_(LIVE), ticket.c.reviews != []),
                failed_addresses=_count(connection, failed_address),
                oldest_waiting_mail=_oldest(connection, mail.c.received_at, mail.c.ready_at),
                oldest_waiting_letter=_oldest(connection, letter.c.written_at, letter.c.ready_at),
            )


def _by(connection: Connection, column: Any) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column))
    return {str(word): number for word, number in rows}


def _tickets(connection: Connection) -> dict[tuple[str, str], int]:
    columns = (ticket.c.state, ticket.c.severity)
    rows = connection.execute(select(*columns, func.count()).group_by(*columns))
    return {(str(state), str(severity)): number for state, severity, number in rows}


def _dues(connection: Connection, now: datetime) -> dict[str, int]:
    late = func.sum(case((due.c.due_at <= now, 1), else_=0))
    soon = func.sum(case((due.c.due_at > now, 1), else_=0))
    row = connection.execute(
        select(late, soon).where(due.c.done_at.is_(None), due.c.due_at <= now + _SOON)
    ).one()
    return {"dues_late": row[0] or 0, "dues_soon": row[1] or 0}


def _missed(connection: Connection) -> int:
    query = (
        select(func.count())
        .select_from(event)
        .join(ticket, ticket.c.id == event.c.ticket_id)
        .where(event.c.kind == Happening.MISSED.value, ticket.c.state.in_(LIVE))
    )
    return connection.scalar(query) or 0


def _count(connection: Connection, table: Any, *where: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _oldest(connection: Connection, at: Any, ready_at: Any) -> datetime | None:
    return connection.scalar(select(func.min(at)).where(ready_at.is_not(None)))
