"""What is recorded of one judged mail, by its kind: the last steps of the walk.

Runs inside the walk's transaction: what raises here undoes all of it (triage.py goes on from there).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from triaged import opening
from triaged.judgment import Envelope, Judgment
from triaged.knowledge import Knowledge
from triaged.letters import compose, identity
from triaged.reading.correspondents import recipients
from triaged.recording import Pen, desk_of
from triaged.store.values import ClaimedMail, Fate
from triaged.tickets import cases, states, threads
from triaged.tickets.states import Refused
from triaged.tickets.threads import Placed
from triaged.tickets.values import Event, Happening, Ticket
from triaged.values import Kind


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one mail, for the log and the metrics."""

    mail_id: int
    fate: Fate
    kind: Kind | None
    ticket: Ticket | None = None
    opened: bool = False
    abstained: bool = False


class Scribe:
    """Records one judged mail by its kind."""

    def __init__(
        self,
        mail: ClaimedMail,
        judgment: Judgment,
        placed: Placed,
        ticket: Ticket | None,
        pen: Pen,
        knowledge: Knowledge,
        envelope: Envelope,
        owner: str,
        now: datetime,
    ) -> None:
        self.mail, self.judgment, self.placed, self.ticket = mail, judgment, placed, ticket
        self.pen, self.knowledge, self.envelope, self.owner, self.now = pen, knowledge, envelope, owner, now
        self.reading, self.sender = judgment.reading, judgment.sender
        self.book = knowledge.rulebook
        self.mailbox = knowledge.config.mailbox(mail.mailbox)

    def record(self) -> Settled:
        """The fate of the mail by its kind."""
        kind = self.judgment.kind
        if self.sender.trusted and self.reading.automatic is None:
            self.pen.tx.clear_address(self.sender.address)  # who writes can be written to, whatever came back
        own = self.reading.message_id and identity.verify(self.reading.message_id, self.pen.secret)
        if own:
            return self._finish(Fate.AUTOMATIC, "our own letter, seen again", None, kind=Kind.AUTO_REPLY)
        if self.mail.walked and self.ticket is not None:
            return self._walked_again(self.ticket)
        if kind is Kind.STAFF:
            return self._staff()
        if kind is Kind.SPAM:
            return self._finish(Fate.SPAM, self.judgment.sort.why, None)
        if kind is Kind.ABUSE:
            return self._abuse()
        if kind is Kind.UNREADABLE:
            return self._finish(Fate.QUARANTINE, self.judgment.sort.why, None)
        if self.reading.automatic is not None:
            return self._automatic()
        if self.ticket is not None and kind is not Kind.SPOOF:
            return self._answer(self.ticket)
        return self._late_rating() or self._open()

    def _late_rating(self) -> Settled | None:
        """A rating that comes when the ticket is closed already is still one, and no new request."""
        linked = self.placed.linked_to if self.placed.joins == "linked_new" else None
        before = self.pen.tx.ticket(linked) if linked is not None else None
        return self._rated(before) if before else None

    def _open(self) -> Settled:
        to, cc = recipients(self.reading, self.knowledge.surroundings, self.sender)
        draft = opening.open_ticket(
            self.judgment,
            self.envelope,
            self.book,
            self.now,
            mailbox_time_zone=self.mailbox.time_zone,
            mailbox_language=self.mailbox.language,
            people=opening.people_of(self.reading, to, cc, self.knowledge.surroundings.support_addresses),
            linked_to=self.placed.linked_to,
        )
        draft = self._with_reviews(draft)
        ticket = self.pen.open(draft)
        self._letters(ticket, (to, cc), None)
        self.pen.plan(ticket)
        return self._finish(Fate.TICKET, self.placed.why, ticket, opened=True)

    def _answer(self, before: Ticket) -> Settled:
        rated = self._rated(before)
        if rated is not None:
            return rated
        to, cc = self._addressed()
        people = opening.people_of(self.reading, to, cc, self.knowledge.surroundings.support_addresses)
        history = self.envelope.history
        at = self._when() if history else self.now
        chapter = opening.continue_ticket(before, self.judgment, at, self.book, people, history=history)
        if isinstance(chapter, Refused):
            if self.judgment.kind is Kind.THANKS:
                return self._finish(Fate.TICKET, "thanks; it stays as it is", before)
            self.placed = replace(self.placed, ticket_id=None, joins="linked_new", linked_to=before.id)
            self.ticket = None
            return self._open()
        after = self._with_reviews(self._word_on_fix(chapter.ticket), before)
        ticket = self.pen.change(before, after, after.events[len(before.events) :])
        self._letters(ticket, (to, cc) if to else compose.addressees(ticket), before)
        self._tell_of_cases(before, ticket)
        self.pen.plan(ticket)
        return self._finish(Fate.TICKET, self.placed.why, ticket)

    def _addressed(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whom an answer brings in for letters: only whom a verified sender of the ticket's partner names.

        A customer in Cc, or a forger of a colleague, may write; letters go where they went before (F15).
        """
        if not self.judgment.speaks:
            return (), ()
        return recipients(self.reading, self.knowledge.surroundings, self.sender)

    def _word_on_fix(self, ticket: Ticket) -> Ticket:
        """Thanks confirm the fix of an engineering case; any other answer to it is for a human to judge."""
        asked = [c.id for c in cases.cases(ticket) if c.step is cases.Step.CONFIRMING]
        if not asked:
            return ticket
        if self.judgment.kind is Kind.THANKS:
            confirmed = cases.confirmed(ticket, self.now, self.sender.address)
            return confirmed.ticket if confirmed else ticket
        reason = f"an answer while {', '.join(asked)} waits for the partner's word"
        return replace(ticket, reviews=tuple(dict.fromkeys((*ticket.reviews, reason))))

    def _tell_of_cases(self, before: Ticket, ticket: Ticket) -> None:
        """The partner hears of each step of a case, also of the one his own word brought about."""
        was = {case.id: case.moves for case in cases.cases(before)}
        desk = desk_of(self.mailbox, self.knowledge.config)
        letters = [
            compose.on_case_moved(ticket, case, self.book.letters, self.book.promises, self.now, desk)
            for case in cases.cases(ticket)
            if case.moves != was.get(case.id)
        ]
        self.pen.write(ticket, [letter for letter in letters if letter is not None])

    def _walked_again(self, before: Ticket) -> Settled:
        """A replay: judged anew by the rulebook in force; nobody is counted as having answered."""
        decision = self.judgment.decision
        if decision is None:
            return self._finish(Fate.TICKET, "walked again", before)
        moved = states.judged(before, decision, self.judgment.match, self.now, region=self.judgment.region)
        moved = opening.with_data(moved, opening.told(self.judgment))
        ticket = self.pen.change(before, replace(moved.ticket, service=self.judgment.service), moved.events)
        self.pen.tell_of_s1(before, ticket)
        self.pen.plan(ticket)
        return self._finish(Fate.TICKET, "walked again", ticket)

    def _rated(self, before: Ticket) -> Settled | None:
        """An answer to a resolved ticket that begins with a number from 1 to 5 is its rating."""
        found = states.rating(self.reading.parts.own)
        if found is None or not self._may_rate(before):
            return None
        score, comment = found
        data = {"score": score, "comment": comment}
        moved = states.move(
            before, Happening.RATED, self.now, self.sender.address, f"rated {score} of 5", data
        )
        if isinstance(moved, Refused):
            return None
        ticket = self.pen.change(before, moved.ticket, moved.events)
        self.pen.plan(ticket)
        return self._finish(Fate.TICKET, f"a rating: {score} of 5", ticket)

    def _may_rate(self, before: Ticket) -> bool:
        """Only who was asked: a stranger in Cc has no say, nor has somebody who forges the partner's domain."""
        asked = {p.address for p in before.people if p.role != "other"}
        return self.sender.address in asked or (self.ticket is not None and self.judgment.speaks)

    def _staff(self) -> Settled:
        if self.ticket is None:
            return self._finish(Fate.SKIPPED, "staff mail that belongs to no ticket", None)
        outside = self._partners_addressed(self.ticket)
        answers = bool(outside) and not self.reading.parts.is_forward
        if answers and not (self.mail.sent_folder or self.sender.authentication == "pass"):
            return self._unverified_staff(self.ticket)
        happening = Happening.STAFF_ANSWERED if answers else Happening.STAFF_NOTED
        at = self._when()
        # Letters that crossed: the partner's newer one is not answered yet, so nothing is waited for.
        crossed = any(e.kind is Happening.PARTNER_ANSWERED and e.at > at for e in self.ticket.events)
        reason = f"answered {', '.join(outside[:5])}" if answers else "wrote inside the team"
        moved = states.move(
            self.ticket,
            happening,
            at,
            self.sender.address,
            reason,
            {"report": self.reading.parts.own[:2000]} if answers else {},
            answer_means_waiting=self.book.promises.schedules.answer_means_waiting and not crossed,
        )
        if isinstance(moved, Refused):
            return self._finish(Fate.TICKET, moved.reason, self.ticket)
        after = (
            replace(moved.ticket, **opening.thread_end(self.ticket, self.reading))
            if answers
            else moved.ticket
        )
        ticket = self.pen.change(self.ticket, after, moved.events)
        self.pen.plan(ticket)
        return self._finish(Fate.TICKET, reason, ticket)

    def _unverified_staff(self, before: Ticket) -> Settled:
        """Anybody can write our domain into From: it is noted and asked about, and stops no clock (F16)."""
        review = f"unverified staff mail from {self.sender.address}: {self.reading.authentication.why}"
        moved = states.move(before, Happening.STAFF_NOTED, self.now, self.sender.address, review)
        if isinstance(moved, Refused):
            return self._finish(Fate.TICKET, moved.reason, before)
        asked = replace(moved.ticket, reviews=tuple(dict.fromkeys((*before.reviews, review))))
        after = self._with_reviews(asked, before)
        ticket = self.pen.change(before, after, after.events[len(before.events) :])
        self.pen.plan(ticket)
        return self._finish(Fate.TICKET, review, ticket)

    def _when(self) -> datetime:
        """When it was written: the mail's arrival, unless the ticket had not begun by then."""
        began = self.ticket.created_at if self.ticket else self.mail.received_at
        return min(max(self.mail.received_at, began), self.now)

    def _partners_addressed(self, ticket: Ticket) -> tuple[str, ...]:
        """Whom of the partner's side a staff mail is written to; empty where it is talk inside the team."""
        ours = self.knowledge.surroundings
        people = {p.address for p in ticket.people}
        return tuple(
            a.address
            for a in (*self.reading.to, *self.reading.cc)
            if a.domain not in ours.staff_domains
            and a.address not in ours.support_addresses
            and (a.address in people or a.domain == ticket.partner_domain)
        )

    def _automatic(self) -> Settled:
        automatic = self.reading.automatic
        assert automatic is not None
        if self.ticket is None:
            return self._finish(Fate.AUTOMATIC, automatic.why, None)
        event = Event(
            self.now, Happening.AUTOMATIC_MAIL, self.sender.address, f"{automatic.kind}: {automatic.why}"
        )
        self.pen.tx.add_events(self.ticket.id, [event])
        ticket = replace(self.ticket, events=(*self.ticket.events, event))
        answers_letter = self.placed.how == "letter"
        if automatic.kind is Kind.BOUNCE and answers_letter and not automatic.delayed:
            ticket = self._letter_bounced(ticket)
        return self._finish(Fate.AUTOMATIC, automatic.why, ticket)

    def _letter_bounced(self, ticket: Ticket) -> Ticket:
        """Letters do not reach somebody: marked, and staff are told by a way that still works.

        Only who got the very letter that came back: our ids travel in References, and whoever read one could
        else forge a bounce that silences anybody of the ticket.
        """
        assert self.reading.automatic is not None
        ids, _ = threads.mentions(self.reading)
        known = self.pen.tx.addressed_by([one for one in ids if identity.verify(one, self.pen.secret)])
        failed = [f for f in self.reading.automatic.failed if f.hard and f.address in known]
        after = ticket
        events: list[Event] = []
        for one in failed:
            why = " ".join(filter(None, [one.status, one.diagnostic]))[:300] or "returned"
            self.pen.tx.mark_address(one.address, why, self.now)
            moved = states.move(
                after, Happening.ADDRESS_FAILED, self.now, "daemon", why, {"address": one.address}
            )
            if not isinstance(moved, Refused):
                after, events = moved.ticket, [*events, *moved.events]
        if not failed:
            return ticket
        stored = self.pen.change(ticket, after, events)
        told = [(f.address, f.status or f.diagnostic or "returned") for f in failed]
        letter = compose.undeliverable(
            stored, told, self.book.letters, desk_of(self.mailbox, self.knowledge.config), str(self.mail.id)
        )
        self.pen.write(stored, [letter] if letter else [])
        self.pen.plan(stored)
        return stored

    def _abuse(self) -> Settled:
        """A stranger in somebody's ticket: recorded, told to staff, shown to nobody else."""
        for one in self.placed.others[:3]:
            reason = f"a stranger, {self.sender.address or 'nobody'}, wrote into this ticket; see mail {self.mail.id}"
            self.pen.tx.add_events(one, [Event(self.now, Happening.AUTOMATIC_MAIL, "daemon", reason)])
        return self._finish(Fate.AUTOMATIC, self.judgment.sort.why, None)

    def _with_reviews(self, ticket: Ticket, before: Ticket | None = None) -> Ticket:
        """Each new reason for a review as an event of its own."""
        known = before.reviews if before else ()
        asked = tuple(
            Event(self.now, Happening.REVIEW_ASKED, "daemon", reason, {"review": reason})
            for reason in ticket.reviews
            if reason not in known
        )
        return replace(ticket, events=(*ticket.events, *asked))

    def _letters(
        self, ticket: Ticket, addressed: tuple[tuple[str, ...], tuple[str, ...]], before: Ticket | None
    ) -> None:
        decision = self.judgment.decision
        if decision is None or self.envelope.history:
            return
        letters = compose.on_arrival(
            self.reading,
            self.sender,
            self.placed,
            decision,
            self.judgment.match,
            ticket,
            self.book.letters,
            self.book.promises,
            self.now,
            addressed,
            desk_of(self.mailbox, self.knowledge.config),
            before,
        )
        self.pen.write(ticket, letters)

    def _finish(
        self, fate: Fate, why: str, ticket: Ticket | None, *, kind: Kind | None = None, opened: bool = False
    ) -> Settled:
        """The ledger's row, what the ticket knows of ids, and which rules hit."""
        tx, reading, decision = self.pen.tx, self.reading, self.judgment.decision
        kind = kind or self.judgment.kind
        if ticket is not None and fate is Fate.TICKET:
            own = [reading.message_id] if reading.message_id else []
            tx.know(ticket.id, own, of="mail")
            tx.know(
                ticket.id,
                [i for i in (*reading.references, *reading.in_reply_to) if i not in own],
                of="reference",
            )
        tx.finish_mail(
            self.mail.id,
            self.owner,
            fate=fate,
            kind=str(kind),
            why=why,
            now=self.now,
            ticket_id=ticket.id if ticket else None,
            subject=reading.subject[:500],
            sender=reading.sender.address,
            message_id=reading.message_id,
            reading_summary=_summary(self.judgment),
        )
        if decision is not None:
            hits = [o.name for o in decision.verdict.outcomes if o.hit]
            tx.rule_hits(
                self.mail.id, ticket.id if ticket else None, hits, self.now, decision.rulebook_version
            )
        return Settled(self.mail.id, fate, kind, ticket, opened, bool(decision and decision.abstained))


def _summary(judgment: Judgment) -> dict[str, object]:
    """What of a reading stays with the ledger: facts (to work misses out again) and what was found where."""
    reading = judgment.reading
    return {
        "facts": dict(judgment.facts),
        "language": reading.language,
        "attachments": [[a.name, a.type, a.size] for a in reading.attachments],
        "defects": list(reading.defects),
        "found": [[f.kind, f.value, f.by, f.part, f.context] for f in reading.identifiers.found],
    }
