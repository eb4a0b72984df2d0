"""What the rulebook's sections on time become, told whole: spans, calendars, targets, slots of reminders, reports."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tests.promises.test_calendars import BERLIN, OFFICE, weekly
from tests.promises.test_clocks import MONDAY, H, after, clock
from tests.promises.test_reports import GOOD, LATE, NOW, PLAN, story
from tests.promises.test_service_levels import changed
from tests.tickets.world import at, hours, promises, sections, ticket
from triaged.promises import promising, reports, schedules, screen_sharing, spans
from triaged.promises.calendars import round_the_clock
from triaged.promises.clocks import commitments
from triaged.promises.schedules import END, Slot
from triaged.promises.sections import SchedulesSpec, TargetSpec
from triaged.promises.spans import Span, as_span, parse_span
from triaged.spec.sections import SpecError
from triaged.tickets.ticket import Event
from triaged.vocabulary import Severity

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90m", Span("90m", 90 * MINUTE)),
        ("1 business minute", Span("1 business minute", MINUTE, counted="hours")),
        ("90 business minutes", Span("90 business minutes", 90 * MINUTE, counted="hours")),
        (" 4 business hours ", Span("4 business hours", hours(4), counted="hours")),
        ("1 business day", Span("1 business day", days=1, counted="days")),
        ("9999 business days", Span("9999 business days", days=9999, counted="days")),
    ],
)
def test_a_span_is_read_as_it_is_counted(text: str, span: Span) -> None:
    assert parse_span(text) == span == as_span(text)
    assert as_span(span) is span


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("0 business hours", "'0 business hours' is zero; write a longer time"),
        ("0m", "'0m' is zero; write a longer time"),
        ("10000 business days", "'10000 business days' is not a span of time; write for example 15m, 24h, 4 business hours or 1 business day"),
        (14, "14 is not a span of time; write for example 15m, 24h, 4 business hours or 1 business day"),
        (None, "None is not a span of time; write for example 15m, 24h, 4 business hours or 1 business day"),
    ],
)  # fmt: skip
def test_what_is_no_span_is_told_with_the_remedy(value: object, why: str) -> None:
    with pytest.raises(ValueError) as told:
        as_span(value)
    assert str(told.value) == why


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("09:30-18:15", (570, 1095)), ("00:00-24:00", (0, 1440)), ("23:58-23:59", (1438, 1439)), ("09:05-24:00", (545, 1440))],
)  # fmt: skip
def test_hours_are_minutes_of_the_day(text: str, minutes: tuple[int, int]) -> None:
    assert spans.hours(text) == minutes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("09:00-09:00", "'09:00-09:00' ends before it begins; split it at midnight"),
        ("09:01-09:00", "'09:01-09:00' ends before it begins; split it at midnight"),
        ("24:00-24:00", "'24:00-24:00' is not a range of hours; write for example 09:00-18:00"),
        ("9:00-18:00", "'9:00-18:00' is not a range of hours; write for example 09:00-18:00"),
        ("09:60-18:00", "'09:60-18:00' is not a range of hours; write for example 09:00-18:00"),
    ],
)
def test_what_are_no_hours_is_told_with_the_remedy(text: str, why: str) -> None:
    with pytest.raises(ValueError) as told:
        spans.hours(text)
    assert str(told.value) == why


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ({"target": "4h"}, True),
        ({"in_hours": "1h", "outside": "4h"}, True),
        ({"target": "4h", "limit": "8h"}, True),
        ({}, False),
        ({"limit": "8h"}, False),
        ({"outside": "4h"}, False),
        ({"target": "4h", "outside": "8h"}, False),
        ({"target": "4h", "in_hours": "1h", "outside": "4h"}, False),
    ],
)
def test_a_target_is_written_one_way(given: dict[str, str], right: bool) -> None:
    if right:
        TargetSpec.model_validate(given)
        return
    with pytest.raises(ValidationError, match="write either target, or in_hours and outside"):
        TargetSpec.model_validate(given)


def test_reopening_is_counted_in_days_one_of_them_at_least() -> None:
    assert SchedulesSpec(reopen_within="1d").reopen_within == Span("1d", DAY)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="counted in days round the clock"):
        SchedulesSpec(reopen_within="1439m")  # type: ignore[arg-type]


def refused(**change: object) -> tuple[tuple[str, ...], str]:
    with pytest.raises(SpecError) as told:
        promising.build(changed(**change))
    return told.value.path, told.value.message


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"screen_sharing__hours": "bussiness"}, ("screen_sharing", "hours")),
        ({"schedules__calendar": "bussiness"}, ("schedules", "calendar")),
        ({"schedules__digest_calendar": "bussiness"}, ("schedules", "digest_calendar")),
        ({"sending_hours__closed": "bussiness"}, ("sending_hours", "closed")),
    ],
)
def test_every_place_that_names_a_calendar_is_followed(change, path) -> None:
    assert refused(**change) == (path, "unknown calendar 'bussiness'; did you mean 'business'?")


def test_without_policies_nobody_asks_for_the_schedules_calendar() -> None:
    bare = {
        "schedules": {"calendar": "nowhere"},
        "sending_hours": {"closed": "any", "resolved": "round-the-clock"},
    }
    ours = promising.build(bare)
    assert ours.policies == {} and ours.sending_calendar("closed", "EU") is None
    assert ours.sending_calendar("untold", "EU") is None
    always = ours.sending_calendar("resolved", "EU")
    assert always is not None and always.always_open
    assert ours.screen_sharing is None and ours.sharing == screen_sharing.DEFAULTS


def test_sections_already_read_are_taken_as_they_are() -> None:
    read = {
        name: promising._model(name, value)
        for name, value in sections().items()
        if name in promising.SECTIONS
    }
    assert promising.build(read).policies == promises().policies


def test_stretches_may_meet_and_not_overlap() -> None:
    lunch = promising.build(changed(calendars__business__hours=["13:00-18:00", "09:00-13:00"]))
    calendar = lunch.calendar("business", "EU")
    assert calendar.is_open(at("2026-11-16 12:59+01:00")) and calendar.is_open(at("2026-11-16 13:00+01:00"))
    assert calendar.week[0] == ((540, 780), (780, 1080))
    assert (
        refused(calendars__business__hours=["09:00-13:01", "13:00-18:00"])[1]
        == "two stretches of hours overlap"
    )


def test_a_calendar_has_its_own_zone_days_and_company_days_or_the_regions() -> None:
    regions = {
        "SA": {"country": "SA", "time_zone": "Asia/Riyadh", "week": ["sunday", "monday"], "company_days": {"2026-11-17": ["10:00-11:00"]}},
    }  # fmt: skip
    own = {"hours": ["09:00-18:00"], "days": ["saturday"], "time_zone": "Asia/Tokyo", "holidays": "none",
           "company_days": {"2026-11-18": "closed"}}  # fmt: skip
    plain = {"hours": ["09:00-18:00"], "holidays": "none"}
    ours = promising.build(
        {"regions": regions, "calendars": {"own": own, "plain": plain, "all": {"always_open": True}}}
    )
    one = ours.calendar("own", "SA")
    assert (one.zone, one.week) == (ZoneInfo("Asia/Tokyo"), ((), (), (), (), (), OFFICE, ()))
    assert one.special == {date(2026, 11, 17): ((600, 660),), date(2026, 11, 18): ()}
    theirs = ours.calendar("plain", "SA")
    assert (theirs.zone, theirs.week) == (ZoneInfo("Asia/Riyadh"), (OFFICE, (), (), (), (), (), OFFICE))
    assert theirs.special == {date(2026, 11, 17): ((600, 660),)}
    nowhere = ours.calendar("plain", "XX")
    assert (nowhere.zone, nowhere.week, nowhere.special) == (ZoneInfo("UTC"), (*[OFFICE] * 5, (), ()), {})
    assert ours.calendar("all", "SA").always_open and ours.calendar("all", "SA").zone == ZoneInfo(
        "Asia/Riyadh"
    )
    assert ours.calendar("unknown", "SA").always_open


def test_the_calendar_that_never_shuts_may_be_given_a_zone_and_is_the_same_everywhere() -> None:
    plain = promises().calendar("round-the-clock", "JP")
    assert plain.always_open and plain.zone == ZoneInfo("UTC")
    named = promising.build(
        changed(**{"calendars__round-the-clock": {"always_open": True, "time_zone": "Asia/Tokyo"}})
    )
    assert named.calendar("round-the-clock", "EU").zone == ZoneInfo("Asia/Tokyo")


def test_a_policy_is_compiled_whole() -> None:
    ours = promising.build(
        changed(service_levels__standard__escalate_at=[150, 100], service_levels__standard__warn_at=60)
    )
    policy = ours.policy("standard")
    assert policy is not None
    assert (policy.name, policy.calendar, policy.warn_at, policy.escalate_at) == (
        "standard",
        "business",
        0.6,
        (1.0, 1.5),
    )
    assert policy.runs_while_unidentified == {Severity.S1, Severity.S2} and not policy.acknowledgment_counts
    assert policy.still_working_every == Span("4h", hours(4))
    plan = ours.policy("plan")
    assert plan is not None and plan.acknowledgment_counts and plan.still_working_every is None
    free = plan.target("first_response", Severity.S1, " Free".strip())
    assert free is not None and free.text == "24h"
    assert plan.target("resolution", Severity.S1, "free") is None
    assert ours.policy("none") is None


def test_a_limit_may_be_as_long_as_its_target_and_not_shorter() -> None:
    def limited(target: str, limit: str) -> dict[str, object]:
        return {
            "service_levels__plan__targets": {"S1": {"first_response": {"target": target, "limit": limit}}}
        }

    promising.build(changed(**limited("4h", "4h")))
    promising.build(changed(**limited("2 business days", "2 business days")))
    assert refused(**limited("4h", "239m"))[1] == "limit '239m' is shorter than the target '4h'"
    assert refused(**limited("2 business days", "1 business day"))[1] == (
        "limit '1 business day' is shorter than the target '2 business days'"
    )
    assert (
        refused(**limited("4h", "5 business hours"))[1]
        == "limit '5 business hours' is counted otherwise than '4h'"
    )


FRIDAY = at("2026-11-20 16:00+01:00")


def test_within_business_hours_two_countdowns_run_and_outside_them_one() -> None:
    by_day = clock(ticket(FRIDAY, severity="S2"), "first_response", FRIDAY)
    assert by_day.arithmetic[0].endswith(
        "1h in business hours, 4h outside on calendar business, round-the-clock (Europe/Berlin)"
    )
    night = at("2026-11-20 18:00+01:00")
    by_night = clock(ticket(night, severity="S2"), "first_response", night)
    assert by_night.arithmetic[0].endswith("on calendar round-the-clock (Europe/Berlin)")
    days = {"S2": {"first_response": {"in_hours": "1 business day", "outside": "4d"}}}
    ours = promising.build(changed(service_levels__standard__targets=days))
    (found,) = commitments(ticket(FRIDAY, severity="S2"), ours, FRIDAY)
    assert found.due == at("2026-11-23 16:00+01:00")


@pytest.mark.parametrize(
    ("span", "then"),
    [
        ("2h", "2026-11-20 18:00+01:00"),
        ("2d", "2026-11-22 16:00+01:00"),
        ("4 business hours", "2026-11-23 11:00+01:00"),
        ("1 business day", "2026-11-23 16:00+01:00"),
        ("2 business days", "2026-11-24 16:00+01:00"),
    ],
)
def test_after_is_so_much_later_as_the_span_is_counted(span: str, then: str) -> None:
    assert promises().after(parse_span(span), "business", "EU", FRIDAY) == at(then)


def slots(start, reminders, end, done=(), now=None) -> list[Slot]:
    given = [parse_span(one) for one in reminders]
    last = parse_span(end) if end else None
    return list(schedules.lay_out(start, given, last, dict(done), promises(), "EU", now or start))


NINE = at("2026-11-16 09:00+01:00")


def test_reminders_are_laid_out_with_their_gaps_and_the_last_is_known() -> None:
    one, two, end = NINE + hours(4), NINE + hours(6), NINE + hours(8)
    given = (["4 business hours", "6 business hours"], "8 business hours")
    assert slots(NINE, *given) == [
        Slot(1, one, one, False), Slot(2, two, two, True), Slot(END, end, end, False),
    ]  # fmt: skip
    late = NINE + hours(5)
    assert slots(NINE, *given, now=late) == [
        Slot(1, one, one, False), Slot(2, two, late + hours(2), True), Slot(END, end, at("2026-11-16 18:00+01:00"), False),
    ]  # fmt: skip
    assert slots(NINE, *given, {1: late}) == [
        Slot(2, two, late + hours(2), True), Slot(END, end, late + hours(4), False),
    ]  # fmt: skip
    assert slots(NINE, *given, {1: one, 2: two}) == [Slot(END, end, end, False)]
    early = {1: NINE + hours(1)}
    assert slots(NINE, *given, early)[0] == Slot(2, two, two, True), "nothing is drawn forward"
    assert slots(NINE, ["4 business hours"], None) == [Slot(1, one, one, True)]
    assert slots(NINE, [], "8 business hours") == [Slot(END, end, end, False)]
    assert slots(at("2026-11-14 12:00+01:00"), ["4 business hours"], None) == [Slot(1, one, one, True)]
    backwards = slots(NINE, ["4 business hours", "2 business hours"], None)
    assert [slot.at for slot in backwards] == [one, one], "none before the one before"


# -- calendars


def test_a_calendar_asked_backwards_at_its_borders_and_outside_them() -> None:
    shut, opens = at("2026-11-20 18:00+01:00"), at("2026-11-23 09:00+01:00")
    assert BERLIN.between(opens + hours(1), shut - hours(1)) == -hours(2)
    assert BERLIN.between(shut, opens) == timedelta() == BERLIN.between(opens, opens)
    open_ = at("2026-11-20 10:07+01:00")
    assert BERLIN.next_open(open_) == open_ and BERLIN.next_open(open_).tzinfo is UTC
    assert BERLIN.next_open(shut) == opens == BERLIN.next_open(opens - MINUTE)
    always = round_the_clock("all", "Asia/Tokyo")
    assert (always.name, always.zone) == ("all", ZoneInfo("Asia/Tokyo"))
    assert always.between(shut, opens) == opens - shut == -always.between(opens, shut)
    assert always.is_working_day(date(2026, 11, 22))


def test_whole_days_are_the_working_days_from_midnight_to_midnight() -> None:
    calendar = weekly(
        "Europe/Berlin",
        closed={date(2026, 11, 18): "x"},
        special={date(2026, 11, 19): (), date(2026, 11, 21): ((600, 660),)},
    )
    whole = calendar.whole_days()
    assert whole.name == "test (whole days)" and whole is calendar.whole_days()
    assert whole.week == (*[((0, 1440),)] * 5, (), ())
    assert whole.special == {date(2026, 11, 19): (), date(2026, 11, 21): ((0, 1440),)}
    assert whole.between(at("2026-11-16 00:00+01:00"), at("2026-11-23 00:00+01:00")) == 4 * DAY
    always = round_the_clock()
    assert always.whole_days() is always


def test_a_stretch_that_the_changed_clock_swallows_is_none() -> None:
    calendar = weekly("Europe/Berlin", week=(((120, 180),),) * 7)
    assert calendar.between(at("2027-03-28 00:00+01:00"), at("2027-03-29 00:00+02:00")) == timedelta()
    assert calendar.between(at("2027-03-27 00:00+01:00"), at("2027-03-29 00:00+02:00")) == hours(1)


# -- reports


def test_a_report_is_told_whole() -> None:
    (one,) = (group for group in reports.report([GOOD, LATE, PLAN], promises(), NOW) if group.by == "mailbox")
    assert (one.name, one.tickets, one.ratings, one.satisfaction) == ("global", 3, 1, 5.0)
    assert one.kept == (
        reports.Kept("first_response", 2, 1, 0, hours(1), hours(8)),
        reports.Kept("identification", 0, 0, 0, None, None),
        reports.Kept("resolution", 1, 1, 0, hours(5), hours(5)),
    )
    assert [(b.reference, b.kind, b.met_at) for b in one.breaches] == [
        ("PS-1002", "first_response", MONDAY + hours(8)),
        ("PS-1002", "resolution", None),
    ]
    assert one.kept[1].share is None and one.kept[2].share == 0.5


def test_what_runs_and_what_stands_still_is_open_and_ratings_have_two_digits() -> None:
    runs = story(5, severity="S1", level="large-account")
    waits = story(6, after(0.1, H.WAITING), severity="S1", level="large-account")
    made = reports.report([runs, waits], promises(), MONDAY + hours(0.2))
    (by,) = (group for group in made if group.by == "severity")
    assert [(kept.kind, kept.open) for kept in by.kept] == [
        ("first_response", 2),
        ("identification", 2),
        ("resolution", 2),
    ]
    rated = [
        story(n, after(1, H.RESOLVED), after(2, H.RATED, score=score))
        for n, score in ((1, 5), (2, 4), (3, 4))
    ]
    (by,) = (group for group in reports.report(rated, promises(), NOW) if group.by == "severity")
    assert (by.ratings, by.satisfaction) == (3, 4.33)


def test_people_wait_for_the_first_answer_of_a_person_and_the_last_resolution() -> None:
    machine = Event(MONDAY + hours(0.5), H.STAFF_ANSWERED, "daemon", "x")
    t = story(
        1,
        machine,
        after(1, H.STAFF_ANSWERED),
        after(2, H.STAFF_ANSWERED),
        after(3, H.RESOLVED),
        after(9, H.RESOLVED),
    )
    assert reports.waited(t, "first_response") == hours(1)
    assert reports.waited(t, "resolution") == hours(9)
    assert reports.waited(t, "identification") is None
    assert reports.waited(replace(t, history=True), "resolution") is None


def test_a_row_holds_every_figure_of_its_group() -> None:
    (one,) = (group for group in reports.report([GOOD, LATE], promises(), NOW) if group.by == "partner")
    assert reports.as_row(one) == {
        "by": "partner", "name": "oakbridge.example", "tickets": 2,
        "first_response_in_time": 1, "first_response_missed": 1, "first_response_open": 0,
        "first_response_p50_seconds": 3600, "first_response_p90_seconds": 28800,
        "identification_in_time": 0, "identification_missed": 0, "identification_open": 0,
        "identification_p50_seconds": None, "identification_p90_seconds": None,
        "resolution_in_time": 1, "resolution_missed": 1, "resolution_open": 0,
        "resolution_p50_seconds": 18000, "resolution_p90_seconds": 18000,
        "ratings": 1, "satisfaction": 5.0,
    }  # fmt: skip


def test_a_chart_has_a_bar_for_each_group_that_decided_something() -> None:
    made = reports.report(
        [GOOD, LATE, story(7, severity="S1", partner_domain=None), PLAN], promises(), MONDAY
    )
    svg = reports.as_svg(reports.report([GOOD, LATE, replace(PLAN, severity=Severity.S2)], promises(), NOW))
    bar = (
        '<text x="10" y="{text}">{name}</text><rect x="180" y="{y}" width="240" height="18" fill="#eee"/>'
        '<rect x="180" y="{y}" width="{wide}" height="18" fill="#2a7"/><text x="430" y="{text}">{told}</text>'
    )
    assert svg == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="100" font-family="sans-serif" font-size="13">'
        '<text x="10" y="20" font-weight="bold">first response in time, by severity</text>'
        + bar.format(y=34, text=48, name="S2", wide=240, told="100% (1 of 1)")
        + bar.format(y=62, text=76, name="S3", wide=120, told="50% (1 of 2)")
        + "</svg>\n"
    )
    assert "<rect" not in reports.as_svg(made, kind="identification")


def test_volume_counts_by_the_hour_and_the_day_where_people_are() -> None:
    volume = reports.Volume(ZoneInfo("Asia/Tokyo"))
    for created in (at("2026-11-15 16:00"), at("2026-11-15 16:59"), at("2026-11-16 14:00")):
        volume.take(replace(ticket(created), history=True))
    assert volume.tickets == 3
    assert [(hour, n) for hour, n in enumerate(volume.hours) if n] == [(1, 2), (23, 1)]
    assert volume.days == [3, 0, 0, 0, 0, 0, 0]


# -- screen sharing


def test_the_section_is_compiled_whole() -> None:
    given = copy.deepcopy(sections()["screen_sharing"])
    given |= {
        "plans": [" Premium "], "tiers": ["advanced"], "minutes": 30, "hours": "letter-hours", "notice": "2h", "ahead": "9d",
        "reminders": ["1h", "2d", "1h"], "warn_before_end": "29m", "ask_summary_again": None,
        "meeting": {"template": "https://meet.example/{random}", "timeout": "60s"},
        "terms": {"version": "v7", "texts": {"en": " Yes? \n", "de": "Ja?"}},
    }  # fmt: skip
    ours = promising.build(changed(screen_sharing=given)).screen_sharing
    assert ours == screen_sharing.ScreenSharing(
        plans=frozenset({"premium"}), tiers=("advanced",), minutes=30, hours="letter-hours", notice=hours(2), ahead=9 * DAY,
        version="v7", texts={"en": " Yes? \n", "de": "Ja?"}, reminders=(as_span("2d"), as_span("1h")),
        warn_before_end=29 * MINUTE, ask_summary_again=None, template="https://meet.example/{random}",
        timeout=timedelta(seconds=60),
    )  # fmt: skip
    assert ours is not None
    english, german = ours.terms("fr"), ours.terms("de")
    assert (english, german) == (
        screen_sharing.Terms("v7", "en", "Yes?"),
        screen_sharing.Terms("v7", "de", "Ja?"),
    )
    assert english.digest != german.digest and english.digest == replace(english, version="v8").digest
    assert screen_sharing.DEFAULTS.terms("de") == screen_sharing.Terms("", "en", "")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"warn_before_end": "40m"}, "warn_before_end 40m is not within the 40 minutes"),
        ({"warn_before_end": "39m"}, ""),
        ({"notice": "60d"}, "notice 60d and ahead 60d leave no time to be offered"),
        ({"notice": "59d"}, ""),
        ({"reminders": ["1 business day"]}, "'1 business day' is counted round the clock here; write for example 1d or 1h"),
        ({"meeting": {"command": ["no-such-program-anywhere"]}}, "no-such-program-anywhere"),
        ({"meeting": {"command": ["/bin/true"]}}, ""),
        ({"meeting": {"command": ["/bin/true"], "timeout": "61s"}}, "timeout is from 1s to 60s"),
        ({"meeting": {"command": ["/bin/true"], "timeout": "1s"}}, ""),
        ({"meeting": {}}, "write either template or command"),
        ({"meeting": {"command": ["/bin/true"], "template": "https://m.example/x"}}, "write either template or command"),
        ({"meeting": {"template": "http://m.example/x"}}, "is not a link; it begins with https:// and has no blanks"),
        ({"meeting": {"template": "https://m.example/{tea}"}}, "unknown placeholder '{tea}'; known are reference, number, host, random, digits"),
        ({"meeting": {"template": "https://m.example/{host:x}"}}, "'{host}' stands alone in its braces, without ':' and '!'"),
        ({"meeting": {"template": "https://m.example/{host!r}"}}, "'{host}' stands alone in its braces, without ':' and '!'"),
        ({"terms": {"version": "1", "texts": {"de": "Ja?"}}}, "there are no English terms"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_in_the_section_is_told(change: dict[str, object], why: str) -> None:
    given = {**copy.deepcopy(sections()["screen_sharing"]), **change}
    if not why:
        promising.build(changed(screen_sharing=given))
        return
    with pytest.raises(ValidationError) as told:
        promising.build(changed(screen_sharing=given))
    assert why in str(told.value)


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://x.y", True), ("https://xy", False), ("https://" + "x" * 990, True), ("https://" + "x" * 991, False),
        ("https://m.example/a b", False), ("http://m.example/", False), ("https://m.example/\n", False),
    ],
)  # fmt: skip
def test_what_an_invitation_can_carry_as_its_link(link: str, good: bool) -> None:
    assert screen_sharing.is_link(link) is good


@pytest.mark.parametrize(
    ("code", "good"), [("", True), ("x" * 100, True), ("x" * 101, False), ("a\nb", False)]
)
def test_what_an_invitation_can_carry_as_its_passcode(code: str, good: bool) -> None:
    assert screen_sharing.is_passcode(code) is good
