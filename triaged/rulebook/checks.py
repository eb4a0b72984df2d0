"""What a rulebook of the right shape can still get wrong: names that lead nowhere, rules never reached. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from triaged.rulebook import logic, phrases
from triaged.rulebook.asking import misfit, no_region
from triaged.rulebook.fields import FIELDS, Type
from triaged.rulebook.rulebook import Rule
from triaged.rulebook.scope import Scope
from triaged.rulebook.specs import RuleSpec, ServiceSpec, TestSpec, ThresholdsSpec
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.strict_yaml import Path


def names(
    scope: Scope, listed: Mapping[str, Mapping[int, Any]], values: Mapping[str, Any], built: Mapping[str, Any]
) -> None:
    """Every service level, letter, queue and list that is named is there; no name is used twice."""
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
    _regions(scope, values["thresholds"])
    for identifier, asked in dict(values["asking"] or ()).items():
        for at, name in enumerate(asked.services):
            _known(scope, ("asking", identifier, "services", at), "service", name, scope.services)
    _twice(scope, "rules", listed["rules"])
    _twice(scope, "tests", listed["tests"])
    _services(scope, listed["services"])
    _words(scope)
    for name in scope.section("lists"):
        if ("list", name) not in scope.used:
            scope.complain(("lists", name), f"list '{name}' is used by no rule", key=True, warning=True)


def sending_hours(scope: Scope, kinds: Sequence[str]) -> None:
    """Hours are held by kinds of letters: for a template of a rulebook's own they would do nothing."""
    for kind in scope.section("sending_hours"):
        _known(scope, ("sending_hours", kind), "kind of letter", kind, kinds)


def screen_sharing(scope: Scope, kinds: Sequence[str]) -> None:
    """Who offers sessions can write their letters, and has the terms in the languages of his letters."""
    offered = scope.section("screen_sharing")
    if not offered:
        return
    known = letter_kinds(scope)
    missing = [kind for kind in kinds if kind not in known]
    if missing:
        scope.complain(("screen_sharing",), f"needs the letters {', '.join(missing)}", key=True)
    terms = offered.get("terms")
    texts = terms.get("texts") if isinstance(terms, Mapping) else None
    if not isinstance(texts, Mapping):
        return
    for language in scope.section("letters"):
        if language not in texts:
            told = f"there are no terms in '{language}': who reads it gets them in English"
            scope.complain(("screen_sharing", "terms", "texts"), told, key=True, warning=True)


def letter_kinds(scope: Scope) -> tuple[str, ...]:
    """Kinds of letters that some language has a template of."""
    languages = [value for value in scope.section("letters").values() if isinstance(value, Mapping)]
    templates = [language.get("templates") for language in languages]
    kinds = [str(kind) for found in templates if isinstance(found, Mapping) for kind in found]
    return tuple(dict.fromkeys(kinds))


def _words(scope: Scope) -> None:
    """Every phrase of a word list can be read, and every list is used."""
    for name, listed in scope.section("words").items():
        for index, phrase in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(phrase, str) and phrase.strip() and (fault := phrases.fault(phrase)):
                scope.complain(("words", name, index), fault)
        if ("words", name) not in scope.used:
            scope.complain(("words", name), f"word list '{name}' is used by no rule", key=True, warning=True)


def _regions(scope: Scope, thresholds: ThresholdsSpec | None) -> None:
    for region in thresholds.regions if thresholds else ():
        if message := no_region(region, scope.regions):
            scope.complain(("thresholds", "regions", region), message, key=True)


def rules(scope: Scope, by_index: Mapping[int, Rule]) -> None:
    """Warn of rules no mail can reach, that undo each other, or that give severity to senders nobody verified."""
    before: list[Rule] = []
    for index, rule in by_index.items():
        dead = _never_hits(rule, before)
        if dead:
            scope.complain(("rules", index), f"rule '{rule.name}' {dead}", warning=True)
        else:
            for message in _undone(rule, before):
                scope.complain(("rules", index), f"rule '{rule.name}' {message}", warning=True)
            before.append(rule)
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
        if message := misfit(about, item, scope.services, scope.regions):
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


def _never_hits(rule: Rule, before: Sequence[Rule]) -> str:
    """Why no mail can ever make the rule speak; empty where that cannot be told."""
    if logic.impossible(rule.when):
        return "can never hit: its conditions exclude each other"
    shadow = next((one for one in before if one.stop and logic.implies(rule.when, one.when)), None)
    return f"is never reached: {_at(shadow)} stops whenever it would hit" if shadow else ""


def _undone(rule: Rule, before: Sequence[Rule]) -> Iterator[str]:
    """What this rule and an earlier one order against each other, where both surely hit the same mail.

    A general rule first and its exception after it is no fault: the last to set a thing has it set.
    """
    for one in before:
        if one.stop:
            continue
        covers, covered = logic.implies(one.when, rule.when), logic.implies(rule.when, one.when)
        if covers:
            for what, earlier, later in _same_actions(one, rule):
                yield f"always overrules {_at(one)}: {what} {later} instead of {earlier}"
        if covers or covered:
            yield from _bounds_at_odds(one, rule)


def _same_actions(one: Rule, other: Rule) -> Iterator[tuple[str, object, object]]:
    for what in ("severity", "service_level", "queue", "letter"):
        earlier, later = getattr(one.then, what), getattr(other.then, what)
        if earlier and later and earlier != later:
            yield what.replace("_", " "), earlier, later


def _bounds_at_odds(one: Rule, other: Rule) -> Iterator[str]:
    for a, b in ((one, other), (other, one)):
        least, most, sets = a.then.at_least, b.then.at_most, b.then.severity
        if least and most and most > least:
            yield f"and {_at(one)} contradict each other: at_least {least} and at_most {most}; the more severe wins"
        elif least and sets and sets > least:
            yield f"and {_at(one)} contradict each other: at_least {least} and severity {sets}; the more severe wins"


def _at(rule: Rule) -> str:
    return f"'{rule.name}' in line {rule.place.line} of {rule.place.file}"


def _believes_strangers(rule: Rule) -> bool:
    about_account = any(name.startswith("account.") for name in rule.when.fields)
    acts = rule.then.severity or rule.then.at_least or rule.then.service_level
    return bool(about_account and acts and "sender.trusted" not in rule.when.fields)
