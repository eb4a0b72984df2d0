"""Values and alternatives as sentences show them, shortened. PURE."""

from __future__ import annotations

from typing import Any

from triaged.vocabulary import Severity

MANY = 3  # so many alternatives are told, the rest counted
_BARE = {s.value for s in Severity}  # told without quotes


def shown(value: Any) -> str:
    """A value as sentences show it."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        flat = " ".join(value.split())
        text = flat if len(flat) <= 60 else f"{flat[:57]}…"
        return text if value in _BARE else f"'{text}'"
    if isinstance(value, (list, tuple)):
        return several(tuple(value)) if value else "empty"
    return f"{value:g}" if isinstance(value, float) else str(value)


def several(values: tuple[Any, ...], link: str = ", ") -> str:
    """Some of several values, the rest counted."""
    told = link.join(shown(value) for value in values[:MANY])
    return told if len(values) <= MANY else f"{told} and {len(values) - MANY} more"
