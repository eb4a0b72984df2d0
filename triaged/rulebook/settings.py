"""Checked specs as the frozen values the house works with; a section left out gives its defaults. PURE."""

from __future__ import annotations

from collections.abc import Mapping

from triaged.rulebook import specs
from triaged.rulebook.rulebook import Action, ClassifierSettings, Defaults, Thresholds
from triaged.spec.sections import Section


def action(spec: specs.RuleSpec) -> Action:
    """What a rule does."""
    then = spec.then
    bound = then.severity or specs.SeverityAction.model_construct()
    review = (spec.why or f"rule {spec.name} asks for it") if then.review is True else then.review or None
    return Action(
        severity=bound.set,
        at_least=bound.at_least,
        at_most=bound.at_most,
        tags=tuple(then.tags),
        service_level=then.service_level,
        queue=then.queue,
        letter=then.letter,
        hold_letters=("all",) if then.hold_letters == "all" else tuple(then.hold_letters),
        notify=tuple(then.notify),
        review=review,
        ask=tuple(then.ask),
    )


def thresholds(spec: specs.ThresholdsSpec | None) -> Thresholds:
    """The thresholds, regions in capitals."""
    given = spec or specs.ThresholdsSpec()
    return Thresholds(given.default, {region.upper(): n for region, n in given.regions.items()})


def defaults(spec: specs.DefaultsSpec | None) -> Defaults:
    """What holds when no rule says otherwise."""
    given = spec or specs.DefaultsSpec()
    return Defaults(given.severity, given.service_level, given.queue)


def asking(spec: Section | None) -> Mapping[str, frozenset[str]]:
    """By identifier, the services (folded) about which letters ask for it."""
    return {name: frozenset(map(str.casefold, asked.services)) for name, asked in spec or ()}


def classifier(spec: specs.ClassifierSpec | None) -> ClassifierSettings:
    """How the classifier's word is taken."""
    given = spec or specs.ClassifierSpec()
    return ClassifierSettings(
        confidence=given.confidence,
        costs=given.costs,
        prior=given.prior.shares if given.prior else {},
        prior_tickets=given.prior.tickets if given.prior else 0,
        shipped_weight=given.weights.shipped,
        corrections_weight=given.weights.corrections,
        train_every=given.schedule.every if given.schedule else None,
        train_corrections=given.schedule.corrections if given.schedule else 20,
    )
