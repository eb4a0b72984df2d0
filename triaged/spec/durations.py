"""Spans of time as people write them in YAML and on the command line: `90s`, `15m`, `4h`, `1h30m`, `2d`, `2w`, `3y` (of 365 days). PURE."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 365 * 86400}
_SPAN = re.compile(r"(?:\d{1,6}[smhdwy])+")
_PIECE = re.compile(r"(?<!\d)(\d++)([smhdwy])")


def parse(text: str) -> timedelta:
    """The span that `text` writes. Raises ValueError with the remedy."""
    if not isinstance(text, str) or not _SPAN.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PIECE.findall(text))
    if seconds > 10 * 366 * 86400:
        raise ValueError(f"{text!r} is longer than ten years")
    return timedelta(seconds=seconds)


def show(span: timedelta) -> str:
    """The shortest writing of a span: `1h30m`, `2d`, `0s`; negative spans with a minus."""
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    pieces = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            pieces.append(f"{count}{unit}")
    return sign + ("".join(pieces) or "0s")


def _validate(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else parse(value)


Duration = Annotated[
    timedelta, BeforeValidator(_validate, json_schema_input_type=str), PlainSerializer(show, return_type=str)
]
"""A pydantic field that takes `4h` and the like."""
