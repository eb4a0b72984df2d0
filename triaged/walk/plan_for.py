"""What comes of one judged mail, by its kind: the Plan that the pen writes, or `explain` shows. PURE."""

from __future__ import annotations

from dataclasses import replace

from triaged.reading.values import Reading
from triaged.store.rows import ClaimedMail, Fate, Finished, LedgerMail
from triaged.tickets.ticket import Event, Happening
from triaged.vocabulary import Kind
from triaged.walk.judge import Incoming, Judgment
from triaged.walk.plan import MailFate, Note, Plan
from triaged.walk.plans import machine, partner, staff
from triaged.walk.plans.judged import Ground, JudgedMail, fate


def plan_for(incoming: Incoming, judgment: Judgment, ground: Ground) -> Plan:
    """The plan of a mail that was judged."""
    judged = JudgedMail(incoming, judgment, ground)
    plan = _by_kind(judged)
    if judged.sender.trusted and judged.reading.automatic is None:
        # Who writes can be written to, whatever came back
        return replace(plan, cleared=judged.sender.address)
    return plan


def _by_kind(judged: JudgedMail) -> Plan:
    kind, ticket, why = judged.judgment.kind, judged.incoming.ticket, judged.judgment.sort.why
    if judged.reading.message_id and judged.ground.verify(judged.reading.message_id):
        own = "our own letter, seen again"
        return Plan(mail=fate(judged, Fate.AUTOMATIC, own, kind=Kind.AUTO_REPLY))
    if judged.envelope.walked and ticket is not None:
        return partner.walked_again(judged, ticket)
    if ticket is not None and machine.is_overrun(judged, ticket):
        return machine.overrun(judged, ticket)
    if kind is Kind.STAFF:
        return staff.staff_mail(judged)
    if kind is Kind.SPAM:
        return Plan(mail=fate(judged, Fate.SPAM, why))
    if kind is Kind.ABUSE:
        return machine.abuse(judged)
    if kind is Kind.UNREADABLE:
        return Plan(mail=fate(judged, Fate.QUARANTINE, why))
    if judged.reading.automatic is not None:
        return machine.automatic(judged)
    if ticket is not None and kind is not Kind.SPOOF:
        return partner.answers(judged, ticket)
    return partner.of_no_open_ticket(judged)


def same_again(mail: ClaimedMail, reading: Reading, first: LedgerMail, ground: Ground) -> Plan:
    """The same mail through another door or to another mailbox: one ticket, and both noted."""
    notes: tuple[Note, ...] = ()
    if first.ticket_id is not None and first.mailbox != mail.mailbox:
        reason = f"the same mail came to mailbox {mail.mailbox} too"
        notes = (Note(first.ticket_id, Event(ground.now, Happening.AUTOMATIC_MAIL, "daemon", reason)),)
    row = Finished(
        mail_id=mail.id,
        # On a ticket, and to be walked again: then the first one waits.
        fate=Fate.TICKET if first.fate is Fate.WAITING else Fate(first.fate),
        kind=first.kind or None,
        why=f"the same mail as {first.id}",
        ticket_id=first.ticket_id,
        subject=reading.subject,
        sender=reading.sender.address,
        message_id=reading.message_id,
        duplicate_of=first.id,
    )
    return Plan(notes=notes, mail=MailFate(row, authentication=reading.authentication.result))
