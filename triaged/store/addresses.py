"""Addresses: how many letters went to one of late (caps), and which ones failed (bounced)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, bindparam, delete, func, literal_column, select

from triaged.store.columns import Moment, address_key
from triaged.store.connected import Connected, Within
from triaged.store.inserts import upsert
from triaged.store.lookups import Lookup
from triaged.store.tables import failed_address, letter, recipient
from triaged.store.values import FailedAddress, LetterState

_LETTERS_TO = (
    select(recipient.c.address, func.count().label("letters"))
    .join(letter, letter.c.id == recipient.c.letter_id)
    .where(
        recipient.c.address.in_(bindparam("addresses", expanding=True)),
        recipient.c.written_at >= bindparam("since", type_=Moment),
        letter.c.audience == bindparam("audience"),
        letter.c.state != LetterState.WITHDRAWN,
    )
    .group_by(recipient.c.address)
)
UNVERIFIED = "acknowledgment_unverified"  # the kind of letter that goes to whoever a mail says it is from
_TO_UNVERIFIED = select(func.count()).where(
    letter.c.kind == literal_column(f"'{UNVERIFIED}'"),  # no parameter: its index is for this kind alone
    letter.c.written_at >= bindparam("since", type_=Moment),
)
_LETTERS_ON = select(func.count()).where(
    letter.c.ticket_id == bindparam("of_ticket"),
    letter.c.written_at >= bindparam("since", type_=Moment),
    letter.c.audience == bindparam("to_whom"),
    letter.c.state != LetterState.WITHDRAWN,
)
_FAILED = select(failed_address.c.address).where(
    failed_address.c.address.in_(bindparam("addresses", expanding=True))
)
_ADDRESSED = (
    select(recipient.c.address)
    .join(letter, letter.c.id == recipient.c.letter_id)
    .where(letter.c.message_id.in_(bindparam("ids", expanding=True)), letter.c.audience == "partner")
)


def _letters_to(
    connection: Connection, addresses: Iterable[str], since: datetime, audience: str
) -> dict[str, int]:
    given = {"addresses": list(addresses), "since": since, "audience": audience}
    return {row.address: row.letters for row in connection.execute(_LETTERS_TO, given)}


def letters_on(connection: Connection, ticket_id: int, since: datetime, audience: str = "partner") -> int:
    """Letters written on a ticket since then, withdrawn ones apart."""
    given = {"of_ticket": ticket_id, "since": since, "to_whom": audience}
    return connection.scalar(_LETTERS_ON, given) or 0


def _mark(connection: Connection, address: str, why: str, now: datetime) -> bool:
    once = upsert(connection, failed_address).on_conflict_do_nothing().returning(failed_address.c.address)
    row = {"address": address_key(address), "why": why, "at": now}
    return connection.scalar(once, row) is not None


def _clear(connection: Connection, address: str) -> bool:
    gone = delete(failed_address).where(failed_address.c.address == address_key(address))
    return connection.execute(gone).rowcount == 1


def _failed(connection: Connection, addresses: Iterable[str]) -> frozenset[str]:
    asked = [address_key(address) for address in addresses]
    return frozenset(connection.scalars(_FAILED, {"addresses": asked})) if asked else frozenset()


class Addresses(Connected):
    """Caps and failed addresses, for the sender and the operator."""

    def letters_to(self, address: str, since: datetime, audience: str = "partner") -> int:
        """Letters written to an address since then, withdrawn ones apart."""
        key = address_key(address)
        with self._reading() as connection:
            return _letters_to(connection, [key], since, audience).get(key, 0)

    def letters_on(self, ticket_id: int, since: datetime, audience: str = "partner") -> int:
        """Letters written on a ticket since then, withdrawn ones apart."""
        with self._reading() as connection:
            return letters_on(connection, ticket_id, since, audience)

    def mark_address(self, address: str, why: str, now: datetime) -> bool:
        """Letters to it bounce: no more go there. False if that was known."""
        with self._writing() as connection:
            return _mark(connection, address, why, now)

    def clear_address(self, address: str) -> bool:
        """It works again. False if it was never marked."""
        with self._writing() as connection:
            return _clear(connection, address)

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of the addresses that letters are withheld from."""
        with self._reading() as connection:
            return _failed(connection, addresses)

    def failed_addresses(self) -> list[FailedAddress]:
        """Every failed address, the latest first."""
        query = select(failed_address).order_by(failed_address.c.at.desc(), failed_address.c.address)
        with self._reading() as connection:
            return [FailedAddress(**row._mapping) for row in connection.execute(query)]


class AddressSteps(Within):
    """The same inside the recorder's transaction, counting what it has just written."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._failing = Lookup(self._ask_failing, False)
        self._posted: dict[tuple[datetime, str], Lookup[str, int]] = {}  # by since when, and audience
        self._unverified: dict[datetime, int] = {}  # by since when
        self._addresses: set[str] = set()

    def letters_to(self, address: str, since: datetime, audience: str = "partner") -> int:
        """Letters written to an address since then, withdrawn ones apart."""
        key = address_key(address)
        posted = self._posted.get((since, audience))
        if posted is None:
            self._written([key, *self._addresses])
            ask = partial(_letters_to, self._connection, since=since, audience=audience)
            posted = self._posted[since, audience] = Lookup(ask, 0, self._addresses)
        if not posted.knows(key):
            self._written([key])
        return posted.of(key)

    def letters_to_unverified(self, since: datetime) -> int:
        """Acknowledgments written since then to senders who could not be verified."""
        if since not in self._unverified:
            self.finish()
            self._unverified[since] = self._connection.scalar(_TO_UNVERIFIED, {"since": since}) or 0
        return self._unverified[since]

    def letters_on(self, ticket_id: int, since: datetime, audience: str = "partner") -> int:
        """Letters written on a ticket since then, withdrawn ones apart."""
        opened = self._opened.get(ticket_id)
        if opened is not None:
            return sum(one.audience == audience for one in opened)
        return letters_on(self._connection, ticket_id, since, audience)

    def mark_address(self, address: str, why: str, now: datetime) -> bool:
        """Letters to it bounce: no more go there. False if that was known."""
        self._failing.change(address_key(address), True)
        return _mark(self._connection, address, why, now)

    def clear_address(self, address: str) -> bool:
        """It works again. False if it was never marked."""
        key = address_key(address)
        if not self._failing.of(key):
            return False
        self._failing.change(key, False)
        return _clear(self._connection, address)

    def addressed_by(self, message_ids: Iterable[str]) -> frozenset[str]:
        """Whom of the partner's side letters of ours went to; nobody where an id is of none."""
        ids = list(message_ids)
        self._written(ids)
        return frozenset(self._connection.scalars(_ADDRESSED, {"ids": ids}))

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of the addresses that letters are withheld from."""
        keys = [address_key(address) for address in addresses]
        return frozenset(key for key, failed in self._failing(keys).items() if failed)

    def _expect_addresses(self, addresses: Iterable[str]) -> None:
        self._addresses.update(map(address_key, addresses))
        self._failing.expect(self._addresses)

    def _count_letter(self, addresses: Iterable[str], audience: str, kind: str, now: datetime) -> None:
        """One more to each of these, put off or written."""
        for since in self._unverified if kind == UNVERIFIED else ():
            self._unverified[since] += since <= now
        for (since, of), posted in self._posted.items():
            for key in addresses if of == audience and since <= now else ():
                if posted.knows(key):
                    posted.change(key, posted.of(key) + 1)

    def _ask_failing(self, addresses: list[str]) -> dict[str, bool]:
        return dict.fromkeys(_failed(self._connection, addresses), True)
