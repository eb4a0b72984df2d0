"""What the compiling of conditions goes by: what they may refer to, and where complaints go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from triaged.rulebook.conditions import Any_, Condition
from triaged.rulebook.lexicon import Lexicon
from triaged.rulebook.patterns import PatternBook
from triaged.rulebook.sayings import SayingBook
from triaged.spec.strict_yaml import Complaint, Document, Path

NEVER: Condition = Any_(())  # stands for a condition with a fault: the rulebook is refused anyway


@dataclass(slots=True)
class Scope:
    """What conditions may refer to, where complaints go, and the patterns and phrases they bring."""

    document: Document
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()  # as the section `regions` names them; none: any will do
    complaints: list[Complaint] = field(default_factory=list)
    patterns: PatternBook = field(default_factory=PatternBook)
    sayings: SayingBook = field(default_factory=SayingBook)
    lexicon: Lexicon = field(init=False)
    said: dict[str, frozenset[int]] = field(default_factory=dict)  # ids of the good phrases checked so far
    used: set[tuple[str, str]] = field(default_factory=set)  # ("list", name), ("condition", name)
    named: dict[str, Condition] = field(default_factory=dict)  # conditions compiled so far
    open: list[str] = field(default_factory=list)  # names being compiled, outermost first

    def __post_init__(self) -> None:
        self.lexicon = Lexicon(self.section("words"))

    def complain(self, path: Path, message: str, *, key: bool = False, warning: bool = False) -> None:
        """Note a fault at a path."""
        self.complaints.append(self.document.place(path, key=key).complain(message, warning=warning))

    def section(self, name: str) -> Mapping[str, Any]:
        """A top-level mapping of the rulebook as written; empty where it is none."""
        value = self.document.value.get(name)
        return value if isinstance(value, Mapping) else {}
