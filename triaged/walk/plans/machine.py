"""What no partner wrote: robots, bounces of our letters, strangers who abuse a ticket. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triaged.letters import compose
from triaged.reading import our_ids
from triaged.reading.values import Automatic, FailedRecipient, Reading
from triaged.store.rows import Fate
from triaged.tickets import notes, states, threads
from triaged.tickets.event_data import AddressFailed
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Event, Happening, Ticket
from triaged.vocabulary import Kind, Severity
from triaged.walk.plan import Change, Note, Plan, change, some, unplanned
from triaged.walk.plans import calendar_answers
from triaged.walk.plans.judged import Ground, JudgedMail, fate, unplaced_letter, with_reviews


def automatic(judged: JudgedMail) -> Plan:
    """A robot's mail starts, stops and reopens nothing (F14, F19); a bounce of our letter marks the address."""
    automatic, ticket = judged.reading.automatic, judged.incoming.ticket
    assert automatic is not None
    if (answered := calendar_answers.answered(judged)) is not None:
        return answered
    if ticket is None:
        asks = automatic.kind is Kind.RECALL and judged.sender.role != "stranger"
        letter = unplaced_letter(judged, automatic.why) if asks else None
        return Plan(letters=some([letter]), mail=fate(judged, Fate.AUTOMATIC, automatic.why))
    said = f"{automatic.kind}: {automatic.why}"
    event = Event(judged.now, Happening.AUTOMATIC_MAIL, judged.sender.address, said)
    told = replace(ticket, events=(*ticket.events, event))
    plan = Plan(
        notes=(Note(ticket.id, event),), mail=fate(judged, Fate.AUTOMATIC, automatic.why, told)
    )  # fmt: skip
    if automatic.kind is Kind.RECALL:
        return _recalled(judged, told, plan)
    if is_bounce(judged.reading) and judged.incoming.placed.how == "letter":
        return _letter_bounced(judged, automatic, told, plan)
    return plan


def is_bounce(reading: Reading) -> bool:
    """Whether it gives back a letter for good."""
    automatic = reading.automatic
    return automatic is not None and automatic.kind is Kind.BOUNCE and not automatic.delayed


def letters_answered(reading: Reading, ground: Ground) -> list[str]:
    """The Message-IDs of our letters that a mail names."""
    ids, _ = threads.mentions(reading)
    return [one for one in ids if ground.verify(one) is not None]


def _recalled(judged: JudgedMail, told: Ticket, plan: Plan) -> Plan:
    """A sender takes a mail of the ticket back: nothing moves, and staff decide what it means."""
    reason = f"{judged.sender.address} takes a mail back: {judged.reading.subject[:150]}"
    if reason in told.reviews:
        return plan
    after = with_reviews(replace(told, reviews=(*told.reviews, reason)), told, judged.now)
    key = f"review@{compose.count(after, Happening.REVIEW_ASKED)}"
    letter = judged.writer.to_staff("review", key, after, {"reasons": (reason,)})
    return _moved(plan, unplanned(change(told, after, judged.writer, [letter])))


def _letter_bounced(judged: JudgedMail, automatic: Automatic, told: Ticket, plan: Plan) -> Plan:
    """Letters do not reach somebody: marked, and staff are told by a way that still works.

    Only who got the very letter that came back, and on its ticket alone: our ids travel in References, and
    whoever read one could else forge a bounce that silences anybody. Everywhere only by the recipient's mark.
    """
    ours = letters_answered(judged.reading, judged.ground)
    hard = [f for f in automatic.failed if f.hard and f.address in judged.incoming.asked.addressed]
    proven = tuple(
        (one.address, _why(one)) for one in hard if _proves(judged.ground, automatic, ours, one.address)
    )
    plan = replace(plan, failed=proven)
    failed = [one for one in hard if not _known_to_fail(told, one.address)]
    if not failed:
        return plan
    after = told
    for one in failed:
        data = AddressFailed(one.address).stored()
        moved = states.move(after, Happening.ADDRESS_FAILED, judged.now, "daemon", _why(one), data)
        after = after if isinstance(moved, Refused) else moved.ticket
    if after.severity is Severity.S1 and not [
        p for p in after.people if p.role == "requester" and not p.failed
    ]:
        unreached = "letters of this S1 come back: tell the partner by telephone that we are at it"
        asked = replace(after, reviews=tuple(dict.fromkeys((*after.reviews, unreached))))
        after = with_reviews(asked, told, judged.now)
    reasons = [(f.address, f.status or f.diagnostic or "returned") for f in failed]
    letter = compose.undeliverable(judged.writer, after, reasons, str(judged.envelope.number))
    return _moved(plan, change(told, after, judged.writer, [letter]))


def _moved(plan: Plan, changed: Change) -> Plan:
    """The plan, with what the mail changes of its ticket."""
    assert plan.mail is not None
    return replace(plan, changes=(changed,), mail=replace(plan.mail, ticket=changed.after))


def _proves(ground: Ground, automatic: Automatic, ours: Sequence[str], address: str) -> bool:
    mark = automatic.mark
    return bool(mark) and any(our_ids.is_recipient(one, address, mark, ground.secret) for one in ours)


def _known_to_fail(ticket: Ticket, address: str) -> bool:
    """Told already, and nothing came from there since: a thousand bounces say no more than one."""
    person = next((p for p in ticket.people if p.address == address), None)
    told = any(
        e.kind is Happening.ADDRESS_FAILED and AddressFailed.of(e).address == address for e in ticket.events
    )
    return person.failed if person is not None else told


def _why(failed: FailedRecipient) -> str:
    return " ".join(filter(None, [failed.status, failed.diagnostic]))[:300] or "returned"


def is_overrun(judged: JudgedMail, ticket: Ticket) -> bool:
    """Whether a mail that proves nothing comes to a ticket that has heard enough of such."""
    speaks = judged.judgment.speaks and judged.judgment.kind is not Kind.STAFF
    heard = speaks and not judged.reading.automatic
    return not (judged.proven or heard) and notes.count(ticket.events) >= notes.MOST


def overrun(judged: JudgedMail, ticket: Ticket) -> Plan:
    """It lies in the ledger, and once the ticket tells so."""
    told = notes.enough(judged.now)
    return Plan(
        notes=(Note(ticket.id, told),), mail=fate(judged, Fate.AUTOMATIC, told.reason, ticket)
    )  # fmt: skip


def abuse(judged: JudgedMail) -> Plan:
    """A stranger in somebody's ticket: recorded, told to staff, shown to nobody else."""
    sender, number = judged.sender.address or "nobody", judged.envelope.number
    reason = f"a stranger, {sender}, wrote into this ticket; see mail {number}"
    event = Event(judged.now, Happening.AUTOMATIC_MAIL, "daemon", reason)
    told = tuple(Note(one, event) for one in judged.incoming.placed.others[:3])
    return Plan(notes=told, mail=fate(judged, Fate.AUTOMATIC, judged.judgment.sort.why))
