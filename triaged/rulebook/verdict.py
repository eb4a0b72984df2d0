"""What the rules say of one mail: each rule's outcome, and all of them together. PURE."""

from __future__ import annotations

from triaged.frozen import frozen
from triaged.vocabulary import Severity


@frozen
class RuleOutcome:
    """One rule against one mail: hit, or the first condition that failed and the value it saw."""

    name: str
    hit: bool
    why: str
    content: bool = True  # the rule looks only at content: neither account nor sender


@frozen
class Verdict:
    """What the rules say together, in file order (rulebook/rules.py)."""

    outcomes: tuple[RuleOutcome, ...]
    severity: Severity | None  # set outright by the last rule that did
    at_least: Severity | None
    at_most: Severity | None
    content_severity: Severity | None  # the same, of rules on content alone
    content_at_least: Severity | None
    content_at_most: Severity | None
    tags: tuple[str, ...]
    service_level: str | None
    queue: str | None
    letter: str | None  # acknowledgment template chosen instead of the default
    hold_letters: tuple[str, ...]
    notify: tuple[str, ...]
    review: tuple[str, ...]  # reasons
    ask: tuple[str, ...] = ()
    severity_by: str = ""  # name of the rule whose severity stands
    service_level_by: str = ""
    at_least_by: str = ""  # names of the rules that set the bounds
    at_most_by: str = ""
    content_severity_by: str = ""
    content_at_least_by: str = ""
    content_at_most_by: str = ""
