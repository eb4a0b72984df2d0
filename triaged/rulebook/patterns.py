"""All patterns of a rulebook, run over a text at once: linear in text and patterns (RE2). PURE once built.

`contains` and `matches` of every rule go into one `re2.Filter` a field, which finds literal pieces of all
patterns in one pass and runs only the few patterns whose pieces occur. Rules then ask whether an id is
among the hits. Letter case is disregarded; `^` and `$` are the ends of a paragraph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import re2 as _untyped

from triaged.frozen import frozen

re2: Any = _untyped  # has no type hints

_REMEDIES = {
    "invalid perl operator: (?<": "RE2 cannot look behind; say it with a second condition or `not:`",
    "invalid perl operator: (?=": "RE2 cannot look ahead; say it with a second condition",
    "invalid perl operator: (?!": "RE2 cannot look ahead; say it with `not:`",
    "invalid repetition size": "RE2 repeats at most 1000 times",
    "invalid escape sequence: \\Z": "write \\z or $",
    "bad repetition operator": "RE2 has no possessive or repeated quantifiers",
    "missing )": "a bracket is not closed; write \\( for the character itself",
    "unexpected )": "a bracket closes that was never opened; write \\) for the character itself",
}


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False  # else RE2 writes to standard error itself
    return options


def compiled(pattern: str) -> Any:
    """The pattern as RE2 runs it here. Raises ValueError with the remedy."""
    try:
        return re2.compile(f"(?m){pattern}", _options())
    except re2.error as error:
        raw = error.args[0] if error.args else ""
        message = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
        message = message.replace("(?m)", "", 1)  # ours, not the writer's
        remedy = next((r for start, r in _REMEDIES.items() if message.startswith(start)), "")
        if not remedy and message.startswith("invalid escape sequence") and message[-1:].isdigit():
            remedy = "RE2 has no back-references"
        raise ValueError(f"RE2 cannot run this pattern: {message}{f'; {remedy}' if remedy else ''}") from None


def literal(phrase: str) -> str:
    """The pattern that finds a phrase as it stands."""
    return str(re2.escape(phrase))


def fault(pattern: str) -> str | None:
    """Why a pattern cannot stand in a rule, or None."""
    if control := next((c for c in pattern if ord(c) < 32 and c not in "\t\n"), None):
        return (
            f"the pattern holds the invisible character U+{ord(control):04X}; "
            "write it in single quotes, where \\b stays \\b"
        )
    try:
        made = compiled(pattern)
    except ValueError as error:
        return str(error)
    return "the pattern matches every text, even an empty one" if made.search("") else None


def doubt(pattern: str) -> str | None:
    """What in a good pattern is probably not meant, or None."""
    for boundary in ("\\b", "\\B"):
        at = pattern.find(boundary)
        while at >= 0:
            for beside in (pattern[at - 1 : at], pattern[at + 2 : at + 3]):
                if beside and not beside.isascii():
                    return f"{boundary} knows ASCII letters only and does not work beside '{beside}'"
            at = pattern.find(boundary, at + 2)
    return None


@dataclass(slots=True)
class PatternBook:
    """Collects patterns while rules are compiled; the same pattern of a field is kept once."""

    ids: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, name: str, pattern: str) -> int:
        """The id of a pattern, good by `fault`, among those of the field `name`."""
        known = self.ids.setdefault(name, {})
        return known.setdefault(pattern, len(known))

    def freeze(self) -> Patterns:
        """All patterns, ready to run."""
        return Patterns(
            filters={name: compiled_together(known) for name, known in self.ids.items() if known},
            sources={name: tuple(known) for name, known in self.ids.items()},
        )


@frozen
class Patterns:
    """The patterns of each field as one filter, and what they were written as."""

    filters: Mapping[str, Any]
    sources: Mapping[str, tuple[str, ...]]

    def hits(self, name: str, text: str) -> frozenset[int]:
        """Ids of the patterns of the field `name` that occur in its folded text."""
        if name not in self.filters or not text:
            return frozenset()
        return frozenset(self.filters[name].Match(text) or ())  # None where nothing occurs

    def excerpt(self, name: str, ident: int, text: str) -> str:
        """The piece of the text that a pattern found."""
        found = compiled(self.sources[name][ident]).search(text)
        return found.group() if found else ""


def compiled_together(patterns: Iterable[str]) -> Any:
    """Good patterns as one `re2.Filter`, which finds literal pieces of them all in one pass."""
    made = re2.Filter()
    options = _options()
    for pattern in patterns:
        made.Add(f"(?m){pattern}", options)
    made.Compile()
    return made
