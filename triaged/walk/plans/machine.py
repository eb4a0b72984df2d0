"""What no partner wrote: robots, bounces of our letters, strangers who abuse a ticket."""

from __future__ import annotations

from dataclasses import replace

from triaged.letters import compose
from triaged.reading import our_ids
from triaged.reading.values import FailedRecipient
from triaged.store.rows import Fate
from triaged.tickets import notes, states, threads
from triaged.tickets.event_data import AddressFailed
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Event, Happening, Ticket
from triaged.vocabulary import Kind
from triaged.walk.plans.scribe import Scribe, Settled


def automatic(scribe: Scribe) -> Settled:
    """A robot's mail starts, stops and reopens nothing (F14, F19); a bounce of our letter marks the address."""
    automatic = scribe.reading.automatic
    assert automatic is not None
    if scribe.ticket is None:
        if automatic.kind is Kind.RECALL and scribe.sender.role != "stranger":
            scribe.tell_of_unplaced(automatic.why)
        return scribe.finish(Fate.AUTOMATIC, automatic.why, None)
    event = Event(
        scribe.now, Happening.AUTOMATIC_MAIL, scribe.sender.address, f"{automatic.kind}: {automatic.why}"
    )
    scribe.pen.note(scribe.ticket.id, event)
    ticket = replace(scribe.ticket, events=(*scribe.ticket.events, event))
    if automatic.kind is Kind.RECALL:
        ticket = _recalled(scribe, scribe.ticket, ticket)
    answers_letter = scribe.placed.how == "letter"
    if automatic.kind is Kind.BOUNCE and answers_letter and not automatic.delayed:
        ticket = _letter_bounced(scribe, ticket)
    return scribe.finish(Fate.AUTOMATIC, automatic.why, ticket)


def _recalled(scribe: Scribe, before: Ticket, ticket: Ticket) -> Ticket:
    """A sender takes a mail of the ticket back: nothing moves, and staff decide what it means."""
    reason = f"{scribe.sender.address} takes a mail back: {scribe.reading.subject[:150]}"
    if reason in before.reviews:
        return ticket
    asked = scribe.with_reviews(replace(ticket, reviews=(*ticket.reviews, reason)), ticket)
    after = scribe.pen.change(before, asked, asked.events[len(ticket.events) :])
    key = f"review@{sum(e.kind is Happening.REVIEW_ASKED for e in after.events)}"
    letter = scribe.writer.to_staff("review", key, after, {"reasons": (reason,)})
    scribe.pen.write(after, [letter] if letter else [])
    return after


def _letter_bounced(scribe: Scribe, ticket: Ticket) -> Ticket:
    """Letters do not reach somebody: marked, and staff are told by a way that still works.

    Only who got the very letter that came back, and on its ticket alone: our ids travel in References, and
    whoever read one could else forge a bounce that silences anybody. Everywhere only by the recipient's mark.
    """
    assert scribe.reading.automatic is not None
    ids, _ = threads.mentions(scribe.reading)
    ours = [one for one in ids if our_ids.verify(one, scribe.pen.secret) is not None]
    known = scribe.pen.tx.addressed_by(ours)
    hard = [f for f in scribe.reading.automatic.failed if f.hard and f.address in known]
    for one in hard:
        if any(_proves(scribe, message_id, one.address) for message_id in ours):
            scribe.pen.tx.mark_address(one.address, _why(one), scribe.now)
    failed = [one for one in hard if not _known_to_fail(ticket, one.address)]
    after = ticket
    events: list[Event] = []
    for one in failed:
        why = _why(one)
        moved = states.move(
            after, Happening.ADDRESS_FAILED, scribe.now, "daemon", why, AddressFailed(one.address).stored()
        )
        if not isinstance(moved, Refused):
            after, events = moved.ticket, [*events, *moved.events]
    if not failed:
        return ticket
    stored = scribe.pen.change(ticket, after, events)
    told = [(f.address, f.status or f.diagnostic or "returned") for f in failed]
    letter = compose.undeliverable(scribe.writer, stored, told, str(scribe.mail.id))
    scribe.pen.write(stored, [letter] if letter else [])
    scribe.pen.plan(stored)
    return stored


def _proves(scribe: Scribe, message_id: str, address: str) -> bool:
    automatic = scribe.reading.automatic
    mark = automatic.mark if automatic else ""
    return bool(mark) and our_ids.is_recipient(message_id, address, mark, scribe.pen.secret)


def _known_to_fail(ticket: Ticket, address: str) -> bool:
    """Told already, and nothing came from there since: a thousand bounces say no more than one."""
    person = next((p for p in ticket.people if p.address == address), None)
    told = any(
        e.kind is Happening.ADDRESS_FAILED and AddressFailed.of(e).address == address for e in ticket.events
    )
    return person.failed if person is not None else told


def _why(failed: FailedRecipient) -> str:
    return " ".join(filter(None, [failed.status, failed.diagnostic]))[:300] or "returned"


def is_overrun(scribe: Scribe) -> bool:
    """Whether a mail that proves nothing comes to a ticket that has heard enough of such."""
    heard = scribe.judgment.speaks and scribe.judgment.kind is not Kind.STAFF and not scribe.reading.automatic
    if scribe.ticket is None or scribe.proven or heard:
        return False
    return notes.count(scribe.ticket.events) >= notes.MOST


def overrun(scribe: Scribe) -> Settled:
    """It lies in the ledger, and once the ticket tells so."""
    assert scribe.ticket is not None
    told = notes.enough(scribe.now)
    scribe.pen.note(scribe.ticket.id, told)
    return scribe.finish(Fate.AUTOMATIC, told.reason, scribe.ticket)


def abuse(scribe: Scribe) -> Settled:
    """A stranger in somebody's ticket: recorded, told to staff, shown to nobody else."""
    for one in scribe.placed.others[:3]:
        reason = f"a stranger, {scribe.sender.address or 'nobody'}, wrote into this ticket; see mail {scribe.mail.id}"
        scribe.pen.note(one, Event(scribe.now, Happening.AUTOMATIC_MAIL, "daemon", reason))
    return scribe.finish(Fate.AUTOMATIC, scribe.judgment.sort.why, None)
