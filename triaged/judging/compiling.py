"""Conditions from YAML to values: every name, type and pattern checked, every fault with its place. PURE.

Works on plain data with the marks of `strict_yaml`, not on a pydantic model, so that one bad condition
hides no other and each complaint can name the fact it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triaged.judging import patterns
from triaged.judging.conditions import (
    All,
    Any_,
    Compares,
    Condition,
    Exists,
    Holds,
    Named,
    Not,
    Occurs,
    OneOf,
    joined,
)
from triaged.judging.fields import FIELDS, OPERATORS, Field, Type
from triaged.judging.folding import fold, fold_word
from triaged.model_faults import written
from triaged.strict_yaml import Complaint, Document, Path
from triaged.suggest import did_you_mean
from triaged.values import Severity

NEVER: Condition = Any_(())  # stands for a condition with a fault: the rulebook is refused anyway
GROUPS = ("all", "any", "not", "condition")
_EVERY_OPERATOR = tuple(dict.fromkeys(op for ops in OPERATORS.values() for op in ops))
_COUNTRIES = {"jp": "ja", "cn": "zh", "kr": "ko", "gb": "en", "us": "en", "dk": "da", "se": "sv",
                "cz": "cs", "gr": "el", "ua": "uk"}  # fmt: skip  # country codes written for languages


@dataclass(slots=True)
class Scope:
    """What conditions may refer to, where complaints go, and the patterns they bring."""

    document: Document
    services: tuple[str, ...] = ()
    complaints: list[Complaint] = field(default_factory=list)
    book: patterns.PatternBook = field(default_factory=patterns.PatternBook)
    used: set[tuple[str, str]] = field(default_factory=set)  # ("list", name), ("condition", name)
    _named: dict[str, Condition] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def complain(self, path: Path, message: str, *, key: bool = False, warning: bool = False) -> None:
        """Note a fault at a path."""
        self.complaints.append(self.document.place(path, key=key).complain(message, warning=warning))

    def section(self, name: str) -> Mapping[str, Any]:
        """A top-level mapping of the rulebook as written; empty where it is none."""
        value = self.document.value.get(name)
        return value if isinstance(value, Mapping) else {}

    def named(self, name: Any, path: Path) -> Condition:
        """The condition of `conditions:` with that name, compiled once."""
        known = self.section("conditions")
        if not isinstance(name, str) or name not in known:
            self.complain(
                path, f"unknown condition {written(name)}{did_you_mean(str(name), map(str, known))}"
            )
            return NEVER
        self.used.add(("condition", name))
        if name in self._open:
            self.complain(
                path, f"condition '{name}' leads back to itself: {' -> '.join([*self._open, name])}"
            )
            return NEVER
        if name not in self._named:
            self._open.append(name)
            self._named[name] = condition(known[name], ("conditions", name), self)
            self._open.pop()
        part = self._named[name]
        return Named(name, part, part.fields)


def condition(raw: Any, path: Path, scope: Scope) -> Condition:
    """The condition that a mapping writes: all of its entries together."""
    if not isinstance(raw, Mapping):
        scope.complain(path, f"a condition is a mapping like {{language: ja}}, not {written(raw)}")
        return NEVER
    parts = tuple(_entry(str(key), value, (*path, key), scope) for key, value in raw.items())
    return parts[0] if len(parts) == 1 else All(parts, joined(parts))


def _entry(key: str, value: Any, path: Path, scope: Scope) -> Condition:
    if key in ("all", "any"):
        parts = tuple(_conditions(value, path, scope, key))
        return All(parts, joined(parts)) if key == "all" else Any_(parts, joined(parts))
    if key == "not":
        parts = tuple(_conditions([value] if isinstance(value, Mapping) else value, path, scope, key))
        part = parts[0] if len(parts) == 1 else Any_(parts, joined(parts))
        return Not(part, part.fields)
    if key == "condition":
        names = value if isinstance(value, list) else [value]
        parts = tuple(scope.named(name, path) for name in names)
        return parts[0] if len(parts) == 1 else All(parts, joined(parts))
    if key in FIELDS:
        return _test(FIELDS[key], value, path, scope)
    scope.complain(path, _unknown(key), key=True)
    return NEVER


def _unknown(key: str) -> str:
    if key in _EVERY_OPERATOR:
        return f"'{key}' stands below a field, for example text: {{{key}: …}}"
    return f"unknown field '{key}'{did_you_mean(key, [*FIELDS, *GROUPS])}"


def _conditions(raw: Any, path: Path, scope: Scope, key: str) -> Iterator[Condition]:
    if not isinstance(raw, list) or not raw:
        scope.complain(
            path, f"'{key}' takes a list of conditions, not {written(raw) if raw else 'an empty one'}"
        )
        yield NEVER
        return
    for index, item in enumerate(raw):
        yield condition(item, (*path, index), scope)


def _test(about: Field, raw: Any, path: Path, scope: Scope) -> Condition:
    if isinstance(raw, Mapping):
        if not raw:
            scope.complain(path, f"{about.name}: nothing is asked; takes {_operators(about)}")
            return NEVER
        parts = tuple(_operator(about, str(op), value, (*path, op), scope) for op, value in raw.items())
        return parts[0] if len(parts) == 1 else All(parts, joined(parts))
    if isinstance(raw, list) or about.type is Type.WORDS:
        wanted = "contains" if about.type in (Type.WORDS, Type.TEXT) else "in"
        scope.complain(path, f"{about.name}: write {{{wanted}: [...]}}")
        return NEVER
    if about.type is Type.TEXT:
        doubt = f"{about.name}: compares the whole text; is {{contains: [...]}} meant?"
        scope.complain(path, doubt, warning=True)
    return _one_of(about, [raw], path, scope)


def _operators(about: Field) -> str:
    return ", ".join(OPERATORS[about.type])


def _operator(about: Field, operator: str, raw: Any, path: Path, scope: Scope) -> Condition:
    if operator not in _EVERY_OPERATOR:
        near = did_you_mean(operator, _EVERY_OPERATOR) or f"; known are {', '.join(_EVERY_OPERATOR)}"
        scope.complain(path, f"unknown test '{operator}'{near}", key=True)
        return NEVER
    if operator not in OPERATORS[about.type]:
        scope.complain(
            path, f"{about.name} is {_TOLD[about.type]}: '{operator}' cannot be asked; takes {_operators(about)}",
            key=True,
        )  # fmt: skip
        return NEVER
    return _BUILD[operator](about, operator, raw, path, scope)


_TOLD = {
    Type.TEXT: "text",
    Type.WORD: "a word",
    Type.WORDS: "a list",
    Type.NUMBER: "a number",
    Type.FLAG: "true or false",
    Type.SEVERITY: "a severity",
    Type.TIER: "a partner's tier",
}


def _elements(raw: Any, path: Path, scope: Scope, *, single: bool = True) -> list[tuple[Any, Path]]:
    """The elements of a list as written, `{list: name}` replaced by the elements of that list."""
    if isinstance(raw, list) and raw:
        return [found for i, item in enumerate(raw) for found in _spliced(item, (*path, i), scope)]
    if isinstance(raw, Mapping) or (single and not isinstance(raw, list)):
        return _spliced(raw, path, scope)
    scope.complain(path, f"'{path[-1]}' takes a list, not {written(raw) if raw != [] else 'an empty one'}")
    return []


def _spliced(item: Any, path: Path, scope: Scope) -> list[tuple[Any, Path]]:
    if not isinstance(item, Mapping):
        return [(item, path)]
    known = scope.section("lists")
    name = item.get("list")
    if set(item) != {"list"}:
        scope.complain(path, "a ':' makes a mapping of this; put it in quotes, or write {list: NAME}")
    elif not isinstance(name, str) or name not in known:
        scope.complain(
            (*path, "list"), f"unknown list {written(name)}{did_you_mean(str(name), map(str, known))}"
        )
    else:
        scope.used.add(("list", name))
        members = known[name] if isinstance(known[name], list) else []
        return [(member, ("lists", name, i)) for i, member in enumerate(members)]
    return []


def _one_of(about: Field, raw: Sequence[Any], path: Path, scope: Scope) -> Condition:
    good = [value for value in raw if _fits(about, value, path, scope)]
    return OneOf(about, tuple(good), frozenset(fold_word(v) if isinstance(v, str) else v for v in good))


def _build_in(about: Field, _: str, raw: Any, path: Path, scope: Scope) -> Condition:
    good = [v for v, at in _elements(raw, path, scope, single=False) if _fits(about, v, at, scope)]
    return OneOf(about, tuple(good), frozenset(fold_word(v) if isinstance(v, str) else v for v in good))


def _build_equals(about: Field, _: str, raw: Any, path: Path, scope: Scope) -> Condition:
    return _one_of(about, [raw], path, scope)


def _build_contains(about: Field, _: str, raw: Any, path: Path, scope: Scope) -> Condition:
    good = [(v, at) for v, at in _elements(raw, path, scope) if _is_text(about, v, at, scope)]
    if about.type is Type.WORDS:
        good = [(v, at) for v, at in good if _fits(about, v, at, scope)]
        return Holds(about, tuple(v for v, _ in good), frozenset(fold_word(v) for v, _ in good))
    idents = frozenset(scope.book.add(about.name, patterns.literal(fold(phrase))) for phrase, _ in good)
    return Occurs.of(about, idents, tuple(phrase for phrase, _ in good), literal=True)


def _build_matches(about: Field, _: str, raw: Any, path: Path, scope: Scope) -> Condition:
    good = []
    for pattern, at in _elements(raw, path, scope):
        if not _is_text(about, pattern, at, scope):
            continue
        if fault := patterns.fault(pattern):
            scope.complain(at, fault)
            continue
        if doubt := patterns.doubt(pattern):
            scope.complain(at, doubt, warning=True)
        good.append(pattern)
    idents = frozenset(scope.book.add(about.name, pattern) for pattern in good)
    return Occurs.of(about, idents, tuple(good), literal=False)


def _build_compare(about: Field, operator: str, raw: Any, path: Path, scope: Scope) -> Condition:
    return Compares(about, operator, raw) if _fits(about, raw, path, scope) else NEVER


def _build_exists(about: Field, _: str, raw: Any, path: Path, scope: Scope) -> Condition:
    if not isinstance(raw, bool):
        scope.complain(path, f"exists: must be true or false, not {written(raw)}")
        return NEVER
    return Exists(about, raw)


_Build = Callable[[Field, str, Any, Path, Scope], Condition]
_BUILD: Mapping[str, _Build] = {
    "equals": _build_equals,
    "in": _build_in,
    "contains": _build_contains,
    "matches": _build_matches,
    "exists": _build_exists,
    **dict.fromkeys(("at_least", "at_most", "more_than", "less_than"), _build_compare),
}


def _is_text(about: Field, value: Any, path: Path, scope: Scope) -> bool:
    if isinstance(value, str) and fold(value):
        return True
    quotes = "; put it in quotes" if isinstance(value, (int, float)) else ""
    told = "empty text" if value == "" else written(value)
    scope.complain(path, f"{about.name}: must be text, not {told}{quotes}")
    return False


def _fits(about: Field, value: Any, path: Path, scope: Scope) -> bool:
    message = misfit(about, value, scope.services)
    if message:
        scope.complain(path, f"{about.name}: {message}")
    return message is None


def misfit(about: Field, value: Any, services: Sequence[str] = ()) -> str | None:
    """Why one value cannot be a value of a fact (an element, of a list), or None."""
    if value is None:
        return "nothing is given; write {exists: false} to ask for absence"
    if about.type is Type.FLAG:
        return None if isinstance(value, bool) else f"must be true or false, not {written(value)}"
    if about.type is Type.NUMBER:
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if good else f"must be a number, not {written(value)}"
    if not isinstance(value, str):
        quotes = "; put it in quotes" if isinstance(value, (int, float)) else ""
        return f"must be text, not {written(value)}{quotes}"
    choices = tuple(s.value for s in Severity) if about.type is Type.SEVERITY else about.choices
    if choices and value not in choices:
        return f"'{value}' is none of {', '.join(choices)}{did_you_mean(value, choices)}"
    if about.names == "services" and services and fold_word(value) not in map(fold_word, services):
        return f"unknown service '{value}'{did_you_mean(value, services)}"
    if about.name == "language":
        return _no_language(value)
    return None


def _no_language(value: str) -> str | None:
    if value in _COUNTRIES:
        return f"'{value}' is a country; the language is '{_COUNTRIES[value]}'"
    if len(value) == 2 and value.isalpha() and value.islower():
        return None
    return f"'{value}' is no ISO 639-1 code such as en, ja or de"
