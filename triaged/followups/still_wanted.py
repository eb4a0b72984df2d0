"""Whether a letter that waited may still leave: its hours, and whether it has kept its sense. PURE.

Asked again at the very moment of sending, since a server may have been away for days: a reminder written
on Friday must not leave on Sunday night, nor after the answer it asks for, nor together with the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from triaged.followups import meeting_steps, pending, steps
from triaged.followups.steps import MARKS, Step, Word
from triaged.frozen import frozen
from triaged.letters import bearing, kinds
from triaged.letters.kinds import LetterKind, Sense
from triaged.meetings.meeting import current
from triaged.promises import clocks
from triaged.promises.service_levels import Promises
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import OVER, Happening, State, Ticket

_JUST = timedelta(hours=4)  # a question and its reminder never come closer together


@frozen
class Leave:
    """`withdraw`: why it has lost its sense. `wait_until`: when its hours begin. Neither: it may leave."""

    withdraw: str = ""
    wait_until: datetime | None = None


NOW = Leave()


def is_asked(kind: str, promises: Promises) -> bool:
    """Whether this kind of letter can lose its sense or has hours; acknowledgments and the like do not."""
    return bool(kinds.of(kind).sense) or promises.sending.get(kind, "any") != "any"


def judge(kind: str, key: str, ticket: Ticket, promises: Promises, now: datetime) -> Leave:
    """Whether a letter of this kind and key may leave now, by the ticket as it is now."""
    sense = kinds.of(kind).sense
    lost = _SENSE[sense](key, ticket, promises, now) if sense else ""
    if lost:
        return Leave(withdraw=lost)
    calendar = promises.sending_calendar(kind, ticket.region)
    if calendar is None or calendar.is_open(now):
        return NOW
    return Leave(wait_until=calendar.next_open(now))


def _missing(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    if not ticket.no_identifier:
        return "the identifiers have come"
    if ticket.state not in (State.NEW, State.OPEN):
        return f"the ticket is {ticket.state}"
    if pending.question_answered(ticket):
        return "the partner answered"
    if bearing.is_thanked(ticket):
        return "the partner's last word was thanks"
    just = _just_asked(ticket, now)
    return just or _overtaken_reminder(key, ticket)


def _waiting(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    step = steps.named(key)
    same = step is not None and step.round == pending.count(ticket, Happening.WAITING)
    if ticket.state is not State.WAITING or not same:
        return "the partner answered" if ticket.state not in OVER else f"the ticket is {ticket.state}"
    return _just_asked(ticket, now) or _overtaken_reminder(key, ticket)


def _case(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    step = steps.named(key)
    case = next((c for c in cases.cases(ticket) if step and c.id == step.case), None)
    if step is None or case is None or case.step is not CaseStep.CONFIRMING or case.moves != step.round:
        return "the case has moved on"
    if ticket.state in OVER:
        return f"the ticket is {ticket.state}"
    return _just_asked(ticket, now) or _overtaken_reminder(key, ticket)


def _resolved(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    same = steps.round_of_letter(key) == pending.count(ticket, Happening.RESOLVED)
    return "" if ticket.state in OVER and same else "the ticket was reopened"


def _closed(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    same = steps.round_of_letter(key) == pending.count(ticket, Happening.CLOSED)
    return "" if ticket.state is State.CLOSED and same else "the ticket was reopened"


def _merged(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    return "" if ticket.merged_into is not None else "the merge was taken back"


def _unmerged(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    """Only who was told of the merge hears of its end."""
    if ticket.merged_into is not None:
        return "it was merged again"
    told = any(kind.name == "merged" for _, kind in _sent(ticket))
    return "" if told else "nobody was told of the merge"


def _progress(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    return f"the ticket is {ticket.state}" if ticket.state in OVER else ""


def _mark(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    """At risk, missed, still open: the last that was reached is told; what is met is no longer open."""
    step = steps.named(key)
    if step is None or step.word not in MARKS:
        return ""
    taken = steps.taken(ticket)
    later = [word for word in MARKS[MARKS.index(step.word) + 1 :] if replace(step, word=word) in taken]
    if later:
        return f"overtaken by: {later[-1]}"
    found = next((c for c in clocks.commitments(ticket, promises, now) if c.kind == step.kind), None)
    if step.word is Word.MISS or found is None:
        return ""  # that it was missed stays true
    over = found.met_at is not None or found.state == "cancelled" or step.round not in (None, found.cycle)
    return "it is done by now" if over else ""


def _meeting(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    return meeting_steps.why_not_leave(key, current(ticket), now)


def _meeting_offered(key: str, ticket: Ticket, promises: Promises, now: datetime) -> str:
    return meeting_steps.why_no_offer(key, current(ticket), now)


def _just_asked(ticket: Ticket, now: datetime) -> str:
    """After an outage the letter before this one may have left only now."""
    asked = [at for at, kind in _sent(ticket) if kind.asks]
    return "the letter before it has only just left" if asked and now - max(asked) < _JUST else ""


def _sent(ticket: Ticket) -> Iterator[tuple[datetime, LetterKind]]:
    """When which letters have left."""
    left = (e for e in ticket.events if e.kind is Happening.LETTER_SENT)
    return ((e.at, kinds.of(OfLetter.of(e).kind)) for e in left)


def _overtaken_reminder(key: str, ticket: Ticket) -> str:
    """Reminders that queued up while no letter could leave: only the last one leaves."""
    step = steps.named(key)
    if step is None:
        return f"no step that this version knows: {key[:200]}"
    later = [one for one in steps.taken(ticket) if _is_later(one, step)]
    return f"overtaken by: {max(later, key=lambda one: one.number).label}" if later else ""


def _is_later(one: Step, than: Step) -> bool:
    """Whether it is a later reminder of the same schedule and round."""
    return one.number > than.number and replace(one, number=than.number) == than


_SENSE: Mapping[Sense, Callable[[str, Ticket, Promises, datetime], str]] = {
    "identifiers missing": _missing,
    "waiting": _waiting,
    "case confirming": _case,
    "resolved": _resolved,
    "closed": _closed,
    "live": _progress,
    "merged": _merged,
    "unmerged": _unmerged,
    "mark": _mark,
    "meeting": _meeting,
    "meeting offered": _meeting_offered,
}
