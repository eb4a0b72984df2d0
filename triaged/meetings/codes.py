"""Connection codes: how one is written and typed, and when there may be one. PURE; made and hashed by walk/meeting_codes.py.

A code is for one line of one session: from a quarter of an hour before until the time is over, used once. A cut line
gets a new one, and the old one dies.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from triaged.meetings import moves
from triaged.meetings.meeting import RUNNING, Meeting
from triaged.tickets.meeting_data import MeetingCode
from triaged.tickets.ticket import Happening, Ticket

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read for something else
LENGTH = 8  # 31**8: a guess in five tries is one in 170 thousand millions
MOST_TRIES = 5  # wrong ones, then it is dead
MOST_CODES = 20  # of one session


def shown(code: str) -> str:
    """As people read it: H4KX-9PTN."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> str:
    """What somebody typed, without blanks and dashes, in capitals; full-width too."""
    plain = unicodedata.normalize("NFKC", text[:40]).upper()
    return "".join(one for one in plain if one.isalnum() and one.isascii())


def why_none(ticket: Ticket, meeting: Meeting | None, now: datetime) -> str:
    """Why there can be no code now; empty: there can."""
    if meeting is None or meeting.state not in RUNNING:
        state = meeting.state if meeting else "none"
        return f"{ticket.reference} has no session that was accepted ({state})"
    if len(_made(ticket, meeting.number)) >= MOST_CODES:
        return f"{MOST_CODES} codes were made for this session"
    return moves.why_not_now(meeting, now)


def next_number(ticket: Ticket, meeting: Meeting) -> int:
    """The number of the next code of a session, from 1."""
    return max(_made(ticket, meeting.number), default=0) + 1


def _made(ticket: Ticket, number: int) -> list[int]:
    told = (MeetingCode.of(event) for event in ticket.events if event.kind is Happening.MEETING_CODE)
    return [one.code for one in told if one.meeting == number and not one.used]
