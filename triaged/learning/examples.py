"""Labelled mails: those that ship, those a human corrected, and those of a table. The words are read as mail is.

An example's `group` is whose writing it is (its batch; a correction's ticket): what is held out when a
model is examined is always whole groups, since a writer's habits would give the answer away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from triaged.classifier.features import ClassifierText
from triaged.config import shipped as ships
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.reading.new_text.quotes import cut

if TYPE_CHECKING:
    from triaged.store.rows import Correction

SECOND = "second-labels.jsonl"


@frozen
class Example:
    """A text with its label. `weight`: how much it counts in training."""

    id: str
    group: str
    text: ClassifierText
    label: str
    weight: float = 1.0
    ships: bool = False


def shipped(models: Path) -> list[Example]:
    """The examples beside the models, else those that ship, in file order. Raises Faulty with every bad line."""
    folder = _folder(models)
    examples: list[Example] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.jsonl")):
        if path.name != SECOND:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                try:
                    examples.append(_example(json.loads(line)))
                except (ValueError, KeyError, TypeError) as error:
                    faults.append(f"{path}:{number}: not an example: {error}")
    if faults:
        raise Faulty(*faults)
    if not examples:
        raise Faulty(f"{folder}: no examples here (*.jsonl)")
    return examples


def _folder(models: Path) -> Path:
    """A house may keep examples of its own beside its models; else it learns from those that ship."""
    beside = models.parent if models.name == ships.WITH_EMBEDDINGS else models
    own = beside / "examples"
    return own if any(own.glob("*.jsonl")) else ships.models() / "examples"


def _example(row: dict[str, str]) -> Example:
    words = cut(row["text"], subject=row["subject"]).new
    return Example(
        id=row["id"],
        group=row["batch"],
        text=ClassifierText(row["subject"], words, row["language"]),
        label=row["severity"],
        ships=True,
    )


def of_corrections(corrections: Iterable[Correction], weight: float = 1.0) -> list[Example]:
    """What people corrected, oldest first; of several words on one ticket the last."""
    last = {c.ticket_id: c for c in corrections if c.text.strip() or c.subject.strip()}
    return [
        Example(
            id=f"ticket-{c.ticket_id}",
            group=f"ticket-{c.ticket_id}",
            text=ClassifierText(c.subject, c.text, c.language or None),
            label=c.severity.value,
            weight=weight,
        )
        for c in sorted(last.values(), key=lambda c: c.at)
    ]


def weighted(examples: Iterable[Example], weight: float) -> list[Example]:
    """The examples, each counting that much."""
    return [replace(example, weight=weight) for example in examples]


def second_labels(models: Path) -> dict[str, str]:
    """What a second reader said of some examples: id -> severity; empty where there is none."""
    path = _folder(models) / SECOND
    lines: Iterable[str] = path.read_text("utf-8").splitlines() if path.is_file() else ()
    return {row["id"]: row["severity"] for row in map(json.loads, lines)}
