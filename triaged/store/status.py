"""How the daemon is doing: polls, notes for `status`, and everything counted for it and the metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, literal_column, select, text

from triaged.store import tables
from triaged.store.connected import Connected
from triaged.store.inserts import upsert
from triaged.store.rows import Counts, MailboxState, Note
from triaged.store.tables import due, event, failed_address, letter, mail, mailbox_state, note, ticket
from triaged.store.tally import numbers
from triaged.tickets.ticket import Happening

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

    def note_of(self, name: str) -> Note | None:
        """The last word under a name."""
        with self._reading() as connection:
            row = connection.execute(select(note).where(note.c.name == name)).first()
        return Note(**row._mapping) if row else None

    def counts(self, now: datetime) -> Counts:
        """Everything at once, in one reading transaction."""
        with self._reading() as connection:
            return Counts(
                mail=numbers(connection, "mail"),
                tickets=_tickets(connection),
                letters=numbers(connection, "letter"),
                **_dues(connection, now),
                missed=int(connection.scalar(MISSED) or 0),
                reviews=connection.scalar(REVIEWS) or 0,
                failed_addresses=connection.scalar(select(func.count()).select_from(failed_address)) or 0,
                oldest_waiting_mail=_oldest(connection, mail.c.received_at, mail.c.ready_at),
                oldest_waiting_letter=_oldest(connection, letter.c.written_at, letter.c.ready_at),
            )


def _tickets(connection: Connection) -> dict[tuple[str, str], int]:
    counted = numbers(connection, "ticket").items()
    return {
        (state, severity): number
        for (state, _, severity), number in ((w.partition("/"), n) for w, n in counted)
    }


def _dues(connection: Connection, now: datetime) -> dict[str, int]:
    late = func.sum(case((due.c.due_at <= now, 1), else_=0))
    soon = func.sum(case((due.c.due_at > now, 1), else_=0))
    row = connection.execute(
        select(late, soon).where(due.c.done_at.is_(None), due.c.due_at <= now + _SOON)
    ).one()
    return {"dues_late": row[0] or 0, "dues_soon": row[1] or 0}


_MISSED_OF_ONE = (
    select(func.count())
    .select_from(event)
    .where(event.c.ticket_id == ticket.c.id, event.c.kind == literal_column(f"'{Happening.MISSED.value}'"))
    .correlate(ticket)
    .scalar_subquery()
)
# From the tickets still open, of which there are few, to what was ever missed on them.
MISSED = select(func.coalesce(func.sum(_MISSED_OF_ONE), 0)).select_from(ticket).where(text(tables.LIVE))
REVIEWS = select(func.count()).select_from(ticket).where(text(tables.LIVE), ticket.c.reviews != [])


def _oldest(connection: Connection, at: Any, ready_at: Any) -> datetime | None:
    return connection.scalar(select(func.min(at)).where(ready_at.is_not(None)))
