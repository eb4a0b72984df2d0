"""What the store is told and answers of screen-sharing sessions: plain values, which pure plans are made of too."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.meetings.meeting import Access


class HourTaken(Faulty):
    """The host has another session at that time; nothing was written."""


@frozen
class CodeMade:
    """A connection code by its number and hash. With it any other of its session is dead."""

    code: int
    hash: str
    expires_at: datetime


@frozen
class MeetingKept:
    """What is written of a session beside its ticket's events. `used`: the hash of the code a line was made by."""

    ticket_id: int
    number: int
    access: Access | None = None
    made: CodeMade | None = None
    used: str = ""


CodeTried = Literal["good", "wrong", "dead", "none"]  # none: there is no live one


@frozen
class MeetingRow:
    """A session in a list, and what the list says of its ticket."""

    ticket_id: int
    number: int
    state: str
    host: str
    offered_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    subject: str
    partner_domain: str | None


@frozen
class MeetingFilter:
    """Which are listed; empty: all. By time, what has none yet at the end."""

    states: tuple[str, ...] = ()
    host: str = ""
    ticket_id: int | None = None
    since: datetime | None = None  # begins not before
    until: datetime | None = None
    limit: int = 200
