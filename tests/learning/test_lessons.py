"""Learning that people believe: how much is wanted, what contradicts, how much a correction counts, what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triaged.classifier.features import ClassifierText
from triaged.learning import compare, lessons
from triaged.learning.compare import Mail
from triaged.learning.examples import Example
from triaged.rulebook.rulebook import ClassifierSettings

CHOSEN = ClassifierSettings()


def correction(number: int, label: str, text: str, subject: str = "A matter") -> Example:
    name = f"ticket-{number}"
    return Example(name, name, ClassifierText(subject, text, "en"), label)


def several(some: list[Example], turned: dict[str, str] | None = None, count: int = 40) -> list[Example]:
    """Corrections in the words of examples, two of them glued together, perhaps with other labels."""
    made = []
    for number, (one, two) in enumerate(zip(some[:count], some[count : 2 * count], strict=True)):
        label = (turned or {}).get(one.label, one.label)
        made.append(correction(number, label, f"{one.text.text}\n{two.text.text[:80]}"))
    return made


def test_without_corrections_it_is_said_how_many_are_a_beginning() -> None:
    assert lessons.wanting([]) == [
        "no corrections yet: the model knows nothing of your own mail; 30 are a good beginning"
    ]


def test_with_few_it_is_said_how_many_more_and_of_which_severity() -> None:
    few = [correction(n, "S3", f"report {n}") for n in range(10)]
    told = lessons.wanting(few)
    assert told[0] == "10 corrections: 20 more until their weight can be chosen by validation"
    assert [line[:2] for line in told[1:]] == ["S1", "S2", "S4"]


def test_with_enough_nothing_is_wanting() -> None:
    assert lessons.wanting([correction(n, f"S{n % 4 + 1}", f"report {n}") for n in range(40)]) == []


def test_two_corrections_of_the_same_words_with_two_severities_contradict_each_other() -> None:
    words = "The pay run of our customer stops in the middle and nobody gets a payslip this month."
    told = [
        str(one)
        for one in lessons.contradictions([correction(1, "S1", words), correction(2, "S3", words)], [])
    ]
    assert told == ["ticket-1 was set S1; correction ticket-2 says S3 (100% of the words alike)"]


def test_a_correction_that_contradicts_an_example_is_named_with_it(some: list[Example]) -> None:
    one = next(e for e in some if e.label == "S4" and len(e.text.text) > 200)
    (found,) = lessons.contradictions([correction(7, "S1", one.text.text, one.text.subject)], some)
    assert (found.one, found.other, found.otherwise) == ("ticket-7", f"the example {one.id}", "S4")


def test_examples_that_contradict_each_other_are_no_matter_of_people(some: list[Example]) -> None:
    twice = [some[0], replace(some[0], id="again", label="S4" if some[0].label != "S4" else "S1")]
    assert list(lessons.contradictions([], twice)) == []


def test_a_correction_that_everything_else_speaks_against_is_to_be_looked_at() -> None:
    two = [correction(1, "S4", "all down"), correction(2, "S1", "all down too")]
    told = list(lessons.spoken_against(two, [(0.95, 0.03, 0.01, 0.01), (0.95, 0.03, 0.01, 0.01)]))
    assert [one.one for one in told] == ["ticket-1"] and told[0].otherwise == "S1"


def test_a_number_in_the_rulebook_is_what_a_correction_counts(some: list[Example]) -> None:
    chosen = lessons.weight(some, several(some), ClassifierSettings(corrections_weight=7.0))
    assert (chosen.value, chosen.why) == (7.0, "by the rulebook")


def test_few_corrections_count_as_usual(some: list[Example]) -> None:
    assert lessons.weight(some, several(some, count=5), CHOSEN).value == lessons.USUAL


def test_what_only_the_site_knows_makes_its_corrections_count_more(some: list[Example]) -> None:
    """Its "blue form" is S2 and its "red form" S4: no example ever told."""
    forms = {"blue": "S2", "red": "S4"}
    own = [
        correction(n, forms[color], f"{some[n].text.text}\nIt is about the {color} form.")
        for n, color in enumerate(["blue", "red", "red", "blue"] * 10)
    ]
    chosen = lessons.weight(some, own, CHOSEN)
    assert chosen.why == "chosen by validation over 40 corrections"
    assert dict(chosen.trials)[chosen.value] < dict(chosen.trials)[1.0] and chosen.value > 1.0


def test_corrections_made_at_random_do_not_count_more(some: list[Example]) -> None:
    random = [
        correction(n, f"S{(n * 7 // 3) % 4 + 1}", f"Report {n} of office {n % 9} is late.") for n in range(32)
    ]
    assert lessons.weight(some, random, CHOSEN).value < max(lessons.WEIGHTS)


def test_training_tells_what_each_correction_counts(some: list[Example]) -> None:
    examples, source = lessons.material(some, several(some, count=5), CHOSEN)
    assert source.startswith("shipped examples and corrections, each of these counting 3 (as usual")
    assert {e.weight for e in examples[-5:]} == {3.0}


@pytest.mark.parametrize(
    ("label", "old", "new", "became"),
    [("S1", "S2", "S1", "right"), ("S1", "S1", "S3", "wrong"), ("S1", "S2", "S4", "otherwise wrong")],
)
def test_a_comparison_tells_mail_by_mail(label: str, old: str, new: str, became: str) -> None:
    assert Mail("a", label, old, new).became == became


def test_mails_both_models_agree_on_are_not_told(some: list[Example]) -> None:
    import numpy as np

    said = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]])
    other = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1]])
    part = compare._part("here", [("a", "S1"), ("b", "S3")], said, other)
    assert part.mails == (Mail("b", "S3", "S2", "S3"),)
