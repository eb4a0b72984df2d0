"""What an older version recorded, told afterwards in steps: mails, letters and tickets get their rows in `said`.

Newest first, since those are asked for. How far it has come is a setting; a dead daemon leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Table, func, select

from triaged.store.connected import Connected
from triaged.store.deferred import Deferred, Later
from triaged.store.inserts import put_setting
from triaged.store.kept import unpack
from triaged.store.ledger import ledger, ledger_mail
from triaged.store.page_tables import said
from triaged.store.rows import Fate, LedgerMail, SaidMail
from triaged.store.said import TICKETS, letter_row, mail_row, ticket_rows
from triaged.store.tables import letter, mail, raw, setting, ticket
from triaged.store.tickets import whole
from triaged.tickets.ticket import Letter, Ticket

STEP = 50
_MAILS = Later(said, ("ticket_id", "mail_id", *TICKETS[1:]))
_LETTERS = Later(said, ("ticket_id", "letter_id", *TICKETS[1:]))
_TICKETS = Later(said, TICKETS)


class Telling(Connected):
    """Tells what is not told yet. Each answers how many rows were looked at; 0: none is left."""

    def tell_tickets(self) -> int:
        """Some tickets."""
        with self._recording() as connection:
            ids = _next(connection, ticket)
            apart = said.c.mail_id.is_(None), said.c.letter_id.is_(None)
            have = set(connection.scalars(select(said.c.ticket_id).where(said.c.ticket_id.in_(ids), *apart)))
            found = whole(connection, set(ids) - have)
            _put(connection, _TICKETS, [row for one in found for row in ticket_rows(one)])
            _reach(connection, ticket, ids)
        return len(ids)

    def tell_mails(self, told: Callable[[LedgerMail, Ticket], SaidMail | None]) -> int:
        """Some mails on tickets, as `told` reads them; that is slow, and done outside of any transaction."""
        with self._reading() as connection:
            ids = _next(connection, mail)
            rows = connection.execute(_untold_mails(ids)).all()
            tickets = {one.id: one for one in whole(connection, {row.ticket_id for row in rows})}
        read = (ledger_mail(row, raw=unpack(row.packed), reading=row.reading) for row in rows)
        found = [one for kept in read if (one := told(kept, tickets[kept.ticket_id or 0])) is not None]
        with self._recording() as connection:
            still = set(
                connection.scalars(_untold_mails(one.mail_id for one in found).with_only_columns(mail.c.id))
            )
            _put(connection, _MAILS, [mail_row(one) for one in found if one.mail_id in still])
            _reach(connection, mail, ids)
        return len(ids)

    def tell_letters(self, told: Callable[[bytes], Letter]) -> int:
        """Some letters to partners; `told` makes one again from its bytes."""
        with self._recording() as connection:
            ids = _next(connection, letter)
            asked = (
                select(letter.c.id, letter.c.kind, letter.c.raw, letter.c.ticket_id, ticket.c.partner_domain)
                .join(ticket, ticket.c.id == letter.c.ticket_id)
                .join(said, said.c.letter_id == letter.c.id, isouter=True)
                .where(letter.c.id.in_(ids), said.c.id.is_(None), letter.c.audience == "partner")
                .where(letter.c.forgotten_at.is_(None))
            )
            rows = []
            for row in connection.execute(asked).all():
                again = told(row.raw)
                of, *rest = letter_row(again, row.ticket_id, row.partner_domain, kind=row.kind)
                rows.append((of, row.id, *rest))
            _put(connection, _LETTERS, rows)
            _reach(connection, letter, ids)
        return len(ids)


def _untold_mails(ids: Iterable[int]) -> Any:
    return (
        ledger(mail.c.reading, raw.c.packed)
        .join(said, said.c.mail_id == mail.c.id, isouter=True)
        .where(mail.c.id.in_(list(ids)), said.c.id.is_(None), mail.c.fate == Fate.TICKET)
        .where(mail.c.ticket_id.is_not(None), mail.c.duplicate_of.is_(None), mail.c.forgotten_at.is_(None))
    )


def _put(connection: Connection, later: Later, rows: Iterable[tuple[Any, ...]]) -> None:
    pile = Deferred(connection)
    pile.put(later, rows)
    pile.write()


def _next(connection: Connection, table: Table) -> list[int]:
    """The next numbers to look at, going down."""
    reached = connection.scalar(select(setting.c.value).where(setting.c.name == _name(table)))
    query = select(table.c.id).order_by(table.c.id.desc()).limit(STEP)
    return list(connection.scalars(query if reached is None else query.where(table.c.id < int(reached))))


def _reach(connection: Connection, table: Table, ids: list[int]) -> None:
    """So far it is told. Where nothing lies below, nothing will: what is new is told when it is recorded."""
    if not ids and connection.scalar(select(func.count()).where(setting.c.name == _name(table))):
        return
    put_setting(connection, _name(table), str(min(ids, default=0)))


def _name(table: Table) -> str:
    return f"told:{table.name}"
