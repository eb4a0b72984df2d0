"""What events keep beside their reason: one class for each kind of data, written by its constructor. PURE.

`stored` is what the store keeps as JSON; `of` reads it back from an event, also as an older version wrote it
(told.py). Nobody else takes an event's data apart. Some happenings keep several in one event (`BY_HAPPENING`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from triaged.frozen import frozen
from triaged.reading.identifiers import telling
from triaged.reading.values import Guess, Identifiers
from triaged.tickets.meeting_data import MeetingAnswered, MeetingChanged, MeetingCode
from triaged.tickets.ticket import Event, Happening, Ticket
from triaged.tickets.told import (
    Told,
    flag,
    given,
    made,
    must,
    number,
    or_none,
    reading,
    text,
    text_or_none,
    whole,
    words,
    words_of,
)
from triaged.vocabulary import Severity

# --- mails -------------------------------------------------------------------------------------------


@frozen
class OfMail(Told):
    """What a mail on a ticket was. `thanks`: and nothing else. `history`: old when its mailbox was first met.

    `ends_history`: with it the clocks of a ticket that came as history begin. `bystander`: its sender does not
    speak for the ticket. `unproven`: it says it is of our own people. `defects`: what was wrong with it.
    """

    defects: tuple[str, ...] = words()
    thanks: bool = flag()
    history: bool = flag()
    ends_history: bool = flag()
    bystander: bool = flag()
    unproven: bool = flag()

    @property
    def moves_nothing(self) -> bool:
        """Whether it says nothing that a question could be answered by."""
        return self.thanks or self.history or self.bystander


@frozen
class ByStaff(Told):
    """A word of our own people. `report`: what the partner may read of it. `name`: of who wrote, as his mail has it.

    `letter`: the key of the letter that is the answer. `was`: the ticket's state before, should it be taken back.
    """

    report: str = text()
    name: str = text()
    letter: str = text()
    was: str = text()


@frozen
class Enough(Told):
    """The last note about mails that prove nothing."""

    enough: bool = flag()


# --- judgments ---------------------------------------------------------------------------------------


@frozen
class Terms(Told):
    """What the promises depend on; it may change in a ticket's life."""

    severity: Severity = reading(made(Severity), Severity.S3, always=True)
    service_level: str = text("standard", always=True)
    provisional: bool = flag(always=True)
    region: str = text(always=True)
    plan: str | None = text_or_none(always=True)

    @classmethod
    def of_ticket(cls, ticket: Ticket) -> Terms:
        """As a ticket stands."""
        return cls(ticket.severity, ticket.service_level, ticket.provisional, ticket.region, ticket.plan)

    def after(self, event: Event) -> Terms:
        """After a judgment or a correction: what it does not say stays."""
        return replace(self, **given(Terms, event.data))


@frozen
class Tagged(Told):
    """The tags that rules gave in a judgment; None: it was made before they were kept."""

    tags: tuple[str, ...] | None = reading(words_of, None, always=True)


@frozen
class Found(Told):
    """How the account was found, and what its licences make of it."""

    key: str | None = text_or_none(always=True)
    matched_by: str | None = text_or_none(always=True)
    licences: int = number(always=True)
    threshold: int = number(always=True)
    large_user: bool = flag(always=True)
    why: str = text(always=True)


def _guess(value: Mapping[str, Any]) -> Guess:
    pairs = {name: tuple((str(a), float(b)) for a, b in value[name]) for name in ("probabilities", "terms")}
    return Guess(
        Severity(value["severity"]),
        float(value["confidence"]),
        pairs["probabilities"],
        pairs["terms"],
        str(value["model"]),
        str(value.get("blind") or ""),
    )


@frozen
class Grounds(Told):
    """What a judgment went by: enough to say why, and to judge again. None: it was not said."""

    identifiers: Identifiers | None = or_none(
        lambda value: telling.from_data(must(value, Mapping)), always=True
    )
    service: str | None = text_or_none(always=True)
    hits: tuple[str, ...] = words(always=True)
    content_severity: Severity | None = or_none(Severity, always=True)
    service_level_because: str = text(always=True)
    account: Found | None = or_none(lambda value: Found.read(must(value, Mapping)), always=True)
    guess: Guess | None = or_none(_guess, always=True)
    sender: str = text(always=True)
    company: str = text(always=True)
    rulebook: str = text(always=True)


@frozen
class ByDirectory(Told):
    """Which directory a ticket was judged again by."""

    directory: str = text()


@frozen
class Corrected(Told):
    """A human's severity, and what it was."""

    was: Severity | None = or_none(Severity, always=True)
    severity: Severity | None = or_none(Severity, always=True)


@frozen
class Review(Told):
    """A question to staff, and the due step that asked it."""

    review: str = text(always=True)
    step: str = text()


# --- letters and due steps ---------------------------------------------------------------------------


@frozen
class OfLetter(Told):
    """A letter by its kind and key, before it has a number.

    `counts_as`: what it is to the clocks once it has left (letters/kinds.py); None: an old row, or not sent. `entry_for`:
    whose calendars it changes.
    """

    kind: str = text()
    key: str = text()
    counts_as: str | None = text_or_none()
    entry_for: tuple[str, ...] = words()


@frozen
class LetterFate(Told):
    """What became of a letter of the outbox. `refused`: the recipients that the server did not take."""

    letter: int = number(always=True)
    kind: str = text(always=True)
    to: tuple[str, ...] = words(always=True)
    cc: tuple[str, ...] = words(always=True)
    message_id: str = text(always=True)
    refused: tuple[str, ...] = words(always=True)
    counts_as: str = text(always=True)


@frozen
class ByStep(Told):
    """The due step (`kind:step`, followups/steps.py) that brought it about."""

    step: str = text()


@frozen
class OfCommitment(Told):
    """How a commitment stood when staff were told of it, and the tier it went to."""

    step: str = text()
    commitment: str = text()
    share: float = reading(made(float), 0.0)
    policy: str = text()
    due: datetime | None = or_none(datetime.fromisoformat)
    tier: int = number()


# --- what people do ----------------------------------------------------------------------------------


@frozen
class Over(Told):
    """Resolved or closed. `tell`: what the partner is told about it, in the words of staff."""

    tell: str = text()
    step: str = text()


@frozen
class Assigned(Told):
    """To whom, by address, and the name that letters tell."""

    to: str | None = text_or_none()
    name: str = text()


@frozen
class Merged(Told):
    """Into which ticket, by number and reference."""

    into: int | None = or_none(whole)
    reference: str = text()
    was: str = text()  # its state before


@frozen
class Split(Told):
    """The subject of what was split off."""

    subject: str = text()


@frozen
class Linked(Told):
    """To another ticket or from one, by number and reference."""

    from_: int | None = or_none(whole)
    to: int | None = or_none(whole)
    reference: str = text()
    people: tuple[str, ...] = words()  # who came with a merged one
    passage: str = text()  # what of the first one's mails this ticket is about, in their words


@frozen
class Rated(Told):
    """A rating of 1 to 5; 0: none that could be read."""

    score: int = number()
    comment: str = text()


@frozen
class CaseMoved(Told):
    """An engineering case on a step of its timeline (tickets/cases.py)."""

    case: str = text()
    step: str = text()
    expected: date | None = or_none(date.fromisoformat)
    report: str = text()


@frozen
class AddressFailed(Told):
    """The address that letters do not reach."""

    address: str = text()


# --- what people do on pages --------------------------------------------------------------------------


@frozen
class PeopleChanged(Told):
    """Who of the partner joined, or left."""

    added: str = text()
    removed: str = text()
    name: str = text()


@frozen
class Turned(Told):
    """Something that one person turns on or off for a ticket: letters to him, his consent, its being private."""

    on: bool = flag(always=True)


@frozen
class Snoozed(Told):
    """Until when; None: no longer."""

    until: datetime | None = or_none(datetime.fromisoformat, always=True)


@frozen
class Related(Told):
    """To which ticket a mark leads. `how`: related, duplicate (of that one), original (that one is its duplicate), none."""

    to: int = number(always=True)
    reference: str = text(always=True)
    how: str = text("related", always=True)


@frozen
class Unmerged(Told):
    """From which ticket, or which one came out of this, by number and reference."""

    ticket: int = number(always=True)
    reference: str = text(always=True)


@frozen
class TakenBack(Told):
    """The key of the answer's letter."""

    letter: str = text(always=True)


_H = Happening
# Those not named keep nothing
BY_HAPPENING: Mapping[Happening, tuple[type[Told], ...]] = {
    _H.RECEIVED: (OfMail,),
    _H.PARTNER_ANSWERED: (OfMail,),
    _H.STAFF_ANSWERED: (ByStaff,),
    _H.STAFF_NOTED: (ByStaff, OfMail),
    _H.AUTOMATIC_MAIL: (Enough,),
    _H.JUDGED: (Terms, Tagged, Grounds, ByDirectory),
    _H.SEVERITY_CORRECTED: (Corrected,),
    _H.REVIEW_ASKED: (Review,),
    _H.LETTER_WRITTEN: (OfLetter,),
    _H.LETTER_SENT: (LetterFate,),
    _H.LETTER_FAILED: (LetterFate,),
    _H.LETTER_WITHDRAWN: (LetterFate, OfLetter, ByStep),
    _H.RESOLVED: (Over,),
    _H.CLOSED: (Over,),
    _H.ASSIGNED: (Assigned,),
    _H.ESCALATED: (OfCommitment,),
    _H.AT_RISK: (OfCommitment,),
    _H.MISSED: (OfCommitment,),
    _H.REMINDED: (ByStep,),
    _H.MERGED: (Merged,),
    _H.SPLIT: (Split,),
    _H.LINKED: (Linked,),
    _H.RATED: (Rated,),
    _H.CASE_MOVED: (CaseMoved,),
    _H.ADDRESS_FAILED: (AddressFailed,),
    _H.PEOPLE_CHANGED: (PeopleChanged,),
    _H.FOLLOWED: (Turned,),
    _H.CONSENTED: (Turned,),
    _H.KEPT_PRIVATE: (Turned,),
    _H.SNOOZED: (Snoozed,),
    _H.RELATED: (Related,),
    _H.UNMERGED: (Unmerged,),
    _H.TAKEN_BACK: (TakenBack,),
    _H.MEETING_CHANGED: (MeetingChanged,),
    _H.MEETING_ANSWERED: (MeetingAnswered,),
    _H.MEETING_CODE: (MeetingCode,),
}


def told_by_hand(happening: Happening, named: Mapping[str, Any]) -> dict[str, Any]:
    """What a command tells of a happening, by the names of its fields, as the store keeps it.

    Raises TypeError for a name that the happening does not keep.
    """
    stored: dict[str, Any] = {}
    left = dict(named)
    for told in BY_HAPPENING.get(happening, ()):
        own = {one.name: left.pop(one.name) for one in fields(told) if one.name in left}
        stored |= told(**own).stored() if own else {}
    if left:
        raise TypeError(f"{happening} keeps no {', '.join(left)}")
    return stored
