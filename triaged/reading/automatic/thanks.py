"""Whether a mail is nothing but thanks. PURE.

Contract: a mail is thanks only if nothing else is said. A courtesy beside a trouble, a question, a request,
or beside "see subject", is a courtesy. The words are looked at clause by clause: "the attack has stopped" is
no trouble, "under attack" is one. In a mail that answers nobody every clause must be understood as thanks,
good news or a greeting, and its subject must not tell of a request; in an answer, no clause may speak
against it.
"""

from __future__ import annotations

import re

from triaged.reading.automatic import requests
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

LONGEST = 400  # characters
MOST_WORDS = 50
_NUMBER = re.compile(r"\d{5}")
_CLAUSE = re.compile(r"[.!?;:,\n…。！？、，]+|\s[-–—]\s")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NAME = re.compile(r"[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){0,2}")  # one to three words
_JAPANESE_NAME = re.compile(r"(?:[\w・ ]{1,20}の)?[一-龥]{1,4}(?:です|でございます|と申します)?")


def is_thanks(own_text: str, subject: str = "", *, answers: bool = True) -> bool:
    """Whether a person's own words only thank: short, thanking, wanting nothing, with no trouble beside it.

    `answers`: the mail answers another. Where it does not, the subject may be the whole request.
    """
    written = own_text.strip()
    text = fold(written[: LONGEST + 1])
    if not text or len(text) > LONGEST or not spoken().thanks.thanks.find(text):
        return False
    if len(_WORD.findall(text)) > MOST_WORDS or "@" in text or _NUMBER.search(text):
        return False
    plain = spoken().thanks.closed.without(text, " thanks ")
    if requests.asks(plain) or spoken().thanks.in_subject.find(plain):
        return False
    clauses = [clause for clause in map(str.strip, _CLAUSE.split(plain)) if clause]
    if any(_is_more(clause) for clause in clauses):
        return False
    if answers:
        return True
    return all(
        _is_thanking(clause) or _is_name(clause, written) for clause in clauses
    ) and not states_request(subject)


def states_request(subject: str) -> bool:
    """Whether a subject, alone, tells of a trouble or asks for something."""
    text = fold(subject[:LONGEST])
    told = spoken().thanks.closed.without(text)
    return requests.asks(text) or _is_more(told) or bool(spoken().thanks.troubles.find(told))


def _is_more(clause: str) -> bool:
    """A clause that says more than thanks: a trouble that stands, an objection, a wish."""
    if spoken().thanks.standing.find(spoken().thanks.over.without(clause)) or spoken().thanks.more.find(
        clause
    ):
        return True
    return bool(spoken().thanks.troubles.find(clause)) and not spoken().thanks.over.find(clause)


def _is_thanking(clause: str) -> bool:
    said = (spoken().thanks.thanks, spoken().thanks.courtesy, spoken().thanks.good, spoken().thanks.over)
    return any(words.find(clause) for words in said)


def _is_name(clause: str, written: str) -> bool:
    """Who signs or is spoken to: up to three words, written large, alone on a line."""
    if _JAPANESE_NAME.fullmatch(clause):
        return True
    found = re.search(rf"(?m)^\s{{0,9}}({re.escape(clause)})[\s,.!]{{0,9}}$", written, re.IGNORECASE)
    return bool(found and _NAME.fullmatch(clause) and all(word[0].isupper() for word in found[1].split()))
