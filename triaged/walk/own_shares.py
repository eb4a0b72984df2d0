"""How often each severity occurs in a site's own mail: what its closed tickets say, once there are enough.

Of a ticket counts what a person set, else what its content was and people left so when they closed it; a
large account's treatment does not, for the classifier judges words. The rulebook's `classifier.prior` holds
until then, and stands for PSEUDO tickets afterwards, so that a severity that never came is not out of the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from triaged.rulebook.rulebook import ClassifierSettings
from triaged.vocabulary import Severity
from triaged.walk.knowledge import Knowledge

YEAR = timedelta(days=365)
PSEUDO = 50  # tickets that the rulebook's word is worth


class Counting(Protocol):
    """A store that can say how many closed tickets were of each severity."""

    def closed_by_severity(self, since: datetime) -> Mapping[Severity, int]:
        """Tickets closed since then, by the severity people left them with."""


def known_by_tickets(known: Knowledge, store: Counting, now: datetime) -> Knowledge:
    """The knowledge with the shares of the site's own tickets, where there are enough. Raises Unavailable."""
    settings = known.rulebook.classifier
    if not settings.prior_tickets:
        return known
    settled = settled_by(settings, store.closed_by_severity(now - YEAR))
    return replace(known, rulebook=replace(known.rulebook, classifier=settled))


def settled_by(settings: ClassifierSettings, counted: Mapping[Severity, int]) -> ClassifierSettings:
    """The settings with shares by tickets, or unchanged where these are too few."""
    total = sum(counted.values())
    if total < settings.prior_tickets:
        return settings
    shares = {
        s: (counted.get(s, 0) + PSEUDO * settings.prior.get(s, 0.0)) / (total + PSEUDO) for s in Severity
    }
    return replace(settings, prior=shares, prior_of=f"{total} closed tickets of a year")
