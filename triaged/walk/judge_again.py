"""Open tickets judged again when the directory changes: licences change, and with them severities.

Mails are not read again: their facts are stored with them, and what depends on the account is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.judging import accounts, severity
from triaged.judging.decisions import AccountMatch, Decision, Sender
from triaged.reading.values import Identifiers
from triaged.rulebook import rules
from triaged.store.rows import TicketFilter
from triaged.store.store import Store
from triaged.tickets import states
from triaged.tickets.event_data import ByDirectory, Grounds
from triaged.tickets.states import Moved
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk.deadlines import LIVE
from triaged.walk.house import House
from triaged.walk.judge import given_on
from triaged.walk.knowledge import Knowledge
from triaged.walk.pen import Pen
from triaged.walk.tickets_from_mail import found, with_data

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
    match = match_of(ticket, given_on(ticket), house.knowledge)
    if not _differs(ticket, match):
        return False
    stored = stored_facts(house.store, ticket)
    with house.store.transaction() as tx:
        current = tx.ticket(ticket_id)
        if current is None:
            return False
        known = house.knowledge
        moved = by_account(current, match, stored, known, now, why="the directory changed")
        moved = with_data(moved, ByDirectory(known.directory.version).stored())
        pen = Pen(tx, known.config, known.rulebook, house.secret, now)
        after = pen.change(current, moved.ticket, moved.events)
        pen.tell_of_s1(current, after)
        pen.plan(after)
    return True


def by_account(
    ticket: Ticket,
    match: AccountMatch,
    stored: Mapping[str, Any],
    known: Knowledge,
    now: datetime,
    *,
    why: str,
    actor: str = "daemon",
    given: Identifiers | None = None,
) -> Moved:
    """The ticket judged again for another account, or none: its content stands, what rules make of it may not.

    `stored`: the facts of the mail that opened it. `given`: the identifiers from now on, where they are new.
    """
    decision = _decide(ticket, match, stored, known, why)
    region = match.account.region if match.account else ""
    moved = states.judged(ticket, decision, match, now, region=region, actor=actor)
    if match.account is None:
        gone = replace(moved.ticket, account_key=None, account_name=None, superadmin_email=None, licences=0)
        moved = replace(moved, ticket=gone)
    known_before = (Grounds.of(event) for event in reversed(ticket.events) if event.kind is Happening.JUDGED)
    grounds = next((one for one in known_before if one.identifiers is not None), Grounds())
    told = given if given is not None else grounds.identifiers
    return with_data(moved, replace(grounds, account=found(match), identifiers=told).stored())


def match_of(ticket: Ticket, given: Identifiers, known: Knowledge) -> AccountMatch:
    """The account that identifiers lead to on a ticket."""
    partner = known.directory.partner_known_as(ticket.partner_domain)
    book = known.rulebook
    return accounts.resolve(given, ticket.service, known.directory, book.services, book.threshold, partner)


def _differs(ticket: Ticket, match: AccountMatch) -> bool:
    key = match.account.key if match.account else None
    licences = match.licences if match.account else 0
    now = (key, licences, match.large_user and ticket.trusted)
    return now != (ticket.account_key, ticket.licences, ticket.large_user)


def stored_facts(store: Store, ticket: Ticket) -> Mapping[str, Any]:
    """The facts of the mail that opened the ticket; without them only what depends on the account counts."""
    rows = store.mails(ticket_id=ticket.id, limit=100)
    mail = store.mail(rows[-1].id) if rows else None
    facts = (mail.reading.get("facts") if mail else None) or {}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}


def _decide(
    ticket: Ticket, match: AccountMatch, stored: Mapping[str, Any], known: Knowledge, why: str
) -> Decision:
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
    stands = severity.upon(severity.Opinion(content, f"{why}: content {content}"), verdict)
    return replace(
        decision,
        severity=stands.severity,
        because=stands.because,
        content_severity=content,
        provisional=ticket.provisional and match.unidentified,
        review=(),
    )
