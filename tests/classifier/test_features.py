"""What a mail is to the classifier, and that a model goes on reading mail as it was taught to."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from triaged.classifier.features import MEANING, READS, TITLED, ClassifierText, features, weighed
from triaged.classifier.model import LEAST_KNOWN, load
from triaged.config import shipped
from triaged.learning import places

MAIL = ClassifierText(
    "Nobody can log in", "Good morning, since nine o'clock nobody of us gets in. Thanks a lot!", "en"
)


def test_what_stands_in_the_subject_counts_in_the_mail_and_once_more_as_the_subjects() -> None:
    found = Counter(features(MAIL))
    assert found["nobody"] == 2
    assert found[f"{TITLED}nobody"] == 1
    assert found[f"{TITLED}log in"] == 1
    assert not found[f"{TITLED}thanks"]


def test_a_meaning_of_the_subject_counts_once_more_too() -> None:
    found = features(MAIL)
    titled = {one.removeprefix(MEANING + TITLED) for one in found if one.startswith(MEANING + TITLED)}
    assert titled
    assert {MEANING + one for one in titled} <= set(found)
    calm = features(ClassifierText("Hello", MAIL.text, "en"))
    assert not [one for one in calm if one.startswith(MEANING + TITLED)]


def test_a_text_without_a_subject_has_nothing_of_one() -> None:
    assert not [one for one in features(ClassifierText("", MAIL.text, "en")) if TITLED in one]


@pytest.mark.parametrize("reads", range(1, READS + 1))
def test_a_newer_kind_of_features_only_adds_to_an_older_one(reads: int) -> None:
    found, newest = Counter(features(MAIL, reads)), Counter(features(MAIL))
    assert found <= newest
    assert (found == newest) is (reads == READS)


@pytest.mark.parametrize(("reads", "meaning"), [(1, 0.1), (2, 0.1), (3, 0.07)])
def test_meanings_weigh_as_the_model_was_taught_and_words_share_one_length(
    reads: int, meaning: float
) -> None:
    values = weighed(
        np.array([1.0, 2.0, 1.0]), np.array([3.0, 4.0, 5.0]), np.array([False, False, True]), reads
    )
    assert values[2] == meaning
    assert np.hypot(*values[:2]) == pytest.approx(1)
    assert values[1] / values[0] == pytest.approx((1 + np.log(2)) * 4 / 3)


def test_a_subject_that_counts_twice_does_not_make_a_mail_better_known() -> None:
    model = load(places.current(shipped.models()))
    asked = ClassifierText("Zoho CRM is down for all users", "")
    known = [one for one in set(features(asked)) if one in model.columns]
    assert len(known) >= LEAST_KNOWN > sum(TITLED not in one for one in known)
    assert model.guess([asked])[0].blind == "too few words it knows"
