"""YAML read strictly, with the place of every value: the one reader of the config and the rulebook. PURE.

Why not `yaml.safe_load`: YAML 1.1 takes `NO` (the country) and `on` for truth values, a key written
twice silently wins over itself, aliases can grow a line into gigabytes, and no value knows its line.
Here scalars follow the YAML 1.2 core schema (less infinity and NaN); duplicate keys, aliases, tags, deep
nesting and huge files are complaints; `parse` answers with *all* complaints, each with file, line, column.

The events of libyaml are walked by hand, since its composer recurses in C and 200,000 open brackets
end the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from triaged.frozen import frozen
from triaged.spec.complaints import explain

DEPTH = 50
CHARACTERS = 4_000_000
COMPLAINTS = 200

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """What is wrong and where; lines and columns count from 1. A warning does not refuse the file."""

    file: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}:{self.column}: {kind}{self.message}"


class Mark(NamedTuple):
    """A place in a file; line and column count from 1. One is made for every value: a tuple costs least."""

    file: str
    line: int
    column: int

    def complain(self, message: str, *, warning: bool = False) -> Complaint:
        """A complaint about what stands here."""
        return Complaint(self.file, self.line, self.column, message, warning)


@frozen
class Document:
    """A file's value (dicts, lists, plain scalars) and where each part of it stands.

    `marks` places values and `keys` places the keys of mappings, both by path from the root.
    `complaints` are the faults met that still left a value to go on with.
    """

    file: str
    value: Any
    marks: Mapping[Path, Mark]
    keys: Mapping[Path, Mark]
    complaints: tuple[Complaint, ...] = ()

    def place(self, path: Sequence[Any], *, key: bool = False) -> Mark:
        """Where the value at `path` stands (or its key); pieces that lead nowhere are passed over."""
        known: Path = ()
        for piece in path:
            if (*known, piece) in self.marks:
                known = (*known, piece)
        if key and known in self.keys:
            return self.keys[known]
        return self.marks.get(known, Mark(self.file, 1, 1))


class _Unreadable(Exception):
    """Nothing can be made of the rest of the file; holds the complaint."""


def load(text: str, file: str) -> Document:
    """The one document of `text`; `file` is the name complaints carry. Never raises.

    An empty file is an empty mapping. Where the file is no YAML, the value is None with its complaint.
    """
    builder = _Builder(file)
    try:
        value = builder.document(text)
    except _Unreadable as stop:
        value = None
        builder.complaints.append(stop.args[0])
    return Document(file, value, builder.marks, builder.keys, tuple(builder.complaints[:COMPLAINTS]))


def validate(document: Document, model: type[M]) -> tuple[M | None, list[Complaint]]:
    """The document as a `model`, or None and every complaint, located."""
    try:
        return model.model_validate(document.value), []
    except ValidationError as error:
        faults = explain(error, model, document.value)
    return None, [document.place(f.path, key=f.at_key).complain(f.message) for f in faults][:COMPLAINTS]


def parse(text: str, name: str, model: type[M]) -> tuple[M | None, list[Complaint]]:
    """Read and validate `text`: the model, or None and every complaint in order of place."""
    return checked(load(text, name), model)


def checked(document: Document, model: type[M]) -> tuple[M | None, list[Complaint]]:
    """The same of what is read already; beside a model there are warnings at most."""
    if document.value is None:
        return None, list(document.complaints)
    made, faults = validate(document, model)
    complaints = together(document.complaints, faults)
    return (made if all(c.warning for c in complaints) else None), complaints


def together(reading: Iterable[Complaint], checking: Iterable[Complaint]) -> list[Complaint]:
    """All complaints in order of place; what could not be read is not also told to have a wrong value."""
    told = set(reading)
    places = {(c.file, c.line, c.column) for c in told}
    return sorted(told | {c for c in checking if (c.file, c.line, c.column) not in places})


def scalar(text: str) -> str | int | float | bool | None:
    """What a plain scalar means in the YAML 1.2 core schema; infinity and NaN stay text."""
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if text[0].isalpha():  # no number begins so
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


@dataclass(slots=True)
class _Builder:
    """Walks the parser's events, making the value and its marks."""

    file: str
    marks: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)

    def document(self, text: str) -> Any:
        if len(text) > CHARACTERS:
            raise _Unreadable(Complaint(self.file, 1, 1, f"the file is longer than {CHARACTERS} characters"))
        events = self._events(text.removeprefix("\ufeff"))
        next(events)  # the stream begins
        if isinstance(next(events), yaml.StreamEndEvent):
            self.marks[()] = Mark(self.file, 1, 1)
            return {}
        value = self._value(next(events), events, ())
        next(events)  # the document ends
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Unreadable(self._mark(after).complain("a second document begins here; keep one per file"))
        return {} if value is None else value

    def _events(self, text: str) -> Iterator[Any]:
        try:
            yield from yaml.parse(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            place = error.problem_mark or error.context_mark
            mark = Mark(self.file, place.line + 1, place.column + 1) if place else Mark(self.file, 1, 1)
            raise _Unreadable(mark.complain(_syntax(error, text))) from None
        except (yaml.YAMLError, UnicodeError) as error:
            raise _Unreadable(_strange_character(self.file, text, error)) from None

    def _mark(self, event: Any) -> Mark:
        start = event.start_mark
        return Mark(self.file, start.line + 1, start.column + 1)

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        mark = self.marks[path] = self._mark(event)
        if isinstance(event, yaml.ScalarEvent) and event.tag is None:  # nearly all there is
            return scalar(event.value) if event.implicit[0] and not event.style else event.value
        if isinstance(event, yaml.AliasEvent):
            self.complaints.append(mark.complain(f"alias *{event.anchor} is not taken; write the value out"))
            return None
        if event.tag is not None and event.tag != "!":
            self.complaints.append(
                mark.complain(f"tag {_short(event.tag)} is not taken; write a plain value")
            )
        if isinstance(event, yaml.ScalarEvent):
            return scalar(event.value) if event.implicit[0] and not event.style else event.value
        if len(path) >= DEPTH:
            raise _Unreadable(mark.complain(f"nested deeper than {DEPTH} levels"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str | int, Any]:
        items: dict[str | int, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event)
            if key is None or key in items:
                self._refuse(key, event, events, path)
                continue
            self.keys[(*path, key)] = self._mark(event)
            items[key] = self._value(next(events), events, (*path, key))
        return items

    def _key(self, event: Any) -> str | int | None:
        """The key an event writes; None where it is no word or whole number."""
        if not isinstance(event, yaml.ScalarEvent) or (event.tag is not None and event.tag != "!"):
            return None
        value = scalar(event.value) if event.implicit[0] and not event.style else event.value
        return value if isinstance(value, (str, int)) and not isinstance(value, bool) else None

    def _refuse(self, key: str | int | None, event: Any, events: Iterator[Any], path: Path) -> None:
        mark = self._mark(event)
        if key is None:
            message = "a key is a word; put it in quotes if it is meant as text"
        else:
            message = f"duplicate key '{key}'; first in line {self.keys[(*path, key)].line}"
        self.complaints.append(mark.complain(message))
        hidden = _Builder(self.file)  # what belongs to a refused key is read past, its own marks forgotten
        below = (*path, "?")
        if not isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            hidden._value(event, events, below)
        hidden._value(next(events), events, below)


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org") else tag[:60]


def _syntax(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = " ".join((error.problem or "cannot be read").split())
    place = error.problem_mark
    if "cannot start any token" in problem and place and text[place.index : place.index + 1] == "\t":
        return "a tab stands where YAML wants blanks; indent with blanks"
    if "mapping values are not allowed" in problem:
        return "a ':' stands where no key can be; put the text in quotes or mind the indentation"
    return f"not readable as YAML: {problem}"


def _strange_character(file: str, text: str, error: Exception) -> Complaint:
    position = min(getattr(error, "position", 0) or 0, len(text))
    for index, character in enumerate(text):
        if not (character.isprintable() or character in "\t\n\r\x85"):
            position = index
            break
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    shown = f"U+{ord(text[position]):04X}" if position < len(text) else "?"
    return Complaint(file, line, column, f"character {shown} cannot stand in YAML")
