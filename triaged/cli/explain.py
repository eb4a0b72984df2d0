"""`triaged explain`: a dry run of the whole walk on mail files. Writes nothing anywhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, explanation, output
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.config.config import Config, Mailbox
    from triaged.walk.knowledge import Knowledge

BATCH = 20


@click.command("explain")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--at", "at", metavar="TIME", help="As if it arrived then (ISO 8601, UTC if no zone); default now."
)
@click.option(
    "--mailbox", "mailbox_name", help="Which mailbox it came to; default: whose address stands in To or Cc."
)
@explanation.rules_option
@output.json_option
def command(
    files: tuple[str, ...], at: str | None, mailbox_name: str | None, every_rule: bool, as_json: bool
) -> None:
    """What would happen to each mail FILE (`-`: standard input), and why: one answer per file, in order."""
    from triaged.walk.explain import as_object

    arrived = context.moment(at) if at else context.now()
    knowledge = context.knowledge()
    for file, explained in _explained(files, knowledge, arrived, mailbox_name):
        found = as_object(file, explained, knowledge.bearings)
        if as_json:
            output.say(output.json_line(found))
        else:
            explanation.tell(found, every_rule=every_rule)


def _explained(
    files: tuple[str, ...], knowledge: Knowledge, arrived: Any, mailbox_name: str | None
) -> Iterator[tuple[str, Any]]:
    from triaged.readers.pool import InlineReaders
    from triaged.walk.explain import explain
    from triaged.walk.judge import Envelope

    model = _model(knowledge)
    readers = InlineReaders(knowledge.surroundings, model)
    for begin in range(0, len(files), BATCH):
        batch = files[begin : begin + BATCH]
        envelope = Envelope("", arrived)
        readings = readers.read([(_bytes(file), envelope.door) for file in batch])
        for file, reading in zip(batch, readings, strict=True):
            addressed = {a.address for a in (*reading.to, *reading.cc)} | set(reading.delivered_to)
            mailbox = _mailbox(knowledge.config, mailbox_name, addressed)
            here = Envelope(mailbox.name, arrived, mailbox_regions=mailbox.regions)
            yield file, explain(reading, here, knowledge.ground(mailbox.name, arrived))


def _model(knowledge: Knowledge) -> Path:
    from triaged.learning.places import current

    return current(knowledge.models)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Faulty(f"{file}: cannot be read: {error.strerror}") from None


def _mailbox(config: Config, name: str | None, addressed: set[str]) -> Mailbox:
    if name is not None:
        found = [m for m in config.mailboxes if m.name == name]
        if not found:
            raise click.BadParameter(
                f"{name}: no such mailbox; the config has {', '.join(m.name for m in config.mailboxes)}"
            )
        return found[0]
    return next(
        (m for m in config.mailboxes if addressed & {m.address, *m.aliases}),
        config.mailboxes[0],
    )
