"""Retention: what is over is forgotten, in small steps, by one daemon at a time (config: `retention`).

What goes never comes back, so a clock is not believed at once: after a leap of more than a month nothing goes for a
day. A service that stood still for a month so begins a day later; a machine whose clock went wrong has lost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from triaged import maillog
from triaged.config.config import Retention
from triaged.store.forgetting import Before
from triaged.store.rows import Note
from triaged.walk.house import House

NOTE = "retention"
LEASE_SECONDS = 120.0
LEAP, DOUBT = timedelta(days=31), timedelta(days=1)


def before(kept: Retention, now: datetime) -> Before:
    """What is older than this goes."""
    spans = {name: getattr(kept, name) for name in Retention.model_fields}
    return Before(**{name: None if span is None else now - span for name, span in spans.items()})


def forget_old(house: House, now: datetime, stopping: Callable[[], bool] = lambda: False) -> dict[str, int]:
    """Forget all that is over, unless another daemon does; how much of each. Raises Unavailable."""
    store, cutoffs = house.store, before(house.knowledge.config.retention, now)
    with store.leased(NOTE, house.owner, now, LEASE_SECONDS) as epoch:
        if epoch is None:
            return {}
        told = store.note_of(NOTE)
        doubted = doubts(told, now)
        if doubted is not None:
            was = told.value if told else {}
            store.note(NOTE, {**was, "doubted": doubted.isoformat()}, told.at if told else now)
            maillog.retention_waits((now - told.at).days if told else 0)
            return {}
        gone: Counter[str] = Counter()
        while not stopping() and (some := store.forget_some(cutoffs, now)):
            gone.update(some)
            if not store.renew_lease(NOTE, house.owner, epoch, now, LEASE_SECONDS):
                break
        store.note(NOTE, {"gone": dict(gone)}, now)
    for what, number in gone.items():
        house.metrics.forgotten.labels(what).inc(number)
    if gone:
        maillog.forgotten(gone)
    return dict(gone)


def doubts(told: Note | None, now: datetime) -> datetime | None:
    """Since when the clock is not believed; None: it is."""
    if told is None or now - told.at <= LEAP:
        return None
    since = (told.value or {}).get("doubted")
    began = datetime.fromisoformat(since) if since else now
    if began > now or now - began > LEAP:
        began = now  # another leap
    return began if now - began < DOUBT else None
