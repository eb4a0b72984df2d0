"""Moments as the reader's clock shows them, the zone always said; UTC stands in the markup for the script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import dates
from markupsafe import Markup, escape

from triaged.web.catalogues import spoken

_NEARLY = 0.85  # of the next unit, from which on it is told (Babel's own bound)
_LOCALES = {"en": "en_GB"}  # day before month, 24 hours: alike for readers all over the world


@cache
def names() -> frozenset[str]:
    """Every zone that can be chosen: looked up once, since it is a walk through hundreds of files."""
    return frozenset(available_timezones())


def zone_of(*names: str) -> ZoneInfo:
    """The first of these that is a zone; UTC."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except Exception:  # ZoneInfo raises several kinds, by the shape of the name
            continue
    return ZoneInfo("UTC")


def moment(at: datetime, zone: ZoneInfo, locale: str = "") -> str:
    """`29 Nov 2026, 12:41 CET`; by the locale given, else by the reader's."""
    local, locale = at.astimezone(zone), locale or _locale()
    told = (
        f"{_date(local.date(), locale)}, {_time(local.hour, local.minute, locale)} {zone_name(local, zone)}"
    )
    return told.replace("\u202f", " ")


@lru_cache(maxsize=4096)  # a long ticket tells hundreds of moments, of few days
def _date(local: date, locale: str) -> str:
    return dates.format_date(local, "medium", locale=locale)


@cache
def _time(hour: int, minute: int, locale: str) -> str:
    return dates.format_time(time(hour, minute), "short", locale=locale)


def zone_name(local: datetime, zone: ZoneInfo) -> str:
    """`CET`, `GMT+9`; the offset where the zone has no name of letters."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"{zone.key} ({local:%z})" if name else zone.key


def teller(zone: ZoneInfo, now: datetime) -> Callable[..., Markup]:
    """What tells moments as `<time>` elements to one reader, in the language spoken now."""
    locale = _locale()

    def at(moment: datetime, *, ago: bool = False) -> Markup:
        """`ago`: how long ago stands beside it."""
        element = _element(moment.astimezone(UTC), zone, locale)
        return (
            Markup(f'{element} <span class="ago">({escape(distance(moment, now))})</span>')
            if ago
            else element
        )

    return at


@lru_cache(maxsize=4096)  # a list that is looked at again, an answer's moment in its ticket's story
def _element(utc: datetime, zone: ZoneInfo, locale: str) -> Markup:
    return Markup(f'<time datetime="{utc.isoformat()[:19]}Z">{escape(moment(utc, zone, locale))}</time>')


def distance(at: datetime, now: datetime) -> str:
    """`3 hours ago`, `in 2 hours`."""
    seconds = (at - now).total_seconds()
    unit = next((one for _name, one in dates.TIMEDELTA_UNITS if abs(seconds) / one >= _NEARLY), 1)
    number = round(abs(seconds) / unit) or int(seconds != 0)
    return _ago(number, unit, _locale(), ahead=seconds >= 0)


@lru_cache(maxsize=1024)
def _ago(number: int, unit: int, locale: str, *, ahead: bool) -> str:
    span = timedelta(seconds=number * unit if ahead else -number * unit)
    # Told in this unit, though 51 minutes are nearly an hour: by what was not rounded yet, they were none.
    return dates.format_timedelta(span, threshold=max(number, 1), add_direction=True, locale=locale)


def day(when: date) -> str:
    """A day without a time."""
    return dates.format_date(when, "long", locale=_locale())


def _locale() -> str:
    return _LOCALES.get(spoken(), spoken())
