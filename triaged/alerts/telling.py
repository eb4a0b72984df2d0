"""What is told, and the rows it becomes: one for each receiver that wants to hear of it, when it may be told.

Nothing that a stranger wrote stands in an alert (subjects, names, texts): it goes to services of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from triaged.config.alerts import Alert, EventName
from triaged.frozen import frozen
from triaged.store.alerts import Over
from triaged.store.service_rows import AlertRow
from triaged.vocabulary import Severity


@frozen
class Told:
    """One thing to tell. `tier`: of a missed promise; `key`: what makes it this one and no other."""

    event: EventName
    key: str
    title: str
    body: str
    severity: Severity | None = None
    tier: int | None = None


def rows(told: Iterable[Told], receivers: Sequence[Alert], now: datetime) -> list[AlertRow]:
    """A row for each receiver that wants to hear of it; in its quiet hours it waits for their end."""
    return [_row(one, receiver, now) for one in told for receiver in receivers if _wants(receiver, one)]


def over(event: EventName, key: str, title: str, receivers: Sequence[Alert], now: datetime) -> list[Over]:
    """That it is over, for those who are to hear that too: one for each, since each has hours of its own."""
    found = []
    for receiver in receivers:
        names = [receiver.label] if receiver.all_is_well else []
        ready = _ready(receiver, event, now)
        body, until = "All is well again.", ready + receiver.give_up_after
        found.append(Over(event, key, title, body, names, ready, until))
    return found


def _wants(receiver: Alert, told: Told) -> bool:
    if told.event not in receiver.events:
        return False
    if told.severity is not None and told.severity not in receiver.severities:
        return False
    return told.tier is None or told.tier in receiver.tiers


def _row(told: Told, receiver: Alert, now: datetime) -> AlertRow:
    ready = _ready(receiver, told.event, now)
    return AlertRow(
        receiver=receiver.label,
        event=told.event,
        key=told.key,
        title=told.title[:200],
        body=told.body[:1000],
        written_at=now,
        ready_at=ready,
        expires=ready + receiver.give_up_after,
        severity=str(told.severity) if told.severity else None,
    )


def _ready(receiver: Alert, event: EventName, now: datetime) -> datetime:
    """When it may be told: now, or when the receiver's quiet hours are over."""
    quiet = receiver.quiet_hours
    held = quiet.over_at(now) if quiet is not None and event not in quiet.except_for else None
    return held or now
