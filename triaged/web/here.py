"""Who looks at or answers a ticket just now: a hint with its age, never a lock, and forgotten by itself.

Kept in this process alone and bounded. A hidden tab tells nothing, so its person fades away.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FADES = timedelta(minutes=5)
_MOST_TICKETS, _MOST_PEOPLE = 2000, 20


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody at a ticket. `writes`: an answer or a note of his is half written."""

    address: str
    at: datetime
    writes: bool


class Here:
    """Who was seen where, by ticket. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[int, dict[str, Seen]] = OrderedDict()

    def tell(self, ticket_id: int, address: str, now: datetime, *, writes: bool = False) -> None:
        """Somebody is there now."""
        with self._lock:
            people = self._seen.pop(ticket_id, {})
            people = {who: one for who, one in people.items() if now - one.at < FADES and who != address}
            if len(people) < _MOST_PEOPLE:
                people[address] = Seen(address, now, writes)
            self._seen[ticket_id] = people
            if len(self._seen) > _MOST_TICKETS:
                self._seen.popitem(last=False)

    def others(self, ticket_id: int, address: str, now: datetime) -> tuple[Seen, ...]:
        """Who else is there, or was a moment ago, the latest first."""
        with self._lock:
            people = list(self._seen.get(ticket_id, {}).values())
        found = (one for one in people if one.address != address and now - one.at < FADES)
        return tuple(sorted(found, key=lambda one: one.at, reverse=True))
