"""What is asked of letters beside sending them: copies for the Sent folder, those that are stuck, how long it took."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select, update

from triaged.store.connected import Connected, pieces
from triaged.store.rows import LetterState
from triaged.store.service_rows import Stuck, Unfiled
from triaged.store.tables import letter, ticket
from triaged.vocabulary import Severity

# Said of a letter that is held until morning: nothing is wrong with it
WAITS_FOR_HOURS = "waits for its hours"
_SINCE = case((letter.c.not_before > letter.c.written_at, letter.c.not_before), else_=letter.c.written_at)


class Filing(Connected):
    """What mailboxes, metrics and alerts ask of the outbox."""

    def letters_to_file(self, mailbox: str, limit: int = 50) -> list[Unfiled]:
        """Letters that left and do not lie in the mailbox's Sent folder yet, oldest first."""
        columns = [letter.c[name] for name in ("id", "message_id", "raw", "sent_at")]
        where = (letter.c.to_file.is_not(None), letter.c.mailbox == mailbox, letter.c.forgotten_at.is_(None))
        with self._reading() as connection:
            rows = connection.execute(select(*columns).where(*where).order_by(letter.c.id).limit(limit))
            return [Unfiled(**row._mapping) for row in rows]

    def letters_filed(self, ids: Collection[int]) -> None:
        """These lie there now."""
        with self._writing() as connection:
            for piece in pieces(ids):
                connection.execute(update(letter).where(letter.c.id.in_(piece)).values(to_file=None))

    def stuck_letters(
        self, now: datetime, after: Mapping[Severity, timedelta], other: timedelta
    ) -> list[Stuck]:
        """Letters that should have left so long ago, by the severity of their ticket (`other`: any else), by mailbox."""
        waiting = and_(
            letter.c.state == LetterState.WAITING,
            letter.c.ready_at.is_not(None),
            or_(letter.c.error.is_(None), letter.c.error != WAITS_FOR_HOURS),
        )
        late = or_(
            now - other > _SINCE,
            *(and_(ticket.c.severity == severity, now - span > _SINCE) for severity, span in after.items()),
        )
        query = (
            select(
                letter.c.mailbox,
                func.count().label("count"),
                func.min(_SINCE).label("since"),
                func.min(ticket.c.severity).label("severity"),
                func.max(letter.c.error).label("error"),
            )
            .join(ticket, ticket.c.id == letter.c.ticket_id, isouter=True)
            .where(waiting, late)
            .group_by(letter.c.mailbox)
            .order_by(letter.c.mailbox)
        )
        with self._reading() as connection:
            return [Stuck(**row._mapping) for row in connection.execute(query)]

    def waiting_letters(self, now: datetime) -> dict[str, int]:
        """Letters that are due, or were tried in vain, by mailbox."""
        due = or_(letter.c.ready_at <= now, letter.c.owner.is_not(None), letter.c.error.is_not(None))
        held = and_(letter.c.error.is_not(None), letter.c.error == WAITS_FOR_HOURS)
        query = (
            select(letter.c.mailbox, func.count())
            .where(letter.c.ready_at.is_not(None), letter.c.state == LetterState.WAITING, due, ~held)
            .group_by(letter.c.mailbox)
        )
        with self._reading() as connection:
            return {str(mailbox): number for mailbox, number in connection.execute(query)}

    def failed_by_mailbox(self) -> dict[str, int]:
        """Letters that will never leave by themselves, by mailbox."""
        query = (
            select(letter.c.mailbox, func.count())
            .where(letter.c.state == LetterState.FAILED)
            .group_by(letter.c.mailbox)
        )
        with self._reading() as connection:
            return {str(mailbox): number for mailbox, number in connection.execute(query)}

    def arrivals(self, ticket_ids: Iterable[int]) -> dict[int, datetime]:
        """When the request of each of these tickets reached us."""
        with self._reading() as connection:
            return {
                number: at
                for piece in pieces(ticket_ids)
                for number, at in connection.execute(
                    select(ticket.c.id, ticket.c.created_at).where(ticket.c.id.in_(piece))
                )
            }

    def next_commitments(self, now: datetime) -> dict[str, datetime]:
        """The next promised time that has not passed, by severity, of tickets that have one."""
        query = (
            select(ticket.c.severity, func.min(ticket.c.promised_at))
            .where(ticket.c.promised_at > now)
            .group_by(ticket.c.severity)
        )
        with self._reading() as connection:
            return {str(severity): at for severity, at in connection.execute(query)}
