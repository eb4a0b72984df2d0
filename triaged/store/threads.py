"""Which ticket a Message-ID belongs to: the index behind `tickets.threads.place`.

Ids that a mail only mentions (References, In-Reply-To) are known too, so mails may come in any order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, Literal

from sqlalchemy import BindParameter, Connection, Table, bindparam, case, literal_column, select

from triaged.store.columns import storable
from triaged.store.connected import Within
from triaged.store.deferred import Later
from triaged.store.inserts import upsert_in
from triaged.store.lookups import Lookup
from triaged.store.tables import known, person, ticket
from triaged.tickets.threads import Candidates, Thread

_LONGEST = 255  # characters of an id in an index; a longer one is known by its hash
_REFERENCE = re.compile(r"PS-(\d{1,18})\Z")
_MERGES = 20  # tickets merged into tickets merged into …; a circle must end
_NEAREST = {"mail": 0, "letter": 1, "reference": 2}  # an id that is somebody's own before one mentioned

_THREAD = [
    ticket.c[name]
    for name in ("id", "state", "partner_domain", "resolved_at", "closed_at", "trusted", "merged_into")
]


_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_THREADS = select(*_THREAD).where(ticket.c.id.in_(_IDS))
_ADDRESSES = select(person.c.ticket_id, person.c.address).where(person.c.ticket_id.in_(_IDS))
_OWNERS = (
    select(known.c.message_id, known.c.ticket_id, known.c.of)
    .where(known.c.message_id.in_(bindparam("keys", expanding=True)))
    .order_by(case(_NEAREST, value=known.c.of).desc(), known.c.ticket_id.desc())
)


def _own(dialect: str, table: Table) -> Any:
    """An id merely mentioned so far becomes somebody's own."""
    row = upsert_in(dialect, table)
    merely = table.c.of == literal_column("'reference'")
    own = {"of": row.excluded.of}
    return row.on_conflict_do_update(index_elements=["message_id", "ticket_id"], set_=own, where=merely)


def _mentioned(dialect: str, table: Table) -> Any:
    return upsert_in(dialect, table).on_conflict_do_nothing()


_OWN = Later(known, ("message_id", "ticket_id", "of"), _own)
_MENTIONED = Later(known, ("message_id", "ticket_id", "of"), _mentioned)
PEOPLE = Later(person, ("ticket_id", "address", "name", "role", "failed", "place"))


def reference(ticket_id: int) -> str:
    """How the partner sees a ticket: "PS-1042"."""
    return f"PS-{ticket_id}"


def ticket_id(shown: str) -> int | None:
    """The ticket behind "PS-1042", in any case of letters; None if it is no reference."""
    found = _REFERENCE.match(shown.strip().upper())
    return int(found[1]) if found else None


def key_of(message_id: str) -> str:
    """A Message-ID as it lies in an index: bounded, since strangers choose it."""
    clean = storable(message_id)
    if len(clean) <= _LONGEST:
        return clean
    return "sha256:" + hashlib.sha256(clean.encode()).hexdigest()


class ThreadSteps(Within):
    """What the recorder asks and tells about threads."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._owners = Lookup(self._ask_owners, None)

    def threads(self, message_ids: Iterable[str], references: Iterable[str] = ()) -> Candidates:
        """The tickets these Message-IDs and "PS-…" references point to; a merged one's survivor too."""
        keys = {key_of(given): given for given in message_ids}
        named = {found for shown in references if (found := ticket_id(shown)) is not None}
        self._written(keys)
        owners = {key: owner for key, owner in self._owners(keys).items() if owner is not None}
        threads = self._threads({*(owner for owner, _ in owners.values()), *named})
        return Candidates(
            by_message_id={keys[key]: threads[owner] for key, (owner, _) in owners.items()},
            by_reference={threads[one].reference: threads[one] for one in named if one in threads},
            known_as={keys[key]: of for key, (_, of) in owners.items()},
            survivors=self._survivors(threads),
        )

    def know(
        self, ticket_id: int, message_ids: Iterable[str], of: Literal["mail", "reference", "letter"] = "mail"
    ) -> None:
        """These Message-IDs belong to the ticket: its mails' own, merely mentioned ones, our letters'."""
        rows = [(key_of(one), ticket_id, of) for one in dict.fromkeys(message_ids)]
        self._deferred.put(_MENTIONED if of == "reference" else _OWN, rows)
        for key, _, _ in rows:
            if self._owners.knows(key):
                self._owners.change(key, _nearest((ticket_id, of), self._owners.of(key)))
            else:
                self._touched.add(key)

    def _expect_ids(self, message_ids: Iterable[str]) -> None:
        self._owners.expect(map(key_of, message_ids))

    def _forget(self, touched: Set[int | str]) -> None:
        super()._forget(touched)
        self._owners.forget(touched)

    def _ask_owners(self, keys: list[str]) -> dict[str, tuple[int, Any] | None]:
        """Ticket by id, and how it knows it: whose own it is before who only mentions it; then the older."""
        rows = self._connection.execute(_OWNERS, {"keys": keys})
        return {row.message_id: (row.ticket_id, row.of) for row in rows}

    def _survivors(self, threads: Mapping[int, Thread]) -> dict[int, Thread]:
        """Who took over merged tickets, and who took over those."""
        found = dict(threads)
        for _ in range(_MERGES):
            missing = {one.merged_into for one in found.values() if one.merged_into} - set(found)
            if not missing:
                break
            found |= self._threads(missing)
        return {
            one: thread for one, thread in found.items() if one in {t.merged_into for t in found.values()}
        }

    def _threads(self, ids: Iterable[Any]) -> dict[int, Thread]:
        wanted = list(ids)
        if not wanted:
            return {}
        self._written(wanted)
        rows = self._connection.execute(_THREADS, {"ids": wanted}).all()
        people: dict[int, set[str]] = {}
        for row in self._connection.execute(_ADDRESSES, {"ids": wanted}):
            people.setdefault(row.ticket_id, set()).add(row.address)
        return {row.id: _thread(row._mapping, frozenset(people.get(row.id, ()))) for row in rows}


def _nearest(one: tuple[int, Any], other: tuple[int, Any] | None) -> tuple[int, Any]:
    """Whose own an id is comes before who only mentions it; then the older ticket: as `_OWNERS` orders."""
    return one if other is None else min(one, other, key=lambda owner: (_NEAREST[owner[1]], owner[0]))


def _thread(row: Mapping[Any, Any], people: frozenset[str]) -> Thread:
    shown = {name: value for name, value in row.items() if name != "id"}
    return Thread(ticket_id=row["id"], reference=reference(row["id"]), people=people, **shown)
