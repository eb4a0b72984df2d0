"""`triaged sessions`: screen-sharing sessions (meetings.py), and who is signed in to the pages."""

from __future__ import annotations

import click

from triaged.cli import context, meetings, output
from triaged.vocabulary import counted


@click.group("sessions")
def command() -> None:
    """Screen-sharing sessions; and the end of sessions at the pages."""


@command.command()
@click.argument("address")
def end(address: str) -> None:
    """End every session of ADDRESS at the pages, in every browser."""
    with context.store() as store:
        number = store.end_sessions_of(address.strip(), f"ended by {context.actor()}", context.now())
    output.say(f"{counted(number, 'session')} ended")


for one in meetings.COMMANDS:
    command.add_command(one)
