"""How much mail came lately, for rules that ask ("third mail in an hour from this partner")."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from triaged.store.columns import address_key
from triaged.store.connected import Within
from triaged.store.tables import mail


class RecentSteps(Within):
    """Counts over one index on domain, time and sender; first arrivals only, so that a second mailbox counts nothing."""

    def mails_from(self, address: str, since: datetime) -> int:
        """Mails of an address that arrived since then and have their fate."""
        return self._count(address_key(address), since, mail.c.sender == address_key(address))

    def mails_of_domain(self, domain: str, since: datetime) -> int:
        """The same of everybody at a mail domain."""
        return self._count(address_key(domain), since)

    def _count(self, sender: str, since: datetime, *more: ColumnElement[bool]) -> int:
        lately = (mail.c.sender_domain == sender.rpartition("@")[2], mail.c.received_at >= since)
        query = select(func.count()).where(*lately, mail.c.duplicate_of.is_(None), *more)
        return self._connection.scalar(query) or 0
