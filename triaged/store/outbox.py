"""The outbox: letters written once (promise 3), claimed, sent, tried again, failed or withdrawn.

(ticket, kind, key) is unique, so writing a letter twice writes it once. The bytes and the Message-ID are
fixed when it is written: whatever is sent again is the same mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from triaged.followups.steps import PLAN, Step, Word
from triaged.letters import kinds
from triaged.store.addresses import AddressWrites, Posted, Unverified
from triaged.store.claims import claim, taking
from triaged.store.columns import address_key, mailbox_key
from triaged.store.connected import Connected, pieces
from triaged.store.dues import due_row
from triaged.store.inserts import insert_once
from triaged.store.letter_rows import LETTERS, RECIPIENTS, letter_row
from triaged.store.rows import LetterRow, LetterState, OutboxLetter
from triaged.store.said import SaidWrites
from triaged.store.tables import due, letter, recipient
from triaged.store.threads import ThreadWrites
from triaged.store.tickets import add_events
from triaged.tickets.event_data import LetterFate
from triaged.tickets.ticket import Due, Event, Happening, Letter

_CLAIMED = [letter.c[name] for name in OutboxLetter.__dataclass_fields__]
# The run a claim begins becomes a try by an answer about this letter. Who died with it in hand made none.
_RUN = case((letter.c.owner.is_(None), letter.c.runs + 1), else_=letter.c.runs)
_CLAIM = claim(letter, _CLAIMED, run=_RUN)
_CLAIM_OF_MAILBOX = claim(letter, _CLAIMED, where=letter.c.mailbox == bindparam("of_mailbox"), run=_RUN)
_SHOWN = [letter.c[name] for name in LetterRow.__dataclass_fields__ if name != "raw"]
_TOLD = [letter.c[name] for name in ("id", "ticket_id", "kind", "to", "cc", "message_id")]
_FINISHED = {"owner": None, "ready_at": None}
_OF_TICKET = 200  # letters of a ticket that its story shows
Ended = Literal["refused", "unanswered", "untried"]
_ENDED: Mapping[Ended, dict[str, Any]] = {
    "refused": {},
    "unanswered": {"runs": letter.c.runs - 1, "unanswered": letter.c.unanswered + 1},
    "untried": {"runs": letter.c.runs - 1},
}
# What a letter's fate changes of its ticket: without a step of its own nobody would see to it.
_ASKS_ANEW = {
    (Happening.LETTER_SENT, "update"): Word.SENT,  # the next update counts from this one
    (Happening.LETTER_FAILED, "acknowledgment"): Word.UNDELIVERED,
}
_SENT = (  # built once: building it costs as much as running it, and this runs for every letter
    update(letter)
    .where(
        letter.c.id == bindparam("letter_id"),
        letter.c.owner == bindparam("by"),
        letter.c.state == LetterState.WAITING,
    )
    .values(
        **_FINISHED,
        state=LetterState.SENT,
        sent_at=bindparam("sent_at"),
        refused=bindparam("refused"),
        error=None,
        to_file=bindparam("to_file"),
    )
    .returning(*_TOLD)
)


class Outbox(Connected):
    """What the sender and the operator ask of the outbox."""

    def claim_letters(
        self, limit: int, now: datetime, owner: str, lease: timedelta, mailbox: str | None = None
    ) -> list[OutboxLetter]:
        """Up to `limit` letters that are due, of one mailbox or of all, oldest first, ours for `lease`."""
        parameters = taking(limit, now, owner, lease)
        with self._writing() as connection:
            if mailbox is None:
                rows = connection.execute(_CLAIM, parameters).all()
            else:
                rows = connection.execute(_CLAIM_OF_MAILBOX, {**parameters, "of_mailbox": mailbox}).all()
        letters = [OutboxLetter(**{**row._mapping, "to": tuple(row.to), "cc": tuple(row.cc)}) for row in rows]
        return sorted(letters, key=lambda one: one.id)

    def letter_sent(
        self, letter_id: int, owner: str, now: datetime, refused: Sequence[str] = (), *, to_file: bool = False
    ) -> bool:
        """The server took it, for all but `refused`. False: the claim was lost, nothing is recorded.

        `to_file`: a copy is owed to the mailbox's Sent folder.
        """
        given = {
            "letter_id": letter_id,
            "by": owner,
            "sent_at": now,
            "refused": refused,
            "to_file": to_file or None,
        }
        sent = _happened(now, Happening.LETTER_SENT, "sent" if not refused else f"refused for {len(refused)}")
        with self._noting() as connection:
            rows = connection.execute(_SENT, given).all()
            _tell(connection, rows, sent, refused)
        return len(rows) == 1

    def letter_retry(
        self, letter_id: int, owner: str, error: str, at: datetime, ended: Ended = "refused"
    ) -> bool:
        """Not sent this time; try again at `at`. Only what was `refused` was a try. False: not ours any more."""
        values = {"owner": None, "ready_at": at, "error": error, **_ENDED[ended]}
        with self._writing() as connection:
            return (
                connection.execute(update(letter).where(*_ours(letter_id, owner)).values(**values)).rowcount
                == 1
            )

    def take_back_letters(self, owner: str, mailbox: str, now: datetime) -> int:
        """What is ours and we know nothing of: the answer to a claim was lost. Call it with nothing in hand."""
        forgotten = (
            letter.c.owner == owner,
            letter.c.mailbox == mailbox,
            letter.c.state == LetterState.WAITING,
        )
        with self._writing() as connection:
            free = update(letter).where(*forgotten).values(owner=None, ready_at=now, runs=letter.c.runs - 1)
            return connection.execute(free).rowcount

    def letter_failed(self, letter_id: int, owner: str, error: str, now: datetime) -> bool:
        """Given up, with an event on its ticket. False: not ours any more."""
        failed = {"state": LetterState.FAILED, "error": error}
        with self._writing() as connection:
            return bool(
                _finish(
                    connection,
                    _ours(letter_id, owner),
                    failed,
                    _happened(now, Happening.LETTER_FAILED, error),
                )
            )

    def withdraw(
        self, letter_id: int, reason: str, now: datetime, owner: str | None = None, actor: str = "daemon"
    ) -> bool:
        """It has lost its sense; with an event. `owner` None: only if nobody is sending it now."""
        free = or_(letter.c.owner.is_(None), letter.c.ready_at <= now)
        where = (
            _ours(letter_id, owner)
            if owner
            else (letter.c.id == letter_id, free, letter.c.state != LetterState.SENT)
        )
        with self._writing() as connection:
            return _withdraw(connection, where, reason, now, actor) == 1

    def cancel(self, letter_ids: Iterable[int], reason: str, now: datetime, actor: str = "daemon") -> int:
        """Withdraw letters by hand; how many were not sent (or under way) yet."""
        return sum(self.withdraw(one, reason, now, actor=actor) for one in letter_ids)

    def retry(self, letter_ids: Iterable[int], now: datetime) -> int:
        """Send failed, withdrawn or waiting letters now, with their old Message-IDs; how many."""
        again = {
            "state": LetterState.WAITING,
            "ready_at": now,
            "owner": None,
            "error": None,
            "runs": 0,
            "unanswered": 0,
            "expires": None,
        }
        unsent = and_(letter.c.state != LetterState.SENT, letter.c.forgotten_at.is_(None))
        free = or_(letter.c.owner.is_(None), letter.c.ready_at <= now)
        with self._writing() as connection:
            return sum(
                connection.execute(
                    update(letter).where(letter.c.id.in_(ids), unsent, free).values(**again)
                ).rowcount
                for ids in pieces(letter_ids)
            )

    def hand_over(self, mailboxes: Iterable[str], heir: str) -> int:
        """Unsent letters of mailboxes that are none of these leave by `heir`: else no sender would ever claim them."""
        lost = (letter.c.mailbox.not_in(list(mailboxes)), letter.c.state == LetterState.WAITING)
        with self._writing() as connection:
            moved = update(letter).where(*lost, letter.c.ticket_id.is_not(None)).values(mailbox=heir)
            return connection.execute(moved).rowcount

    def next_letter_at(self, mailbox: str | None = None) -> datetime | None:
        """When the next letter wants to be sent (or a sender's lease ends); None: none waits."""
        query = select(func.min(letter.c.ready_at)).where(letter.c.ready_at.is_not(None))
        if mailbox is not None:
            query = query.where(letter.c.mailbox == mailbox)
        with self._reading() as connection:
            at: datetime | None = connection.scalar(query)
            return at

    def failed_letters(self) -> list[int]:
        """The numbers of all that were given up, newest first."""
        query = select(letter.c.id).where(letter.c.state == LetterState.FAILED).order_by(letter.c.id.desc())
        with self._reading() as connection:
            return list(connection.scalars(query))

    def letters_of(self, ticket_id: int) -> list[LetterRow]:
        """The newest letters of a ticket, oldest first."""
        return self.letters(ticket_id=ticket_id, limit=_OF_TICKET)[::-1]

    def letters(
        self,
        *,
        state: LetterState | str | None = None,
        ticket_id: int | None = None,
        mailbox: str | None = None,
        audience: str | None = None,
        address: str | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[LetterRow]:
        """Letters and their fate, newest first."""
        query = select(*_SHOWN).order_by(letter.c.id.desc()).limit(limit)
        given: list[tuple[ColumnElement[Any], Any]] = [
            (letter.c.ticket_id, ticket_id),
            (letter.c.mailbox, mailbox),
            (letter.c.audience, audience),
            (letter.c.state, LetterState(state) if state is not None else None),
        ]
        query = query.where(*(column == value for column, value in given if value is not None))
        if address is not None:
            query = query.where(
                letter.c.id.in_(
                    select(recipient.c.letter_id).where(recipient.c.address == address_key(address))
                )
            )
        if before_id is not None:
            query = query.where(letter.c.id < before_id)
        with self._reading() as connection:
            return [_row(row._mapping) for row in connection.execute(query)]

    def letter(self, letter_id: int) -> LetterRow | None:
        """One letter with its bytes."""
        with self._reading() as connection:
            row = connection.execute(select(*_SHOWN, letter.c.raw).where(letter.c.id == letter_id)).first()
        return _row(row._mapping) if row else None


class OutboxWrites(ThreadWrites, AddressWrites, SaidWrites):
    """What the recorder and the deadlines write."""

    def write(
        self,
        letters: Sequence[Letter],
        ticket_id: int | None,
        message_ids: Sequence[str],
        raws: Sequence[bytes],
        now: datetime,
        *,
        unverified: bool = False,
        in_name_of: str | None = None,
    ) -> tuple[Letter, ...]:
        """Put letters into the outbox with their Message-IDs and bytes; answers those that are new.

        `unverified`: nobody verified the ticket, which is in the name of this partner or of none.
        A letter written before (same ticket, kind and key) stays as it was. The ticket knows the letters'
        Message-IDs from now on. Without a ticket the key is unique in its mailbox.
        """
        new = []
        for one, message_id, raw in zip(letters, message_ids, raws, strict=True):
            row = {**letter_row(one, ticket_id, message_id, raw, now), "unverified": unverified}
            if self._insert(row, one, ticket_id):
                told = Unverified(one.audience, one.kind, in_name_of) if unverified else None
                self._address(one, message_id, now, told, is_put_off=ticket_id in self._opened)
                new.append((one, message_id))
        if ticket_id is not None:
            ids = [message_id for _, message_id in new]
            self.know(ticket_id, ids, of="letter")
            self._tell_letters([one for one, _ in new], ids, ticket_id, in_name_of)
        return tuple(one for one, _ in new)

    def _insert(self, row: dict[str, Any], one: Letter, ticket_id: int | None) -> bool:
        """Whether it is new. A ticket opened here has no letters but those of here: then it can be put off."""
        beside = self._opened.get(ticket_id) if ticket_id is not None else None
        if beside is None:
            connection = self._apart()  # no letter of such a ticket is ever put off
            return connection.scalar(insert_once(connection, letter), row) is not None
        if any((one.kind, one.key) == (other.kind, other.key) for other in beside):
            return False
        self._later(LETTERS, [LETTERS.row(row)], about=())  # `_opened` has it
        beside.append(one)
        return True

    def _address(
        self, one: Letter, message_id: str, now: datetime, told: Unverified | None, *, is_put_off: bool
    ) -> None:
        to = {address_key(address): mailbox_key(address) for address in (*one.to, *one.cc)}
        rows = [(address, now, key, message_id) for address, key in to.items()]
        self._later(RECIPIENTS, rows, about=[message_id])
        self._count_letter(Posted(frozenset(to.values()), one.audience, now, told, is_put_off))


def _ours(letter_id: int, owner: str) -> tuple[ColumnElement[bool], ...]:
    return (letter.c.id == letter_id, letter.c.owner == owner, letter.c.state == LetterState.WAITING)


def _happened(now: datetime, kind: Happening, reason: str, actor: str = "daemon") -> Event:
    return Event(at=now, kind=kind, actor=actor, reason=reason)


def _withdraw(
    connection: Connection, where: Sequence[ColumnElement[bool]], reason: str, now: datetime, actor: str
) -> int:
    withdrawn = {"state": LetterState.WITHDRAWN, "error": reason}
    return _finish(connection, where, withdrawn, _happened(now, Happening.LETTER_WITHDRAWN, reason, actor))


def _finish(
    connection: Connection, where: Sequence[ColumnElement[bool]], values: dict[str, Any], happened: Event
) -> int:
    """The end of some letters, each told on its ticket; how many."""
    rows = connection.execute(
        update(letter).where(*where).values(**_FINISHED, **values).returning(*_TOLD)
    ).all()
    _tell(connection, rows, happened)
    return len(rows)


def _tell(connection: Connection, rows: Sequence[Any], happened: Event, refused: Sequence[str] = ()) -> None:
    for row in rows:
        if row.ticket_id is not None:
            counts_as = kinds.of(row.kind).counts_as
            told = LetterFate(row.id, row.kind, row.to, row.cc, row.message_id, tuple(refused), counts_as)
            add_events(connection, row.ticket_id, [replace(happened, data=told.stored())])
            if (word := _ASKS_ANEW.get((happened.kind, counts_as))) is not None:
                step = Step(PLAN, word, row.id)
                anew = Due(row.ticket_id, step.kind, step.text, happened.at)
                connection.execute(insert_once(connection, due), due_row(anew, row.ticket_id))


def _row(row: Any) -> LetterRow:
    lists = {name: tuple(row[name]) for name in ("to", "cc", "refused")}
    return LetterRow(**{**row, **lists})
