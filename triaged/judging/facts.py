"""The facts of one mail as rules see them: flat dotted names to plain, JSON-able, unchangeable values. PURE.

One place knows where each fact comes from; rulebook/fields.py knows what each means. Facts are stored with the
ticket, so that misses can be worked out again later: same facts and same rulebook, same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from triaged.frozen import frozen
from triaged.judging.decisions import AccountMatch, Sender
from triaged.reading.identifiers.kinds import IDENTIFIERS
from triaged.reading.values import Guess, Reading
from triaged.rulebook.folding import CHARACTERS
from triaged.vocabulary import Kind


@frozen
class TicketFacts:
    """The ticket that a mail joins, as it stood before."""

    state: str
    severity: str
    age_hours: float
    mails: int = 1
    reopened: int = 0
    missed: bool = False
    tags: tuple[str, ...] = ()


@frozen
class ArrivalContext:
    """What the walk knows of a mail beyond the mail, the sender and the account.

    `hour` (0 to 23) and `weekday` (`monday` …) are local to the ticket's region; counts include this
    mail; ages are in hours, from arrival. `ticket` None: the mail opens a new one.
    """

    kind: Kind = Kind.REQUEST
    mailbox: str = ""
    mailbox_regions: tuple[str, ...] = ()
    business_hours: bool = True
    hour: int | None = None
    weekday: str | None = None
    age_hours: float = 0.0
    sender_mails_last_hour: int = 1
    partner_mails_last_hour: int = 1
    ticket: TicketFacts | None = None


def gather(
    reading: Reading, sender: Sender, match: AccountMatch, context: ArrivalContext
) -> Mapping[str, Any]:
    """Every fact of rulebook/fields.py about one mail; absent ones are None, lists are tuples.

    The keys that end in `.why` are no facts to ask for but reasons, told behind the facts they explain.
    """
    return MappingProxyType(
        dict(
            (
                *_mail(reading, context),
                *_identifiers(reading, match),
                *_sender(reading, sender, context),
                *_account(match, sender, context),
                *_moment(context),
                *_ticket(context.ticket),
            )
        )
    )


Facts = Iterator[tuple[str, Any]]


def _mail(reading: Reading, context: ArrivalContext) -> Facts:
    yield "subject", reading.subject[:CHARACTERS]
    yield "text", reading.parts.new[:CHARACTERS]
    yield "own_text", reading.parts.own[:CHARACTERS]
    yield "language", reading.language
    yield "kind", context.kind.value
    yield "automatic", reading.automatic is not None
    yield "mail.reply", reading.parts.is_reply
    yield "mail.forward", reading.parts.is_forward
    yield "mail.characters", len(reading.parts.new)
    yield "mail.age_hours", round(context.age_hours, 2)
    yield "attachments.count", len(reading.attachments)
    yield "attachments.bytes", sum(a.size for a in reading.attachments)
    yield "attachments.names", tuple(a.name for a in reading.attachments)
    yield "attachments.types", tuple(a.type for a in reading.attachments)
    yield from classified(reading.guess)


def classified(guess: Guess | None) -> Facts:
    """What the classifier says, as facts."""
    yield "classifier.severity", guess.severity.value if guess else None
    yield "classifier.confidence", round(guess.confidence, 4) if guess else None


def _identifiers(reading: Reading, match: AccountMatch) -> Facts:
    given = reading.identifiers
    for kind in IDENTIFIERS:
        yield f"identifiers.{kind.name}", getattr(given, kind.name)
    yield "missing", match.missing
    yield "no_identifier", match.no_identifier
    yield "service", reading.service
    yield "service.eligible", match.eligible


def _sender(reading: Reading, sender: Sender, context: ArrivalContext) -> Facts:
    partner = sender.partner
    yield "sender.address", sender.address
    yield "sender.name", sender.name
    yield "sender.domain", sender.address.rpartition("@")[2]
    yield "sender.role", sender.role
    yield "sender.trusted", sender.trusted
    yield "sender.why", sender.why
    yield "sender.authentication", sender.authentication
    yield "sender.oddities", reading.authentication.oddities
    yield "sender.mails_last_hour", context.sender_mails_last_hour
    yield "recipients", tuple(a.address for a in (*reading.to, *reading.cc))
    yield "partner.domain", partner.domain if partner else None
    yield "partner.name", partner.name if partner else None
    yield "partner.tier", partner.tier if partner else None
    yield "partner.region", partner.region if partner else None
    yield "partner.mails_last_hour", context.partner_mails_last_hour if partner else None


def _account(match: AccountMatch, sender: Sender, context: ArrivalContext) -> Facts:
    account = match.account
    yield "account.key", account.key if account else None
    yield "account.name", account.name if account else None
    yield "account.zoid", account.zoid if account else None
    yield "account.superadmin_email", account.superadmin_email if account else None
    yield "account.domains", account.domains if account else ()
    yield "account.region", account.region if account else None
    yield "account.partner", account.partner_domain if account else None
    yield "account.plan", account.plan if account else None
    yield "account.services", tuple(name for name, _ in account.subscriptions) if account else ()
    yield "account.licences", match.licences
    yield "account.threshold", match.threshold
    yield "account.large_user", match.large_user
    yield "account.foreign", match.foreign
    yield "account.matched_by", match.matched_by
    yield "account.why", match.why
    yield "conflict", match.conflict
    yield "conflict.why", match.conflict_why
    yield "mailbox", context.mailbox
    yield "region", region(match, sender, context.mailbox_regions)


def region(match: AccountMatch, sender: Sender, mailbox_regions: tuple[str, ...] = ()) -> str:
    """The account's region, else the partner's, else the mailbox's where it serves only one; else empty."""
    if match.account and match.account.region:
        return match.account.region
    if sender.partner and sender.partner.region:
        return sender.partner.region
    return mailbox_regions[0] if len(mailbox_regions) == 1 else ""


def _moment(context: ArrivalContext) -> Facts:
    yield "time.business_hours", context.business_hours
    yield "time.hour", context.hour
    yield "time.weekday", context.weekday


def _ticket(ticket: TicketFacts | None) -> Facts:
    yield "ticket.known", ticket is not None
    yield "ticket.state", ticket.state if ticket else None
    yield "ticket.severity", ticket.severity if ticket else None
    yield "ticket.age_hours", round(ticket.age_hours, 2) if ticket else None
    yield "ticket.mails", ticket.mails if ticket else None
    yield "ticket.reopened", ticket.reopened if ticket else None
    yield "ticket.missed", ticket.missed if ticket else None
    yield "ticket.tags", ticket.tags if ticket else ()
