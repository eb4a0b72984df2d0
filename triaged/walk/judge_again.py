"""Open tickets judged again when the directory changes: licences change, and with them severities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triaged.store.rows import TicketFilter
from triaged.store.store import Store
from triaged.tickets.ticket import LIVE, Ticket
from triaged.walk.house import House
from triaged.walk.pen import Pen
from triaged.walk.plans import by_account
from triaged.walk.plans.by_account import Again

PAGE = 200


def judge_again(house: House, now: datetime) -> int:
    """Judge every open ticket by the directory in force; how many changed."""
    changed, last = 0, None
    while page := house.store.tickets(TicketFilter(states=LIVE, limit=PAGE, after_id=last)):
        last, others = page[-1].id, house.elsewhere(now)
        changed += sum(_one(house, ticket.id, now) for ticket in page if ticket.mailbox not in others)
    return changed


def _one(house: House, ticket_id: int, now: datetime) -> bool:
    knowledge, ticket = house.knowledge, house.store.ticket(ticket_id)
    if ticket is None or not by_account.differs(ticket, knowledge.bearings):
        return False
    again = Again(knowledge.bearings, stored_facts(house.store, ticket), now, "the directory changed")
    with house.store.transaction() as tx:
        current = tx.ticket(ticket_id)
        if current is None:
            return False
        plan = by_account.by_directory(current, again, knowledge.writer(current.mailbox, now))
        Pen(tx, knowledge, house.secret, now).write(plan)
    return True


def stored_facts(store: Store, ticket: Ticket) -> Mapping[str, Any]:
    """The facts of the mail that opened the ticket; without them only what depends on the account counts."""
    rows = store.mails(ticket_id=ticket.id, limit=100)
    mail = store.mail(rows[-1].id) if rows else None
    facts = (mail.reading.get("facts") if mail else None) or {}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
