"""Open tickets judged again when the directory changes: licences change, and with them severities.

Mails are not read again: their facts are stored with them, and what depends on the account is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.deadlines import LIVE
from triaged.house import House
from triaged.judging import accounts, rules, severity
from triaged.judging.values import AccountMatch, Decision, Sender
from triaged.judgment import given_on
from triaged.knowledge import Knowledge
from triaged.opening import with_data
from triaged.recording import Pen
from triaged.store.values import TicketFilter
from triaged.tickets import states
from triaged.tickets.values import Ticket

PAGE = 200


def judge_again(house: House, now: datetime) -> int:
    """Judge every open ticket by the directory in force; how many changed."""
    changed, last = 0, None
    while page := house.store.tickets(TicketFilter(states=LIVE, limit=PAGE, after_id=last)):
        last, others = page[-1].id, house.elsewhere(now)
        changed += sum(_one(house, ticket.id, now) for ticket in page if ticket.mailbox not in others)
    return changed


def _one(house: House, ticket_id: int, now: datetime) -> bool:
    ticket = house.store.ticket(ticket_id)
    if ticket is None:
        return False
    match = _match(ticket, house.knowledge)
    if not _differs(ticket, match):
        return False
    stored = _stored_facts(house, ticket)
    with house.store.transaction() as tx:
        current = tx.ticket(ticket_id)
        if current is None:
            return False
        decision = _decide(current, match, stored, house.knowledge)
        region = match.account.region if match.account else ""
        moved = states.judged(current, decision, match, now, region=region)
        if match.account is None:
            gone = replace(
                moved.ticket, account_key=None, account_name=None, superadmin_email=None, licences=0
            )
            moved = replace(moved, ticket=gone)
        given = next((e.data for e in reversed(current.events) if "identifiers" in e.data), {})
        moved = with_data(
            moved, {**given, **moved.events[-1].data, "directory": house.knowledge.directory.version}
        )
        pen = Pen(tx, house.knowledge.config, house.knowledge.rulebook, house.secret, now)
        after = pen.change(current, moved.ticket, moved.events)
        pen.tell_of_s1(current, after)
        pen.plan(after)
    return True


def _match(ticket: Ticket, known: Knowledge) -> AccountMatch:
    partner = known.directory.partner_known_as(ticket.partner_domain)
    book = known.rulebook
    return accounts.resolve(
        given_on(ticket), ticket.service, known.directory, book.services, book.threshold, partner
    )


def _differs(ticket: Ticket, match: AccountMatch) -> bool:
    key = match.account.key if match.account else None
    licences = match.licences if match.account else 0
    now = (key, licences, match.large_user and ticket.trusted)
    return now != (ticket.account_key, ticket.licences, ticket.large_user)


def _stored_facts(house: House, ticket: Ticket) -> Mapping[str, Any]:
    """The facts of the mail that opened the ticket; without them only what depends on the account counts."""
    rows = house.store.mails(ticket_id=ticket.id, limit=100)
    mail = house.store.mail(rows[-1].id) if rows else None
    facts = (mail.reading.get("facts") if mail else None) or {}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}


def _decide(ticket: Ticket, match: AccountMatch, stored: Mapping[str, Any], known: Knowledge) -> Decision:
    book, account = known.rulebook, match.account
    facts = {
        **stored,
        "service": ticket.service,  # what later mails told stands above what the first one did
        "sender.trusted": ticket.trusted,
        "account.key": account.key if account else None,
        "account.region": account.region if account else None,
        "account.plan": account.plan if account else None,
        "account.licences": match.licences,
        "account.threshold": match.threshold,
        "account.large_user": match.large_user,
        "account.matched_by": match.matched_by,
        "service.eligible": match.eligible,
    }
    verdict = rules.judge(book, facts, misses=False)
    sender = Sender("", "", "partner", None, "unknown", ticket.trusted, "as before")
    decision = severity.decide(verdict, None, match, sender, book, facts)
    content = ticket.content_severity
    stands = severity.upon(severity.Opinion(content, f"the directory changed: content {content}"), verdict)
    return replace(
        decision,
        severity=stands.severity,
        because=stands.because,
        content_severity=content,
        provisional=ticket.provisional and match.unidentified,
        review=(),
    )
