"""What commands open: the config, the store, the clock, and who runs the command."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.config.config import Config
    from triaged.store.store import Store
    from triaged.tickets.ticket import Ticket
    from triaged.walk.by_hand import ByHand
    from triaged.walk.knowledge import Knowledge


def config() -> Config:
    """The config of the call's `--config`. Raises Faulty with every complaint."""
    from triaged.config.config import load

    return load(config_file())


def config_file() -> Path:
    """Where the call's config stands. Raises Faulty if it is nowhere."""
    from triaged.config.config import find

    return find(click.get_current_context().find_root().obj)


def has_config() -> bool:
    """Whether there is a config; an explicit one that is missing is still a fault."""
    from triaged.config.config import find

    given = click.get_current_context().find_root().obj
    try:
        find(given)
    except Faulty:
        if given:
            raise
        return False
    return True


def knowledge() -> Knowledge:
    """Config, rulebook and directory, checked. Raises Faulty with every complaint."""
    from triaged.walk.knowledge import gather

    return gather(config())


@contextmanager
def store() -> Iterator[Store]:
    """The config's store, its schema checked."""
    from triaged.store.open_store import open_store

    opened = open_store(config())
    try:
        opened.check_schema()
        yield opened
    finally:
        opened.close()


def now() -> datetime:
    """The edge's clock: aware UTC."""
    return datetime.now(UTC)


def actor() -> str:
    """Who runs the command, for events: `cli:<user>`."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):
        return "cli"


def ticket(opened: Store, reference: str) -> Ticket:
    """The ticket of a reference, whole. Raises Faulty if there is none."""
    found = opened.ticket_by_reference(reference.strip().strip("[]").upper())
    if found is None:
        raise Faulty(f"{reference}: no such ticket; `triaged tickets list` shows them")
    return found


def by_hand(opened: Store) -> ByHand:
    """What the call's user makes happen to tickets."""
    from triaged.walk.by_hand import ByHand

    return ByHand(opened, knowledge(), actor(), now())


def since(text: str | None) -> datetime | None:
    """`30d`, `4h` before now, or a date or time in ISO 8601 (UTC if it says no zone)."""
    from triaged.spec.durations import parse

    if text is None:
        return None
    try:
        return now() - parse(text)
    except ValueError:
        return moment(text)


def moment(text: str) -> datetime:
    """A time in ISO 8601; UTC if it says no zone. Raises click.BadParameter."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither a span like 30d nor a time like 2026-11-22T09:00Z"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
