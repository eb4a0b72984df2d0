"""A mail of our own people: an answer to the partner, or talk inside the team."""

from __future__ import annotations

from dataclasses import replace

from triaged import opening
from triaged.settling.scribe import Scribe, Settled
from triaged.store.values import Fate
from triaged.tickets import states
from triaged.tickets.states import Refused
from triaged.tickets.values import Happening, Ticket


def staff_mail(scribe: Scribe) -> Settled:
    """An answer to the partner stops clocks; what stays inside the team is noted; what is of no ticket is skipped."""
    if scribe.ticket is None:
        return scribe.finish(Fate.SKIPPED, "staff mail that belongs to no ticket", None)
    outside = _partners_addressed(scribe, scribe.ticket)
    answers = bool(outside) and not scribe.reading.parts.is_forward
    if answers and not scribe.proven:
        return _unverified(scribe, scribe.ticket)
    happening = Happening.STAFF_ANSWERED if answers else Happening.STAFF_NOTED
    at = scribe.when()
    # Letters that crossed: the partner's newer one is not answered yet, so nothing is waited for.
    newer = (e for e in scribe.ticket.events if e.kind is Happening.PARTNER_ANSWERED and e.at > at)
    crossed = any(not e.data.get("bystander") for e in newer)
    reason = f"answered {', '.join(outside[:5])}" if answers else "wrote inside the team"
    moved = states.move(
        scribe.ticket,
        happening,
        at,
        scribe.sender.address,
        reason,
        {"report": scribe.reading.parts.own[:2000]}
        if answers
        else {}
        if scribe.proven
        else {"unproven": True},
        answer_means_waiting=scribe.book.promises.schedules.answer_means_waiting and not crossed,
    )
    if isinstance(moved, Refused):
        return scribe.finish(Fate.TICKET, moved.reason, scribe.ticket)
    after = (
        replace(moved.ticket, **opening.thread_end(scribe.ticket, scribe.reading))
        if answers
        else moved.ticket
    )
    ticket = scribe.pen.change(scribe.ticket, after, moved.events)
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, reason, ticket)


def _unverified(scribe: Scribe, before: Ticket) -> Settled:
    """Anybody can write our domain into From: it is noted and asked about, and stops no clock (F16)."""
    review = f"unverified staff mail from {scribe.sender.address}: {scribe.reading.authentication.why}"
    data = {"unproven": True}
    moved = states.move(before, Happening.STAFF_NOTED, scribe.now, scribe.sender.address, review, data)
    if isinstance(moved, Refused):
        return scribe.finish(Fate.TICKET, moved.reason, before)
    asked = replace(moved.ticket, reviews=tuple(dict.fromkeys((*before.reviews, review))))
    after = scribe.with_reviews(asked, before)
    ticket = scribe.pen.change(before, after, after.events[len(before.events) :])
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, review, ticket)


def _partners_addressed(scribe: Scribe, ticket: Ticket) -> tuple[str, ...]:
    """Whom of the partner's side a staff mail is written to; empty where it is talk inside the team."""
    ours = scribe.knowledge.surroundings
    people = {p.address for p in ticket.people}
    return tuple(
        a.address
        for a in (*scribe.reading.to, *scribe.reading.cc)
        if a.domain not in ours.staff_domains
        and a.address not in ours.support_addresses
        and (a.address in people or a.domain == ticket.partner_domain)
    )
