"""Working time against hand-made cases, properties, and workclock, an independent implementation."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import workclock
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.tickets.world import at, hours, promises
from triaged.promises.calendars import FAR, Calendar, NeverOpen, public_holidays, round_the_clock

CASES = int(os.environ.get("TRIAGED_CALENDAR_CASES", "3000"))  # 100000 for the whole measure
OFFICE = ((540, 1080),)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Riyadh", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kolkata")  # fmt: skip


def weekly(zone: str, week=(*[OFFICE] * 5, (), ()), **more) -> Calendar:
    return Calendar("test", ZoneInfo(zone), week, **more)


BERLIN = weekly("Europe/Berlin")
DAY_AND_NIGHT = weekly("America/New_York", week=(((0, 1440),),) * 7)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-11-20 16:30+01:00", 4, "2026-11-23 11:30+01:00"),  # over a weekend
        ("2026-11-20 18:00+01:00", 1, "2026-11-23 10:00+01:00"),  # at closing time
        ("2026-11-21 12:00+01:00", 1, "2026-11-23 10:00+01:00"),  # on Saturday
        ("2026-11-20 09:00+01:00", 9, "2026-11-20 18:00+01:00"),  # the whole day ends at its end
        ("2026-11-20 03:00+01:00", 0.5, "2026-11-20 09:30+01:00"),  # in the night (glpi#687: answered 0)
        ("2026-03-27 17:00+01:00", 2, "2026-03-30 10:00+02:00"),  # the clock goes forward between
        ("2026-10-23 17:00+02:00", 2, "2026-10-26 10:00+01:00"),  # and back
        ("2027-12-31 17:00+01:00", 2, "2028-01-03 10:00+01:00"),  # the year ends
    ],
)
def test_hours_are_added_on_the_wall_clock(start, span, end):
    assert BERLIN.add(at(start), hours(span)) == at(end)


def test_a_day_of_23_and_of_25_hours_counts_as_long_as_it_is():
    forward, back = at("2026-03-08 00:00-05:00"), at("2026-11-01 00:00-04:00")
    assert DAY_AND_NIGHT.between(forward, at("2026-03-09 00:00-04:00")) == hours(23)
    assert DAY_AND_NIGHT.between(back, at("2026-11-02 00:00-05:00")) == hours(25)
    assert DAY_AND_NIGHT.add(back, hours(25)) == at("2026-11-02 00:00-05:00")


def test_it_is_open_from_the_first_minute_and_shut_at_the_last():
    assert BERLIN.is_open(at("2026-11-20 09:00+01:00"))
    assert not BERLIN.is_open(at("2026-11-20 18:00+01:00"))
    assert not BERLIN.is_open(at("2026-11-22 12:00+01:00"))
    assert BERLIN.next_open(at("2026-11-20 18:00+01:00")) == at("2026-11-23 09:00+01:00")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-19 16:00+01:00", 1, "2026-11-20 16:00+01:00"),
        ("2026-11-20 16:00+01:00", 1, "2026-11-23 16:00+01:00"),  # Friday to Monday
        ("2026-11-20 22:00+01:00", 1, "2026-11-24 09:00+01:00"),  # at night: from Monday's opening
        ("2026-11-20 18:00+01:00", 1, "2026-11-24 09:00+01:00"),  # at closing time: likewise
        ("2026-11-21 10:00+01:00", 1, "2026-11-24 09:00+01:00"),  # from Saturday
        ("2026-11-23 03:00+01:00", 1, "2026-11-24 09:00+01:00"),  # before opening
        ("2026-10-23 16:00+02:00", 1, "2026-10-26 16:00+01:00"),  # over the change of clocks
        ("2026-11-18 12:00+01:00", 3, "2026-11-23 12:00+01:00"),
    ],
)
def test_a_business_day_is_the_same_clock_time_on_the_next_working_day(start, days, end):
    assert BERLIN.add_business_days(at(start), days) == at(end)


def test_a_business_day_from_a_public_holiday_begins_when_people_are_back():
    japan = promises().calendar("business", "JP")
    assert japan.add_business_days(at("2026-11-23 10:00+09:00"), 1) == at("2026-11-25 09:00+09:00")


def test_the_working_week_of_saudi_arabia_is_sunday_to_thursday():
    business = promises().calendar("business", "SA")
    thursday = at("2026-11-19 16:00+03:00")
    assert business.add_business_days(thursday, 1) == at("2026-11-22 16:00+03:00")
    assert business.add(thursday, hours(4)) == at("2026-11-22 11:00+03:00")
    assert not business.is_open(at("2026-11-20 10:00+03:00"))


def test_public_holidays_of_the_region_are_shut():
    japan = promises().calendar("business", "JP")
    assert japan.closed[date(2026, 11, 23)] == "Labor Thanksgiving Day"
    assert japan.add_business_days(at("2026-11-20 16:00+09:00"), 1) == at("2026-11-24 16:00+09:00")
    assert promises().calendar("business", "US").closed[date(2026, 11, 26)] == "Thanksgiving Day"
    assert promises().calendar("business", "EU").is_working_day(date(2026, 11, 26))


def test_every_shipped_region_has_holidays_in_each_year_we_shall_live_to_see():
    for code, region in promises().regions.items():
        years = {day.year for day in public_holidays(region.country, region.subdivision)}
        assert {2026, 2027, 2028, 2029, 2030} <= years, code


def test_company_days_may_be_shut_or_shorter():
    calendar = weekly("UTC", special={date(2026, 12, 24): ((540, 720),), date(2026, 12, 25): ()})
    assert calendar.add(at("2026-12-24 11:00"), hours(2)) == at("2026-12-28 10:00")
    assert not calendar.is_working_day(date(2026, 12, 25))


@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_japanese_companies_are_shut_over_the_new_year_of_every_year(year):
    japan = promises().calendar("business", "JP")
    shut = [
        date(year, 12, 29),
        date(year, 12, 30),
        date(year, 12, 31),
        date(year + 1, 1, 2),
        date(year + 1, 1, 3),
    ]
    assert not any(map(japan.is_working_day, shut))
    assert any(promises().calendar("business", "UK").is_working_day(day) for day in shut)


def test_a_calendar_that_never_opens_is_told_and_not_searched_for_ever():
    shut = weekly("UTC", week=((),) * 7)
    with pytest.raises(NeverOpen, match="ten years"):
        shut.add(at("2026-01-01 00:00"), hours(1))
    with pytest.raises(NeverOpen):
        shut.add_business_days(at("2026-01-01 00:00"), 1)


def test_more_working_days_than_ten_years_have_are_told():
    assert BERLIN.add_business_days(at("2026-01-05 10:00+01:00"), 2600) > at("2035-12-01 00:00")
    with pytest.raises(NeverOpen, match="calendar test has not 2700 working days in ten years"):
        BERLIN.add_business_days(at("2026-01-05 10:00+01:00"), 2700)


def test_no_time_is_taken_back():
    with pytest.raises(ValueError, match="is negative"):
        BERLIN.add(at("2026-01-05 10:00"), -timedelta(seconds=1))
    assert BERLIN.add(at("2026-01-04 10:00"), timedelta()) == at("2026-01-04 10:00")


def test_an_unknown_country_is_refused():
    with pytest.raises(ValueError, match="Atlantis"):
        public_holidays("Atlantis")


moments = st.datetimes(datetime(2021, 1, 1), datetime(2035, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001
spans = st.integers(0, 200 * 3600).map(lambda s: timedelta(seconds=s))


@st.composite
def calendars(draw) -> Calendar:
    """Any weekly hours with one to three stretches on some days, and some days shut."""
    marks = st.lists(st.integers(0, 96).map(lambda q: q * 15), min_size=2, max_size=6, unique=True)
    edges = sorted(draw(marks.filter(lambda m: len(m) % 2 == 0)))
    stretches = tuple(zip(edges[::2], edges[1::2], strict=True))
    open_days = draw(st.sets(st.integers(0, 6), min_size=1))
    shut = draw(st.sets(st.dates(date(2021, 1, 1), date(2035, 12, 31)), max_size=5))
    week = tuple(stretches if day in open_days else () for day in range(7))
    return weekly(draw(st.sampled_from(ZONES)), week=week, closed=dict.fromkeys(shut, "shut"))


def fits(calendar: Calendar, start: datetime, span: timedelta) -> bool:
    """Whether ten years hold so much open time; a quarter of an hour a week makes 130 hours."""
    return calendar.between(start, start + FAR) >= span


A_QUARTER = weekly("Europe/Berlin", week=(((0, 15),), (), (), (), (), (), ()))


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, spans)
@example(A_QUARTER, datetime(2021, 1, 1, tzinfo=UTC), timedelta(seconds=470_701))
def test_more_than_ten_years_hold_is_refused_and_nothing_else(calendar, start, span):
    if fits(calendar, start, span):
        assert calendar.add(start, span) <= start + FAR
    elif calendar.between(start, start + FAR + timedelta(days=2)) < span:
        # The tenth year's last day counts whole
        with pytest.raises(NeverOpen):
            calendar.add(start, span)


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, spans)
def test_what_was_added_lies_between(calendar, start, span):
    assume(fits(calendar, start, span))
    assert calendar.between(start, calendar.add(start, span)) == span


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, spans, spans)
def test_adding_twice_is_adding_the_sum_and_more_is_never_earlier(calendar, start, one, two):
    assume(fits(calendar, start, one + two))
    whole = calendar.add(start, one + two)
    if one:
        assert calendar.add(calendar.add(start, one), two) == whole or not two
    assert calendar.add(start, one) <= whole


@settings(max_examples=100, deadline=None)
@given(calendars(), st.lists(moments, min_size=3, max_size=3))
def test_time_between_is_additive_and_turns_its_sign(calendar, three):
    a, b, c = sorted(three)
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(b, a) == -calendar.between(a, b)


def _random_calendar(chance: random.Random) -> tuple[Calendar, workclock.Schedule]:
    """The same hours, once ours, once theirs."""
    zone = chance.choice(ZONES)
    days = sorted(chance.sample(range(7), chance.randint(1, 7)))
    # Away from the hour that is changed
    edges = sorted(chance.sample(range(5, 24), 2 * chance.randint(1, 2)))
    stretches = tuple((a * 60, b * 60) for a, b in list(pairwise(edges))[::2])
    shut = [date(2026, 1, 1) + timedelta(days=chance.randrange(1500)) for _ in range(20)]
    ours = weekly(
        zone, tuple(stretches if d in days else () for d in range(7)), closed=dict.fromkeys(shut, "x")
    )
    rules = [workclock.WorkDay(time(a // 60), time(b // 60), days=days) for a, b in stretches]
    return ours, workclock.Schedule([*rules, workclock.Holidays(shut)], time_zone=zone)


def test_an_independent_implementation_agrees():
    chance = random.Random(20261122)
    for _ in range(max(1, CASES // 100)):
        ours, theirs = _random_calendar(chance)
        for _ in range(50):
            start = at("2026-01-01 00:00") + timedelta(minutes=chance.randrange(3 * 525_600))
            other = start + timedelta(minutes=chance.randrange(60_000))
            span = timedelta(minutes=chance.randint(1, 20_000))
            assert ours.add(start, span) == theirs.add(start, span), (ours, start, span)
            assert ours.between(start, other) == theirs.between(start, other), (ours, start, other)


def test_round_the_clock_is_plain_arithmetic():
    always = round_the_clock()
    assert always.add(at("2026-10-25 00:00+02:00"), hours(3)) == at("2026-10-25 00:00+02:00") + hours(3)
    assert always.is_open(at("2026-12-25 03:00")) and always.next_open(at("2026-12-25 03:00")) == at(
        "2026-12-25 03:00"
    )


def test_a_country_is_read_without_the_others_and_each_can_be() -> None:
    code = """
import sys
from triaged.promises.calendars import public_holidays
public_holidays("JP")
print(sum(name.startswith("holidays.countries.") for name in sys.modules))
import holidays
for code in holidays.list_supported_countries():
    holidays.country_holidays(code, years=2026)
print(sum(name.startswith("holidays.countries.") for name in sys.modules))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    alone, all_together = map(int, told.stdout.split())
    assert alone < 5 and all_together > 200
