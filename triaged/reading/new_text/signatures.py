"""Signatures, device lines, disclaimers: taken off a run of somebody's words, never more than that.

Contract: `split(lines)` gives (kept, signature); every line lands in one of them. Cutting too much is the
worse fault: lists of e-mail addresses, `label: value` lines and the fields of our template are what the
mail is about and are never cut for a signature (failures.md, F24), unless they stand in the block right
under a `-- ` mark. A closing in the middle ("Thanks! One more thing …") ends nothing. One pass; every
paragraph is judged at most twice. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from triaged.reading.new_text import contact_cards
from triaged.reading.new_text import signature_words as words
from triaged.reading.new_text.separators import matching
from triaged.reading.new_text.signature_rows import (
    Sort,
    is_data,
    is_device_line,
    is_name,
    is_rule,
    is_sentence,
    reaches,
    sort_of,
    speaks,
)
from triaged.reading.values import Address
from triaged.reading.words.listed import plain
from triaged.reading.words.spoken import spoken

_BLOCK: Final = 14  # lines of one paragraph of a signature
_TAIL: Final = 400  # lines at the end of a run that are looked at
_PARAGRAPHS: Final = 12  # paragraphs a signature may go on for
_DELIMITERS = frozenset({"--", "__", "___", "—", "–", "—-", "-- -", "-–", "‐‐", "ーー"})
_SIGN_OFF = re.compile(r"^(?:[-–]|[—~/] ?)[A-ZÀ-ÖØ-Þ][\w.'’-]{0,20}(?: [A-ZÀ-ÖØ-Þ][\w.'’-]{0,20}){0,3}$")
_ADDRESS_ONLY = re.compile(r"^[\s•*·‣○●\d.)-]{0,6}<?[^\s<>@]{1,64}@[^\s<>@]{1,100}>?[,;]?$")
Trigger = Literal["", "mark", "closing", "thanks", "device", "rule", "sign_off", "disclaimer", "banner"]


class Split(NamedTuple):
    """A run of lines in two: what was said, and the signature and its like."""

    kept: tuple[str, ...]
    signature: tuple[str, ...]


def split(lines: Sequence[str], senders: Sequence[Address] = ()) -> Split:
    """Take signature, device line, disclaimer and banner off a run of lines."""
    if len(lines) > _TAIL:
        kept, signature = split(lines[-_TAIL:], senders)
        return Split((*lines[:-_TAIL], *kept), signature)
    texts = [matching(row) for row in lines]
    gone = _Cutter(texts).gone()
    contact_cards.take(texts, gone, senders)
    _close_gaps(texts, gone)
    kept = tuple(row for row, out in zip(lines, gone, strict=True) if not out)
    return Split(kept, tuple(row for row, out in zip(lines, gone, strict=True) if out))


def _paragraph_ends(texts: Sequence[str]) -> list[int]:
    """For every line, the index behind the paragraph it stands in; its own index for a blank line."""
    ends, end = [0] * len(texts), len(texts)
    for index in range(len(texts) - 1, -1, -1):
        if not texts[index]:
            end = index
        ends[index] = end
    return ends


def _close_gaps(texts: Sequence[str], gone: list[bool]) -> None:
    """Where a signature stood between two blank lines, one blank line is left."""
    blank_above = True
    for index, text in enumerate(texts):
        if not text and blank_above and index and gone[index - 1]:
            gone[index] = True
        elif not gone[index]:
            blank_above = not text


class _Cutter:
    """Walks a run once and marks the lines that go."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.out = [False] * len(texts)
        self.last_seen = max((index for index, text in enumerate(texts) if text), default=-1)
        self.ends = _paragraph_ends(texts)
        self.sorts: dict[int, Sort] = {}
        self.code = False  # between ``` fences nothing is a signature

    def gone(self) -> list[bool]:
        """For every line, whether it goes."""
        index = self._banner()
        while index <= self.last_seen:
            text = self.texts[index]
            if text.startswith("```"):
                self.code = not self.code
            trigger = "" if self.code or not text or self.out[index] else self._trigger(index)
            end = index + 1
            if trigger:
                end = self._extent(index, trigger)
                self._drop(index, end)
            index = max(end, index + 1)
        return self.out

    def _drop(self, start: int, end: int) -> None:
        for index in range(start, end):
            self.out[index] = True

    def _banner(self) -> int:
        """A mail server's warning above the words ("CAUTION: this email originated from outside …")."""
        start = next((index for index, text in enumerate(self.texts[:6]) if text), 0)
        if start >= len(self.texts) or not words.BANNER.search(self.texts[start].casefold()):
            return 0
        end = self._paragraph_end(start)
        if end - start > 5:
            end = start + 1
        self._drop(start, end)
        return end

    def _trigger(self, index: int) -> Trigger:
        text = self.texts[index]
        folded = text.casefold().rstrip(" ,.!:;…~*_。、").lstrip("*_ ")
        if text in _DELIMITERS:
            return "" if self._is_answer(index) else "mark"
        if (len(folded) <= 70 and plain(folded) in spoken().signature.closings) or (
            len(folded) <= 90 and words.CLOSING_START.match(folded) and not is_data(text)
        ):
            return "closing"
        if plain(folded) in spoken().signature.thanks:
            return "thanks"
        if is_device_line(text):
            return "device"
        if is_rule(text):
            return "rule"
        return self._late_trigger(index, text)

    def _is_answer(self, index: int) -> bool:
        """`--` under a field of the template says that there is nothing to fill in."""
        above = self._above(index)
        return bool(above) and (
            above[-1] in ":：" or (len(above) <= 70 and words.LABEL.match(above.casefold()) is not None)
        )

    def _late_trigger(self, index: int, text: str) -> Trigger:
        if text[0] in "-–—~/" and _SIGN_OFF.match(text) and self._alone(index):
            signs = self._above(index)[-1:] not in ("", ":", "：", ",", ";")
            return "sign_off" if signs and self._only_footers_below(index + 1) else ""
        if len(text) > 20 and self._opens(index) and self._above(index) and self._disclaims(index):
            return "disclaimer"
        return ""

    def _alone(self, index: int) -> bool:
        """A paragraph of one line."""
        return (index == 0 or not self.texts[index - 1]) and self._paragraph_end(index) == index + 1

    def _above(self, index: int) -> str:
        """The nearest line above that says something."""
        return next((text for text in reversed(self.texts[max(0, index - 4) : index]) if text), "")

    def _disclaims(self, index: int) -> bool:
        """A disclaimer with nothing but footers under it; a case *about* disclaimers speaks of a customer."""
        folded = self.texts[index].casefold()
        if not any(stem in folded for stem in words.STRONG_STEMS):  # most lines are spared the pattern
            return False
        if not words.STRONG_DISCLAIMER.search(folded) or words.CASE.search(folded):
            return False
        return self._follow(self._paragraph_end(index), strict=True) > self.last_seen

    def _opens(self, index: int) -> bool:
        """A disclaimer is its own paragraph, or the first of its lines."""
        return (
            index == 0
            or not self.texts[index - 1]
            or len(self.texts[index]) > 150
            or is_rule(self.texts[index - 1])
        )

    def _only_footers_below(self, index: int) -> bool:
        below = next((text for text in self.texts[index : index + 6] if text), "")
        return not below or below in _DELIMITERS or is_rule(below) or is_device_line(below)

    def _paragraph_end(self, index: int) -> int:
        return self.ends[index] if index < len(self.ends) else index

    def _extent(self, index: int, trigger: Trigger) -> int:
        """The index behind the signature that `trigger` at `index` begins; `index` if it begins none."""
        if trigger == "disclaimer":
            return self._follow(self._paragraph_end(index), strict=False)
        start = index + 1
        if trigger == "rule":
            return self._boxed(index)
        first = self._seen(start)
        if first > self.last_seen:
            return index if trigger == "thanks" else self.last_seen + 1
        end = self._first_block(first, trigger)
        if end == first:
            return start if trigger == "device" else index
        end = self._follow(end, strict=trigger == "mark")
        if trigger == "thanks":  # thanks stay the sender's words (a mail may be nothing else)
            self._drop(start, end)
            return index
        return end

    def _first_block(self, first: int, trigger: Trigger) -> int:
        """The lines right under the trigger: a name and its company, or nothing of a signature."""
        end = self._paragraph_end(first)
        sort = self._sort(first, end)
        if sort == "disclaimer":
            return end
        if is_data(self.texts[first]) or (
            _ADDRESS_ONLY.match(self.texts[first]) and trigger != "mark" and end - first > 1
        ):
            return first
        if trigger == "mark":
            return first if sort == "prose" and self._is_long(first) else end
        if trigger == "device":
            return end if sort in ("short", "prose") else first
        if trigger == "thanks" and not is_name(self.texts[first]):
            return first
        if speaks(self.texts[first], 3):
            return first
        return self._until_data(first, end) if sort in ("short", "data") else first

    def _is_long(self, first: int) -> bool:
        """Prose goes on under a lone `--`: a divider, not a signature."""
        return len(self.texts[first]) > 60 or is_sentence(self.texts[first])

    def _until_data(self, first: int, end: int) -> int:
        for index in range(first, min(end, first + _BLOCK)):
            if is_data(self.texts[index]) or speaks(self.texts[index], 5):
                return index
            if len(self.texts[index]) > 120 and not words.DISCLAIMER.search(self.texts[index].casefold()):
                return first
        return end if end - first <= _BLOCK else first

    def _follow(self, index: int, *, strict: bool) -> int:
        """Further paragraphs of a signature: company, phones, slogan, disclaimer; not words or data."""
        for _ in range(_PARAGRAPHS):
            first = self._seen(index)
            if first > self.last_seen:
                return self.last_seen + 1
            end = self._paragraph_end(first)
            sort = self._sort(first, end)
            if sort == "data" or words.AFTERTHOUGHT.match(self.texts[first].casefold()):
                return index
            if sort == "prose" and not (strict and not self.texts[first].rstrip().endswith("?")):
                return index
            if self.texts[first].startswith("```"):
                return index
            index = end
        return index

    def _seen(self, index: int) -> int:
        while index <= self.last_seen and not self.texts[index]:
            index += 1
        return index

    def _boxed(self, index: int) -> int:
        """A rule of `━━━` or `-----` with contact details under it, near the end."""
        first = self._seen(index + 1)
        if not any(self.texts[:index]) or self._is_heading(index - 1):
            return index
        if first > self.last_seen:
            return index + 1
        end, evidence = first, 0
        while end <= self.last_seen and end - first < _BLOCK + 4:
            text = self.texts[end]
            if is_data(text) or (
                text and sort_of(text) == "prose" and not words.DISCLAIMER.search(text.casefold())
            ):
                break
            evidence += bool(text) and reaches(text)
            end += 1
        whole = end > self.last_seen
        if evidence >= 1 and whole:
            return end
        return index + 1 if end == first and words.DISCLAIMER.search(self.texts[first].casefold()) else index

    def _is_heading(self, index: int) -> bool:
        """A short line right above a rule is underlined by it, unless it ends like a sentence."""
        text = self.texts[index]
        return bool(text) and len(text) <= 40 and text[-1] not in ".!?。！？、,"

    def _sort(self, first: int, end: int) -> Sort:
        """What a paragraph is. Looks at its first lines only."""
        if first not in self.sorts:
            self.sorts[first] = self._sorted(first, end)
        return self.sorts[first]

    def _sorted(self, first: int, end: int) -> Sort:
        rows = self.texts[first : min(end, first + _BLOCK)]
        head = " ".join(rows[:3]).casefold()[:600]
        if words.DISCLAIMER.search(head) and not any(words.TEMPLATE.search(row.casefold()) for row in rows):
            return "disclaimer"
        if sum(1 for row in rows if _ADDRESS_ONLY.match(row)) >= 2 or rows[-1][-1] in ":：":
            return "data"
        sorts = [sort_of(row) for row in rows]
        if "data" in sorts:
            return "data"
        return "prose" if "prose" in sorts or end - first > _BLOCK else "short"
