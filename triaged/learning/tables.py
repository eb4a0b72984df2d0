"""Labelled tickets of another help desk as examples: a CSV file with a column of texts and one of labels.

The usual words for four grades become S1 to S4, so that a model of them can be put in force; other labels
are learned and examined as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from triaged.classifier.features import ClassifierText
from triaged.errors import Faulty
from triaged.learning.examples import Example
from triaged.spec.did_you_mean import did_you_mean

CELL = 1_000_000  # characters of one cell
_GRADES = (
    (
        "S1",
        "s1",
        "p1",
        "sev1",
        "sev 1",
        "1",
        "critical",
        "urgent",
        "highest",
        "kritisch",
        "critique",
        "crítico",
        "緊急",
    ),
    ("S2", "s2", "p2", "sev2", "sev 2", "2", "high", "major", "hoch", "haute", "élevée", "alta", "高"),
    (
        "S3",
        "s3",
        "p3",
        "sev3",
        "sev 3",
        "3",
        "medium",
        "normal",
        "moderate",
        "mittel",
        "moyenne",
        "media",
        "中",
    ),
    (
        "S4",
        "s4",
        "p4",
        "sev4",
        "sev 4",
        "4",
        "low",
        "minor",
        "lowest",
        "niedrig",
        "basse",
        "faible",
        "baja",
        "低",
    ),
)
_SEVERITY = {word: grade for grade, *words in _GRADES for word in words}


def read(path: Path, text: str, label: str, groups: str | None = None, weight: float = 1.0) -> list[Example]:
    """The rows that have a text and a label. `groups`: the column of what is held out together.

    Without it every row is its own group. Raises Faulty where a column is not there or nothing is left.
    """
    csv.field_size_limit(CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            _columns(path, rows.fieldnames or (), [c for c in (text, label, groups) if c])
            found = list(_rows(rows, path.stem, text, label, groups, weight))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Faulty(f"{path}: cannot be read as UTF-8 CSV: {error}") from None
    if not found:
        raise Faulty(f"{path}: no row has both {text!r} and {label!r}")
    return _as_severities(found)


def _columns(path: Path, there: Sequence[str], wanted: Sequence[str]) -> None:
    lacking = [c for c in wanted if c not in there]
    if lacking:
        raise Faulty(
            *(
                f"{path}: no column {c!r}{did_you_mean(c, tuple(there))}; there are {', '.join(there)}"
                for c in lacking
            )
        )


def _rows(
    rows: csv.DictReader[str], name: str, text: str, label: str, groups: str | None, weight: float
) -> Iterator[Example]:
    for number, row in enumerate(rows, 2):
        words, said = (row[text] or "").strip(), (row[label] or "").strip()
        if words and said:
            group = (row[groups] or "").strip() if groups else ""
            yield Example(
                id=f"{name}-{number}",
                group=group or f"{name}-{number}",
                text=ClassifierText("", words),
                label=said,
                weight=weight,
            )


def _as_severities(examples: list[Example]) -> list[Example]:
    """The labels as S1 to S4 where all of them are words for these, else as they are."""
    if not {e.label.lower() for e in examples} <= _SEVERITY.keys():
        return examples
    return [Example(e.id, e.group, e.text, _SEVERITY[e.label.lower()], e.weight) for e in examples]
