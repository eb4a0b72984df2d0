"""When the daemon trains by itself: by the rulebook's schedule, and only where people have taught something new.

Several daemons share one database: whoever comes first notes the time, and the others see it. A training
that fails is not tried again before the next time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from triaged.errors import Faulty
from triaged.learning import places
from triaged.rulebook.rulebook import ClassifierSettings

if TYPE_CHECKING:
    from triaged.learning.examples import Example
    from triaged.store.rows import Correction
    from triaged.store.store import Store
    from triaged.walk.knowledge import Knowledge

NOTE = "training"
WHO = "schedule"


def train_if_due(store: Store, knowledge: Knowledge, now: datetime) -> bool:
    """Train, and promote what is no worse; True where a new model is in force.

    What became of it is noted for `status`. Only faults of the database are raised.
    """
    settings, models = knowledge.rulebook.classifier, knowledge.models
    corrections = store.corrections()
    if not due(settings, _last(store, models), corrections, now):
        return False
    store.note(NOTE, {"at": now.isoformat(), "outcome": "training"}, now)
    try:
        outcome, promoted = _trained(knowledge, corrections, now), True
    except (Faulty, OSError) as fault:
        outcome, promoted = str(fault).splitlines()[0], False
    store.note(NOTE, {"at": now.isoformat(), "outcome": outcome, "promoted": promoted}, now)
    return promoted


def due(
    settings: ClassifierSettings, last: datetime | None, corrections: Sequence[Correction], now: datetime
) -> bool:
    """Whether it is time: the span is over since the last training, and enough was corrected since."""
    if settings.train_every is None or (last is not None and now - last < settings.train_every):
        return False
    fresh = sum(1 for c in corrections if last is None or c.at > last)
    return fresh >= settings.train_corrections


def material(
    settings: ClassifierSettings, corrections: Sequence[Correction], models: Path
) -> tuple[list[Example], str]:
    """What a model is trained on, and a word on where it is from (lessons.py)."""
    from triaged.learning import examples, lessons

    return lessons.material(examples.shipped(models), examples.of_corrections(corrections), settings)


def _last(store: Store, models: Path) -> datetime | None:
    """When a model was last trained, or training last tried."""
    known = [str(places.card_of(f).get("trained_at", "")) for f in _folders(models)]
    note = store.note_of(NOTE)
    if note is not None:
        known.append(str(note.value.get("at", "")))
    times = [datetime.fromisoformat(text) for text in known if text]
    return max(times, default=None)


def _folders(models: Path) -> list[Path]:
    current = models / places.CURRENT
    return [*places.candidates(models), *([current] if (current / places.CARD).is_file() else [])]


def _trained(knowledge: Knowledge, corrections: Sequence[Correction], now: datetime) -> str:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the mail comes first
    from triaged.learning import candidates, examples
    from triaged.readers import encoders

    settings, models = knowledge.rulebook.classifier, knowledge.models
    learned_from, source = material(settings, corrections, models)
    with encoders.apart(knowledge.surroundings.encoder) as encoder:
        made = candidates.make(learned_from, models, now, source=source, settings=settings, encoder=encoder)
        latest = examples.of_corrections(corrections)
        candidates.promote(models, made.folder, latest, now, WHO, encoder=encoder)
    return f"model {made.card['id']} in force"
