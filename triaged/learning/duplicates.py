"""Texts that are nearly the same: they must not stand on both sides of a split.

Two texts are near-duplicates where their sets of five-character pieces overlap by more than 0.8 (Jaccard).
Pieces are hashed into a sparse matrix whose product with itself counts what two texts share, block by block.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from triaged.classifier.masking import mask
from triaged.errors import Faulty
from triaged.learning.examples import Example

PIECE = 5
OVERLAP = 0.8
MANY = 5_000
_BLOCK = 500
_COLUMNS = 1 << 20
_TEXT = 2_000  # characters compared


def across_groups(examples: Sequence[Example]) -> list[tuple[int, int, float]]:
    """Places of examples of different groups that are near-duplicates, with their overlap.

    Of more than MANY texts only those are found whose masked words are the same.
    """
    texts = [f"{e.text.subject}\n{e.text.text}" for e in examples]
    near = pairs(texts) if len(texts) <= MANY else _same(texts)
    return [(one, two, over) for one, two, over in near if examples[one].group != examples[two].group]


def without(examples: Sequence[Example]) -> list[Example]:
    """The examples, of near-duplicates in different groups only one: what weighs more, else the later.

    So a mail two tickets were corrected on is learned once. Raises Faulty if two examples that ship are
    nearly the same: that is a mistake in them.
    """
    gone: set[int] = set()
    faults: list[str] = []
    for one, two, over in across_groups(examples):
        if examples[one].ships and examples[two].ships:
            faults.append(f"{examples[one].id} and {examples[two].id} are nearly the same text ({over:.2f})")
        gone.add(one if examples[one].weight <= examples[two].weight else two)
    if faults:
        raise Faulty(*faults[:20])
    return [e for at, e in enumerate(examples) if at not in gone]


def _same(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    seen: dict[str, int] = {}
    for at, text in enumerate(texts):
        first = seen.setdefault(" ".join(mask(text).split()), at)
        if first != at:
            yield first, at, 1.0


def pairs(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Near-duplicates among texts: their places and overlap."""
    rows = _pieces(texts)
    sizes = np.asarray(rows.sum(axis=1)).ravel()
    for start in range(0, len(texts), _BLOCK):
        shared = (rows[start : start + _BLOCK] @ rows.T).tocoo()
        one, two, both = shared.row + start, shared.col, shared.data
        overlap = both / np.maximum(1, sizes[one] + sizes[two] - both)
        near = (one < two) & (overlap > OVERLAP)
        yield from zip(one[near].tolist(), two[near].tolist(), overlap[near].tolist(), strict=True)


def _pieces(texts: Sequence[str]) -> Any:
    indices: list[int] = []
    ends = [0]
    for text in texts:
        plain = " ".join(mask(text[:_TEXT]).split())
        pieces = {plain[at : at + PIECE] for at in range(max(1, len(plain) - PIECE + 1))}
        indices += sorted({zlib.crc32(piece.encode("utf-8", "replace")) % _COLUMNS for piece in pieces})
        ends.append(len(indices))
    ones = np.ones(len(indices), dtype=np.int32)
    return sparse.csr_matrix((ones, np.array(indices), np.array(ends)), shape=(len(texts), _COLUMNS))
