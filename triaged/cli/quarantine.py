"""`triaged quarantine`: mails that could not be handled, each with its reason, and another try."""

from __future__ import annotations

import click

from triaged.cli import mail, opening, show
from triaged.errors import Faulty
from triaged.store.values import Fate


@click.group("quarantine")
def command() -> None:
    """What could not be handled. Nothing is lost: the raw mail is kept."""


@command.command("list")
@click.option("--limit", default=100, show_default=True, type=show.NUMBER)
@show.json_option
def list_(limit: int, as_json: bool) -> None:
    """Quarantined mails, newest first."""
    with opening.store() as store:
        mails = store.quarantine(limit)
    title = ("id", "received", "mailbox", "from", "subject", "why")
    lines = ((m.id, show.when(m.received_at), m.mailbox, m.sender, m.subject[:60], m.why) for m in mails)
    show.rows(title, lines, as_json=as_json, objects=map(mail.as_object, mails))


command.add_command(mail.show_, "show")


@command.command()
@click.argument("numbers", type=show.NUMBER, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every quarantined mail.")
def replay(numbers: tuple[int, ...], everything: bool) -> None:
    """Try again; a mail that fails again comes back here with its new reason."""
    if bool(numbers) == everything:
        raise click.UsageError("name the mails, or say --all")
    with opening.store() as store:
        chosen = tuple(m.id for m in store.quarantine(100_000)) if everything else numbers
        for number in chosen:
            if mail.one(store, number).fate != Fate.QUARANTINE:
                raise Faulty(f"{number}: is not in quarantine; `triaged mail replay {number}` walks it again")
        mail.release(store, chosen)
