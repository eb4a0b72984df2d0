"""A mail of our own people: an answer to the partner, or talk inside the team. PURE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from triaged.store.rows import Fate
from triaged.tickets import states
from triaged.tickets.event_data import ByStaff, OfMail
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk import tickets_from_mail
from triaged.walk.plan import Plan, change, some
from triaged.walk.plans.judged import JudgedMail, fate, unplaced_letter, with_reviews


def staff_mail(judged: JudgedMail) -> Plan:
    """An answer to the partner stops clocks; what stays inside the team is noted; of what is of no ticket staff hear."""
    ticket = judged.incoming.ticket
    if ticket is None:
        why = "mail of our own people that belongs to no ticket"
        letter = None if judged.envelope.sent_folder else unplaced_letter(judged, why)
        return Plan(letters=some([letter]), mail=fate(judged, Fate.SKIPPED, why))
    outside = _partners_addressed(judged, ticket)
    answers = bool(outside) and not judged.reading.parts.is_forward
    if answers and not judged.proven:
        return _unverified(judged, ticket)
    at = judged.when
    # Letters that crossed: the partner's newer one is not answered yet, so nothing is waited for.
    newer = (e for e in ticket.events if e.kind is Happening.PARTNER_ANSWERED and e.at > at)
    crossed = any(not OfMail.of(e).bystander for e in newer)
    reason = f"answered {', '.join(outside[:5])}" if answers else "wrote inside the team"
    moved = states.move(
        ticket,
        Happening.STAFF_ANSWERED if answers else Happening.STAFF_NOTED,
        at,
        judged.sender.address,
        reason,
        _told(judged, answers),
        answer_means_waiting=judged.ground.rulebook.promises.schedules.answer_means_waiting and not crossed,
    )
    if isinstance(moved, Refused):
        return Plan(mail=fate(judged, Fate.TICKET, moved.reason, ticket))
    after = moved.ticket
    if answers:
        after = replace(after, **tickets_from_mail.thread_end(ticket, judged.reading))
    changed = change(ticket, after, judged.writer)
    return Plan((changed,), mail=fate(judged, Fate.TICKET, reason, changed.after, answers=answers))


def _name(judged: JudgedMail) -> str:
    """Who answers, as his mail client writes it: letters tell the partner whom he has to do with."""
    return next((a.name for a in judged.reading.from_ if a.address == judged.sender.address), "")


def _told(judged: JudgedMail, answers: bool) -> dict[str, Any]:
    if answers:
        return ByStaff(judged.reading.parts.own[:2000], _name(judged)).stored()
    return OfMail(unproven=not judged.proven).stored()


def _unverified(judged: JudgedMail, before: Ticket) -> Plan:
    """Anybody can write our domain into From: it is noted and asked about, and stops no clock (F16)."""
    sender, now = judged.sender.address, judged.now
    review = f"unverified staff mail from {sender}: {judged.reading.authentication.why}"
    moved = states.move(before, Happening.STAFF_NOTED, now, sender, review, OfMail(unproven=True).stored())
    if isinstance(moved, Refused):
        return Plan(mail=fate(judged, Fate.TICKET, moved.reason, before))
    asked = replace(moved.ticket, reviews=tuple(dict.fromkeys((*before.reviews, review))))
    changed = change(before, with_reviews(asked, before, now), judged.writer)
    return Plan((changed,), mail=fate(judged, Fate.TICKET, review, changed.after))


def _partners_addressed(judged: JudgedMail, ticket: Ticket) -> tuple[str, ...]:
    """Whom of the partner's side a staff mail is written to; empty where it is talk inside the team."""
    ours = judged.ground.bearings.surroundings
    people = {p.address for p in ticket.people}
    return tuple(
        a.address
        for a in (*judged.reading.to, *judged.reading.cc)
        if a.domain not in ours.staff_domains
        and a.address not in ours.support_addresses
        and (a.address in people or a.domain == ticket.partner_domain)
    )
