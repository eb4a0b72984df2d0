"""Signatures that nothing marks: a last paragraph of name, company and phones.

Contract: `take` marks such a paragraph's lines as gone, or none. A customer's contact details look the
same, so the sender's own name or address settles it; without them a card needs a name on top, a phone and
one more way to reach it, and no words that make it somebody else's ("Their contact:"). PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from triaged.reading.new_text import signature_words as words
from triaged.reading.new_text.signature_rows import is_data, sort_of
from triaged.reading.values import Address

_LINES: Final = 14  # of a card at most
_CARD_NAME = re.compile(r"^\*?[A-ZÀ-ÖØ-Þ][\w.'’-]{0,25}(?: [\w.'’-]{1,25}){1,4}\*?\s*(?:[|,–/•·(-].{0,80})?$")
_PHONE = re.compile(
    r"\b(?:tel|telefon|phone|mobile?|mob|cell|fax|direct|durchwahl|[tmfop])\b\.?:?\s?\(?[+\d][\d (.)/-]{5,}"
)
_REACH = re.compile(
    r"\b(?:tel|phone|mobile?|mob|cell|fax|e-?mail|www|[tmfopew])\b[.:]?\s?[(+\d\w]|@|https?://|www\."
)
_SOMEBODY_ELSE = re.compile(r"\b(?:customer|client|contact|user|kunde|client|cliente|admin)\b|お客様|担当者")


def take(texts: Sequence[str], gone: list[bool], senders: Sequence[Address]) -> None:
    """A last paragraph of name, company and phones is a signature though nothing marks it.

    The sender's own name or address in it settles it; without, it takes a name on top and two contact
    details, and no words that introduce somebody else's ("Their contact:").
    """
    last = max((index for index, text in enumerate(texts) if text and not gone[index]), default=-1)
    first = last
    while first > 0 and texts[first - 1] and not gone[first - 1]:
        first -= 1
    above = next((texts[index] for index in range(first - 1, -1, -1) if texts[index]), "")
    rows = texts[first : last + 1]
    if not above or above[-1] in ":：" or len(rows) > _LINES or any(is_data(text) for text in rows):
        return
    said = [row for row in rows if not words.DISCLAIMER.search(row.casefold())]
    if any(_signs(said, sender) for sender in senders) or _contact_card(said, senders):
        gone[first : last + 1] = [True] * len(rows)


def _signs(rows: Sequence[str], sender: Address) -> bool:
    """The paragraph is short lines that begin with the sender's name or hold his address."""
    if not rows or any(sort_of(row) == "prose" for row in rows):
        return False
    folded = [row.casefold() for row in rows]
    name = sender.name.casefold().split()
    top = folded[0].strip(" ,.-*|")
    if len(rows) == 1:
        return bool(name) and top in {" ".join(name), name[0]}
    named = bool(name) and top.startswith(name[0])
    return named or (bool(sender.address) and any(sender.address in row for row in folded))


def _contact_card(rows: Sequence[str], senders: Sequence[Address]) -> bool:
    """A name on top and at least two ways to reach it, one of them a phone; not of another domain."""
    if len(rows) < 2 or not _CARD_NAME.match(rows[0]) or any(sort_of(row) == "prose" for row in rows):
        return False
    text = "\n".join(rows).casefold()
    if _SOMEBODY_ELSE.search(text):
        return False
    domains = {sender.domain for sender in senders if sender.domain}
    if domains and any(found not in domains for found in re.findall(r"@([\w.-]{1,80})", text)):
        return False
    return len(_PHONE.findall(text)) >= 1 and len(_REACH.findall(text)) >= 2
