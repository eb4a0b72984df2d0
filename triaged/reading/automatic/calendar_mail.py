"""Invitations and answers to them. PURE.

A calendar part that asks or answers something (`METHOD:REQUEST`, `REPLY`, `CANCEL` …) makes a mail calendar
mail whatever its text says; an .ics file that merely hangs on a request for help does not.
"""

from __future__ import annotations

from triaged.reading.automatic import requests
from triaged.reading.automatic.absences import plain_subject
from triaged.reading.mime.message import Message
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

_METHODS = frozenset({"REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD"})


def invitation(message: Message, own: str) -> str:
    """Why this is an invitation or an answer to one; empty if it is neither."""
    if message.has_calendar or message.content_type == "text/calendar":
        return _by_part(message, fold(own[:3_000]))
    found = spoken().calendar.subject.find(plain_subject(message.subject))
    if not found:
        return ""
    words = fold(own[:3_000])
    if (spoken().calendar.text.find(words) or not words.strip()) and requests.speaks_of(words) < 2:
        return f"calendar mail: “{found.strip()}”"
    return ""


def _by_part(message: Message, words: str) -> str:
    method = message.calendar_method
    attached = any(file.name.lower().endswith(".ics") for file in message.attachments)
    embedded = not attached or message.content_type in {"multipart/alternative", "text/calendar"}
    if method in _METHODS and (embedded or requests.wants(words) < 3):
        return f"calendar mail, METHOD:{method}"
    return "a calendar entry and no words" if not words.strip() else ""
