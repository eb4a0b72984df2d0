"""What a rulebook's test gives, and what follows from it: thresholds, large accounts, eligible services."""

from __future__ import annotations

import pytest

from tests.meetings.test_rulebook import TEXTS
from triaged.rulebook import loading
from triaged.rulebook.rulebook import Rulebook
from triaged.walk import trials
from triaged.walk.rulebook_folder import ROOMS

RULES = """\
rules:
  - {name: big, when: {account.large_user: true}, then: {tags: [big]}}
  - {name: small, when: {account.large_user: false}, then: {tags: [small]}}
  - {name: counts, when: {service.eligible: true}, then: {tags: [counts]}}
  - {name: trusted, when: {sender.trusted: true}, then: {tags: [trusted]}}
"""
OURS = ("big", "small", "counts", "trusted")


def tried(given: str, expect: str) -> tuple[Rulebook, trials.Trial]:
    """A test that gives and expects so, by the rules above beside those that ship."""
    test = f"tests:\n  - {{name: x, mail: {{from: a@oak.example}}, given: {given}, expect: {expect}}}\n"
    rulebook, complaints = loading.load(TEXTS | {"rules/98.yaml": RULES, "rules/99.yaml": test}, ROOMS)
    assert rulebook is not None, complaints
    (trial,) = trials.run(rulebook, [one for one in rulebook.tests if one.name == "x"])
    return rulebook, trial


@pytest.mark.parametrize(
    ("given", "hits"),
    [  # where no service is named, it is one that counts
        ("{account: {region: US, licences: 200}}", {"big", "counts"}),
        ("{account: {region: US, licences: 199}}", {"counts", "small"}),
        ("{account: {region: JP, licences: 100}}", {"big", "counts"}),
        ("{account: {region: JP, licences: 99}}", {"counts", "small"}),
        ("{account: {region: JP, licences: 100, threshold: 101}}", {"counts", "small"}),
        ("{account: {licences: 5000, large_user: false}}", {"counts", "small"}),
        ("{account: {licences: 1, large_user: true}}", {"big", "counts"}),
        ("{service: Zoho CRM}", {"counts", "small"}),
        ("{service: Zoho Campaigns}", {"small"}),
        ("{service: Zoho Campaigns, service.eligible: true}", {"counts", "small"}),
        ("{sender: {trusted: true}}", {"trusted", "counts", "small"}),
    ],
)
def test_what_is_not_given_follows_from_what_is(given: str, hits: set[str]) -> None:
    _, trial = tried(given, "{severity: S3}")
    assert {name for name in trial.hits if name in OURS} == hits


def test_of_a_trial_that_fails_it_is_said_what_was_wanted() -> None:
    rulebook, trial = tried("{sender: {trusted: true}, account: {licences: 1}}", "{hits: [big]}")
    assert not trial.passed and "big" in str(trial.surprises[0])
    not_hit = trials.coverage(rulebook, [trial])
    assert "big" in not_hit and "small" not in not_hit
