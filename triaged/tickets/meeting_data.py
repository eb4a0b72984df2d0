"""What events of screen-sharing sessions keep beside their reason (event_data.py tells how such classes are made). PURE."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from triaged.frozen import frozen
from triaged.tickets.told import Told, flag, made, must, number, or_none, reading, text


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a moment without its zone")
    return found.astimezone(UTC)


@frozen
class MeetingChanged(Told):
    """A session in a new state; of the rest what the change is about, the fold (meetings/meeting.py) keeps what it had.

    `meeting`: its number on the ticket, from 1. `times`: those offered. `by`: partner, staff or daemon. `terms`: the
    version accepted, in `language`, with the digest of the very text; `person` accepted it, from `peer`.
    `missing`: who did not come. `step`: the due step that brought it about.
    """

    meeting: int = number(always=True)
    state: str = text(always=True)
    by: str = text()
    uid: str = text()
    times: tuple[datetime, ...] = reading(
        made(lambda value: tuple(_moment(one) for one in must(value, (list, tuple)))), ()
    )
    minutes: int = number()
    host: str = text()
    starts: datetime | None = or_none(_moment)
    sequence: int = number()
    terms: str = text()
    language: str = text()
    digest: str = text()
    person: str = text()
    peer: str = text()
    missing: str = text()
    summary: str = text()
    step: str = text()


@frozen
class MeetingAnswered(Told):
    """What the calendar of somebody invited said: accepted, declined, tentative."""

    meeting: int = number(always=True)
    attendee: str = text(always=True)
    answer: str = text(always=True)
    sequence: int = number(always=True)


@frozen
class MeetingCode(Told):
    """A connection code by its number, never the code itself. `used`: the line was made by it. `for_`: whom it was shown to."""

    meeting: int = number(always=True)
    code: int = number(always=True)
    used: bool = flag()
    for_: str = text()
