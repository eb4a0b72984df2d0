"""What no partner wrote: robots, bounces of our letters, strangers who abuse a ticket."""

from __future__ import annotations

from dataclasses import replace

from triaged.letters import compose, identity
from triaged.recording import desk_of
from triaged.settling.scribe import Scribe, Settled
from triaged.store.values import Fate
from triaged.tickets import states, threads
from triaged.tickets.states import Refused
from triaged.tickets.values import Event, Happening, Ticket
from triaged.values import Kind


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
    scribe.pen.tx.add_events(scribe.ticket.id, [event])
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
    desk = desk_of(scribe.mailbox, scribe.knowledge.config)
    key = f"review@{sum(e.kind is Happening.REVIEW_ASKED for e in after.events)}"
    letter = compose.staff_letter("review", key, after, scribe.book.letters, desk, {"reasons": (reason,)})
    scribe.pen.write(after, [letter] if letter else [])
    return after


def _letter_bounced(scribe: Scribe, ticket: Ticket) -> Ticket:
    """Letters do not reach somebody: marked, and staff are told by a way that still works.

    Only who got the very letter that came back: our ids travel in References, and whoever read one could
    else forge a bounce that silences anybody of the ticket.
    """
    assert scribe.reading.automatic is not None
    ids, _ = threads.mentions(scribe.reading)
    known = scribe.pen.tx.addressed_by([one for one in ids if identity.verify(one, scribe.pen.secret)])
    failed = [f for f in scribe.reading.automatic.failed if f.hard and f.address in known]
    after = ticket
    events: list[Event] = []
    for one in failed:
        why = " ".join(filter(None, [one.status, one.diagnostic]))[:300] or "returned"
        scribe.pen.tx.mark_address(one.address, why, scribe.now)
        moved = states.move(
            after, Happening.ADDRESS_FAILED, scribe.now, "daemon", why, {"address": one.address}
        )
        if not isinstance(moved, Refused):
            after, events = moved.ticket, [*events, *moved.events]
    if not failed:
        return ticket
    stored = scribe.pen.change(ticket, after, events)
    told = [(f.address, f.status or f.diagnostic or "returned") for f in failed]
    letter = compose.undeliverable(
        stored,
        told,
        scribe.book.letters,
        desk_of(scribe.mailbox, scribe.knowledge.config),
        str(scribe.mail.id),
    )
    scribe.pen.write(stored, [letter] if letter else [])
    scribe.pen.plan(stored)
    return stored


def abuse(scribe: Scribe) -> Settled:
    """A stranger in somebody's ticket: recorded, told to staff, shown to nobody else."""
    for one in scribe.placed.others[:3]:
        reason = f"a stranger, {scribe.sender.address or 'nobody'}, wrote into this ticket; see mail {scribe.mail.id}"
        scribe.pen.tx.add_events(one, [Event(scribe.now, Happening.AUTOMATIC_MAIL, "daemon", reason)])
    return scribe.finish(Fate.AUTOMATIC, scribe.judgment.sort.why, None)
