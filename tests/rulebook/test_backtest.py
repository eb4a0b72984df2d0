"""Backtest and statistics: differences, their sum, and how both are told."""

from __future__ import annotations

from dataclasses import replace

from tests.rulebook.rulebooks import rulebook
from triaged.rulebook import differences, rule_statistics
from triaged.rulebook.differences import Judged, Summary
from triaged.rulebook.rule_statistics import Use
from triaged.vocabulary import Severity

ONE = Judged("PS-1001", "Login", Severity.S3, "classifier 0.80", "standard", (("first_response", "10:00"),),
             ("acknowledgment",), hits=("old-rule",), human=Severity.S1)  # fmt: skip
TWO = replace(ONE, mail="PS-1002", human=None)
HIGHER = replace(ONE, severity=Severity.S1, because="rule new", letters=("acknowledgment", "new_s1"),
                 commitments=(("first_response", "09:15"),), hits=("new-rule",))  # fmt: skip


def test_two_equal_judgements_differ_in_nothing_whatever_their_reason() -> None:
    assert differences.compare(ONE, replace(ONE, because="rule x")).changes == ()


def test_a_difference_names_what_changes_and_which_rules_made_it() -> None:
    found = differences.compare(ONE, HIGHER)
    assert found.changes == (
        ("severity", "S3", "S1"),
        ("promised times", "first_response 10:00", "first_response 09:15"),
        ("letters", "acknowledgment", "acknowledgment, new_s1"),
    )
    assert found.why == "now hit by new-rule; no longer hit by old-rule"
    assert found.moved


def test_the_sum_tells_moves_letters_rules_and_agreement_with_people() -> None:
    found = [differences.compare(ONE, HIGHER), differences.compare(TWO, TWO)]
    assert list(differences.lines(Summary.of(iter(found)))) == [
        "2 mails judged by both rulebooks; 1 of them differently",
        "",
        "from \\ to     S1    S2    S3    S4",
        "S1             .     .     .     .",
        "S2             .     .     .     .",
        "S3             1     .     .     .",
        "S4             .     .     .     .",
        "",
        "letters changes on 1 mail",
        "promised times changes on 1 mail",
        "severity changes on 1 mail",
        "letter new_s1: written on 1 more, on 0 no longer",
        "rule new-rule: hitting on 1 more, on 0 no longer",
        "rule old-rule: hitting on 0 more, on 1 no longer",
        "",
        "of 1 mail corrected by people, the rulebook in force agrees on 0, the changed one on 1",
        "",
        "PS-1001  severity S3 -> S1; promised times first_response 10:00 -> first_response 09:15; "
        "letters acknowledgment -> acknowledgment, new_s1  "
        "(now hit by new-rule; no longer hit by old-rule)  'Login'",
    ]


def test_equal_rulebooks_make_a_short_report() -> None:
    told = list(differences.lines(Summary.of([differences.compare(TWO, TWO)])))
    assert told == ["1 mail judged by both rulebooks; 0 of them differently"]


def test_a_long_list_is_cut_weightiest_first() -> None:
    many = [
        differences.compare(replace(ONE, mail=f"PS-{n}"), replace(HIGHER, mail=f"PS-{n}")) for n in range(30)
    ]
    milder = differences.compare(TWO, replace(TWO, tags=("t",)))
    told = list(differences.lines(Summary.of([milder, *many]), limit=5))
    assert told[-1] == "and 26 more"
    assert not any(line.startswith("PS-1002") for line in told)


def test_statistics_point_at_dead_idle_and_overruled_rules() -> None:
    book = rulebook("""
rules:
  - {name: dead, when: {language: de}, then: {tags: [a]}}
  - {name: idle, when: {language: ja}, then: {severity: S2}}
  - {name: wrong, when: {language: fr}, then: {severity: S4}}
""")
    uses = [
        Use(("idle",), Severity.S2, classifier=Severity.S2),
        Use(("wrong",), Severity.S4, classifier=Severity.S3, human=Severity.S2),
        Use(("gone",), Severity.S3, human=Severity.S3),
    ]
    rows = {row.name: row for row in rule_statistics.statistics(book, uses)}
    assert rows["dead"].dead
    assert rows["idle"].idle
    assert (rows["wrong"].overruled, rows["gone"].overruled) == (1, 0)
    told = list(rule_statistics.lines(list(rows.values()), mails=3))
    assert told[-3:] == [
        "never hit: dead",
        "always as the classifier says: idle",
        "overruled more than half the time: wrong",
    ]
    assert len({len(line) for line in told[:5]}) == 1  # one column under the other
    assert told[4].split() == ["gone", "(gone)", "1", "33%", "0", "0"]


def test_a_rule_overruled_half_the_time_or_idle_but_once_is_not_pointed_at() -> None:
    book = rulebook("rules: [{name: it, when: {language: de}, then: {severity: S2}}]")
    twice = [Use(("it",), Severity.S2, classifier=Severity.S2), Use(("it",), Severity.S2, human=Severity.S1)]
    [row] = rule_statistics.statistics(book, twice)
    assert (row.hits, row.overruled, row.agreeing, row.known, row.dead, row.idle) == (
        2,
        1,
        1,
        True,
        False,
        False,
    )
    told = list(rule_statistics.lines([row], mails=2))
    assert told == [
        "rule    hits   share  overruled  as classifier",
        "it         2    100%          1              1",
    ]
    assert list(rule_statistics.lines([], mails=0)) == ["rule    hits   share  overruled  as classifier"]
    assert list(rule_statistics.lines([replace(row, hits=0)], mails=0))[1].split() == [
        "it",
        "0",
        "-",
        "1",
        "1",
    ]


def test_a_rule_that_is_gone_and_was_never_hit_is_neither_dead_nor_idle() -> None:
    gone = rule_statistics.RuleStatistics("gone", 0, 0, 0, known=False)
    assert not gone.dead and not gone.idle


def test_a_list_at_its_limit_is_whole() -> None:
    some = [
        differences.compare(replace(ONE, mail=f"PS-{n}"), replace(HIGHER, mail=f"PS-{n}")) for n in range(5)
    ]
    told = list(differences.lines(Summary.of(some), limit=5))
    assert [line.partition(" ")[0] for line in told[-5:]] == [f"PS-{n}" for n in range(5)]
    assert list(differences.lines(Summary.of(some), limit=4))[-1] == "and 1 more"


def test_the_gravest_new_severity_stands_on_top_and_what_moved_nothing_below() -> None:
    milder = differences.compare(replace(ONE, mail="PS-1"), replace(ONE, mail="PS-1", severity=Severity.S4))
    graver = differences.compare(replace(ONE, mail="PS-2"), replace(ONE, mail="PS-2", severity=Severity.S2))
    tagged = differences.compare(replace(ONE, mail="PS-0"), replace(ONE, mail="PS-0", tags=("t",)))
    listed = differences.weightiest(Summary.of([tagged, milder, graver]))
    assert [one.old.mail for one in listed] == ["PS-2", "PS-1", "PS-0"]


def test_a_difference_for_machines_has_both_sides_and_what_a_person_said() -> None:
    assert differences.as_json(differences.compare(ONE, replace(ONE, queue="japan", tags=("b", "a")))) == {
        "mail": "PS-1001",
        "subject": "Login",
        "changes": [
            {"what": "tags", "before": "none", "after": "a, b"},
            {"what": "queue", "before": "none", "after": "japan"},
        ],
        "why": differences.compare(ONE, replace(ONE, queue="japan")).why,
        "severity": {"before": "S3", "after": "S3"},
        "human": "S1",
    }
    assert differences.as_json(differences.compare(TWO, TWO))["human"] is None


def test_what_is_lost_is_counted_apart_from_what_is_gained() -> None:
    lost = Summary.of(
        [differences.compare(HIGHER, ONE), differences.compare(HIGHER, replace(ONE, mail="PS-2"))]
    )
    assert (lost.letters, lost.rules) == ({"new_s1": (2, 0)}, {"new-rule": (2, 0), "old-rule": (0, 2)})
    assert (lost.corrected, lost.agreeing_before, lost.agreeing_after) == (2, 2, 0)
    assert lost.moves == {(Severity.S1, Severity.S3): 2}
