"""Which daemons work on a database: asked before its rows are exchanged under them."""

from __future__ import annotations

from datetime import datetime

from triaged.store.engine import Engines
from triaged.store.leases import Leases
from triaged.store.rows import OldSchema
from triaged.store.schema import check


def daemons(engines: Engines, now: datetime) -> list[str]:
    """Their names. On SQLite exact, by the lock each holds; on PostgreSQL who was killed counts for ten minutes.

    Raises Unavailable.
    """
    try:
        check(engines)
    except OldSchema:
        return []
    if engines.presence is not None:
        with engines.presence.arrive() as alone:
            shared = not alone
        engines.presence.leave()
        if not shared:
            return []
    return sorted(Leases(engines).living(now)) or (["somebody"] if engines.presence is not None else [])
