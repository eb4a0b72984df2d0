"""What the rules say about one mail's facts. PURE: nothing but the facts decides.

Every rule sees the same frozen facts, in file order; nothing one rule does is seen by another except
through `stop`. Beside the verdict of all rules stands that of the content rules alone, as if account,
sender, ticket and clock were unknown: a rule that looks at those neither speaks nor stops there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from triaged.rulebook.conditions import Seen
from triaged.rulebook.rulebook import Rule, Rulebook
from triaged.rulebook.verdict import RuleOutcome, Verdict
from triaged.vocabulary import Severity


def judge(rulebook: Rulebook, facts: Mapping[str, Any], *, misses: bool = True) -> Verdict:
    """The verdict, with an outcome for each rule: hit and by what, or the first condition that failed.

    With `misses=False` the outcomes of rules that did not hit carry no sentence; `explain_misses` works
    them out later from the stored facts.
    """
    seen = Seen(facts, rulebook.patterns, rulebook.sayings)
    hits = [rule for rule in rulebook.rules if rule.when.holds(seen)]
    spoken = until_stop(hits)
    content = _Sum.of(until_stop(rule for rule in hits if rule.content))
    whole = _Sum.of(spoken)
    return Verdict(
        outcomes=_outcomes(rulebook.rules, spoken, seen, misses=misses),
        severity=whole.severity,
        at_least=whole.at_least,
        at_most=whole.at_most,
        content_severity=content.severity,
        content_at_least=content.at_least,
        content_at_most=content.at_most,
        tags=_each(tag for rule in spoken for tag in rule.then.tags),
        service_level=whole.service_level,
        queue=whole.queue,
        letter=whole.letter,
        hold_letters=_each(kind for rule in spoken for kind in rule.then.hold_letters),
        notify=_each(who for rule in spoken for who in rule.then.notify),
        review=_each(rule.then.review for rule in spoken if rule.then.review),
        ask=_each(name for rule in spoken for name in rule.then.ask),
        severity_by=whole.severity_by,
        service_level_by=whole.service_level_by,
        at_least_by=whole.at_least_by,
        at_most_by=whole.at_most_by,
        content_severity_by=content.severity_by,
        content_at_least_by=content.at_least_by,
        content_at_most_by=content.at_most_by,
    )


def explain_misses(rulebook: Rulebook, facts: Mapping[str, Any]) -> tuple[RuleOutcome, ...]:
    """The outcome of every rule with its sentence, worked out anew from facts stored earlier."""
    return judge(rulebook, facts).outcomes


def until_stop(hits: Iterable[Rule]) -> list[Rule]:
    """The rules that speak: those that hit, up to and with the first that stops."""
    spoken = []
    for rule in hits:
        spoken.append(rule)
        if rule.stop:
            break
    return spoken


def _outcomes(
    rules: tuple[Rule, ...], spoken: list[Rule], seen: Seen, *, misses: bool
) -> tuple[RuleOutcome, ...]:
    stop = spoken[-1] if spoken and spoken[-1].stop else None
    speaking = {rule.name for rule in spoken}
    outcomes = []
    stopped = False
    for rule in rules:
        hit = rule.name in speaking
        why = rule.when.say(seen) if (hit or misses) and not stopped else ""
        if stopped and stop is not None:
            why = f"not looked at: '{stop.name}' stopped before it"
        outcomes.append(RuleOutcome(rule.name, hit, why, rule.content))
        stopped = stopped or rule is stop
    return tuple(outcomes)


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


@dataclass(slots=True)
class _Sum:
    """What several rules say together, and which said it. The last to set a thing has it set."""

    severity: Severity | None = None
    at_least: Severity | None = None  # the highest asked for
    at_most: Severity | None = None  # the mildest asked for
    service_level: str | None = None
    queue: str | None = None
    letter: str | None = None
    severity_by: str = ""
    at_least_by: str = ""
    at_most_by: str = ""
    service_level_by: str = ""

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> _Sum:
        total = cls()
        for rule in rules:
            total._severity(rule)
            then = rule.then
            if then.service_level:
                total.service_level, total.service_level_by = then.service_level, rule.name
            total.queue = then.queue or total.queue
            total.letter = then.letter or total.letter
        return total

    def _severity(self, rule: Rule) -> None:
        then = rule.then
        if then.severity:
            self.severity, self.severity_by = then.severity, rule.name
        if then.at_least and (self.at_least is None or then.at_least < self.at_least):
            self.at_least, self.at_least_by = then.at_least, rule.name
        if then.at_most and (self.at_most is None or then.at_most > self.at_most):
            self.at_most, self.at_most_by = then.at_most, rule.name
