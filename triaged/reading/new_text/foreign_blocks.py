"""Header blocks in languages whose words we do not know, known by their shape. PURE.

Three or more lines `word: value`, of which one names an address and one a date, or one is support's own address:
mail programs write such blocks in any language, and people hardly ever. Who wrote stands before whom it went to.
Contract: bounded by a few lines; a form that somebody filled in is no block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from triaged.reading.new_text.forwards import Block
from triaged.reading.new_text.separators import Kind, Line
from triaged.reading.new_text.support import Support

_MOST: Final = 8  # lines of a block
_LEAST: Final = 3
_FIELD = re.compile(r"[\W_]{0,4}([^\W\d_][^:：@\d<>/\\.]{0,29}?)[ \t*_]{0,6}[:：][ \t*_]{0,6}(\S.{0,350})$")
_SHOWN = re.compile(
    r"[\W_]{0,3}(?:[^@:]{0,80}<)?\s{0,2}(?:mailto:)?[^\s<>@:]{1,64}@[^\s<>@]{1,120}>?[\W_]{0,3}(?:[;,].{0,300})?$"
)
_DAY = re.compile(r"\b\d{4}\b|\b\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}\b")
_HOUR = re.compile(r"\b\d{1,2}[:.h] ?\d{2}\b")
_IDENTIFIER = re.compile(r"(?i)zoid|zuid|zgid|\bid\b|super ?admin|e-?mail|phone|tel|skype|組織|管理者")


def may_begin(one: Line) -> bool:
    """Whether a line is `word: value`, at a glance."""
    return ":" in one.text[1:48] or "：" in one.text[1:48]


def block_at(lines: Sequence[Line], start: int, support: Support) -> Block | None:
    """The block that begins at `start`; None if nothing there has the shape of one."""
    rows: dict[str, str] = {}
    for one in lines[start : start + _MOST]:
        found = None if one.quoted else _FIELD.match(one.text)
        if not found or found[1] in rows or _IDENTIFIER.search(found[1]):
            break
        rows[found[1]] = found[2]
    return _understood(list(rows.values()), start + len(rows), support) if len(rows) >= _LEAST else None


def _understood(rows: list[str], end: int, support: Support) -> Block | None:
    """What the values say: the first person wrote, the others got it; a day with its hour is when."""
    people = [row for row in rows if _SHOWN.match(row) or support.is_address_of(row)]
    dated = [row for row in rows if row not in people and _DAY.search(row)]
    ours = any(support.is_address_of(row) for row in people)
    timed = any(_HOUR.search(row) for row in dated)
    if (
        not people
        or rows.index(people[0]) > 2
        or not ((timed and len(people) > 1) or (ours and (dated or len(people) > 1)))
    ):
        return None
    others = [row for row in rows if row not in people and row not in dated]
    fields: dict[Kind, str] = {"from": people[0], "to": "; ".join(people[1:])}
    fields |= {"date": dated[0]} if dated else {}
    fields |= {"subject": others[-1]} if others else {}
    return Block(end, fields, "; ".join(people[1:]))
