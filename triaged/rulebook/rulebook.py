"""The rulebook in force: one frozen value, read from YAML by loading.py, whole or not at all. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any

from triaged.frozen import frozen
from triaged.reading.values import Service
from triaged.rulebook.conditions import All, Condition
from triaged.rulebook.patterns import PatternBook, Patterns
from triaged.rulebook.sayings import Sayings
from triaged.rulebook.specs import TestSpec
from triaged.spec.strict_yaml import Complaint, Mark
from triaged.vocabulary import Severity


@frozen
class Action:
    """What a rule does when it hits. `hold_letters`: kinds, or "all"."""

    severity: Severity | None = None
    at_least: Severity | None = None
    at_most: Severity | None = None
    tags: tuple[str, ...] = ()
    service_level: str | None = None
    queue: str | None = None
    letter: str | None = None
    hold_letters: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    review: str | None = None
    ask: tuple[str, ...] = ()


@frozen
class Rule:
    """One rule. `content`: its condition looks at what the mail says, neither at account nor sender."""

    name: str
    why: str
    when: Condition
    then: Action
    stop: bool
    content: bool
    place: Mark


@frozen
class Test:
    """A test of the rulebook and where it stands."""

    __test__ = False  # not one of pytest's

    spec: TestSpec
    place: Mark

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name


@frozen
class Thresholds:
    """User licences that make an account large, by region."""

    default: int = 200
    regions: Mapping[str, int] = field(default_factory=dict)


@frozen
class Defaults:
    """What holds when no rule says otherwise."""

    severity: Severity = Severity.S3
    service_level: str = "standard"
    queue: str | None = None


@frozen
class ClassifierSettings:
    """How the classifier's word is taken, and how it is trained anew.

    `costs[true][said]` is how bad it is to say one severity where another is true; empty: all alike.
    `prior`: the share of each severity in the site's mail; empty: all alike, as in the examples.
    `prior_tickets`: from so many closed tickets on, they give it; 0: never.
    `train_every` None: only by hand; else also not before `train_corrections` new corrections.
    """

    confidence: float = 0.55
    costs: Mapping[Severity, Mapping[Severity, float]] = field(default_factory=dict)
    prior: Mapping[Severity, float] = field(default_factory=dict)
    prior_of: str = "the rulebook"  # who says so
    prior_tickets: int = 0
    shipped_weight: float = 1.0
    corrections_weight: float | None = None  # None: chosen by validation (learning/lessons.py)
    train_every: timedelta | None = None
    train_corrections: int = 20


@frozen
class Names:
    """The names of a rulebook that conditions may refer to. `words`: with their languages."""

    words: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def spoken(self) -> tuple[str, ...]:
        """The word lists as phrases name them: of all their languages."""
        return tuple(dict.fromkeys(name.rpartition("-")[0] for name in self.words))


@frozen
class Rulebook:
    """Everything support ops decide. `version` is a hash of the files' contents.

    `promises` and `letters` are what the rooms tickets and letters made of their sections.
    `sections` are those as written, for whoever shows them.
    """

    version: str
    files: tuple[str, ...]
    rules: tuple[Rule, ...]
    tests: tuple[Test, ...]
    services: tuple[Service, ...]
    patterns: Patterns = field(default_factory=lambda: PatternBook().freeze())
    sayings: Sayings = field(default_factory=Sayings)
    thresholds: Thresholds = field(default_factory=Thresholds)
    defaults: Defaults = field(default_factory=Defaults)
    classifier: ClassifierSettings = field(default_factory=ClassifierSettings)
    asking: Mapping[str, frozenset[str]] = field(default_factory=dict)  # identifier -> services, folded
    severities: Mapping[Severity, tuple[str, str]] = field(default_factory=dict)  # name, meaning
    queues: tuple[str, ...] = ()
    promises: Any = None
    letters: Any = None
    sections: Mapping[str, Any] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    warnings: tuple[Complaint, ...] = ()

    def threshold(self, region: str) -> int:
        """Licences from which on an account of a region is a large user account."""
        return self.thresholds.regions.get(region.upper(), self.thresholds.default)

    def asks_of(self, service: str | None) -> tuple[str, ...]:
        """What letters about a service ask for beside the usual."""
        asked = service.casefold() if service else ""
        return tuple(name for name, services in self.asking.items() if asked in services)

    def eligible(self, service: str | None) -> bool:
        """Whether licences of a service count; none named, or one outside the list, does."""
        if service is None:
            return True
        name = service.casefold()
        return not any(s.name.casefold() == name and not s.eligible for s in self.services)


ALWAYS: Condition = All(())
