"""What a model said of each text when that text was held out: the only honest material to compare models on.

Kept beside the model by the text's id and a hash of its words, without the words: a model's folder can be
handed on although partners' mails were in its training. `before` is what the model then in force said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.learning.examples import Example

FILE = "held-out.jsonl"


@frozen
class Row:
    """One text held out. Probabilities follow the classes of the file's first line."""

    id: str
    words: str  # hash of the text
    label: str
    said: tuple[float, ...]
    before: tuple[float, ...] | None = None


@frozen
class HeldOut:
    """All texts a model was examined on. `before`: the id of the model the rows' `before` is of."""

    classes: tuple[str, ...]
    rows: tuple[Row, ...]
    before: str = ""

    @property
    def truth(self) -> Any:
        """The column of each row's label."""
        return np.array([self.classes.index(row.label) for row in self.rows], dtype=np.intp)

    @property
    def probabilities(self) -> Any:
        """What was said, one row per text."""
        return np.array([row.said for row in self.rows]).reshape(len(self.rows), len(self.classes))

    def by_words(self) -> dict[str, Row]:
        """The rows by the hash of their words."""
        return {row.words: row for row in self.rows}


def words_of(example: Example) -> str:
    """A short hash of an example's words."""
    told = f"{example.text.subject}\n{example.text.text}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def of(examples: Sequence[Example], classes: Sequence[str], probabilities: Any) -> HeldOut:
    """The rows of examples with what was said of each."""
    rows = (
        Row(e.id, words_of(e), e.label, tuple(round(float(p), 4) for p in said))
        for e, said in zip(examples, probabilities, strict=True)
    )
    return HeldOut(tuple(classes), tuple(rows))


def lines(held: HeldOut) -> str:
    """The rows as a file: a head, then one array per text."""
    head: list[Any] = [{"classes": held.classes, "before": held.before}]
    body = [[r.id, r.words, r.label, r.said, r.before] for r in held.rows]
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in head + body)


def read(folder: Path) -> HeldOut:
    """The rows of a model's folder; none where it has no such file. Raises Faulty if it is broken."""
    path = folder / FILE
    if not path.is_file():
        return HeldOut((), ())
    try:
        head, *body = map(json.loads, path.read_text("utf-8").splitlines())
        return HeldOut(tuple(head["classes"]), tuple(_rows(body)), str(head["before"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Faulty(f"{path}: not what a model said of held-out texts: {error}") from None


def _rows(body: Iterable[Sequence[Any]]) -> Iterable[Row]:
    for name, words, label, said, before in body:
        yield Row(name, words, label, tuple(said), tuple(before) if before else None)
