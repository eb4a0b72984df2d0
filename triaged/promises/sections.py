"""What the rulebook says about time, as pydantic models: calendars, regions, service levels, schedules.

PURE. The rulebook's reader merges the YAML files, checks each section against `SECTIONS` and calls
`promising.build`, which answers with frozen `Promises` or raises `SpecError` naming the place in the YAML.
Spans are written as people say them: `15m` counts round the clock, `4 business hours` and
`1 business day` count on the calendar of the ticket's region, so a target says itself how it is counted.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    RootModel,
    model_validator,
)

from triaged.promises.screen_sharing import ScreenSharingSpec
from triaged.promises.spans import Span, as_span, hours, parse_span
from triaged.spec.sections import Section, Zone

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _hours(value: str) -> str:
    hours(value)
    return value


def _day(value: str) -> str:
    every_year = re.fullmatch(r"\d\d-\d\d", value)
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{value}" if every_year else value)
    except ValueError:
        raise ValueError(
            f"{value!r} is not a date; write 2026-12-24, or 12-24 for every year, in quotes"
        ) from None
    return value


def _whole_days(value: Span) -> Span:
    """Letters tell it in days, and it is counted on the wall."""
    if value.counted != "clock" or value.length < timedelta(days=1):
        raise ValueError(f"{value.text!r} is counted in days round the clock here; write for example 14d")
    return value


Spans = Annotated[
    Span,
    BeforeValidator(as_span, json_schema_input_type=str),
    PlainSerializer(lambda s: s.text, return_type=str),
]
Hours = Annotated[str, AfterValidator(_hours)]
Day = Annotated[str, AfterValidator(_day)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LEAP_YEAR = 2024  # in which each day that any year has is a date
WORKING_WEEK: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
Percent = Annotated[int, Field(ge=1, le=1000)]


class HolidaySpec(Section):
    """The public holidays of a country, and of a part of it."""

    country: Annotated[str, Field(description="ISO 3166 code", examples=["DE"])]
    subdivision: str | None = None


class CalendarSpec(Section):
    """When people are at work. What says `region` is taken from the region of the ticket."""

    why: str = ""
    always_open: Annotated[bool, Field(description="Round the clock, 365 days; nothing else is given")] = (
        False
    )
    hours: list[Hours] = []
    days: Literal["region"] | list[Weekday] = "region"
    time_zone: Literal["region"] | Zone = "region"
    holidays: Literal["region", "none"] | HolidaySpec = "region"
    company_days: Annotated[
        dict[Day, Literal["closed"] | list[Hours]],
        Field(
            description="Single days that differ, of one year or of every year: closed, or other hours",
            examples=[{"2026-12-24": "closed", "12-31": "closed"}],
        ),
    ] = {}

    @model_validator(mode="after")
    def _open_some_time(self) -> CalendarSpec:
        if self.always_open == bool(self.hours):
            raise ValueError("write either always_open: true or the hours")
        if self.days == []:
            raise ValueError("no day of the week is open")
        return self


class RegionSpec(Section):
    """A region's country, time zone and week."""

    country: str
    time_zone: Zone
    subdivision: str | None = None
    week: Annotated[list[Weekday], Field(min_length=1)] = list(WORKING_WEEK)
    company_days: dict[Day, Literal["closed"] | list[Hours]] = {}


class TargetSpec(Section):
    """A commitment in full: either `target`, or `in_hours` with `outside`; `limit` is the outermost."""

    target: Spans | None = None
    in_hours: Annotated[Spans | None, Field(description="when the clock starts in business hours")] = None
    outside: Annotated[Spans | None, Field(description="when it starts outside them")] = None
    limit: Spans | None = None

    @model_validator(mode="after")
    def _one_way(self) -> TargetSpec:
        if (self.target is None) == (self.in_hours is None) or (self.in_hours is None) != (
            self.outside is None
        ):
            raise ValueError("write either target, or in_hours and outside")
        return self


def _target(value: Any) -> Any:
    return {"target": value} if isinstance(value, str) else value


Target = Annotated[TargetSpec, BeforeValidator(_target, json_schema_input_type=str | TargetSpec)]


class TargetsSpec(Section):
    """What is promised for one severity; what is left out is not promised."""

    first_response: Target | None = None
    identification: Target | None = None
    resolution: Target | None = None
    next_update: Target | None = None


SeverityOrAny = Literal["S1", "S2", "S3", "S4", "any"]


class PolicySpec(Section):
    """A service level. `targets` by severity, `any` for those not named; `plans` differ for a plan."""

    why: str = ""
    calendar: Annotated[str, Field(description="the calendar that `business` means here")] = "business"
    first_response_met_by: Literal["human_answer", "acknowledgment"] = "human_answer"
    runs_while_unidentified: Annotated[
        list[Literal["S1", "S2", "S3", "S4"]],
        Field(description="severities whose clocks run while we ask for the identifiers"),
    ] = ["S1", "S2"]
    warn_at: Annotated[int, Field(ge=1, le=99, description="share of a target, in per cent")] = 75
    escalate_at: Annotated[list[Percent], Field(max_length=2)] = [100, 150]
    still_working_every: Annotated[
        Spans | None,
        Field(description="how often the partner may get an update without news; left out: never"),
    ] = None
    targets: Annotated[dict[SeverityOrAny, TargetsSpec], Field(min_length=1)]
    plans: dict[str, dict[SeverityOrAny, TargetsSpec]] = {}


class MissingSpec(Section):
    """Reminders while the identifiers are missing, then staff are told."""

    remind_after: list[Spans] = []
    tell_staff_after: Spans | None = None


class WaitingSpec(Section):
    """Reminders while we wait for the partner, then the ticket is resolved with a notice."""

    remind_after: list[Spans] = []
    resolve_after: Spans | None = None


class CaseSpec(Section):
    """Engineering cases: when a fix nobody contradicts counts as confirmed."""

    remind_after: list[Spans] = []
    confirm_after: Spans | None = None


class SchedulesSpec(Section):
    """What happens when nothing happens."""

    calendar: str = "business"
    missing_information: MissingSpec = MissingSpec()
    waiting: WaitingSpec = WaitingSpec()
    case: CaseSpec = CaseSpec()
    close_after_resolved: Spans = parse_span("14d")
    reopen_within: Annotated[Spans, AfterValidator(_whole_days)] = parse_span("14d")
    digest_at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:00"
    answer_means_waiting: Annotated[
        bool, Field(description="an answer of staff sets the ticket waiting on the partner")
    ] = True
    digest_calendar: str = "business"


class Calendars(RootModel[dict[str, CalendarSpec]]):
    """Calendars by name."""


class Regions(RootModel[dict[str, RegionSpec]]):
    """Regions by their code in the directory."""


class ServiceLevels(RootModel[dict[str, PolicySpec]]):
    """Policies by name."""


class SendingHours(RootModel[dict[str, Annotated[str, Field(description="a calendar's name, or any")]]]):
    """Kind of letter -> the calendar inside whose hours it leaves; `any`: at any time (also if not named)."""


SECTIONS: dict[str, type[BaseModel]] = {
    "calendars": Calendars,
    "regions": Regions,
    "service_levels": ServiceLevels,
    "schedules": SchedulesSpec,
    "sending_hours": SendingHours,
    "screen_sharing": ScreenSharingSpec,
}
