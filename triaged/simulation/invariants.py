"""What must hold after any month, checked against what really happened (`Truth`, delivered letters).

Each check answers with one line for every breach; none means all is well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from triaged.followups import steps
from triaged.followups.steps import Step, Word
from triaged.letters import kinds
from triaged.promises import clocks
from triaged.promises.commitments import COMMITMENTS
from triaged.simulation import session_invariants
from triaged.simulation.evidence import Evidence
from triaged.simulation.life import AUTOMATIC
from triaged.simulation.month import Month
from triaged.store.rows import Fate, LetterRow, LetterState
from triaged.tickets.event_data import LetterFate, OfLetter, TakenBack, Terms
from triaged.tickets.ticket import Event, Happening, State, Ticket

# What asks the partner for something: none of them soon after another.
ASKING = frozenset(kind.name for kind in kinds.TABLE if kind.asks)
GAP = timedelta(hours=3)  # the rulebook's shortest gap between two reminders is longer
HUMAN = frozenset({"request", "answer", "thanks", "rating"})
_LATE = timedelta(minutes=45)


def broken(month: Month) -> list[str]:
    """Every breach of every invariant."""
    evidence = Evidence(month)
    return [f"{check.__name__}: {breach}" for check in CHECKS for breach in check(evidence)]


def hours_kept(e: Evidence) -> Iterator[str]:
    """No reminder in the night, at a weekend or on a holiday: by the region that counted then."""
    for one in e.delivered:
        row = e.letters[one.message_id]
        if row.kind in e.promises.sending and row.ticket_id is not None:
            calendar = e.promises.sending_calendar(row.kind, region_at(e.tickets[row.ticket_id], one.at))
            if calendar is not None and not calendar.is_open(one.at):
                yield f"PS-{row.ticket_id} {row.kind} left {one.at:%a %Y-%m-%d %H:%M} UTC"


def region_at(ticket: Ticket, at: datetime) -> str:
    """The region whose week counted at a time."""
    terms = Terms.of_ticket(ticket)
    for event in ticket.events:
        if event.kind is Happening.JUDGED and event.at <= at:
            terms = terms.after(event)
    return terms.region


def nobody_twice(e: Evidence) -> Iterator[str]:
    """No letter is delivered twice, none is written twice under one key."""
    for message_id, times in Counter(one.message_id for one in e.delivered).items():
        if times > 1:
            yield f"{message_id} left {times} times"
    keys = Counter((r.ticket_id, r.mailbox, r.kind, r.key) for r in e.letters.values())
    yield from (f"{key} was written {times} times" for key, times in keys.items() if times > 1)


def no_burst(e: Evidence) -> Iterator[str]:
    """A question and its reminders never come together."""
    at: dict[int | None, list[datetime]] = defaultdict(list)
    for one in e.delivered:
        row = e.letters[one.message_id]
        if row.kind in ASKING:
            at[row.ticket_id].append(one.at)
    for ticket, times in at.items():
        for first, second in pairwise(times):
            if second - first < GAP:
                yield f"PS-{ticket} was asked {first:%m-%d %H:%M} and {second:%m-%d %H:%M}"


def every_mail_one_fate(e: Evidence) -> Iterator[str]:
    """Nothing waits, nothing is lost, each mail is what its writer meant."""
    for number, truth in e.month.truths.items():
        row = e.ledger.get(number)
        if row is None:
            yield f"mail {number} ({truth.what}) is not in the ledger"
        elif row.fate is Fate.WAITING and e.now - row.kept_at > _LATE:
            yield f"mail {number} ({truth.what}) waits since {row.kept_at:%m-%d %H:%M}"
        elif row.fate is Fate.QUARANTINE:
            yield f"mail {number} ({truth.what}) is in quarantine: {row.why}"
        elif truth.what in HUMAN and row.fate not in (Fate.TICKET, Fate.WAITING):
            yield f"mail {number} ({truth.what}) became {row.fate}: {row.why}"


def machines_move_nothing(e: Evidence) -> Iterator[str]:
    """Automatic mail is known as such, moves no state, and every clock is the same without it."""
    wrote: Counter[str] = Counter()
    for number, truth in e.month.truths.items():
        row = e.ledger[number]
        if truth.what in AUTOMATIC and row.fate not in (Fate.AUTOMATIC, Fate.WAITING):
            yield f"mail {number} ({truth.what}) became {row.fate}: {row.why}"
        if truth.what in HUMAN:
            wrote[truth.sender] += 1
    answered = Counter(
        x.actor for t in e.tickets.values() for x in t.events if x.kind is Happening.PARTNER_ANSWERED
    )
    for actor, times in answered.items():
        if times > wrote[actor]:
            yield f"{actor} is said to have answered {times} times, and wrote {wrote[actor]} mails"
    for ticket in e.tickets.values():
        human = tuple(x for x in ticket.events if x.kind is not Happening.AUTOMATIC_MAIL)
        if len(human) < len(ticket.events):
            without = clocks.commitments(replace(ticket, events=human), e.promises, e.now)
            if without != clocks.commitments(ticket, e.promises, e.now):
                yield f"{ticket.reference}: automatic mail moved a clock"


def nothing_overdue(e: Evidence) -> Iterator[str]:
    """Every step whose time has passed was taken."""
    for ticket_id, pending in e.pending.items():
        for step, row in pending.items():
            if e.now - row.due_at > _LATE:
                yield f"PS-{ticket_id} {step.name if step else row} was due {row.due_at:%m-%d %H:%M}"


def no_promise_dropped(e: Evidence) -> Iterator[str]:
    """Whatever was missed is told: by a MISSED event, or by a step still to come (told in business hours)."""
    for ticket in e.tickets.values():
        if ticket.merged_into is not None or ticket.history:
            continue
        told = steps.taken(ticket)
        for step in _missed(e, ticket):
            if step not in told and step not in e.pending[ticket.id]:
                yield f"{ticket.reference} {step.name} was missed, and nobody was told"


def _missed(e: Evidence, ticket: Ticket) -> Iterator[Step]:
    """The steps that tell of every promise missed so far; of updates, of every round."""
    for commitment in clocks.commitments(ticket, e.promises, e.now):
        if commitment.state == "missed":
            rounds = COMMITMENTS[commitment.kind].rounds
            yield Step(commitment.kind, Word.MISS, commitment.cycle if rounds else None)
    for event in ticket.events:
        if _ends_round(event):
            for c in clocks.commitments(as_of(ticket, event.at), e.promises, event.at):
                if COMMITMENTS[c.kind].rounds and c.state == "missed" and event.at - c.due > _LATE:
                    yield Step(c.kind, Word.MISS, c.cycle)


def as_of(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket as its clocks saw it just before a time."""
    events = tuple(x for x in ticket.events if x.at < at)
    terms = Terms.of_ticket(ticket)
    first = next((x for x in ticket.events if x.kind is Happening.JUDGED), None)
    for event in (*([first] if first else ()), *events):
        if event.kind in (Happening.JUDGED, Happening.SEVERITY_CORRECTED):
            terms = terms.after(event)
    return replace(
        ticket, events=events, updated_at=max((x.at for x in events), default=ticket.created_at),
        severity=terms.severity, service_level=terms.service_level, region=terms.region,
        provisional=terms.provisional,
    )  # fmt: skip


def _ends_round(event: Event) -> bool:
    told = event.kind is Happening.LETTER_SENT and kinds.of(OfLetter.of(event).kind).counts_as == "update"
    return told or event.kind is Happening.STAFF_ANSWERED


def everybody_acknowledged(e: Evidence) -> Iterator[str]:
    """Each ticket of a partner has one acknowledgment, on its way or with an event that says why not."""
    written: Counter[int | None] = Counter()
    for row in e.letters.values():
        written[row.ticket_id] += kinds.of(row.kind).acknowledges
    for ticket in e.tickets.values():
        if ticket.linked_to is not None and ticket.last_message_id is None:
            continue
        objected = any(x.kind is Happening.LETTER_WITHDRAWN for x in ticket.events)
        split_off = any("split off" in x.reason for x in ticket.events)
        if written[ticket.id] != 1 and not objected and not split_off:
            yield f"{ticket.reference} has {written[ticket.id]} acknowledgments"


def letters_accounted_for(e: Evidence) -> Iterator[str]:
    """A letter has left, waits for its hours or for the server, or an event says why it does not."""
    delivered = {one.message_id for one in e.delivered}
    for row in e.letters.values():
        if (row.state is LetterState.SENT) != (row.message_id in delivered):
            yield f"letter {row.id} is {row.state}, delivered: {row.message_id in delivered}"
        if (
            row.state is LetterState.WAITING
            and row.ready_at
            and e.now - row.ready_at > _LATE
            and not _server_away(e)
        ):
            yield f"letter {row.id} ({row.kind}) waits since {row.ready_at:%m-%d %H:%M}"
        if row.state in (LetterState.WITHDRAWN, LetterState.FAILED) and not _told(e, row):
            yield f"letter {row.id} ({row.kind}) is {row.state} without an event"


def _server_away(e: Evidence) -> bool:
    return any(o.end >= e.now - _LATE for o in e.month.outages)


def _told(e: Evidence, row: LetterRow) -> bool:
    if row.ticket_id is None:
        return True
    said = (Happening.LETTER_WITHDRAWN, Happening.LETTER_FAILED)
    return any(
        (x.kind in said and LetterFate.of(x).letter == row.id)
        or (x.kind is Happening.TAKEN_BACK and TakenBack.of(x).letter == row.key)
        for x in e.tickets[row.ticket_id].events
    )


def bounced_get_none(e: Evidence) -> Iterator[str]:
    """After a letter came back, none goes there any more."""
    marked = {one.address: one.at for one in e.month.house.store.failed_addresses()}
    for one in e.delivered:
        for address in one.to:
            if address in marked and one.at > marked[address]:
                yield f"{address} was written to {one.at:%m-%d %H:%M}, marked {marked[address]:%m-%d %H:%M}"


def merged_reach_survivor(e: Evidence) -> Iterator[str]:
    """What comes after a merger stands on the ticket that survived."""
    for number, truth in e.month.truths.items():
        row = e.ledger[number]
        ticket = e.tickets.get(row.ticket_id) if row.ticket_id else None
        if (
            ticket is None
            or ticket.merged_into is None
            or ticket.closed_at is None
            or ticket.state is not State.CLOSED
        ):
            continue
        if truth.what in HUMAN and row.finished_at and row.finished_at > ticket.closed_at:
            yield f"mail {number} ({truth.what}) stands on {ticket.reference}, which was merged away before"


CHECKS = (
    hours_kept, nobody_twice, no_burst, every_mail_one_fate, machines_move_nothing, nothing_overdue, no_promise_dropped,
    everybody_acknowledged, letters_accounted_for, bounced_get_none, merged_reach_survivor, *session_invariants.CHECKS,
)  # fmt: skip
