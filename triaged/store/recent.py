"""How much mail came lately, for rules that ask ("third mail in an hour from this partner")."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from triaged.store.connected import Within
from triaged.store.tables import mail


class RecentSteps(Within):
    """Counts over one index on time and sender; first arrivals only, so that a second mailbox counts nothing."""

    def mails_from(self, address: str, since: datetime) -> int:
        """Mails of an address that arrived since then and have their fate."""
        return self._count(mail.c.sender == address.lower(), since)

    def mails_of_domain(self, domain: str, since: datetime) -> int:
        """The same of everybody at a mail domain."""
        return self._count(mail.c.sender.endswith("@" + domain.lower(), autoescape=True), since)

    def _count(self, of: object, since: datetime) -> int:
        query = select(func.count()).where(mail.c.received_at >= since, of, mail.c.duplicate_of.is_(None))  # type: ignore[arg-type]
        return int(self._connection.scalar(query) or 0)
