"""A ticket's conversation, oldest first: what each mail says anew, and what we wrote.

Mails are read again from their raw bytes, as they were received; what was quoted in them stands already
above. Letters give the text they were sent with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from email import message_from_bytes, policy
from typing import Literal

from triaged.frozen import frozen
from triaged.readers.pool import InlineReaders
from triaged.reading.values import Door, Reading, Surroundings
from triaged.store.rows import LedgerMail, LetterRow
from triaged.store.store import Store
from triaged.tickets.ticket import Ticket
from triaged.walk.judge import CHANNELS, TAKEN_DOWN

MOST = 500  # mails, and letters, of one ticket


@frozen
class Said:
    """One contribution. `at` is aware UTC; `number` the mail's or the letter's; `state` the letter's."""

    at: datetime
    by: str
    to: tuple[str, ...]
    what: Literal["mail", "letter"]
    number: int
    subject: str
    text: str
    attachments: tuple[str, ...] = ()
    kind: str = ""
    state: str = ""


def conversation(
    ticket: Ticket, store: Store, surroundings: Surroundings, *, letters_to: Iterable[str] = ("partner",)
) -> list[Said]:
    """Everything said on a ticket, oldest first; `letters_to` names the audiences whose letters count."""
    wanted = frozenset(letters_to)
    rows = [one for one in store.letters(ticket_id=ticket.id, limit=MOST) if one.audience in wanted]
    letters = (letter for row in rows if (letter := store.letter(row.id)) is not None and letter.raw)
    said = [*_mails(store, ticket.id, surroundings), *map(_letter, letters)]
    return sorted(said, key=lambda one: (one.at, one.number))


def read_again(mail: LedgerMail, surroundings: Surroundings) -> Reading:
    """The Reading of a kept mail, made anew from its raw bytes."""
    return InlineReaders(surroundings).read([(mail.raw or b"", door_again(mail))])[0]


def door_again(mail: LedgerMail) -> Door:
    """What the reader must know of a kept mail that it reads again."""
    return Door(
        sent_folder=mail.sent_folder,
        vouched=mail.sender.lower() if mail.door in CHANNELS else "",
        taken_down=mail.door in TAKEN_DOWN,
    )


def _mails(store: Store, ticket_id: int, surroundings: Surroundings) -> Iterator[Said]:
    for row in store.mails(ticket_id=ticket_id, limit=MOST):
        mail = store.mail(row.id)
        if mail is None or mail.duplicate_of is not None or not mail.raw:  # copies, and what was forgotten
            continue
        reading = read_again(mail, surroundings)
        yield Said(
            at=mail.received_at,
            by=reading.sender.address or "nobody",
            to=tuple(a.address for a in (*reading.to, *reading.cc)),
            what="mail",
            number=mail.id,
            subject=reading.subject,
            text=reading.new_text or reading.text,
            attachments=tuple(a.name or a.type for a in reading.attachments),
            kind=mail.kind or "",
        )


def _letter(letter: LetterRow) -> Said:
    written = message_from_bytes(letter.raw or b"", policy=policy.default)
    body = written.get_body(("plain",))
    return Said(
        at=letter.written_at,
        by=str(written["From"].addresses[0].addr_spec),
        to=(*letter.to, *letter.cc),
        what="letter",
        number=letter.id,
        subject=letter.subject,
        text=str(body.get_content()) if body is not None else "",
        kind=letter.kind,
        state=str(letter.state),
    )
