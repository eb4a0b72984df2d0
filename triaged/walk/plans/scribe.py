"""What every kind of mail has recorded in the same way: its fate, its letters, its reviews."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from triaged.letters import compose
from triaged.store.rows import ClaimedMail, Fate, Finished
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Event, Happening, Ticket
from triaged.vocabulary import Kind
from triaged.walk.judge import Envelope, Judgment
from triaged.walk.knowledge import Knowledge
from triaged.walk.pen import Pen, desk_of


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one mail, for the log and the metrics."""

    mail_id: int
    fate: Fate
    kind: Kind | None
    ticket: Ticket | None = None
    opened: bool = False
    abstained: bool = False
    authentication: str = "unknown"


class Scribe:
    """One judged mail on its way into the store."""

    def __init__(
        self,
        mail: ClaimedMail,
        judgment: Judgment,
        placed: Placed,
        ticket: Ticket | None,
        pen: Pen,
        knowledge: Knowledge,
        envelope: Envelope,
        owner: str,
        now: datetime,
    ) -> None:
        self.mail, self.judgment, self.placed, self.ticket = mail, judgment, placed, ticket
        self.pen, self.knowledge, self.envelope, self.owner, self.now = pen, knowledge, envelope, owner, now
        self.reading, self.sender = judgment.reading, judgment.sender
        self.book = knowledge.rulebook
        self.mailbox = knowledge.config.mailbox(mail.mailbox)

    @property
    def proven(self) -> bool:
        """Whether who it says wrote it did: a verified partner, or our own people verified or by the Sent folder."""
        staff = self.sender.role == "staff" and self.sender.authentication == "pass"
        return self.sender.trusted or staff or self.mail.sent_folder

    def when(self) -> datetime:
        """When it was written: the mail's arrival, unless the ticket had not begun by then."""
        began = self.ticket.created_at if self.ticket else self.mail.received_at
        return min(max(self.mail.received_at, began), self.now)

    def partly_read(self, ticket: Ticket) -> Ticket:
        """The ticket of a mail too large to be read whole: people are asked to look at the rest."""
        most, mail = self.knowledge.config.limits.mail_size, self.mail
        if mail.truncated:
            reason = f"mail {mail.id} is larger than we keep: its beginning was read, the whole lies on the mail server"
        elif mail.size > most:
            reason = (
                f"mail {mail.id} of {mail.size} bytes is larger than we read: its first {most} were read; "
                f"`triaged mail show {mail.id} --raw` gives all of it"
            )
        else:
            return ticket
        return replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, reason))))

    def with_reviews(self, ticket: Ticket, before: Ticket | None = None) -> Ticket:
        """Each new reason for a review as an event of its own."""
        known = before.reviews if before else ()
        asked = tuple(
            Event(self.now, Happening.REVIEW_ASKED, "daemon", reason, {"review": reason})
            for reason in ticket.reviews
            if reason not in known
        )
        return replace(ticket, events=(*ticket.events, *asked))

    def letters(
        self, ticket: Ticket, addressed: tuple[tuple[str, ...], tuple[str, ...]], before: Ticket | None
    ) -> None:
        """The letters of the mail's arrival to `addressed` (to, cc) and to staff; none for history."""
        decision = self.judgment.decision
        if decision is None or self.envelope.history:
            return
        letters = compose.on_arrival(
            self.reading,
            self.sender,
            self.placed,
            decision,
            self.judgment.match,
            ticket,
            self.book.letters,
            self.book.promises,
            self.now,
            addressed,
            desk_of(self.mailbox, self.knowledge.config),
            before,
        )
        self.pen.write(ticket, letters)

    def tell_of_unplaced(self, why: str) -> None:
        """Staff are told of a mail that is of no ticket; none of history, and not without end."""
        desk = desk_of(self.mailbox, self.knowledge.config)
        if self.envelope.history or self.pen.floods(desk.alert):
            return
        letter = compose.unplaced(
            self.reading.subject,
            self.sender.address,
            why,
            self.reading.parts.own[: compose.EXCERPT],
            self.reading.message_id or self.reading.sha256,
            self.book.letters,
            desk,
            self.now,
        )
        self.pen.write_from_desk([letter] if letter else [])

    def finish(
        self, fate: Fate, why: str, ticket: Ticket | None, *, kind: Kind | None = None, opened: bool = False
    ) -> Settled:
        """The ledger's row, what the ticket knows of ids, and which rules hit."""
        tx, reading, decision = self.pen.tx, self.reading, self.judgment.decision
        kind = kind or self.judgment.kind
        if ticket is not None and fate is Fate.TICKET:
            own = [reading.message_id] if reading.message_id else []
            mentioned = [i for i in (*reading.references, *reading.in_reply_to) if i not in own]
            tx.know(ticket.id, own, of="mail", if_unknown=not self.proven)
            tx.know(ticket.id, mentioned, of="reference", if_unknown=not self.proven)
        tx.finish_mail(
            Finished(
                mail_id=self.mail.id,
                fate=fate,
                kind=str(kind),
                why=why,
                ticket_id=ticket.id if ticket else None,
                subject=reading.subject[:500],
                sender=reading.sender.address,
                message_id=reading.message_id,
                reading=_summary(self.judgment),
            ),
            self.owner,
            self.now,
        )
        if decision is not None:
            hits = [o.name for o in decision.verdict.outcomes if o.hit]
            tx.rule_hits(
                self.mail.id, ticket.id if ticket else None, hits, self.now, decision.rulebook_version
            )
        return Settled(
            self.mail.id,
            fate,
            kind,
            ticket,
            opened,
            bool(decision and decision.abstained),
            reading.authentication.result,
        )


def _summary(judgment: Judgment) -> dict[str, object]:
    """What of a reading stays with the ledger: facts (to work misses out again) and what was found where."""
    reading = judgment.reading
    return {
        "trusted": judgment.sender.trusted,
        "facts": dict(judgment.facts),
        "authentication": [reading.authentication.result, reading.authentication.why],
        "language": reading.language,
        "attachments": [[a.name, a.type, a.size] for a in reading.attachments],
        "defects": list(reading.defects),
        "found": [[f.kind, f.value, f.by, f.part, f.context] for f in reading.identifiers.found],
    }
