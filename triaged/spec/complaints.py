"""pydantic's errors as sentences for people who write YAML, each with the path it is about. PURE.

pydantic says `Extra inputs are not permitted`; whoever edits a rulebook on a Friday wants to read
`unknown key 'subjct'; did you mean 'subject'?`.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from triaged.frozen import frozen
from triaged.spec.did_you_mean import did_you_mean

_KINDS = {
    "string_type": "text",
    "string_sub_type": "text",
    "is_instance_of": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
}


@frozen
class Fault:
    """One error: the path it is about, whether the key rather than the value is at fault, the sentence."""

    path: tuple[Any, ...]
    message: str
    at_key: bool = False


def explain(error: ValidationError, model: Any, value: Any) -> list[Fault]:
    """Every error of validating `value` as `model`, each told once; a union's branches become one."""
    by_place: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    branched: set[tuple[Any, ...]] = set()
    for found in error.errors(include_url=False):
        path, branch = _without_branches(tuple(found["loc"]), value, missing=found["type"] == "missing")
        by_place.setdefault(path, []).append(dict(found))
        if branch:
            branched.add(path)
    faults = []
    for path, errors in by_place.items():
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in by_place)
        if path in branched and deeper:
            continue  # the branch that got further tells more
        if path in branched and len(errors) > 1:
            faults.append(_union(path, errors))
        else:
            faults += [_fault(path, e, model) for e in errors]
    return list(dict.fromkeys(faults))


def _without_branches(loc: tuple[Any, ...], value: Any, *, missing: bool) -> tuple[tuple[Any, ...], bool]:
    """The pieces of a location that stand in the data; pydantic also names the branch of a union it tried."""
    path: list[Any] = []
    branch = False
    for index, piece in enumerate(loc):
        inside = isinstance(value, Mapping) and piece in value
        if inside or (isinstance(value, (list, tuple)) and isinstance(piece, int) and piece < len(value)):
            path.append(piece)
            value = value[piece]
        elif index == len(loc) - 1 and (piece == "[key]" or missing):
            path.append(piece)
        else:
            branch = True
    return tuple(path), branch


def _union(path: tuple[Any, ...], errors: list[dict[str, Any]]) -> Fault:
    """One sentence for several branches that all failed at one place."""
    wanted: list[str] = []
    for error in errors:
        if error["type"] in _KINDS:
            wanted.append(_KINDS[error["type"]])
        elif error["type"] in ("literal_error", "enum"):
            wanted += _choices(error)
    if len(wanted) < 2:
        return _fault(path, errors[0], None)
    told = " or ".join(dict.fromkeys(wanted))
    return Fault(path, f"{_name(path)}must be {told}, not {written(errors[0].get('input'))}")


def written(value: Any) -> str:
    """A value as a person would name it in a complaint, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:56]}…'"


def _fault(path: tuple[Any, ...], error: Mapping[str, Any], model: Any) -> Fault:
    kind, context = error["type"], error.get("ctx", {})
    name = str(path[-1]) if path else "this"
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        return Fault(path, f"unknown key '{name}'{did_you_mean(name, known) or _choice(known)}", at_key=True)
    if path and path[-1] == "[key]":
        return Fault(path[:-1], f"key '{path[-2]}': {_sentence(error, kind, context)}", at_key=True)
    if kind == "missing":
        return Fault(path[:-1], f"key '{name}' is missing")
    return Fault(path, f"{_name(path)}{_sentence(error, kind, context)}")


def _name(path: tuple[Any, ...]) -> str:
    return next((f"{piece}: " for piece in reversed(path) if isinstance(piece, str)), "")


def _choices(error: Mapping[str, Any]) -> list[str]:
    expected = str(error["ctx"]["expected"]).replace(" or ", ", ")
    return [choice.strip().strip("'") for choice in expected.split(",")]


def _sentence(error: Mapping[str, Any], kind: str, context: Mapping[str, Any]) -> str:
    value = error.get("input")
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}, not {written(value)}"
    if kind in ("literal_error", "enum"):
        choices = _choices(error)
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"{written(value)} is none of {', '.join(choices)}{near}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    if kind == "string_pattern_mismatch":
        return f"{written(value)} does not have the form {context['pattern']}"
    if kind in ("too_short", "string_too_short") and context.get("min_length") == 1:
        return "must not be empty"
    message = str(error["msg"]).removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _choice(known: tuple[str, ...]) -> str:
    return f"; known are {', '.join(known)}" if 0 < len(known) <= 12 else ""


def _keys(model: Any, path: tuple[Any, ...]) -> tuple[str, ...]:
    """The keys that may stand in the mapping at `path` below a model."""
    here = [model]
    for piece in path:
        here = [below for kind in here for below in _below(kind, piece)] or here
    models = [kind for kind in _flat(here) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return tuple(dict.fromkeys(f.alias or n for m in models for n, f in m.model_fields.items()))


def _flat(kinds: list[Any]) -> Iterator[Any]:
    for kind in kinds:
        if get_origin(kind) is Annotated:
            yield from _flat([get_args(kind)[0]])
        elif get_origin(kind) in (Union, types.UnionType):
            yield from _flat(list(get_args(kind)))
        else:
            yield kind


def _below(kind: Any, piece: Any) -> Iterator[Any]:
    for plain in _flat([kind]):
        origin, arguments = get_origin(plain), [a for a in get_args(plain) if a is not Ellipsis]
        if isinstance(plain, type) and issubclass(plain, RootModel):
            yield from _below(plain.model_fields["root"].annotation, piece)
        elif isinstance(plain, type) and issubclass(plain, BaseModel):
            yield from (f.annotation for n, f in plain.model_fields.items() if (f.alias or n) == piece)
        elif origin in (list, tuple) and isinstance(piece, int) and arguments:
            yield from arguments
        elif origin in (dict, Mapping) and len(arguments) == 2:
            yield arguments[1]
