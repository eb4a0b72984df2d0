"""How much mail came lately, for rules that ask ("third mail in an hour from this partner")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from triaged.store.columns import Moment, address_key
from triaged.store.connected import Within
from triaged.store.lookups import Lookup
from triaged.store.tables import mail

_LATELY = (
    select(mail.c.sender_domain, mail.c.sender, func.count())
    .where(
        mail.c.sender_domain.in_(bindparam("domains", expanding=True)),
        mail.c.received_at >= bindparam("since", type_=Moment),
        mail.c.duplicate_of.is_(None),
    )
    .group_by(mail.c.sender_domain, mail.c.sender)
)
Senders = Mapping[str, int]  # mails by address


class RecentSteps(Within):
    """Counts over one index on domain, time and sender; first arrivals only, so that a second mailbox counts nothing."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._lately: dict[datetime, Lookup[str, Senders]] = {}
        self._domains: set[str] = set()

    def mails_from(self, address: str, since: datetime) -> int:
        """Mails of an address that arrived since then and have their fate."""
        key = address_key(address)
        return self._senders(key.rpartition("@")[2], since).get(key, 0)

    def mails_of_domain(self, domain: str, since: datetime) -> int:
        """The same of everybody at a mail domain."""
        return sum(self._senders(address_key(domain).rpartition("@")[2], since).values())

    def _expect_domains(self, addresses: Iterable[str]) -> None:
        self._domains.update(address_key(address).rpartition("@")[2] for address in addresses)

    def _senders(self, domain: str, since: datetime) -> Senders:
        lately = self._lately.get(since)
        if lately is None:
            lately = Lookup(lambda domains: self._count(domains, since), {}, self._domains)
            self._lately[since] = lately
        self._written([domain])
        return lately.of(domain)

    def _forget(self, touched: Set[int | str]) -> None:
        super()._forget(touched)
        for lately in self._lately.values():
            lately.forget(touched)

    def _count(self, domains: list[str], since: datetime) -> Mapping[str, Senders]:
        found: dict[str, dict[str, int]] = {}
        for domain, sender, count in self._connection.execute(_LATELY, {"domains": domains, "since": since}):
            found.setdefault(domain, {})[sender] = count
        return found
