"""What is over goes when its time has come: a bounded number of rows a transaction, found by indexes.

A mail loses its bytes and words and keeps its row in the ledger; a letter its text and addresses. A closed ticket
goes with all that is on it, but never one that another was merged into and is still here, nor the last number. A
dead daemon leaves nothing half done, and the next step begins where the rows say.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from triaged.frozen import frozen
from triaged.store.columns import from_micros, to_micros
from triaged.store.connected import Connected
from triaged.store.erasing import empty_raws, slim
from triaged.store.inserts import put_setting
from triaged.store.meeting_tables import meeting, meeting_code, meeting_minute
from triaged.store.page_tables import draft, draft_file, said, tag
from triaged.store.rows import Fate, LetterState
from triaged.store.tables import (
    correction,
    due,
    event,
    failed_address,
    known,
    letter,
    mail,
    person,
    recipient,
    rule_hit,
    setting,
    ticket,
)
from triaged.store.threads import reference
from triaged.tickets.ticket import State

ROWS, TICKETS = 200, 10  # changed in one transaction
# "not in": so found by age, not by state
_LIVE = tuple(state for state in State if state is not State.CLOSED)
_STORY, _LEDGER = "forgotten:events", "forgotten:ledger"  # how far these were swept


@frozen
class Before:
    """What is older than this goes; None: nothing does."""

    raw_mail: datetime | None
    letters: datetime | None
    closed_tickets: datetime | None
    events: datetime | None


class Forgetting(Connected):
    """Takes out what is over."""

    def forget_some(self, before: Before, now: datetime) -> dict[str, int]:
        """One step of each kind, each in a transaction of its own; how much of each went. Empty: all is done."""
        gone: dict[str, int] = {}
        for name, step, cutoff in (
            ("raw_mail", _mails, before.raw_mail),
            ("letters", _letters, before.letters),
            ("closed_tickets", _tickets, before.closed_tickets),
            ("events", _stories, before.events),
            ("ledger", _ledger, before.events),
        ):
            if cutoff is not None and (number := self._step(step, cutoff, now)):
                gone[name] = number
        return gone

    def _step(
        self, step: Callable[[Connection, datetime, datetime], int], cutoff: datetime, now: datetime
    ) -> int:
        with self._recording() as connection:
            return step(connection, cutoff, now)


def mails_to_forget(cutoff: datetime) -> Any:
    """The oldest mails with bytes that nobody needs any more."""
    return (
        select(mail.c.id, mail.c.sha256, mail.c.reading)
        .join(ticket, ticket.c.id == mail.c.ticket_id, isouter=True)
        .where(
            *(mail.c.forgotten_at.is_(None), mail.c.received_at < cutoff, mail.c.ready_at.is_(None)),
            mail.c.fate.not_in([Fate.WAITING, Fate.QUARANTINE]),
            or_(mail.c.ticket_id.is_(None), ticket.c.state == State.CLOSED),
        )
        .order_by(mail.c.received_at, mail.c.id)
        .limit(ROWS)
    )


def letters_to_forget(cutoff: datetime) -> Any:
    """The oldest letters with text that are finished and on no ticket still open."""
    return (
        select(letter.c.id, letter.c.ticket_id)
        .join(ticket, ticket.c.id == letter.c.ticket_id, isouter=True)
        .where(
            *(letter.c.forgotten_at.is_(None), letter.c.written_at < cutoff, letter.c.ready_at.is_(None)),
            letter.c.state != LetterState.WAITING,
            or_(letter.c.ticket_id.is_(None), ticket.c.state == State.CLOSED),
        )
        .order_by(letter.c.written_at, letter.c.id)
        .limit(ROWS)
    )


def tickets_to_forget(cutoff: datetime) -> Any:
    """Tickets closed longest ago, of which nothing is under way."""
    merged = ticket.alias("merged")
    busy = exists().where(mail.c.ticket_id == ticket.c.id, mail.c.ready_at.is_not(None))
    leaving = exists().where(letter.c.ticket_id == ticket.c.id, letter.c.ready_at.is_not(None))
    return (
        select(ticket.c.id)
        .where(
            *(ticket.c.closed_at.is_not(None), ticket.c.closed_at < cutoff, ticket.c.state.not_in(_LIVE)),
            *(~busy, ~leaving, ~exists().where(merged.c.merged_into == ticket.c.id)),
            ticket.c.id != select(func.max(ticket.c.id)).correlate(None).scalar_subquery(),
        )
        .order_by(ticket.c.closed_at, ticket.c.id)
        .limit(TICKETS)
    )


def _mails(connection: Connection, cutoff: datetime, now: datetime) -> int:
    rows = connection.execute(mails_to_forget(cutoff)).all()
    for row in rows:
        gone = update(mail).where(mail.c.id == row.id)
        connection.execute(gone.values(forgotten_at=now, reading=slim(row.reading)))
    if rows:
        empty_raws(connection, [row.sha256 for row in rows])
        connection.execute(delete(said).where(said.c.mail_id.in_([row.id for row in rows])))
    return len(rows)


def _letters(connection: Connection, cutoff: datetime, now: datetime) -> int:
    rows = connection.execute(letters_to_forget(cutoff)).all()
    ids = [row.id for row in rows]
    if not ids:
        connection.execute(delete(failed_address).where(failed_address.c.at < cutoff))
        return 0
    connection.execute(delete(recipient).where(recipient.c.letter_id.in_(ids)))
    connection.execute(delete(said).where(said.c.letter_id.in_(ids)))
    empty = {"raw": b"", "to": (), "cc": (), "subject": "", "refused": (), "forgotten_at": now}
    connection.execute(update(letter).where(letter.c.id.in_(ids)).values(**empty))
    connection.execute(delete(letter).where(letter.c.id.in_(ids), letter.c.ticket_id.is_(None)))
    return len(ids)


def _tickets(connection: Connection, cutoff: datetime, now: datetime) -> int:
    ids = list(connection.scalars(tickets_to_forget(cutoff)))
    if not ids:
        return 0
    connection.execute(update(ticket).where(ticket.c.linked_to.in_(ids)).values(linked_to=None))
    mails = connection.execute(select(mail.c.id, mail.c.sha256).where(mail.c.ticket_id.in_(ids))).all()
    of_letters = select(letter.c.id).where(letter.c.ticket_id.in_(ids))
    connection.execute(delete(recipient).where(recipient.c.letter_id.in_(of_letters)))
    for kept in (draft, draft_file):
        connection.execute(delete(kept).where(kept.c.about.in_(map(reference, ids))))
    for table in (
        meeting_code,
        meeting_minute,
        meeting,
        said,
        tag,
        rule_hit,
        letter,
        due,
        event,
        known,
        person,
        correction,
    ):
        connection.execute(delete(table).where(table.c.ticket_id.in_(ids)))
    _blank(connection, mail.c.ticket_id.in_(ids), now)
    empty_raws(connection, [row.sha256 for row in mails])
    connection.execute(delete(ticket).where(ticket.c.id.in_(ids)))
    return len(ids)


def _blank(connection: Connection, which: Any, now: datetime) -> None:
    """All that is left of these mails: that they came, when, where, and their fate."""
    nothing: dict[str, Any] = {
        "ticket_id": None,
        "subject": "",
        "sender": "",
        "message_id": None,
        "envelope_from": None,
    }
    nothing |= {"envelope_to": (), "why": "", "error": None}
    forgotten = func.coalesce(mail.c.forgotten_at, to_micros(now))
    connection.execute(update(mail).where(which).values(**nothing, reading=None, forgotten_at=forgotten))


def _stories(connection: Connection, cutoff: datetime, _now: datetime) -> int:
    """The events of tickets closed long ago; swept in the order of closing, so that nothing is looked at twice."""
    since = from_micros(_swept(connection, _STORY))
    rows = connection.execute(
        select(ticket.c.id, ticket.c.closed_at)
        .where(ticket.c.closed_at.is_not(None), ticket.c.closed_at >= since, ticket.c.closed_at < cutoff)
        .where(ticket.c.state.not_in(_LIVE), exists().where(event.c.ticket_id == ticket.c.id))
        .order_by(ticket.c.closed_at, ticket.c.id)
        .limit(TICKETS)
    ).all()
    if not rows:
        return 0
    gone = delete(event).where(event.c.ticket_id.in_([row.id for row in rows]))
    number = connection.execute(gone).rowcount
    put_setting(connection, _STORY, str(to_micros(rows[-1].closed_at)))
    return number


def _ledger(connection: Connection, cutoff: datetime, now: datetime) -> int:
    """Mail of no ticket: who sent it, and about what. Swept by number up to the first that is too young."""
    last = _swept(connection, _LEDGER)
    asked = select(mail.c.id, mail.c.received_at).where(mail.c.id > last).order_by(mail.c.id).limit(ROWS)
    ids: list[int] = []
    for row in connection.execute(asked):
        if row.received_at >= cutoff:
            break
        ids.append(row.id)
    if not ids:
        return 0
    handled = mail.c.fate.not_in([Fate.WAITING, Fate.QUARANTINE])
    which = mail.c.id.in_(ids) & mail.c.ticket_id.is_(None) & mail.c.ready_at.is_(None) & handled
    hashes = list(connection.scalars(select(mail.c.sha256).where(which)))
    _blank(connection, which, now)
    empty_raws(connection, hashes)
    put_setting(connection, _LEDGER, str(ids[-1]))
    return len(ids)


def _swept(connection: Connection, name: str) -> int:
    return int(connection.scalar(select(setting.c.value).where(setting.c.name == name)) or 0)
