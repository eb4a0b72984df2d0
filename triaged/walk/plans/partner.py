"""A mail of the partner's side: a new ticket, an answer, a rating, or one walked again. PURE."""

from __future__ import annotations

from dataclasses import replace

from triaged.letters import compose, page_letters
from triaged.letters.page_letters import Words
from triaged.letters.recipients import Addresses, addressees, recipients
from triaged.reading.answers import ratings
from triaged.reading.answers.ratings import Rating
from triaged.store.rows import Fate
from triaged.tickets import cases, states
from triaged.tickets.event_data import Rated
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Happening, Letter, Person, State, Ticket
from triaged.vocabulary import Kind
from triaged.walk import tickets_from_mail
from triaged.walk.judge import BYSTANDER, speaks_for
from triaged.walk.plan import Change, Plan, change, some, told_of_s1, unplanned
from triaged.walk.plans.judged import JudgedMail, arrival_letters, fate, partly_read, with_reviews


def of_no_open_ticket(judged: JudgedMail) -> Plan:
    """A mail that joins no ticket: a late rating, thanks for nothing, or a new request."""
    linked = judged.incoming.asked.linked
    heard = linked is not None and speaks_for(judged.sender, linked, judged.ground.bearings)
    rated = _rated(judged, linked) if linked is not None and heard else None
    others: tuple[Change, ...] = ()
    if linked is not None and rated is not None:
        ticket, rating = rated
        after = change(linked, ticket, judged.writer)
        if not rating.complains:
            return Plan((after,), mail=fate(judged, Fate.TICKET, _told(rating), after.after))
        others = (unplanned(after),)
    if judged.judgment.kind is Kind.THANKS:
        return Plan(others, mail=fate(judged, Fate.SKIPPED, "thanks that belong to no ticket"))
    return opens(judged, *others)


def opens(judged: JudgedMail, *others: Change) -> Plan:
    """A new ticket with its letters and due steps; `others`: what the mail changes beside it."""
    addressed = recipients(judged.reading, judged.ground.bearings.surroundings, judged.sender)
    ticket = draft(judged, addressed)
    after = change(None, ticket, judged.writer, arrival_letters(judged, ticket, addressed, None))
    return Plan((*others, after), mail=fate(judged, Fate.TICKET, judged.incoming.placed.why, after.after))


def draft(judged: JudgedMail, addressed: Addresses) -> Ticket:
    """The ticket that a mail opens, under the number that it will have."""
    asked = judged.incoming.asked
    made = tickets_from_mail.open_ticket(
        judged.judgment,
        judged.envelope,
        judged.ground.rulebook,
        judged.now,
        mailbox_time_zone=judged.writer.desk.time_zone,
        mailbox_language=judged.ground.language,
        people=_people(judged, addressed),
        linked_to=judged.incoming.placed.linked_to,
    )
    numbered = replace(made, id=asked.number, reference=asked.reference)
    return with_reviews(partly_read(judged, numbered), None, judged.now)


def answers(judged: JudgedMail, before: Ticket) -> Plan:
    """The next chapter of a ticket; a new, linked one where it can have none any more."""
    rated = _rated(judged, before)
    stands = rated[0] if rated else before
    if rated is not None and not rated[1].complains:
        after = change(before, stands, judged.writer)
        return Plan((after,), mail=fate(judged, Fate.TICKET, _told(rated[1]), after.after))
    addressed = _addressed(judged)
    history = judged.envelope.history
    chapter = tickets_from_mail.continue_ticket(
        stands, judged.judgment, judged.when if history else judged.now, judged.ground.rulebook,
        _people(judged, addressed), history=history,
    )  # fmt: skip
    if isinstance(chapter, Refused):
        rating = (unplanned(change(before, stands, judged.writer)),) if rated else ()
        if judged.judgment.kind is Kind.THANKS:
            return Plan(rating, mail=fate(judged, Fate.TICKET, "thanks; it stays as it is", stands))
        return opens(_beside(judged, before), *rating)
    judged, asked = _asked_about(judged, chapter.ticket)
    asked = partly_read(judged, _word_on_fix(judged, asked))
    ticket = with_reviews(asked, stands, judged.now)
    letters = arrival_letters(judged, ticket, addressed if addressed[0] else addressees(ticket), stands)
    letters = (*letters, *_told_of_cases(judged, stands, ticket), *_handed_on(judged, ticket))
    after = change(before, ticket, judged.writer, letters)
    return Plan((after,), mail=fate(judged, Fate.TICKET, judged.incoming.placed.why, after.after))


def walked_again(judged: JudgedMail, before: Ticket) -> Plan:
    """A replay: judged anew by the rulebook in force; nobody is counted as having answered."""
    judgment = judged.judgment
    if judgment.decision is None:
        return Plan(mail=fate(judged, Fate.TICKET, "walked again", before))
    moved = states.judged(before, judgment.decision, judgment.match, judged.now, region=judgment.region)
    moved = tickets_from_mail.with_data(moved, tickets_from_mail.told(judgment))
    ticket = replace(moved.ticket, service=judgment.service)
    after = change(
        before, ticket, judged.writer, [told_of_s1(before, ticket, judged.ground.writer_of(ticket))]
    )
    return Plan((after,), mail=fate(judged, Fate.TICKET, "walked again", after.after))


def _beside(judged: JudgedMail, before: Ticket) -> JudgedMail:
    """The mail, no longer joining a ticket that takes no answer any more."""
    incoming = judged.incoming
    placed = replace(incoming.placed, ticket_id=None, joins="linked_new", linked_to=before.id)
    return replace(
        judged, incoming=replace(incoming, placed=placed, asked=replace(incoming.asked, ticket=None))
    )


def _asked_about(judged: JudgedMail, ticket: Ticket) -> tuple[JudgedMail, Ticket]:
    """What somebody wrote who does not speak for the ticket changes nothing; a human is asked where it would."""
    decision = judged.judgment.decision
    if judged.judgment.speaks or decision is None:
        return judged, ticket
    if ticket.state is State.RESOLVED and judged.judgment.kind is not Kind.THANKS:
        reason = f"{BYSTANDER} wrote after it was resolved: it stays so"
        decision = replace(decision, review=(*decision.review, reason))
        judged = replace(judged, judgment=replace(judged.judgment, decision=decision))
    return judged, replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, *decision.review))))


def _rated(judged: JudgedMail, before: Ticket) -> tuple[Ticket, Rating] | None:
    """The ticket with the rating that the answer begins with; None where it gives none, or nobody was asked.

    Only who speaks for the ticket rates it: a stranger in Cc has no say, nor has somebody who forges the partner.
    """
    rating = ratings.of(judged.reading.parts.own)
    if rating is None or not judged.judgment.speaks or judged.envelope.channel != "mail":
        return None  # a page asks for it by a form of its own
    data = Rated(rating.score, rating.comment).stored()
    moved = states.move(before, Happening.RATED, judged.now, judged.sender.address, f"rated {rating.score} of 5", data)  # fmt: skip
    return None if isinstance(moved, Refused) else (moved.ticket, rating)


def _told(rating: Rating) -> str:
    return f"a rating: {rating.score} of 5"


def _people(judged: JudgedMail, addressed: Addresses) -> tuple[Person, ...]:
    ours = judged.ground.bearings.surroundings.support_addresses
    return tickets_from_mail.people_of(judged.reading, *addressed, ours)


def _addressed(judged: JudgedMail) -> Addresses:
    """Whom an answer brings in for letters: only whom a verified sender of the ticket's partner names.

    A customer in Cc, or a forger of a colleague, may write; letters go where they went before (F15).
    """
    if not judged.judgment.speaks:
        return (), ()
    return recipients(judged.reading, judged.ground.bearings.surroundings, judged.sender)


def _word_on_fix(judged: JudgedMail, ticket: Ticket) -> Ticket:
    """Thanks confirm the fix of an engineering case; any other answer to it is for a human to judge."""
    asked = [c.id for c in cases.cases(ticket) if c.step is cases.CaseStep.CONFIRMING]
    if not asked:
        return ticket
    if judged.judgment.kind is Kind.THANKS and judged.judgment.speaks and judged.sender.trusted:
        confirmed = cases.confirmed(ticket, judged.now, judged.sender.address)
        return confirmed.ticket if confirmed else ticket
    reason = f"an answer while {', '.join(asked)} waits for the partner's word"
    return replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, reason))))


def _handed_on(judged: JudgedMail, ticket: Ticket) -> tuple[Letter, ...]:
    """What was written on a page reached nobody by itself: the others of the ticket and staff get it as a mail."""
    envelope, sender = judged.envelope, judged.sender
    if envelope.channel != "web":
        return ()
    words = Words(sender.address, sender.name, judged.reading.text, str(envelope.number), envelope.files)
    return page_letters.handed_on(judged.ground.writer_of(ticket), ticket, words)


def _told_of_cases(judged: JudgedMail, before: Ticket, ticket: Ticket) -> tuple[Letter, ...]:
    """The partner hears of each step of a case, also of the one his own word brought about."""
    was = {case.id: case.moves for case in cases.cases(before)}
    return some(
        compose.on_case_moved(judged.writer, ticket, case)
        for case in cases.cases(ticket)
        if case.moves != was.get(case.id)
    )
