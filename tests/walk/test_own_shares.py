"""How often each severity occurs in a site's own mail."""

from __future__ import annotations

import pytest

from triaged.rulebook.rulebook import ClassifierSettings
from triaged.vocabulary import Severity
from triaged.walk.own_shares import settled_by

RULEBOOK = ClassifierSettings(
    prior={Severity.S1: 0.1, Severity.S2: 0.2, Severity.S3: 0.4, Severity.S4: 0.3}, prior_tickets=100
)


def test_with_few_tickets_the_rulebooks_word_holds() -> None:
    assert settled_by(RULEBOOK, {Severity.S3: 99}) is RULEBOOK


def test_with_enough_tickets_they_give_the_shares_and_say_so() -> None:
    settled = settled_by(RULEBOOK, {Severity.S3: 400, Severity.S4: 50})
    assert settled.prior[Severity.S3] == pytest.approx((400 + 20) / 500)
    assert settled.prior_of == "450 closed tickets of a year"
    assert sum(settled.prior.values()) == pytest.approx(1)


def test_a_severity_that_never_came_stays_possible() -> None:
    assert settled_by(RULEBOOK, {Severity.S4: 10_000}).prior[Severity.S1] > 0
