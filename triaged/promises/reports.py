"""What became of the promises: in time or missed, how long people waited, how content they were. PURE.

"Human first response" is the first answer of a person; the automatic acknowledgment never counts as it,
whatever the policy lets stop its clock. Times waited are on the wall, as the partner felt them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from xml.sax.saxutils import escape

from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS, REPORTED
from triaged.promises.service_levels import Promises
from triaged.spec import durations
from triaged.tickets.event_data import Rated
from triaged.tickets.ticket import Happening, Ticket

GROUPS = ("policy", "severity", "partner", "mailbox")


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise missed, and the arithmetic that says why."""

    reference: str
    kind: str
    due: datetime
    met_at: datetime | None
    beyond_limit: bool
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The tickets of one policy, severity, partner or mailbox."""

    by: str
    name: str
    tickets: int
    kept: tuple[Kept, ...]
    breaches: tuple[Breach, ...]
    ratings: int
    satisfaction: float | None  # mean of 1 to 5


def report(tickets: Sequence[Ticket], promises: Promises, now: datetime) -> tuple[Group, ...]:
    """Every group that has tickets, by `GROUPS`, names in order. History is left out: nothing was promised."""
    told = [(t, clocks.commitments(t, promises, now)) for t in tickets if not t.history]
    groups: dict[tuple[str, str], list[tuple[Ticket, tuple[Commitment, ...]]]] = {}
    for ticket, commitments in told:
        for by, name in zip(GROUPS, _names(ticket), strict=True):
            groups.setdefault((by, name), []).append((ticket, commitments))
    ordered = sorted(groups, key=lambda key: (GROUPS.index(key[0]), key[1]))
    return tuple(_group(by, name, groups[by, name]) for by, name in ordered)


def waited(ticket: Ticket, kind: str) -> timedelta | None:
    """From the request to the first human answer, the identification or the (last) resolution."""
    row, began = COMMITMENTS[kind], clocks.began(ticket)
    ends = [e.at for e in ticket.events if e.kind is row.met_by and e.actor != "daemon"]
    if began is None or not ends:
        return None
    return (ends[-1] if row.reopens else ends[0]) - began


def percentile(values: Iterable[timedelta], share: float) -> timedelta | None:
    """The nearest-rank percentile: a wait that somebody really had; None of nothing."""
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


def volume(tickets: Iterable[Ticket], zone: tzinfo) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How many tickets came by the hour of the day (24) and by the day of the week (7, Monday first), in a zone."""
    hours, days = [0] * 24, [0] * 7
    for one in tickets:
        local = one.created_at.astimezone(zone)
        hours[local.hour] += 1
        days[local.weekday()] += 1
    return tuple(hours), tuple(days)


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


def _group(by: str, name: str, members: Sequence[tuple[Ticket, tuple[Commitment, ...]]]) -> Group:
    scores = [score for ticket, _ in members if (score := _rating(ticket)) is not None]
    return Group(
        by=by,
        name=name,
        tickets=len(members),
        kept=tuple(_kept(kind, members) for kind in REPORTED),
        breaches=tuple(_breach(t, c) for t, found in members for c in found if c.state == "missed"),
        ratings=len(scores),
        satisfaction=round(sum(scores) / len(scores), 2) if scores else None,
    )


def _kept(kind: str, members: Sequence[tuple[Ticket, tuple[Commitment, ...]]]) -> Kept:
    states = [c.state for _, found in members for c in found if c.kind == kind]
    waits = [wait for ticket, _ in members if (wait := waited(ticket, kind)) is not None]
    return Kept(
        kind,
        in_time=states.count("met"),
        missed=states.count("missed"),
        open=states.count("running") + states.count("paused"),
        p50=percentile(waits, 0.5),
        p90=percentile(waits, 0.9),
    )


def _breach(ticket: Ticket, c: Commitment) -> Breach:
    answered = f"met {durations.show(c.met_at - c.due)} late" if c.met_at else "not met yet"
    why = f"{c.target}: {c.share:.0%} used, paused {durations.show(c.paused)}, {answered}"
    return Breach(ticket.reference, c.kind, c.due, c.met_at, c.beyond_limit, why)


def _rating(ticket: Ticket) -> int | None:
    """The last rating: people may change their mind."""
    scores = [Rated.of(e).score for e in ticket.events if e.kind is Happening.RATED]
    return next((score for score in reversed(scores) if score), None)
