"""Due steps as values, and the one codec between them and the text that rows, events and letters keep. PURE.

A row keeps a step as its kind and a text (`waiting`, `remind-1@2`: the first reminder of the second time we
wait); events and letters keep both as a name (`waiting:remind-1@2`). A step never comes twice on a ticket:
what may recur carries its round, what is about an engineering case the case. A text that is none of ours,
as another version may have written it, is None here: whoever meets it says so and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from triaged.frozen import frozen
from triaged.promises.commitments import COMMITMENTS
from triaged.tickets.event_data import ByStep
from triaged.tickets.ticket import Due, Happening, Ticket

MISSING = "missing_information"
WAITING = "waiting"
CASE = "case"
CLOSE = "close"
MEETING = "meeting"  # a screen-sharing session
DIGEST = "digest"
BURST = "burst"  # of mail from one address: what was not acknowledged then
PLAN = "plan"  # makes a ticket be planned anew: a letter left that later steps count from


class Word(StrEnum):
    """What a step does."""

    WARN = "warn"  # most of a commitment's time is used
    MISS = "miss"  # all of it
    STILL = "still"  # long missed, and still open
    REPORT = "report"  # an update with what staff reported
    STILL_WORKING = "still-working"  # an update without news
    REMIND = "remind"
    TELL_STAFF = "tell-staff"  # the reminders for the identifiers are used up
    RESOLVE = "resolve"
    CLOSE = "close"
    EXPECTED = "expected"  # a case has passed its expected date
    CONFIRM = "confirm"  # nobody contradicted a fix
    LAPSE = "lapse"  # nobody chose one of the times offered
    CALENDARS = "calendars"  # who joined or left since a session was agreed upon
    CALL_OFF = "call-off"  # a session whose ticket is over
    ENDING = "ending"  # its time runs out
    OVER = "over"  # its time has run out: held, or missed
    SUMMARY = "summary"  # staff still owe what came of it
    DAY = "day"  # the digest of a day; its text is the day alone
    SENT = "sent"  # planned anew after a letter
    COMBINE = "combine"  # one letter for all that was withheld
    UNDELIVERED = "undelivered"  # an acknowledgment reaches nobody
    PROMISE = "promise"  # planned anew by migration 0005


MARKS = (Word.WARN, Word.MISS, Word.STILL)  # of a commitment, in their order
_OF_COMMITMENT = frozenset({*MARKS, Word.REPORT, Word.STILL_WORKING})
WORDS: Mapping[str, frozenset[Word]] = {
    **dict.fromkeys(COMMITMENTS, _OF_COMMITMENT),
    MISSING: frozenset({Word.REMIND, Word.TELL_STAFF}),
    WAITING: frozenset({Word.REMIND, Word.RESOLVE}),
    CASE: frozenset({Word.REMIND, Word.EXPECTED, Word.CONFIRM}),
    CLOSE: frozenset({Word.CLOSE}),
    MEETING: frozenset(
        {Word.REMIND, Word.LAPSE, Word.CALENDARS, Word.CALL_OFF, Word.ENDING, Word.OVER, Word.SUMMARY}
    ),
    DIGEST: frozenset({Word.DAY}),
    BURST: frozenset({Word.COMBINE}),
    PLAN: frozenset({Word.SENT, Word.PROMISE, Word.UNDELIVERED}),
}
_TEXT = re.compile(
    r"(?P<word>[a-z]{1,20}(?:-[a-z]{1,20})?)(?:-(?P<number>[0-9]{1,3}))?"
    r"(?:@(?:(?P<case>CP-[0-9]{1,12})/)?(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})|(?P<round>[0-9]{1,12})))?"
)


@frozen
class Step:
    """One step. `number` is of a reminder, from 1; `round` counts what recurs; `day` is a date it is about."""

    kind: str
    word: Word
    round: int | None = None
    number: int = 0
    case: str = ""
    day: date | None = None

    @property
    def label(self) -> str:
        """The step without its round: `remind-1`."""
        return f"{self.word}-{self.number}" if self.number else str(self.word)

    @property
    def text(self) -> str:
        """As a row keeps it beside its kind."""
        if self.word is Word.DAY:
            return str(self.day)
        about = self.day if self.day is not None else self.round
        round_ = "/".join(str(part) for part in (self.case or None, about) if part is not None)
        return f"{self.label}@{round_}" if round_ else self.label

    @property
    def name(self) -> str:
        """As events and letters keep it."""
        return f"{self.kind}:{self.text}"

    @property
    def counts_silence(self) -> bool:
        """Whether it is taken because somebody says nothing."""
        if self.kind == MEETING:
            return False  # reminds of what is agreed upon, whatever is said
        return self.kind in (WAITING, MISSING) or self.word in (Word.REMIND, Word.CONFIRM)


@lru_cache(maxsize=4096)
def read(kind: str, text: str) -> Step | None:
    """The step of a row; None: none of ours."""
    found = _TEXT.fullmatch(text)
    try:
        if kind == DIGEST:
            step = Step(DIGEST, Word.DAY, day=date.fromisoformat(text))
        elif found is not None:
            step = _step(kind, found)
        else:
            return None
    except ValueError:  # no word of ours, no day of the calendar
        return None
    known = step.word in WORDS.get(kind, frozenset())
    return step if known and step.text == text and bool(step.number) == (step.word is Word.REMIND) else None


def _step(kind: str, found: re.Match[str]) -> Step:
    round_, day = found["round"], found["day"]
    return Step(
        kind,
        Word(found["word"]),
        int(round_) if round_ else None,
        int(found["number"] or 0),
        found["case"] or "",
        date.fromisoformat(day) if day else None,
    )


def named(name: str) -> Step | None:
    """The step by the name that an event or a letter keeps; None: none of ours."""
    kind, _, text = name.partition(":")
    return read(kind, text)


def of(due: Due) -> Step | None:
    """The step of a row; None: none of ours."""
    return read(due.kind, due.step)


def taken(ticket: Ticket) -> dict[Step, datetime]:
    """The steps that events of the ticket say were taken or withdrawn, and when."""
    found: dict[Step, datetime] = {}
    for event in ticket.events:
        step = named(ByStep.of(event).step) if event.kind is not Happening.CASE_MOVED else None
        if step is not None:
            found[step] = event.at
    return found


def round_of_letter(key: str) -> int | None:
    """How many times by then: the round in the key of a letter that may recur (`resolved@2`); None without."""
    number = key.rpartition("@")[2]
    return int(number) if number.isdecimal() and "@" in key else None
