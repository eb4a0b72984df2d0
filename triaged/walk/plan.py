"""A PLAN: the one thing that passes from deciding to writing. PURE.

Whatever happens (a mail, a due step, a command, a changed directory, a refused reload) is judged purely and
becomes one frozen Plan; the pen (walk/pen.py) writes it in one transaction, and nothing else in the walk
writes. `explain` and `backtest` make the same plans and show them instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triaged.followups import due
from triaged.frozen import frozen
from triaged.letters import compose, invited
from triaged.letters.writer import Writer
from triaged.promises import clocks
from triaged.store.meeting_rows import MeetingKept
from triaged.store.rows import Correction, Finished, OwedMail, SaidMail
from triaged.tickets.ticket import Due, Event, Letter, Ticket
from triaged.vocabulary import Severity


@frozen
class Change:
    """A ticket before and after, what is written to whom about it, and its due steps from now on.

    `before` None: it is opened, under the number that `after` has. `dues` None: its steps stay as they are.
    """

    before: Ticket | None
    after: Ticket
    letters: tuple[Letter, ...] = ()
    dues: tuple[Due, ...] | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened to it."""
        return self.after.events[len(self.before.events) if self.before else 0 :]


@frozen
class Note:
    """Something told on a ticket that moves nothing; the pen knows how many of them a ticket takes."""

    ticket_id: int
    event: Event


@frozen
class MailFate:
    """What becomes of a mail: the ledger's row, and what else is known by it.

    `ticket` is the one it is on, as it stands afterwards. `own` and `mentioned` are Message-IDs by which the
    ticket is known from now on; `proven`: also where another ticket knows them. `hits`: rules. `said`: what pages show.
    """

    row: Finished
    ticket: Ticket | None = None
    own: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    proven: bool = False
    hits: tuple[str, ...] = ()
    rulebook_version: str = ""
    abstained: bool = False
    authentication: str = "unknown"
    said: SaidMail | None = None


@frozen
class StepTaken:
    """A due step that is over: taken, or without sense any more; `outcome` says."""

    id: int
    outcome: str


@frozen
class Plan:
    """Everything that is written because of one thing that happened.

    `letters` and `dues` are of no ticket; those of a ticket stand in its change. `failed`: addresses (and why)
    that letters do not reach; `cleared`: one that they reach again. `withdrawn`: letters (ticket, kind, key) that must
    not have left. `ordered`: by a human, whose letters to the partner are not capped.
    """

    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    letters: tuple[Letter, ...] = ()
    dues: tuple[Due, ...] = ()
    mail: MailFate | None = None
    step: StepTaken | None = None
    failed: tuple[tuple[str, str], ...] = ()
    cleared: str = ""
    owed: tuple[OwedMail, ...] = ()
    correction: Correction | None = None
    withdrawn: tuple[tuple[int, str, str], ...] = ()
    ordered: bool = False
    meeting: MeetingKept | None = None

    @property
    def opened(self) -> Ticket | None:
        """The ticket it opens."""
        return next((one.after for one in self.changes if one.before is None), None)


def change(
    before: Ticket | None, after: Ticket, writer: Writer, letters: Iterable[Letter | None] = ()
) -> Change:
    """A ticket that moves: its next promise and its due steps follow from how it stands afterwards."""
    after, written = clocks.with_next_promise(after, writer.promises, writer.now), some(letters)
    invitations = invited.told_of(written, writer.now)
    told = replace(after, events=(*after.events, *invitations)) if invitations else after
    return Change(before, after, written, due.plan(told, writer.promises, writer.now))


def unplanned(one: Change) -> Change:
    """The same, its due steps left as they are."""
    return replace(one, dues=None)


def told_of_s1(before: Ticket, after: Ticket, writer: Writer) -> Letter | None:
    """Staff hear of a ticket that has become S1 otherwise than by a new mail."""
    if after.severity is not Severity.S1 or before.severity is Severity.S1 or after.history:
        return None
    return compose.new_s1(writer, after)


def some(letters: Iterable[Letter | None]) -> tuple[Letter, ...]:
    """Those that there are."""
    return tuple(letter for letter in letters if letter is not None)
