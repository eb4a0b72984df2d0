"""What people order by the command line: each order judged on the ticket as it is now. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from triaged.frozen import frozen
from triaged.judging import accounts
from triaged.judging.decisions import Account
from triaged.letters import compose
from triaged.letters.recipients import addressees
from triaged.letters.writer import Writer
from triaged.meetings.meeting import STANDING, current
from triaged.meetings.moves import standing
from triaged.reading.values import Identifiers
from triaged.store.rows import Correction
from triaged.tickets import cases, states
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import ByStaff, Corrected, Linked, Over, told_by_hand
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Event, Happening, Letter, Ticket
from triaged.vocabulary import Severity
from triaged.walk.plan import Plan, change, told_of_s1
from triaged.walk.plans import by_account
from triaged.walk.plans.by_account import Again

PROGRESS = "progress_update"


@frozen
class Order:
    """Who orders it (`actor`), why, and what composing goes by. `reason` stays with us."""

    actor: str
    reason: str
    writer: Writer

    @property
    def now(self) -> datetime:
        """When."""
        return self.writer.now


def happen(
    before: Ticket, happening: Happening, data: Mapping[str, Any], order: Order, *, quiet: bool
) -> Plan | Refused:
    """A happening of the ticket's life, with the letter that belongs to it unless `quiet`.

    Of `data`, `tell` is what the letter says in the words of staff.
    """
    moved = states.move(
        before, happening, order.now, order.actor, order.reason, told_by_hand(happening, data)
    )
    if isinstance(moved, Refused):
        return moved
    letter = None if quiet else _letter(happening, moved.ticket, Over.read(data).tell, order.writer)
    return _plan(before, moved, order, [letter])


def correct(before: Ticket, severity: Severity, text: str, order: Order) -> Plan:
    """A human's severity: stands for good, becomes training data (`text`: of its mail), moves the due times."""
    because = f"set by {order.actor}: {order.reason}" if order.reason else f"set by {order.actor}"
    data = Corrected(before.severity, severity).stored()
    event = Event(order.now, Happening.SEVERITY_CORRECTED, order.actor, because, data)
    after = replace(
        before,
        severity=severity,
        severity_because=because,
        severity_by_human=True,
        provisional=False,
        updated_at=order.now,
        events=(*before.events, event),
    )
    learned = Correction(
        ticket_id=before.id,
        at=order.now,
        who=order.actor,
        was=before.severity,
        severity=severity,
        reason=order.reason,
        subject=before.subject,
        text=text,
        language=before.language,
    )
    letters = [told_of_s1(before, after, order.writer)]
    return Plan((change(before, after, order.writer, letters),), correction=learned, ordered=True)


def progress(before: Ticket, order: Order) -> Plan | Refused:
    """Tell the partner how it stands, now: a human's answer to him, and the update that was promised.

    Where nobody can be written to it is a note. The order's reason is the report.
    """
    reached = bool(addressees(before)[0]) and not before.history
    kind = Happening.STAFF_ANSWERED if reached else Happening.STAFF_NOTED
    told = {"report": order.reason}
    moved = states.move(before, kind, order.now, order.actor, order.reason, ByStaff(order.reason).stored())
    if isinstance(moved, Refused):
        return moved
    after = moved.ticket
    letter = order.writer.to_partner(PROGRESS, f"update@{len(after.events)}", after, told)
    return _plan(before, moved, order, [letter])


def reviewed(before: Ticket, order: Order) -> Plan | Refused:
    """The questions to staff are answered."""
    reason = f"reviewed: {order.reason}"
    moved = states.move(before, Happening.STAFF_NOTED, order.now, order.actor, reason)
    if isinstance(moved, Refused):
        return moved
    return _plan(before, Moved(replace(moved.ticket, reviews=()), moved.events), order)


def move_case(
    before: Ticket, case_id: str, step: CaseStep, order: Order, *, expected: date | None, report: str
) -> Plan | Refused:
    """An engineering case on its next step; the partner is told."""
    moved = cases.move_case(
        before, case_id, step, order.now, order.actor, order.reason, expected=expected, report=report
    )
    if isinstance(moved, Refused):
        return moved
    case = next(c for c in cases.cases(moved.ticket) if c.id == case_id)
    return _plan(before, moved, order, [compose.on_case_moved(order.writer, moved.ticket, case)])


def name_account(before: Ticket, account: Account, again: Again, order: Order) -> Plan | Refused:
    """Staff say which account it is about: judged as if the mail had said so, and the partner is told."""
    given = named(before, account, again)
    if isinstance(given, Refused):
        return given
    moved = by_account.by_account(before, by_account.match_of(before, given, again.bearings), again, given)
    open_reviews = tuple(r for r in moved.ticket.reviews if not _on_account(r))
    after, writer = replace(moved.ticket, reviews=open_reviews), order.writer
    letters = [compose.on_identified(writer, after), told_of_s1(before, after, writer)]
    return Plan((change(before, after, writer, letters),), ordered=True)


def merge(before: Ticket, into: Ticket, order: Order) -> Plan | Refused:
    """A ticket goes into another; answers to either reach the survivor, and the partner is told."""
    session = current(before)
    if session is not None and session.state in STANDING:
        told = f"{standing(before, session)}: cancel it first, or merge the other way"
        return Refused(told)
    merged = states.merge(into, before, order.now, order.actor, order.reason)
    if isinstance(merged, Refused):
        return merged
    kept, gone = merged
    letter = compose.on_merged(order.writer, gone.ticket, kept.ticket.reference)
    survivor = change(into, kept.ticket, order.writer)
    return Plan((survivor, change(before, gone.ticket, order.writer, [letter])), ordered=True)


def split(
    before: Ticket,
    subject: str,
    account: Account | None,
    number: tuple[int, str],
    again: Again,
    order: Order,
    passage: str = "",
) -> Plan | Refused:
    """A second ticket for the other matter, judged on its own, under `number`. The partner is told.

    `passage`: the words of the first one's mails that it is about; rules then look at these alone.

    `account` None: nobody knows it, and the letter asks for it.
    """
    found = states.split(before, subject, order.now, order.actor, order.reason, passage)
    if passage:
        words = {"subject": subject, "text": passage, "own_text": passage}
        again = replace(again, stored={**again.stored, **words})
    given = named(before, account, again) if account else Identifiers()
    if isinstance(found, Refused):
        return found
    if isinstance(given, Refused):
        return given
    kept, draft = found
    draft = replace(draft, id=number[0], reference=number[1])
    opened = by_account.by_account(
        draft, by_account.match_of(draft, given, again.bearings), again, given
    ).ticket
    reason, data = (
        f"{opened.reference} split off: {order.reason}",
        Linked(to=opened.id, reference=opened.reference).stored(),
    )
    told = Event(order.now, Happening.LINKED, order.actor, reason, data)
    first = replace(kept.ticket, events=(*kept.ticket.events, told))
    letters = [
        compose.on_split(order.writer, opened, before.reference), told_of_s1(before, opened, order.writer)
    ]  # fmt: skip
    return Plan(
        (change(None, opened, order.writer, letters), change(before, first, order.writer)), ordered=True
    )


def named(ticket: Ticket, account: Account, again: Again) -> Identifiers | Refused:
    """What leads to the account beyond doubt; refused where the directory's own ids lead elsewhere."""
    given = accounts.identifiers_of(account)
    found = by_account.match_of(ticket, given, again.bearings).account
    if found is None or found.key != account.key:
        return Refused(f"{account.key}: other accounts have its ids too; correct accounts.csv")
    return given


def _plan(before: Ticket, moved: Moved, order: Order, letters: Iterable[Letter | None] = ()) -> Plan:
    return Plan((change(before, moved.ticket, order.writer, letters),), ordered=True)


def _letter(happening: Happening, ticket: Ticket, tell: str, writer: Writer) -> Letter | None:
    """The letter to the partner that belongs to a happening."""
    if happening is Happening.RESOLVED:
        return compose.on_resolved(writer, ticket, report=tell)
    if happening is Happening.CLOSED:
        return compose.on_closed(writer, ticket)
    return None


def _on_account(review: str) -> bool:
    """Whether a reason for a review is settled once staff have said which account it is."""
    return review.startswith(
        ("conflicting identifiers", "another partner's account", "an answer to our question")
    )
