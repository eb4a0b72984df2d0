"""How a model in force is doing."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from triaged.classifier.model import ClassifierText, load
from triaged.config import shipped
from triaged.learning import examples, places, watch
from triaged.learning.watch import Drift, Judged, Week
from triaged.vocabulary import Severity


def judged(day: int, said: Severity, sure: float = 0.9, human: Severity | None = None) -> Judged:
    return Judged(datetime(2026, 11, day, tzinfo=UTC), said, sure, human)


def test_the_share_of_abstentions() -> None:
    mails = [judged(2, Severity.S3, sure) for sure in (0.3, 0.6, 0.7, 0.54)]
    assert watch.abstention(mails, 0.55) == 0.5 and watch.abstention([], 0.55) is None


def test_agreement_is_told_by_week_of_mails_people_looked_at() -> None:
    mails = [
        judged(2, Severity.S3, human=Severity.S3),
        judged(4, Severity.S3, human=Severity.S1),
        judged(5, Severity.S3),
        judged(10, Severity.S2, human=Severity.S2),
    ]
    assert watch.by_week(mails) == [Week("2026-W45", 2, 1), Week("2026-W46", 1, 1)]


def test_mail_like_the_training_has_not_drifted_and_other_mail_has() -> None:
    model = load(places.current(shipped.models()))
    known = [e.text for e in examples.shipped(shipped.models())]
    alike = watch.drift(model, known)
    other = [
        ClassifierText("", f"the quick cat and dog number {n} sat on a mat with a sombrero " * 3)
        for n in range(60)
    ]
    apart = watch.drift(model, other)
    assert alike and not alike.drifted and alike.distance < 0.05
    assert apart and apart.drifted and apart.distance > 0.3 and "sombrero" not in model.columns


def test_a_few_mails_say_nothing_of_drift() -> None:
    model = load(places.current(shipped.models()))
    few = watch.drift(model, [ClassifierText("", "cat on a mat")] * 5)
    assert few and not few.drifted and watch.drift(model, []) is None


def past(reading: dict[str, Any], human: Severity | None = None) -> Any:
    return SimpleNamespace(
        reading=reading, received_at=datetime(2026, 11, 2, tzinfo=UTC), human_severity=human
    )


def test_of_past_mail_only_what_a_model_guessed_on_counts_and_the_newest_texts() -> None:
    said = {
        "classifier.severity": "S2",
        "classifier.confidence": "0.75",
        "subject": "Tills",
        "text": "all down",
    }
    guessed, texts = watch.recent(
        [
            past({"facts": said}, Severity.S1),
            past({}),
            past({"facts": {"text": "x"}}),
            past({"facts": {"classifier.severity": "S4"}}),
        ]
    )
    assert guessed == [judged(2, Severity.S2, 0.75, Severity.S1), judged(2, Severity.S4, 0.0)]
    assert texts == [ClassifierText("Tills", "all down"), ClassifierText("", "")]
    many = [past({"facts": {"classifier.severity": "S4", "text": str(n)}}) for n in range(501)]
    guessed, texts = watch.recent(many)
    assert (len(guessed), len(texts), texts[0].text, texts[-1].text) == (501, 500, "1", "500")


def test_who_is_as_sure_as_the_rulebook_asks_does_not_abstain() -> None:
    assert watch.abstention([judged(2, Severity.S3, 0.55), judged(2, Severity.S3, 0.549)], 0.55) == 0.5


@pytest.mark.parametrize(
    ("texts", "distance", "drifted"), [(30, 0.131, True), (29, 0.131, False), (30, 0.13, False)]
)
def test_mail_has_drifted_where_chance_does_not_explain_it(
    texts: int, distance: float, drifted: bool
) -> None:
    assert Drift(texts, distance, 0.1, 0.0, ()).drifted is drifted


def test_how_far_words_lie_apart_is_told_in_bits_with_what_rose() -> None:
    words, expected = np.array(["down", "slow", "late"]), np.array([2.0, 1.0, 1.0])
    alike = watch._drift(40, words, np.array([4.0, 2.0, 2.0]), expected, 2)
    assert (alike.texts, alike.distance, alike.unknown, alike.risen) == (40, 0.0, 0.2, ())
    none = watch._drift(40, words, np.zeros(3), expected, 0)
    assert (none.distance, none.unknown, none.risen) == (1.0, 0.0, ())
    apart = watch._drift(40, words, np.array([0.0, 0.0, 6.0]), np.array([1.0, 1.0, 0.0]), 0)
    assert (apart.distance, apart.risen) == (1.0, ("late",))
    half = watch._drift(40, words, np.array([0.0, 0.0, 6.0]), np.array([0.0, 6.0, 6.0]), 0)
    # halves of: log2(1 / 0.75), and half of log2(0.5 / 0.25) with half of log2(0.5 / 0.75)
    assert half.distance == pytest.approx((np.log2(4 / 3) + 0.5 + 0.5 * np.log2(2 / 3)) / 2)
    assert 0 < half.by_chance < half.distance


@pytest.mark.parametrize(("feature", "word"), [("down", True), ("is down", False), ("tick…", False)])
def test_words_alone_are_compared(feature: str, word: bool) -> None:
    assert watch._is_word(feature) is word
