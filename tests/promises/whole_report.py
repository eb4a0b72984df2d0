"""Reports as they were first defined: every ticket whole in memory, a group's members gone through for each figure.

The oracle of what counts tickets as they pass by (promises/reports.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.commitments import REPORTED
from triaged.promises.reports import GROUPS, Breach, Group, Kept, percentile, waited
from triaged.promises.service_levels import Promises
from triaged.spec import durations
from triaged.tickets.event_data import Rated
from triaged.tickets.ticket import Happening, Ticket

_Members = Sequence[tuple[Ticket, tuple[Commitment, ...]]]


def report(tickets: Sequence[Ticket], promises: Promises, now: datetime) -> tuple[Group, ...]:
    """Every group that has tickets, by `GROUPS`, names in order."""
    told = [(t, clocks.commitments(t, promises, now)) for t in tickets if not t.history]
    groups: dict[tuple[str, str], list[tuple[Ticket, tuple[Commitment, ...]]]] = {}
    for ticket, commitments in told:
        names = ticket.service_level, str(ticket.severity), ticket.partner_domain or "unknown", ticket.mailbox
        for by, name in zip(GROUPS, names, strict=True):
            groups.setdefault((by, name), []).append((ticket, commitments))
    ordered = sorted(groups, key=lambda key: (GROUPS.index(key[0]), key[1]))
    return tuple(_group(by, name, groups[by, name]) for by, name in ordered)


def _group(by: str, name: str, members: _Members) -> Group:
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


def _kept(kind: str, members: _Members) -> Kept:
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
    scores = [Rated.of(e).score for e in ticket.events if e.kind is Happening.RATED]
    return next((score for score in reversed(scores) if score), None)
