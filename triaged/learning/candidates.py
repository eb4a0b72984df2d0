"""A model from start to file: train, examine, write as a candidate; later put it in force. What commands call.

A candidate lies in `models/candidates/<id>/` until `promote` moves it to `models/current/`; what was in force
goes back among the candidates, so that it can be promoted again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from triaged.classifier import sentences
from triaged.classifier.sentences import Encoder
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.learning import card as cards
from triaged.learning import compare, duplicates, held_out, places, stored, uniting
from triaged.learning.compare import Comparison, Heard
from triaged.learning.evaluate import SEVERITIES
from triaged.learning.examples import Example, second_labels, shipped
from triaged.learning.train import Progress, Trained, train
from triaged.readers.encoders import Apart
from triaged.rulebook.rulebook import ClassifierSettings


@frozen
class Candidate:
    """A model just made: where it lies, and its card."""

    folder: Path
    card: dict[str, Any]


def make(
    examples: Sequence[Example],
    models: Path,
    now: datetime,
    *,
    source: str,
    settings: ClassifierSettings | None = None,
    out: Path | None = None,
    encoder: Apart | None = None,
    progress: Progress = lambda done, of: None,
) -> Candidate:
    """Train on the examples and write the candidate into `out`, else among the candidates of `models`.

    With an encoder it sees sentences beside words. Raises Faulty where there is too little to learn from, where examples
    that ship repeat each other, or where the folder cannot be written.
    """
    examples = duplicates.without(examples)
    trained = train(examples, progress)
    if encoder:
        trained = uniting.united(trained, examples, encoder, progress)
    held = _with_before(trained, examples, models, encoder)
    told = cards.card(trained, examples, now, settings, second_labels(models), source)
    folder = out or models / places.CANDIDATES / told["id"]
    _write(folder, replace(trained, held=held), told)
    return Candidate(folder, told)


def _with_before(
    trained: Trained, examples: Sequence[Example], models: Path, encoder: Encoder | None
) -> held_out.HeldOut:
    """What was held out, with what the model in force says of the same texts."""
    held = trained.held
    try:
        old = heard(places.current(models), encoder)
    except Faulty:
        return held
    if not old.held.rows:  # nobody knows what it was trained on: its words on these texts may be by heart
        return held
    said = compare.said_of(old, examples)
    rows = (
        replace(row, before=tuple(round(float(p), 4) for p in before))
        for row, before in zip(held.rows, said, strict=True)
    )
    return replace(held, rows=tuple(rows), before=old.id)


def _write(folder: Path, trained: Trained, told: dict[str, Any]) -> None:
    try:
        stored.write(folder, trained, told)
    except OSError as error:
        raise Faulty(
            f"{folder}: cannot be written: {error.strerror or error}; name a folder with --out, or `models` in the config"
        ) from None


def heard(folder: Path, encoder: Encoder | None = None) -> Heard:
    """A model's folder as it can be compared. Raises ModelRefused (a Faulty)."""
    opened = sentences.load(folder, encoder)
    return Heard(opened.id, held_out.read(folder), opened)


def found(models: Path, name: str | None) -> Path:
    """The candidate of that id or folder; without a name the newest. Raises Faulty if there is none."""
    if name and (Path(name) / places.CARD).is_file():
        return Path(name)
    if name is None and (there := places.candidates(models)):
        return there[-1]
    return waiting(models, name or "")


def waiting(models: Path, name: str) -> Path:
    """The candidate of that id among those that wait, and no other folder. Raises Faulty if there is none."""
    for folder in places.candidates(models):
        if places.name_of(folder) == name:
            return folder
    raise Faulty(
        f"{models / places.CANDIDATES}: no candidate {name}".rstrip() + "; `triaged train` makes one"
    )


def beside(
    models: Path, candidate: Path, corrections: Sequence[Example] = (), encoder: Encoder | None = None
) -> Comparison:
    """The model in force and a candidate, compared."""
    return _compared(models, heard(places.current(models), encoder), heard(candidate, encoder), corrections)


def _compared(models: Path, old: Heard, new: Heard, corrections: Sequence[Example]) -> Comparison:
    if set(new.held.classes) - set(SEVERITIES):
        raise Faulty(f"{new.id}: its labels are not S1 to S4; it can be neither compared nor put in force")
    return compare.compare(old, new, shipped(models), corrections)


def promote(
    models: Path,
    candidate: Path,
    corrections: Sequence[Example],
    now: datetime,
    who: str,
    anyway: str = "",
    encoder: Encoder | None = None,
    reason: str = "",
) -> list[str]:
    """Put a candidate in force; what spoke against it is given back. Raises Faulty where it is worse.

    The card keeps the `reason`, and in `anyway` the one to do it nevertheless. A model that is not for severities, or
    cannot be read, is never put in force.
    """
    new = heard(candidate, encoder)
    comparison = _against(models, new, corrections, encoder)
    against = comparison.refusal if comparison else []
    if against and not anyway:
        raise Faulty(
            *(f"{new.id}: {reason}" for reason in against),
            "not promoted; --anyway REASON overrides, and is kept in the card",
        )
    _into_force(
        models, candidate, {**_promoted(now, who, anyway, against, comparison), "reason": reason or anyway}
    )
    return against


def _against(
    models: Path, new: Heard, corrections: Sequence[Example], encoder: Encoder | None
) -> Comparison | None:
    """The comparison with the model in force; None where there is none, or one that no longer loads."""
    try:
        old = heard(places.current(models), encoder)
    except Faulty:
        return None
    return _compared(models, old, new, corrections)


def _promoted(
    now: datetime, who: str, anyway: str, against: list[str], comparison: Comparison | None
) -> dict[str, Any]:
    told = asdict(comparison) if comparison else {"parts": []}
    for part in told["parts"]:  # the card keeps the figures: mail by mail it is told while one chooses
        del part["mails"]
    return {
        "at": now.isoformat(timespec="seconds"),
        "by": who,
        "anyway": anyway or None,
        "against": against,
        "comparison": told if comparison else None,
    }


def _into_force(models: Path, candidate: Path, promoted: dict[str, Any]) -> None:
    """Move the candidate, its card amended, into place; keep what was in force among the candidates."""
    told = json.loads((candidate / places.CARD).read_text("utf-8"))
    current = models / places.CURRENT
    try:
        if (current / places.CARD).is_file() and places.name_of(current) != told["id"]:
            stored.copy(current, models / places.CANDIDATES / places.name_of(current), {})
        stored.copy(candidate, current, {"promoted": promoted})
        if candidate.parent == models / places.CANDIDATES:
            shutil.rmtree(candidate, ignore_errors=True)
    except OSError as error:
        raise Faulty(f"{current}: cannot be written: {error.strerror or error}") from None
