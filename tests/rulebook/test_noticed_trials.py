"""What a rulebook's own test says of everything that came out otherwise, word for word."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.rulebook.rulebooks import rulebook
from tests.rulebook.test_trials_given import tried
from triaged.walk import trials

RULES = """
queues: [front, fire]
rules:
  - {name: words, when: {text: {contains: [outage]}}, then: {severity: S2, tags: [t, v], review: seen, letter: ack, queue: fire, hold_letters: [reminder], ask: [zuid]}}
  - {name: big, when: {account.large_user: true, sender.trusted: false}, then: {severity: S1}}
  - {name: premium, when: {account.plan: premium}, then: {review: looked}}
  - {name: off, enabled: false, when: {text: {contains: [storm]}}, then: {tags: [x]}}
"""
STRANGER = "b.example is not a partner's domain or contact"
MAIL = "mail: {from: a@b.example, body: an outage}, "


def surprises(expect: str, given: str = "{}", mail: str = MAIL) -> list[str]:
    """What one test says that expects this."""
    made = rulebook(f"{RULES}tests:\n  - {{name: x, {mail}given: {given}, expect: {expect}}}\n")
    (trial,) = trials.run(made)
    assert trial.passed is (not trial.surprises)
    return list(map(str, trial.surprises))


def test_everything_that_came_out_otherwise_is_told_with_what_led_to_it() -> None:
    wrong = (
        "{severity: S3, content_severity: S4, hits: [premium, off], misses: [words, big], tags: [t], queue: front, "
        "letter: other, hold_letters: [], ask: [], review: false, provisional: false, service_level: gold, "
        "facts: {identifiers.zoid: [x], language: de}}"
    )
    big = f"account.large_user is true (200 of 200) and sender.trusted is false ({STRANGER})"
    assert surprises(wrong, "{service: Zoho CRM, account: {licences: 200, key: oak}}") == [
        "rule premium: wanted a hit, got a miss (account.plan is absent)",
        "rule off: wanted a hit, got a miss (it is switched off)",
        "rule words: wanted a miss, got a hit (text contains 'outage')",
        f"rule big: wanted a miss, got a hit ({big})",
        f"severity: wanted S3, got S1 (rule big: {big})",
        "content_severity: wanted S4, got S2",
        "service_level: wanted 'gold', got 'standard' (default of the rulebook)",
        "queue: wanted 'front', got 'fire'",
        "letter: wanted 'other', got 'ack'",
        "provisional: wanted false, got true",
        f"review: wanted false, got true (untrusted sender: {STRANGER}; seen)",
        "tags: wanted t, got t, v",
        "hold_letters: wanted none, got reminder",
        "ask: wanted none, got zuid",
        "identifiers.zoid: wanted 'x', got empty",
        "language: wanted 'de', got 'en'",
    ]


def test_where_all_comes_out_as_wanted_nothing_is_told() -> None:
    right = (
        "{severity: S2, content_severity: S2, hits: [words], misses: [big, premium, off], tags: [v, t], queue: fire, "
        "letter: ack, hold_letters: [reminder], ask: [zuid], review: true, provisional: true, "
        "service_level: standard, screen_sharing: false, facts: {identifiers.zoid: [], language: en}}"
    )
    assert surprises(right) == []


NO_WORD = "uncertain severity: default, no word of the classifier"


@pytest.mark.parametrize(
    ("given", "severity", "because", "reviews"),
    [
        ("{}", "S3", "default, no word of the classifier", (NO_WORD, f"untrusted sender: {STRANGER}")),
        ("{sender: {trusted: true}}", "S3", "default, no word of the classifier", (NO_WORD,)),
        ("{conflict: true, sender: {trusted: true}}", "S3", "default, no word of the classifier",
         (NO_WORD, "conflicting identifiers: given by the test")),
        ("{sender: {role: staff}}", "S3", "default, no word of the classifier",
         (NO_WORD, f"mail of our own people that belongs to no ticket: {STRANGER}")),
        ("{sender: {role: staff, trusted: true}}", "S3", "default, no word of the classifier",
         (NO_WORD, "mail of our own people that belongs to no ticket: given by the test")),
        ("{account: {plan: premium}}", "S3", "default, no word of the classifier",
         (NO_WORD, f"untrusted sender: {STRANGER}", "looked")),
        ("{classifier: {severity: S2}}", "S2", "classifier 1.00", (f"untrusted sender: {STRANGER}",)),
        ("{classifier: {severity: S2, confidence: 0.97}}", "S2", "classifier 0.97", (f"untrusted sender: {STRANGER}",)),
        ("{classifier: {severity: S1, confidence: 0.4}}", "S1", "classifier 0.40 (0.40 < 0.55)",
         ("uncertain severity: classifier 0.40 (0.40 < 0.55)", f"untrusted sender: {STRANGER}")),
    ],
)  # fmt: skip
def test_what_is_given_of_sender_account_and_classifier_is_what_is_decided_by(
    given: str, severity: str, because: str, reviews: Iterable[str]
) -> None:
    mail = "mail: {from: a@b.example, body: a word}, "
    assert surprises("{severity: S4, review: false}", given, mail) == [
        f"severity: wanted S4, got {severity} ({because})",
        f"review: wanted false, got true ({'; '.join(reviews)})",
    ]


@pytest.mark.parametrize(
    ("given", "provisional"),
    [
        ("{}", True),
        ("{no_identifier: false}", False),
        ("{no_identifier: true, account: {matched_by: domain}}", True),
        ("{no_identifier: true, account: {matched_by: customer_email}}", False),
    ],
)
def test_a_severity_is_provisional_while_nothing_given_names_the_account(
    given: str, provisional: bool
) -> None:
    assert surprises(f"{{provisional: {str(provisional).lower()}}}", given) == []
    assert len(surprises(f"{{provisional: {str(not provisional).lower()}}}", given)) == 1


def test_a_session_is_not_offered_to_whom_nobody_verified() -> None:
    _, trial = tried("{account: {plan: premium}}", "{screen_sharing: true}")
    assert list(map(str, trial.surprises)) == [
        "screen_sharing: wanted true, got false (the sender is not a verified partner)"
    ]


@pytest.mark.parametrize(
    ("mail", "read"),
    [
        ("", ("nobody@nowhere.example", "'partner-support@zohocorp.com'", "", "")),
        ("mail: {from: Ann <a@b.example>}, ", ("a@b.example", "'partner-support@zohocorp.com'", "", "")),
        ('mail: {from: Ann <a@b.example>, to: [u@v.example, w@v.example], cc: [c@v.example], subject: "two\\n  lines", '
         'body: "word one\\nword two"}, ',
         ("a@b.example", "'u@v.example', 'w@v.example', 'c@v.example'", "two lines", "word one word two")),
    ],
)  # fmt: skip
def test_a_tests_mail_is_read_as_it_is_written(mail: str, read: tuple[str, str, str, str]) -> None:
    sender, recipients, subject, text = read
    assert surprises(
        "{facts: {sender: {address: x}, recipients: [q@x.example], subject: x, text: y}}", mail=mail
    ) == [
        f"sender.address: wanted 'x', got '{sender}'",
        f"recipients: wanted 'q@x.example', got {recipients}",
        f"subject: wanted 'x', got '{subject}'",
        f"text: wanted 'y', got '{text}'",
    ]


def test_facts_of_several_words_are_told_apart_in_order() -> None:
    given = "{attachments: {names: [a.png, b.png]}}"
    assert surprises("{facts: {attachments: {names: [a.png, b.png]}}}", given) == []
    assert surprises("{facts: {attachments: {names: [b.png, a.png]}}}", given) == [
        "attachments.names: wanted 'b.png', 'a.png', got 'a.png', 'b.png'"
    ]
