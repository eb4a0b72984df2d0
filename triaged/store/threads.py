"""Which ticket a Message-ID belongs to: the index behind `tickets.threads.place`.

Ids that a mail only mentions (References, In-Reply-To) are known too, so mails may come in any order.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from typing import Any

from sqlalchemy import BindParameter, Connection, Table, bindparam, case, literal_column, select

from triaged.store.columns import ERASED, storable
from triaged.store.connected import Within
from triaged.store.deferred import Later
from triaged.store.inserts import upsert_in
from triaged.store.lookups import Lookup
from triaged.store.tables import known, person, ticket
from triaged.tickets.threads import Candidates, Known, Thread

_LONGEST = 255  # characters of an id in an index; a longer one is known by its hash
_REFERENCE = re.compile(r"PS-(\d{1,18})\Z")
_MERGES = 20  # tickets merged into tickets merged into …; a circle must end
_NEAREST = {"mail": 0, "letter": 1, "reference": 2}  # an id that is somebody's own before one mentioned
# Tickets that may know one id: some programs give every mail the same, and anybody can mention it.
_MOST_OWNERS = 8
_Owners = tuple[tuple[int, Known], ...]  # tickets that know an id and how, nearest first, then the older

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
    .order_by(case(_NEAREST, value=known.c.of), known.c.ticket_id)
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
PEOPLE = Later(person, ("ticket_id", "address", "name", "role", "failed", "place", "since"))


def reference(ticket_id: int) -> str:
    """How the partner sees a ticket: "PS-1042"."""
    return f"PS-{ticket_id}"


def referred(shown: str) -> int | None:
    """The number that a text names as a reference and nothing else."""
    narrow = unicodedata.normalize("NFKC", shown[:60]).upper()
    words = "".join(char if char.isalnum() else " " for char in narrow).split()
    digits = words[1] if len(words) == 2 and words[0] == "PS" else "".join(words).removeprefix("PS")
    joined = len(words) == 1 and words[0].startswith("PS")
    plain = digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if plain and (joined or len(words) == 2) else None


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


class ThreadWrites(Within):
    """What the recorder asks and tells about threads."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._owners: Lookup[str, _Owners] = Lookup(self._ask_owners, (), first=self._written)

    def threads(self, message_ids: Iterable[str], references: Iterable[str] = ()) -> Candidates:
        """The tickets these Message-IDs and "PS-…" references point to; a merged one's survivor too."""
        keys = {key_of(given): given for given in message_ids}
        named = {found for shown in references if (found := ticket_id(shown)) is not None}
        owners = self._owners(keys)
        threads = self._threads({*(one for known_by in owners.values() for one, _ in known_by), *named})
        knowing = {keys[key]: _likeliest(known_by, threads) for key, known_by in owners.items() if known_by}
        return Candidates(
            by_message_id={one: first[0] for one, (first, *_) in knowing.items()},
            by_reference={
                threads[one].reference: threads[one]
                for one in named
                if one in threads and not _is_nobodys(threads[one])
            },
            known_as={one: first[1] for one, (first, *_) in knowing.items()},
            also={one: tuple(more) for one, (_, *more) in knowing.items() if more},
            survivors=self._survivors(threads),
        )

    def know(
        self, ticket_id: int, message_ids: Iterable[str], of: Known = "mail", *, if_unknown: bool = False
    ) -> None:
        """These Message-IDs belong to the ticket: its mails' own, merely mentioned ones, our letters'.

        `if_unknown`: only those that no other ticket knows. A mail that nobody verified takes no id from a
        thread that has it, and thousands that mention one id add nothing to it.
        """
        keys = list(dict.fromkeys(map(key_of, message_ids)))
        if if_unknown:
            keys = [key for key, known_by in self._owners(keys).items() if not _others(known_by, ticket_id)]
        keys = [key for key in keys if not self._is_crowded(key, ticket_id)]
        rows = [(key, ticket_id, of) for key in keys]
        known = [key for key in keys if self._owners.knows(key)]
        for key in known:
            self._owners.change(key, _with(self._owners.of(key), ticket_id, of))
        later = _MENTIONED if of == "reference" else _OWN
        self._later(later, rows, about=set(keys).difference(known))

    def _is_crowded(self, key: str, ticket_id: int) -> bool:
        return self._owners.knows(key) and len(_others(self._owners.of(key), ticket_id)) >= _MOST_OWNERS

    def _expect_ids(self, message_ids: Iterable[str]) -> None:
        self._owners.expect(map(key_of, message_ids))

    def _forget(self, touched: Set[int | str]) -> None:
        super()._forget(touched)
        self._owners.forget(touched)

    def _ask_owners(self, keys: list[str]) -> dict[str, _Owners]:
        found: dict[str, _Owners] = {}
        for row in self._apart().execute(_OWNERS, {"keys": keys}):
            found[row.message_id] = (*found.get(row.message_id, ()), (row.ticket_id, row.of))
        return {key: owners[: _MOST_OWNERS + 1] for key, owners in found.items()}

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
        connection = self._about(wanted)
        rows = connection.execute(_THREADS, {"ids": wanted}).all()
        people: dict[int, set[str]] = {}
        for row in connection.execute(_ADDRESSES, {"ids": wanted}):
            people.setdefault(row.ticket_id, set()).add(row.address)
        return {row.id: _thread(row._mapping, frozenset(people.get(row.id, ()))) for row in rows}


def _with(owners: _Owners, ticket_id: int, of: Known) -> _Owners:
    """One more, as the table would have it: an id merely mentioned so far becomes a ticket's own."""
    ways = dict(owners)
    if of != "reference" and ways.get(ticket_id) == "reference":
        ways[ticket_id] = of
    ways.setdefault(ticket_id, of)
    return tuple(sorted(ways.items(), key=lambda owner: (_NEAREST[owner[1]], owner[0])))


def _others(owners: _Owners, ticket_id: int) -> _Owners:
    return tuple(owner for owner in owners if owner[0] != ticket_id)


def _likeliest(owners: _Owners, threads: Mapping[int, Thread]) -> list[tuple[Thread, Known]]:
    """Whose own an id is comes before who only mentions it; then who is verified; then the older ticket."""
    found = [(threads[one], of) for one, of in owners]
    return sorted(found, key=lambda one: (_NEAREST[one[1]], not one[0].trusted, one[0].ticket_id))


def _is_nobodys(thread: Thread) -> bool:
    """A stranger's ticket whose people were all erased: whoever names it, even he himself, begins anew."""
    erased = (address.endswith(ERASED) for address in thread.people)
    return thread.partner_domain is None and bool(thread.people) and all(erased)


def _thread(row: Mapping[Any, Any], people: frozenset[str]) -> Thread:
    shown = {name: value for name, value in row.items() if name != "id"}
    return Thread(ticket_id=row["id"], reference=reference(row["id"]), people=people, **shown)
