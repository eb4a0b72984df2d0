"""Rules: what conditions mean, what outcomes say, order, stop, purity and cost."""

from __future__ import annotations

import json
import random
import string
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rulebook.rulebooks import rule, rulebook
from triaged.rulebook import rules
from triaged.rulebook.fields import FIELDS, Type
from triaged.rulebook.rulebook import Rulebook
from triaged.vocabulary import Severity


def hit(made: Rulebook, **facts: Any) -> bool:
    given = {name.replace("__", "."): value for name, value in facts.items()}
    return rules.judge(made, given).outcomes[0].hit


def why(made: Rulebook, **facts: Any) -> str:
    given = {name.replace("__", "."): value for name, value in facts.items()}
    return rules.judge(made, given).outcomes[0].why


@pytest.mark.parametrize(
    ("when", "facts", "expected"),
    [
        ("{language: ja}", {"language": "ja"}, True),
        ("{language: ja}", {"language": "en"}, False),
        ("{language: ja}", {"language": None}, False),
        ("{service: zoho crm}", {"service": "Zoho CRM"}, True),
        ("{language: {in: [ja, de]}}", {"language": "de"}, True),
        ("{language: {in: [ja, de]}}", {"language": "fr"}, False),
        ("{sender.trusted: true}", {"sender__trusted": True}, True),
        ("{sender.trusted: false}", {"sender__trusted": None}, False),
        ("{account.licences: {at_least: 200}}", {"account__licences": 200}, True),
        ("{account.licences: {at_least: 200}}", {"account__licences": 199}, False),
        ("{account.licences: {more_than: 200}}", {"account__licences": 200}, False),
        ("{account.licences: {at_most: 5, more_than: 2}}", {"account__licences": 3}, True),
        ("{account.licences: {at_most: 5, more_than: 2}}", {"account__licences": 2}, False),
        ("{account.licences: {less_than: 5}}", {"account__licences": None}, False),
        ("{account.licences: 0}", {"account__licences": 0}, True),
        ("{classifier.severity: {at_least: S2}}", {"classifier__severity": "S1"}, True),
        ("{classifier.severity: {at_least: S2}}", {"classifier__severity": "S3"}, False),
        ("{classifier.severity: {at_most: S3}}", {"classifier__severity": "S4"}, True),
        ("{partner.tier: {at_least: advanced}}", {"partner__tier": "premium"}, True),
        ("{partner.tier: {at_least: advanced}}", {"partner__tier": "authorised"}, False),
        ("{missing: {contains: zoid}}", {"missing": ("zuid", "zoid")}, True),
        ("{missing: {contains: [zoid, service]}}", {"missing": ("zuid",)}, False),
        ("{attachments.names: {matches: '\\.har$'}}", {"attachments__names": ("a.HAR", "b.txt")}, True),
        ("{attachments.names: {matches: '\\.har$'}}", {"attachments__names": ("a.har.zip",)}, False),
        ("{account.key: {exists: true}}", {"account__key": "alder"}, True),
        ("{account.key: {exists: false}}", {"account__key": ""}, True),
        ("{identifiers.zoid: {exists: true}}", {"identifiers__zoid": ()}, False),
        ("{account.licences: {exists: true}}", {"account__licences": 0}, True),
        ("{any: [{language: ja}, {language: de}]}", {"language": "de"}, True),
        ("{all: [{language: de}, {service: Zoho CRM}]}", {"language": "de", "service": None}, False),
        ("{not: {language: de}}", {"language": None}, True),
        ("{not: [{language: de}, {language: ja}]}", {"language": "ja"}, False),
        ("{language: ja, not: {service: Zoho CRM}}", {"language": "ja", "service": "Zoho Desk"}, True),
        ("{}", {}, True),
    ],
)
def test_a_condition_means_what_it_says(when: str, facts: Mapping[str, Any], expected: bool) -> None:
    assert hit(rule(when), **facts) is expected


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [
        ("{contains: [system down]}", "The SYSTEM\n  down again", True),
        ("{contains: [system down]}", "The system\n\ndown", False),
        ("{contains: [can't]}", "we can’t", True),
        ("{contains: ['a.b']}", "aXb", False),
        ("{contains: [全社員]}", "全社\n員が", True),
        ("{contains: ['ZOID: 123']}", "ＺＯＩＤ：　１２３", True),
        ("{contains: [straße]}", "STRASSE", False),
        ("{contains: [müller]}", "MÜLLER", True),
        ("{matches: 'users? .{0,20}cannot'}", "Users of the\noffice cannot", True),
        ("{matches: 'a.b'}", "a\n\nb", False),
        ("{matches: '^second'}", "first\n\nSecond paragraph", True),
        ("{matches: ['x', 'y{3}']}", "yyy", True),
        ("{matches: 'zero'}", "ze\u200bro", True),
        ("{matches: 'a'}", "\ud800", False),
        ("{contains: [{list: words}, gamma]}", "beta", True),
        ("{contains: {list: words}}", "gamma", False),
    ],
)
def test_text_is_matched_as_people_read_it(when: str, text: str, expected: bool) -> None:
    made = rulebook(
        f"lists: {{words: [alpha, beta]}}\nrules:\n  - {{name: it, when: {{text: {when}}}, then: {{tags: [x]}}}}\n"
        "  - {name: other, when: {subject: {contains: {list: words}}}, then: {tags: [y]}}\n"
    )
    assert hit(made, text=text) is expected


@pytest.mark.parametrize(
    ("when", "facts", "sentence"),
    [
        (
            "{account.large_user: true}",
            {"account__large_user": False, "account__key": "a", "account__licences": 120,
             "account__threshold": 200},
            "account.large_user is false (120 of 200)",
        ),
        (
            "{account.large_user: true}",
            {"account__large_user": False, "account__why": "nothing given is in the directory"},
            "account.large_user is false (nothing given is in the directory)",
        ),
        (
            "{sender.trusted: true}",
            {"sender__trusted": False, "sender__why": "evil.example is no partner's domain"},
            "sender.trusted is false (evil.example is no partner's domain)",
        ),
        ("{language: ja}", {"language": "en"}, "language is 'en', not 'ja'"),
        ("{language: ja}", {"language": None}, "language is absent"),
        ("{language: {in: [ja, de]}}", {"language": "en"}, "language is 'en', none of 'ja', 'de'"),
        ("{account.licences: {at_least: 9}}", {"account__licences": 3}, "account.licences is 3, not at least 9"),
        ("{classifier.severity: {at_least: S2}}", {"classifier__severity": "S3"},
         "classifier.severity is S3, not at least S2"),
        ("{text: {contains: [down]}}", {"text": "up"}, "text contains no 'down'"),
        ("{text: {contains: [a1, b2, c3, d4, e5]}}", {"text": "up"},
         "text contains none of 'a1', 'b2', 'c3' and 2 more"),
        ("{text: {matches: 'do+wn'}}", {"text": "up"}, "text does not match 'do+wn'"),
        ("{missing: {contains: zoid}}", {"missing": ("zuid",)}, "missing is 'zuid', without 'zoid'"),
        ("{account.key: {exists: true}}", {"account__why": "nothing found"}, "account.key is absent (nothing found)"),
        ("{language: de, not: {text: {contains: [was down]}}}", {"language": "de", "text": "It was\ndown."},
         "ruled out: text contains 'was down'"),
        ("{any: [{language: ja}, {text: {contains: [x]}}]}", {"language": "en", "text": "y"},
         "none of these holds: language is 'en', not 'ja'; text contains no 'x'"),
    ],
)  # fmt: skip
def test_a_miss_names_the_first_failing_condition_and_the_value_it_saw(
    when: str, facts: Mapping[str, Any], sentence: str
) -> None:
    assert why(rule(when), **facts) == sentence


def test_a_hit_says_what_was_found() -> None:
    made = rule("{text: {matches: 'all users? .{0,30}cannot'}, language: en}")
    assert why(made, text="Today ALL users\nof Alder cannot work", language="en") == (
        "text matches 'ALL users of Alder cannot' and language is 'en'"
    )


def test_named_conditions_are_told_by_name() -> None:
    made = rulebook(
        "conditions: {calm: {text: {contains: [calm]}}}\n"
        "rules: [{name: it, when: {condition: calm}, then: {tags: [x]}}]\n"
    )
    assert hit(made, text="keep calm")
    assert why(made, text="panic") == "calm: text contains no 'calm'"


STOPPING = rulebook("""
rules:
  - {name: first, when: {language: ja}, then: {severity: S3, tags: [a], queue: q, letter: l1}}
  - {name: second, when: {language: ja}, then: {severity: S2, tags: [b, a], service_level: gold}, stop: true}
  - {name: third, when: {language: ja}, then: {severity: S1, tags: [c]}}
queues: [q]
""")


def test_the_last_rule_that_speaks_has_the_severity_and_stop_ends_it() -> None:
    verdict = rules.judge(STOPPING, {"language": "ja"})
    assert (verdict.severity, verdict.severity_by) == (Severity.S2, "second")
    assert (verdict.tags, verdict.queue, verdict.letter) == (("a", "b"), "q", "l1")
    assert (verdict.service_level, verdict.service_level_by) == ("gold", "second")
    assert [o.hit for o in verdict.outcomes] == [True, True, False]
    assert verdict.outcomes[2].why == "not looked at: 'second' stopped before it"


def test_a_rule_that_is_switched_off_is_not_looked_at() -> None:
    made = rulebook("rules: [{name: it, then: {severity: S1}, enabled: false}]")
    assert rules.judge(made, {}).outcomes == ()


CONTENT = rulebook("""
rules:
  - {name: large, when: {account.large_user: true, sender.trusted: true}, then: {severity: S1}, stop: true}
  - {name: words, when: {text: {contains: [broken]}}, then: {severity: {at_least: S2}}}
  - {name: night, when: {text: {contains: [broken]}, time.business_hours: false}, then: {severity: {at_least: S1}}}
""")


def test_what_the_content_says_disregards_account_sender_and_clock() -> None:
    facts = {
        "account.large_user": True,
        "sender.trusted": True,
        "text": "broken",
        "time.business_hours": False,
    }
    verdict = rules.judge(CONTENT, facts)
    assert verdict.severity is Severity.S1
    assert (verdict.content_severity, verdict.content_at_least) == (None, Severity.S2)
    assert [o.content for o in verdict.outcomes] == [False, True, False]


def test_bounds_of_several_rules_add_up_and_say_whose_they_are() -> None:
    made = rulebook("""
rules:
  - {name: a, then: {severity: {at_least: S3}}}
  - {name: b, when: {language: ja}, then: {severity: {at_least: S2}}}
  - {name: c, when: {service: Zoho CRM}, then: {severity: {at_most: S2}}}
""")
    verdict = rules.judge(made, {"language": "ja", "service": "Zoho CRM"})
    assert (verdict.at_least, verdict.at_least_by) == (Severity.S2, "b")
    assert (verdict.at_most, verdict.at_most_by) == (Severity.S2, "c")


def test_stored_facts_explain_the_misses_later() -> None:
    facts = {"language": "en", "text": "nothing", "account.large_user": False, "missing": ("zoid",)}
    whole = rules.judge(CONTENT, facts)
    bare = rules.judge(CONTENT, facts, misses=False)
    assert {o.why for o in bare.outcomes if not o.hit} == {""}
    stored = json.loads(json.dumps(facts))
    assert rules.explain_misses(CONTENT, stored) == whole.outcomes


def _values(name: str) -> st.SearchStrategy[Any]:
    about = FIELDS[name]
    if about.choices:
        value: st.SearchStrategy[Any] = st.sampled_from(about.choices)
    elif about.type is Type.SEVERITY:
        value = st.sampled_from([s.value for s in Severity])
    elif about.type is Type.FLAG:
        value = st.booleans()
    elif about.type is Type.NUMBER:
        value = st.integers(0, 500)
    else:
        value = st.text("abc broken ja\n", max_size=20)
    return st.lists(value, max_size=3).map(tuple) if about.type is Type.WORDS else st.none() | value


FACTS = st.fixed_dictionaries({name: _values(name) for name in FIELDS})


@settings(max_examples=60)
@given(FACTS, st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_verdict_whatever_came_before(
    facts: dict[str, Any], chance: random.Random
) -> None:
    names = list(facts)
    chance.shuffle(names)
    shuffled = {name: facts[name] for name in names}
    before = json.dumps(facts, sort_keys=True)
    first = rules.judge(CONTENT, facts)
    rules.judge(CONTENT, {**facts, "text": "broken broken"})
    assert rules.judge(CONTENT, shuffled) == first
    assert json.dumps(facts, sort_keys=True) == before


def test_another_process_gives_the_same_verdict() -> None:
    facts = {"text": "it is broken", "account.large_user": False, "language": "en"}
    program = (
        "import json, sys; from tests.rulebook.test_rules import CONTENT; from triaged.rulebook import rules;"
        "print(rules.judge(CONTENT, json.loads(sys.argv[1])))"
    )
    shown = {
        subprocess.run(
            [sys.executable, "-c", program, json.dumps(facts)],
            capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert shown == {f"{rules.judge(CONTENT, facts)}\n"}


def _many(count: int) -> str:
    chance = random.Random(7)
    words = ["".join(chance.choices(string.ascii_lowercase, k=7)) for _ in range(400)]
    made = ["rules:"]
    for index in range(count):
        a, b, c = chance.sample(words, 3)
        made.append(
            f"  - {{name: r{index}, when: {{text: {{matches: '\\b({a}|{b})s?\\b.{{0,60}}\\b{c}'}}, "
            f"not: {{text: {{contains: [{a} {b}]}}}}}}, then: {{tags: [t{index}]}}}}"
        )
    return "\n".join(made)


def test_a_thousand_patterns_cost_one_pass_over_each_text() -> None:
    """Cost without a clock: all patterns of a field lie in one filter, asked once a mail."""
    made = rulebook(_many(500))
    assert len(made.patterns.sources["text"]) > 990  # a few of the random ones are alike
    asked: list[str] = []

    class Counting:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def Match(self, text: str) -> Any:
            asked.append(text)
            return self.inner.Match(text)

    filters = dict(made.patterns.filters)
    made.patterns.filters["text"] = Counting(filters["text"])  # type: ignore[index]
    verdict = rules.judge(made, {"text": "some words " * 450})
    made.patterns.filters["text"] = filters["text"]  # type: ignore[index]
    assert len(asked) == 1
    assert len(verdict.outcomes) == 500
