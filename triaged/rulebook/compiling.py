"""Conditions from YAML to values: groups, names and facts checked, every fault with its place. PURE.

Works on plain data with the marks of `strict_yaml`, not on a pydantic model, so that one bad condition
hides no other and each complaint can name the fact it is about. What is asked of a fact: asking.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triaged.rulebook import asking
from triaged.rulebook.asking import EVERY_OPERATOR
from triaged.rulebook.conditions import All, Any_, Condition, Named, Not, joined
from triaged.rulebook.fields import FIELDS
from triaged.rulebook.scope import NEVER, Scope
from triaged.spec.complaints import written
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.strict_yaml import Path

GROUPS = ("all", "any", "not", "condition", "says")
CHAIN = 10  # named conditions may lead to each other so deep


def condition(raw: Any, path: Path, scope: Scope) -> Condition:
    """The condition that a mapping writes: all of its entries together."""
    if not isinstance(raw, Mapping):
        scope.complain(path, f"a condition is a mapping like {{language: ja}}, not {written(raw)}")
        return NEVER
    if not raw:
        told = "an empty condition holds of every mail; leave `when` out where that is meant"
        scope.complain(path, told, warning=True)
    parts = tuple(_entry(str(key), value, (*path, key), scope) for key, value in raw.items())
    return parts[0] if len(parts) == 1 else All(parts, joined(parts))


def named(name: Any, path: Path, scope: Scope) -> Condition:
    """The condition of `conditions:` with that name, compiled once."""
    known = scope.section("conditions")
    if not isinstance(name, str) or name not in known:
        scope.complain(path, f"unknown condition {written(name)}{did_you_mean(str(name), map(str, known))}")
        return NEVER
    scope.used.add(("condition", name))
    if name in scope.open or len(scope.open) >= CHAIN:
        chain = " -> ".join([*scope.open, name])
        fault = "leads back to itself" if name in scope.open else f"leads deeper than {CHAIN} conditions"
        scope.complain(path, f"condition '{name}' {fault}: {chain}")
        return NEVER
    if name not in scope.named:
        scope.open.append(name)
        scope.named[name] = condition(known[name], ("conditions", name), scope)
        scope.open.pop()
    part = scope.named[name]
    return Named(name, part, part.fields)


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
        if not names:  # no condition at all would hold of every mail
            scope.complain(path, "'condition' takes the name of one, or a list of names, not an empty one")
            return NEVER
        parts = tuple(named(name, path, scope) for name in names)
        return parts[0] if len(parts) == 1 else All(parts, joined(parts))
    if key == "says":  # of the whole mail
        return _said(value, path, scope)
    if key in FIELDS:
        return asking.test(FIELDS[key], value, path, scope)
    scope.complain(path, _unknown(key), key=True)
    return NEVER


def _said(value: Any, path: Path, scope: Scope) -> Condition:
    """What the subject or the new text says."""
    told = len(scope.complaints)
    of_text = asking.says(FIELDS["text"], value, path, scope)
    if len(scope.complaints) > told:
        return NEVER  # the same faults again of the subject help nobody
    parts = (asking.says(FIELDS["subject"], value, path, scope), of_text)
    return Any_(parts, joined(parts))


def _unknown(key: str) -> str:
    if key in EVERY_OPERATOR:
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
