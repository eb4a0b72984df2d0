"""What one address sent of late, and on which ticket it lies: what a machine that runs wild sends opens no second one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from triaged.store.columns import address_key
from triaged.store.recent import RecentWrites
from triaged.store.tables import mail, recipient, ticket
from triaged.tickets.ticket import LIVE

_LOOKED_AT = 200  # of an address's latest mails: a storm must not make each of its mails dearer than the last


def _lately(address: str, since: datetime) -> Select[Any]:
    """The latest first arrivals of an address, by the index that counts them."""
    return (
        select(mail.c.ticket_id, mail.c.body_sha256, mail.c.subject)
        .where(mail.c.sender == address, mail.c.received_at >= since)
        .where(mail.c.sender_domain.is_not(None), mail.c.duplicate_of.is_(None))
        .order_by(mail.c.received_at.desc())
        .limit(_LOOKED_AT)
    )


class RepeatWrites(RecentWrites):
    """Asked of a mail that would open a ticket; what this transaction has put off is known without being written."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._alike_here: dict[tuple[str, str, str], int] = {}
        self._latest_here: dict[str, int] = {}

    def alike(self, address: str, body_sha256: str, subject: str, since: datetime) -> int | None:
        """The ticket of a mail that came from there since then, of the same subject and to the byte of the same body."""
        sender = address_key(address)
        if (here := self._alike_here.get((sender, body_sha256, subject))) is not None:
            return here
        lately = _lately(sender, since).subquery()
        same = (lately.c.body_sha256 == body_sha256, lately.c.subject == subject)
        query = select(lately.c.ticket_id).where(lately.c.ticket_id.is_not(None), *same).limit(1)
        found: int | None = self._apart().scalar(query)
        return found

    def latest_of(self, address: str, since: datetime) -> int | None:
        """The ticket that the last mail from there lies on."""
        sender = address_key(address)
        if (here := self._latest_here.get(sender)) is not None:
            return here
        lately = _lately(sender, since).subquery()
        query = select(lately.c.ticket_id).where(lately.c.ticket_id.is_not(None)).limit(1)
        found: int | None = self._apart().scalar(query)
        return found

    def exchanged(
        self, address: str, since: datetime, most: int
    ) -> tuple[list[tuple[datetime, datetime, str, int | None]], list[datetime]]:
        """The latest mails from there (received, kept, subject, ticket) and when the latest letters went there, the newest first."""
        sender = address_key(address)
        came = (
            select(mail.c.received_at, mail.c.kept_at, mail.c.subject, mail.c.ticket_id)
            .where(mail.c.sender == sender, mail.c.received_at >= since)
            .where(mail.c.sender_domain.is_not(None), mail.c.duplicate_of.is_(None))
        )
        went = select(recipient.c.written_at).where(
            recipient.c.address == sender, recipient.c.written_at >= since
        )
        connection = self._apart()
        rows = connection.execute(came.order_by(mail.c.received_at.desc()).limit(most)).all()
        times = connection.scalars(went.order_by(recipient.c.written_at.desc()).limit(most))
        return [(row.received_at, row.kept_at, row.subject, row.ticket_id) for row in rows], list(times)

    def takes_more(self, ticket_id: int, *, trusted: bool) -> bool:
        """Whether a ticket is open, no history, and its word is as good as the mail's."""
        query = select(ticket.c.id).where(ticket.c.id == ticket_id, ticket.c.state.in_(LIVE))
        query = query.where(~ticket.c.history, ticket.c.trusted == trusted, ticket.c.merged_into.is_(None))
        return self._about([ticket_id]).scalar(query) is not None

    def mails_of(self, ticket_id: int) -> int:
        """How many mails lie on a ticket."""
        query = select(func.count()).where(mail.c.ticket_id == ticket_id)
        return self._about([ticket_id]).scalar(query) or 0

    def _remember(self, sender: str, body_sha256: str, subject: str, ticket_id: int | None) -> None:
        """A mail has its fate."""
        if ticket_id is not None:
            self._alike_here[sender, body_sha256, subject] = ticket_id
            self._latest_here[sender] = ticket_id
