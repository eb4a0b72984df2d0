"""What a simulated month was: letters by kind and hour, mails by kind, promises kept and missed, tickets by state."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.promises import reports
from triaged.promises.reports import Group
from triaged.simulation.month import Month

HOURS = 3  # of a column
COLUMNS = tuple(f"{hour:02}-{hour + HOURS:02}" for hour in range(0, 24, HOURS))


@frozen
class Summary:
    """Counts. `letters`: (kind, audience) -> by part of the day where the letter went, in local time."""

    mails: tuple[tuple[str, int], ...]
    letters: tuple[tuple[str, str, tuple[int, ...]], ...]
    outbox: tuple[tuple[str, str, int], ...]  # kind, state, count of those that did not leave
    tickets: tuple[tuple[str, str, int], ...]  # state, severity, count
    promises: tuple[Group, ...]


def sum_up(month: Month) -> Summary:
    """The month as it ended."""
    store, promises = month.house.store, month.knowledge.rulebook.promises
    tickets = list(store.each_ticket())
    rows = store.letters(limit=10**9)
    regions = {t.id: t.region for t in tickets}
    zones = {name: ZoneInfo(spec.time_zone) for name, spec in promises.regions.items()}
    desks = {m.name: ZoneInfo(m.time_zone) for m in month.config.mailboxes}
    hours: dict[tuple[str, str], Counter[int]] = {}
    for row in rows:
        if row.sent_at is not None:
            partner = row.audience == "partner" and row.ticket_id is not None
            zone = zones.get(regions.get(row.ticket_id or 0, "")) if partner else desks[row.mailbox]
            at = row.sent_at.astimezone(zone or desks[row.mailbox])
            hours.setdefault((row.audience, row.kind), Counter())[at.hour // HOURS] += 1
    kept = Counter((row.kind, str(row.state)) for row in rows if row.sent_at is None)
    mails = Counter(f"{m.fate} ({m.kind})" if m.kind else str(m.fate) for m in store.each_mail())
    states = Counter((str(t.state), str(t.severity)) for t in tickets)
    return Summary(
        tuple(sorted(mails.items())),
        tuple(
            (who, kind, tuple(n[c] for c in range(len(COLUMNS)))) for (who, kind), n in sorted(hours.items())
        ),
        tuple((kind, state, n) for (kind, state), n in sorted(kept.items())),
        tuple((state, severity, n) for (state, severity), n in sorted(states.items())),
        tuple(g for g in reports.report(tickets, promises, month.now) if g.by in ("policy", "severity")),
    )
