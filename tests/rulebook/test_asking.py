"""What may be asked of a fact, to the word: each fault of a condition at its place with its remedy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rulebook.rulebooks import complaints, rule, rulebook
from triaged.rulebook import rules

MAPPED = "a ':' makes a mapping of this; put it in quotes, or write {list: NAME}"
UNASKED = "nothing is given; write {exists: false} to ask for absence"


def told(when: str) -> list[str]:
    """The complaints about a condition, each from its column on."""
    head = "rules/a.yaml:3:"
    found = complaints(f"rules:\n  - name: it\n    when: {when}\n    then: {{tags: [x]}}\n")
    assert all(line.startswith(head) for line in found), found
    return [line.removeprefix(head) for line in found]


def hit(when: str, **facts: Any) -> bool:
    return rules.judge(rule(when), facts).outcomes[0].hit


@pytest.mark.parametrize(
    ("when", "faults"),
    [
        ("{language: {}}", ["22: language: nothing is asked; takes equals, in, contains, matches, exists"]),
        ("{language: {in: de}}", ["27: 'in' takes a list, not 'de'"]),
        ("{language: {in: []}}", ["27: 'in' takes a list, not an empty one"]),
        ("{text: {contains: []}}", ["29: 'contains' takes a list, not an empty one"]),
        ("{text: {matches: []}}", ["28: 'matches' takes a list, not an empty one"]),
        ("{language: {in: {list: no}}}", ["34: unknown list 'no'"]),
        ("{language: {in: {list: 5}}}", ["34: unknown list 5"]),
        ("{language: {in: {lst: no}}}", [f"27: {MAPPED}"]),
        ("{language: {in: {list: no, x: y}}}", [f"27: {MAPPED}"]),
        ("{text: {contains: [down, a: b]}}", [f"36: {MAPPED}"]),
        ("{text: {contains: ''}}", ["29: text: must be text, not empty text"]),
        ("{text: {contains: ' '}}", ["29: text: must be text, not ' '"]),
        ("{text: {contains: [a, 5, ~]}}",
         ["33: text: must be text, not 5; put it in quotes", "36: text: must be text, not nothing"]),
        ("{text: {matches: ['', 5, down]}}",
         ["29: text: must be text, not empty text", "33: text: must be text, not 5; put it in quotes"]),
        ("{language: {exists: 1}}", ["31: exists: must be true or false, not 1"]),
        ("{language: {exists: ~}}", ["31: exists: must be true or false, not nothing"]),
        ("{language: ~}", [f"22: language: {UNASKED}"]),
        ("{language: {in: [de, ~]}}", [f"32: language: {UNASKED}"]),
        ("{language: DE}", ["22: language: 'DE' is no ISO 639-1 code such as en, ja or de"]),
        ("{language: d1}", ["22: language: 'd1' is no ISO 639-1 code such as en, ja or de"]),
        ("{language: deu}", ["22: language: 'deu' is no ISO 639-1 code such as en, ja or de"]),
        ("{language: {equals: gb}}", ["31: language: 'gb' is a country; the language is 'en'"]),
        ("{automatic: 1}", ["23: automatic: must be true or false, not 1"]),
        ("{mail.characters: true}", ["29: mail.characters: must be a number, not true"]),
        ("{mail.characters: {at_least: '5'}}", ["40: mail.characters: must be a number, not '5'"]),
        ("{sender.name: 5}", ["25: sender.name: must be text, not 5; put it in quotes"]),
        ("{sender.name: [a]}", ["25: sender.name: write {in: [...]}"]),
        ("{subject: [a]}", ["21: subject: write {contains: [...]}"]),
        ("{recipients: a}", ["24: recipients: write {contains: [...]}"]),
        ("{recipients: [a]}", ["24: recipients: write {contains: [...]}"]),
        ("{subject: a}", ["21: warning: subject: compares the whole text; is {contains: [...]} meant?"]),
        ("{missing: {contains: [zoid, zoidd]}}",
         ["39: missing: 'zoidd' is none of superadmin_email, zoid, zuid, service; did you mean 'zoid'?"]),
        ("{mail.characters: {zzz: 5}}",
         ["30: unknown test 'zzz'; known are equals, in, says, contains, matches, exists, "
          "at_least, at_most, more_than, less_than"]),
        ("{text: {at_least: 5}}",
         ["19: text is text: 'at_least' cannot be asked; takes equals, in, says, contains, matches, exists"]),
        ("{recipients: {equals: x}}",
         ["25: recipients is a list: 'equals' cannot be asked; takes contains, matches, exists"]),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_a_fact_is_told_with_the_remedy(when: str, faults: list[str]) -> None:
    assert told(when) == faults


@pytest.mark.parametrize(
    ("says", "faults"),
    [
        ("[]", ["25: says takes phrases, not an empty list"]),
        ("~", ["25: a phrase must be text, not nothing"]),
        ("{phrases: down, unless: []}", ["49: says takes phrases, not an empty list"]),
        ("{unless: down}", ["25: a phrase must be text, not nothing"]),
        ("{xyz: [a], phrases: b}", ["26: unknown key 'xyz'; says takes phrases and unless"]),
        ("{phrass: a, phrases: b}", ["26: unknown key 'phrass'; did you mean 'phrases'?"]),
        ("[ok, '', ' ', [a], {a: b}]",
         ["30: a phrase must be text, not ''", "34: a phrase must be text, not ' '",
          "39: a phrase must be text, not a list; put it in quotes",
          "44: a phrase must be text, not a mapping; put it in quotes"]),
        ("'a ||b'", ["25: '|' stands between two words: lock|shut"]),
        ("'|b'", ["25: '|' stands between two words: lock|shut"]),
        ("'a|'", ["25: '|' stands between two words: lock|shut"]),
        ("'x (a|)'", ["25: between '(' and ')' words are missing"]),
        ("'x [] y'", ["25: between '[' and ']' words are missing"]),
        ("'x (… a) y'", ["25: between '(' and ')' words are missing"]),
        ("'x (a …) y'", ["25: between '(' and ')' words are missing"]),
        ("'x (a] y'", ["25: '(' is opened and not closed with ')'"]),
        ("'a …31 b'", ["25: a gap is of 1 to 30 words"]),
        ("'a …0 b'", ["25: a gap is of 1 to 30 words"]),
        ("'a …30 b'", []),
        ("'a …1 b'", []),
    ],
)  # fmt: skip
def test_what_cannot_be_a_phrase_is_told_with_the_remedy(says: str, faults: list[str]) -> None:
    assert told(f"{{text: {{says: {says}}}}}") == faults


def test_the_same_phrase_asked_of_the_whole_mail_is_complained_of_once() -> None:
    assert told("{says: ['', down]}") == ["19: a phrase must be text, not ''"]


@pytest.mark.parametrize(
    ("words", "says", "fault"),
    [
        ("{a-en: ['^now', later]}", "'{a} down'", "'a-en' holds phrases with ^ or ?: it can only stand alone"),
        ("{a-en: ['now ?']}", "'[{a}] down'", "'a-en' holds phrases with ^ or ?: it can only stand alone"),
        ("{a-en: ['{bee} x']}", "'{a}'", "unknown word list 'bee'; `words` has its lists"),
        ("{a-en: ['{b-ex} x'], b-en: [y]}", "'{a}'",
         "unknown word list 'b-ex'; did you mean 'b-en'?; `words` has its lists"),
        ("{a-en: [' ']}", "'{a} x'", "the word list 'a-en' has no phrase"),
        ("{a-en: [x], b-de: [y]}", "'{a} {b}'", "no language has all of a, b; give one of them its lists"),
    ],
)  # fmt: skip
def test_a_phrase_over_lists_that_cannot_carry_it_is_refused_at_its_place(
    words: str, says: str, fault: str
) -> None:
    found = complaints(
        f"words: {words}\nrules:\n  - {{name: it, when: {{text: {{says: {says}}}}}, then: {{tags: [x]}}}}\n"
    )
    assert [line for line in found if "warning" not in line] == [f"rules/a.yaml:3:36: {fault}"]


def test_lists_name_each_other_five_deep_and_no_deeper() -> None:
    def found(depth: int) -> list[str]:
        lists = "".join(f"  a{n}-en: ['{{a{n + 1}}}']\n" for n in range(1, depth))
        return complaints(
            f"words:\n{lists}  a{depth}-en: [word]\n"
            "rules:\n  - {name: it, when: {text: {says: '{a1}'}}, then: {tags: [x]}}\n"
        )

    assert found(5) == []
    assert [line for line in found(6) if "warning" not in line] == [
        "rules/a.yaml:9:36: word lists name each other deeper than 5: a6-en"
    ]


@pytest.mark.parametrize("phrase", ["'^now'", "'now ?'"])
def test_a_list_with_marks_stands_alone_and_is_found(phrase: str) -> None:
    made = rulebook(
        f"words: {{a-en: [{phrase}]}}\nrules:\n  - {{name: it, when: {{text: {{says: '{{a}}'}}}}, then: {{tags: [x]}}}}\n"
    )
    assert rules.judge(made, {"text": "Now?"}).outcomes[0].hit


@pytest.mark.parametrize(
    ("when", "faults"),
    [
        ("{condition: nope}", ["23: unknown condition 'nope'"]),
        ("{condition: 5}", ["23: unknown condition 5"]),
        ("{condition: []}", ["23: 'condition' takes the name of one, or a list of names, not an empty one"]),
        ("{at_least: 5}", ["12: 'at_least' stands below a field, for example text: {at_least: …}"]),
        ("{any: []}", ["17: 'any' takes a list of conditions, not an empty one"]),
        ("{any: {language: de}}", ["17: 'any' takes a list of conditions, not a mapping"]),
        ("{all: de}", ["17: 'all' takes a list of conditions, not 'de'"]),
        ("{not: []}", ["17: 'not' takes a list of conditions, not an empty one"]),
        ("{not: de}", ["17: 'not' takes a list of conditions, not 'de'"]),
        ("{any: [{language: de}, fr, 5]}",
         ["34: a condition is a mapping like {language: ja}, not 'fr'",
          "38: a condition is a mapping like {language: ja}, not 5"]),
        ("{langauge: de}", ["12: unknown field 'langauge'; did you mean 'language'?"]),
        ("{al: [{language: de}]}", ["12: unknown field 'al'; did you mean 'all'?"]),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_told_with_the_remedy(when: str, faults: list[str]) -> None:
    assert told(when) == faults


def _chain(length: int) -> list[str]:
    named = "".join(f"  c{n}: {{condition: c{n + 1}}}\n" for n in range(1, length))
    return complaints(
        f"rules:\n  - {{name: it, when: {{condition: c1}}, then: {{tags: [x]}}}}\nconditions:\n{named}  c{length}: {{language: ja}}\n"
    )


def test_ten_named_conditions_may_lead_to_each_other_and_no_eleventh() -> None:
    assert _chain(10) == []
    [told] = _chain(11)
    assert told.endswith(
        "condition 'c11' leads deeper than 10 conditions: " + " -> ".join(f"c{n}" for n in range(1, 12))
    )


@pytest.mark.parametrize(
    ("when", "facts", "expected"),
    [
        ("{language: {equals: de}}", {"language": "de"}, True),
        ("{language: {equals: de}}", {"language": "fr"}, False),
        ("{service: {equals: ZOHO CRM}}", {"service": "Zoho CRM"}, True),
        ("{mail.characters: {equals: 5}}", {"mail.characters": 5}, True),
        ("{mail.characters: {equals: 5}}", {"mail.characters": 6}, False),
        ("{mail.characters: {in: [5, 6]}}", {"mail.characters": 6}, True),
        ("{automatic: {equals: false}}", {"automatic": False}, True),
        ("{automatic: {equals: false}}", {"automatic": None}, False),
        ("{attachments.count: {at_most: 2}}", {"attachments.count": 2}, True),
        ("{attachments.count: {less_than: 2}}", {"attachments.count": 2}, False),
        ("{attachments.count: {less_than: 2}}", {"attachments.count": 1}, True),
        ("{partner.tier: {more_than: advanced}}", {"partner.tier": "advanced"}, False),
        ("{partner.tier: {more_than: advanced}}", {"partner.tier": "premium"}, True),
        ("{partner.tier: {at_most: advanced}}", {"partner.tier": "unheard-of"}, False),
        ("{classifier.severity: {less_than: S2}}", {"classifier.severity": "S2"}, False),
        ("{classifier.severity: {less_than: S2}}", {"classifier.severity": "S3"}, True),
    ],
)
def test_a_test_written_out_means_what_it_says(when: str, facts: dict[str, Any], expected: bool) -> None:
    assert hit(when, **facts) is expected


def test_a_list_section_that_is_none_is_told_what_it_must_be() -> None:
    assert complaints("rules: 5\n") == ["rules/a.yaml:1:8: rules: must be a list, not 5"]
    assert complaints("services: {name: Zoho CRM}\n") == [
        "rules/a.yaml:1:11: services: must be a list, not a mapping"
    ]


@pytest.mark.parametrize("written", ["just text", "- name: it", "12"])
def test_a_file_that_is_no_mapping_is_told_what_it_must_be(written: str) -> None:
    assert complaints(written) == [
        "rules/a.yaml:1:1: a rulebook file is a mapping with keys like rules: and tests:"
    ]


@pytest.mark.parametrize(
    ("severity", "faults"),
    [
        ("{}", ["22: severity: write a severity, {at_least: …} or {at_most: …}"]),
        ("{set: S1, at_least: S2}", ["22: severity: write a severity, {at_least: …} or {at_most: …}"]),
        ("{set: S1, at_most: S2}", ["22: severity: write a severity, {at_least: …} or {at_most: …}"]),
        ("{at_least: S3, at_most: S2}", []),
        ("{at_least: S2, at_most: S2}", []),
        ("{at_most: S2}", []),
        ("{set: S2}", []),
    ],
)
def test_a_severity_is_set_or_bounded(severity: str, faults: list[str]) -> None:
    found = complaints(f"rules:\n  - name: it\n    then: {{severity: {severity}}}\n")
    assert [line.removeprefix("rules/a.yaml:3:") for line in found] == faults


@pytest.mark.parametrize("whom", ["alert", "tier-1", "tier-3", "desk@house.example"])
def test_who_may_be_told_is_told(whom: str) -> None:
    made = rulebook(f"rules: [{{name: it, then: {{notify: [{whom}]}}}}]")
    assert made.rules[0].then.notify == (whom,)


@pytest.mark.parametrize("whom", ["tier-4", "tier-0", "alerts", "desk@house", "@house.example"])
def test_who_cannot_be_told_is_refused(whom: str) -> None:
    assert complaints(f"rules: [{{name: it, then: {{notify: ['{whom}']}}}}]") == [
        f"rules/a.yaml:1:36: notify: '{whom}' is neither alert, tier-1, tier-2, tier-3 nor a mail address"
    ]


def _prior(last: str) -> list[str]:
    return complaints(f"classifier: {{prior: {{S1: 0.1, S2: 0.2, S3: 0.3, S4: {last}}}}}")


def test_the_four_shares_are_one_in_all_but_for_rounding() -> None:
    assert _prior("0.4") == _prior("0.39") == _prior("0.41") == []
    assert _prior("0.38") == ["rules/a.yaml:1:21: prior: the four shares are 0.98 in all; they must be 1"]
    assert _prior("0.42") == ["rules/a.yaml:1:21: prior: the four shares are 1.02 in all; they must be 1"]


def test_a_fact_given_as_nothing_is_absent_to_a_test_and_no_fault() -> None:
    text = (
        "rules: [{name: it, when: {language: {exists: false}}, then: {tags: [x]}}]\n"
        "tests: [{name: t, given: {language: ~}, expect: {hits: [it]}}]\n"
    )
    assert complaints(text) == []
