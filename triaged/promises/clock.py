"""One promise's clock: how much of its target is used, when each share of it is reached. PURE.

A clock counts *shares* of its target: 0.75 is the warning, 1.0 the due time, 1.5 the second escalation.
`Clock` is the working state of one replay (promises/clocks.py) and never leaves it; what leaves is the
frozen `Commitment`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.promises.service_levels import Countdown, Policy
from triaged.spec import durations
from triaged.vocabulary import Severity

ClockState = Literal["running", "paused", "met", "missed", "cancelled"]


@frozen
class Commitment:
    """One promise as it stands. Moments are UTC; those still ahead are where they would fall if nothing
    changed; while paused, as if the partner answered now. `escalate_at` belongs to the policy's shares
    (100 %, 150 %). `cycle` counts the updates given, so that every round of "next update" is distinct.
    """

    kind: str
    policy: str
    severity: Severity
    started: datetime
    due: datetime
    limit: datetime | None
    warn_at: datetime
    escalate_at: tuple[datetime, ...]
    met_at: datetime | None
    state: ClockState
    used: timedelta  # open time used, on the target's own calendar
    paused: timedelta  # time on the wall while paused
    share: float  # of the target, 1.0 = all
    target: str  # as the rulebook writes it
    cycle: int
    arithmetic: tuple[str, ...]
    running: bool  # a missed one may run on, or stand still
    business: bool  # counted in business time alone: nobody is told of it in the night
    missed_before: tuple[tuple[int, datetime], ...] = ()  # (cycle, due) of rounds that ended missed

    @property
    def beyond_limit(self) -> bool:
        """Whether the outermost limit was passed before it was met."""
        return self.state == "missed" and self.limit is not None and (self.met_at or self.limit) > self.limit


@dataclass(slots=True)
class Count:
    """A countdown and how much of it is used."""

    countdown: Countdown
    used: timedelta = timedelta()

    @property
    def share(self) -> float:
        return self.used / self.countdown.length

    def reaches(self, share: float, since: datetime) -> datetime:
        """When `share` of it will be used, running since `since`."""
        left = self.countdown.length * share - self.used
        return self.countdown.calendar.add(since, max(left, timedelta()))


@dataclass(slots=True)
class Clock:
    """One promise's clock: counts while `since` is set; `passed` remembers when each share was reached."""

    kind: str
    policy: Policy
    severity: Severity
    started: datetime
    target: str
    counts: list[Count]
    limit_share: float | None
    since: datetime | None
    ran: list[tuple[datetime, datetime]] = field(default_factory=list)
    passed: dict[float, datetime] = field(default_factory=dict)
    paused_since: datetime | None = None
    paused: timedelta = timedelta()
    met_at: datetime | None = None
    cancelled: str = ""
    cycle: int = 0
    story: list[tuple[datetime, str]] = field(default_factory=list)
    missed_before: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def shares(self) -> tuple[float, ...]:
        own = (self.policy.warn_at, 1.0, *self.policy.escalate_at)
        return own if self.limit_share is None else (*own, self.limit_share)

    @property
    def share(self) -> float:
        return max(count.share for count in self.counts)

    @property
    def over(self) -> bool:
        return self.met_at is not None or bool(self.cancelled)

    def run_to(self, at: datetime) -> None:
        """Count up to `at`."""
        if self.since is None or at <= self.since:
            return
        for count in self.counts:
            before, calendar = count.used, count.countdown.calendar
            count.used += calendar.between(self.since, at)
            for share in self.shares:
                if before < count.countdown.length * share <= count.used:
                    reached = calendar.add(self.since, count.countdown.length * share - before)
                    self.passed[share] = min(reached, self.passed.get(share, reached))
        self.ran.append((self.since, at))
        self.since = at

    def pause(self, at: datetime, why: str) -> None:
        if self.since is None or self.over:
            return
        self.run_to(at)
        self.since, self.paused_since = None, at
        self.story.append((at, f"paused: {why}"))

    def go_on(self, at: datetime, why: str) -> None:
        if self.since is not None or self.over:
            return
        if self.paused_since is not None:
            self.paused += at - self.paused_since
        self.since, self.paused_since = at, None
        self.story.append((at, f"goes on: {why}"))

    def stop(self, at: datetime, why: str) -> None:
        if self.over:
            return
        self.run_to(at)
        self._end_pause(at)
        self.since, self.met_at = None, at
        self.story.append((at, f"met: {why}"))

    def cancel(self, at: datetime, why: str) -> None:
        if self.over:
            return
        self.run_to(at)
        self._remember_missed()
        self._end_pause(at)
        self.since, self.cancelled = None, why
        self.story.append((at, f"ends: {why}"))

    def take_up_again(self, at: datetime, why: str) -> None:
        """After a reopening: what was used stays used, the time between counts for nothing."""
        self.met_at, self.cancelled = None, ""
        self.go_on(at, why)

    def retarget(
        self, at: datetime, policy: Policy, severity: Severity, target: str,
        counts: Sequence[Countdown], limit_share: float | None,
    ) -> None:  # fmt: skip
        """Keep what was used, as time or as share, whichever is kinder."""
        self.run_to(at)
        share = self.share
        self.counts = [Count(c, min(self._time_on(c), c.length * share)) for c in counts]
        self.passed = {mark: when for mark, when in self.passed.items() if mark <= self.share + 1e-9}
        kept = f"{self.share:.0%} of it is used ({share:.0%} of {self.target} before)"
        self.policy, self.severity, self.target, self.limit_share = policy, severity, target, limit_share
        self.story.append((at, f"{severity}, {policy.name}: now {target}; {kept}"))

    def begin_round(self, at: datetime, why: str) -> None:
        """An update was given: the next one counts from here."""
        self.run_to(at)
        self._remember_missed()
        for count in self.counts:
            count.used = timedelta()
        self.passed, self.ran, self.started = {}, [], at
        self.paused, self.cycle = timedelta(), self.cycle + 1
        self.paused_since = at if self.paused_since is not None else None
        self.story = [(at, f"counts anew: {why}")]

    def tell(self, now: datetime, zone: ZoneInfo) -> Commitment:
        """The commitment as of `now`."""
        self.run_to(now)
        paused = self.paused + (now - self.paused_since if self.paused_since else timedelta())
        due = self._moment(1.0, now)
        return Commitment(
            self.kind, self.policy.name, self.severity, self.started, due,
            None if self.limit_share is None else self._moment(self.limit_share, now),
            self._moment(self.policy.warn_at, now),
            tuple(self._moment(share, now) for share in self.policy.escalate_at),
            self.met_at, self._state(), max(c.used for c in self.counts), paused, self.share,
            self.target, self.cycle, self._arithmetic(due, paused, zone), self.since is not None,
            not any(c.countdown.calendar.always_open for c in self.counts), tuple(self.missed_before),
        )  # fmt: skip

    def _moment(self, share: float, now: datetime) -> datetime:
        if share in self.passed:
            return self.passed[share]
        since = self.since or self.met_at or now
        return min(count.reaches(share, since) for count in self.counts)

    def _state(self) -> ClockState:
        if 1.0 in self.passed and not self.cancelled:
            return "missed"
        if self.cancelled:
            return "cancelled"
        if self.met_at is not None:
            return "met"
        return "running" if self.since is not None else "paused"

    def _remember_missed(self) -> None:
        """A round that ends missed stays missed, though nobody looked (the daemon was down)."""
        if 1.0 in self.passed:
            self.missed_before.append((self.cycle, self.passed[1.0]))

    def _time_on(self, countdown: Countdown) -> timedelta:
        return sum((countdown.calendar.between(a, b) for a, b in self.ran), timedelta())

    def _end_pause(self, at: datetime) -> None:
        if self.paused_since is not None:
            self.paused += at - self.paused_since
            self.paused_since = None

    def _arithmetic(self, due: datetime, paused: timedelta, zone: ZoneInfo) -> tuple[str, ...]:
        def when(at: datetime) -> str:
            return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"

        calendars = ", ".join(sorted({c.countdown.calendar.name for c in self.counts}))
        lines = [f"{when(self.started)} starts: {self.target} on calendar {calendars} ({zone.key})"]
        lines += [f"{when(at)} {what}" for at, what in self.story]
        used = max(self.counts, key=lambda c: c.share)
        lines.append(
            f"used {durations.show(used.used)} of {durations.show(used.countdown.length)} ({self.share:.0%}), "
            f"paused {durations.show(paused)}"
        )
        lines.append(f"{when(due)} due" + (" if the partner answered now" if self.paused_since else ""))
        return tuple(lines)
