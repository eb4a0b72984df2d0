"""What people's corrections can teach: how many are wanted, which contradict each other, and how much each counts.

Corrections are few beside the examples that ship, and they are the site's own. How much one weighs is chosen
where there are enough to tell: corrections held out, in folds of whole tickets, are judged by models that count
the others once, twice, …; the weight with the least log loss is taken, of near-equals the smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from triaged.classifier.features import features
from triaged.frozen import frozen
from triaged.learning import calibrate, duplicates, folds
from triaged.learning.evaluate import SEVERITIES
from triaged.learning.examples import Example, weighted
from triaged.learning.train import fitted
from triaged.rulebook.rulebook import ClassifierSettings

ENOUGH = 30  # corrections: of fewer, chance chooses the weight
EACH = 4  # of a severity; of fewer nothing is learned of the site's own use of it
USUAL = 3.0  # what a correction counts while there are too few to choose it
WEIGHTS = (1.0, 2.0, 3.0, 5.0, 8.0)
NEARLY = 0.01  # log loss: weights no further apart are equally good
SURE = 0.9  # from here on what is learned from everything else speaks against a correction


@frozen
class Weight:
    """What a correction counts, an example counting as the rulebook says. `trials`: log loss of each weight tried."""

    value: float
    why: str
    trials: tuple[tuple[float, float], ...] = ()


@frozen
class Contradiction:
    """Two labels of nearly the same words, or a correction that everything else speaks against."""

    one: str
    label: str
    other: str
    otherwise: str
    why: str

    def __str__(self) -> str:
        return f"{self.one} was set {self.label}; {self.other} says {self.otherwise} ({self.why})"


def wanting(corrections: Sequence[Example]) -> list[str]:
    """What is missing until corrections teach much; nothing where there are enough. One sentence each."""
    missing = []
    if not corrections:
        return [
            f"no corrections yet: the model knows nothing of your own mail; {ENOUGH} are a good beginning"
        ]
    if len(corrections) < ENOUGH:
        missing.append(
            f"{len(corrections)} corrections: {ENOUGH - len(corrections)} more until their weight can be chosen by validation"
        )
    for severity in SEVERITIES:
        count = sum(e.label == severity for e in corrections)
        if count < EACH:
            missing.append(f"{severity}: {count} corrections; {EACH - count} more would tell how you use it")
    return missing


def weight(
    shipped: Sequence[Example], corrections: Sequence[Example], settings: ClassifierSettings
) -> Weight:
    """What each correction counts: the rulebook's word, else what validation chooses, else its usual weight."""
    if settings.corrections_weight is not None:
        return Weight(settings.corrections_weight, "by the rulebook")
    if len(corrections) < ENOUGH:
        return Weight(USUAL, f"as usual: {ENOUGH} corrections are wanted to choose it")
    trials = tuple((value, _loss(shipped, corrections, value)) for value in WEIGHTS)
    least = min(loss for _, loss in trials)
    chosen = next(value for value, loss in trials if loss <= least + NEARLY)
    return Weight(chosen, f"chosen by validation over {len(corrections)} corrections", trials)


def material(
    shipped: Sequence[Example], corrections: Sequence[Example], settings: ClassifierSettings
) -> tuple[list[Example], str]:
    """What a model is trained on, each example with its weight, and a word on where it is from."""
    examples = weighted(shipped, settings.shipped_weight)
    if not corrections:
        return examples, "the examples that ship"
    chosen = weight(examples, corrections, settings)
    told = f"shipped examples and corrections, each of these counting {chosen.value:g} ({chosen.why})"
    return [*examples, *weighted(corrections, chosen.value)], told


def _loss(shipped: Sequence[Example], corrections: Sequence[Example], value: float) -> float:
    """Mean log loss, calibrated, on corrections held out, the others counting `value` beside the examples that ship."""
    heavy = weighted(corrections, value)
    words, own = [features(e.text) for e in shipped], [features(e.text) for e in heavy]
    scores = np.zeros((len(heavy), len(SEVERITIES)))
    for kept, held in folds.held_out([e.label for e in heavy], [e.group for e in heavy]):
        model = fitted([*shipped, *(heavy[i] for i in kept)], [*words, *(own[i] for i in kept)])
        at = [SEVERITIES.index(name) for name in model.classes]
        scores[np.ix_(held, at)] = model.scores([own[i] for i in held])
    truth = np.array([SEVERITIES.index(e.label) for e in heavy])
    shares = calibrate.shares(scores, calibrate.temperature(scores, truth, np.ones(len(heavy))))
    right = shares[np.arange(len(heavy)), truth]
    return round(float(-np.log(np.clip(right, 1e-6, 1)).mean()), 4)


def contradictions(corrections: Sequence[Example], shipped: Sequence[Example]) -> Iterator[Contradiction]:
    """Corrections of nearly the same words with different severities, and those at odds with an example."""
    every = [*corrections, *shipped]
    texts = [f"{e.text.subject}\n{e.text.text}" for e in every]
    for one, two, over in duplicates.pairs(texts):
        a, b = every[one], every[two]
        if one < len(corrections) and a.label != b.label:
            other = "the example" if b.ships else "correction"
            yield Contradiction(a.id, a.label, f"{other} {b.id}", b.label, f"{over:.0%} of the words alike")


def spoken_against(
    corrections: Sequence[Example], said: Sequence[Sequence[float]]
) -> Iterator[Contradiction]:
    """Corrections that everything else learned from speaks clearly against. `said`: of each, when held out, S1 to S4."""
    for example, shares in zip(corrections, said, strict=True):
        best = int(np.argmax(shares))
        if SEVERITIES[best] != example.label and shares[best] >= SURE:
            yield Contradiction(
                example.id,
                example.label,
                "what is learned from all other mails",
                SEVERITIES[best],
                f"{shares[best]:.2f} sure; look at it again",
            )
