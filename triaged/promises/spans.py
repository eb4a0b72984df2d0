"""Time as the rulebook writes it: spans counted round the clock or in business time, stretches of hours. PURE."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal

from triaged.frozen import frozen
from triaged.spec import durations


@frozen
class Span:
    """So much time, and how it is counted: round the clock, in business hours, or by business days."""

    text: str
    length: timedelta = timedelta()  # of "clock" and "hours"
    days: int = 0  # of "days"
    counted: Literal["clock", "hours", "days"] = "clock"


_BUSINESS = re.compile(r"(\d{1,4}) business (minute|hour|day)s?")


def parse_span(text: str) -> Span:
    """`90m`, `4 business hours`, `1 business day`. Raises ValueError with the remedy."""
    words = _BUSINESS.fullmatch(text.strip()) if isinstance(text, str) else None
    if words is None:
        return Span(text if isinstance(text, str) else str(text), _plain(text))
    count, unit = int(words[1]), words[2]
    if count == 0:
        raise ValueError(f"{text!r} is zero; write a longer time")
    if unit == "day":
        return Span(text.strip(), days=count, counted="days")
    return Span(text.strip(), timedelta(minutes=count if unit == "minute" else count * 60), counted="hours")


def _plain(text: Any) -> timedelta:
    try:
        length = durations.parse(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a span of time; write for example 15m, 24h, 4 business hours or 1 business day"
        ) from None
    if not length:
        raise ValueError(f"{text!r} is zero; write a longer time")
    return length


def as_span(value: Any) -> Span:
    """What a pydantic field takes: a span, or how one is written."""
    return value if isinstance(value, Span) else parse_span(value)


_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)|([01]\d|2[0-3]):([0-5]\d)-24:00")


def hours(text: str) -> tuple[int, int]:
    """Minutes of the day at which `09:00-18:00` begins and ends. Raises ValueError with the remedy."""
    if not isinstance(text, str) or not _HOURS.fullmatch(text):
        raise ValueError(f"{text!r} is not a range of hours; write for example 09:00-18:00")
    begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in text.split("-"))
    if begin >= end:
        raise ValueError(f"{text!r} ends before it begins; split it at midnight")
    return begin, end
