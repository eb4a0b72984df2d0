"""A ticket's whole story with every reason, for `triaged tickets show` and for its page: misses are worked out from stored facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from triaged.judging.weighing import UNLEARNT
from triaged.promises import clocks
from triaged.rulebook import rules
from triaged.store.store import Store
from triaged.tickets import cases
from triaged.tickets.event_data import Grounds
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk.knowledge import Knowledge


def whole(ticket: Ticket, store: Store, knowledge: Knowledge, now: datetime) -> dict[str, Any]:
    """Everything known of a ticket, as one JSON-able object."""
    more = {
        "cases": [asdict(c) for c in cases.cases(ticket)],
        "letters": [_shallow(one, "raw") for one in store.letters_of(ticket.id)],
    }
    return asdict(ticket) | more | reasons(ticket, store, knowledge, now)


def reasons(ticket: Ticket, store: Store, knowledge: Knowledge, now: datetime) -> dict[str, Any]:
    """What of it is nowhere but here: no page copies a long story and its letters, which it has."""
    reading = store.judged_reading(ticket.id)
    facts = _facts(reading)
    return {
        "commitments": [_shallow(c) for c in clocks.commitments(ticket, knowledge.rulebook.promises, now)],
        "due": [_shallow(d) for d in store.dues(ticket.id)],
        "mails": [_shallow(one, "raw", "reading") for one in store.mails_on(ticket.id)],
        "rules": _rules(facts, knowledge),
        "rulebook_in_force": knowledge.rulebook.version,
        "classifier": _guess(ticket),
        "found": reading.get("found") or [],
        "authentication": reading.get("authentication") or [],
        "match": _match(ticket),
        "sender_because": next((g.sender for g in _grounds(ticket) if g.sender), ""),
        "service_level_because": next((g.service_level_because for g in _grounds(ticket)), ""),
    }


def _facts(reading: Mapping[str, Any]) -> Mapping[str, Any]:
    facts = reading.get("facts") or {}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}


def _grounds(ticket: Ticket) -> Iterator[Grounds]:
    """What its judgments went by, the newest first."""
    return (Grounds.of(event) for event in reversed(ticket.events) if event.kind is Happening.JUDGED)


def _match(ticket: Ticket) -> Mapping[str, Any] | None:
    found = next((one.account for one in _grounds(ticket) if one.account is not None), None)
    return asdict(found) if found else None


def _rules(facts: Mapping[str, Any], knowledge: Knowledge) -> list[dict[str, Any]]:
    if not facts:
        return []
    return [
        {"name": o.name, "hit": o.hit, "why": o.why} for o in rules.explain_misses(knowledge.rulebook, facts)
    ]


def _guess(ticket: Ticket) -> Mapping[str, Any] | None:
    for event in ticket.events:
        guess = Grounds.of(event).guess if event.kind is Happening.JUDGED else None
        if guess:
            return asdict(guess) | {"abstained": guess.blind.startswith(UNLEARNT)}
    return None


def _shallow(row: Any, *but: str) -> dict[str, Any]:
    """The fields of a row of plain values, without copying them."""
    return {one.name: getattr(row, one.name) for one in fields(row) if one.name not in but}
