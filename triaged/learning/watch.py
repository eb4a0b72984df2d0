"""How a model in force is doing: how often it abstains, whether people agree, whether mail still reads as it did.

Pure: everything is handed in. Times are aware UTC; weeks are ISO weeks.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from triaged.classifier.features import MEANING, ClassifierText, features
from triaged.classifier.model import Classifier
from triaged.frozen import frozen
from triaged.vocabulary import Severity

if TYPE_CHECKING:
    from triaged.store.rows import PastMail

TEXTS = 500  # mails whose words are looked at for drift
LEAST_TEXTS = 30  # of fewer mails a drift says nothing
_DRAWS = 50
_CLEARLY = 1.3  # as many mails of one new writer; a random part of the training stays below 1


@frozen
class Judged:
    """A mail the model has guessed on. `human`: what a person said instead, or None where nobody objected."""

    at: datetime
    said: Severity
    confidence: float
    human: Severity | None = None


@frozen
class Week:
    """How the model and people agreed on the tickets people corrected or confirmed in a week."""

    week: str
    looked_at: int
    agreed: int


@frozen
class Drift:
    """How far the words of recent mail lie from those of the training.

    `distance` is the Jensen-Shannon divergence in bits, 0 alike to 1 nothing in common; as many mails of the
    training itself would show `by_chance` (its 95th percentile). `unknown`: share of words never seen.
    """

    texts: int
    distance: float
    by_chance: float
    unknown: float
    risen: tuple[str, ...]

    @property
    def drifted(self) -> bool:
        """Whether mail has changed by clearly more than chance explains."""
        return self.texts >= LEAST_TEXTS and self.distance > _CLEARLY * self.by_chance


def recent(mails: Iterable[PastMail]) -> tuple[list[Judged], list[ClassifierText]]:
    """What the store knows of mails a model guessed on: the guesses, and the newest TEXTS texts."""
    judged: list[Judged] = []
    texts: deque[ClassifierText] = deque(maxlen=TEXTS)
    for mail in mails:
        facts = mail.reading.get("facts") or {}
        if said := facts.get("classifier.severity"):
            sure = float(facts.get("classifier.confidence") or 0.0)
            judged.append(Judged(mail.received_at, Severity(said), sure, mail.human_severity))
            texts.append(ClassifierText(str(facts.get("subject") or ""), str(facts.get("text") or "")))
    return judged, list(texts)


def abstention(judged: Sequence[Judged], confidence: float) -> float | None:
    """The share of mails the model was less sure of than the rulebook asks; None without mail."""
    return sum(j.confidence < confidence for j in judged) / len(judged) if judged else None


def by_week(judged: Iterable[Judged]) -> list[Week]:
    """Agreement with people, week by week, of the mails people gave their word on."""
    looked: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    for j in judged:
        if j.human is not None:
            year, week, _ = j.at.isocalendar()
            looked[f"{year}-W{week:02}"] += 1
            agreed[f"{year}-W{week:02}"] += j.said is j.human
    return [Week(week, looked[week], agreed[week]) for week in sorted(looked)]


def drift(model: Classifier, texts: Sequence[ClassifierText]) -> Drift | None:
    """The words of recent mail against those of the training; None where there is no mail."""
    words = np.array([f for f in model.columns if _is_word(f)])
    if not texts or not len(words):
        return None
    expected = model.frequencies[[model.columns[w] for w in words]]
    place = {word: at for at, word in enumerate(words)}
    counts, unknown = np.zeros(len(words)), 0
    for text in texts:
        distinct = {f for f in features(text, model.reads) if _is_word(f)}
        known = [place[f] for f in distinct if f in place]
        counts[known] += 1
        unknown += len(distinct) - len(known)
    return _drift(len(texts), words, counts, expected, unknown)


def _drift(texts: int, words: Any, counts: Any, expected: Any, unknown: int) -> Drift:
    seen = int(counts.sum())
    distance = _divergence(counts, expected) if seen else 1.0
    random = np.random.default_rng(0)
    chance = [
        _divergence(random.multinomial(max(1, seen), expected / expected.sum()), expected)
        for _ in range(_DRAWS)
    ]
    gain = counts / max(1, seen) - expected / expected.sum()
    risen = tuple(str(words[i]) for i in np.argsort(-gain)[:10] if gain[i] > 0)
    return Drift(texts, distance, float(np.quantile(chance, 0.95)), unknown / max(1, seen + unknown), risen)


def _divergence(counts: Any, expected: Any) -> float:
    p, q = counts / counts.sum(), expected / expected.sum()
    middle = (p + q) / 2
    return float((_bits(p, middle) + _bits(q, middle)) / 2)


def _bits(p: Any, q: Any) -> float:
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())


def _is_word(feature: str) -> bool:
    """Words alone: pairs, beginnings and pieces of Japanese overlap, meanings are not words."""
    return not (" " in feature or feature.startswith(MEANING) or feature.endswith("…"))
