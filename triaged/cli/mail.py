"""`triaged mail`: the ledger of every mail ever seen, what became of it, and another try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.errors import Faulty
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.store.rows import LedgerMail
    from triaged.store.store import Store

FATES = ("waiting", "ticket", "automatic", "spam", "skipped", "quarantine")
TITLE = ("id", "received", "mailbox", "uid", "fate", "kind", "ticket", "from", "subject")


@click.group("mail")
def command() -> None:
    """The ledger of received mail: by mailbox, UIDVALIDITY and UID, each with its one fate."""


@command.command("list")
@click.option("--fate", type=click.Choice(FATES))
@click.option("--mailbox", help="Only mail of this mailbox.")
@click.option("--ticket", "reference", help="Only mail on this ticket.")
@click.option("--since", help="A span like 30d, or a time.")
@click.option("--limit", default=100, show_default=True, type=output.LIMIT)
@output.json_option
def list_(
    fate: str | None, mailbox: str | None, reference: str | None, since: str | None, limit: int, as_json: bool
) -> None:
    """Mails, newest first."""
    with context.store() as store:
        on = context.ticket(store, reference).id if reference else None
        begin = context.since(since)
        mails = output.first(
            limit,
            lambda most: store.mails(fate=fate, mailbox=mailbox, ticket_id=on, since=begin, limit=most),
        )
        listing(mails, as_json)


def listing(mails: Sequence[LedgerMail], as_json: bool) -> None:
    """Mails as a listing."""
    output.rows(TITLE, map(line, mails), as_json=as_json, objects=map(as_object, mails))


def line(mail: LedgerMail) -> tuple[Any, ...]:
    """A mail as a line under TITLE."""
    ticket = f"PS-{mail.ticket_id}" if mail.ticket_id else None
    uid = f"{mail.uidvalidity}/{mail.uid}" if mail.uid else mail.door
    when = output.when(mail.received_at)
    return mail.id, when, mail.mailbox, uid, mail.fate, mail.kind, ticket, mail.sender, mail.subject[:80]


def as_object(mail: LedgerMail) -> dict[str, Any]:
    """A mail as JSON, without its bytes."""
    return {k: v for k, v in asdict(mail).items() if k not in {"raw", "reading"}} | {
        "ticket": f"PS-{mail.ticket_id}" if mail.ticket_id else None
    }


@command.command("show")
@click.argument("number", type=output.NUMBER)
@click.option("--raw", "only_raw", is_flag=True, help="The bytes as they came, nothing else.")
@output.json_option
def show_(number: int, only_raw: bool, as_json: bool) -> None:
    """One mail: its fate and why, and what it says in clear."""
    with context.store() as store:
        mail = one(store, number)
    if only_raw:
        output.raw(mail.raw or b"")
    elif as_json:
        output.say(output.json_line(as_object(mail) | {"reading": mail.reading}))
    else:
        for name, value in as_object(mail).items():
            if value not in (None, "", False):
                output.say(f"{name:14} {output.clean(str(output.plain(value)))}")
        _text(mail)


def _text(mail: LedgerMail) -> None:
    """The mail as its reader understood it: decoded, its own words and what it hands on, its attachments."""
    from triaged.walk.conversation import read_again

    reading = read_again(mail, context.knowledge().surroundings)
    for name, people in (("from", reading.from_), ("to", reading.to), ("cc", reading.cc)):
        if people:
            output.say(f"{name:14} {output.clean(', '.join(str(a.address) for a in people))}")
    for attachment in reading.attachments:
        output.say(
            f"{'attached':14} {output.clean(f'{attachment.name} ({attachment.type}, {attachment.size} bytes)')}"
        )
    for defect in reading.defects:
        output.say(f"{'defect':14} {output.clean(defect)}")
    output.say()
    for line_ in (reading.new_text or reading.text).strip().splitlines():
        output.say(output.clean(line_))


def one(store: Store, number: int) -> LedgerMail:
    """The mail of a number. Raises Faulty if there is none."""
    mail = store.mail(number)
    if mail is None:
        raise Faulty(f"{number}: no such mail; `triaged mail list` shows them")
    return mail


@command.command()
@click.argument("numbers", type=output.NUMBER, nargs=-1, required=True)
def replay(numbers: tuple[int, ...]) -> None:
    """Walk mails again from their raw bytes; one already on a ticket stays on it and is not doubled."""
    with context.store() as store:
        release(store, numbers)


def release(store: Store, numbers: Iterable[int]) -> None:
    """Send mails back to waiting; the daemon takes them up at once. Raises Faulty for unknown numbers."""
    for number in numbers:
        one(store, number)
    count = store.replay(numbers, context.now())
    output.say(f"{counted(count, 'mail')} waiting again; the daemon takes them up")
