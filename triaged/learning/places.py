"""Where models lie: `models/current/` is in force, `models/candidates/` wait for promotion. No scikit-learn here.

A model is a folder: `model.skops`, `card.json` (what it is, its hash, its figures) and `card.md`.
"""

from __future__ import annotations

import json
from pathlib import Path

from triaged.errors import Faulty

CURRENT = "current"
CARD = "card.json"


def current(models: Path) -> Path:
    """The folder of the model in force. Raises Faulty with the remedy if there is none."""
    folder = models / CURRENT
    if not (folder / CARD).is_file():
        raise Faulty(
            f"{folder}: no model here; `triaged train` makes one, `triaged model promote` puts it in force"
        )
    return folder


def name_of(folder: Path) -> str:
    """The model's id by its card; `unknown` if the card cannot be read."""
    try:
        return str(json.loads((folder / CARD).read_text("utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"
