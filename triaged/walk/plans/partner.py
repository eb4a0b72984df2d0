"""A mail of the partner's side: a new ticket, an answer, a rating, or one walked again."""

from __future__ import annotations

from dataclasses import replace

from triaged.letters import compose
from triaged.letters.recipients import addressees, recipients
from triaged.reading.answers import ratings
from triaged.reading.answers.ratings import Rating
from triaged.store.rows import Fate
from triaged.tickets import cases, states
from triaged.tickets.event_data import Rated
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Happening, State, Ticket
from triaged.vocabulary import Kind
from triaged.walk import tickets_from_mail
from triaged.walk.judge import BYSTANDER, speaks_for
from triaged.walk.plans.scribe import Scribe, Settled


def opens(scribe: Scribe) -> Settled:
    """A new ticket with its letters and due steps."""
    to, cc = recipients(scribe.reading, scribe.knowledge.surroundings, scribe.sender)
    draft = tickets_from_mail.open_ticket(
        scribe.judgment,
        scribe.envelope,
        scribe.book,
        scribe.now,
        mailbox_time_zone=scribe.mailbox.time_zone,
        mailbox_language=scribe.mailbox.language,
        people=tickets_from_mail.people_of(
            scribe.reading, to, cc, scribe.knowledge.surroundings.support_addresses
        ),
        linked_to=scribe.placed.linked_to,
    )
    draft = scribe.with_reviews(scribe.partly_read(draft))
    ticket = scribe.pen.open(draft)
    scribe.letters(ticket, (to, cc), None)
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, scribe.placed.why, ticket, opened=True)


def answers(scribe: Scribe, before: Ticket) -> Settled:
    """The next chapter of a ticket; a new, linked one where it can have none any more."""
    rated = _rated(scribe, before)
    if rated is not None:
        before, rating = rated
        if not rating.complains:
            scribe.pen.plan(before)
            return scribe.finish(Fate.TICKET, f"a rating: {rating.score} of 5", before)
    to, cc = _addressed(scribe)
    people = tickets_from_mail.people_of(
        scribe.reading, to, cc, scribe.knowledge.surroundings.support_addresses
    )
    history = scribe.envelope.history
    at = scribe.when() if history else scribe.now
    chapter = tickets_from_mail.continue_ticket(
        before, scribe.judgment, at, scribe.book, people, history=history
    )
    if isinstance(chapter, Refused):
        if scribe.judgment.kind is Kind.THANKS:
            return scribe.finish(Fate.TICKET, "thanks; it stays as it is", before)
        scribe.placed = replace(scribe.placed, ticket_id=None, joins="linked_new", linked_to=before.id)
        scribe.ticket = None
        return opens(scribe)
    asked = _word_on_fix(scribe, _asked_about(scribe, chapter.ticket))
    after = scribe.with_reviews(scribe.partly_read(asked), before)
    ticket = scribe.pen.change(before, after, after.events[len(before.events) :])
    scribe.letters(ticket, (to, cc) if to else addressees(ticket), before)
    _tell_of_cases(scribe, before, ticket)
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, scribe.placed.why, ticket)


def _asked_about(scribe: Scribe, ticket: Ticket) -> Ticket:
    """What somebody wrote who does not speak for the ticket changes nothing; a human is asked where it would."""
    decision = scribe.judgment.decision
    if scribe.judgment.speaks or decision is None:
        return ticket
    if ticket.state is State.RESOLVED and scribe.judgment.kind is not Kind.THANKS:
        reason = f"{BYSTANDER} wrote after it was resolved: it stays so"
        decision = replace(decision, review=(*decision.review, reason))
        scribe.judgment = replace(scribe.judgment, decision=decision)
    return replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, *decision.review))))


def walked_again(scribe: Scribe, before: Ticket) -> Settled:
    """A replay: judged anew by the rulebook in force; nobody is counted as having answered."""
    decision = scribe.judgment.decision
    if decision is None:
        return scribe.finish(Fate.TICKET, "walked again", before)
    moved = states.judged(before, decision, scribe.judgment.match, scribe.now, region=scribe.judgment.region)
    moved = tickets_from_mail.with_data(moved, tickets_from_mail.told(scribe.judgment))
    ticket = scribe.pen.change(before, replace(moved.ticket, service=scribe.judgment.service), moved.events)
    scribe.pen.tell_of_s1(before, ticket)
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, "walked again", ticket)


def late_rating(scribe: Scribe) -> Settled | None:
    """A rating that comes when the ticket is closed already is still one; only a complaint is a new request."""
    linked = scribe.placed.linked_to if scribe.placed.joins == "linked_new" else None
    before = scribe.pen.tx.ticket(linked) if linked is not None else None
    heard = before is not None and speaks_for(scribe.sender, before, scribe.knowledge.bearings)
    rated = _rated(scribe, before) if before and heard else None
    if rated is None or rated[1].complains:
        return None
    ticket, rating = rated
    scribe.pen.plan(ticket)
    return scribe.finish(Fate.TICKET, f"a rating: {rating.score} of 5", ticket)


def _rated(scribe: Scribe, before: Ticket) -> tuple[Ticket, Rating] | None:
    """The ticket with the rating that the answer begins with; None where it gives none, or nobody was asked."""
    rating = ratings.of(scribe.reading.parts.own)
    if rating is None or not _may_rate(scribe):
        return None
    data = Rated(rating.score, rating.comment).stored()
    moved = states.move(
        before, Happening.RATED, scribe.now, scribe.sender.address, f"rated {rating.score} of 5", data
    )
    if isinstance(moved, Refused):
        return None
    return scribe.pen.change(before, moved.ticket, moved.events), rating


def _may_rate(scribe: Scribe) -> bool:
    """Only who speaks for the ticket: a stranger in Cc has no say, nor has somebody who forges the partner."""
    return scribe.judgment.speaks


def _addressed(scribe: Scribe) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom an answer brings in for letters: only whom a verified sender of the ticket's partner names.

    A customer in Cc, or a forger of a colleague, may write; letters go where they went before (F15).
    """
    if not scribe.judgment.speaks:
        return (), ()
    return recipients(scribe.reading, scribe.knowledge.surroundings, scribe.sender)


def _word_on_fix(scribe: Scribe, ticket: Ticket) -> Ticket:
    """Thanks confirm the fix of an engineering case; any other answer to it is for a human to judge."""
    asked = [c.id for c in cases.cases(ticket) if c.step is cases.CaseStep.CONFIRMING]
    if not asked:
        return ticket
    if scribe.judgment.kind is Kind.THANKS and scribe.judgment.speaks and scribe.sender.trusted:
        confirmed = cases.confirmed(ticket, scribe.now, scribe.sender.address)
        return confirmed.ticket if confirmed else ticket
    reason = f"an answer while {', '.join(asked)} waits for the partner's word"
    return replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, reason))))


def _tell_of_cases(scribe: Scribe, before: Ticket, ticket: Ticket) -> None:
    """The partner hears of each step of a case, also of the one his own word brought about."""
    was = {case.id: case.moves for case in cases.cases(before)}
    letters = [
        compose.on_case_moved(scribe.writer, ticket, case)
        for case in cases.cases(ticket)
        if case.moves != was.get(case.id)
    ]
    scribe.pen.write(ticket, [letter for letter in letters if letter is not None])
