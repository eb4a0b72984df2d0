"""How a model in force is doing."""

from __future__ import annotations

from datetime import UTC, datetime

from triaged.classifier.model import ClassifierText, load
from triaged.config import shipped
from triaged.learning import examples, places, watch
from triaged.learning.watch import Judged, Week
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
