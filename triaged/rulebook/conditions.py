"""Conditions as values: each can be asked whether it holds of a mail's facts, and can say why. PURE.

`say` tells the truth about a condition in a sentence a support person understands, whichever way it
went: `account.large_user is false (120 of 200)`, `text contains 'system down'`. Sentences are made only
when somebody wants them; deciding costs set look-ups. Here are the groups; what is asked of single
facts stands in leaves.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from triaged.rulebook.folding import fold, sentences
from triaged.rulebook.patterns import SAYS, Patterns
from triaged.rulebook.telling import MANY


class Seen:
    """One mail's facts as conditions look at them: read-only, with folded texts and pattern hits kept."""

    __slots__ = ("_folded", "_hits", "_patterns", "_said", "_sentences", "facts")

    def __init__(self, facts: Mapping[str, Any], patterns: Patterns) -> None:
        self.facts = facts
        self._patterns = patterns
        self._folded: dict[str, str] = {}
        self._hits: dict[str, frozenset[int]] = {}
        self._said: dict[str, frozenset[int]] = {}
        self._sentences: dict[str, tuple[str, ...]] = {}

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

    def said(self, name: str) -> frozenset[int]:
        """Which phrases a text says, worked out when first asked for."""
        if name not in self._said:
            self._said[name] = self._patterns.hits(SAYS, self.text(name))
        return self._said[name]

    def phrase(self, ident: int) -> Any:
        """One of the phrases, to be looked for in a sentence alone."""
        return self._patterns.of(SAYS, ident)

    def sentences(self, name: str) -> tuple[str, ...]:
        """The sentences of a text, folded, each with its mark; split once."""
        if name not in self._sentences:
            self._sentences[name] = sentences(self.text(name))
        return self._sentences[name]

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
        told = "; ".join(part.say(seen) for part in self.parts[:MANY])
        more = f"; and {len(self.parts) - MANY} more" if len(self.parts) > MANY else ""
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
