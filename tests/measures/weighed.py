"""Severity as the product says it: the model's word on texts held out, prior, costs and rules together.

The examples hold as many S1 as S4; here the texts of each severity count together as much as its share of mail
(`SHARES`). `unseen/` holds texts of writers whom neither models nor rules have seen, written to mislead: no model
may learn from them, and no rule be mended by them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.measures import Figure
from tests.measures.rules import examples_of, facts_of
from triaged.classifier import model
from triaged.classifier.features import features
from triaged.config import shipped
from triaged.judging import severity, weighing
from triaged.learning import calibrate, examples, folds, held_out, places, train
from triaged.learning.evaluate import SEVERITIES
from triaged.learning.examples import Example
from triaged.reading.values import Guess
from triaged.rulebook import rules
from triaged.rulebook.rulebook import Rulebook
from triaged.vocabulary import Severity
from triaged.walk import rulebook_folder

UNSEEN = Path(__file__).parent / "unseen"
SHARES = {"S1": 0.08, "S2": 0.20, "S3": 0.40, "S4": 0.32}
LEFT = 0.2  # of the mail, left to people
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one example. `alone`: the model's likeliest; `sure`: of `final`, as people are asked by it."""

    true: str
    language: str
    alone: str
    alone_sure: float
    final: str
    sure: float


def figures() -> Iterator[Figure]:
    """Both models on what was held out, the words in other partitions of the writers, then on unseen writers."""
    book = rulebook_folder.load_folder(shipped.rules())
    rows = list(examples_of())
    words = shipped.models()
    for name, folder, right in (
        ("words", words, 0.87),
        ("with embeddings", words / shipped.WITH_EMBEDDINGS, 0.89),
    ):
        held = held_out.read(places.current(folder)).rows
        by_id = {row.id: row.said for row in held}
        said = [_said(book, row, by_id[row["id"]]) for row in rows]
        yield from _goals(name, said, right)
        for language in sorted({s.language for s in said}):
            yield Figure(
                f"{name}: {language}", _told([s for s in said if s.language == language]), "told", True
            )
    yield Figure(f"words, {PARTITIONS} other partitions of the writers", _elsewhere(book, rows), "told", True)
    unseen = list(examples_of(UNSEEN / "examples"))
    guesses = model.load(places.current(words)).guess([e.text for e in examples.shipped(UNSEEN)])
    said = [_said(book, row, [p for _, p in g.probabilities]) for row, g in zip(unseen, guesses, strict=True)]
    yield Figure(f"words, {len(unseen)} texts of unseen writers", _told(said), "told", True)


def _goals(name: str, said: Sequence[Said], right: float) -> Iterator[Figure]:
    told = weighed(said)
    for what, bound in (("right", right), ("S1 recall", 0.85), ("S1 precision", 0.75)):
        yield Figure(f"{name}: {what}", f"{told[what]:.3f}", f">= {bound}", told[what] >= bound)
    for what, final, by_mail in (
        ("by the model alone", False, False),
        ("by what is said", True, False),
        ("the same of mail", True, True),
    ):
        share = when_left(said, final, by_mail)
        yield Figure(f"{name}: right, 20 % left, {what}", f"{share:.3f}", ">= 0.92", share >= 0.92)


def _told(said: Sequence[Said]) -> str:
    return ", ".join(f"{what} {value:.3f}" for what, value in weighed(said).items())


def weighed(said: Sequence[Said]) -> dict[str, float]:
    """How much of the mail is right, and S1's recall and precision, where severities occur with `SHARES`."""
    weights = _weights(said)
    of = {
        name: sum(w for s, w in zip(said, weights, strict=True) if holds(s))
        for name, holds in _COUNTED.items()
    }
    return {
        "right": of["right"] / max(1e-12, sum(weights)),
        "S1 recall": of["found"] / max(1e-12, of["S1"]),
        "S1 precision": of["found"] / max(1e-12, of["said"]),
    }


_COUNTED: Mapping[str, Any] = {
    "right": lambda s: s.final == s.true,
    "S1": lambda s: s.true == "S1",
    "said": lambda s: s.final == "S1",
    "found": lambda s: s.final == s.true == "S1",
}


def _weights(said: Sequence[Said]) -> list[float]:
    counted = {name: sum(s.true == name for s in said) for name in SEVERITIES}
    return [SHARES[s.true] / counted[s.true] for s in said]


def when_left(said: Sequence[Said], final: bool, by_mail: bool) -> float:
    """How much is right when the least sure are left to people: of the model alone or of what is `final`."""
    weights = _weights(said) if by_mail else [1 / len(said)] * len(said)
    order = sorted(range(len(said)), key=lambda at: said[at].sure if final else said[at].alone_sure)
    left, kept = LEFT * sum(weights), []
    for at in order:
        left -= weights[at]
        if left < 0:
            kept.append(at)
    right = sum(weights[at] for at in kept if said[at].true == (said[at].final if final else said[at].alone))
    return right / sum(weights[at] for at in kept)


def _said(book: Rulebook, row: dict[str, str], probabilities: Sequence[float]) -> Said:
    best = max(range(len(SEVERITIES)), key=lambda at: probabilities[at])
    guess = Guess(
        severity=Severity(SEVERITIES[best]),
        confidence=probabilities[best],
        probabilities=tuple(zip(SEVERITIES, probabilities, strict=True)),
        terms=(),
        model="",
    )
    verdict = rules.judge(book, facts_of(row), misses=False)
    word = weighing.weigh(guess, book.classifier)
    final = severity.settle(
        severity.opinion(word, book.defaults.severity),
        severity.rule_opinion(verdict, verdict.content_severity, verdict.content_severity_by),
        severity.rule_opinion(verdict, verdict.content_at_least, verdict.content_at_least_by),
        severity.rule_opinion(verdict, verdict.content_at_most, verdict.content_at_most_by),
    ).severity
    sure = word.sure(final, severity.left_open(verdict))
    return Said(row["severity"], row["language"], SEVERITIES[best], probabilities[best], final.value, sure)


def _elsewhere(book: Rulebook, rows: Sequence[dict[str, str]]) -> str:
    """The mean over other partitions of the writers into folds: how much of a figure is luck of the one that is shipped."""
    found = examples.shipped(shipped.models())
    read = [features(e.text) for e in found]
    told = []
    for seed in range(PARTITIONS):
        shares = _held_out(found, read, seed)
        told.append(weighed([_said(book, row, said) for row, said in zip(rows, shares, strict=True)]))
    return ", ".join(f"{what} {np.mean([one[what] for one in told]):.3f}" for what in told[0])


def _held_out(found: Sequence[Example], read: Sequence[Sequence[str]], seed: int) -> list[list[float]]:
    groups = sorted({e.group for e in found})
    random.Random(seed).shuffle(groups)
    fold = np.array([groups.index(e.group) % folds.FOLDS for e in found])
    truth = np.array([SEVERITIES.index(e.label) for e in found])
    scores = np.zeros((len(found), len(SEVERITIES)))
    for at in range(folds.FOLDS):
        kept, held = np.flatnonzero(fold != at), np.flatnonzero(fold == at)
        part = train.fitted([found[i] for i in kept], [read[i] for i in kept])
        scores[held] = part.scores([read[i] for i in held])
    said = np.zeros_like(scores)
    for at in range(folds.FOLDS):
        rest, held = fold != at, fold == at
        temperature = calibrate.temperature(scores[rest], truth[rest], np.ones(int(rest.sum())))
        said[held] = calibrate.shares(scores[held], temperature)
    return [[float(p) for p in row] for row in said]
