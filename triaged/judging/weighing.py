"""What is made of the classifier's word, step by step: how often each severity occurs, then what a mistake costs. PURE.

The model has learned from examples in which every severity is about as frequent as any other. A site's mail
is not like that, so its probabilities are first weighed by the site's own shares (Bayes); the likeliest
severity is then the most honest word there is. Costs are a second step, for they are a wish: rather a few
false alarms than a missed S1. Each step is kept, to be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from triaged.frozen import frozen
from triaged.reading.values import Guess
from triaged.rulebook.rulebook import ClassifierSettings
from triaged.vocabulary import Severity

EVEN = dict.fromkeys(Severity, 1 / len(Severity))  # the shares the model has learned from
# How a guess begins its `blind` where its language is strange to the model
UNLEARNT = "it has learnt no mail"


@frozen
class Step:
    """What holds after a step. `probabilities` of S1 to S4; of the costs the expected cost of saying each."""

    name: str  # "model", "prior", "costs"
    severity: Severity
    numbers: tuple[tuple[str, float], ...]
    why: str


@frozen
class Weighed:
    """A guess weighed. `shares`: how likely each severity is in this site's mail, before costs.

    `blind`: why the guess counts as unsure whatever its shares; `least`: the share below which a person should look.
    """

    severity: Severity
    shares: Mapping[Severity, float]
    steps: tuple[Step, ...]
    blind: str
    least: float

    @property
    def unknown(self) -> bool:
        """Nothing is known of the language: the word counts for nothing."""
        return self.blind.startswith(UNLEARNT)

    def doubt(self, said: Severity, among: Collection[Severity] = tuple(Severity)) -> str:
        """Why a person should look at a severity that was said, else empty. `among`: what rules left open."""
        if self.blind:
            return self.blind
        sure = self.sure(said, among)
        return f"{sure:.2f} < {self.least:.2f}" if sure < self.least else ""

    def sure(self, said: Severity, among: Collection[Severity] = tuple(Severity)) -> float:
        """How likely a severity that was said is, which need not be the likeliest, beside what no rule has ruled out."""
        total = sum(self.shares[s] for s in among)
        return self.shares[said] / total if total else 1.0

    @property
    def told(self) -> str:
        """The way to the severity, in one line."""
        first = self.steps[0]
        told = f"classifier {dict(first.numbers)[first.severity.value]:.2f}"
        changes = [
            (a, b) for a, b in zip(self.steps, self.steps[1:], strict=False) if a.severity != b.severity
        ]
        if not changes:
            return told
        return f"{told} for {first.severity}, " + ", ".join(
            f"{b.severity} by {_BY[b.name]}" for _, b in changes
        )


_BY = {"prior": "how often each occurs", "costs": "the costs of a mistake"}


def weigh(guess: Guess, settings: ClassifierSettings) -> Weighed:
    """The guess by the rulebook's prior and costs."""
    given = dict(guess.probabilities)
    said = {s: given.get(s.value, 0.0) for s in Severity}
    steps = [Step("model", guess.severity, _numbers(said), _model_why(guess))]
    after = by_prior(said, settings.prior)
    likeliest = guess.severity if after == said else _likeliest(after)
    if settings.prior:
        told = ", ".join(f"{settings.prior.get(s, 0.0):.0%} {s}" for s in Severity)
        steps.append(Step("prior", likeliest, _numbers(after), f"mail is {told}, by {settings.prior_of}"))
    chosen = likeliest
    if settings.costs:
        by_word = {s.value: p for s, p in after.items()}
        chosen = cheapest(by_word, settings)
        dear = {s: expected(s, by_word, settings) for s in Severity}
        steps.append(Step("costs", chosen, _numbers(dear), f"to say {chosen} costs least on average"))
    return Weighed(chosen, after, tuple(steps), guess.blind, settings.confidence)


def by_prior(said: Mapping[Severity, float], prior: Mapping[Severity, float]) -> dict[Severity, float]:
    """Probabilities learned from even shares, as they are where severities occur with the shares of `prior`."""
    if not prior:
        return dict(said)
    raised = {s: said[s] * prior.get(s, 0.0) / EVEN[s] for s in Severity}
    total = sum(raised.values())
    return {s: value / total for s, value in raised.items()} if total else dict(said)


def cheapest(probabilities: Mapping[str, float], settings: ClassifierSettings) -> Severity:
    """The severity whose expected cost is least; of equals the more severe.

    `costs[true][said]`; a mistake the rulebook gives no cost for costs 1, the truth nothing.
    """
    return min(Severity, key=lambda said: (round(expected(said, probabilities, settings), 9), said))


def expected(said: Severity, probabilities: Mapping[str, float], settings: ClassifierSettings) -> float:
    """What it costs on average to say a severity."""
    return sum(probabilities.get(true.value, 0.0) * _cost(settings, true, said) for true in Severity)


def _cost(settings: ClassifierSettings, true: Severity, said: Severity) -> float:
    return 0.0 if true is said else settings.costs.get(true, {}).get(said, 1.0)


def _likeliest(probabilities: Mapping[Severity, float]) -> Severity:
    """Of equals the more severe."""
    return min(Severity, key=lambda s: (-round(probabilities[s], 9), s))


def _numbers(by_severity: Mapping[Severity, float]) -> tuple[tuple[str, float], ...]:
    return tuple((s.value, round(by_severity[s], 4)) for s in Severity)


def _model_why(guess: Guess) -> str:
    return f"what the words alone make likeliest{f'; {guess.blind}' if guess.blind else ''}"
