"""Who looks at or answers a ticket just now: a hint with its age, never a lock, and forgotten by itself.

Kept in the store, so that every process of the pages tells of all. A hidden tab tells nothing, so its person fades away.
It is written aside: no page waits for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from triaged.store.presence import Seen
from triaged.store.store import Store

_AGAIN = timedelta(seconds=20)  # what was told so lately need not be told again
_MOST = 2_000


class Here:
    """Who was seen where. Threads may share it."""

    def __init__(self, store: Store, later: Callable[[str, Callable[[], None]], None]) -> None:
        """`later` does work aside, once for what is about the same."""
        self.store, self._later = store, later
        self._lock = threading.Lock()
        self._told: OrderedDict[tuple[int, str, bool], datetime] = OrderedDict()

    def tell(self, ticket_id: int, address: str, now: datetime, *, writes: bool = False) -> None:
        """Somebody is there now."""
        key = ticket_id, address, writes
        with self._lock:
            last = self._told.get(key)
            if last is not None and timedelta(0) <= now - last < _AGAIN:
                return
            self._told.pop((ticket_id, address, not writes), None)
            self._told[key] = now
            if len(self._told) > _MOST:
                self._told.popitem(last=False)
        self._later(
            f"here {ticket_id} {address} {writes}",
            lambda: self.store.tell_presence(ticket_id, address, now, writes=writes),
        )

    def others(self, ticket_id: int, address: str, now: datetime) -> tuple[Seen, ...]:
        """Who else is there, or was a moment ago, the latest first."""
        return self.store.present([ticket_id], address, now).get(ticket_id, ())

    def at_all(self, tickets: Collection[int], address: str, now: datetime) -> Mapping[int, tuple[Seen, ...]]:
        """The same for the tickets of a list, in one question."""
        found = self.store.present(tickets, address, now)
        return {number: found.get(number, ()) for number in tickets}
