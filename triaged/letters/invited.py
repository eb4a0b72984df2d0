"""Whose calendars have a screen-sharing session, by the letters that were written; who should have it, and who should not. PURE.

What the letters' events tell is the one record of it, so that nobody is invited twice, whatever door he came by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from triaged.letters import kinds
from triaged.letters.invitation import entry_file
from triaged.letters.recipients import addressees
from triaged.meetings.eligibility import deciders
from triaged.meetings.meeting import BOOKED, RUNNING, Meeting
from triaged.tickets.event_data import LetterFate, OfLetter
from triaged.tickets.meeting_data import MeetingChanged
from triaged.tickets.ticket import LIVE, Event, Happening, Letter, Ticket


@dataclass(slots=True)
class _Told:
    """Who has an entry of the session, whatever time it tells (`has`); who was written to of the time that stands (`now`).

    `written`: letters of that time are; `untold`: an older version wrote its invitation, and whom to is known only when
    it has left.
    """

    has: dict[str, None] = field(default_factory=dict)
    now: set[str] = field(default_factory=set)
    written: bool = False
    untold: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it can be said whom the invitation that stands was written to."""
        return self.written and not self.untold


def entry_for(letter: Letter) -> tuple[str, ...]:
    """Whose calendars a letter to the partner's side changes."""
    changes = letter.audience == "partner" and entry_file(letter.files) is not None
    return (*letter.to, *letter.cc) if changes else ()


def as_written(letter: Letter) -> OfLetter:
    """What the event of a letter keeps of it."""
    return OfLetter(letter.kind, letter.key, entry_for=entry_for(letter))


def told_of(letters: Iterable[Letter], now: datetime) -> tuple[Event, ...]:
    """The events of the letters of a plan that bring entries, as the pen will write them."""
    return tuple(
        Event(now, Happening.LETTER_WRITTEN, "daemon", one.kind, as_written(one).stored())
        for one in letters
        if entry_for(one)
    )


def newcomers(ticket: Ticket, meeting: Meeting) -> tuple[str, ...]:
    """Whom letters of the ticket go to, and who was never invited to the time that stands."""
    told = _told(ticket, meeting)
    to, cc = addressees(ticket)
    return tuple(one for one in (*to, *cc) if one not in told.now) if told.is_known else ()


def leavers(ticket: Ticket, meeting: Meeting) -> tuple[str, ...]:
    """Who was invited and is none of the ticket's people any more."""
    stays = deciders(ticket)
    return tuple(one for one in _told(ticket, meeting).has if one not in stays and not _is_erased(one))


def without_letters(ticket: Ticket, meeting: Meeting) -> tuple[str, ...]:
    """Who was invited and to whom nothing of this ticket goes now."""
    to, cc = addressees(ticket)
    failed = {one.address for one in ticket.people if one.failed}
    return tuple(
        one for one in _told(ticket, meeting).has if one not in {*to, *cc, *failed} and not _is_erased(one)
    )


def is_astray(ticket: Ticket, meeting: Meeting, now: datetime) -> bool:
    """Whether somebody joined or left since it was agreed upon, and his calendar does not know."""
    if (
        meeting.state not in RUNNING
        or ticket.state not in LIVE
        or meeting.ends is None
        or now >= meeting.ends
    ):
        return False
    return bool(newcomers(ticket, meeting) or leavers(ticket, meeting))


def _is_erased(address: str) -> bool:
    return address.endswith(".invalid")


def _told(ticket: Ticket, meeting: Meeting) -> _Told:
    told = _Told()
    for event in ticket.events:
        if event.at < meeting.offered_at:
            continue
        if event.kind is Happening.MEETING_CHANGED:
            if _is_agreed(event, meeting):  # from here on another invitation counts
                told.now, told.written, told.untold = set(), False, False
        elif event.kind is Happening.LETTER_WRITTEN:
            _written(told, OfLetter.of(event))
        elif event.kind is Happening.LETTER_SENT:
            _sent(told, LetterFate.of(event))
        elif event.kind in (Happening.LETTER_WITHDRAWN, Happening.LETTER_FAILED):
            _unsent(told, event)
    return told


def _is_agreed(event: Event, meeting: Meeting) -> bool:
    change = MeetingChanged.of(event)
    return change.meeting == meeting.number and change.state in (str(one) for one in BOOKED)


def _written(told: _Told, letter: OfLetter) -> None:
    told.written = True
    if _does(letter) == "invites":
        told.untold = told.untold or not letter.entry_for
        told.now.update(letter.entry_for)
        told.has |= dict.fromkeys(letter.entry_for)
    elif _does(letter) == "ends":
        _without(told, letter.entry_for)


def _sent(told: _Told, letter: LetterFate) -> None:
    got = [one for one in (*letter.to, *letter.cc) if one not in letter.refused]
    if _does(letter) == "invites":
        told.untold = False
        told.now.update((*letter.to, *letter.cc))
        told.has |= dict.fromkeys(got)
        for one in letter.refused:
            told.has.pop(one, None)
    elif _does(letter) == "ends":
        _without(told, got)


def _unsent(told: _Told, event: Event) -> None:
    """It did not reach him: tried once, and nothing to take back. That of a time that was moved is none of `now`."""
    held, lost = OfLetter.of(event), LetterFate.of(event)
    if _does(held) == "invites":
        told.untold = False
        told.now.update(held.entry_for)
        for one in (*held.entry_for, *lost.to, *lost.cc):
            told.has.pop(one, None)
    elif _does(held) == "ends":  # withheld: letters do not reach him, and it is not tried for ever
        _without(told, held.entry_for)


def _does(letter: OfLetter | LetterFate) -> str:
    return kinds.of(letter.kind).entry


def _without(told: _Told, addresses: Iterable[str]) -> None:
    for one in addresses:
        told.has.pop(one, None)
        told.now.discard(one)
