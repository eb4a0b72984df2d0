"""What people make happen to a ticket by the command line: each in one transaction, with letters and due steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any

from triaged.errors import Faulty
from triaged.judging import accounts
from triaged.judging.decisions import Account
from triaged.letters import compose
from triaged.letters.recipients import addressees
from triaged.letters.writer import Writer
from triaged.promises import clocks
from triaged.reading.values import Identifiers
from triaged.store.store import Store, Transaction
from triaged.tickets import cases, states
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import ByStaff, Linked, Over, told_by_hand
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Event, Happening, Letter, Ticket
from triaged.vocabulary import Severity
from triaged.walk import judge_again
from triaged.walk.knowledge import Knowledge
from triaged.walk.pen import Pen, writer_of

PROGRESS = "progress_update"


@dataclass(frozen=True, slots=True)
class Casework:
    """`actor` is who does it, `now` when. Every method answers the ticket as it stands then.

    Raises Faulty with the reason where a happening cannot be.
    """

    store: Store
    knowledge: Knowledge
    actor: str
    now: datetime

    def happen(self, ticket: Ticket, kind: str, reason: str, *, quiet: bool = False, **data: Any) -> Ticket:
        """A happening of the ticket's life, with the letter that belongs to it unless `quiet`.

        `reason` stays with us; of `data`, `tell` is what the letter says in the words of staff.
        """
        happening = Happening(kind)

        def act(before: Ticket) -> tuple[Moved | Refused, Iterable[Letter | None]]:
            moved = states.move(
                before, happening, self.now, self.actor, reason, told_by_hand(happening, data)
            )
            if isinstance(moved, Refused) or quiet:
                return moved, ()
            return moved, (self._letter(happening, moved.ticket, Over.read(data).tell),)

        return self._change(ticket, act)

    def correct(self, ticket: Ticket, severity: str, reason: str) -> Ticket:
        """A human's severity: stands for good, becomes training data, and moves the due times."""
        with self.store.transaction() as tx:
            before = tx.ticket(ticket.id)
            after = tx.correct(ticket.id, Severity(severity), self.actor, reason, self.now)
            if after is None or before is None:
                raise Faulty(f"{ticket.reference}: no such ticket")
            pen = self._pen(tx)
            pen.tell_of_s1(before, after)
            pen.plan(after)
            return after

    def progress(self, ticket: Ticket, report: str) -> Ticket:
        """Tell the partner how it stands, now: a human's answer to him, and the update that was promised.

        Where nobody can be written to it is a note.
        """

        def act(before: Ticket) -> tuple[Moved | Refused, Iterable[Letter | None]]:
            reached = bool(addressees(before)[0]) and not before.history
            kind = Happening.STAFF_ANSWERED if reached else Happening.STAFF_NOTED
            moved = states.move(before, kind, self.now, self.actor, report, ByStaff(report).stored())
            if isinstance(moved, Refused):
                return moved, ()
            after = moved.ticket
            key = f"update@{len(after.events)}"
            return moved, (self._writer(after).to_partner(PROGRESS, key, after, {"report": report}),)

        return self._change(ticket, act)

    def reviewed(self, ticket: Ticket, reason: str) -> Ticket:
        """The questions to staff are answered."""

        def act(before: Ticket) -> tuple[Moved | Refused, Iterable[Letter | None]]:
            moved = states.move(before, Happening.STAFF_NOTED, self.now, self.actor, f"reviewed: {reason}")
            if isinstance(moved, Refused):
                return moved, ()
            return Moved(replace(moved.ticket, reviews=()), moved.events), ()

        return self._change(ticket, act)

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
        reason = reason or f"{case_id}: {step.replace('_', ' ')}"

        def act(before: Ticket) -> tuple[Moved | Refused, Iterable[Letter | None]]:
            moved = cases.move_case(
                before,
                case_id,
                CaseStep(step),
                self.now,
                self.actor,
                reason,
                expected=expected,
                report=report,
            )
            if isinstance(moved, Refused):
                return moved, ()
            after = moved.ticket
            case = next(c for c in cases.cases(after) if c.id == case_id)
            return moved, (compose.on_case_moved(self._writer(after), after, case),)

        return self._change(ticket, act)

    def name_account(self, ticket: Ticket, account: Account, reason: str) -> Ticket:
        """Staff say which account it is about: judged as if the mail had said so, and the partner is told."""
        if ticket.account_key == account.key and not ticket.no_identifier:
            raise Faulty(f"{ticket.reference} is about {account.name} already")
        given, facts = self._named(ticket, account), judge_again.stored_facts(self.store, ticket)
        match = judge_again.match_of(ticket, given, self.knowledge)
        with self.store.transaction() as tx:
            before = self._there(tx, ticket)
            moved = judge_again.by_account(
                before, match, facts, self.knowledge, self.now, why=reason, actor=self.actor, given=given
            )
            settled = replace(
                moved.ticket, reviews=tuple(r for r in moved.ticket.reviews if not _on_account(r))
            )
            pen = self._pen(tx)
            after = pen.change(before, settled, moved.events)
            letter = compose.on_identified(self._writer(after), after)
            pen.write(after, _some([letter]))
            pen.tell_of_s1(before, after)
            pen.plan(after)
            return after

    def merge(self, ticket: Ticket, into: Ticket, reason: str) -> Ticket:
        """`ticket` goes into the other one; answers to either reach the survivor, and the partner is told."""
        with self.store.transaction() as tx:
            gone_before, kept_before = self._there(tx, ticket), self._there(tx, into)
            merged = states.merge(kept_before, gone_before, self.now, self.actor, reason)
            if isinstance(merged, Refused):
                raise Faulty(merged.reason)
            kept, gone = merged
            pen = self._pen(tx)
            survivor = pen.change(kept_before, kept.ticket, kept.events)
            over = pen.change(gone_before, gone.ticket, gone.events)
            letter = compose.on_merged(self._writer(over), over, survivor.reference)
            pen.write(over, _some([letter]))
            pen.plan(over)
            pen.plan(survivor)
            return survivor

    def split(self, ticket: Ticket, subject: str, reason: str, account: Account | None = None) -> Ticket:
        """A second ticket for the other matter, judged on its own; answers it. The partner is told.

        `account` None: nobody knows it, and the letter asks for it.
        """
        facts = judge_again.stored_facts(self.store, ticket)
        with self.store.transaction() as tx:
            before = self._there(tx, ticket)
            found = states.split(before, subject, self.now, self.actor, reason)
            if isinstance(found, Refused):
                raise Faulty(found.reason)
            kept, draft = found
            pen = self._pen(tx)
            given = self._named(ticket, account) if account else Identifiers()
            judged = judge_again.by_account(
                draft, judge_again.match_of(draft, given, self.knowledge), facts, self.knowledge, self.now,
                why=f"split off {before.reference}", actor=self.actor, given=given,
            )  # fmt: skip
            opened = pen.open(judged.ticket)
            data = Linked(to=opened.id, reference=opened.reference).stored()
            told = Event(
                self.now, Happening.LINKED, self.actor, f"{opened.reference} split off: {reason}", data
            )
            after = replace(kept.ticket, events=(*kept.ticket.events, told))
            pen.plan(pen.change(before, after, (*kept.events, told)))
            letter = compose.on_split(self._writer(opened), opened, before.reference)
            pen.write(opened, _some([letter]))
            pen.tell_of_s1(before, opened)
            pen.plan(opened)
            return opened

    def _named(self, ticket: Ticket, account: Account) -> Identifiers:
        """What leads to the account beyond doubt. Raises Faulty where the directory's own ids lead elsewhere."""
        given = accounts.identifiers_of(account)
        found = judge_again.match_of(ticket, given, self.knowledge).account
        if found is None or found.key != account.key:
            raise Faulty(f"{account.key}: other accounts have its ids too; mend accounts.csv")
        return given

    def _there(self, tx: Transaction, ticket: Ticket) -> Ticket:
        """The ticket as it is now. Raises Faulty if it is gone."""
        before = tx.ticket(ticket.id)
        if before is None:
            raise Faulty(f"{ticket.reference}: no such ticket")
        return before

    @property
    def _book(self) -> Any:
        return self.knowledge.rulebook

    def _change(self, ticket: Ticket, act: Any) -> Ticket:
        with self.store.transaction() as tx:
            before = self._there(tx, ticket)
            moved, letters = act(before)
            if isinstance(moved, Refused):
                raise Faulty(moved.reason)
            pen = self._pen(tx)
            after = pen.change(before, moved.ticket, moved.events)
            pen.write(after, _some(letters))
            pen.plan(after)
            return after

    def _pen(self, tx: Transaction) -> Pen:
        return Pen(tx, self.knowledge.config, self._book, self.store.secret(), self.now, by_human=True)

    def _writer(self, ticket: Ticket) -> Writer:
        config = self.knowledge.config
        return writer_of(config.mailbox(ticket.mailbox), config, self._book, self.now)

    def _letter(self, happening: Happening, ticket: Ticket, tell: str) -> Letter | None:
        """The letter to the partner that belongs to a happening."""
        if happening is Happening.RESOLVED:
            return compose.on_resolved(self._writer(ticket), ticket, report=tell)
        if happening is Happening.CLOSED:
            return compose.on_closed(self._writer(ticket), ticket)
        return None


def promised(ticket: Ticket, knowledge: Knowledge, now: datetime) -> tuple[Any, ...]:
    """The commitments of a ticket as of `now`."""
    return clocks.commitments(ticket, knowledge.rulebook.promises, now)


def _on_account(review: str) -> bool:
    """Whether a reason for a review is settled once staff have said which account it is."""
    return review.startswith(
        ("conflicting identifiers", "another partner's account", "an answer to our question")
    )


def _some(letters: Iterable[Letter | None]) -> list[Letter]:
    return [letter for letter in letters if letter is not None]
