"""Every promise as a question to the store: each row found breaks one. Nothing is changed.

A fault has a name that stays, the ids it is about, and what is wrong in words. `HOUR` is what the house allows
itself: claims end after minutes, and a step, a letter or a mail that waits longer than an hour is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from triaged.frozen import frozen
from triaged.letters import kinds
from triaged.meetings.meeting import RUNNING
from triaged.store import copying
from triaged.store.connected import Connected
from triaged.store.meeting_tables import meeting, meeting_minute
from triaged.store.rows import Fate, LetterState
from triaged.store.tables import due, event, letter, mail, metadata, person, raw, recipient, rule_hit, ticket
from triaged.tickets.ticket import Happening, State

HOUR = timedelta(hours=1)
_FIRST_LETTERS = frozenset(kind.name for kind in kinds.TABLE if kind.acknowledges)
_PRELIMINARY = frozenset(kind.name for kind in kinds.TABLE if kind.preliminary)


@frozen
class Fault:
    """A promise that is not kept, and by which rows."""

    name: str
    ids: tuple[str, ...]
    why: str


@frozen
class _Asked:
    connection: Connection
    now: datetime
    holding: Collection[str]

    def __call__(self, *columns: Any, where: Collection[Any]) -> Any:
        return self.connection.execute(select(*columns).where(*where).order_by(columns[0]))


class PromiseChecks(Connected):
    """Asks whether the promises are kept."""

    def faults(self, now: datetime, holding: Collection[str] = ()) -> list[Fault]:
        """Every fault found, in one state of the database. `holding`: rules that hold letters back by right."""
        with self._reading() as connection:
            asked = _Asked(connection, now, holding)
            return [fault for check in CHECKS for fault in check(asked)]


def mail_without_fate(asked: _Asked) -> Iterator[Fault]:
    """Promise 2: each mail has exactly one fate, or somebody holds it."""
    nobodys = (mail.c.fate == Fate.WAITING, mail.c.ready_at.is_(None))
    for (number,) in asked(mail.c.id, where=nobodys):
        yield Fault("mail-without-fate", (f"mail {number}",), "waits, and nobody will ever claim it")
    late = (mail.c.fate == Fate.WAITING, mail.c.ready_at < asked.now - HOUR)
    for number, at in asked(mail.c.id, mail.c.ready_at, where=late):
        yield Fault("mail-waits", (f"mail {number}",), f"could be walked since {_time(at)}")
    both = (mail.c.fate != Fate.WAITING, mail.c.ready_at.is_not(None))
    for number, fate in asked(mail.c.id, mail.c.fate, where=both):
        yield Fault("mail-finished-and-waiting", (f"mail {number}",), f"has the fate {fate} and waits")
    nowhere = (mail.c.fate == Fate.TICKET, mail.c.ticket_id.is_(None), mail.c.forgotten_at.is_(None))
    for (number,) in asked(mail.c.id, where=nowhere):
        yield Fault("mail-on-no-ticket", (f"mail {number}",), "is said to be on a ticket, and is on none")
    gone = (mail.c.sha256 == raw.c.sha256, func.length(raw.c.packed) == 0, mail.c.forgotten_at.is_(None))
    for (number,) in asked(mail.c.id, where=gone):
        yield Fault("mail-without-bytes", (f"mail {number}",), "its bytes are gone, and nobody forgot them")
    unkept = (~exists().where(mail.c.sha256 == raw.c.sha256),)
    for (sha256,) in asked(raw.c.sha256, where=unkept):
        yield Fault("bytes-without-mail", (f"raw {sha256[:16]}",), "belong to no mail of the ledger")


def one_acknowledgment(asked: _Asked) -> Iterator[Fault]:
    """Promise 3: whoever opened a ticket has one acknowledgment, or an event says why not."""
    acknowledged = exists().where(letter.c.ticket_id == ticket.c.id, letter.c.kind.in_(_FIRST_LETTERS))
    withheld = exists().where(
        event.c.ticket_id == ticket.c.id, event.c.kind == Happening.LETTER_WITHDRAWN.value
    )
    held = exists().where(rule_hit.c.ticket_id == ticket.c.id, rule_hit.c.rule.in_(list(asked.holding)))
    reached = exists().where(
        person.c.ticket_id == ticket.c.id, person.c.role == "requester", ~person.c.failed
    )
    opener = exists().where(
        mail.c.ticket_id == ticket.c.id,
        mail.c.received_at == ticket.c.created_at,
        *(
            mail.c.kind == "request",
            mail.c.fate == Fate.TICKET,
            mail.c.history == "none",
            ~mail.c.sent_folder,
        ),
        mail.c.duplicate_of.is_(None),
    )
    without = (~ticket.c.history, opener, reached, ~acknowledged, ~withheld, ~held)
    for number, at in asked(ticket.c.id, ticket.c.created_at, where=without):
        why = f"opened {_time(at)}, and nobody was told that we have it"
        yield Fault("ticket-without-acknowledgment", (_shown(number),), why)
    # Who takes a ticket over that nobody had verified, or asks again after a mail nobody could read, has a second.
    other = letter.alias("other")
    second = exists().where(other.c.ticket_id == ticket.c.id, other.c.kind.in_(_PRELIMINARY))
    several = (
        select(letter.c.ticket_id, func.count())
        .join(ticket, ticket.c.id == letter.c.ticket_id)
        .where(letter.c.kind.in_(_FIRST_LETTERS - _PRELIMINARY), ~second)
        .where(letter.c.state != LetterState.WITHDRAWN)
        .group_by(letter.c.ticket_id)
        .having(func.count() > 1)
    )
    for number, times in asked.connection.execute(several.order_by(letter.c.ticket_id)):
        yield Fault("two-acknowledgments", (_shown(number),), f"was acknowledged {times} times")


def steps_taken(asked: _Asked) -> Iterator[Fault]:
    """Promise 4: each due step is taken when its time has come."""
    pending = due.c.done_at.is_(None)
    for row in asked(
        due.c.id, due.c.ticket_id, due.c.kind, due.c.step, due.c.due_at, due.c.error,
        where=(pending, due.c.due_at < asked.now - HOUR),
    ):  # fmt: skip
        error = f": {row.error}" if row.error else ""
        why = f"{row.kind} {row.step} was due {_time(row.due_at)}{error}"
        yield Fault("step-overdue", (f"step {row.id}", *_of(row.ticket_id)), why)
    for number, of in asked(due.c.id, due.c.ticket_id, where=(pending, due.c.ready_at.is_(None))):
        yield Fault("step-nobodys", (f"step {number}", *_of(of)), "is pending, and nobody will ever claim it")


def letters_leave(asked: _Asked) -> Iterator[Fault]:
    """A letter waits for its time, has left, or is told to have failed or been withdrawn."""
    waits = letter.c.state == LetterState.WAITING
    for number, of in asked(letter.c.id, letter.c.ticket_id, where=(waits, letter.c.ready_at.is_(None))):
        yield Fault("letter-nobodys", (f"letter {number}", *_of(of)), "waits, and nobody will ever claim it")
    stuck = or_(
        letter.c.ready_at < asked.now - HOUR,
        and_(letter.c.error.is_not(None), _since(letter) < asked.now - HOUR),
    )
    for row in asked(
        letter.c.id,
        letter.c.ticket_id,
        letter.c.kind,
        letter.c.ready_at,
        letter.c.error,
        where=(waits, stuck),
    ):
        why = f"{row.kind} could leave since {_time(row.ready_at)}" if row.error is None else f"{row.kind} does not leave: {row.error}"  # fmt: skip
        yield Fault("letter-stuck", (f"letter {row.id}", *_of(row.ticket_id)), why)
    empty = (
        waits,
        or_(func.length(letter.c.raw) == 0, ~exists().where(recipient.c.letter_id == letter.c.id)),
    )
    for number, of in asked(letter.c.id, letter.c.ticket_id, where=empty):
        yield Fault(
            "letter-empty", (f"letter {number}", *_of(of)), "waits without text or without an address"
        )
    unclear = (letter.c.state != LetterState.WAITING, letter.c.ready_at.is_not(None))
    for number, of in asked(letter.c.id, letter.c.ticket_id, where=unclear):
        yield Fault("letter-finished-and-waiting", (f"letter {number}", *_of(of)), "is finished and waits")


def _since(of: Any) -> ColumnElement[Any]:
    return func.coalesce(of.c.not_before, of.c.written_at)


def tickets_hold_together(asked: _Asked) -> Iterator[Fault]:
    """A merged ticket is closed, a closed one has its time, a live one its story; nobody merges in a circle."""
    merged = (ticket.c.merged_into.is_not(None), ticket.c.state != State.CLOSED)
    for number, into in asked(ticket.c.id, ticket.c.merged_into, where=merged):
        yield Fault("merged-and-open", (_shown(number), _shown(into)), "was merged, and is not closed")
    into = ticket.alias("into")
    ring = (ticket.c.merged_into == into.c.id, into.c.merged_into == ticket.c.id)
    for (number,) in asked(ticket.c.id, where=ring):
        yield Fault("merged-in-a-circle", (_shown(number),), "was merged into what was merged into it")
    untimed = (ticket.c.state == State.CLOSED, ticket.c.closed_at.is_(None))
    for (number,) in asked(ticket.c.id, where=untimed):
        yield Fault("closed-without-time", (_shown(number),), "is closed, and nobody knows since when")
    told = exists().where(event.c.ticket_id == ticket.c.id)
    for (number,) in asked(ticket.c.id, where=(ticket.c.state != State.CLOSED, ~told)):
        yield Fault("ticket-without-events", (_shown(number),), "has no story: its clocks cannot be computed")


def sessions_end(asked: _Asked) -> Iterator[Fault]:
    """A screen-sharing session whose time is over is held, missed or cancelled, and takes nobody's time."""
    over = (meeting.c.state.in_([str(state) for state in RUNNING]), meeting.c.ends_at < asked.now - HOUR)
    for ticket_id, number, state, at in asked(
        meeting.c.ticket_id, meeting.c.number, meeting.c.state, meeting.c.ends_at, where=over
    ):
        why = f"session {number} is {state}, and was over {_time(at)}"
        yield Fault("session-stands-over", _of(ticket_id), why)
    its = (
        meeting.c.ticket_id == meeting_minute.c.ticket_id,
        meeting.c.number == meeting_minute.c.number,
        meeting.c.state.in_([str(state) for state in RUNNING]),
    )
    free = meeting_minute.c.ticket_id, meeting_minute.c.number, meeting_minute.c.host
    for ticket_id, number, host in sorted(set(map(tuple, asked(*free, where=(~exists().where(*its),))))):
        yield Fault(
            "session-takes-time", _of(ticket_id), f"session {number} is over, and takes time of {host}"
        )


def orphans(asked: _Asked) -> Iterator[Fault]:
    """What names a row names one that is there."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            other = key.column.table.alias("other")
            there = exists().where(other.c[key.column.name] == key.parent)
            columns = [*table.primary_key.columns, key.parent]
            for row in asked.connection.execute(select(*columns).where(key.parent.is_not(None), ~there)):
                name = f"{table.name}-without-{key.column.table.name}"
                ids = (f"{table.name} {' '.join(map(str, row[:-1]))}",)
                yield Fault(name, ids, f"{key.parent.name} {row[-1]} is not there")


def numbers_go_on(asked: _Asked) -> Iterator[Fault]:
    """PostgreSQL gives no number twice."""
    for table, following, highest in copying.behind(asked.connection):
        why = f"the next number is {following}, and {highest} is taken"
        yield Fault("sequence-behind", (f"table {table}",), why)


CHECKS: tuple[Callable[[_Asked], Iterator[Fault]], ...] = (
    mail_without_fate, one_acknowledgment, steps_taken, letters_leave, tickets_hold_together, sessions_end, orphans, numbers_go_on,
)  # fmt: skip


def _of(ticket_id: int | None) -> tuple[str, ...]:
    return () if ticket_id is None else (_shown(ticket_id),)


def _shown(ticket_id: int) -> str:
    return f"PS-{ticket_id}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
