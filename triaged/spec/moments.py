"""A moment as somebody typed it, by the clocks of his zone. PURE."""

from __future__ import annotations

from datetime import UTC, datetime


class ClocksChanged(ValueError):
    """The zone's clocks show this time twice or never."""


def in_utc(typed: datetime) -> datetime:
    """An aware time in UTC. Raises ClocksChanged where nobody can say which moment is meant; OverflowError."""
    if typed.utcoffset() != typed.replace(fold=1).utcoffset():
        raise ClocksChanged(f"{typed:%Y-%m-%d %H:%M}: the clocks are changed then")
    return typed.astimezone(UTC)
