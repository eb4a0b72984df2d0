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
    from triaged.config.config import Config
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
    arrived = context.moment(at) if at else context.now()
    knowledge = context.knowledge()
    for found in _explained(files, knowledge, arrived, mailbox_name):
        if as_json:
            output.say(output.json_line(found))
        else:
            explanation.tell(found, every_rule=every_rule)


def _explained(
    files: tuple[str, ...], knowledge: Knowledge, arrived: Any, mailbox_name: str | None
) -> Iterator[dict[str, Any]]:
    from triaged.readers.pool import InlineReaders
    from triaged.walk.judge import Envelope
    from triaged.walk.trying import tried

    _known_mailbox(knowledge.config, mailbox_name)
    readers = InlineReaders(knowledge.surroundings, _model(knowledge))
    door = Envelope("", arrived).door
    for begin in range(0, len(files), BATCH):
        batch = files[begin : begin + BATCH]
        readings = readers.read([(_bytes(file), door) for file in batch])
        yield from tried(batch, readings, knowledge, arrived, mailbox_name)


def _model(knowledge: Knowledge) -> Path:
    from triaged.learning.places import current

    return current(knowledge.models)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Faulty(f"{file}: cannot be read: {error.strerror}") from None


def _known_mailbox(config: Config, name: str | None) -> None:
    if name is not None and name not in [box.name for box in config.mailboxes]:
        there = ", ".join(box.name for box in config.mailboxes)
        raise click.BadParameter(f"{name}: no such mailbox; the config has {there}")
