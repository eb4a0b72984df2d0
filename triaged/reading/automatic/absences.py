"""Absence notes, with and without the headers that say so, in the languages of words/. PURE.

Contract: `absence` answers with the reason, or nothing. The evidence is weighed: the subject's beginning,
the text calling itself automatic, somebody being away, answering later, naming a deputy; against it,
whatever wants something done. People write about vacations and out-of-office replies too.
"""

from __future__ import annotations

import re

from triaged.reading.automatic import requests
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

ENOUGH = 4  # points for a text alone
ENOUGH_WHEN_MARKED = 3  # where subject, text or headers say that a machine answers
LONGEST = 3_000  # characters of a whole note; of a longer text only the opening is judged
OPENING = 600
_ANSWERED = re.compile(r"(?:\[[^\]]{1,60}\]|\s){0,6}(?:re|aw|sv|antw|rv|odp|回复|返信)\s?:")
_TAG = re.compile(r"(?:\[[^\]]{1,60}\]|\*{1,3}|#{1,3}|re\s?:|aw\s?:|sv\s?:|antw\s?:|\s){1,12}")

_DAY_BEHIND = re.compile(r"[^\n\d]{0,25}\d")
_UNTIL_BEHIND = re.compile(
    r"\d(?:日|일)?\s?(?:\([^)]{1,6}\))?\s?(?:まで|까지)|\d[^\n\d]{0,20} kadar\b|\d\s?(?:asti|saakka)\b"
)
# How a subject goes on behind "out of office": a colon, a date, "notification", the subject answered.
_GOES_ON = re.compile(
    r"[:：,;.!(\[|\-–—、。]|is |notification|notice|message|until|till|from|bis|vom|ab |[a-zà-ÿ]{3,9}\.? \d|\d|re\b"
    r"|response|のお知らせ|メール|通知|のご連絡"
)


def absence(subject: str, own: str, hints: int = 0) -> str:
    """Why this is an absence note; empty if it is none. `hints`: how many weak headers agree."""
    text = fold(own[:LONGEST] if len(own) <= LONGEST else own[:OPENING])
    itself = spoken().absence.itself.find(text[:250])
    begins, resembles = _title(subject, bool(itself))
    away = spoken().absence.away.find(text) or (begins and spoken().absence.away.find(plain_subject(subject)))
    if not (begins or away):
        return ""
    automatic = spoken().absence.automatic.find(text)
    points = (
        3 * bool(begins) + 2 * bool(automatic) + 2 * bool(away) + 2 * bool(begins and itself) + min(2, hints)
    )
    points += bool(spoken().absence.later.find(text)) + bool(spoken().absence.instead.find(text))
    points += bool(resembles and away) + bool(away and _tells_until(text))
    against = requests.speaks_of(f"{text}\n{fold(subject[:400])}" if begins else text)
    if (requests.is_labelled(text) or requests.reports_trouble(text)) and not itself:
        return ""
    needed = ENOUGH_WHEN_MARKED if begins or automatic or hints else ENOUGH
    if points - against < needed:
        return ""
    return "absence note: " + ", ".join(f"“{found.strip()}”" for found in (begins, away, automatic) if found)


def _tells_until(text: str) -> bool:
    """Whether a text tells the day somebody is back, the word before it or behind it."""
    ends = (end for _, end in spoken().absence.until.spans(text))
    return any(_DAY_BEHIND.match(text, end) for end in ends) or _UNTIL_BEHIND.search(text) is not None


def _title(subject: str, calls_itself_automatic: bool) -> tuple[str, str]:
    """(what a machine's subject begins with, what a person's might begin with too), folded or empty.

    "Re: Automatic reply: …" is a person's answer to one; marks behind the subject count in any case.
    """
    mark = spoken().absence.mark.find(fold(subject[:400]))
    title = plain_subject(subject)
    found = "" if _ANSWERED.match(fold(subject[:100])) else spoken().absence.subject.find(title)
    if mark or (found and (calls_itself_automatic or _stands_alone(title, found))):
        return mark or found, ""
    return "", found


def plain_subject(subject: str) -> str:
    """The subject folded, without list tags, Re: and ornament before it."""
    title = fold(subject[:400]).strip()
    found = _TAG.match(title)
    return title[found.end() :] if found and found.end() < len(title) else title


def _stands_alone(title: str, found: str) -> bool:
    """`Out of office: …` or `Abwesend bis 8. Juni`, not `Out of office replies are not sent`."""
    behind = title[title.find(found) + len(found) :].lstrip(" *]】)>")
    return not behind or found[-1] in ":(]】)>" or _GOES_ON.match(behind) is not None
