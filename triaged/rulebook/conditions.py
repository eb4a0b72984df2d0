"""Conditions as values: each can be asked whether it holds of a mail's facts, and can say why. PURE.

`say` tells the truth about a condition in a sentence a support person understands, whichever way it
went: `account.large_user is false (120 of 200)`, `text contains 'system down'`. Sentences are made only
when somebody wants them; deciding costs set look-ups. Here are the groups; what is asked of single
facts stands in leaves.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Protocol

from triaged.frozen import frozen
from triaged.rulebook.folding import fold, sentences
from triaged.rulebook.patterns import Patterns
from triaged.rulebook.sayings import Sayings
from triaged.rulebook.telling import MANY


class Seen:
    """One mail's facts as conditions look at them: read-only; what is found in a text is kept for all its names."""

    __slots__ = (
        *("_folded", "_hits", "_may", "_patterns", "_plain", "_possible", "_said", "_sayings", "_sentences"),
        *("facts", "named"),
    )

    def __init__(self, facts: Mapping[str, Any], patterns: Patterns, sayings: Sayings) -> None:
        self.facts = facts
        self.named: dict[str, bool] = {}  # which conditions of the rulebook hold, as far as they were asked
        self._patterns, self._sayings = patterns, sayings
        self._folded: dict[str, str] = {}  # by the name of the fact
        self._plain: dict[str, str] = {}  # by the text as it came: mostly own words and text are one
        self._hits: dict[str, frozenset[int]] = {}
        self._may: dict[str, frozenset[int]] = {}  # by the name of the fact
        self._possible: dict[str, frozenset[int]] = {}  # by folded text, as the two below
        self._said: dict[tuple[str, int], bool] = {}
        self._sentences: dict[str, tuple[str, ...]] = {}

    def value(self, name: str) -> Any:
        """The fact itself; None where it is absent."""
        return self.facts.get(name)

    def text(self, name: str) -> str:
        """A text, or a list one element a line, folded."""
        if name not in self._folded:
            value = self.facts.get(name)
            pieces = (value,) if isinstance(value, str) else value or ()
            self._folded[name] = "\n".join(self._fold(str(piece)) for piece in pieces)
        return self._folded[name]

    def _fold(self, text: str) -> str:
        if text not in self._plain:
            self._plain[text] = fold(text)
        return self._plain[text]

    def hits(self, name: str) -> frozenset[int]:
        """Ids of the patterns that occur in a text."""
        if name not in self._hits:
            self._hits[name] = self._patterns.hits(name, self.text(name))
        return self._hits[name]

    def may_say(self, name: str) -> frozenset[int]:
        """Ids of the phrases that a text may say; worked out when first asked for."""
        if name not in self._may:
            text = self.text(name)
            if text not in self._possible:
                self._possible[text] = self._sayings.possible(text, self.value("language"))
            self._may[name] = self._possible[text]
        return self._may[name]

    def says(self, name: str, ident: int) -> bool:
        """Whether a text says a phrase that it may say."""
        key = (self.text(name), ident)
        if key not in self._said:
            self._said[key] = self.phrase(ident).search(key[0]) is not None
        return self._said[key]

    def phrase(self, ident: int) -> Any:
        """A phrase as RE2 looks for it."""
        return self._sayings.pattern(ident)

    def alike(self, ident: int, other: int) -> bool:
        """Whether two phrases are of one language, or either of none, or the other of the mail's.

        Spanish phrases are found in Portuguese mail too; what spoils them is Portuguese then.
        """
        languages = (self._sayings.language(ident), self._sayings.language(other))
        return languages[0] == languages[1] or "" in languages or languages[1] == self.value("language")

    def sentences(self, name: str) -> tuple[str, ...]:
        """The sentences of a text, folded, each with its mark; split once."""
        text = self.text(name)
        if text not in self._sentences:
            self._sentences[text] = sentences(text)
        return self._sentences[text]

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


@frozen
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


@frozen
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


@frozen
class Not:
    """The part does not hold."""

    part: Condition
    fields: frozenset[str] = field(default=frozenset())

    def holds(self, seen: Seen) -> bool:
        return not self.part.holds(seen)

    def say(self, seen: Seen) -> str:
        stated = self.part.say(seen)
        return f"ruled out: {stated}" if self.part.holds(seen) else f"not ruled out ({stated})"


@frozen
class Named:
    """A condition of the rulebook's `conditions:`, used by its name."""

    name: str
    part: Condition
    fields: frozenset[str] = field(default=frozenset())

    def holds(self, seen: Seen) -> bool:
        if self.name not in seen.named:  # several rules use it
            seen.named[self.name] = self.part.holds(seen)
        return seen.named[self.name]

    def say(self, seen: Seen) -> str:
        return f"{self.name}: {self.part.say(seen)}"


def joined(parts: Iterable[Condition]) -> frozenset[str]:
    """The facts that several conditions look at together."""
    return frozenset().union(*(part.fields for part in parts))
