"""The final word: classifier, costs, abstaining, rules' bounds, and reasons for a review."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from tests.rulebook.rulebooks import guess, match, rulebook, sender
from triaged.judging import severity, weighing
from triaged.judging.decisions import Account, Decision
from triaged.judging.severity import Opinion
from triaged.reading.values import Guess
from triaged.rulebook import rules
from triaged.rulebook.rulebook import Rulebook
from triaged.vocabulary import Severity

PLAIN = rulebook("classifier: {confidence: 0.55}\ndefaults: {severity: S3, service_level: standard}\n")


def decide(
    book: Rulebook, word: Guess | None, facts: dict[str, object] | None = None, **odd: object
) -> Decision:
    verdict = rules.judge(book, facts or {})
    return severity.decide(verdict, word, match(**odd), sender(), book)


def test_the_classifier_speaks_where_no_rule_does() -> None:
    made = decide(PLAIN, guess("S2", 0.81))
    assert (made.severity, made.because, made.abstained) == (Severity.S2, "classifier 0.81", False)
    assert made.content_severity is Severity.S2
    assert made.review == ()


def test_an_unsure_classifier_is_heard_and_staff_are_asked() -> None:
    made = decide(PLAIN, guess("S1", 0.41))
    assert (made.severity, made.abstained, made.unsure) == (Severity.S1, False, True)
    assert made.because == "classifier 0.41 (0.41 < 0.55)"
    assert made.review == ("uncertain severity: classifier 0.41 (0.41 < 0.55)",)


def test_a_mail_of_few_known_words_takes_the_guess_and_staff_are_asked() -> None:
    word = replace(guess("S4", 0.8), confidence=0.0, blind="too few words it knows")
    made = decide(PLAIN, word)
    assert (made.severity, made.abstained) == (Severity.S4, False)
    assert made.review == ("uncertain severity: classifier 0.80 (too few words it knows)",)


def test_the_likeliest_is_by_how_often_each_severity_occurs_then_costs_are_a_step_of_their_own() -> None:
    prior = "prior: {S1: 0.05, S2: 0.15, S3: 0.4, S4: 0.4}"
    word = guess("S1", 0.45, S3=0.35)
    made = decide(rulebook(f"classifier: {{confidence: 0.4, {prior}}}\n"), word)
    assert (made.severity, made.because) == (
        Severity.S3,
        "classifier 0.45 for S1, S3 by how often each occurs",
    )
    assert made.review == ()
    book = rulebook(f"classifier: {{confidence: 0.4, {prior}, costs: {{S1: {{S2: 9, S3: 9, S4: 9}}}}}}\n")
    assert decide(book, word).because == (
        "classifier 0.45 for S1, S3 by how often each occurs, S1 by the costs of a mistake (0.10 < 0.40)"
    )
    steps = weighing.weigh(word, book.classifier).steps
    assert [(s.name, s.severity.value) for s in steps] == [("model", "S1"), ("prior", "S3"), ("costs", "S1")]
    assert [s.numbers for s in steps] == [
        (("S1", 0.45), ("S2", 0.1), ("S3", 0.35), ("S4", 0.1)),
        (("S1", 0.1034), ("S2", 0.069), ("S3", 0.6437), ("S4", 0.1839)),
        (("S1", 0.8966), ("S2", 1.7586), ("S3", 1.1839), ("S4", 1.6437)),
    ]
    assert steps[1].why == "mail is 5% S1, 15% S2, 40% S3, 40% S4, by the rulebook"
    assert steps[2].why == "to say S1 costs least on average"


def test_without_a_prior_the_examples_even_shares_hold_and_without_costs_there_is_no_such_step() -> None:
    assert [s.name for s in weighing.weigh(guess("S2", 0.6), PLAIN.classifier).steps] == ["model"]


@pytest.mark.parametrize("mild", ["{at_most: S4}", "S4"])
def test_a_mild_rule_silences_no_grave_one_whichever_comes_first(mild: str) -> None:
    def rule(name: str, then: str) -> str:
        return f"{{name: {name}, when: {{text: {{contains: [down]}}}}, then: {{severity: {then}}}}}"

    grave = rule("grave", "{at_least: S1}")
    for listed in ([grave, rule("mild", mild)], [rule("mild", mild), grave]):
        book = rulebook(f"rules: [{', '.join(listed)}]")
        assert decide(book, guess("S4", 0.99), {"text": "all down"}).severity is Severity.S1


def test_a_classifier_that_never_learnt_the_language_abstains() -> None:
    made = decide(PLAIN, replace(guess("S1", 0.99), blind="it has learnt no mail in 'ar'"))
    assert (made.severity, made.abstained) == (Severity.S3, True)
    assert made.because == "default, classifier abstained (it has learnt no mail in 'ar')"


def test_without_a_classifier_the_default_holds() -> None:
    made = decide(PLAIN, None)
    assert (made.severity, made.because) == (Severity.S3, "default, no word of the classifier")
    assert made.abstained


def test_costs_choose_the_higher_severity_where_a_missed_s1_costs_most() -> None:
    book = rulebook("classifier: {confidence: 0.5, costs: {S1: {S2: 4, S3: 10, S4: 20}}}\n")
    made = decide(book, guess("S3", 0.6, S1=0.3))
    assert (made.severity, made.because) == (
        Severity.S1,
        "classifier 0.60 for S3, S1 by the costs of a mistake (0.30 < 0.50)",
    )
    assert made.review == (f"uncertain severity: {made.because}",)


@pytest.mark.parametrize(
    ("then", "word", "review"),
    [
        ("{at_most: S3}", guess("S1", 0.5, S3=0.45), ()),  # of what is left open S3 is sure
        ("{at_most: S2}", guess("S1", 0.5, S2=0.2, S3=0.2), ("classifier 0.50 (0.40 < 0.55)",)),
        ("{at_least: S1}", guess("S3", 0.4), ()),  # a rule decided it
        ("{at_least: S2}", guess("S2", 0.5, S3=0.4), ()),
        ("{at_least: S3}", guess("S3", 0.5, S2=0.4), ("classifier 0.50 (0.53 < 0.55)",)),
        ("S2", guess("S3", 0.4), ()),
        ("{at_most: S2}", replace(guess("S1", 0.9), blind="few words"), ("classifier 0.90 (few words)",)),
    ],
)
def test_what_is_said_must_be_sure_among_what_rules_leave_open(
    then: str, word: Guess, review: tuple[str, ...]
) -> None:
    book = rulebook(
        "classifier: {confidence: 0.55}\n"
        f"rules: [{{name: words, when: {{text: {{contains: [lamp]}}}}, then: {{severity: {then}}}}}]"
    )
    made = decide(book, word, {"text": "a lamp"})
    assert made.review == tuple(f"uncertain severity: {why}" for why in review)


def test_bounds_that_contradict_each_other_leave_the_more_severe_open() -> None:
    for least, most, left in (("S2", "S3", "S2"), ("S1", "S4", "S1"), ("S3", "S2", "S2 S3")):
        verdict = replace(
            rules.judge(PLAIN, {}), content_at_least=Severity(least), content_at_most=Severity(most)
        )
        assert " ".join(severity.left_open(verdict)) == left


@pytest.mark.parametrize("best", list(Severity))
def test_equal_costs_take_the_likeliest(best: Severity) -> None:
    word = guess(best.value, 0.4)
    assert weighing.cheapest(dict(word.probabilities), PLAIN.classifier) is best


def test_of_equally_dear_severities_the_higher_is_taken() -> None:
    assert weighing.cheapest({"S2": 0.5, "S3": 0.5}, PLAIN.classifier) is Severity.S2


@pytest.mark.parametrize(
    ("start", "outright", "least", "most", "result"),
    [
        ("S3", None, None, None, "S3"),
        ("S3", "S1", None, None, "S1"),
        ("S3", None, "S2", None, "S2"),
        ("S1", None, "S2", None, "S1"),
        ("S1", None, None, "S3", "S3"),
        ("S4", None, None, "S3", "S4"),
        ("S3", "S4", "S2", None, "S2"),
        ("S1", None, "S2", "S3", "S2"),
    ],
)
def test_bounds_apply_on_top_and_the_higher_wins(
    start: str, outright: str | None, least: str | None, most: str | None, result: str
) -> None:
    def by(rank: str | None) -> Opinion | None:
        return Opinion(Severity(rank), "rule x") if rank else None

    settled = severity.settle(Opinion(Severity(start), "classifier 0.90"), by(outright), by(least), by(most))
    assert settled.severity is Severity(result)


def test_settling_never_leaves_the_bounds() -> None:
    every = [None, *Severity]
    for start, least, most in itertools.product(Severity, every, every):
        made = severity.settle(
            Opinion(start, ""), None, least and Opinion(least, ""), most and Opinion(most, "")
        ).severity
        assert least is None or made <= least
        assert most is None or made >= most or made == least


def test_a_bound_says_whose_it_is_and_what_else_would_hold() -> None:
    book = rulebook(
        "rules: [{name: words, when: {text: {contains: [down]}}, then: {severity: {at_least: S2}}}]"
    )
    made = decide(book, guess("S4", 0.9), {"text": "all down"})
    assert made.because == "rule words: text contains 'down'; at least S2, else S4 by classifier 0.90"


def test_a_severity_set_by_a_rule_needs_no_sure_classifier() -> None:
    book = rulebook("rules: [{name: ja, when: {language: ja}, then: {severity: S2, service_level: gold}}]")
    made = decide(book, None, {"language": "ja"})
    assert (made.severity, made.because) == (Severity.S2, "rule ja: language is 'ja'")
    assert (made.service_level, made.service_level_because) == ("gold", "rule ja")
    assert made.review == ()


def test_the_content_severity_knows_nothing_of_the_account() -> None:
    book = rulebook("""
rules:
  - {name: large, when: {account.large_user: true, sender.trusted: true}, then: {severity: S1}, stop: true}
""")
    made = decide(book, guess("S4", 0.9), {"account.large_user": True, "sender.trusted": True})
    assert (made.severity, made.content_severity) == (Severity.S1, Severity.S4)


def test_without_any_identifier_the_severity_is_provisional() -> None:
    assert decide(PLAIN, guess("S2", 0.9), no_identifier=True).provisional
    assert not decide(PLAIN, guess("S2", 0.9)).provisional


def test_staff_are_asked_about_conflicts_foreign_accounts_and_strangers() -> None:
    account = Account("a", "Alder", "1", "", (), "EU", "other.example", (), ())
    odd = match(conflict=True, conflict_why="zoid leads to b", foreign=True, account=account)
    stranger = sender(role="stranger", trusted=False, why="evil.example is no partner's domain")
    made = severity.decide(rules.judge(PLAIN, {}), guess("S2", 0.9), odd, stranger, PLAIN)
    assert made.review == (
        "conflicting identifiers: zoid leads to b",
        "another partner's account: Alder is looked after by other.example",
        "untrusted sender: evil.example is no partner's domain",
    )


@pytest.mark.parametrize(
    ("service", "rule", "asked"),
    [("Zoho Mail", (), ("zuid",)), ("Zoho CRM", (), ()), (None, (), ()), ("Zoho CRM", ("zuid",), ("zuid",))],
)
def test_a_user_id_is_asked_for_by_service_or_by_rule(
    service: str | None, rule: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    book = replace(PLAIN, asking={"zuid": frozenset({"zoho mail"})})
    verdict = replace(rules.judge(book, {}), ask=rule)
    assert severity.decide(verdict, None, match(), sender(), book, {"service": service}).ask == asked
