"""Where models lie: `models/current/` is in force, `models/candidates/` wait for promotion. No scikit-learn here.

A model is a folder: `model.skops`, `card.json` (what it is, its hash, its figures) and `card.md`.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from triaged.errors import Faulty

CURRENT = "current"
CANDIDATES = "candidates"
CARD = "card.json"
ASIDE = "-old"  # ends the name of what is moved aside while another takes its place
_BETWEEN = 2.0  # seconds that a promoter needs at most between the two


def current(models: Path) -> Path:
    """The folder of the model in force. Raises Faulty with the remedy if there is none."""
    folder = models / CURRENT
    if not (folder / CARD).is_file() and not _put_back(folder):
        raise Faulty(
            f"{folder}: no model here; `triaged train` makes one, `triaged model promote` puts it in force"
        )
    return folder


def _put_back(folder: Path) -> bool:
    """A promoter who died between moving the old model aside and the new one in: the old one stands again."""
    for aside in sorted(folder.parent.glob(f".model-*{ASIDE}")):
        with suppress(OSError):
            if (aside / CARD).is_file() and time.time() - aside.stat().st_ctime > _BETWEEN:
                aside.rename(folder)
                return True
    return False


def name_of(folder: Path) -> str:
    """The model's id by its card; `unknown` if the card cannot be read."""
    try:
        return str(json.loads((folder / CARD).read_text("utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


def candidates(models: Path) -> list[Path]:
    """The folders of models that wait, oldest first by when they were trained."""
    folders = (path.parent for path in (models / CANDIDATES).glob(f"*/{CARD}"))
    return sorted((f for f in folders if not f.name.startswith(".")), key=_trained_at)  # "." is half written


def card_of(folder: Path) -> dict[str, Any]:
    """A model's card. Raises Faulty where there is none."""
    try:
        told = json.loads((folder / CARD).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Faulty(f"{folder / CARD}: cannot be read: {error}") from None
    if not isinstance(told, dict):
        raise Faulty(f"{folder / CARD}: no model card")
    return told


def _trained_at(folder: Path) -> str:
    try:
        return str(card_of(folder).get("trained_at", ""))
    except Faulty:
        return ""
