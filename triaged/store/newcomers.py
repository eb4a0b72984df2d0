"""Whoever came to a ticket by a merger reads nothing of it that is older: nobody gains sight of a mail by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from triaged.store.columns import address_key
from triaged.store.scope import Scope
from triaged.store.shapes import filled
from triaged.store.tables import person, ticket


def reads(scope: Scope, ticket_id: Any, at: Any) -> Iterator[Any]:
    """What must hold of a mail or a letter, by its ticket and its time. An admin came to read all but what is private."""
    if scope.is_staff:
        return
    his = filled("reader_key", address_key(scope.address), person.c.address.type)
    mine = (person.c.ticket_id == ticket_id, person.c.address == his)
    later = select(person.c.ticket_id).where(*mine, person.c.since > at)
    if scope.who == "admin":
        later = later.join(ticket, ticket.c.id == person.c.ticket_id).where(ticket.c.private)
    yield ~later.correlate_except(person, ticket).exists()
