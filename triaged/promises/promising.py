"""From the rulebook's sections on time to `Promises`: names followed, calendars built. PURE.

Everything that can be wrong with them is told here, with its place in the YAML, before anything counts on it.
"""

from __future__ import annotations

import itertools
from calendar import isleap
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from triaged.promises import calendars
from triaged.promises import screen_sharing as sharing
from triaged.promises.calendars import Calendar
from triaged.promises.commitments import COMMITMENTS
from triaged.promises.screen_sharing import ScreenSharingSpec
from triaged.promises.sections import (
    SECTIONS,
    WEEKDAYS,
    CalendarSpec,
    PolicySpec,
    RegionSpec,
    SchedulesSpec,
    TargetsSpec,
)
from triaged.promises.service_levels import ALWAYS, Policy, Promises, Target
from triaged.promises.spans import hours
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.sections import SpecError
from triaged.vocabulary import Severity


def compile_promises(
    calendar_specs: Mapping[str, CalendarSpec],
    regions: Mapping[str, RegionSpec],
    policy_specs: Mapping[str, PolicySpec],
    schedules: SchedulesSpec,
    sending: Mapping[str, str],
    screen_sharing: ScreenSharingSpec | None = None,
) -> Promises:
    """Every name followed, every calendar built for every region. Raises SpecError."""
    known = {ALWAYS, *calendar_specs}
    _follow_names(known, policy_specs, schedules, sending)
    if screen_sharing is not None:
        _known_calendar(("screen_sharing", "hours"), screen_sharing.hours, known)
    holidays = {code: _regional_holidays(code, region) for code, region in regions.items()}
    built = {
        (name, code): _build_calendar(name, spec, regions.get(code), holidays.get(code, {}))
        for name, spec in calendar_specs.items()
        for code in ("", *regions)
    }
    policies = {name: _policy(name, spec) for name, spec in policy_specs.items()}
    offered = sharing.compiled(screen_sharing) if screen_sharing is not None else None
    return Promises(dict(regions), policies, schedules, dict(sending), built, offered)


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
    for path, name in uses:
        _known_calendar(path, name, known)


def _known_calendar(path: tuple[str, ...], name: str, known: set[str]) -> None:
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
            at: () if given == "closed" else _stretches(("calendars", name, "company_days", day), given)
            for day, given in special.items()
            for at in _dates(day)
        },
    )


def _dates(day: str) -> Iterator[date]:
    """The dates that `2026-12-24` or, for every year, `12-24` names."""
    if len(day) > len("12-24"):
        yield date.fromisoformat(day)
        return
    for year in calendars.YEARS:
        if day != "02-29" or isleap(year):
            yield date.fromisoformat(f"{year}-{day}")


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
        for kind in COMMITMENTS:
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


def build(sections: Mapping[str, Any]) -> Promises:
    """The compiled promises of the rulebook's sections, given as models or as plain data.

    Raises SpecError where names lead nowhere; pydantic's ValidationError where plain data has a wrong shape.
    """
    given = {name: _model(name, sections.get(name)) for name in SECTIONS if name != "screen_sharing"}
    offered = sections.get("screen_sharing")
    return compile_promises(
        given["calendars"].root,
        given["regions"].root,
        given["service_levels"].root,
        given["schedules"],
        given["sending_hours"].root,
        _model("screen_sharing", offered) if offered is not None else None,
    )


def _model(name: str, value: Any) -> Any:
    kind = SECTIONS[name]
    return value if isinstance(value, kind) else kind.model_validate({} if value is None else value)
