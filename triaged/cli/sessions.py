"""`triaged sessions`: who is signed in to the pages, and the end of it."""

from __future__ import annotations

import click

from triaged.cli import context, output


@click.group("sessions")
def command() -> None:
    """Sessions of the pages."""


@command.command()
@click.argument("address")
def end(address: str) -> None:
    """End every session of ADDRESS at the pages, in every browser."""
    with context.store() as store:
        number = store.end_sessions_of(address.strip(), f"ended by {context.actor()}", context.now())
    output.say(f"{number} session{'' if number == 1 else 's'} ended")
