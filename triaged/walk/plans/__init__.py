"""What is recorded of one judged mail, by its kind: the last steps of the walk.

Runs inside the walk's transaction: what raises here undoes all of it (walk/triage.py goes on from there).
"""

from __future__ import annotations

from triaged.reading import our_ids
from triaged.store.rows import Fate
from triaged.vocabulary import Kind
from triaged.walk.plans import machine, partner, staff
from triaged.walk.plans.scribe import Scribe, Settled

__all__ = ["Scribe", "Settled", "record"]


def record(scribe: Scribe) -> Settled:
    """The fate of the mail by its kind."""
    kind = scribe.judgment.kind
    if scribe.sender.trusted and scribe.reading.automatic is None:
        scribe.pen.tx.clear_address(scribe.sender.address)  # who writes can be written to, whatever came back
    own = scribe.reading.message_id and our_ids.verify(scribe.reading.message_id, scribe.pen.secret)
    if own:
        return scribe.finish(Fate.AUTOMATIC, "our own letter, seen again", None, kind=Kind.AUTO_REPLY)
    if scribe.mail.walked and scribe.ticket is not None:
        return partner.walked_again(scribe, scribe.ticket)
    if machine.is_overrun(scribe):
        return machine.overrun(scribe)
    if kind is Kind.STAFF:
        return staff.staff_mail(scribe)
    if kind is Kind.SPAM:
        return scribe.finish(Fate.SPAM, scribe.judgment.sort.why, None)
    if kind is Kind.ABUSE:
        return machine.abuse(scribe)
    if kind is Kind.UNREADABLE:
        return scribe.finish(Fate.QUARANTINE, scribe.judgment.sort.why, None)
    if scribe.reading.automatic is not None:
        return machine.automatic(scribe)
    if scribe.ticket is not None and kind is not Kind.SPOOF:
        return partner.answers(scribe, scribe.ticket)
    rated = partner.late_rating(scribe)
    if rated is None and kind is Kind.THANKS:
        return scribe.finish(Fate.SKIPPED, "thanks that belong to no ticket", None)
    return rated or partner.opens(scribe)
