"""Moments as the reader's clock shows them, the zone always said; UTC stands in the markup for the script."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import dates
from markupsafe import Markup

from triaged.web.catalogues import spoken

_LOCALES = {"en": "en_GB"}  # day before month, 24 hours: alike for readers all over the world


def zone_of(*names: str) -> ZoneInfo:
    """The first of these that is a zone; UTC."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except Exception:  # ZoneInfo raises several kinds, by the shape of the name
            continue
    return ZoneInfo("UTC")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`29 Nov 2026, 12:41 CET`."""
    local, locale = at.astimezone(zone), _locale()
    day = dates.format_date(local, "medium", locale=locale)
    time = dates.format_time(local, "short", tzinfo=zone, locale=locale)
    return f"{day}, {time} {zone_name(local, zone)}".replace("\u202f", " ")


def zone_name(local: datetime, zone: ZoneInfo) -> str:
    """`CET`, `GMT+9`; the offset where the zone has no name of letters."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"{zone.key} ({local:%z})" if name else zone.key


def markup(at: datetime, zone: ZoneInfo, now: datetime | None = None) -> Markup:
    """A `<time>` element; with `now` how long ago stands beside it."""
    utc = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    element = Markup('<time datetime="{}">{}</time>').format(utc, moment(at, zone))
    if now is None:
        return element
    return element + Markup(' <span class="ago">({})</span>').format(ago(at, now))


def ago(at: datetime, now: datetime) -> str:
    """`3 hours ago`, `in 2 hours`."""
    return dates.format_timedelta(at - now, add_direction=True, locale=_locale())


def day(when: date) -> str:
    """A day without a time."""
    return dates.format_date(when, "long", locale=_locale())


def _locale() -> str:
    return _LOCALES.get(spoken(), spoken())
