"""The shipped promises and letters, and a small language for telling a ticket's story in tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from triaged.letters import templates
from triaged.letters.context import Desk
from triaged.letters.templates import Letters
from triaged.letters.writer import Writer
from triaged.promises import promising
from triaged.promises.service_levels import Promises
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.vocabulary import Severity

RULES = Path(__file__).parents[2] / "rules"
DESK = Desk(
    "global",
    "partner-support@desk.example",
    "Partner Support",
    "America/New_York",
    "US",
    alert=("leads@staff.example",),
    tiers={2: ("tier2@staff.example",), 3: ("tier3@staff.example",)},
)


@cache
def sections() -> dict[str, Any]:
    """The shipped sections of both rooms, merged as the rulebook merges them."""
    merged: dict[str, Any] = {}
    for file in sorted(RULES.glob("*.yaml")):
        if not file.name.startswith(("40-", "41-", "5", "70-")):
            continue
        for name, value in yaml.safe_load(file.read_text("utf-8")).items():
            if isinstance(value, dict):
                merged.setdefault(name, {}).update(value)
    return merged


@cache
def promises() -> Promises:
    return promising.build(sections())


@cache
def letters() -> Letters:
    return templates.build(sections())


def writer(now: datetime, **fields: Any) -> Writer:
    """Who writes at a moment, by what ships; `fields` differ from that."""
    return Writer(**({"letters": letters(), "promises": promises(), "desk": DESK, "now": now} | fields))


def at(text: str) -> datetime:
    """`2026-11-20 16:00` as aware UTC; `+01:00` behind it is another zone's."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def event(when: datetime, happening: Happening, /, **data: Any) -> Event:
    return Event(when, happening, "anna@oakbridge.example", f"test: {happening}", data)


def ticket(
    created: datetime, *events: Event, severity: str = "S3", level: str = "standard", **fields: Any
) -> Ticket:
    """A trusted partner's ticket, opened and judged at `created`, with further events."""
    judged: Mapping[str, Any] = {
        "severity": severity,
        "service_level": level,
        "provisional": fields.get("provisional", False),
        "region": fields.get("region", "EU"),
    }
    start = (event(created, Happening.RECEIVED), Event(created, Happening.JUDGED, "daemon", "rules", judged))
    basis: dict[str, Any] = {
        "id": 42,
        "reference": "PS-1042",
        "state": State.NEW,
        "subject": "Sync stopped",
        "mailbox": "global",
        "language": "en",
        "created_at": created,
        "updated_at": max([created, *(e.at for e in events)]),
        "severity": Severity(severity),
        "severity_because": "classifier 0.81",
        "service_level": level,
        "region": "EU",
        "time_zone": "Europe/Berlin",
        "partner_domain": "oakbridge.example",
        "trusted": True,
        "people": (Person("anna@oakbridge.example", "Anna Holm"),),
        "last_message_id": "<m1@oakbridge.example>",
        "events": (*start, *events),
    }
    return Ticket(**(basis | fields))


def hours(n: float) -> timedelta:
    return timedelta(hours=n)
