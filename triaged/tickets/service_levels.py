"""What is promised: policies, the calendars and regions they count on, and the schedules of silence. PURE.

`Promises` is the compiled form of the rulebook's sections on time (tickets/specs.py). A policy's target
for a severity becomes *countdowns* when a clock starts: so much open time on a calendar; the first of
them to run out is the due time. S2 of `standard` has two when it starts in business hours: its business
hour, and the four hours that count at any time, so that a request at a quarter to closing is never
answered later than one that came at night.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from triaged.letters.specs import PARTNER_KINDS, STAFF_KINDS
from triaged.suggest import did_you_mean
from triaged.tickets import calendars
from triaged.tickets.calendars import Calendar
from triaged.tickets.specs import (
    WEEKDAYS,
    CalendarSpec,
    PolicySpec,
    RegionSpec,
    SchedulesSpec,
    Span,
    SpecError,
    TargetsSpec,
    hours,
)
from triaged.values import Severity

LETTER_KINDS = (*PARTNER_KINDS, *STAFF_KINDS)
KINDS = ("first_response", "identification", "resolution", "next_update")
ALWAYS = "round-the-clock"
ANY_TIME = calendars.round_the_clock(ALWAYS)


@dataclass(frozen=True, slots=True)
class Countdown:
    """So much open time on a calendar."""

    length: timedelta
    calendar: Calendar
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """One commitment of a policy. Either `target`, or `in_hours` and `outside`."""

    target: Span | None
    in_hours: Span | None
    outside: Span | None
    limit: Span | None

    @property
    def text(self) -> str:
        """The target as the rulebook writes it."""
        if self.target is not None:
            return self.target.text
        assert self.in_hours is not None and self.outside is not None
        return f"{self.in_hours.text} in business hours, {self.outside.text} outside"


@dataclass(frozen=True, slots=True)
class Policy:
    """A service level. `targets` and `plans` hold severity ("any" for the rest) -> kind -> Target."""

    name: str
    calendar: str
    first_response_met_by: Literal["human_answer", "acknowledgment"]
    runs_while_unidentified: frozenset[Severity]
    warn_at: float
    escalate_at: tuple[float, ...]
    still_working_every: Span | None
    targets: Mapping[str, Mapping[str, Target]]
    plans: Mapping[str, Mapping[str, Mapping[str, Target]]]

    def target(self, kind: str, severity: Severity, plan: str | None) -> Target | None:
        """What is promised; None: nothing. A plan's own table comes before the general one."""
        for table in (self.plans.get((plan or "").casefold(), {}), self.targets):
            for key in (str(severity), "any"):
                if key in table:
                    return table[key].get(kind)
        return None


@dataclass(frozen=True, slots=True)
class Promises:
    """Everything the rulebook promises about time."""

    regions: Mapping[str, RegionSpec]
    policies: Mapping[str, Policy]
    schedules: SchedulesSpec
    sending: Mapping[str, str]
    _calendars: Mapping[tuple[str, str], Calendar] = field(repr=False)

    def calendar(self, name: str, region: str = "") -> Calendar:
        """The calendar as it holds in a region; an unknown region counts as none (UTC, no holidays)."""
        if name == ALWAYS:
            return self._calendars.get((name, ""), ANY_TIME)
        found = self._calendars.get((name, region)) or self._calendars.get((name, ""))
        return found or ANY_TIME

    def policy(self, name: str) -> Policy | None:
        """The service level of that name."""
        return self.policies.get(name)

    def sending_calendar(self, kind: str, region: str) -> Calendar | None:
        """The calendar inside whose hours a kind of letter leaves; None: at any time."""
        name = self.sending.get(kind, "any")
        return None if name == "any" else self.calendar(name, region)

    def countdown(self, span: Span, calendar: str, region: str, start: datetime) -> Countdown:
        """What `span` amounts to from `start` on: a business day is the same clock time, next working day."""
        business = self.calendar(calendar, region)
        if span.counted == "clock":
            return Countdown(span.length, ANY_TIME, span.text)
        if span.counted == "hours":
            return Countdown(span.length, business, span.text)
        whole = business.whole_days()
        end = business.add_business_days(start, span.days)
        length = whole.between(start, end)
        # From a Saturday's midnight to Monday's no working time passes: count the days themselves then.
        return Countdown(length or timedelta(days=span.days), whole, span.text)

    def after(self, span: Span, calendar: str, region: str, start: datetime) -> datetime:
        """The moment `span` after `start`, UTC."""
        if span.counted == "days":
            return self.calendar(calendar, region).add_business_days(start, span.days)
        counted = self.countdown(span, calendar, region, start)
        return counted.calendar.add(start.astimezone(UTC), counted.length)

    def countdowns(
        self, target: Target, policy: Policy, region: str, start: datetime
    ) -> tuple[Countdown, ...]:
        """The countdowns that a clock with this target starts with; the first to end is due."""

        def count(span: Span) -> Countdown:
            return self.countdown(span, policy.calendar, region, start)

        if target.target is not None:
            return (count(target.target),)
        assert target.in_hours is not None and target.outside is not None
        outside = count(target.outside)
        business = self.calendar(policy.calendar, region)
        if not business.is_open(start):
            return (outside,)
        inside = Countdown(target.in_hours.length, business, f"{target.in_hours.text} in business hours")
        return (inside, outside) if target.in_hours.counted == "clock" else (count(target.in_hours), outside)


def compile_promises(
    calendar_specs: Mapping[str, CalendarSpec],
    regions: Mapping[str, RegionSpec],
    policy_specs: Mapping[str, PolicySpec],
    schedules: SchedulesSpec,
    sending: Mapping[str, str],
) -> Promises:
    """Every name followed, every calendar built for every region. Raises SpecError."""
    known = {ALWAYS, *calendar_specs}
    _follow_names(known, policy_specs, schedules, sending)
    holidays = {code: _regional_holidays(code, region) for code, region in regions.items()}
    built = {
        (name, code): _build_calendar(name, spec, regions.get(code), holidays.get(code, {}))
        for name, spec in calendar_specs.items()
        for code in ("", *regions)
    }
    policies = {name: _policy(name, spec) for name, spec in policy_specs.items()}
    return Promises(dict(regions), policies, schedules, dict(sending), built)


def _follow_names(
    known: set[str], policies: Mapping[str, PolicySpec], schedules: SchedulesSpec, sending: Mapping[str, str]
) -> None:
    uses: list[tuple[tuple[str, ...], str]] = []
    if policies:
        uses += [(("service_levels", name, "calendar"), spec.calendar) for name, spec in policies.items()]
        uses += [
            (("schedules", "calendar"), schedules.calendar),
            (("schedules", "digest_calendar"), schedules.digest_calendar),
        ]
    uses += [(("sending_hours", kind), name) for kind, name in sending.items() if name != "any"]
    for kind in sending:
        if kind not in LETTER_KINDS:
            near = did_you_mean(kind, LETTER_KINDS)
            raise SpecError(("sending_hours", kind), f"there is no kind of letter '{kind}'{near}")
    for path, name in uses:
        if name not in known:
            raise SpecError(path, f"unknown calendar '{name}'{did_you_mean(name, known)}")


def _regional_holidays(code: str, region: RegionSpec) -> Mapping[date, str]:
    try:
        return calendars.public_holidays(region.country, region.subdivision)
    except ValueError as error:
        raise SpecError(("regions", code, "country"), str(error)) from None


def _build_calendar(
    name: str, spec: CalendarSpec, region: RegionSpec | None, regional: Mapping[date, str]
) -> Calendar:
    zone = ZoneInfo(spec.time_zone if spec.time_zone != "region" else region.time_zone if region else "UTC")
    if spec.always_open:
        return Calendar(name, zone, always_open=True)
    days = spec.days if spec.days != "region" else region.week if region else WEEKDAYS[:5]
    stretches = _stretches(("calendars", name, "hours"), spec.hours)
    special = {**(region.company_days if region else {}), **spec.company_days}
    return Calendar(
        name,
        zone,
        tuple(stretches if day in days else () for day in WEEKDAYS),
        _closed(name, spec, regional),
        {
            date.fromisoformat(day): ()
            if given == "closed"
            else _stretches(("calendars", name, "company_days", day), given)
            for day, given in special.items()
        },
    )


def _closed(name: str, spec: CalendarSpec, regional: Mapping[date, str]) -> Mapping[date, str]:
    if spec.holidays == "region":
        return regional
    if spec.holidays == "none":
        return {}
    try:
        return calendars.public_holidays(spec.holidays.country, spec.holidays.subdivision)
    except ValueError as error:
        raise SpecError(("calendars", name, "holidays"), str(error)) from None


def _stretches(path: tuple[str, ...], texts: list[str]) -> tuple[tuple[int, int], ...]:
    found = sorted(hours(text) for text in texts)
    for one, two in itertools.pairwise(found):
        if two[0] < one[1]:
            raise SpecError(path, "two stretches of hours overlap")
    return tuple(found)


def _policy(name: str, spec: PolicySpec) -> Policy:
    return Policy(
        name=name,
        calendar=spec.calendar,
        first_response_met_by=spec.first_response_met_by,
        runs_while_unidentified=frozenset(map(Severity, spec.runs_while_unidentified)),
        warn_at=spec.warn_at / 100,
        escalate_at=tuple(sorted(share / 100 for share in spec.escalate_at)),
        still_working_every=spec.still_working_every,
        targets=_table(("service_levels", name, "targets"), spec.targets),
        plans={
            plan.casefold(): _table(("service_levels", name, "plans", plan), table)
            for plan, table in spec.plans.items()
        },
    )


def _table(
    path: tuple[str, ...],
    specs: Mapping[str, TargetsSpec] | Mapping[Literal["S1", "S2", "S3", "S4", "any"], TargetsSpec],
) -> Mapping[str, Mapping[str, Target]]:
    table: dict[str, dict[str, Target]] = {}
    for severity, spec in specs.items():
        row: dict[str, Target] = {}
        for kind in KINDS:
            given = getattr(spec, kind)
            if given is None:
                continue
            target = Target(given.target, given.in_hours, given.outside, given.limit)
            _limit_is_outermost((*path, severity, kind, "limit"), target)
            row[kind] = target
        table[severity] = row
    return table


def _limit_is_outermost(path: tuple[str, ...], target: Target) -> None:
    inner = target.target or target.outside
    if target.limit is None or inner is None:
        return
    if target.limit.counted != inner.counted:
        raise SpecError(path, f"limit {target.limit.text!r} is counted otherwise than {inner.text!r}")
    if (target.limit.days, target.limit.length) < (inner.days, inner.length):
        raise SpecError(path, f"limit {target.limit.text!r} is shorter than the target {inner.text!r}")
