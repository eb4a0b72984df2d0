"""A judged mail, and what every kind of mail is planned with in the same way: its fate, reviews, letters. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triaged.frozen import frozen
from triaged.judging.decisions import Sender
from triaged.letters import arrival, desk_letters
from triaged.letters.arrival import Arrived
from triaged.letters.context import Desk
from triaged.letters.recipients import Addresses
from triaged.letters.writer import Writer
from triaged.reading import our_ids
from triaged.reading.values import Reading
from triaged.rulebook.rulebook import Rulebook
from triaged.store.rows import Fate, Finished
from triaged.tickets.event_data import Review
from triaged.tickets.ticket import Event, Happening, Letter, Ticket
from triaged.vocabulary import Kind
from triaged.walk import said
from triaged.walk.judge import Bearings, Envelope, Incoming, Judgment
from triaged.walk.plan import MailFate
from triaged.walk.tickets_from_mail import LONGEST_SUBJECT


@frozen
class Ground:
    """What a plan goes by: one state of knowledge, and one moment at the mailbox that a mail came to.

    `language` is the mailbox's, `desks` are those of all mailboxes; of a mail no more than `mail_size` bytes are
    read; `secret` signs our Message-IDs.
    """

    bearings: Bearings
    writer: Writer
    language: str
    mail_size: int
    desks: Mapping[str, Desk]
    secret: bytes = b""

    @property
    def rulebook(self) -> Rulebook:
        """The one in force."""
        return self.bearings.rulebook

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.writer.now

    def writer_of(self, ticket: Ticket) -> Writer:
        """Who writes of a ticket, whichever mailbox the mail came to."""
        desk = self.desks.get(ticket.mailbox) or next(iter(self.desks.values()))  # one that was taken out
        return replace(self.writer, desk=desk)

    def verify(self, message_id: str) -> int | None:
        """The ticket of a Message-ID that we signed (0: of none); None where we did not."""
        return our_ids.verify(message_id, self.secret) if self.secret else None


@frozen
class JudgedMail:
    """All that is known when a mail's plan is made."""

    incoming: Incoming
    judgment: Judgment
    ground: Ground

    @property
    def reading(self) -> Reading:
        """What the mail says, a bare answer understood."""
        return self.judgment.reading

    @property
    def sender(self) -> Sender:
        """Who wrote it."""
        return self.judgment.sender

    @property
    def envelope(self) -> Envelope:
        """How it reached us."""
        return self.incoming.envelope

    @property
    def writer(self) -> Writer:
        """What composing goes by."""
        return self.ground.writer

    @property
    def now(self) -> datetime:
        """The moment of the plan."""
        return self.ground.now

    @property
    def proven(self) -> bool:
        """Whether who it says wrote it did: a verified partner, or our own people verified or by the Sent folder."""
        staff = self.sender.role == "staff" and self.sender.authentication == "pass"
        return self.sender.trusted or staff or self.envelope.sent_folder

    @property
    def when(self) -> datetime:
        """When it was written: the mail's arrival, unless the ticket had not begun by then."""
        arrived = self.envelope.received_at
        began = self.incoming.ticket.created_at if self.incoming.ticket else arrived
        return min(max(arrived, began), self.now)


def fate(
    judged: JudgedMail, what: Fate, why: str, ticket: Ticket | None = None, kind: Kind | None = None,
    *, answers: bool = False,
) -> MailFate:  # fmt: skip
    """The mail's fate: the ledger's row, what the ticket knows of ids, and which rules hit.

    `answers`: our own people wrote it to the partner.
    """
    reading, decision = judged.reading, judged.judgment.decision
    on_it = ticket is not None and what is Fate.TICKET
    own = (reading.message_id,) if reading.message_id else ()
    mentioned = tuple(i for i in (*reading.references, *reading.in_reply_to) if i not in own)
    row = Finished(
        mail_id=judged.envelope.number,
        fate=what,
        kind=str(kind or judged.judgment.kind),
        why=why,
        ticket_id=ticket.id if ticket else None,
        subject=reading.subject[:LONGEST_SUBJECT],
        sender=reading.sender.address,
        message_id=reading.message_id,
        reading=_summary(judged.judgment),
    )
    return MailFate(
        row,
        ticket,
        own=own if on_it else (),
        mentioned=mentioned if on_it else (),
        proven=judged.proven,
        hits=tuple(o.name for o in decision.verdict.outcomes if o.hit) if decision else (),
        rulebook_version=decision.rulebook_version if decision else "",
        abstained=bool(decision and decision.abstained),
        authentication=reading.authentication.result,
        said=said.of_mail(judged.reading, judged.envelope, ticket, answers or _is_theirs(judged, ticket))
        if on_it and ticket is not None
        else None,
    )


def _is_theirs(judged: JudgedMail, ticket: Ticket | None) -> bool:
    """Whether the partner's page shows it: mail of his side, but none that nobody verified on a verified ticket."""
    if judged.judgment.kind not in (Kind.REQUEST, Kind.THANKS):
        return False
    verified = judged.judgment.speaks or judged.sender.authentication == "pass"
    return verified or ticket is None or not ticket.trusted


def partly_read(judged: JudgedMail, ticket: Ticket) -> Ticket:
    """The ticket of a mail too large to be read whole: people are asked to look at the rest."""
    most, mail = judged.ground.mail_size, judged.envelope
    if mail.cut:
        reason = f"mail {mail.number} is larger than we keep: its beginning was read, the whole lies on the mail server"
    elif (mail.size or 0) > most:
        reason = (
            f"mail {mail.number} of {mail.size} bytes is larger than we read: its first {most} were read; "
            f"`triaged mail show {mail.number} --raw` gives all of it"
        )
    else:
        return ticket
    return replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, reason))))


def with_reviews(ticket: Ticket, before: Ticket | None, now: datetime) -> Ticket:
    """Each new reason for a review as an event of its own."""
    known = before.reviews if before else ()
    asked = tuple(
        Event(now, Happening.REVIEW_ASKED, "daemon", reason, Review(reason).stored())
        for reason in ticket.reviews
        if reason not in known
    )
    return replace(ticket, events=(*ticket.events, *asked))


def arrival_letters(
    judged: JudgedMail, ticket: Ticket, addressed: Addresses, before: Ticket | None
) -> tuple[Letter, ...]:
    """The letters of the mail's arrival to `addressed` (to, cc) and to staff; none for history."""
    decision = judged.judgment.decision
    if decision is None or judged.envelope.history:
        return ()
    arrived = Arrived(judged.reading, judged.sender, judged.incoming.placed, decision, addressed, before)
    return arrival.on_arrival(judged.writer, arrived, ticket)


def unplaced_letter(judged: JudgedMail, why: str) -> Letter | None:
    """Staff are told of a mail that is of no ticket; none of history. The pen sees to it that it ends."""
    if judged.envelope.history:
        return None
    reading = judged.reading
    return desk_letters.unplaced(
        judged.writer,
        reading.message_id or reading.sha256,
        subject=reading.subject,
        sender=judged.sender.address,
        why=why,
        excerpt=reading.parts.own,
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
