"""How a language writes moments, days, rhythms, salutations and subjects."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.tickets.world import letters
from triaged.letters import bearing, wording
from triaged.promises.spans import parse_span

WORDS = replace(
    letters().words("en"),
    moment_form="{weekday}, {day} {month} {year} ({time}; {hour} h {minute}; {zone})",
    weekdays=("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
    months=tuple(f"M{n}" for n in range(1, 13)),
    dear="Dear {name},",
    dear_nobody="Dear all,",
    date_form="",
    first_day="",
    every={
        unit: (f"each {unit}", f"each {{n}} {unit}s")
        for unit in ("minute", "hour", "day", "business_hour", "business_day")
    },
)


@pytest.mark.parametrize(
    ("at", "zone", "told"),
    [
        (datetime(2026, 11, 1, 8, 59, tzinfo=UTC), "UTC", "Su, 1 M11 2026 (08:59; 8 h 59; UTC)"),
        (datetime(2026, 11, 1, 8, 59, 0, 1, tzinfo=UTC), "UTC", "Su, 1 M11 2026 (09:00; 9 h 00; UTC)"),
        (datetime(2026, 11, 1, 8, 59, 59, 999_999, tzinfo=UTC), "UTC", "Su, 1 M11 2026 (09:00; 9 h 00; UTC)"),
        (datetime(2026, 1, 5, 23, 30, tzinfo=UTC), "Europe/Berlin", "Tu, 6 M1 2026 (00:30; 0 h 30; CET, Europe/Berlin)"),
    ],
)  # fmt: skip
def test_a_moment_is_told_in_the_reader_s_zone_and_never_before_ours(
    at: datetime, zone: str, told: str
) -> None:
    assert WORDS.moment(at, ZoneInfo(zone)) == told


@pytest.mark.parametrize(
    ("forms", "day", "told"),
    [
        ({}, 1, "Su, 1 M11 2026"),
        ({"first_day": "1st"}, 1, "Su, 1st M11 2026"),
        ({"first_day": "1st"}, 2, "Mo, 2 M11 2026"),
        ({"date_form": "{day}.{month}.{year}"}, 2, "2.M11.2026"),
        ({"moment_form": "{time}"}, 2, "2026-M11-2"),
        ({"moment_form": "{year}、 {time}"}, 2, "2026"),
    ],
)
def test_a_day_is_told_in_its_own_form_or_the_moment_s(forms: dict[str, str], day: int, told: str) -> None:
    assert replace(WORDS, **forms).day(date(2026, 11, day)) == told  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("span", "told"),
    [
        ("1h", "each hour"),
        ("36h", "each 36 hours"),
        ("24h", "each day"),
        ("2d", "each 2 days"),
        ("1m", "each minute"),
        ("90m", "each 90 minutes"),
        ("30s", "30s"),
        ("90s", "90s"),
        ("1 business day", "each business_day"),
        ("2 business days", "each 2 business_days"),
        ("60 business minutes", "each business_hour"),
        ("24 business hours", "each 24 business_hours"),
        ("90 business minutes", "90 business minutes"),
    ],
)
def test_a_rhythm_is_told_in_its_largest_unit_or_as_it_is_written(span: str, told: str) -> None:
    assert WORDS.rhythm(parse_span(span)) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Anna Holm", "Dear Anna Holm,"),
        ("Holm, Anna", "Dear Anna Holm,"),
        ("  Anna \n Holm ", "Dear Anna Holm,"),
        ("Holm, Anna, Dr", "Dear Holm, Anna, Dr,"),
        ("a" * 60, f"Dear {'a' * 60},"),
        ("a" * 61, f"Dear {'a' * 59}…,"),
        ("", "Dear all,"),
        *((f"An{sign}na", "Dear all,") for sign in "@<>[]{}:/\\"),
    ],
)
def test_who_has_a_name_is_spoken_to_by_it(name: str, told: str) -> None:
    assert WORDS.salutation(name) == told


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Re: AW: x", "[PS-1] Re: x"),
        ("[PS-1042] RE： [PS-7]x", "[PS-1] Re: x"),
        ("Fwd:x", "[PS-1] Re: x"),
        ("Reply: x", "[PS-1] Re: Reply: x"),
        ("re:re:", "[PS-1] Re:"),
    ],
)
def test_a_subject_has_one_reference_and_one_re(subject: str, told: str) -> None:
    assert wording.thread_subject("PS-1", subject) == told


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ben.carter@x.example", "Ben Carter"),
        ("Ben_Carter@x.example", "Ben Carter"),
        ("ben.carter-lee@x.example", "Ben Carter-Lee"),
        ("b.carter@x.example", ""),
        ("ben@x.example", ""),
        ("ben.carter.lee@x.example", ""),
        ("ben.carter-l@x.example", ""),
        (f"{'a' * 20}.bc@x.example", f"{'A' + 'a' * 19} Bc"),
        (f"{'a' * 21}.bc@x.example", ""),
        ("support.team@x.example", ""),
        ("ben.lead@x.example", ""),
        ("", ""),
    ],
)
def test_a_name_is_said_by_an_address_of_two_names(address: str, name: str) -> None:
    assert bearing.named(address) == name
