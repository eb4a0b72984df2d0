"""Answers of other companies' ticket systems, and spam guards that want proof (failure F12). PURE.

Two systems that acknowledge each other's acknowledgments fill both their queues; some of them send no header
at all that would say so. So the words are weighed, as for absence notes.
"""

from __future__ import annotations

import re

from triaged.reading.automatic import requests
from triaged.reading.automatic.absences import plain_subject
from triaged.reading.mime.message import Message
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

ENOUGH = 4
OPENING = 400  # characters within which one says that it has our letter
_ADDRESS = re.compile(
    r"\A(?:.*[._-])?(?:support|help|help-?desk|service|service-?desk|desk|tickets?|cases?|crm|soporte|assistance|no-?reply"
    r"|do-?not-?reply|info|contact|care|customer.*|kundenservice|hotline|notifications?)(?:[._+-].*)?"
)
_NUMBER = re.compile(
    r"\[#{0,2}\s?[\w-]{0,12}\d{3,}[^\]]{0,20}\]|\(#?\d{4,}\)|#\s?\d{4,}|【[^】]{0,20}\d{4,}[^】]{0,10}】"
)


def received(message: Message, own: str, hints: int = 0) -> str:
    """Why this is a ticket system's "ticket received"; empty if it is none."""
    title, text = plain_subject(message.subject), fold(own[:3_000])
    words, everywhere = spoken().ticket_system, f"{title}\n{text}"
    in_title, in_text = words.received.find(title), words.received.find(text[:OPENING])
    if not (in_title or in_text):
        return ""
    sender = message.from_[0].address.partition("@")[0][:60] if message.from_ else ""
    points = 2 * bool(in_title) + 2 * bool(in_text) + bool(words.promise.find(text))
    points += 2 * bool(spoken().absence.automatic.find(everywhere))
    points += bool(words.numbered.find(everywhere)) + bool(_NUMBER.search(fold(message.subject[:400])))
    points += bool(_ADDRESS.fullmatch(sender)) + min(2, hints)
    if points - requests.speaks_of(text) < ENOUGH:
        return ""
    return f"a ticket system says it has our letter: “{(in_title or in_text).strip()}”"


def challenge(message: Message, own: str) -> str:
    """Why this is a spam guard that wants proof from the sender; empty if it is none."""
    text = fold(f"{message.subject[:400]}\n{own[:2_000]}")
    words = spoken().ticket_system.challenge
    found = words.find(text)
    acts = "http" in text or "click" in text or "reply to this" in text
    if not found or requests.wants(text) > 2 or not (acts or words.count(text) > 1):
        return ""
    return f"a spam guard wants proof: “{found.strip()}”"
