"""Which ticket a mail belongs to, and why (threading). PURE.

The store is asked for the tickets behind the ids a mail mentions (`mentions`), then `place` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triaged.tickets.values import State


@dataclass(frozen=True, slots=True)
class Thread:
    """What placing a mail must know of a ticket. `people`: addresses of its mails, lower case."""

    ticket_id: int
    reference: str
    state: State
    people: frozenset[str] = frozenset()
    partner_domain: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    trusted: bool = False
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The tickets behind the ids and references a mail mentions.

    Of a merged ticket the store gives the survivor too, under the survivor's own reference.
    """

    by_message_id: Mapping[str, Thread] = field(default_factory=dict)
    by_reference: Mapping[str, Thread] = field(default_factory=dict)
