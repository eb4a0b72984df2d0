"""Labelled mails: those that ship, those a human corrected, and those of a table. The words are read as mail is.

An example's `group` is whose writing it is (its batch; a correction's ticket): what is held out when a
model is examined is always whole groups, since a writer's habits would give the answer away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from triaged.errors import Faulty
from triaged.judging.features import ClassifierText
from triaged.reading.quotes import cut

SECOND = "second-labels.jsonl"


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its label. `weight`: how much it counts in training."""

    id: str
    group: str
    text: ClassifierText
    label: str
    weight: float = 1.0


def shipped(models: Path) -> list[Example]:
    """The examples that ship with the models, in file order. Raises Faulty with every bad line."""
    examples: list[Example] = []
    faults: list[str] = []
    for path in sorted((models / "examples").glob("*.jsonl")):
        if path.name != SECOND:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                try:
                    examples.append(_example(json.loads(line)))
                except (ValueError, KeyError, TypeError) as error:
                    faults.append(f"{path}:{number}: not an example: {error}")
    if faults:
        raise Faulty(*faults)
    if not examples:
        raise Faulty(f"{models / 'examples'}: no examples here (*.jsonl)")
    return examples


def _example(row: dict[str, str]) -> Example:
    words = cut(row["text"], subject=row["subject"]).new
    return Example(
        id=row["id"],
        group=row["batch"],
        text=ClassifierText(row["subject"], words, row["language"]),
        label=row["severity"],
    )


def second_labels(models: Path) -> dict[str, str]:
    """What a second reader said of some examples: id -> severity; empty where there is none."""
    path = models / "examples" / SECOND
    lines: Iterable[str] = path.read_text("utf-8").splitlines() if path.is_file() else ()
    return {row["id"]: row["severity"] for row in map(json.loads, lines)}
