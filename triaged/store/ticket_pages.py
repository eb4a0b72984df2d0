"""A ticket with its whole conversation in a fixed number of statements, however long it is; its mails, letters, files.

Nothing here reads a mail: what it says was kept when it was recorded (said.py). Who may see what is part of each
question; what our own people said among themselves exists for staff alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, and_, or_, select

from triaged.letters import kinds
from triaged.letters.invitation import is_session_entry
from triaged.reading.values import Limits
from triaged.store.kept import unpack
from triaged.store.list_rows import status_of
from triaged.store.newcomers import reads
from triaged.store.page_rows import Beside, Contribution, FileShown, ListPage, Sort, TicketPage, View, Wanted
from triaged.store.page_tables import said
from triaged.store.pages import Pages, sees
from triaged.store.rows import LetterState
from triaged.store.scope import Scope
from triaged.store.shapes import SHAPES, filled, filling_of_reader, of_reader
from triaged.store.tables import event, letter, mail, raw, ticket
from triaged.store.threads import reference
from triaged.store.tickets import whole
from triaged.tickets.ticket import Attached, Event, Happening, Ticket

_NEIGHBOURS = 10
_LOOKED_AT = 200  # mails of a ticket, the newest first, for one that was judged
_SPOKEN = ("request", "thanks")
_MAIL = [mail.c[n] for n in ("id", "received_at", "subject", "sender", "kind", "door", "fate", "ready_at")]
_LETTER = [
    letter.c[n]
    for n in ("id", "written_at", "sent_at", "ready_at", "kind", "state", "subject", "to", "cc", "audience")
]
_SAID = [said.c[n].label(f"said_{n}") for n in ("audience", "by_name", "to", "cc", "files", "text")]


class TicketPages(Pages):
    """One ticket for one reader."""

    def ticket_page(self, scope: Scope, ticket_id: int) -> TicketPage | None:
        """The ticket and all that was said on it, oldest first, with what was said on tickets that went into it.

        None where there is none for this reader; of what went into it, what he may see by itself.
        """
        ask, reader = _asked(of_reader(scope)), filling_of_reader(scope)
        with self._reading() as connection:
            if connection.scalar(ask.seen, {**reader, "number": ticket_id}) is None:
                return None
            (found,) = whole(connection, [ticket_id])
            merged = list(connection.scalars(ask.merged, {**reader, "number": ticket_id}))
            every = {**reader, "ids": [ticket_id, *merged]}
            mails = [_of_mail(row) for row in connection.execute(ask.mails, every).all()]
            letters = [_of_letter(row, found) for row in connection.execute(ask.letters, every).all()]
            heir = None
            if found.merged_into is not None:  # NULL would be looked for in all tickets
                heir = connection.scalar(ask.seen, {**reader, "number": found.merged_into})
        return TicketPage(
            ticket=found,
            status=status_of(found.state, found.tier, found.engineering),
            channel=found.channel,
            version=max((one.id for one in found.events), default=0),
            said=tuple(
                sorted((*mails, *letters), key=lambda one: (one.at, one.what == "letter", one.number))
            ),
            merged=tuple(map(reference, merged)),
            heir=reference(heir) if heir is not None else "",
        )

    def since(self, scope: Scope, ticket_id: int, version: int) -> tuple[Event, ...]:
        """What happened to a ticket after that event; nothing where there is none for this reader."""
        asked = (
            select(event)
            .join(ticket, ticket.c.id == event.c.ticket_id)
            .where(event.c.ticket_id == ticket_id, event.c.id > version, *sees(scope))
            .order_by(event.c.id)
        )
        with self._reading() as connection:
            return tuple(
                Event(row.at, Happening(row.kind), row.actor, row.reason, row.data, row.id)
                for row in connection.execute(asked)
            )

    def judged_reading(self, ticket_id: int) -> Mapping[str, Any]:
        """What was kept of the newest mail of a ticket that was judged; empty where there is none."""
        query = select(mail.c.reading).where(mail.c.ticket_id == ticket_id)
        with self._reading() as connection:
            rows = connection.scalars(query.order_by(mail.c.id.desc()).limit(_LOOKED_AT))
            return next((reading for reading in rows if reading and reading.get("facts")), {})

    def raw_of(self, scope: Scope, mail_id: int) -> bytes | None:
        """A mail's bytes; None where there is none for this reader, empty where they were forgotten."""
        query = select(raw.c.packed).join(mail, mail.c.sha256 == raw.c.sha256).where(mail.c.id == mail_id)
        with self._reading() as connection:
            if not _is_seen(connection, scope, _mails(scope).where(mail.c.id == mail_id)):
                return None
            return unpack(connection.scalar(query) or b"")

    def letter_raw_of(self, scope: Scope, letter_id: int) -> bytes | None:
        """A letter's bytes, in the same way."""
        query = select(letter.c.raw).where(letter.c.id == letter_id)
        with self._reading() as connection:
            if not _is_seen(connection, scope, _letters(scope).where(letter.c.id == letter_id)):
                return None
            return connection.scalar(query) or b""

    def file_of(
        self,
        scope: Scope,
        what: Literal["mail", "letter"],
        number: int,
        index: int,
        limits: Limits | None = None,
    ) -> Attached | None:
        """A file of a mail or a letter by its place; None where there is none for this reader.

        A meeting's invitation is for those invited alone, so there is none for any. The bytes are a stranger's: they are
        taken apart here, within the bounds of reading.
        """
        raw_of = self.raw_of if what == "mail" else self.letter_raw_of
        content = raw_of(scope, number)
        from triaged.reading.mime import files  # with it comes all that takes mail apart

        found = files.of(content, limits or Limits()) if content else ()
        if not 0 <= index < len(found):
            return None
        one = found[index]
        if is_session_entry(one.content or b""):
            return None
        return Attached(one.name or f"file-{index + 1}", one.type, one.content)

    def beside(self, scope: Scope, one: Ticket, now: datetime) -> Beside:
        """The live tickets of the same person and of the same account, for staff; newest first."""
        asker = next((p.address for p in one.people if p.role == "requester"), "")
        near = Wanted(now=now, view=View.QUEUE, sort=Sort.REFERENCE, limit=_NEIGHBOURS + 1)
        shown = (
            self.page(scope, wanted) if scope.is_staff and (wanted.person or wanted.account) else ListPage(())
            for wanted in (replace(near, person=asker), replace(near, account=one.account_key or ""))
        )
        people, accounts = (tuple(r for r in page.rows if r.id != one.id)[:_NEIGHBOURS] for page in shown)
        return Beside(people, accounts)


class _Asked(NamedTuple):
    """The statements of a ticket's page for readers of one shape (shapes.py)."""

    seen: Select[Any]
    merged: Select[Any]
    mails: Select[Any]
    letters: Select[Any]


@lru_cache(maxsize=SHAPES)
def _asked(scope: Scope) -> _Asked:
    number = filled("number", 0, ticket.c.id.type)
    return _Asked(
        _seen(scope, ticket.c.id == number), _went_into(scope, number), mails_of(scope), letters_of(scope)
    )


def _seen(scope: Scope, which: Any) -> Select[Any]:
    return select(ticket.c.id).where(which, *sees(scope))


def _went_into(scope: Scope, ticket_id: Any) -> Select[Any]:
    """The tickets that went into one, and into those, that this reader may see."""
    first = select(ticket.c.id).where(ticket.c.merged_into == ticket_id).cte("gone", recursive=True)
    gone = first.union(select(ticket.c.id).where(ticket.c.merged_into == first.c.id))
    return _seen(scope, ticket.c.id.in_(select(gone.c.id))).order_by(ticket.c.id)


def _is_seen(connection: Connection, scope: Scope, its: Select[Any]) -> bool:
    query = its.join(ticket, ticket.c.id == its.selected_columns.ticket_id)
    return connection.execute(query.where(*sees(scope))).first() is not None


def mails_of(scope: Scope, *ids: int) -> Select[Any]:
    """The mails of tickets for one reader."""
    its = filled("ids", list(ids), mail.c.ticket_id.type, several=True)
    return _mails(scope).where(mail.c.ticket_id.in_(its)).order_by(mail.c.received_at, mail.c.id)


def letters_of(scope: Scope, *ids: int) -> Select[Any]:
    """The letters of tickets for one reader."""
    its = filled("ids", list(ids), letter.c.ticket_id.type, several=True)
    return _letters(scope).where(letter.c.ticket_id.in_(its)).order_by(letter.c.written_at, letter.c.id)


def _mails(scope: Scope) -> Select[Any]:
    """What the partner may see is what is told as such; before it is told, what plainly is his side's own."""
    query = select(*_MAIL, *_SAID, mail.c.ticket_id, raw.c.size)
    query = query.join(raw, raw.c.sha256 == mail.c.sha256).join(
        said, said.c.mail_id == mail.c.id, isouter=True
    )
    query = query.where(mail.c.duplicate_of.is_(None))
    if scope.is_staff:
        return query
    query = query.where(*reads(scope, mail.c.ticket_id, mail.c.received_at))
    his = mail.c.sender == filled("reader", scope.address, mail.c.sender.type)
    own = and_(said.c.id.is_(None), his, mail.c.kind.in_(_SPOKEN))
    return query.where(or_(said.c.audience == "partner", own))


def _letters(scope: Scope) -> Select[Any]:
    query = select(*_LETTER, *_SAID, letter.c.ticket_id)
    query = query.join(said, said.c.letter_id == letter.c.id, isouter=True)
    query = query.where(letter.c.kind.not_in(kinds.copies()))
    if scope.is_staff:
        return query
    query = query.where(*reads(scope, letter.c.ticket_id, letter.c.written_at))
    gone = letter.c.state.in_([LetterState.SENT, LetterState.FAILED])
    return query.where(letter.c.audience == "partner", gone)


def _files(row: Any) -> Iterator[FileShown]:
    for index, (name, type_, size) in enumerate(row.said_files or ()):
        yield FileShown(index, name, type_, size)


def _of_mail(row: Any) -> Contribution:
    return Contribution(
        what="mail", number=row.id, at=row.received_at, by=row.sender, by_name=row.said_by_name or "",
        to=tuple(row.said_to or ()), cc=tuple(row.said_cc or ()), subject=row.subject, text=row.said_text,
        kind=row.kind or "", door=row.door, ours=row.kind == "staff", audience=row.said_audience or "staff",
        waiting=row.ready_at is not None, files=tuple(_files(row)), size=row.size,
    )  # fmt: skip


def _of_letter(row: Any, of: Ticket) -> Contribution:
    waits = row.state is LetterState.WAITING
    return Contribution(
        what="letter", number=row.id, at=row.sent_at or row.written_at, by="", by_name=row.said_by_name or "",
        to=tuple(row.to), cc=tuple(row.cc), subject=row.subject, text=row.said_text, kind=row.kind, state=row.state,
        ours=True, audience=row.audience, due=row.ready_at if waits else None, files=tuple(_files(row)),
    )  # fmt: skip
