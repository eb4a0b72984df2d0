"""pydantic's errors as sentences for people who write YAML, each with the path it is about. PURE.

pydantic says `Extra inputs are not permitted`; whoever edits a rulebook on a Friday wants to read
`unknown key 'subjct'; did you mean 'subject'?`.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from triaged.suggest import did_you_mean

_KINDS = {
    "string_type": "text",
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


@dataclass(frozen=True, slots=True)
class Fault:
    """One error: the path it is about, whether the key rather than the value is at fault, the sentence."""

    path: tuple[Any, ...]
    message: str
    at_key: bool = False


def explain(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Every error of a validation, each told once."""
    return list(dict.fromkeys(_fault(dict(e), model) for e in error.errors(include_url=False)))


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


def _fault(error: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    path, kind, context = tuple(error["loc"]), error["type"], error.get("ctx", {})
    name = str(path[-1]) if path else "this"
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        return Fault(path, f"unknown key '{name}'{did_you_mean(name, known) or _choice(known)}", at_key=True)
    if path and path[-1] == "[key]":
        return Fault(path[:-1], f"key '{path[-2]}': {_sentence(error, kind, context)}", at_key=True)
    if kind == "missing":
        return Fault(path[:-1], f"key '{name}' is missing")
    where = next((str(piece) for piece in reversed(path) if isinstance(piece, str)), "")
    sentence = _sentence(error, kind, context)
    return Fault(path, f"{where}: {sentence}" if where else sentence)


def _sentence(error: Mapping[str, Any], kind: str, context: Mapping[str, Any]) -> str:
    value = error.get("input")
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}, not {written(value)}"
    if kind in ("literal_error", "enum"):
        choices = [c.strip().strip("'") for c in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"{written(value)} is none of {', '.join(choices)}{near}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    if kind == "string_pattern_mismatch":
        return f"{written(value)} does not have the form {context['pattern']}"
    message = str(error["msg"])
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
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            yield from (f.annotation for n, f in plain.model_fields.items() if (f.alias or n) == piece)
        elif origin in (list, tuple) and isinstance(piece, int) and arguments:
            yield from arguments
        elif origin in (dict, Mapping) and len(arguments) == 2:
            yield arguments[1]
