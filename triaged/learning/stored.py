"""A trained model as files: `model.skops` (numbers alone), `card.json` with its hash, `card.md` for people.

A folder is written beside its place and then renamed, so that nobody ever reads half a model.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triaged.judging.classifier import FORMAT, MODEL
from triaged.learning.places import CARD
from triaged.learning.train import Trained

CARD_FOR_PEOPLE = "card.md"


def packed(trained: Trained) -> bytes:
    """The model as skops bytes: texts, numbers and numpy's arrays only."""
    import numpy as np
    from skops import io

    return bytes(
        io.dumps(
            {
                "format": FORMAT,
                "features": "\n".join(trained.vocabulary.features),
                "classes": list(trained.classes),
                "idf": np.asarray(trained.vocabulary.idf, dtype=np.float32),
                "weights": np.asarray(trained.weights, dtype=np.float32),
                "intercepts": np.asarray(trained.intercepts, dtype=np.float64),
                "temperature": float(trained.temperature),
            },
            compression=8,  # zipfile.ZIP_DEFLATED
        )
    )


def write(folder: Path, trained: Trained, card: Mapping[str, Any], for_people: str) -> None:
    """Put a model with its card into `folder`, in place of what is there."""
    model = packed(trained)
    told = {**card, "sha256": hashlib.sha256(model).hexdigest()}
    files = {
        MODEL: model,
        CARD: (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(),
        CARD_FOR_PEOPLE: for_people.encode(),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".model-", dir=folder.parent))
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    fresh.chmod(0o755)
    _replace(folder, fresh)


def _replace(folder: Path, fresh: Path) -> None:
    """Rename a finished folder into its place; what was there goes."""
    old = fresh.with_name(fresh.name + "-old")
    if folder.exists():
        folder.replace(old)
    fresh.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
