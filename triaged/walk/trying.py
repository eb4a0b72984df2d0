"""Mails tried out: what would happen to each and why, judged alone as arriving now. Writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from triaged.config.config import Config, Mailbox
from triaged.errors import Faulty
from triaged.reading.values import Reading
from triaged.walk.explain import as_object, explain
from triaged.walk.judge import Envelope
from triaged.walk.knowledge import Knowledge


def tried(
    names: Sequence[str], readings: Sequence[Reading], known: Knowledge, now: datetime, mailbox: str | None
) -> list[dict[str, Any]]:
    """The contract's object of each mail. `mailbox`: which one it came to; None: whose address stands in To or Cc."""
    found = []
    for name, reading in zip(names, readings, strict=True):
        box = _mailbox(known.config, mailbox, reading)
        envelope = Envelope(box.name, now, mailbox_regions=box.regions)
        explained = explain(reading, envelope, known.ground(box.name, now))
        found.append(as_object(name, explained, known.bearings))
    return found


def _mailbox(config: Config, name: str | None, reading: Reading) -> Mailbox:
    """Raises Faulty for a name that is none."""
    if name is not None:
        named = [box for box in config.mailboxes if box.name == name]
        if not named:
            there = ", ".join(box.name for box in config.mailboxes)
            raise Faulty(f"{name}: no such mailbox; the config has {there}")
        return named[0]
    addressed = {a.address for a in (*reading.to, *reading.cc)} | set(reading.delivered_to)
    return next((b for b in config.mailboxes if addressed & {b.address, *b.aliases}), config.mailboxes[0])
