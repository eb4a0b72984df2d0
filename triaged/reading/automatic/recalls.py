"""A sender takes a mail back: Outlook's recall message, and the report on one. PURE.

Contract: `recall` answers with the reason, or nothing. A recall says in one sentence whose mail it takes
back; a person who asks how to recall a mail says what he wants.
"""

from __future__ import annotations

import re

from triaged.reading.automatic import requests
from triaged.reading.mime.message import Message
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

LONGEST = 900  # characters of a recall's or a report's own words
_HEADER = re.compile(r"(?i)^x-(?:ms-exchange-)?(?:organization-)?(?:message-)?recall(?:-|ed|$)")


def recall(message: Message, own: str) -> str:
    """Why this mail takes another one back, or reports on that; empty if it does not."""
    words = fold(own.strip())
    if len(words) > LONGEST:
        return ""
    told = spoken().recall.text.find(words)
    # "gostaria de recolher a mensagem": the recall's own sentence begins as a wish does.
    beside = words.replace(told, " ", 1) if told else words
    if requests.is_labelled(beside) or requests.asks(beside) or requests.reports_trouble(beside):
        return ""
    if any(_HEADER.match(name) for name in message.headers):
        return "a recall (its header says so)"
    titled = spoken().recall.subject.find(fold(message.subject[:400]).strip())
    if titled and (told or not words):
        return f"a recall: “{titled}”"
    return f"a recall: “{told}”" if told and _is_one_sentence(words) else ""


def _is_one_sentence(words: str) -> bool:
    """Nothing but the sentence, which names the mail taken back in quotes."""
    lines = [line for line in words.splitlines() if line.strip()]
    return len(lines) == 1 and len(lines[0]) < 300 and re.search(r"[\"“”„«»「『]", lines[0]) is not None
