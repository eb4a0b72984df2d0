"""A model's card: what it was trained on, how good it is, what it is not good at. JSON for us, Markdown for people."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from triaged import __version__
from triaged.classifier import sentences
from triaged.learning import evaluate, held_out, scores
from triaged.learning.examples import Example
from triaged.learning.train import C, Trained
from triaged.rulebook.rulebook import ClassifierSettings

SHORT = 220  # characters of a mail that gives little to go by
LICENCE = "Apache-2.0, as triaged; a model trained on your own mail is yours and tells words of it"
WEAKNESSES = (
    "Trained mostly on invented mails; figures on them say less than figures on your own corrections.",
    "English is well covered, Japanese by 270 examples (8 in 10 right), German, French and Spanish by some 180 each "
    "(3 in 4 right by words alone); others not at all.",
    "Nearly half of the examples are by 28 invented writers of few hands, who labelled them; half of them were read "
    "a second time: the voices differ more than the authors do, and new figures flatter by that.",
    "Beginnings of words were chosen among 17 trials on the same held-out batches: some thousandths of their gain are luck.",
    "The words for the meanings (classifier/evidence_words.py) were widened once after a look at mistakes on held-out "
    "batches: the figures flatter it a little.",
    "It reads words, not sense: irony, and a grave fact told in words never seen, escape it.",
    "A case between two severities goes either way; the confidence says so, and the rulebook leaves it to people.",
    "On public trackers (Jira, Bugzilla, NASA) no text model does better than macro-F1 0.33 to 0.57 (docs/decisions.md).",
)
# Linear-weighted kappa and macro-F1 that others' data allow a text model, for comparison (shared corpora, 2026).
PUBLIC = {
    "Apache Jira": 0.397,
    "Bugzilla Eclipse": 0.329,
    "Mozilla": 0.557,
    "NASA PITS, project held out": 0.394,
}


def data_hash(examples: Sequence[Example]) -> str:
    """SHA-256 of what was learned from: every example's words, label, group and weight, in order."""
    told = hashlib.sha256()
    for e in examples:
        told.update(f"{held_out.words_of(e)} {e.label} {e.group} {e.weight}\n".encode("utf-8", "replace"))
    return told.hexdigest()


def card(
    trained: Trained,
    examples: Sequence[Example],
    now: datetime,
    settings: ClassifierSettings | None,
    second: Mapping[str, str],
    source: str,
) -> dict[str, Any]:
    """The card of a model just trained. `second`: what a second reader said of some examples."""
    return {
        "id": f"{now:%Y-%m-%d}-{trained.fingerprint[:8]}",
        "trained_at": now.isoformat(timespec="seconds"),
        "coefficients": trained.fingerprint,
        "data": _data(examples, source),
        "settings": {
            "C": C,
            "features": len(trained.vocabulary.features),
            "temperature": round(trained.temperature, 4),
        },
        "figures": evaluate.figures(trained.held, settings).as_json(),
        "apart": apart(trained.held, examples),
        "examined": "five-fold grouped cross-validation: whole batches (writers), tickets or projects held out",
        "second_reader": agreement(examples, second),
        "versions": _versions(),
        "licence": LICENCE,
        "weaknesses": list(WEAKNESSES),
    }


def _data(examples: Sequence[Example], source: str) -> dict[str, Any]:
    return {
        "source": source,
        "sha256": data_hash(examples),
        "examples": len(examples),
        "corrections": sum(e.group.startswith("ticket-") for e in examples),
        "groups": len({e.group for e in examples}),
        "labels": dict(sorted(Counter(e.label for e in examples).items())),
        "languages": dict(Counter(e.text.language or "unknown" for e in examples).most_common()),
    }


def _versions() -> dict[str, str]:
    packages = ("scikit-learn", "numpy", "scipy", "skops")
    return {"triaged": __version__, "python": platform.python_version(), **{p: version(p) for p in packages}}


def agreement(examples: Sequence[Example], second: Mapping[str, str]) -> dict[str, Any] | None:
    """How far a second reader of the definitions agrees with the labels; None where there was none."""
    import numpy as np

    both = [(e.label, second[e.id]) for e in examples if e.id in second]
    classes = evaluate.SEVERITIES
    if not both or not {label for pair in both for label in pair} <= set(classes):
        return None
    places = np.array([[classes.index(label) for label in pair] for pair in both])
    matrix = scores.confusion(places[:, 0], places[:, 1], len(classes))
    return {
        "texts": len(both),
        "same": round(float((places[:, 0] == places[:, 1]).mean()), 4),
        "kappa": [round(float(v), 4) for v in scores.with_interval(scores.kappa, matrix)],
    }


def apart(held: held_out.HeldOut, examples: Sequence[Example]) -> dict[str, dict[str, Any]]:
    """How the likeliest class does on each language, and on short mails and the rest."""
    kinds: dict[str, list[int]] = {}
    for at, example in enumerate(examples):
        length = "short" if len(example.text.text) < SHORT else "longer"
        for kind in (example.text.language or "none", f"{length} than {SHORT} characters"):
            kinds.setdefault(kind.replace("short than", "shorter than"), []).append(at)
    truth, said = held.truth, held.probabilities.argmax(axis=1)
    return {kind: _told(truth[rows], said[rows], held.classes) for kind, rows in sorted(kinds.items())}


def _told(truth: Any, said: Any, classes: Sequence[str]) -> dict[str, Any]:
    told = {"texts": len(truth), "right": round(float((truth == said).mean()), 4)}
    if "S1" in classes:
        s1 = classes.index("S1")
        both = int(((truth == s1) & (said == s1)).sum())
        told |= {"S1": int((truth == s1).sum()), "S1_said": int((said == s1).sum()), "S1_found": both}
    return told


def for_people(told: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    data, figures = told["data"], told["figures"]
    yield f"# Model {told['id']}\n"
    yield f"Guesses the severity of a partner's mail from its words. Trained {told['trained_at']} on {data['source']}: {data['examples']} examples ({data['corrections']} corrections) of {data['groups']} writers, {_counts(data['labels'])}; languages {_counts(data['languages'])}. Data SHA-256 `{data['sha256'][:16]}…`.\n"
    if need := told.get("needs", {}).get("sentences"):
        yield (
            f"It needs the sentence embeddings of {need['encoder']}, which are asked for only where the words alone "
            f"are less than {sentences.SURE:.0%} sure.\n"
        )
    yield f"## How good it is\n\nExamined by {told['examined']}. Intervals are 95 % bootstrap intervals.\n"
    yield "| measure | value | interval |\n|---|---|---|"
    for name, key in (
        ("macro-F1", "macro_f1"),
        ("kappa, linear weights", "kappa"),
        ("expected calibration error", "calibration_error"),
    ):
        yield _row(name, figures[key])
    yield "\n| severity | precision | recall | F1 |\n|---|---|---|---|"
    for label, row in figures["per_class"].items():
        yield (
            f"| {label} | " + " | ".join(_with_interval(row[m]) for m in ("precision", "recall", "f1")) + " |"
        )
    yield from _confusion(figures["confusion"])
    yield "\nHow sure it is, and how often it is right:\n\n| sure from | texts | sure on average | right |\n|---|---|---|---|"
    for row in figures["calibration"]:
        yield f"| {row['from']:.1f} | {row['texts']} | {row['sure']:.2f} | {row['right']:.2f} |"
    yield "\nWhat is left when the least sure are left to people:\n\n| share left | sure below | macro-F1 of the others |\n|---|---|---|"
    for row in figures["abstention"]:
        yield f"| {row['abstains']:.0%} | {row['below']:.2f} | {row['macro_f1']:.3f} |"
    yield from _apart(told.get("apart") or {})
    yield from _chosen(figures["chosen_by_rulebook"])
    yield from _agreement(told["second_reader"])
    yield (
        "\nBeside it, macro-F1 of text models on public trackers: "
        + ", ".join(f"{k} {v}" for k, v in PUBLIC.items())
        + ". We wrote both sides of our figures; those people did not.\n"
    )
    yield "## Known weaknesses\n\n" + "\n".join(f"- {w}" for w in told["weaknesses"]) + "\n"
    yield f"## Made with\n\n{_counts(told['versions'])}. Licence: {told['licence']}."


def _counts(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _with_interval(interval: Sequence[float]) -> str:
    value, lower, upper = interval
    return f"{value:.3f} ({lower:.3f}–{upper:.3f})"


def _row(name: str, interval: Sequence[float]) -> str:
    return f"| {name} | {interval[0]:.3f} | {interval[1]:.3f} to {interval[2]:.3f} |"


def _confusion(told: Mapping[str, Any]) -> Iterator[str]:
    classes = told["classes"]
    yield "\n| true \\ said | " + " | ".join(classes) + " |\n|---" * 1 + "|---" * len(classes) + "|"
    for label, row in zip(classes, told["counts"], strict=True):
        yield f"| {label} | " + " | ".join(map(str, row)) + " |"


def _apart(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if told:
        yield "\nLanguage by language, and by length:\n\n| texts | how many | right | S1 found | S1 said rightly |\n|---|---|---|---|---|"
    for kind, row in told.items():
        found, all_, said = (row.get(name, 0) for name in ("S1_found", "S1", "S1_said"))
        yield f"| {kind} | {row['texts']} | {row['right']:.3f} | {found} of {all_} | {found} of {said} |"


def _chosen(told: Mapping[str, Any]) -> Iterator[str]:
    if told:
        yield (
            f"\nAs the rulebook chooses, by its costs and abstaining below {told['confidence']}: S1 found "
            f"{_with_interval(told['S1']['recall'])} at a precision of {_with_interval(told['S1']['precision'])}; "
            f"abstains on {told['abstains']:.0%}; too grave {told['too_grave']:.0%}, too mild {told['too_mild']:.0%}."
        )


def _agreement(told: Mapping[str, Any] | None) -> Iterator[str]:
    if told:
        yield (
            f"\nA second reader, who saw only the definitions and the mails, gave {told['texts']} of them the same "
            f"label in {told['same']:.0%}; kappa with linear weights {_with_interval(told['kappa'])}."
        )
