"""A mail program's thumb or heart under a letter of ours. PURE.

Contract: `reaction` answers with the reason, or nothing. Gmail gives its reactions a part of their own;
others are a line that says so and nothing else, or an answer that is nothing but a sign. A person who writes
about reactions says more than that.
"""

from __future__ import annotations

import re
import unicodedata

from triaged.reading.automatic import requests
from triaged.reading.mime.message import Message
from triaged.reading.values import NewText
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

LONGEST = 300  # characters of a reaction's own words
_SIGNS = 8  # signs of an answer that is only a sign
_TAPBACK = re.compile(
    r"(?:liked|loved|laughed at|emphasi[sz]ed|disliked|questioned|reacted \S{1,8} to) [\"“„«]"
)
_LINK = re.compile(r"<?https?://\S{1,500}>?")


def reaction(message: Message, text: NewText, own: str) -> str:
    """Why this mail is a reaction; empty if it is none."""
    if message.reacted:
        return "a reaction (its own part says so)"
    said = own.strip()
    if not said or len(said) > LONGEST or message.attached:
        return ""
    if (text.is_reply or message.in_reply_to) and _is_sign(said):
        return f"a reaction: “{said}”"
    folded = fold(_LINK.sub(" ", said)).strip()
    lines = [line for line in folded.splitlines() if line.strip() and not _is_sign(line.strip())]
    told = spoken().reaction.text.find(lines[0]) if lines else ""
    told = told or (lines[0][:20] if lines and _TAPBACK.match(lines[0]) else "")
    alone = len(lines) == 1 and requests.speaks_of(folded) < 2 and not requests.asks(folded)
    return f"a reaction: “{told}”" if told and alone else ""


def _is_sign(text: str) -> bool:
    """A few pictures and nothing else."""
    shown = [c for c in text if not c.isspace() and c not in "\ufe0f\u200d"]
    return 0 < len(shown) <= _SIGNS and all(unicodedata.category(c) in ("So", "Sk") for c in shown)
