"""Which texts are held out together: whole groups, in as many folds as asked, the same each time.

Groups go into the folds largest first, each into the smallest fold so far (scikit-learn's GroupKFold);
where all texts are of one group each text is its own, with the labels spread evenly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

FOLDS = 5


def held_out(labels: Sequence[str], groups: Sequence[str], folds: int = FOLDS) -> Iterator[tuple[Any, Any]]:
    """(indices to train on, indices held out) of each fold."""
    from sklearn.model_selection import GroupKFold, StratifiedKFold

    distinct = len(set(groups))
    if distinct > 1:
        yield from GroupKFold(min(folds, distinct)).split(labels, labels, groups)
    else:
        yield from StratifiedKFold(folds, shuffle=True, random_state=0).split(np.zeros(len(labels)), labels)
