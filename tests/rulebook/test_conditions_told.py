"""What a rule says of a mail: whether its condition holds, and what held or was missing, word by word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rulebook.rulebooks import rulebook
from triaged.rulebook import rules

FIVE = (
    "{language: de}",
    "{language: fr}",
    "{mail.reply: true}",
    "{attachments.count: 4}",
    "{subject: {contains: x}}",
)


def told(when: str, **facts: Any) -> tuple[bool, str]:
    """Whether the one rule hits, and its sentence."""
    made = rulebook(
        "conditions: {ja: {language: ja}}\nrules:\n"
        f"  - {{name: it, when: {when}, then: {{tags: [x]}}}}\n"
        "  - {name: other, when: {condition: ja}, then: {tags: [x]}}\n"
    )
    outcome = rules.judge(made, {"text": "", "subject": "", **facts}).outcomes[0]
    return outcome.hit, outcome.why


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "language is absent"),
        (2, "none of these holds: language is absent; language is absent"),
        (3, "none of these holds: language is absent; language is absent; mail.reply is absent"),
        (4, "none of these holds: language is absent; language is absent; mail.reply is absent; and 1 more"),
        (5, "none of these holds: language is absent; language is absent; mail.reply is absent; and 2 more"),
    ],
)
def test_of_many_that_do_not_hold_three_are_told(number: int, said: str) -> None:
    assert told(f"{{any: [{', '.join(FIVE[:number])}]}}") == (False, said)


ANY = f"{{any: [{', '.join(FIVE)}]}}"
BOTH = "{language: de, mail.reply: true}"


@pytest.mark.parametrize(
    ("when", "facts", "hit", "said"),
    [
        (ANY, {"language": "fr"}, True, "language is 'fr'"),
        (ANY, {"subject": "x"}, True, "subject contains 'x'"),
        (ANY, {"language": "fr", "mail.reply": True}, True, "language is 'fr'"),
        (BOTH, {"language": "de"}, False, "mail.reply is absent"),
        (BOTH, {"mail.reply": True}, False, "language is absent"),
        (BOTH, {"language": "de", "mail.reply": True}, True, "language is 'de' and mail.reply is true"),
        ("{language: de, not: {mail.reply: true}}", {"language": "de"}, True, "language is 'de'"),
        ("{language: de, not: {mail.reply: true}}", {"language": "de", "mail.reply": True}, False, "ruled out: mail.reply is true"),
        ("{not: {language: de}}", {"language": "de"}, False, "ruled out: language is 'de'"),
        ("{not: {language: de}}", {"language": "fr"}, True, "not ruled out (language is 'fr', not 'de')"),
        ("{not: {any: [{language: de}, {language: fr}]}}", {"language": "fr"}, False, "ruled out: language is 'fr'"),
        (f"{{not: {BOTH}}}", {"language": "de"}, True, "not ruled out (mail.reply is absent)"),
        ("{not: {not: {language: de}}}", {"language": "de"}, True, "not ruled out (ruled out: language is 'de')"),
        ("{condition: ja}", {"language": "ja"}, True, "ja: language is 'ja'"),
        ("{condition: ja}", {"language": "de"}, False, "ja: language is 'de', not 'ja'"),
        ("{not: {condition: ja}}", {"language": "ja"}, False, "ruled out: ja: language is 'ja'"),
        ("{}", {}, True, "applies to every mail"),
    ],
)  # fmt: skip
def test_a_rule_says_what_held_or_what_was_missing(
    when: str, facts: dict[str, Any], hit: bool, said: str
) -> None:
    assert told(when, **facts) == (hit, said)
