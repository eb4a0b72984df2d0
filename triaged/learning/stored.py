"""A trained model as files: `model.skops` (numbers alone), `card.json` with its hash, `card.md` for
people, what it said of held-out texts, and of one that sees sentences its head.

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

from triaged.classifier import sentences
from triaged.classifier.features import READS
from triaged.classifier.model import FORMAT, MODEL
from triaged.edge import private
from triaged.learning import card as cards
from triaged.learning import held_out
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
                "reads": READS,
                "features": "\n".join(trained.vocabulary.features),
                "classes": list(trained.classes),
                "idf": np.asarray(trained.vocabulary.idf, dtype=np.float32),
                "frequencies": np.asarray(trained.vocabulary.frequencies, dtype=np.float32),
                "weights": np.asarray(trained.weights, dtype=np.float32),
                "intercepts": np.asarray(trained.intercepts, dtype=np.float64),
                "temperature": float(trained.temperature),
            },
            compression=8,  # zipfile.ZIP_DEFLATED
        )
    )


def write(folder: Path, trained: Trained, card: Mapping[str, Any]) -> None:
    """Put a model with its card into `folder`, in place of what is there."""
    model, needs = packed(trained), {}
    files = {MODEL: model, held_out.FILE: held_out.lines(trained.held).encode()}
    if trained.head:
        head, encoder = trained.head
        files[sentences.HEAD] = sentences.packed(head)
        needs = {sentences.NEED: {"encoder": encoder, "sha256": _sha256(files[sentences.HEAD])}}
    told = {**card, "sha256": _sha256(model), **({"needs": needs} if needs else {})}
    _put(folder, {**files, CARD: _as_json(told), CARD_FOR_PEOPLE: cards.for_people(told).encode()})


def copy(source: Path, folder: Path, amended: Mapping[str, Any]) -> None:
    """Put a model of one folder into another, with its card amended."""
    names = (MODEL, CARD, CARD_FOR_PEOPLE, held_out.FILE, sentences.HEAD)
    files = {name: (source / name).read_bytes() for name in names if (source / name).is_file()}
    _put(folder, {**files, CARD: _as_json({**json.loads(files[CARD]), **amended})})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _as_json(card: Mapping[str, Any]) -> bytes:
    return (json.dumps(card, ensure_ascii=False, indent=1) + "\n").encode()


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files beside the folder's place, then rename them into it; what was there goes."""
    if not folder.parent.exists():
        folder.parent.mkdir(parents=True)
        private.own_folder(folder.parent)
    fresh = Path(tempfile.mkdtemp(prefix=".model-", dir=folder.parent))
    try:
        private.own_folder(fresh)
        for name, content in files.items():
            private.write(fresh / name, content)
        old = fresh.with_name(fresh.name + "-old")
        if folder.exists():
            folder.replace(old)
        fresh.replace(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
