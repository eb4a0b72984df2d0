"""Identifiers told as plain data, and what can be said of those given: the one codec for every room. PURE.

`explain`, a ticket's events and facts keep `as_data`; `from_data` takes also what an older version kept, and
nothing ill-typed ever stops it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from triaged.reading.identifiers.kinds import IDENTIFIERS, IdentifierKind
from triaged.reading.values import Identifiers

_BY_NAME = {kind.name: kind for kind in IDENTIFIERS}


def values(given: Identifiers, kind: IdentifierKind) -> tuple[str, ...]:
    """What was given of a kind, in the order found."""
    found = getattr(given, kind.name)
    return found if kind.several else (found,) if found else ()


def enough(given: Identifiers, kind: IdentifierKind) -> tuple[str, ...]:
    """What was given of a kind, else of the one that does as well."""
    other = _BY_NAME.get(kind.satisfied_by)
    return values(given, kind) or (values(given, other) if other else ())


def made(found: Mapping[str, tuple[str, ...]]) -> Identifiers:
    """Identifiers of the values of each kind, by its name; of a kind with one value the first counts."""
    told: dict[str, Any] = {kind.name: found.get(kind.name, ()) for kind in IDENTIFIERS}
    one = {kind.name: next(iter(told[kind.name]), None) for kind in IDENTIFIERS if not kind.several}
    return Identifiers(**{**told, **one})


def as_data(given: Identifiers) -> dict[str, Any]:
    """As JSON keeps and shows it: a list where there may be several, else one or None."""
    return {
        kind.name: list(getattr(given, kind.name)) if kind.several else getattr(given, kind.name)
        for kind in IDENTIFIERS
    }


def from_data(data: Mapping[str, Any]) -> Identifiers:
    """What `as_data` wrote; what is missing or no text was not given."""
    return made({kind.name: _texts(data.get(kind.name)) for kind in IDENTIFIERS})


def _texts(value: Any) -> tuple[str, ...]:
    several = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(one for one in several if isinstance(one, str) and one)


def missing(given: Identifiers) -> tuple[str, ...]:
    """The names of those a mail should give and did not."""
    return tuple(kind.name for kind in IDENTIFIERS if kind.asked and not enough(given, kind))


def none_identifies(given: Identifiers) -> bool:
    """Whether nothing was given that alone says which account it is."""
    return not any(values(given, kind) for kind in IDENTIFIERS if kind.identifies)


def completed(new: Identifiers, before: Identifiers) -> Identifiers:
    """What a mail gave, and of what it did not give what was known before; of what adds up both."""
    both = {
        kind.name: (*values(new, kind), *values(before, kind))
        if kind.adds_up
        else values(new, kind) or values(before, kind)
        for kind in IDENTIFIERS
    }
    unique = made({name: tuple(dict.fromkeys(found)) for name, found in both.items()})
    return replace(new, **{name: getattr(unique, name) for name in both})
