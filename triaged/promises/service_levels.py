"""What is promised: policies, the calendars and regions they count on, and the schedules of silence. PURE.

`Promises` is the compiled form of the rulebook's sections on time (promises/sections.py). A policy's target
for a severity becomes *countdowns* when a clock starts: so much open time on a calendar; the first of
them to run out is the due time. S2 of `standard` has two when it starts in business hours: its business
hour, and the four hours that count at any time, so that a request at a quarter to closing is never
answered later than one that came at night.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from triaged.frozen import frozen
from triaged.promises import calendars
from triaged.promises.calendars import Calendar
from triaged.promises.screen_sharing import DEFAULTS, ScreenSharing
from triaged.promises.sections import RegionSpec, SchedulesSpec
from triaged.promises.spans import Span
from triaged.vocabulary import Severity

ALWAYS = "round-the-clock"
ANY_TIME = calendars.round_the_clock(ALWAYS)


@frozen
class Countdown:
    """So much open time on a calendar."""

    length: timedelta
    calendar: Calendar
    text: str


@frozen
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


@frozen
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

    @property
    def acknowledgment_counts(self) -> bool:
        """Whether the acknowledgment keeps the commitments that it may keep."""
        return self.first_response_met_by == "acknowledgment"

    def target(self, kind: str, severity: Severity, plan: str | None) -> Target | None:
        """What is promised; None: nothing. A plan's own table comes before the general one."""
        for table in (self.plans.get((plan or "").casefold(), {}), self.targets):
            for key in (str(severity), "any"):
                if key in table:
                    return table[key].get(kind)
        return None


@dataclass(frozen=True, slots=True)
class Promises:
    """Everything the rulebook promises about time. `screen_sharing` None: no sessions are offered."""

    regions: Mapping[str, RegionSpec]
    policies: Mapping[str, Policy]
    schedules: SchedulesSpec
    sending: Mapping[str, str]
    _calendars: Mapping[tuple[str, str], Calendar] = field(repr=False)
    screen_sharing: ScreenSharing | None = None

    @property
    def sharing(self) -> ScreenSharing:
        """By what a session that stands goes on: the section, or the defaults where it was taken out."""
        return self.screen_sharing or DEFAULTS

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
        """What `span` amounts to from `start` on: a business day is the same clock time, next working day.

        Outside business hours it begins at the next opening, so that no solution is promised before the
        first answer.
        """
        business = self.calendar(calendar, region)
        if span.counted == "clock":
            return Countdown(span.length, ANY_TIME, span.text)
        if span.counted == "hours":
            return Countdown(span.length, business, span.text)
        whole = business.whole_days()
        end = business.add_business_days(start, span.days)
        return Countdown(whole.between(start, end), whole, span.text)

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
