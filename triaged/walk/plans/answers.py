"""An answer of one of our own people, written by a page or a command: one letter in the partner's thread. PURE.

It is the human first response. Waiting for the partner, or taking it for solved, is said in the same letter. For some
seconds it can be taken back: then the ticket and its clocks are as if it had never been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from triaged.frozen import frozen
from triaged.letters.recipients import addressees
from triaged.tickets import states
from triaged.tickets.event_data import ByStaff, OfLetter, Over, TakenBack
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import OVER, Attached, Event, Happening, Letter, State, Ticket
from triaged.walk.plan import Plan, change, some
from triaged.walk.plans.orders import Order

KIND = "answer"
Then = Literal["", "open", "wait", "resolve"]  # open: we go on; empty: as the rulebook says
_TURNS = frozenset(
    {
        Happening.PARTNER_ANSWERED, Happening.STAFF_ANSWERED, Happening.WAITING, Happening.RESUMED,
        Happening.RESOLVED, Happening.REOPENED, Happening.CLOSED, Happening.MERGED,
    }
)  # fmt: skip


@frozen
class Answer:
    """What is written. `key` makes it unique on its ticket; `undo`: how long it can be taken back.

    `name`: of who writes, as partners read it.
    """

    text: str
    key: str
    files: Sequence[Attached] = ()
    then: Then = ""
    undo: timedelta = timedelta(0)
    name: str = ""


def answer(before: Ticket, given: Answer, order: Order) -> Plan | Refused:
    """The letter and what follows; refused where there is nobody to write to, or nothing to say."""
    if not given.text.strip():
        return Refused("nothing is written")
    schedules = order.writer.promises.schedules
    then = given.then or ("wait" if schedules.answer_means_waiting and before.state in _UNDER_WAY else "")
    data = ByStaff(given.text[:2000], given.name, given.key, str(before.state)).stored()
    moved = states.move(
        before, Happening.STAFF_ANSWERED, order.now, order.actor, "answered by a letter", data
    )
    if isinstance(moved, Refused):
        return moved
    to, cc = addressees(moved.ticket)
    if not to:
        return Refused(f"{before.reference} has nobody whom letters reach")
    after = _then(moved, then, given, order)
    if isinstance(after, Refused):
        return after
    letter = _letter(after, given, order, then, (to, cc))
    return Plan((change(before, after, order.writer, some([letter])),), ordered=True)


_UNDER_WAY = (State.NEW, State.OPEN)


def _then(moved: Moved, then: Then, given: Answer, order: Order) -> Ticket | Refused:
    """What follows carries the letter's key, so that it goes with the answer if that is taken back."""
    following: dict[Then, tuple[Happening, str, dict[str, Any]]] = {
        "wait": (Happening.WAITING, "staff answered: waiting on the partner", {}),
        "resolve": (Happening.RESOLVED, "solved with the answer", Over().stored()),
    }
    if then not in following:
        return moved.ticket
    happening, reason, data = following[then]
    also = states.move(moved.ticket, happening, order.now, order.actor, reason, {**data, "letter": given.key})
    return also if isinstance(also, Refused) else also.ticket


def _letter(
    ticket: Ticket,
    given: Answer,
    order: Order,
    then: Then,
    addressed: tuple[tuple[str, ...], tuple[str, ...]],
) -> Letter | None:
    told = {
        "text": given.text.strip(), "author": given.name, "files": tuple(file.name for file in given.files),
        "awaits": then == "wait", "solved": then == "resolve",
        "reopen_days": order.writer.promises.schedules.reopen_within.length.days,
    }  # fmt: skip
    letter = order.writer.to_partner(KIND, given.key, ticket, told, addressed=addressed)
    if letter is None:
        return None
    leaves = max(letter.not_before or order.now, order.now + given.undo)
    return replace(
        letter, files=tuple(given.files), author=given.name, not_before=leaves if leaves > order.now else None
    )


def last_answer(ticket: Ticket) -> Event | None:
    """The newest answer by a letter that still stands."""
    gone = {TakenBack.of(e).letter for e in ticket.events if e.kind is Happening.TAKEN_BACK}
    answers = (
        e for e in reversed(ticket.events) if e.kind is Happening.STAFF_ANSWERED and ByStaff.of(e).letter
    )
    return next((e for e in answers if ByStaff.of(e).letter not in gone), None)


def take_back(before: Ticket, key: str, order: Order) -> Plan | Refused:
    """The answer does not leave; the pen sees to it that it has not. What others did meanwhile stays."""
    story = list(before.events)
    at = next(
        (
            n
            for n, e in enumerate(story)
            if e.kind is Happening.STAFF_ANSWERED and ByStaff.of(e).letter == key
        ),
        None,
    )
    if at is None or not key:
        return Refused("there is no such answer")
    told = ByStaff.of(story[at])
    since = [e for e in story[at + 1 :] if e.kind in _TURNS and ByStaff.of(e).letter != key]
    moved = states.move(
        before, Happening.TAKEN_BACK, order.now, order.actor, order.reason or "taken back before it left",
        TakenBack(key).stored(),
    )  # fmt: skip
    if isinstance(moved, Refused):
        return moved
    withdrawn = Event(
        order.now,
        Happening.LETTER_WITHDRAWN,
        order.actor,
        "taken back before it left",
        OfLetter(KIND, key).stored(),
    )
    after = replace(moved.ticket, events=(*moved.ticket.events, withdrawn))
    if not since:
        was = next((state for state in State if state == told.was), before.state)
        resolved = before.resolved_at if was in OVER else None
        after = replace(after, state=was, resolved_at=resolved)
    return Plan((change(before, after, order.writer),), withdrawn=((before.id, KIND, key),), ordered=True)
