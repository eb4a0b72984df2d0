"""The shipped policies as the domain page gives them, and what a rulebook may get wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from tests.tickets.world import at, promises, sections, ticket, writer
from triaged.promises import promising
from triaged.promises.clocks import commitments
from triaged.spec.sections import SpecError
from triaged.tickets.ticket import Letter

FRIDAY = "2026-11-20 16:00+01:00"  # in Berlin, in business hours


def due(severity: str, created: str, kind: str = "first_response", **fields):
    found = {
        c.kind: c
        for c in commitments(ticket(at(created), severity=severity, **fields), promises(), at(created))
    }
    return found[kind].due if kind in found else None


@pytest.mark.parametrize(
    ("severity", "kind", "created", "expected"),
    [
        ("S1", "first_response", FRIDAY, "2026-11-20 16:15+01:00"),
        ("S1", "first_response", "2026-11-22 03:00+01:00", "2026-11-22 03:15+01:00"),
        ("S1", "resolution", FRIDAY, "2026-11-20 20:00+01:00"),
        ("S1", "next_update", FRIDAY, "2026-11-20 17:00+01:00"),
        ("S2", "first_response", FRIDAY, "2026-11-20 17:00+01:00"),
        ("S2", "first_response", "2026-11-21 10:00+01:00", "2026-11-21 14:00+01:00"),
        # Never later than at night
        (
            "S2",
            "first_response",
            "2026-11-20 17:45+01:00",
            "2026-11-20 21:45+01:00",
        ),
        ("S2", "resolution", FRIDAY, "2026-11-21 00:00+01:00"),
        ("S3", "first_response", FRIDAY, "2026-11-23 11:00+01:00"),
        ("S3", "resolution", FRIDAY, "2026-11-23 16:00+01:00"),
        ("S3", "first_response", "2026-11-21 10:00+01:00", "2026-11-23 13:00+01:00"),
        ("S3", "resolution", "2026-11-21 10:00+01:00", "2026-11-24 09:00+01:00"),  # begins on Monday at nine
        ("S4", "first_response", "2026-11-20 18:30+01:00", "2026-11-24 09:00+01:00"),
        ("S4", "first_response", FRIDAY, "2026-11-23 16:00+01:00"),
        ("S4", "resolution", FRIDAY, "2026-11-25 16:00+01:00"),
        ("S2", "next_update", FRIDAY, None),
        ("S3", "identification", FRIDAY, None),
    ],
)
def test_standard_promises_what_the_domain_page_says(severity, kind, created, expected):
    assert due(severity, created, kind) == (at(expected) if expected else None)


@pytest.mark.parametrize("region", ["US", "IN", "AU", "JP", "SA", "CA", "EU", "UK"])
def test_no_solution_is_promised_before_the_first_answer_whenever_the_request_comes(region):
    for quarter in range(0, 4 * 24 * 40, 23):
        created = at("2026-12-15 00:00") + timedelta(minutes=15 * quarter)  # over the holidays
        for severity in ("S1", "S2", "S3", "S4"):
            t = ticket(created, severity=severity, region=region)
            found = {c.kind: c.due for c in commitments(t, promises(), created)}
            assert found["first_response"] < found["resolution"], (severity, created)


@pytest.mark.parametrize(
    ("kind", "expected", "limit"),
    [
        ("first_response", "2026-11-21 04:00", "2026-11-21 06:00"),
        ("identification", "2026-11-21 05:00", "2026-11-21 11:00"),
        ("resolution", "2026-11-22 03:00", "2026-11-23 03:00"),
        ("next_update", "2026-11-21 07:00", None),
    ],
)
def test_large_accounts_are_served_round_the_clock(kind, expected, limit):
    night = at("2026-11-21 03:00")
    found = {
        c.kind: c for c in commitments(ticket(night, severity="S1", level="large-account"), promises(), night)
    }
    assert found[kind].due == at(expected)
    assert found[kind].limit == (at(limit) if limit else None)


@pytest.mark.parametrize(
    ("plan", "severity", "length"),
    [
        ("Enterprise", "S1", 1),
        ("Enterprise", "S2", 4),
        (None, "S3", 24),
        ("paid", "S4", 24),
        ("Free", "S1", 24),
        ("free", "S4", 24),
    ],
)
def test_plan_promises_by_the_customers_plan(plan, severity, length):
    first = due(severity, "2026-12-25 03:00", level="plan", plan=plan)
    assert first is not None and (first - at("2026-12-25 03:00")).total_seconds() == length * 3600
    assert due(severity, "2026-12-25 03:00", "resolution", level="plan", plan=plan) is None


def test_the_region_of_the_ticket_gives_the_week():
    thursday = "2026-11-19 17:00+03:00"
    assert due("S3", thursday, region="SA") == at("2026-11-22 12:00+03:00")
    assert due("S3", thursday, region="EU") == at("2026-11-20 10:00+01:00")


def test_an_unknown_service_level_promises_nothing():
    assert commitments(ticket(at(FRIDAY), level="gold"), promises(), at(FRIDAY)) == ()


def changed(**at_path):
    """The shipped sections with some values replaced, named `section__key__key`."""
    import copy

    merged = copy.deepcopy(sections())
    for path, value in at_path.items():
        *way, last = path.split("__")
        place = merged
        for key in way:
            place = place[key.replace("_", "-") if key.replace("_", "-") in place else key]
        place[last] = value
    return merged


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"service_levels__standard__calendar": "busness"}, ("service_levels", "standard", "calendar"), "unknown calendar 'busness'; did you mean 'business'?"),
        ({"regions__EU": {"country": "XX", "time_zone": "Europe/Berlin"}}, ("regions", "EU", "country"), "XX"),
        ({"calendars__business__holidays": {"country": "XX"}}, ("calendars", "business", "holidays"), "XX"),
        ({"sending_hours__closed": "night"}, ("sending_hours", "closed"), "unknown calendar 'night'"),
        ({"calendars__business__hours": ["09:00-12:00", "11:00-18:00"]}, ("calendars", "business", "hours"), "overlap"),
        ({"service_levels__plan__targets": {"S1": {"first_response": {"target": "4h", "limit": "1h"}}}}, ("service_levels", "plan", "targets", "S1", "first_response", "limit"), "shorter"),
        ({"service_levels__plan__targets": {"S1": {"first_response": {"target": "4h", "limit": "1 business day"}}}}, ("service_levels", "plan", "targets", "S1", "first_response", "limit"), "counted otherwise"),
    ],
)  # fmt: skip
def test_names_that_lead_nowhere_are_refused_at_their_place(change, path, message):
    with pytest.raises(SpecError) as refused:
        promising.build(changed(**change))
    assert refused.value.path == path
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"service_levels__plan__targets": {"S1": {"first_response": "4 hours"}}}, "write for example 15m, 24h, 4 business hours"),
        ({"service_levels__plan__targets": {"S1": {"first_response": "0 business days"}}}, "is zero; write a longer time"),
        ({"service_levels__plan__targets": {"S1": {"first_response": {"in_hours": "1h"}}}}, "either target, or in_hours and outside"),
        ({"service_levels__plan__targets": {"S1": {"first_reponse": "4h"}}}, "first_reponse"),
        ({"calendars__business__hours": ["9-18"]}, "09:00-18:00"),
        ({"calendars__business__hours": ["18:00-09:00"]}, "split it at midnight"),
        ({"service_levels__plan__targets": {"S1": {"first_response": "0m"}}}, "'0m' is zero; write a longer time"),
        ({"calendars__business__days": []}, "no day of the week is open"),
        ({"calendars__business__company_days": {"2026-13-01": "closed"}}, "is not a date; write 2026-12-24, or 12-24 for every year"),
        ({"calendars__business__company_days": {"02-30": "closed"}}, "'02-30' is not a date"),
        ({"schedules__reopen_within": "3 business days"}, "'3 business days' is counted in days round the clock here"),
        ({"schedules__reopen_within": "23h"}, "'23h' is counted in days round the clock here"),
        ({"calendars__business__always_open": True}, "either always_open: true or the hours"),
        ({"regions__EU": {"country": "DE", "time_zone": "Europe/Berlino"}}, "is not a time zone"),
        ({"schedules__close_after_resolved": 14}, "is not a span of time"),
    ],
)  # fmt: skip
def test_what_is_written_wrong_is_told_with_the_remedy(change, message):
    with pytest.raises(ValidationError, match=message):
        promising.build(changed(**change))


def test_letters_to_staff_may_have_hours_too():
    hushed = promising.build(changed(sending_hours__new_s1="business"))
    night = at("2026-11-20 22:00+01:00")
    letter = writer(night, promises=hushed).in_hours(
        Letter("new_s1", "k", "staff", "global", ("a@b.example",), "s", "b"), ticket(night)
    )
    assert letter.not_before == at("2026-11-23 09:00+01:00")


def test_a_rulebook_without_these_sections_promises_nothing():
    empty = promising.build({})
    assert commitments(ticket(at(FRIDAY)), empty, at(FRIDAY)) == ()


def test_what_no_table_names_is_not_promised():
    narrow = promising.build(changed(service_levels__standard__targets={"S1": {"first_response": "15m"}}))
    friday = at(FRIDAY)
    assert [c.kind for c in commitments(ticket(friday, severity="S1"), narrow, friday)] == ["first_response"]
    assert commitments(ticket(friday, severity="S2"), narrow, friday) == ()


@pytest.mark.parametrize(
    ("holidays", "labour_day", "unity_day"),
    [("region", False, False), ("none", True, True), ({"country": "JP"}, True, True), ({"country": "FR"}, False, True)],
    ids=str,
)  # fmt: skip
def test_a_calendar_is_shut_on_its_own_holidays_or_on_the_regions(holidays, labour_day, unity_day):
    calendar = promising.build(changed(calendars__business__holidays=holidays)).calendar("business", "EU")
    assert calendar.is_working_day(date(2029, 5, 1)) is labour_day
    assert calendar.is_working_day(date(2029, 10, 3)) is unity_day


def test_company_days_are_of_one_year_or_of_every_year_that_has_them():
    days = {"2026-12-21": "closed", "12-22": "closed", "02-29": "closed", "2027-01-04": ["10:00-12:00"]}
    calendar = promising.build(changed(calendars__business__company_days=days)).calendar("business", "EU")
    shut = {day for day in (
        date(2026, 12, 21), date(2027, 12, 21), date(2026, 12, 22), date(2027, 12, 22), date(2028, 2, 29),
        date(2028, 2, 28), date(2027, 1, 4),
    ) if not calendar.is_working_day(day)}  # fmt: skip
    assert shut == {date(2026, 12, 21), date(2026, 12, 22), date(2027, 12, 22), date(2028, 2, 29)}
    assert calendar.is_open(at("2027-01-04 11:59+01:00")) and not calendar.is_open(
        at("2027-01-04 12:00+01:00")
    )
