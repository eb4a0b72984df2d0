"""What a rulebook's test gives, and what follows from it: thresholds, large accounts, eligible services."""

from __future__ import annotations

import pytest

from tests.meetings.test_rulebook import TEXTS
from triaged.rulebook import loading
from triaged.walk import trials
from triaged.walk.rulebook_folder import ROOMS

RULES = """\
rules:
  - {name: big, when: {account.large_user: true}, then: {tags: [big]}}
  - {name: small, when: {account.large_user: false}, then: {tags: [small]}}
  - {name: counts, when: {service.eligible: true}, then: {tags: [counts]}}
  - {name: trusted, when: {sender.trusted: true}, then: {tags: [trusted]}}
"""


def tried(given: str) -> tuple[str, ...]:
    """Which of the rules above hit."""
    test = (
        f"tests:\n  - {{name: x, mail: {{from: a@oak.example}}, given: {given}, expect: {{severity: S3}}}}\n"
    )
    rulebook, complaints = loading.load(TEXTS | {"rules/98.yaml": RULES, "rules/99.yaml": test}, ROOMS)
    assert rulebook is not None, complaints
    (trial,) = trials.run(rulebook, [one for one in rulebook.tests if one.name == "x"])
    return tuple(name for name in trial.hits if name in ("big", "small", "counts", "trusted"))


@pytest.mark.parametrize(
    ("given", "hit"),
    [
        ("{account: {region: US, licences: 200}}", "big"),
        ("{account: {region: US, licences: 199}}", "small"),
        ("{account: {region: JP, licences: 100}}", "big"),
        ("{account: {region: JP, licences: 99}}", "small"),
        ("{account: {region: JP, licences: 100, threshold: 101}}", "small"),
        ("{account: {licences: 5000, large_user: false}}", "small"),
        ("{account: {licences: 1, large_user: true}}", "big"),
        ("{service: Zoho CRM}", "counts"),
        ("{service: Zoho Campaigns}", ""),
        ("{service: Zoho Campaigns, service.eligible: true}", "counts"),
        ("{sender: {trusted: true}}", "trusted"),
    ],
)
def test_what_is_not_given_follows_from_what_is(given: str, hit: str) -> None:
    assert hit in tried(given) or (not hit and "counts" not in tried(given))
    others = {"big", "small"} - {hit}
    assert hit not in ("big", "small") or not others & set(tried(given))


def test_of_a_trial_that_fails_it_is_said_what_the_test_gave() -> None:
    test = (
        "tests:\n  - {name: x, mail: {from: a@oak.example}, given: {sender: {trusted: true}, account: {licences: 1}}, "
        "expect: {hits: [big]}}\n"
    )
    rulebook, _ = loading.load(TEXTS | {"rules/98.yaml": RULES, "rules/99.yaml": test}, ROOMS)
    assert rulebook is not None
    (trial,) = trials.run(rulebook, [one for one in rulebook.tests if one.name == "x"])
    assert not trial.passed and "big" in str(trial.surprises[0])
    assert "big" in trials.coverage(rulebook, [trial]) and "small" not in trials.coverage(rulebook, [trial])
