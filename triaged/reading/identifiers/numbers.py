"""Digits as people write ids: in one piece, or grouped by blanks, commas, dots or hyphens.

Contract: `ids_of_run` takes a run of digits with single separators between and answers the ids in it
(5 to 20 digits), leaving out dates, amounts, decimal numbers, and digits that are part of a code
("INV-20261104", "+49 221 …", "4200 EUR"). Whether they are labelled is not its business. PURE.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

SHORTEST, LONGEST = 5, 20
_WHOLE = 7  # a group of so many digits is an id by itself, not a part of a grouped one


def ids_of_run(text: str, start: int, end: int, glued: Set[int]) -> Iterator[tuple[int, int, str]]:
    """(start, end, digits) of every id in `text[start:end]`.

    `glued`: places where a label ends, since an id may follow its label without a blank ("ZOID60031…").
    """
    if _is_bound_before(text, start, glued):
        return
    groups = _groups(text, start, end)
    while groups:
        taken = _together(text, groups)
        first, last = groups[0][0], groups[taken - 1][1]
        digits = "".join(text[a:b] for a, b in groups[:taken])
        fits = SHORTEST <= len(digits) <= LONGEST
        if fits and not _is_date(text, groups[:taken]) and not _is_bound_after(text, last, end):
            yield first, last, digits
        groups = groups[taken:]


def _groups(text: str, start: int, end: int) -> list[tuple[int, int]]:
    groups, begun = [], start
    for place in range(start, end + 1):
        if place == end or not text[place].isdigit():
            groups.append((begun, place))
            begun = place + 1
    return groups[:60]


def _together(text: str, groups: list[tuple[int, int]]) -> int:
    """How many of the leading groups make up one id."""
    lengths = [b - a for a, b in groups]
    if lengths[0] >= _WHOLE or len(groups) == 1:
        return 1
    separator, taken, total = text[groups[0][1]], 1, lengths[0]
    while taken < len(groups) and text[groups[taken - 1][1]] == separator:
        if total + lengths[taken] > LONGEST:
            break
        if not (_may_follow(separator, lengths[taken]) or _is_check_digit(text, groups, taken, total)):
            break
        total += lengths[taken]
        taken += 1
    return taken


def _may_follow(separator: str, length: int) -> bool:
    """Thousands have two (India) to four (Japan) digits a group; blanks and hyphens are freer."""
    return 2 <= length <= (4 if separator in ",.'" else 6)


def _is_check_digit(text: str, groups: list[tuple[int, int]], taken: int, total: int) -> bool:
    """The last single digit of "60018 84432 1", if the line or the clause ends with it."""
    start, end = groups[taken]
    ends = text[end : end + 1] in ("", "\n", ",", ";", ")") or text[end : end + 2] in (". ", ".\n", ".")
    return end - start == 1 and taken == len(groups) - 1 and taken >= 2 and total >= _WHOLE and ends


def _is_date(text: str, groups: list[tuple[int, int]]) -> bool:
    parts = [text[a:b] for a, b in groups]
    if len(parts) != 3:
        return False
    year, *rest = parts if len(parts[0]) == 4 else parts[::-1]
    return len(year) == 4 and year[:2] in ("19", "20") and all(len(p) <= 2 and int(p) <= 31 for p in rest)


def _is_bound_before(text: str, start: int, glued: Set[int]) -> bool:
    """The digits belong to what stands before: a letter, a plus, a currency, a code's hyphen."""
    before = text[start - 1 : start]
    if not before or start in glued:
        return False
    if before in "-_./#" and start - 1 not in glued:
        earlier = text[start - 2 : start - 1]
        return (
            before != "#"
            and bool(earlier)
            and (earlier.isascii() and earlier.isalnum())
            and not (before == "/" and earlier.isdigit())
        )
    return before in "+$€£¥₹" or (before.isascii() and before.isalpha())


def _is_bound_after(text: str, end: int, run_end: int) -> bool:
    """The digits belong to what follows: a unit, a letter, a clock's colon."""
    after = text[end : end + 1]
    if not after or end < run_end:
        return False
    if after.isascii() and (after.isalpha() or after in "@%$"):
        return True
    following = text[end + 1 : end + 2]
    if after == ":" and following.isdigit():
        return True
    if after == "-" and following.isascii() and following.isalnum():
        return not text[end + 1 : end + 4].isalpha()
    return after in "€£¥₹"
