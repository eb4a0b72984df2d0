"""What became of the promises: in time or missed, how long people waited, how content they were. PURE.

"Human first response" is the first answer of a person; the automatic acknowledgment never counts as it,
whatever the policy lets stop its clock. Times waited are on the wall, as the partner felt them.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from triaged.frozen import frozen
from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS, REPORTED
from triaged.promises.service_levels import Promises
from triaged.spec import durations
from triaged.tickets.event_data import Rated
from triaged.tickets.ticket import Happening, Ticket

GROUPS = ("policy", "severity", "partner", "mailbox")
READ = clocks.READ | {Happening.RATED}  # of a ticket's story; else only when it ended counts
_MICROSECOND = timedelta(microseconds=1)
T = TypeVar("T", int, timedelta)


@frozen
class Kept:
    """One kind of promise in a group. `open`: neither met nor missed yet. `p50`, `p90`: waited, on the wall."""

    kind: str
    in_time: int
    missed: int
    open: int
    p50: timedelta | None
    p90: timedelta | None

    @property
    def share(self) -> float | None:
        """Kept in time, of those decided; None while none is."""
        decided = self.in_time + self.missed
        return self.in_time / decided if decided else None


@frozen
class Breach:
    """One promise missed, and the arithmetic that says why."""

    reference: str
    kind: str
    due: datetime
    met_at: datetime | None
    beyond_limit: bool
    why: str


@frozen
class Group:
    """The tickets of one policy, severity, partner or mailbox."""

    by: str
    name: str
    tickets: int
    kept: tuple[Kept, ...]
    breaches: tuple[Breach, ...]
    ratings: int
    satisfaction: float | None  # mean of 1 to 5


def report(tickets: Iterable[Ticket], promises: Promises, now: datetime) -> tuple[Group, ...]:
    """Every group that has tickets, by `GROUPS`, names in order. History is left out: nothing was promised."""
    tally = Tally(promises, now)
    for ticket in tickets:
        tally.take(ticket)
    return tally.groups()


class Tally:
    """A report in the making: tickets pass by, in any order, and numbers stay."""

    def __init__(self, promises: Promises, now: datetime) -> None:
        self._promises, self._now = promises, now
        self._groups: dict[tuple[str, str], _Counts] = {}

    def take(self, ticket: Ticket) -> None:
        """Count a ticket, of which no more need be there than reports read (`READ`)."""
        if ticket.history:
            return
        commitments = clocks.commitments(ticket, self._promises, self._now)
        breaches = [(ticket.id, _breach(ticket, c)) for c in commitments if c.state == "missed"]
        waits = [
            (kind, wait // _MICROSECOND) for kind in REPORTED if (wait := waited(ticket, kind)) is not None
        ]
        score = _rating(ticket)
        for by, name in zip(GROUPS, _names(ticket), strict=True):
            counts = self._groups.setdefault((by, name), _Counts())
            counts.add(commitments, waits, score)
            counts.breaches += breaches

    def groups(self) -> tuple[Group, ...]:
        """What was counted so far."""
        ordered = sorted(self._groups.items(), key=lambda one: (GROUPS.index(one[0][0]), one[0][1]))
        return tuple(counts.group(by, name) for (by, name), counts in ordered)


@dataclass(slots=True)
class _Counts:
    """One group's numbers. Waits are microseconds: a million of them take eight megabytes."""

    tickets: int = 0
    ratings: int = 0
    scores: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    waits: dict[str, array[int]] = field(default_factory=lambda: {kind: array("q") for kind in REPORTED})
    breaches: list[tuple[int, Breach]] = field(default_factory=list)

    def add(
        self, commitments: Sequence[Commitment], waits: Sequence[tuple[str, int]], score: int | None
    ) -> None:
        """One more ticket."""
        self.tickets += 1
        for one in commitments:
            self.states[one.kind, one.state] += 1
        for kind, wait in waits:
            self.waits[kind].append(wait)
        if score is not None:
            self.ratings += 1
            self.scores += score

    def group(self, by: str, name: str) -> Group:
        """As it is told: what was missed in the order of the tickets."""
        breaches = tuple(breach for _, breach in sorted(self.breaches, key=lambda one: one[0]))
        mean = round(self.scores / self.ratings, 2) if self.ratings else None
        return Group(by, name, self.tickets, tuple(map(self._kept, REPORTED)), breaches, self.ratings, mean)

    def _kept(self, kind: str) -> Kept:
        waits = sorted(self.waits[kind])  # once for both
        p50, p90 = (
            None if (rank := percentile(waits, share)) is None else rank * _MICROSECOND
            for share in (0.5, 0.9)
        )
        met, missed, running, paused = (
            self.states[kind, state] for state in ("met", "missed", "running", "paused")
        )
        return Kept(kind, met, missed, running + paused, p50, p90)


class Volume:
    """How many tickets came, by the hour of the day (24) and by the day of the week (7, Monday first) in a zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.tickets = 0
        self.hours, self.days = [0] * 24, [0] * 7

    def take(self, ticket: Ticket) -> None:
        """Count a ticket, history too."""
        local = ticket.created_at.astimezone(self._zone)
        self.tickets += 1
        self.hours[local.hour] += 1
        self.days[local.weekday()] += 1


def waited(ticket: Ticket, kind: str) -> timedelta | None:
    """From the request to the first human answer, the identification or the (last) resolution."""
    row, began = COMMITMENTS[kind], clocks.began(ticket)
    ends = [e.at for e in ticket.events if e.kind is row.met_by and e.actor != "daemon"]
    if began is None or not ends:
        return None
    return (ends[-1] if row.reopens else ends[0]) - began


def percentile(values: Iterable[T], share: float) -> T | None:
    """The nearest-rank percentile: a value that was really there; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def as_row(group: Group) -> dict[str, Any]:
    """A group as one flat row, for `--json` and `--csv`; spans in whole seconds."""
    row: dict[str, Any] = {"by": group.by, "name": group.name, "tickets": group.tickets}
    for kept in group.kept:
        row[f"{kept.kind}_in_time"], row[f"{kept.kind}_missed"] = kept.in_time, kept.missed
        row[f"{kept.kind}_open"] = kept.open
        for name, span in (("p50", kept.p50), ("p90", kept.p90)):
            row[f"{kept.kind}_{name}_seconds"] = None if span is None else round(span.total_seconds())
    row["ratings"], row["satisfaction"] = group.ratings, group.satisfaction
    return row


def as_svg(groups: Sequence[Group], kind: str = "first_response", by: str = "severity") -> str:
    """A bar a group: the share of promises of this kind kept in time. Self-contained SVG."""
    rows = [
        (g.name, k) for g in groups if g.by == by for k in g.kept if k.kind == kind and k.share is not None
    ]
    bars = "".join(_bar(10 + 28 * n + 24, name, kept) for n, (name, kept) in enumerate(rows))
    height = 44 + 28 * len(rows)
    title = escape(f"{kind.replace('_', ' ')} in time, by {by}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="560" height="{height}" font-family="sans-serif" '
        f'font-size="13"><text x="10" y="20" font-weight="bold">{title}</text>{bars}</svg>\n'
    )


def _bar(y: int, name: str, kept: Kept) -> str:
    share = kept.share or 0.0
    told = f"{share:.0%} ({kept.in_time} of {kept.in_time + kept.missed})"
    return (
        f'<text x="10" y="{y + 14}">{escape(name[:24])}</text>'
        f'<rect x="180" y="{y}" width="240" height="18" fill="#eee"/>'
        f'<rect x="180" y="{y}" width="{round(240 * share)}" height="18" fill="#2a7"/>'
        f'<text x="430" y="{y + 14}">{told}</text>'
    )


def _names(ticket: Ticket) -> tuple[str, str, str, str]:
    return ticket.service_level, str(ticket.severity), ticket.partner_domain or "unknown", ticket.mailbox


def _breach(ticket: Ticket, c: Commitment) -> Breach:
    answered = f"met {durations.show(c.met_at - c.due)} late" if c.met_at else "not met yet"
    why = f"{c.target}: {c.share:.0%} used, paused {durations.show(c.paused)}, {answered}"
    return Breach(ticket.reference, c.kind, c.due, c.met_at, c.beyond_limit, why)


def _rating(ticket: Ticket) -> int | None:
    """The last rating: people may change their mind."""
    scores = [Rated.of(e).score for e in ticket.events if e.kind is Happening.RATED]
    return next((score for score in reversed(scores) if score), None)
