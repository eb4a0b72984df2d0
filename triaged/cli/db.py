"""`triaged db upgrade`: bring the database to this version's schema."""

from __future__ import annotations

import click

from triaged.cli import context, output


@click.group("db")
def command() -> None:
    """The database."""


@command.command()
def upgrade() -> None:
    """Create or migrate the tables; safe to run twice."""
    from triaged.store import schema
    from triaged.store.open_store import password

    config = context.config()
    revision = schema.upgrade(config.database, password(config))
    output.say(f"database is at schema {revision}")
