"""What a rulebook of the right shape can still get wrong: names that lead nowhere, rules never reached. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from triaged.judging.asking import misfit
from triaged.judging.conditions import All, Condition, Named
from triaged.judging.fields import FIELDS, Type
from triaged.judging.rulebook import Rule
from triaged.judging.scope import Scope
from triaged.judging.specs import RuleSpec, ServiceSpec, TestSpec
from triaged.strict_yaml import Path
from triaged.suggest import did_you_mean


def names(
    scope: Scope, listed: Mapping[str, Mapping[int, Any]], values: Mapping[str, Any], built: Mapping[str, Any]
) -> None:
    """Every service level, letter, queue and list that is named is there; no name stands twice."""
    levels = _names_of(scope, "service_levels") if "promises" in built else None
    letters = letter_kinds(scope) if "letters" in built else None
    queues = tuple(values["queues"] or ())
    for index, spec in listed["rules"].items():
        then = ("rules", index, "then")
        _known(scope, (*then, "service_level"), "service level", spec.then.service_level, levels)
        _known(scope, (*then, "letter"), "letter", spec.then.letter, letters)
        _known(scope, (*then, "queue"), "queue", spec.then.queue, queues)
        if spec.then.hold_letters != "all":
            for at, kind in enumerate(spec.then.hold_letters):
                _known(scope, (*then, "hold_letters", at), "letter", kind, letters)
    defaults = values["defaults"]
    if defaults:
        _known(scope, ("defaults", "service_level"), "service level", defaults.service_level, levels)
        _known(scope, ("defaults", "queue"), "queue", defaults.queue, queues)
    asking = values["asking"]
    for at, name in enumerate(asking.zuid.services if asking else ()):
        _known(scope, ("asking", "zuid", "services", at), "service", name, scope.services)
    _twice(scope, "rules", listed["rules"])
    _twice(scope, "tests", listed["tests"])
    _services(scope, listed["services"])
    for name in scope.section("lists"):
        if ("list", name) not in scope.used:
            scope.complain(("lists", name), f"list '{name}' is used by no rule", key=True, warning=True)


def letter_kinds(scope: Scope) -> tuple[str, ...]:
    """Kinds of letters that some language has a template of."""
    languages = [value for value in scope.section("letters").values() if isinstance(value, Mapping)]
    templates = [language.get("templates") for language in languages]
    kinds = [str(kind) for found in templates if isinstance(found, Mapping) for kind in found]
    return tuple(dict.fromkeys(kinds))


def rules(scope: Scope, by_index: Mapping[int, Rule]) -> None:
    """Warn of rules no mail can reach, and of severity given to senders nobody verified."""
    stops: list[tuple[Rule, frozenset[Condition]]] = []
    for index, rule in by_index.items():
        parts = frozenset(_parts(rule.when))
        shadow = next((stop for stop, wanted in stops if wanted <= parts), None)
        if shadow is not None:
            scope.complain(
                ("rules", index), warning=True,
                message=f"rule '{rule.name}' is never reached: '{shadow.name}' in line {shadow.place.line} of "
                f"{shadow.place.file} stops whenever it would hit",
            )  # fmt: skip
        elif rule.stop:
            stops.append((rule, parts))
        if _believes_strangers(rule):
            scope.complain(
                ("rules", index, "when"), key=True, warning=True,
                message=f"rule '{rule.name}' acts on an account without asking sender.trusted: "
                "anybody who names a customer gets it",
            )  # fmt: skip


def tests(scope: Scope, specs: Mapping[int, TestSpec], known: Sequence[Rule]) -> None:
    """Tests name rules and facts that exist, and values those facts can have."""
    names = [rule.name for rule in known]
    for index, spec in specs.items():
        here: Path = ("tests", index)
        for key in ("hits", "misses"):
            for at, name in enumerate(getattr(spec.expect, key)):
                _known(scope, (*here, "expect", key, at), "rule", name, names)
        for path, name, value in flattened(spec.given, (*here, "given")):
            _fact(scope, path, name, value)
        for path, name, value in flattened(spec.expect.facts, (*here, "expect", "facts")):
            _fact(scope, path, name, value)


def flattened(given: Mapping[str, Any], path: Path = (), prefix: str = "") -> Iterator[tuple[Path, str, Any]]:
    """`{sender: {trusted: true}}` as `sender.trusted`, with the path of each value."""
    for key, value in given.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from flattened(value, (*path, key), f"{name}.")
        else:
            yield (*path, key), name, value


def _fact(scope: Scope, path: Path, name: str, value: Any) -> None:
    if name not in FIELDS:
        scope.complain(path, f"unknown field '{name}'{did_you_mean(name, FIELDS)}", key=True)
        return
    about = FIELDS[name]
    if value is None:
        return
    if about.type is Type.WORDS and not isinstance(value, list):
        scope.complain(path, f"{name}: must be a list")
        return
    for item in value if isinstance(value, list) and about.type is Type.WORDS else [value]:
        if message := misfit(about, item, scope.services):
            scope.complain(path, f"{name}: {message}")


def _names_of(scope: Scope, section: str) -> tuple[str, ...]:
    return tuple(str(name) for name in scope.section(section))


def _known(scope: Scope, path: Path, what: str, name: str | None, known: Iterable[str] | None) -> None:
    if name is None or known is None:
        return
    choices = list(known)
    if name not in choices:
        told = did_you_mean(name, choices) or (f"; known are {', '.join(choices)}" if choices else "")
        scope.complain(path, f"unknown {what} '{name}'{told}")


def _twice(scope: Scope, section: str, specs: Mapping[int, RuleSpec | TestSpec]) -> None:
    first: dict[str, int] = {}
    for index, spec in specs.items():
        if first.setdefault(spec.name, index) != index:
            place = scope.document.place((section, first[spec.name]))
            told = f"{section[:-1]} '{spec.name}' stands already in {place.file}:{place.line}"
            scope.complain((section, index, "name"), told)


def _services(scope: Scope, specs: Mapping[int, ServiceSpec]) -> None:
    """No two services share a name or alias: a mail could not tell them apart."""
    owner: dict[str, tuple[int, str]] = {}
    for index, spec in specs.items():
        for name in dict.fromkeys(word.casefold() for word in (spec.name, *spec.aliases)):
            other, service = owner.setdefault(name, (index, spec.name))
            if other != index:
                told = f"service '{spec.name}': the name '{name}' already belongs to '{service}'"
                scope.complain(("services", index), told)


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Named):
        yield from _parts(condition.part)
    elif isinstance(condition, All):
        for part in condition.parts:
            yield from _parts(part)
    else:
        yield condition


def _believes_strangers(rule: Rule) -> bool:
    about_account = any(name.startswith("account.") for name in rule.when.fields)
    acts = rule.then.severity or rule.then.at_least or rule.then.service_level
    return bool(about_account and acts and "sender.trusted" not in rule.when.fields)
