"""A ticket judged again for another account, or none: the directory changed, or staff say which it is. PURE.

Mails are not read again: their facts are stored with them, and what depends on the account is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.frozen import frozen
from triaged.judging import accounts, severity
from triaged.judging.decisions import AccountMatch, Decision, Sender
from triaged.letters.writer import Writer
from triaged.reading.values import Identifiers
from triaged.rulebook import rules
from triaged.tickets import states
from triaged.tickets.event_data import ByDirectory, Grounds
from triaged.tickets.states import Moved
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk.judge import Bearings, given_on
from triaged.walk.plan import Plan, change, told_of_s1
from triaged.walk.tickets_from_mail import found, with_data


@frozen
class Again:
    """What a ticket is judged again by. `stored`: the facts of the mail that opened it; `why` and `actor`: its event's."""

    bearings: Bearings
    stored: Mapping[str, Any]
    now: datetime
    why: str
    actor: str = "daemon"


def by_directory(ticket: Ticket, again: Again, writer: Writer) -> Plan:
    """The directory in force says otherwise about the account of a ticket than the one before."""
    bearings = again.bearings
    moved = by_account(ticket, match_of(ticket, given_on(ticket), bearings), again)
    moved = with_data(moved, ByDirectory(bearings.directory.version).stored())
    after = moved.ticket
    return Plan((change(ticket, after, writer, [told_of_s1(ticket, after, writer)]),))


def by_account(ticket: Ticket, match: AccountMatch, again: Again, given: Identifiers | None = None) -> Moved:
    """The ticket judged again: its content stands, what rules make of it may not.

    `given`: the identifiers from now on, where they are new.
    """
    decision = _decide(ticket, match, again)
    region = match.account.region if match.account else ""
    moved = states.judged(ticket, decision, match, again.now, region=region, actor=again.actor)
    if match.account is None:
        gone = replace(moved.ticket, account_key=None, account_name=None, superadmin_email=None, licences=0)
        moved = replace(moved, ticket=gone)
    known = (Grounds.of(event) for event in reversed(ticket.events) if event.kind is Happening.JUDGED)
    grounds = next((one for one in known if one.identifiers is not None), Grounds())
    told = given if given is not None else grounds.identifiers
    return with_data(moved, replace(grounds, account=found(match), identifiers=told).stored())


def match_of(ticket: Ticket, given: Identifiers, bearings: Bearings) -> AccountMatch:
    """The account that identifiers lead to on a ticket."""
    partner = bearings.directory.partner_known_as(ticket.partner_domain)
    rulebook = bearings.rulebook
    return accounts.resolve(
        given, ticket.service, bearings.directory, rulebook.services, rulebook.threshold, partner
    )


def differs(ticket: Ticket, bearings: Bearings) -> bool:
    """Whether the directory now says otherwise about the account of a ticket."""
    match = match_of(ticket, given_on(ticket), bearings)
    key = match.account.key if match.account else None
    licences = match.licences if match.account else 0
    now = (key, licences, match.large_user and ticket.trusted)
    return now != (ticket.account_key, ticket.licences, ticket.large_user)


def _decide(ticket: Ticket, match: AccountMatch, again: Again) -> Decision:
    rulebook, account = again.bearings.rulebook, match.account
    facts = {
        **again.stored,
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
    verdict = rules.judge(rulebook, facts, misses=False)
    sender = Sender("", "", "partner", None, "unknown", ticket.trusted, "as before")
    decision = severity.decide(verdict, None, match, sender, rulebook, facts)
    content = ticket.content_severity
    stands = severity.upon(severity.Opinion(content, f"{again.why}: content {content}"), verdict)
    return replace(
        decision,
        severity=stands.severity,
        because=stands.because,
        content_severity=content,
        provisional=ticket.provisional and match.unidentified,
        review=(),
    )
