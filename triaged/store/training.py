"""What people teach: corrected severities, and stored mail to try a changed rulebook or model on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, select

from triaged.store.connected import Connected, Within
from triaged.store.kept import unpack
from triaged.store.rows import Correction, Fate, PastMail
from triaged.store.tables import correction, mail, raw, rule_hit, ticket
from triaged.store.tickets import TicketWrites
from triaged.tickets.ticket import OVER
from triaged.vocabulary import Severity

RuleUse = tuple[tuple[str, ...], Severity, Severity | None, Severity | None]


class Training(Connected):
    """Corrections, past mail and rule hits, for learning, backtests and `rules stats`."""

    def corrections(self, since: datetime | None = None) -> list[Correction]:
        """What people set otherwise, oldest first."""
        query = select(correction).order_by(correction.c.at, correction.c.id)
        if since is not None:
            query = query.where(correction.c.at >= since)
        with self._reading() as connection:
            found = [Correction(**row._mapping) for row in connection.execute(query)]
            return [self._with_text(one, connection) for one in found]

    def corrections_since(self, at: datetime | None) -> int:
        """How many severities people set otherwise since then."""
        query = select(func.count()).select_from(correction)
        if at is not None:
            query = query.where(correction.c.at > at)
        with self._reading() as connection:
            return connection.scalar(query) or 0

    def _with_text(self, one: Correction, connection: Connection) -> Correction:
        """A correction whose words were not kept with it (older databases), with those of its mail."""
        if one.text or not one.ticket_id:
            return one
        return replace(one, text=_text_of(connection.scalar(_opening(one.ticket_id))))

    def past_mail(self, since: datetime | None = None, batch: int = 100) -> Iterator[PastMail]:
        """Stored mail in order of arrival with its bytes and what became of it; memory for one batch."""
        last = 0
        while True:
            query = _PAST.where(mail.c.id > last).order_by(mail.c.id).limit(batch)
            if since is not None:
                query = query.where(mail.c.received_at >= since)
            with self._reading() as connection:
                rows = connection.execute(query).all()
            yield from (_past(row) for row in rows)
            if len(rows) < batch:
                return
            last = rows[-1].id

    def tickets_from_mail(self, since: datetime | None = None) -> int:
        """How many tickets have mail that `past_mail` gives."""
        query = select(func.count(mail.c.ticket_id.distinct())).where(
            mail.c.forgotten_at.is_(None), mail.c.fate != Fate.SKIPPED
        )
        if since is not None:
            query = query.where(mail.c.received_at >= since)
        with self._reading() as connection:
            return connection.scalar(query) or 0

    def opening_mail(self, ticket_id: int) -> PastMail | None:
        """The mail that opened a ticket, with its bytes; None where none did, or they are forgotten."""
        query = _PAST.where(mail.c.ticket_id == ticket_id, mail.c.duplicate_of.is_(None))
        with self._reading() as connection:
            row = connection.execute(query.order_by(mail.c.id).limit(1)).first()
        return _past(row) if row else None

    def closed_by_severity(self, since: datetime) -> dict[Severity, int]:
        """Tickets resolved or closed and created since then, by a person's severity, else their content's."""
        left = case((ticket.c.severity_by_human, ticket.c.severity), else_=ticket.c.content_severity)
        query = (
            select(left.label("severity"), func.count().label("tickets"))
            .where(ticket.c.created_at >= since, ticket.c.state.in_(OVER))
            .group_by(left)
        )
        with self._reading() as connection:
            return {Severity(row.severity): row.tickets for row in connection.execute(query)}

    def rule_uses(self, since: datetime | None = None) -> Iterator[RuleUse]:
        """Each judged mail on a ticket: its hits, what was decided, what the classifier and a human say."""
        query = (
            select(
                mail.c.id,
                mail.c.reading,
                ticket.c.severity,
                correction.c.was,
                correction.c.severity.label("human"),
            )
            .join(ticket, ticket.c.id == mail.c.ticket_id)
            .join(correction, correction.c.ticket_id == ticket.c.id, isouter=True)
            .where(mail.c.kind.in_(["request", "thanks", "spoof"]))
            .order_by(mail.c.id, correction.c.at)
        )
        hits = select(rule_hit.c.mail_id, rule_hit.c.rule)
        if since is not None:
            query, hits = query.where(mail.c.received_at >= since), hits.where(rule_hit.c.at >= since)
        with self._reading() as connection:
            by_mail: dict[int, list[str]] = {}
            for row in connection.execute(hits):
                by_mail.setdefault(row.mail_id, []).append(row.rule)
            judged = {one.id: one for one in connection.execute(query)}  # the last correction of each
        for number, one in judged.items():
            said = ((one.reading or {}).get("facts") or {}).get("classifier.severity")
            yield (
                tuple(by_mail.get(number, ())),
                Severity(one.was or one.severity),
                Severity(said) if said else None,
                Severity(one.human) if one.human else None,
            )


class TrainingWrites(TicketWrites, Within):
    """What happens when a person sets a severity."""

    def learn(self, one: Correction) -> None:
        """A human's word on a severity is kept to learn from."""
        values = {name: getattr(one, name) for name in Correction.__dataclass_fields__ if name != "id"}
        self._apart().execute(insert(correction), values)

    def first_text(self, ticket_id: int) -> str:
        """The new text of the mail that opened a ticket; empty where none did, or its words are forgotten."""
        return _text_of(self._about([ticket_id]).scalar(_opening(ticket_id)))


def _opening(ticket_id: int) -> Select[Any]:
    """The summary of the mail that opened a ticket."""
    opened = mail.c.ticket_id == ticket_id
    return select(mail.c.reading).where(opened, mail.c.duplicate_of.is_(None)).order_by(mail.c.id).limit(1)


def _text_of(reading: Any) -> str:
    """The new text as rules and classifier saw it: a fact of the mail's summary."""
    kept = reading or {}
    return str((kept.get("facts") or {}).get("text") or kept.get("new_text") or "")


_PAST = (
    select(
        *(mail.c[name] for name in ("id", "mailbox", "door", "received_at", "envelope_from", "behind_mta")),
        *(mail.c[name] for name in ("sent_folder", "fate", "kind", "ticket_id", "reading")),
        raw.c.packed,
        ticket.c.severity,
        ticket.c.severity_by_human,
    )
    .join(raw, raw.c.sha256 == mail.c.sha256)
    .join(ticket, ticket.c.id == mail.c.ticket_id, isouter=True)
    .where(mail.c.fate != Fate.SKIPPED, mail.c.forgotten_at.is_(None))
)


def _past(row: Any) -> PastMail:
    values = dict(row._mapping)
    packed, by_human = values.pop("packed"), values.pop("severity_by_human")
    reading = values.pop("reading") or {}
    human = values["severity"] if by_human else None
    return PastMail(**values, raw=unpack(packed), human_severity=human, reading=reading)
