"""A mail of our own people: an answer to the partner, or talk inside the team."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from triaged.store.rows import Fate
from triaged.tickets import states
from triaged.tickets.event_data import ByStaff, OfMail
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk import tickets_from_mail
from triaged.walk.plans.scribe import Scribe, Settled


def staff_mail(scribe: Scribe) -> Settled:
    """An answer to the partner stops clocks; what stays inside the team is noted; of what is of no ticket staff hear."""
    if scribe.ticket is None:
        why = "mail of our own people that belongs to no ticket"
        if not scribe.mail.sent_folder:
            scribe.tell_of_unplaced(why)
        return scribe.finish(Fate.SKIPPED, why, None)
    outside = _partners_addressed(scribe, scribe.ticket)
    answers = bool(outside) and not scribe.reading.parts.is_forward
    if answers and not scribe.proven:
        return _unverified(scribe, scribe.ticket)
    happening = Happening.STAFF_ANSWERED if answers else Happening.STAFF_NOTED
    at = scribe.when()
    # Letters that crossed: the partner's newer one is not answered yet, so nothing is waited for.
    newer = (e for e in scribe.ticket.events if e.kind is Happening.PARTNER_ANSWERED and e.at > at)
    crossed = any(not OfMail.of(e).bystander for e in newer)
    reason = f"answered {', '.join(outside[:5])}" if answers else "wrote inside the team"
    moved = states.move(
        scribe.ticket,
        happening,
        at,
        scribe.sender.address,
        reason,
        _told(scribe, answers),
        answer_means_waiting=scribe.book.promises.schedules.answer_means_waiting and not crossed,
    )
    if isinstance(moved, Refused):
        return scribe.finish(Fate.TICKET, moved.reason, scribe.ticket)
    after = (
        replace(moved.ticket, **tickets_from_mail.thread_end(scribe.ticket, scribe.reading))
        if answers
        else moved.ticket
    )
    ticket = scribe.pen.change(scribe.ticket, after, moved.events)
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, reason, ticket)


def _name(scribe: Scribe) -> str:
    """Who answers, as his mail client writes it: letters tell the partner whom he has to do with."""
    return next((a.name for a in scribe.reading.from_ if a.address == scribe.sender.address), "")


def _told(scribe: Scribe, answers: bool) -> dict[str, Any]:
    if answers:
        return ByStaff(scribe.reading.parts.own[:2000], _name(scribe)).stored()
    return OfMail(unproven=not scribe.proven).stored()


def _unverified(scribe: Scribe, before: Ticket) -> Settled:
    """Anybody can write our domain into From: it is noted and asked about, and stops no clock (F16)."""
    review = f"unverified staff mail from {scribe.sender.address}: {scribe.reading.authentication.why}"
    data = OfMail(unproven=True).stored()
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
