"""Texts as rows of numbers: which features are known, how much each tells, and the matrix of a set of texts.

A feature counts only if several groups (writers, batches, projects) use it: so the model cannot learn one
partner's names and turns of phrase, and nothing has to guess what a name is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from triaged.classifier.features import MEANING, weighed
from triaged.frozen import frozen

LEAST_GROUPS = 2  # a feature of one writer only tells the writer,
FEW_GROUPS = 5  # but where there are fewer groups than this, this would throw away too much
LEAST_TEXTS = 2


@frozen
class Vocabulary:
    """The features a model knows, in its order, each one's inverse document frequency, and its share of the texts."""

    features: tuple[str, ...]
    idf: Any
    frequencies: Any  # share of the texts each is in

    @property
    def columns(self) -> dict[str, int]:
        """Each feature's column."""
        return {feature: at for at, feature in enumerate(self.features)}

    @property
    def meanings(self) -> Any:
        """Which features are meanings rather than words."""
        return np.array([feature.startswith(MEANING) for feature in self.features], dtype=bool)


def learned(texts: Sequence[Sequence[str]], groups: Sequence[str]) -> Vocabulary:
    """The vocabulary of texts: features of at least two texts and, where there are some, two groups."""
    by_group: dict[str, set[str]] = {}
    for text, group in zip(texts, groups, strict=True):
        by_group.setdefault(group, set()).update(text)
    texts_with = Counter(feature for text in texts for feature in set(text))
    groups_with = Counter(feature for seen in by_group.values() for feature in seen)
    least = LEAST_GROUPS if len(by_group) >= FEW_GROUPS else 1
    known = sorted(f for f, n in texts_with.items() if n >= LEAST_TEXTS and groups_with[f] >= least)
    counts = np.array([texts_with[f] for f in known], dtype=np.float64)
    idf = np.log((1 + len(texts)) / (1 + counts)) + 1
    return Vocabulary(tuple(known), idf, counts / max(1, len(texts)))


def matrix(texts: Sequence[Sequence[str]], vocabulary: Vocabulary) -> Any:
    """One sparse row per text, valued as a Classifier values it."""
    columns, meanings = vocabulary.columns, vocabulary.meanings
    indices: list[Any] = []
    values: list[Any] = []
    ends = [0]
    for text in texts:
        counted = Counter(columns[f] for f in text if f in columns)
        at = np.fromiter(counted, dtype=np.int32, count=len(counted))
        counts = np.fromiter(counted.values(), dtype=np.float64, count=len(counted))
        indices.append(at)
        values.append(weighed(counts, vocabulary.idf[at], meanings[at]))
        ends.append(ends[-1] + len(at))
    shape = (len(texts), len(vocabulary.features))
    return sparse.csr_matrix((_joined(values), _joined(indices), np.array(ends)), shape=shape)


def _joined(rows: list[Any]) -> Any:
    return np.concatenate(rows) if rows else np.empty(0)
