"""What follows from a condition, told without a mail: which other holds with it, which never can. PURE.

For the rulebook's checks. The answers are safe to act on, not complete: what cannot be told is "no".
"""

from __future__ import annotations

import math

from triaged.frozen import frozen
from triaged.rulebook.conditions import All, Any_, Condition, Named, Not
from triaged.rulebook.fields import Type
from triaged.rulebook.leaves import Compares, Exists, Holds, Occurs, OneOf, rank

_MANY_VALUED = frozenset({Type.WORDS, Type.TEXT})


def implies(one: Condition, other: Condition) -> bool:
    """Whether `other` surely holds wherever `one` does."""
    one, other = _bare(one), _bare(other)
    if one == other:
        return True
    if isinstance(one, Any_) and one.parts:
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, All):
        return all(implies(one, part) for part in other.parts)
    if isinstance(one, All) and any(implies(part, other) for part in one.parts):
        return True
    if isinstance(other, Any_):
        return any(implies(one, part) for part in other.parts)
    if isinstance(other, Not):
        return excludes(one, other.part)
    return _leaf_implies(one, other)


def excludes(one: Condition, other: Condition) -> bool:
    """Whether the two surely never hold together."""
    one, other = _bare(one), _bare(other)
    for a, b in ((one, other), (other, one)):
        if isinstance(a, Any_) and a.parts:
            return all(excludes(part, b) for part in a.parts)
    for a, b in ((one, other), (other, one)):
        if isinstance(a, All) and any(excludes(part, b) for part in a.parts):
            return True
        if isinstance(a, Not) and implies(b, a.part):
            return True
    return _leaves_exclude(one, other)


def impossible(condition: Condition) -> bool:
    """Whether it surely never holds."""
    condition = _bare(condition)
    if isinstance(condition, Any_):
        return bool(condition.parts) and all(map(impossible, condition.parts))
    if isinstance(condition, All):
        parts = condition.parts
        return any(map(impossible, parts)) or any(
            excludes(a, b) for number, a in enumerate(parts) for b in parts[:number]
        )
    if isinstance(condition, Not):
        return implies(All(()), condition.part)
    return False


def _bare(condition: Condition) -> Condition:
    while isinstance(condition, Named):
        condition = condition.part
    return condition


def _leaf_implies(one: Condition, other: Condition) -> bool:
    if isinstance(one, Not):
        return isinstance(other, Not) and implies(other.part, one.part)
    if one.fields != other.fields:
        return False
    if isinstance(other, Exists):
        return other.wanted and isinstance(one, (OneOf, Compares, Occurs, Holds))
    if isinstance(one, Occurs) and isinstance(other, Occurs):
        return one.idents <= other.idents
    if isinstance(one, Holds) and isinstance(other, Holds):
        return one.folded <= other.folded
    if isinstance(one, OneOf) and isinstance(other, OneOf):
        return one.folded <= other.folded
    first, second = _span(one), _span(other)
    return first is not None and second is not None and isinstance(other, Compares) and first.within(second)


def _leaves_exclude(one: Condition, other: Condition) -> bool:
    if one.fields != other.fields or isinstance(one, (All, Not)) or isinstance(other, (All, Not)):
        return False
    for a, b in ((one, other), (other, one)):
        if isinstance(a, Exists) and not a.wanted:
            return isinstance(b, (OneOf, Compares, Occurs, Holds)) or b == Exists(a.field, True)
    if isinstance(one, OneOf) and isinstance(other, OneOf):
        return one.field.type not in _MANY_VALUED and one.folded.isdisjoint(other.folded)
    first, second = _span(one), _span(other)
    return first is not None and second is not None and first.apart(second)


@frozen
class _Span:
    """Where in the order of its type a value may lie; an open end does not belong to it."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def within(self, other: _Span) -> bool:
        above = self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open))
        below = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return above and below

    def apart(self, other: _Span) -> bool:
        return self._before(other) or other._before(self)

    def _before(self, other: _Span) -> bool:
        return self.high < other.low or (self.high == other.low and (self.high_open or other.low_open))


def _span(condition: Condition) -> _Span | None:
    """The span that an ordered leaf leaves; None for what has no order."""
    if isinstance(condition, Compares):
        at = rank(condition.field.type, condition.bound)
        if at is None:
            return None
        if condition.operator in ("at_least", "more_than"):
            return _Span(at, math.inf, low_open=condition.operator == "more_than")
        return _Span(-math.inf, at, high_open=condition.operator == "less_than")
    if isinstance(condition, OneOf):
        places = [rank(condition.field.type, value) for value in condition.wanted]
        known = [place for place in places if place is not None]
        return _Span(min(known), max(known)) if known and len(known) == len(places) else None
    return None
