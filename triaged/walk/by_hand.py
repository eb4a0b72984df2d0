"""What people make happen to a ticket by the command line: look up -> plan -> write, each in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.judging.decisions import Account
from triaged.store.scope import of_staff
from triaged.store.store import Store, Transaction
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import ByStaff
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Attached, Event, Happening, Ticket
from triaged.vocabulary import Severity
from triaged.walk import passages
from triaged.walk.judge_again import stored_facts
from triaged.walk.knowledge import Knowledge
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan
from triaged.walk.plans import answers, marks, news, orders
from triaged.walk.plans.answers import Answer, Then
from triaged.walk.plans.by_account import Again
from triaged.walk.plans.marks import How
from triaged.walk.plans.orders import Order


class ChangedMeanwhile(Faulty):
    """Somebody did something to the ticket since its page was shown; nothing was written. `events`: what."""

    def __init__(self, ticket: Ticket, events: tuple[Event, ...]) -> None:
        super().__init__(f"{ticket.reference} has changed meanwhile: {', '.join(e.kind for e in events)}")
        self.ticket, self.events = ticket, events


class TakenAlready(Faulty):
    """This very form was taken before; nothing was done twice."""


@frozen
class ByHand:
    """`actor` is who does it, `now` when, `name` his name as partners read it. Every method answers the ticket then.

    `seen`: the version of the page that the order was given on (None: none); `form`: the key of the form on it, which is
    taken once. Raises Faulty with the reason where a happening cannot be, ChangedMeanwhile where somebody was faster.
    """

    store: Store
    knowledge: Knowledge
    actor: str
    now: datetime
    name: str = ""
    seen: int | None = None
    form: str = ""

    def happen(self, ticket: Ticket, kind: str, reason: str, *, quiet: bool = False, **data: Any) -> Ticket:
        """A happening of the ticket's life, with the letter that belongs to it unless `quiet`.

        `reason` stays with us; of `data`, `tell` is what the letter says in the words of staff.
        """
        order, happening = self._order(ticket, reason), Happening(kind)
        return self._do(ticket, lambda tx, now: orders.happen(now, happening, data, order, quiet=quiet))

    def correct(self, ticket: Ticket, severity: str, reason: str) -> Ticket:
        """A human's severity: stands for good, becomes training data, and moves the due times."""
        order, to = self._order(ticket, reason), Severity(severity)
        return self._do(ticket, lambda tx, now: orders.correct(now, to, tx.first_text(now.id), order))

    def progress(self, ticket: Ticket, report: str) -> Ticket:
        """Tell the partner how it stands, now: a human's answer to him, and the update that was promised.

        Where nobody can be written to it is a note.
        """
        order = self._order(ticket, report)
        return self._do(ticket, lambda tx, now: orders.progress(now, order))

    def reviewed(self, ticket: Ticket, reason: str) -> Ticket:
        """The questions to staff are answered."""
        order = self._order(ticket, reason)
        return self._do(ticket, lambda tx, now: orders.reviewed(now, order))

    def raise_case(
        self, ticket: Ticket, reason: str, expected: date | None, report: str
    ) -> tuple[Ticket, str]:
        """A new engineering case under the next number, and its id; the partner is told."""
        taken = {case.id for case in cases.cases(ticket)}  # ids may also be chosen by hand
        with self.store.transaction() as tx:
            case_id = next(
                one for one in (f"CP-{tx.next_number('case')}" for _ in count()) if one not in taken
            )
        return self.move_case(ticket, case_id, CaseStep.SUBMITTED, reason, expected, report), case_id

    def move_case(
        self, ticket: Ticket, case_id: str, step: str, reason: str, expected: date | None, report: str
    ) -> Ticket:
        """An engineering case on its next step; the partner is told. Without a reason the step is the story."""
        order, to = self._order(ticket, reason or f"{case_id}: {step.replace('_', ' ')}"), CaseStep(step)

        def plan(_tx: Transaction, now: Ticket) -> Plan | Refused:
            return orders.move_case(now, case_id, to, order, expected=expected, report=report)

        return self._do(ticket, plan)

    def name_account(self, ticket: Ticket, account: Account, reason: str) -> Ticket:
        """Staff say which account it is about: judged as if the mail had said so, and the partner is told."""
        if ticket.account_key == account.key and not ticket.no_identifier:
            raise Faulty(f"{ticket.reference} is about {account.name} already")
        order, again = self._order(ticket, reason), self._again(ticket, reason)
        return self._do(ticket, lambda tx, now: orders.name_account(now, account, again, order))

    def merge(self, ticket: Ticket, into: Ticket, reason: str) -> Ticket:
        """`ticket` goes into the other one; answers to either reach the survivor, and the partner is told."""
        order = self._order(ticket, reason)
        return self._do(ticket, lambda tx, now: orders.merge(now, there(tx, into), order), of=into)

    def split(
        self, ticket: Ticket, subject: str, reason: str, account: Account | None = None, passage: str = ""
    ) -> Ticket:
        """A second ticket for the other matter, judged on its own; answers it. The partner is told.

        `account` None: nobody knows it, and the letter asks for it. `passage`: the words of the ticket's mails that it is
        about; others than the partner's side wrote are refused, since its people read them.
        """
        if passage:
            passages.must_stand(passage, self.store.ticket_page(of_staff(self.actor), ticket.id))
        order, again = self._order(ticket, reason), self._again(ticket, f"split off {ticket.reference}")
        return self._do(
            ticket,
            lambda tx, now: orders.split(now, subject, account, tx.next_ticket(), again, order, passage),
        )

    def answer(
        self, ticket: Ticket, text: str, files: Sequence[Attached] = (), *, then: Then = "",
        undo: timedelta = timedelta(0),
    ) -> tuple[Ticket, str]:  # fmt: skip
        """A letter of the mailbox in the partner's thread: the human first response. Answers its key too.

        `undo`: how long it waits, so that it can be taken back.
        """
        key = f"answer:{self.form[:40] or secrets.token_hex(8)}"
        given = Answer(text, key, files, then, undo, self.name)
        order = self._order(ticket, text[:200])
        return self._do(ticket, lambda tx, now: answers.answer(now, given, order)), key

    def take_back(self, ticket: Ticket, key: str = "") -> Ticket:
        """The answer (by its key; else the newest) does not leave. Raises Faulty where it has."""
        order = self._order(ticket, "")

        def plan(_tx: Transaction, now: Ticket) -> Plan | Refused:
            last = answers.last_answer(now)
            return answers.take_back(now, key or (ByStaff.of(last).letter if last else ""), order)

        return self._do(ticket, plan)

    def snooze(self, ticket: Ticket, until: datetime | None, reason: str) -> Ticket:
        """Out of the queue until then; None: back into it."""
        order = self._order(ticket, reason)
        return self._do(ticket, lambda tx, now: marks.snooze(now, until, order))

    def relate(self, ticket: Ticket, other: Ticket, how: How, reason: str) -> Ticket:
        """Mark two tickets as related, the first as a duplicate of the other, or neither any more."""
        order = self._order(ticket, reason)
        return self._do(ticket, lambda tx, now: marks.relate(now, there(tx, other), how, order))

    def unmerge(self, ticket: Ticket, reason: str) -> Ticket:
        """A merge taken back: `ticket` stands again as it did."""
        order = self._order(ticket, reason)

        def plan(tx: Transaction, now: Ticket) -> Plan | Refused:
            survivor = tx.ticket(now.merged_into) if now.merged_into else None
            return (
                marks.unmerge(survivor, now, order) if survivor else Refused(f"{now.reference} is not merged")
            )

        return self._do(ticket, plan)

    def _order(self, ticket: Ticket, reason: str) -> Order:
        return Order(self.actor, reason, self.knowledge.writer(ticket.mailbox, self.now))

    def _again(self, ticket: Ticket, why: str) -> Again:
        stored = stored_facts(self.store, ticket)
        return Again(self.knowledge.bearings, stored, self.now, why, self.actor)

    def _do(
        self,
        ticket: Ticket,
        plan: Callable[[Transaction, Ticket], Plan | Refused],
        *,
        of: Ticket | None = None,
    ) -> Ticket:
        """Plan on the ticket as it is now, write that, and answer the ticket opened by it, else `of` or the same."""
        with self.store.transaction() as tx:
            before = there(tx, ticket)
            if self.form and tx.take_form(self.form, self.now, ticket.id).again:
                raise TakenAlready("this form was taken before")
            if self.seen is not None and (came := news.of(before, self.seen, self.actor, is_staff=True)):
                raise ChangedMeanwhile(before, came)
            planned = plan(tx, before)
            if isinstance(planned, Refused):
                raise Faulty(planned.reason)
            Pen(tx, self.knowledge, self.store.secret(), self.now).write(planned)
        wanted = (of or ticket).id
        return planned.opened or next(one.after for one in planned.changes if one.after.id == wanted)


def there(tx: Transaction, ticket: Ticket) -> Ticket:
    """The ticket as it is now. Raises Faulty if it is gone."""
    before = tx.ticket(ticket.id)
    if before is None:
        raise Faulty(f"{ticket.reference}: no such ticket")
    return before
