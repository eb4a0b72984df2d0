"""What can be asked of one fact: its value, its words, its place in an order, whether it is there. PURE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from triaged.frozen import frozen
from triaged.rulebook.conditions import Seen
from triaged.rulebook.fields import TIERS, Field, Type, aside
from triaged.rulebook.folding import fold_word
from triaged.rulebook.telling import several, shown
from triaged.vocabulary import Severity


@frozen
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


@frozen
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


@frozen
class Says:
    """`says`: a sentence of the text says one of the phrases, and none of those under `unless`."""

    field: Field
    idents: frozenset[int]
    unless: frozenset[int]
    absence: str  # what it says when nothing is found

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.field.name})

    def holds(self, seen: Seen) -> bool:
        may = seen.may_say(self.field.name)
        if self.idents.isdisjoint(may) or next(self._said(seen), None) is None:
            return False
        return self.unless.isdisjoint(may) or bool(self._found(seen)[0])

    def say(self, seen: Seen) -> str:
        said, excuse = self._found(seen)
        if said:
            return f"{self.field.name} says {shown(said)}"
        return f"{self.field.name} says it only beside {shown(excuse)}" if excuse else self.absence

    def _said(self, seen: Seen) -> Iterator[int]:
        """Which of the phrases the whole text says, in order."""
        possible = seen.may_say(self.field.name) & self.idents
        return (ident for ident in sorted(possible) if seen.says(self.field.name, ident))

    def _found(self, seen: Seen) -> tuple[str, str]:
        """The words of the first sentence that says it and no `unless` of its language, and the last that spoilt one."""
        excuse = ""
        said = tuple(self._said(seen))
        spoiling = sorted(seen.may_say(self.field.name) & self.unless) if said else ()
        for sentence in seen.sentences(self.field.name) if said else ():
            for ident, words in _in(said, sentence, seen):
                spoilt = next(
                    (told for other, told in _in(spoiling, sentence, seen) if seen.alike(ident, other)), ""
                )
                if not spoilt:
                    return words, ""
                excuse = spoilt
        return "", excuse


def _in(idents: Iterable[int], sentence: str, seen: Seen) -> Iterator[tuple[int, str]]:
    """Which of these phrases a sentence says, with the words."""
    for ident in idents:
        if hit := seen.phrase(ident).search(sentence):
            yield ident, hit.group().strip(_EDGES)


_EDGES = " ,;:.!?()[]\"'/>*_-\n"


@frozen
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


@frozen
class Compares:
    """`at_least` and its like. Of severities `at_least: S2` is S2 or more severe; of tiers premium is highest."""

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


@frozen
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
