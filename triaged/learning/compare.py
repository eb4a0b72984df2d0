"""Two models side by side, on texts neither had learned from, and whether the new one may take over.

What a model said of its own training texts is worth nothing, so each is heard on what it said when a text
was held out (held_out.py), or, of a text it never saw, on what it says now. The difference is drawn on the
same texts for both; a model is worse where the whole 95 % interval of a difference lies on the bad side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from triaged.classifier.model import Classifier
from triaged.classifier.sentences import United
from triaged.frozen import frozen
from triaged.learning import held_out, scores
from triaged.learning.evaluate import SEVERITIES
from triaged.learning.examples import Example
from triaged.learning.held_out import HeldOut

DRAWS = 500
LATEST = 200  # corrections looked at
LEAST = 20  # of fewer texts a difference is shown, but decides nothing: three texts can always go either way
HELD_OUT, EXAMPLES, CORRECTIONS = "held-out texts", "the other examples that ship", "the latest corrections"


@frozen
class Heard:
    """A model as it can be heard: its id, what it said held out, and itself."""

    id: str
    held: HeldOut
    classifier: Classifier | United


@frozen
class Difference:
    """One measure of both models. `lower` and `upper` bound new minus old; `more_is_better` gives the good side."""

    measure: str
    old: float
    new: float
    lower: float
    upper: float
    more_is_better: bool = True

    @property
    def worse(self) -> bool:
        """Whether the new model is worse by more than chance explains."""
        return self.upper < 0 if self.more_is_better else self.lower > 0


@frozen
class Mail:
    """One text on which the two differ: its label, and what each says."""

    id: str
    label: str
    old: str
    new: str

    @property
    def became(self) -> str:
        """What the new model makes of it: right, wrong, or otherwise wrong."""
        if self.label in (self.old, self.new):
            return "right" if self.new == self.label else "wrong"
        return "otherwise wrong"


@frozen
class Part:
    """Both models on one set of texts, and the mails they differ on."""

    where: str
    texts: int
    differences: tuple[Difference, ...]
    mails: tuple[Mail, ...] = ()


@frozen
class Comparison:
    """Old and new on the same texts, set by set."""

    old: str
    new: str
    parts: tuple[Part, ...]

    @property
    def refusal(self) -> list[str]:
        """Why the new model may not take over; nothing where it may."""
        if not any(part.texts for part in self.parts):
            return ["nothing to compare the two on: train the new one while the old is in force"]
        return [
            f"worse in {d.measure} on {part.where}: {d.old:.3f} -> {d.new:.3f} (difference {d.lower:+.3f} to {d.upper:+.3f})"
            for part in self.parts
            for d in part.differences
            if d.worse and part.texts >= LEAST
        ]


def compare(
    old: Heard, new: Heard, ships: Sequence[Example] = (), corrections: Sequence[Example] = ()
) -> Comparison:
    """Both models on the texts the new was examined on, the other examples that ship, and the latest corrections.

    So a model of another desk's tickets, good on these, is not put in force unnoticed where it is worse here.
    """
    examined = new.held.by_words()
    others = [e for e in ships if held_out.words_of(e) not in examined]
    return Comparison(
        old.id,
        new.id,
        (
            _on_held_out(old, new),
            _on(EXAMPLES, old, new, others),
            _on(CORRECTIONS, old, new, corrections[-LATEST:]),
        ),
    )


def _on(where: str, old: Heard, new: Heard, examples: Sequence[Example]) -> Part:
    return _part(where, [(e.id, e.label) for e in examples], said_of(old, examples), said_of(new, examples))


def _on_held_out(old: Heard, new: Heard) -> Part:
    both = list(_held_out_by_both(old, new))
    before, after = (np.array([one[side] for one in both]) for side in (2, 3))
    return _part(HELD_OUT, [(name, label) for name, label, _, _ in both], before, after)


def _part(where: str, texts: Sequence[tuple[str, str]], before: Any, after: Any) -> Part:
    truth = np.array([SEVERITIES.index(label) for _, label in texts], dtype=np.intp)
    mails = (
        Mail(name, label, SEVERITIES[int(np.argmax(old))], SEVERITIES[int(np.argmax(new))])
        for (name, label), old, new in zip(texts, before, after, strict=True)
    )
    differing = tuple(mail for mail in mails if mail.old != mail.new)
    return Part(where, len(truth), _differences(truth, before, after), differing)


def said_of(model: Heard, examples: Sequence[Example]) -> Any:
    """What a model says of texts, held out where it has learned from them: one row per text, S1 to S4."""
    known = model.held.by_words()
    rows = [known.get(held_out.words_of(e)) for e in examples]
    guessed = iter(model.classifier.guess([e.text for e, r in zip(examples, rows, strict=True) if r is None]))
    return np.array(
        [
            _in_order(r.said, model.held.classes) if r else [p for _, p in next(guessed).probabilities]
            for r in rows
        ]
    ).reshape(len(rows), len(SEVERITIES))


def _held_out_by_both(old: Heard, new: Heard) -> Iterator[tuple[str, str, list[float], list[float]]]:
    """Id, label and both models' words on each text the new was examined on and the old can be heard on."""
    known = old.held.by_words()
    for row in new.held.rows:
        before = known.get(row.words)
        if before is not None:
            said: list[float] | None = _in_order(before.said, old.held.classes)
        else:
            said = list(row.before) if row.before and new.held.before == old.id else None
        if said is not None:
            yield row.id, row.label, said, _in_order(row.said, new.held.classes)


def _in_order(said: Sequence[float], classes: Sequence[str]) -> list[float]:
    known = dict(zip(classes, said, strict=True))
    return [known.get(severity, 0.0) for severity in SEVERITIES]


def _differences(truth: Any, old: Any, new: Any) -> tuple[Difference, ...]:
    if not len(truth):
        return ()
    random = np.random.default_rng(scores.SEED)
    drawn = [random.integers(0, len(truth), len(truth)) for _ in range(DRAWS)]
    return tuple(
        _difference(name, measure, better, truth, old, new, drawn)
        for name, measure, better in (
            ("macro-F1", _macro_f1, True),
            ("S1 recall", _s1_recall, True),
            ("calibration error", scores.calibration_error, False),
        )
    )


def _difference(
    name: str, measure: Any, better: bool, truth: Any, old: Any, new: Any, drawn: Sequence[Any]
) -> Difference:
    apart = [measure(truth[d], new[d]) - measure(truth[d], old[d]) for d in drawn]
    lower, upper = np.quantile(apart, (0.025, 0.975))
    return Difference(
        name, float(measure(truth, old)), float(measure(truth, new)), float(lower), float(upper), better
    )


def _matrix(truth: Any, probabilities: Any) -> Any:
    return scores.confusion(truth, probabilities.argmax(axis=1), len(SEVERITIES))


def _macro_f1(truth: Any, probabilities: Any) -> float:
    return float(scores.macro_f1(_matrix(truth, probabilities)))


def _s1_recall(truth: Any, probabilities: Any) -> float:
    return float(scores.recall(_matrix(truth, probabilities))[0])
