"""Conditions as values: each can be asked whether it holds of a mail's facts, and can say why. PURE.

`say` tells the truth about a condition in a sentence a support person understands, whichever way it
went: `account.large_user is false (120 of 200)`, `text contains 'system down'`. Sentences are made only
when somebody wants them; deciding costs set look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from triaged.judging.fields import TIERS, Field, Type, aside
from triaged.judging.folding import fold, fold_word
from triaged.judging.patterns import Patterns
from triaged.values import Severity

_MANY = 3  # so many alternatives are told, the rest counted


class Seen:
    """One mail's facts as conditions look at them: read-only, with folded texts and pattern hits kept."""

    __slots__ = ("_folded", "_hits", "_patterns", "facts")

    def __init__(self, facts: Mapping[str, Any], patterns: Patterns) -> None:
        self.facts = facts
        self._patterns = patterns
        self._folded: dict[str, str] = {}
        self._hits: dict[str, frozenset[int]] = {}

    def value(self, name: str) -> Any:
        """The fact itself; None where it is absent."""
        return self.facts.get(name)

    def text(self, name: str) -> str:
        """A text, or a list one element a line, folded."""
        if name not in self._folded:
            value = self.facts.get(name)
            pieces = (value,) if isinstance(value, str) else value or ()
            self._folded[name] = "\n".join(fold(str(piece)) for piece in pieces)
        return self._folded[name]

    def hits(self, name: str) -> frozenset[int]:
        """Ids of the patterns that occur in a text."""
        if name not in self._hits:
            self._hits[name] = self._patterns.hits(name, self.text(name))
        return self._hits[name]

    def excerpt(self, name: str, ident: int) -> str:
        """What a pattern that occurs found."""
        return self._patterns.excerpt(name, ident, self.text(name))


class Condition(Protocol):
    """What a rule asks."""

    @property
    def fields(self) -> frozenset[str]:
        """Names of the facts it looks at."""

    def holds(self, seen: Seen) -> bool:
        """Whether it is so."""

    def say(self, seen: Seen) -> str:
        """What is so, and for a condition that fails what it wanted instead."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """`equals` and `in`: the value is one of these."""

    field: Field
    wanted: tuple[Any, ...]
    folded: frozenset[Any]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.field.name})

    def holds(self, seen: Seen) -> bool:
        value = seen.value(self.field.name)
        if isinstance(value, str):
            return seen.text(self.field.name).casefold() in self.folded
        return value is not None and value in self.folded

    def say(self, seen: Seen) -> str:
        value = seen.value(self.field.name)
        stated = f"{self.field.name} is {shown(value)}{aside(self.field.name, seen.facts)}"
        if self.holds(seen) or self.field.type is Type.FLAG or value is None:
            return stated
        return f"{stated}, {'not' if len(self.wanted) == 1 else 'none of'} {several(self.wanted)}"


@dataclass(frozen=True, slots=True)
class Occurs:
    """`contains` and `matches` in a text: one of the patterns is found."""

    field: Field
    idents: frozenset[int]
    literal: bool
    absence: str  # the sentence of the miss, made once: 500 rules say it of every mail

    @classmethod
    def of(cls, about: Field, idents: frozenset[int], written: tuple[str, ...], *, literal: bool) -> Occurs:
        """The condition, with what it says when nothing is found."""
        if literal:
            told = f"contains {'no' if len(written) == 1 else 'none of'} {several(written)}"
        elif len(written) == 1:
            told = f"does not match {shown(written[0])}"
        else:
            told = f"matches none of {len(written)} patterns"
        return cls(about, idents, literal, f"{about.name} {told}")

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.field.name})

    def holds(self, seen: Seen) -> bool:
        return not self.idents.isdisjoint(seen.hits(self.field.name))

    def say(self, seen: Seen) -> str:
        found = self.idents & seen.hits(self.field.name)
        if not found:
            return self.absence
        verb = "contains" if self.literal else "matches"
        return f"{self.field.name} {verb} {shown(seen.excerpt(self.field.name, min(found)))}"


@dataclass(frozen=True, slots=True)
class Holds:
    """`contains` of a list: one of these is among its elements."""

    field: Field
    wanted: tuple[str, ...]
    folded: frozenset[str]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.field.name})

    def holds(self, seen: Seen) -> bool:
        return any(fold_word(str(e)) in self.folded for e in seen.value(self.field.name) or ())

    def say(self, seen: Seen) -> str:
        stated = f"{self.field.name} is {shown(seen.value(self.field.name))}"
        return stated if self.holds(seen) else f"{stated}, without {several(self.wanted, ' or ')}"


@dataclass(frozen=True, slots=True)
class Compares:
    """`at_least` and its like. Of severities `at_least: S2` is S2 or graver; of tiers premium is highest."""

    field: Field
    operator: str
    bound: Any

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.field.name})

    def holds(self, seen: Seen) -> bool:
        value = rank(self.field.type, seen.value(self.field.name))
        return value is not None and _COMPARE[self.operator](value, rank(self.field.type, self.bound))

    def say(self, seen: Seen) -> str:
        value = seen.value(self.field.name)
        stated = f"{self.field.name} is {shown(value)}{aside(self.field.name, seen.facts)}"
        if value is None:
            return stated
        wanted = f"{self.operator.replace('_', ' ')} {shown(self.bound)}"
        return f"{stated}, {'' if self.holds(seen) else 'not '}{wanted}"


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
    "more_than": lambda value, bound: value > bound,
    "less_than": lambda value, bound: value < bound,
}


def rank(type_: Type, value: Any) -> float | None:
    """Where a value stands in the order of its type; None for what has no place in it."""
    if value is None or isinstance(value, bool):
        return None
    if type_ is Type.SEVERITY:
        return -int(Severity(value).value[1])
    if type_ is Type.TIER:
        return TIERS.index(value) if value in TIERS else None
    return value if isinstance(value, (int, float)) else None


@dataclass(frozen=True, slots=True)
class Exists:
    """`exists`: there is a value, and it is not empty."""

    field: Field
    wanted: bool

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.field.name})

    def holds(self, seen: Seen) -> bool:
        return (seen.value(self.field.name) not in (None, "", (), [])) is self.wanted

    def say(self, seen: Seen) -> str:
        name = self.field.name
        return f"{name} is {shown(seen.value(name))}{aside(name, seen.facts)}"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; none at all holds always."""

    parts: tuple[Condition, ...]
    fields: frozenset[str] = field(default=frozenset())

    def holds(self, seen: Seen) -> bool:
        for part in self.parts:  # noqa: SIM110  a loop costs half of all(): 500 rules pass here on every mail
            if not part.holds(seen):
                return False
        return True

    def say(self, seen: Seen) -> str:
        failed = next((part for part in self.parts if not part.holds(seen)), None)
        if failed is not None:
            return failed.say(seen)
        telling = [part for part in self.parts if not isinstance(part, Not)] or self.parts
        return " and ".join(part.say(seen) for part in telling) or "applies to every mail"


@dataclass(frozen=True, slots=True)
class Any_:
    """At least one part holds."""

    parts: tuple[Condition, ...]
    fields: frozenset[str] = field(default=frozenset())

    def holds(self, seen: Seen) -> bool:
        for part in self.parts:  # noqa: SIM110
            if part.holds(seen):
                return True
        return False

    def say(self, seen: Seen) -> str:
        for part in self.parts:
            if part.holds(seen):
                return part.say(seen)
        told = "; ".join(part.say(seen) for part in self.parts[:_MANY])
        more = f"; and {len(self.parts) - _MANY} more" if len(self.parts) > _MANY else ""
        return f"none of these holds: {told}{more}" if len(self.parts) > 1 else told


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition
    fields: frozenset[str] = field(default=frozenset())

    def holds(self, seen: Seen) -> bool:
        return not self.part.holds(seen)

    def say(self, seen: Seen) -> str:
        stated = self.part.say(seen)
        return f"ruled out: {stated}" if self.part.holds(seen) else f"not ruled out ({stated})"


@dataclass(frozen=True, slots=True)
class Named:
    """A condition of the rulebook's `conditions:`, used by its name."""

    name: str
    part: Condition
    fields: frozenset[str] = field(default=frozenset())

    def holds(self, seen: Seen) -> bool:
        return self.part.holds(seen)

    def say(self, seen: Seen) -> str:
        return f"{self.name}: {self.part.say(seen)}"


def joined(parts: Iterable[Condition]) -> frozenset[str]:
    """The facts that several conditions look at together."""
    return frozenset().union(*(part.fields for part in parts))


def shown(value: Any) -> str:
    """A value as sentences show it."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        flat = " ".join(value.split())
        text = flat if len(flat) <= 60 else f"{flat[:57]}…"
        return text if value in _BARE else f"'{text}'"
    if isinstance(value, (list, tuple)):
        return several(tuple(value)) if value else "empty"
    return f"{value:g}" if isinstance(value, float) else str(value)


def several(values: tuple[Any, ...], link: str = ", ") -> str:
    """Some of several values, the rest counted."""
    told = link.join(shown(value) for value in values[:_MANY])
    return told if len(values) <= _MANY else f"{told} and {len(values) - _MANY} more"


_BARE = {s.value for s in Severity}
