"""The rulebook as a JSON Schema, for editors that complete and check YAML while one types. PURE.

Shapes come from the pydantic models that load the rulebook, conditions from the registry of facts: each
fact with its description, an example, and only the tests its type takes. What a schema cannot know (that a
list or service level named exists, that RE2 runs a pattern) `triaged check` says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from triaged.rulebook import specs
from triaged.rulebook.fields import FIELDS, OPERATORS, Field, Type
from triaged.rulebook.loading import Rooms
from triaged.rulebook.rulebook import Names
from triaged.vocabulary import Severity

NO_NAMES = Names()
DIALECT = "http://json-schema.org/draft-07/schema#"  # what YAML language servers know best
FILE = "rulebook.schema.json"

_TEXT_LIST = {"$ref": "#/$defs/TextOrList"}
_PHRASES = {"$ref": "#/$defs/Phrases"}
_CONDITION = {"$ref": "#/$defs/Condition"}
_CONDITIONS = {"type": "array", "minItems": 1, "items": _CONDITION}
_TOLD = {
    "equals": "is exactly this; letter case does not matter",
    "in": "is one of these; {list: NAME} takes a named list",
    "says": "a sentence says one of these phrases in plain words: {everybody} … {cannot} log in",
    "contains": "one of these occurs; letter case and line breaks do not matter",
    "matches": "one of these regular expressions (RE2) is found; write them in single quotes",
    "at_least": "this or more; of severities, this or more severe",
    "at_most": "this or less; of severities, this or milder",
    "more_than": "more than this",
    "less_than": "less than this",
    "exists": "true: there is a value; false: there is none",
}
_SECTIONS = {
    "rules": "The rules, in the order they are looked at; later files continue the list",
    "tests": "Tests of the rules, run by `triaged rules test`",
    "services": "Services, their other names, and whether their licences count",
    "severities": "What the severities are called and mean",
    "thresholds": "User licences that make an account large, by region",
    "defaults": "What holds when no rule says otherwise",
    "asking": "What letters ask for beside SuperAdmin address, ZOID and service",
    "classifier": "How the classifier's word is taken",
    "answers": "Answers that staff choose from, by name; texts by language, with the names that letters use",
    "screen_sharing": "Screen-sharing sessions: on whose tickets they may be offered, when, on which terms",
    "queues": "Names of the queues that rules may use",
    "words": "Word lists of a language (everybody-en), used in phrases as {everybody}",
    "lists": "Named lists of words, used as {list: NAME}",
    "conditions": "Named conditions, used as condition: NAME",
}


def written(rooms: Rooms, named: Names = NO_NAMES) -> str:
    """The schema as the text of a file."""
    return json.dumps(json_schema(rooms, named), indent=1, ensure_ascii=False) + "\n"


def json_schema(rooms: Rooms, named: Names = NO_NAMES) -> dict[str, Any]:
    """The schema of one file of a rulebook. Every file may hold every section. `named` is what editors complete."""
    definitions: dict[str, Any] = {
        "Condition": _condition(named.conditions),
        "TextOrList": _text_or_list(),
        "NamedList": _named_list(named.lists),
        "Phrases": _phrases(named.spoken),
    }
    models = {
        **{name: list[model] for name, model in specs.LISTS.items()},  # type: ignore[valid-type]
        **specs.VALUES,
        **rooms.models,
    }
    properties = {name: _section(name, model, definitions) for name, model in models.items()}
    definitions["RuleSpec"]["properties"]["when"] = {
        **_CONDITION,
        "description": "The condition; left out: every mail",
    }
    properties["conditions"]["additionalProperties"] = _CONDITION
    return {
        "$schema": DIALECT,
        "title": "A rulebook of triaged",
        "description": "One file of the folder rules/; `triaged check` says what no schema can know.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _section(name: str, model: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    made = TypeAdapter(model).json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions.update(made.pop("$defs", {}))
    if name in _SECTIONS:
        made["description"] = _SECTIONS[name]
    return dict(made)


def _completed(proposed: Sequence[str], **told: Any) -> dict[str, Any]:
    """A text for which an editor proposes these; others are as good, for the next file may name them."""
    text = {"type": "string", "minLength": 1, **told}
    return {"anyOf": [{"enum": list(proposed)}, text]} if proposed else text


def _condition(names: Sequence[str]) -> dict[str, Any]:
    facts = {name: _fact(about) for name, about in FIELDS.items()}
    return {
        "type": "object",
        "description": "Facts and what is asked of them; all entries together have to hold",
        "properties": {
            "all": {**_CONDITIONS, "description": "Every one of these holds"},
            "any": {**_CONDITIONS, "description": "At least one of these holds"},
            "not": {
                "description": "This does not hold; of a list, none of them",
                "anyOf": [_CONDITION, _CONDITIONS],
            },
            "condition": {
                "description": "Name of a condition under conditions:",
                "anyOf": [_completed(names), {"type": "array", "items": _completed(names), "minItems": 1}],
            },
            "says": {**_PHRASES, "description": "Subject or new text: " + _TOLD["says"]},
            **facts,
        },
        "additionalProperties": False,
    }


def _fact(about: Field) -> dict[str, Any]:
    """A fact: what may be asked of it, and its plain value where that is an answer (`language: ja`)."""
    operators = {op: _operand(about, op) for op in OPERATORS[about.type]}
    asked = {
        "type": "object",
        "properties": operators,
        "additionalProperties": False,
        "minProperties": 1,
    }
    bare = [] if about.type is Type.WORDS else [_value(about)]
    return {"description": about.description, "examples": [about.example], "anyOf": [*bare, asked]}


def _operand(about: Field, operator: str) -> dict[str, Any]:
    told = {"description": _TOLD[operator]}
    if operator == "exists":
        return {**told, "type": "boolean"}
    if operator == "in":
        either = [{"type": "array", "minItems": 1, "items": _value(about)}, {"$ref": "#/$defs/NamedList"}]
        return {**told, "anyOf": either}
    if operator == "says":
        return {**told, **_PHRASES}
    if operator in ("contains", "matches"):
        if about.choices and operator == "contains":
            return {**told, "anyOf": [_value(about), {"type": "array", "minItems": 1, "items": _value(about)},
                                      {"$ref": "#/$defs/NamedList"}]}  # fmt: skip
        return {**told, **_TEXT_LIST}
    return {**told, **_value(about)}


def _value(about: Field) -> dict[str, Any]:
    if about.type is Type.FLAG:
        return {"type": "boolean"}
    if about.type is Type.NUMBER:
        return {"type": "number"}
    choices = [s.value for s in Severity] if about.type is Type.SEVERITY else list(about.choices)
    if choices:
        return {"enum": choices}
    return {
        "type": "string",
        "minLength": 1,
        **({"pattern": "^[a-z]{2}$"} if about.name == "language" else {}),
    }


def _text_or_list() -> dict[str, Any]:
    named = {"$ref": "#/$defs/NamedList"}
    text = {"type": "string", "minLength": 1}
    return {"anyOf": [text, named, {"type": "array", "minItems": 1, "items": {"anyOf": [text, named]}}]}


def _phrases(names: Sequence[str]) -> dict[str, Any]:
    phrase = _completed([f"{{{name}}}" for name in names], examples=["{everybody} … {cannot} log in"])
    some = {"anyOf": [phrase, {"type": "array", "minItems": 1, "items": phrase}]}
    unless = {"description": "A sentence that also says one of these does not count", **some}
    asked = {
        "type": "object",
        "properties": {"phrases": some, "unless": unless},
        "required": ["phrases"],
        "additionalProperties": False,
    }
    return {"anyOf": [*some["anyOf"], asked]}


def _named_list(names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The words of a list under lists:",
        "properties": {"list": _completed(names)},
        "required": ["list"],
        "additionalProperties": False,
    }
