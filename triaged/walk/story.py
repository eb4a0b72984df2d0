"""A ticket's whole story with every reason, for `triaged tickets show` and for its page: misses are worked out from stored facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
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
    """Everything knowledge of a ticket, as one JSON-able object."""
    mails = store.mails_on(ticket.id)
    reading = _judged(store, mails)
    facts = _facts(reading)
    return asdict(ticket) | {
        "commitments": [asdict(c) for c in clocks.commitments(ticket, knowledge.rulebook.promises, now)],
        "due": [asdict(d) for d in store.dues(ticket.id)],
        "cases": [asdict(c) for c in cases.cases(ticket)],
        "letters": [_letter(one) for one in store.letters_of(ticket.id)],
        "mails": [_mail(one) for one in mails],
        "rules": _rules(facts, knowledge),
        "rulebook_in_force": knowledge.rulebook.version,
        "classifier": _guess(ticket),
        "found": reading.get("found") or [],
        "authentication": reading.get("authentication") or [],
        "match": _match(ticket),
        "sender_because": next((g.sender for g in _grounds(ticket) if g.sender), ""),
        "service_level_because": next((g.service_level_because for g in _grounds(ticket)), ""),
    }


def _judged(store: Store, mails: list[Any]) -> Mapping[str, Any]:
    """What stays of the newest mail that was judged."""
    for row in reversed(mails):
        mail = store.mail(row.id)
        if mail and mail.reading.get("facts"):
            return mail.reading
    return {}


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


def _letter(letter: Any) -> dict[str, Any]:
    return {k: v for k, v in asdict(letter).items() if k != "raw"}


def _mail(mail: Any) -> dict[str, Any]:
    return {k: v for k, v in asdict(mail).items() if k not in {"raw", "reading"}}
