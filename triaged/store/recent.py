"""How much mail came lately, for rules that ask ("third mail in an hour from this partner").

Counted up to MOST only, and nothing is written early to be counted: thousands of one sender or domain must
cost a batch no more than a few.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from functools import partial
from typing import Literal

from sqlalchemy import Connection, bindparam, text

from triaged.store.columns import Moment, address_key
from triaged.store.connected import Within
from triaged.store.lookups import Lookup
from triaged.store.rows import ClaimedMail

MOST = 1000
Of = Literal["sender", "sender_domain"]
_KEYS = {"sqlite": "json_each(:keys)", "postgresql": "json_array_elements_text(CAST(:keys AS json))"}
_LATELY = """
SELECT k.value AS name, (
    SELECT count(*) FROM (
        SELECT 1 FROM mail
        WHERE {of} = k.value AND received_at >= :since AND sender_domain IS NOT NULL AND duplicate_of IS NULL
        LIMIT {most}
    ) AS first
) AS mails
FROM {keys} AS k
"""


def lately(of: Of, dialect: str) -> str:
    """The question how many first arrivals of each of some senders or domains came since then, up to MOST."""
    return _LATELY.format(of=of, most=MOST, keys=_KEYS[dialect])


class RecentWrites(Within):
    """Counts in an index each; first arrivals only, so that a second mailbox counts nothing."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._lately: dict[tuple[Of, datetime], Lookup[str, int]] = {}
        self._senders: set[str] = set()
        # Senders of mails finished here that no question finds yet.
        self._arrived: list[tuple[str, datetime]] = []

    def mails_from(self, address: str, since: datetime) -> int:
        """Mails of an address that arrived since then and have their fate, up to MOST."""
        return self._came("sender", address_key(address), since)

    def mails_of_domain(self, domain: str, since: datetime) -> int:
        """The same of everybody at a mail domain."""
        return self._came("sender_domain", _domain(domain), since)

    def _expect_senders(self, addresses: Iterable[str]) -> None:
        self._senders.update(map(address_key, addresses))

    def _came(self, of: Of, name: str, since: datetime) -> int:
        counted = self._lately.get((of, since))
        if counted is None:
            expected = self._senders if of == "sender" else map(_domain, self._senders)
            counted = Lookup(partial(self._ask_lately, of=of, since=since), 0, expected)
            self._lately[of, since] = counted
        return min(counted.of(name), MOST)

    def _count_mail(self, claimed: ClaimedMail, sender: str) -> None:
        """A mail has its fate for the first time."""
        self._arrived.append((sender, claimed.received_at))
        for (of, since), counted in self._lately.items():
            name = _named(of, sender)
            if since <= claimed.received_at and counted.knows(name):
                counted.change(name, counted.of(name) + 1)

    def _forget(self, touched: Set[int | str]) -> None:
        super()._forget(touched)
        self._arrived.clear()

    def _ask_lately(self, names: list[str], *, of: Of, since: datetime) -> Mapping[str, int]:
        connection = self._apart()
        question = text(lately(of, connection.dialect.name)).bindparams(bindparam("since", type_=Moment))
        rows = connection.execute(question, {"keys": json.dumps(names), "since": since})
        found = {row.name: row.mails for row in rows}
        for sender, at in self._arrived:
            if since <= at and (name := _named(of, sender)) in found:
                found[name] += 1
        return found


def _named(of: Of, sender: str) -> str:
    return sender if of == "sender" else _domain(sender)


def _domain(address: str) -> str:
    return address_key(address.rpartition("@")[2])
