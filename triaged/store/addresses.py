"""Addresses: how many letters went to one of late (caps), and which ones failed (bounced)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from triaged.store.columns import address_key
from triaged.store.connected import Connected, Within
from triaged.store.deferred import Later
from triaged.store.inserts import upsert
from triaged.store.tables import failed_address, letter, recipient
from triaged.store.values import FailedAddress, LetterState

RECIPIENTS = Later(recipient, ("letter_id", "address", "written_at"))


def letters_to(connection: Connection, address: str, since: datetime, audience: str = "partner") -> int:
    """Letters written to an address since then, withdrawn ones apart."""
    query = (
        select(func.count())
        .select_from(recipient)
        .join(letter, letter.c.id == recipient.c.letter_id)
        .where(recipient.c.address == address_key(address), recipient.c.written_at >= since)
        .where(letter.c.audience == audience, letter.c.state != LetterState.WITHDRAWN)
    )
    return connection.scalar(query) or 0


def letters_on(connection: Connection, ticket_id: int, since: datetime, audience: str = "partner") -> int:
    """Letters written on a ticket since then, withdrawn ones apart."""
    query = select(func.count()).where(
        letter.c.ticket_id == ticket_id,
        letter.c.written_at >= since,
        letter.c.audience == audience,
        letter.c.state != LetterState.WITHDRAWN,
    )
    return connection.scalar(query) or 0


def _mark(connection: Connection, address: str, why: str, now: datetime) -> bool:
    once = upsert(connection, failed_address).on_conflict_do_nothing().returning(failed_address.c.address)
    row = {"address": address_key(address), "why": why, "at": now}
    return connection.scalar(once, row) is not None


def _clear(connection: Connection, address: str) -> bool:
    gone = delete(failed_address).where(failed_address.c.address == address_key(address))
    return connection.execute(gone).rowcount == 1


def _failed(connection: Connection, addresses: Iterable[str]) -> frozenset[str]:
    asked = [address_key(address) for address in addresses]
    query = select(failed_address.c.address).where(failed_address.c.address.in_(asked))
    return frozenset(connection.scalars(query)) if asked else frozenset()


class Addresses(Connected):
    """Caps and failed addresses, for the sender and the operator."""

    def letters_to(self, address: str, since: datetime, audience: str = "partner") -> int:
        """Letters written to an address since then, withdrawn ones apart."""
        with self._reading() as connection:
            return letters_to(connection, address, since, audience)

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

    def is_failed(self, address: str) -> bool:
        """Whether letters to it are withheld."""
        return bool(self.failed_of([address]))

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

    def letters_to(self, address: str, since: datetime, audience: str = "partner") -> int:
        """Letters written to an address since then, withdrawn ones apart."""
        self._deferred.write(RECIPIENTS)
        return letters_to(self._connection, address, since, audience)

    def letters_on(self, ticket_id: int, since: datetime, audience: str = "partner") -> int:
        """Letters written on a ticket since then, withdrawn ones apart."""
        return letters_on(self._connection, ticket_id, since, audience)

    def mark_address(self, address: str, why: str, now: datetime) -> bool:
        """Letters to it bounce: no more go there. False if that was known."""
        return _mark(self._connection, address, why, now)

    def clear_address(self, address: str) -> bool:
        """It works again. False if it was never marked."""
        return _clear(self._connection, address)

    def addressed_by(self, message_ids: Iterable[str]) -> frozenset[str]:
        """Whom of the partner's side letters of ours went to; nobody where an id is of none."""
        query = select(recipient.c.address).join(letter, letter.c.id == recipient.c.letter_id)
        self._deferred.write(RECIPIENTS)
        ours = query.where(letter.c.message_id.in_(list(message_ids)), letter.c.audience == "partner")
        return frozenset(self._connection.scalars(ours))

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of the addresses that letters are withheld from."""
        return _failed(self._connection, addresses)
