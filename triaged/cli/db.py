"""`triaged db upgrade`: bring the database to this version's schema."""

from __future__ import annotations

import click

from triaged.cli import opening, show


@click.group("db")
def command() -> None:
    """The database."""


@command.command()
def upgrade() -> None:
    """Create or migrate the tables; safe to run twice."""
    from triaged.opened_store import password
    from triaged.store import schema

    config = opening.config()
    revision = schema.upgrade(config.database, password(config))
    show.say(f"database is at schema {revision}")
