"""From the texts of a rulebook's files to a `Rulebook`, or to every complaint about them. PURE.

The order: read each file strictly, merge, check shapes (specs.py), compile conditions (compiling.py), let
the other rooms build their sections, look for rules that cannot be meant (checks.py). Each step goes on
past the faults of the step before, so that one load tells all there is to tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from triaged.frozen import frozen
from triaged.reading.values import Service
from triaged.rulebook import checks, compiling, settings, specs
from triaged.rulebook.fields import FIELDS
from triaged.rulebook.merging import merge
from triaged.rulebook.rulebook import ALWAYS, Names, Rule, Rulebook, Test
from triaged.rulebook.scope import NEVER, Scope
from triaged.spec import former_keys, strict_yaml
from triaged.spec.complaints import explain, written
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.strict_yaml import Complaint, Document, Path


@frozen
class RoomSections:
    """Sections another room owns: their models, and what builds a value of them all.

    `build` may raise an error with `path` and `message`.
    """

    models: Mapping[str, Any]
    build: Callable[[Mapping[str, Any]], Any]


@frozen
class Rooms:
    """The rooms that own sections; None leaves a room out (in tests of rules alone).

    `kinds`: every kind of letter the house writes; a template of another name is no kind. `meeting_kinds`: those
    that screen-sharing sessions need.
    """

    tickets: RoomSections | None = None
    letters: RoomSections | None = None
    kinds: tuple[str, ...] = ()
    meeting_kinds: tuple[str, ...] = ()

    @property
    def models(self) -> dict[str, Any]:
        """Section name -> model, of all rooms."""
        return {name: m for room in (self.tickets, self.letters) if room for name, m in room.models.items()}


def load(texts: Mapping[str, str], rooms: Rooms) -> tuple[Rulebook | None, list[Complaint]]:
    """The rulebook that the files `{name as shown: text}` write, with all complaints about it.

    Files are taken in order of name. The rulebook is None where any complaint is no mere warning;
    complaints come in order of place. Warnings also stand in `Rulebook.warnings`.
    """
    files = dict(sorted(texts.items()))
    document = merge(
        former_keys.read(strict_yaml.load(text, name), "rulebook") for name, text in files.items()
    )
    loading = _Loading(document, rooms)
    rulebook = loading.rulebook(version_of(files), tuple(files))
    complaints = strict_yaml.together(document.complaints, loading.scope.complaints)
    if rulebook is None or not all(c.warning for c in complaints):
        return None, complaints
    return rulebook, complaints


def version_of(files: Mapping[str, str]) -> str:
    """A hash of a rulebook's content, by the bare names of its files."""
    content = "\0".join(f"{name.rpartition('/')[2]}\0{text}" for name, text in sorted(files.items()))
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(slots=True)
class _Loading:
    """One load: the merged document, and what has been made of it so far."""

    document: Document
    rooms: Rooms
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        services = tuple(
            str(s["name"]) for s in self._raw_list("services") if isinstance(s, dict) and "name" in s
        )
        regions = self.document.value.get("regions")
        self.scope = Scope(self.document, services, tuple(regions) if isinstance(regions, dict) else ())

    def rulebook(self, version: str, files: tuple[str, ...]) -> Rulebook | None:
        """Everything checked and compiled; None where a part could not be made at all."""
        self._known_keys()
        values = {name: self._value(name, kind) for name, kind in specs.VALUES.items()}
        conditions = self._conditions()
        listed = {name: self._items(name, model) for name, model in specs.LISTS.items()}
        sections = {name: self._value(name, model) for name, model in self.rooms.models.items()}
        built = self._built(sections)
        checks.names(self.scope, listed, values, built)
        checks.sending_hours(self.scope, self.rooms.kinds)
        if "letters" in built:
            checks.screen_sharing(self.scope, self.rooms.meeting_kinds)
        rules = tuple(self._rule(index, spec, conditions) for index, spec in listed["rules"].items())
        tests = tuple(
            Test(spec, self.document.place(("tests", index))) for index, spec in listed["tests"].items()
        )
        checks.rules(self.scope, dict(zip(listed["rules"], rules, strict=True)))
        checks.tests(self.scope, listed["tests"], rules)
        return Rulebook(
            version=version,
            files=files,
            rules=tuple(r for r, s in zip(rules, listed["rules"].values(), strict=True) if s.enabled),
            tests=tests,
            services=tuple(
                Service(s.name, tuple(s.aliases), s.eligible) for s in listed["services"].values()
            ),
            patterns=self.scope.patterns.freeze(),
            sayings=self.scope.sayings.freeze(self.scope.lexicon),
            thresholds=settings.thresholds(values["thresholds"]),
            defaults=settings.defaults(values["defaults"]),
            classifier=settings.classifier(values["classifier"]),
            asking=settings.asking(values["asking"]),
            severities={s: (v.name, v.meaning) for s, v in (values["severities"] or {}).items()},
            queues=tuple(values["queues"] or ()),
            promises=built.get("promises"),
            letters=built.get("letters"),
            sections={name: self.document.value.get(name) for name in self.rooms.models},
            names=Names(
                *(tuple(map(str, self.scope.section(name))) for name in ("words", "lists", "conditions"))
            ),
            warnings=tuple(
                sorted({c for c in (*self.document.complaints, *self.scope.complaints) if c.warning})
            ),
        )

    def _raw_list(self, name: str) -> list[Any]:
        value = self.document.value.get(name)
        return value if isinstance(value, list) else []

    def _known_keys(self) -> None:
        known = [*specs.LISTS, *specs.VALUES, *self.rooms.models]
        for key in self.document.value:
            if key not in known:
                self.scope.complain((key,), f"unknown key '{key}'{did_you_mean(str(key), known)}", key=True)

    def _value(self, name: str, kind: Any) -> Any:
        """A section as its model; None where it is not written or wrong."""
        if name not in self.document.value:
            return None
        return self._checked((name,), kind, self.document.value[name])

    def _items(self, name: str, model: Any) -> dict[int, Any]:
        """The good items of a list section by their index."""
        raw = self.document.value.get(name, [])
        if not isinstance(raw, list):
            self.scope.complain((name,), f"{name}: must be a list, not {written(raw)}")
            return {}
        made = {index: self._checked((name, index), model, item) for index, item in enumerate(raw)}
        return {index: item for index, item in made.items() if item is not None}

    def _checked(self, path: Path, kind: Any, value: Any) -> Any:
        try:
            return _adapter(kind).validate_python(value)
        except ValidationError as error:
            for fault in explain(error, kind, value):
                bare = not fault.path and fault.message.startswith("must ")
                message = f"{_last_word(path)}{fault.message}" if bare else fault.message
                self.scope.complain((*path, *fault.path), message, key=fault.at_key)
        return None

    def _conditions(self) -> dict[int, Any]:
        """The conditions of all rules, compiled from what is written, also of rules with other faults."""
        made = {}
        for index, raw in enumerate(self._raw_list("rules")):
            when = raw.get("when") if isinstance(raw, dict) else None
            if isinstance(when, dict):
                made[index] = compiling.condition(when, ("rules", index, "when"), self.scope)
        for name in self.scope.section("conditions"):
            if ("condition", name) not in self.scope.used:
                compiling.named(name, ("conditions", name), self.scope)
                self.scope.complain(
                    ("conditions", name), f"condition '{name}' is used by no rule", key=True, warning=True
                )
        return made

    def _rule(self, index: int, spec: specs.RuleSpec, conditions: Mapping[int, Any]) -> Rule:
        when = conditions.get(index, NEVER if spec.when else ALWAYS)
        return Rule(
            name=spec.name,
            why=spec.why,
            when=when,
            then=settings.action(spec),
            stop=spec.stop,
            content=all(FIELDS[name].content for name in when.fields),
            place=self.document.place(("rules", index)),
        )

    def _built(self, sections: Mapping[str, Any]) -> dict[str, Any]:
        """What the other rooms make of their sections, where those have the right shape."""
        built = {}
        for name, room in (("promises", self.rooms.tickets), ("letters", self.rooms.letters)):
            mine = {key: sections[key] for key in room.models} if room else {}
            wrong = [key for key, value in mine.items() if value is None and key in self.document.value]
            if room is None or wrong:
                continue
            try:
                built[name] = room.build(mine)
            except Exception as error:  # SpecError of that room: a path and a message
                if not hasattr(error, "path"):
                    raise
                self.scope.complain(tuple(error.path), str(error))
        return built


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """What checks values of a model: built when first needed, once a process."""
    return TypeAdapter(kind)


def _last_word(path: Path) -> str:
    return next((f"{piece}: " for piece in reversed(path) if isinstance(piece, str)), "")
