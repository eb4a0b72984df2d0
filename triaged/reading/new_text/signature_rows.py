"""What a single line of a signature, or of the words above it, is.

Contract: predicates on one line's matching copy (at most 400 characters), in time linear in it; no
context. signatures.py asks them about the lines around a mark. PURE.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from triaged.reading.new_text import signature_words as words

_RULES = "/\\-_=*~#+━─—–―═※◆◇■□●○☆★┏┗┃│┌└+・｡…‥:;.ｰ－＝＿＊〜～〓∽≪≫"
_LABELLED = re.compile(r"^\W{0,4}(?:\d+[.)]\s*)?[^\W\d][\w '’/&()-]{1,40}\s?[:：]\s?\S")
_HIRAGANA = re.compile(r"[ぁ-ゖ]")
_PARTICLES = frozenset(
    {"von", "van", "de", "da", "di", "del", "der", "la", "le", "bin", "al", "and", "und", "y", "&"}
)
_NAME_LINE = re.compile(r"^[^\W\d_][\w.'’-]*(?:[ ,][^\W\d_][\w.'’()-]*){0,4}$")


Sort = Literal["short", "prose", "data", "disclaimer", "blank"]


@lru_cache(maxsize=4096)
def sort_of(text: str) -> Sort:
    if is_data(text):
        return "data"
    if words.CONTACT.match(text.casefold()):
        return "short"
    if len(text) > 140 or (is_sentence(text) and len(text) > 25) or speaks(text, 5):
        return "prose"
    return "short"


def is_sentence(text: str) -> bool:
    """Ends like one and is long enough to be one; a question always is."""
    tail = text.rstrip(" )\"'”»」")[-1:]
    return tail in "?？。！" or (tail in ".!…" and len(text.split()) >= 6)


def speaks(text: str, least: int) -> bool:
    """Somebody says something: words of talk among at least so many; in Japanese, a clause of kana."""
    if len(_HIRAGANA.findall(text)) >= 6:
        return True
    return len(text.split()) >= least and "@" not in text and words.TALK.search(text.casefold()) is not None


def is_name(text: str) -> bool:
    """A line that can be somebody's name: few capitalised words, or a few letters without hiragana."""
    shown = text.rstrip(",. ")
    if not _NAME_LINE.match(shown) or _HIRAGANA.search(shown):
        return False
    parts = shown.split()
    if not shown.isascii() and len(shown) <= 14:
        return True
    return len(parts) == 1 or all(part[0].isupper() or part.casefold() in _PARTICLES for part in parts)


@lru_cache(maxsize=4096)
def is_data(text: str) -> bool:
    """A field of the case: our template's labels, or any `label: value` that is no contact detail."""
    folded = text.casefold()
    if len(text) >= 5 and text.strip(" •*-,;").isdigit():
        return True
    if words.CONTACT.match(folded):
        return bool(words.TEMPLATE.search(folded))
    if words.DATA.search(folded) or (len(text) <= 70 and words.LABEL.match(folded)):
        return True
    return bool(_LABELLED.match(text)) and not words.CONTACT_EVIDENCE.search(folded)


def reaches(text: str) -> bool:
    """A line with a phone, a postal or web address, a company's form, or little but an e-mail address."""
    folded = text.casefold()
    if words.CONTACT_EVIDENCE.search(folded):
        return True
    return "@" in folded and len([word for word in folded.split() if "@" not in word]) <= 3


def is_device_line(text: str) -> bool:
    """`Sent from my iPhone` and its like, but not `Sent from my desk, is much easier than …`."""
    if len(text) > 160 or len(text) < 6:
        return False
    folded = text.casefold().strip(" .*_-[]()")
    if words.MOBILE_WHOLE.match(folded):
        return True
    if not words.MOBILE.match(folded) or not words.DEVICE.search(folded):
        return False
    shown = folded.split("<")[0].split("http")[0]
    return (
        len(shown) <= 70
        and "," not in shown
        and not re.search(r"[.!?] | is | was | to all | ist | est ", shown)
    )


def is_rule(text: str) -> bool:
    return len(text) >= 5 and not text.strip(_RULES + " \t") and text[0] not in ".:;・"
