"""`triaged outbox`: letters and their fate; try again, or withdraw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.errors import Faulty
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.store.rows import LetterRow
    from triaged.store.store import Store

TITLE = ("id", "written", "kind", "ticket", "state", "to", "subject", "error")


@click.group("outbox")
def command() -> None:
    """Letters and their fate."""


@command.command("list")
@click.option("--state", type=click.Choice(["waiting", "sent", "failed", "withdrawn"]))
@click.option("--ticket", "reference", help="Only letters of this ticket.")
@click.option("--to", "address", help="Only letters to this address.")
@click.option("--limit", default=100, show_default=True, type=output.LIMIT)
@output.json_option
def list_(state: str | None, reference: str | None, address: str | None, limit: int, as_json: bool) -> None:
    """Letters, newest first."""
    with context.store() as store:
        on = context.ticket(store, reference).id if reference else None
        to = address.lower() if address else None
        letters = output.first(
            limit, lambda most: store.letters(state=state, ticket_id=on, address=to, limit=most)
        )
    output.rows(TITLE, map(line, letters), as_json=as_json, objects=map(as_object, letters))


def line(letter: LetterRow) -> tuple[Any, ...]:
    """A letter as a line under TITLE."""
    ticket = f"PS-{letter.ticket_id}" if letter.ticket_id else None
    to = ", ".join((*letter.to, *letter.cc))
    when = output.when(letter.written_at)
    return letter.id, when, letter.kind, ticket, letter.state, to, letter.subject[:70], letter.error


def as_object(letter: LetterRow) -> dict[str, Any]:
    """A letter as JSON, without its bytes."""
    return {k: v for k, v in asdict(letter).items() if k != "raw"} | {
        "ticket": f"PS-{letter.ticket_id}" if letter.ticket_id else None
    }


@command.command("show")
@click.argument("number", type=output.NUMBER)
def show_(number: int) -> None:
    """One letter as it leaves."""
    with context.store() as store:
        letter = store.letter(number)
    if letter is None:
        raise Faulty(f"{number}: no such letter; `triaged outbox list` shows them")
    output.raw((letter.raw or b"").replace(b"\r\n", b"\n"))


@command.command()
@click.argument("numbers", type=output.NUMBER, nargs=-1)
@click.option("--failed", is_flag=True, help="Every letter that failed.")
def retry(numbers: tuple[int, ...], failed: bool) -> None:
    """Send letters again that failed or wait, with their old Message-IDs."""
    if bool(numbers) == failed:
        raise click.UsageError("name the letters, or say --failed")
    with context.store() as store:
        chosen = store.failed_letters() if failed else numbers
        _each(store, chosen, lambda one: store.retry([one], context.now()), "will be sent again")


@command.command()
@click.argument("numbers", type=output.NUMBER, nargs=-1, required=True)
@click.option("--reason", default="withdrawn by hand", show_default=True)
def cancel(numbers: tuple[int, ...], reason: str) -> None:
    """Withdraw letters that have not left."""
    with context.store() as store:
        _each(
            store,
            numbers,
            lambda one: store.cancel([one], reason, context.now(), context.actor()),
            "withdrawn",
        )


def _each(store: Store, numbers: Sequence[int], act: Callable[[int], int], what: str) -> None:
    """Act on each letter and tell how many it could be done to. Raises Faulty that says why not to the others."""
    chosen = tuple(dict.fromkeys(numbers))
    left = [_why_not(store, number) for number in chosen if not act(number)]
    output.say(f"{len(chosen) - len(left)} of {counted(len(chosen), 'letter')} {what}")
    if left:
        raise Faulty(*left)


def _why_not(store: Store, number: int) -> str:
    letter = store.letter(number)
    if letter is None:
        return f"{number}: no such letter; `triaged outbox list` shows them"
    if letter.state == "sent":
        return f"{number}: was sent already"
    return f"{number}: is being sent just now; `triaged outbox list` tells what became of it"
