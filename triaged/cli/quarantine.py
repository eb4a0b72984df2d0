"""`triaged quarantine`: mails that could not be handled, each with its reason, and another try."""

from __future__ import annotations

import click

from triaged.cli import context, mail, output
from triaged.errors import Faulty
from triaged.store.rows import Fate


@click.group("quarantine")
def command() -> None:
    """What could not be handled. Nothing is lost: the raw mail is kept."""


@command.command("list")
@click.option("--limit", default=100, show_default=True, type=output.LIMIT)
@output.json_option
def list_(limit: int, as_json: bool) -> None:
    """Quarantined mails, newest first."""
    with context.store() as store:
        mails = output.first(limit, store.quarantine)
    title = ("id", "received", "mailbox", "from", "subject", "why")
    lines = ((m.id, output.when(m.received_at), m.mailbox, m.sender, m.subject[:60], m.why) for m in mails)
    output.rows(title, lines, as_json=as_json, objects=map(mail.as_object, mails))


command.add_command(mail.show_, "show")


@command.command()
@click.argument("numbers", type=output.NUMBER, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every quarantined mail.")
def replay(numbers: tuple[int, ...], everything: bool) -> None:
    """Try again; a mail that fails again comes back here with its new reason."""
    if bool(numbers) == everything:
        raise click.UsageError("name the mails, or say --all")
    with context.store() as store:
        chosen = store.quarantined() if everything else numbers
        for number in chosen:
            if mail.one(store, number).fate != Fate.QUARANTINE:
                raise Faulty(f"{number}: is not in quarantine; `triaged mail replay {number}` walks it again")
        mail.release(store, chosen)


@command.command()
@click.argument("numbers", type=output.NUMBER, nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it stands in the ledger.")
def drop(numbers: tuple[int, ...], reason: str) -> None:
    """Quarantined mails that nobody needs go from the list; their bytes stay, and `mail replay` takes them up again."""
    if not reason.strip():
        raise click.UsageError("the reason is empty")
    with context.store() as store:
        for number in numbers:
            if mail.one(store, number).fate != Fate.QUARANTINE:
                raise Faulty(f"{number}: is not in quarantine")
        dropped = store.drop(numbers, context.actor(), reason.strip()[:1000], context.now())
    output.say(f"{dropped} dropped")
