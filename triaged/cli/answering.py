"""`triaged tickets answer`, `open` and their kin: what staff write and mark, as the console does by the same code."""

from __future__ import annotations

import mimetypes
import sys
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.store.store import Store
    from triaged.tickets.ticket import Attached, Ticket
    from triaged.walk.by_hand import ByHand

MOST_BYTES = 15 * 1024 * 1024  # of all files of an answer: mail servers take 20 to 25 MB, encoded


@click.command()
@click.argument("reference")
@click.option("--text-file", help="The answer's text; - reads standard input.")
@click.option("--canned", help="Name of an answer of the rulebook(its section `answers:`).")
@click.option("--attach", "attached", multiple=True, help="A file to go with it; may be given several times.")
@click.option(
    "--then",
    type=click.Choice(["open", "wait", "resolve"]),
    help="Said in the same letter; without it as the rulebook has it.",
)
@click.option("--from", "writer", help="Who writes, as the partner reads it: a name, or Name <address>.")
@click.option("--undo", default="0s", show_default=True, help="How long it can be taken back (`take-back`).")
@click.option("--anyway", is_flag=True, help="Send it also where something in it is probably not meant.")
def answer(
    reference: str,
    text_file: str | None,
    canned: str | None,
    attached: tuple[str, ...],
    then: str | None,
    writer: str | None,
    undo: str,
    anyway: bool,
) -> None:
    """Answer the partner in the ticket's thread, as a letter of the mailbox: the human first response."""
    if text_file and canned:
        raise click.UsageError("say the text by --text-file or by --canned, not by both")
    waits, files = _span(undo), _files(attached)
    with context.store() as store:
        desk, ticket = _desk(store, writer), context.ticket(store, reference)
        text = _canned(canned, ticket, desk) if canned else _text(text_file)
        _ask(text, len(files), anyway)
        after, key = desk.answer(ticket, text, files, then=then or "", undo=waits)  # type: ignore[arg-type]
        rows = [one for one in store.letters(ticket_id=ticket.id, limit=5) if one.key == key]
    for row in rows:
        output.say(f"{after.reference}: letter {row.id} to {', '.join((*row.to, *row.cc))} is in the outbox")
    output.say(f"{after.reference} is {after.state}")


def _desk(store: Store, writer: str | None) -> ByHand:
    from dataclasses import replace

    given = (writer or "").strip()
    shown = parseaddr(given)[0] if "@" in given else given  # else a name's first word
    return replace(context.by_hand(store), name=shown)


def _text(file: str | None) -> str:
    """Of the file, of standard input, or typed in an editor."""
    if file and file != "-":
        return _decoded(_bytes(file), file)
    if file == "-" or not sys.stdin.isatty():
        return _decoded(sys.stdin.buffer.read(), "standard input")
    typed = click.edit("")
    if not (typed or "").strip():
        raise click.UsageError("nothing is written; nothing was sent")
    return str(typed)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Faulty(f"{name}: is no UTF-8 text") from None


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Faulty(f"{file}: cannot be read: {error.strerror or error}") from None


def _files(names: tuple[str, ...]) -> list[Attached]:
    files = [_file(name) for name in names]
    if sum(len(file.content) for file in files) > MOST_BYTES:
        raise click.UsageError(f"the files are more than {MOST_BYTES // 1024 // 1024} MB together")
    return files


def _file(name: str) -> Attached:
    from triaged.tickets.ticket import Attached

    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Attached(Path(name).name, kind, _bytes(name))


def _canned(name: str, ticket: Ticket, desk: ByHand) -> str:
    from triaged.letters import canned
    from triaged.spec.did_you_mean import did_you_mean

    known = desk.knowledge.rulebook.letters.answers
    if name not in known:
        raise Faulty(f"answers: the rulebook has no '{name}'{did_you_mean(name, known)}")
    return canned.written(known[name], desk.knowledge.writer(ticket.mailbox, desk.now), ticket, desk.name)


def _ask(text: str, files: int, anyway: bool) -> None:
    """What is probably not meant is asked about, and refused where nobody can be asked."""
    from triaged.letters.guards import doubts

    found = [] if anyway else list(doubts(text, files))
    if found and sys.stdin.isatty() and sys.stdout.isatty():
        for line in found:
            output.say(line, fg="yellow")
        click.confirm("Send it all the same?", abort=True)
    elif found:
        raise Faulty(*found, "nothing was sent; --anyway sends it all the same")


def _span(text: str) -> timedelta:
    from triaged.spec.durations import parse

    if text.strip() in ("0", "0s"):
        return timedelta(0)
    try:
        return parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("take-back")
@click.argument("reference")
def take_back(reference: str) -> None:
    """Take the newest answer back before it leaves: no letter, and the clocks as if there had been none."""
    with context.store() as store:
        ticket = context.by_hand(store).take_back(context.ticket(store, reference))
    output.say(f"{ticket.reference}: the answer does not leave; it is {ticket.state}")


@click.command("open")
@click.option("--channel", type=click.Choice(["phone", "chat"]), required=True)
@click.option("--from", "caller", required=True, help="Who it was: an address, or Name <address>.")
@click.option("--subject", required=True)
@click.option("--text-file", help="What was said, or the transcript; - or nothing reads standard input.")
@click.option("--attach", "attached", multiple=True, help="A file that goes with it.")
@click.option("--mailbox", default="", help="Else by the caller's region.")
def open_(
    channel: str, caller: str, subject: str, text_file: str | None, attached: tuple[str, ...], mailbox: str
) -> None:
    """Open a ticket for a call or a chat; judged, acknowledged and shown like any other."""
    from triaged.learning.places import current
    from triaged.walk.by_call import open_for_call
    from triaged.walk.page_mail import Written

    name, address = parseaddr(caller)
    if "@" not in address:
        raise click.BadParameter(f"{caller!r} is not a valid mail address")
    files = _files(attached)
    written = Written(address.lower(), name, subject, _text(text_file), files, channel)  # type: ignore[arg-type]
    known = context.knowledge()
    with context.store() as store:
        ticket = open_for_call(
            store,
            known,
            written,
            context.actor(),
            context.now(),
            mailbox=mailbox,
            model=current(known.models),
        )
    output.say(f"{ticket.reference} is opened: {ticket.severity}, {ticket.severity_because}")


@click.command()
@click.argument("reference")
@click.argument("until")
@click.option("--reason", required=True)
def snooze(reference: str, until: str, reason: str) -> None:
    """Out of the queue UNTIL a span (3d) or a time (2026-12-01T09:00Z); `off` puts it back. Promises run on."""
    from triaged.spec.durations import parse

    at: datetime | None = None
    if until != "off":
        try:
            at = context.now() + parse(until)
        except ValueError:
            at = context.moment(until)
    with context.store() as store:
        ticket = context.by_hand(store).snooze(context.ticket(store, reference), at, reason)
    output.say(
        f"{ticket.reference} is put off until {output.when(at)}"
        if at
        else f"{ticket.reference} is in the queue"
    )


@click.command()
@click.argument("reference")
@click.argument("other")
@click.option(
    "--as", "how", type=click.Choice(["related", "duplicate", "none"]), default="related", show_default=True
)
@click.option("--reason", default="")
def link(reference: str, other: str, how: Any, reason: str) -> None:
    """Mark REFERENCE as related to OTHER, or as its duplicate, without merging; `none` takes the mark away."""
    with context.store() as store:
        first, second = context.ticket(store, reference), context.ticket(store, other)
        context.by_hand(store).relate(first, second, how, reason)
    shown = {"related": "is related to", "duplicate": "is a duplicate of", "none": "is no longer related to"}[
        how
    ]
    output.say(f"{first.reference} {shown} {second.reference}")


@click.command()
@click.argument("reference")
@click.option("--reason", default="merged by mistake", show_default=True)
def unmerge(reference: str, reason: str) -> None:
    """Take a merge back: REFERENCE stands again as it did before it went into another ticket."""
    with context.store() as store:
        ticket = context.by_hand(store).unmerge(context.ticket(store, reference), reason)
    output.say(f"{ticket.reference} stands by itself again; it is {ticket.state}")


COMMANDS = (answer, take_back, open_, snooze, link, unmerge)
