"""How often each severity occurs in a site's own mail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from triaged.config import shipped
from triaged.rulebook.rulebook import ClassifierSettings, Rulebook
from triaged.vocabulary import Severity
from triaged.walk.own_shares import known_by_tickets, settled_by
from triaged.walk.rulebook_folder import load_folder

RULEBOOK = ClassifierSettings(
    prior={Severity.S1: 0.1, Severity.S2: 0.2, Severity.S3: 0.4, Severity.S4: 0.3}, prior_tickets=100
)


@dataclass
class Known:
    """What of a site's knowledge is asked."""

    rulebook: Rulebook


def test_with_few_tickets_the_rulebooks_word_holds() -> None:
    assert settled_by(RULEBOOK, {Severity.S3: 99}) is RULEBOOK


def test_with_enough_tickets_they_give_the_shares_and_say_so() -> None:
    settled = settled_by(RULEBOOK, {Severity.S3: 400, Severity.S4: 50})
    assert settled.prior[Severity.S3] == pytest.approx((400 + 20) / 500)
    assert settled.prior_of == "450 closed tickets of a year"
    assert sum(settled.prior.values()) == pytest.approx(1)


def test_a_severity_that_never_came_stays_possible() -> None:
    assert settled_by(RULEBOOK, {Severity.S4: 10_000}).prior[Severity.S1] > 0


@pytest.mark.parametrize("wanted", [0, 100])
def test_where_the_rulebook_wants_no_shares_of_tickets_none_are_counted(wanted: int) -> None:
    asked: list[datetime] = []

    class Counted:
        def closed_by_severity(self, since: datetime) -> dict[Severity, int]:
            asked.append(since)
            return {Severity.S3: 400}

    book = load_folder(shipped.rules())
    known = Known(replace(book, classifier=replace(RULEBOOK, prior_tickets=wanted)))
    now = datetime(2026, 11, 23, tzinfo=UTC)
    after = known_by_tickets(known, Counted(), now)  # type: ignore[arg-type]
    assert (after is known) is (wanted == 0)
    assert asked == ([] if wanted == 0 else [now - timedelta(days=365)])
    assert after.rulebook.classifier.prior_of == (
        "400 closed tickets of a year" if wanted else RULEBOOK.prior_of
    )
