"""What YAML asks of one fact, as conditions: operators, values, lists and patterns checked. PURE."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from triaged.rulebook import patterns
from triaged.rulebook.conditions import All, Condition, joined
from triaged.rulebook.fields import OPERATORS, Field, Type
from triaged.rulebook.folding import fold, fold_word
from triaged.rulebook.leaves import Compares, Exists, Holds, Occurs, OneOf, Says
from triaged.rulebook.phrases import Misphrased, MisphrasedList
from triaged.rulebook.scope import NEVER, Scope
from triaged.rulebook.telling import several
from triaged.spec.complaints import written
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.strict_yaml import Path
from triaged.vocabulary import Severity

EVERY_OPERATOR = tuple(dict.fromkeys(op for ops in OPERATORS.values() for op in ops))
_COUNTRIES = {"jp": "ja", "cn": "zh", "kr": "ko", "gb": "en", "us": "en", "dk": "da", "se": "sv",
                "cz": "cs", "gr": "el", "ua": "uk"}  # fmt: skip  # country codes written for languages


def test(about: Field, raw: Any, path: Path, scope: Scope) -> Condition:
    """What a plain value, or a mapping of operators, asks of a fact."""
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
    if operator not in EVERY_OPERATOR:
        near = did_you_mean(operator, EVERY_OPERATOR) or f"; known are {', '.join(EVERY_OPERATOR)}"
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
    idents = frozenset(scope.patterns.add(about.name, patterns.literal(fold(phrase))) for phrase, _ in good)
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
    idents = frozenset(scope.patterns.add(about.name, pattern) for pattern in good)
    return Occurs.of(about, idents, tuple(good), literal=False)


def _build_says(about: Field, _: str, raw: Any, path: Path, scope: Scope) -> Condition:
    return says(about, raw, path, scope)


def says(about: Field, raw: Any, path: Path, scope: Scope) -> Condition:
    """`says: phrase`, `says: [phrases]`, or `says: {phrases: …, unless: …}`."""
    given, spoiling, at = raw, [], path
    if isinstance(raw, Mapping):
        for key in raw:
            if key not in ("phrases", "unless"):
                near = did_you_mean(str(key), ("phrases", "unless"))
                told = f"unknown key '{key}'{near or '; says takes phrases and unless'}"
                scope.complain((*path, key), told, key=True)
        given, at = raw.get("phrases"), (*path, "phrases")
        if "unless" in raw:
            spoiling = _said(raw["unless"], (*path, "unless"), scope)
    wanted = _said(given, at if isinstance(raw, Mapping) and "phrases" in raw else path, scope)
    told = f"says {'not' if len(wanted) == 1 else 'none of'} {several(tuple(phrase for phrase, _ in wanted))}"
    return Says(about, _idents(wanted), _idents(spoiling), f"{about.name} {told}")


def _idents(said: Sequence[tuple[str, frozenset[int]]]) -> frozenset[int]:
    return frozenset[int]().union(*(idents for _, idents in said))


def _said(raw: Any, path: Path, scope: Scope) -> list[tuple[str, frozenset[int]]]:
    """Each good phrase with its ids, one a language."""
    listed = list(enumerate(raw)) if isinstance(raw, list) else [(None, raw)]
    if not listed:
        scope.complain(path, "says takes phrases, not an empty list")
    made = []
    for index, phrase in listed:
        at = path if index is None else (*path, index)
        if not isinstance(phrase, str) or not phrase.strip():
            hint = "; put it in quotes" if isinstance(phrase, (Mapping, list)) else ""
            scope.complain(at, f"a phrase must be text, not {written(phrase)}{hint}")
            continue
        try:
            made.append((phrase, _sayings(phrase, scope)))
        except MisphrasedList:
            continue  # told at the list
        except Misphrased as fault:
            scope.complain(at, str(fault))
    return made


def _sayings(phrase: str, scope: Scope) -> frozenset[int]:
    """The ids of a phrase, one a language; it is checked once, though subject and text are asked for it."""
    if phrase not in scope.said:
        idents = set()
        for language in scope.lexicon.languages(phrase):
            scope.used |= {("words", name) for name in scope.lexicon.check(phrase, language)}
            idents.add(scope.sayings.add(phrase, language))
        scope.said[phrase] = frozenset(idents)
    return scope.said[phrase]


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
    "says": _build_says,
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
    message = misfit(about, value, scope.services, scope.regions)
    if message:
        scope.complain(path, f"{about.name}: {message}")
    return message is None


def misfit(about: Field, value: Any, services: Sequence[str] = (), regions: Sequence[str] = ()) -> str | None:
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
    if about.names == "regions" and (message := no_region(value, regions)):
        return message
    if about.name == "language":
        return _no_language(value)
    return None


def no_region(value: str, regions: Sequence[str]) -> str | None:
    """Why a word is no region of the rulebook's `regions`, or None; without that section any will do."""
    if not regions or value.upper() in (region.upper() for region in regions):
        return None
    told = did_you_mean(value.upper(), regions) or f"; `regions` has {', '.join(regions)}"
    return f"unknown region '{value}'{told}"


def _no_language(value: str) -> str | None:
    if value in _COUNTRIES:
        return f"'{value}' is a country; the language is '{_COUNTRIES[value]}'"
    if len(value) == 2 and value.isalpha() and value.islower():
        return None
    return f"'{value}' is no ISO 639-1 code such as en, ja or de"
