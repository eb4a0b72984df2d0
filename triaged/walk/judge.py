"""From a reading to a judgment: who writes, which account, what the rules and the classifier say. PURE.

The middle of the walk, without a database: `triage`, `explain`, `rules test` and `rules backtest` all
judge by this one function, so that what they say is what happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.judging import accounts, facts, mail_kinds, senders, severity
from triaged.judging.decisions import AccountMatch, Decision, Sender
from triaged.judging.directory import Directory
from triaged.judging.facts import ArrivalContext, TicketFacts
from triaged.judging.mail_kinds import Sort
from triaged.promises import clocks
from triaged.reading.identifiers import telling
from triaged.reading.values import Door, Identifiers, Reading, Surroundings
from triaged.rulebook import rules
from triaged.rulebook.rulebook import Rulebook
from triaged.tickets import threads
from triaged.tickets.event_data import Grounds
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.threads import Placed, mentions
from triaged.tickets.ticket import Attached, Happening, Ticket
from triaged.vocabulary import Kind
from triaged.walk import answering

TAKEN_DOWN = frozenset({"phone", "chat"})  # by which staff keep what somebody said
CHANNELS = TAKEN_DOWN | {"web"}  # doors of our own: nothing from outside comes by them
_JUDGED_KINDS = frozenset({Kind.REQUEST, Kind.THANKS, Kind.SPOOF})
_MAILS = frozenset({Happening.RECEIVED, Happening.PARTNER_ANSWERED, Happening.STAFF_ANSWERED})


def channel_of(door: str) -> str:
    """The channel of what came by a door: one of CHANNELS, else mail."""
    return door if door in CHANNELS else "mail"


@frozen
class Envelope:
    """How a mail reached us. `received_at`: aware UTC, INTERNALDATE or when the SMTP door had it whole.

    `size`: bytes of the whole mail, where the reader may be given its beginning; `cut`: no more of it was kept.
    `number`: its own in the ledger; 0: of none. `walked`: it has opened or joined its ticket before. `channel`: mail,
    or the door of our own that it came by; then `files` are those to be handed on.
    """

    mailbox: str
    received_at: datetime
    behind_mta: bool = True
    sent_folder: bool = False
    envelope_from: str | None = None
    history: bool = False
    mailbox_regions: tuple[str, ...] = ()
    size: int | None = None
    cut: bool = False
    number: int = 0
    walked: bool = False
    channel: str = "mail"
    files: tuple[Attached, ...] = ()

    @property
    def vouched(self) -> str:
        """Whose it is by our own house's word; empty for what came from outside."""
        return (self.envelope_from or "").lower() if self.channel in CHANNELS else ""

    @property
    def door(self) -> Door:
        """What the reader must know of it."""
        return Door(
            self.behind_mta,
            self.sent_folder,
            self.envelope_from,
            self.size,
            self.cut,
            self.vouched,
            self.channel in TAKEN_DOWN,
        )


@frozen
class Bearings:
    """What judging goes by: one state of rulebook, directory and surroundings."""

    rulebook: Rulebook
    directory: Directory
    surroundings: Surroundings


@frozen
class Counts:
    """Mails of the last hour, this one included."""

    of_sender: int = 1
    of_partner: int = 1


ALONE = Placed(None, "none", "judged alone, without a database", "new")


@frozen
class Asked:
    """What the store answered about a mail before anything was decided (walk/look_up.py).

    `ticket` is the one it joins, as it stood, `linked` the one that a new one would be linked to. `number`: the
    next ticket's, should it open one. `addressed`: whom of the partner's side a letter that bounces went to.
    `meeting`: the ticket whose screen-sharing session its calendar entry is of.
    """

    ticket: Ticket | None = None
    linked: Ticket | None = None
    counts: Counts = Counts()
    number: int = 0
    reference: str = "PS-…"
    addressed: frozenset[str] = frozenset()
    meeting: Ticket | None = None


@frozen
class Incoming:
    """A mail that was read: who sent it, how it reached us, where it belongs."""

    reading: Reading
    sender: Sender
    envelope: Envelope
    placed: Placed = ALONE
    asked: Asked = Asked()

    @property
    def ticket(self) -> Ticket | None:
        """The ticket it joins, as it stood."""
        return self.asked.ticket

    @property
    def stranger(self) -> str:
        """Why its sender may not write into the ticket it names; empty where he may, or it names none."""
        return (self.placed.refused or self.placed.why) if self.placed.joins == "abuse" else ""


@frozen
class Judgment:
    """Everything judged of one mail. `decision` None: nothing is decided about mail of this kind.

    `identifiers` and `service` are the mail's, completed on an answer by what the ticket knew before.
    """

    reading: Reading
    sender: Sender
    sort: Sort
    match: AccountMatch
    identifiers: Identifiers
    service: str | None
    region: str
    decision: Decision | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    speaks: bool = True  # opens a ticket, or speaks for it: a verified sender of the partner that holds it

    @property
    def kind(self) -> Kind:
        """What the mail is."""
        return self.sort.kind


def judge(incoming: Incoming, bearings: Bearings, now: datetime, *, misses: bool = True) -> Judgment:
    """The judgment on a mail. `misses`: with the rules that did not hit, and why."""
    rulebook, sender, envelope = bearings.rulebook, incoming.sender, incoming.envelope
    ticket = incoming.ticket
    reading = answering.understood(
        incoming.reading, ticket, bearings.directory, replies=bool(mentions(incoming.reading)[1])
    )
    sort = mail_kinds.sort(
        reading, sender, stranger_on_ticket=incoming.stranger, on_ticket=ticket is not None,
        sent=envelope.sent_folder,
    )  # fmt: skip
    speaks = ticket is None or speaks_for(sender, ticket, bearings)
    voice = sender if ticket is None or speaks else _voice(sender, ticket, bearings)
    anew = ticket is not None and speaks and _stands_alone(reading, sender, ticket)
    given, service = _completed(reading, None if anew else ticket, heard=speaks or not voice.trusted)
    match = accounts.resolve(
        given, service, bearings.directory, rulebook.services, rulebook.threshold, voice.partner
    )
    region = facts.region(match, voice, envelope.mailbox_regions)
    if sort.kind not in _JUDGED_KINDS:
        return Judgment(reading, sender, sort, match, given, service, region, None, speaks=speaks)
    told = replace(reading, identifiers=given, service=service)
    context = _context(incoming, sort, rulebook, region, now)
    gathered = facts.gather(told, voice, match, context)
    verdict = rules.judge(rulebook, gathered, misses=misses)
    decision = severity.decide(verdict, reading.guess, match, sender, rulebook, gathered)
    if ticket is not None and speaks:
        decision = _on_an_answer(decision, ticket)
    elif ticket is not None:
        decision = _of_a_bystander(decision, ticket)
    if sort.kind is Kind.REQUEST and (gap := _gap(reading, ticket, match)):
        decision = replace(decision, review=(*decision.review, gap))
    if reading.encrypted:
        decision = _unread(decision, reading.encrypted)
    if reading.late:
        why = f"it ran into the reader's limits, and only its headers were read: {'; '.join(reading.defects)}"
        decision = replace(decision, review=(*decision.review, why[:300]))
    return Judgment(reading, sender, sort, match, given, service, region, decision, gathered, speaks)


def _gap(reading: Reading, ticket: Ticket | None, match: AccountMatch) -> str:
    """Why an answer to our question for identifiers leaves it open, for staff; empty where it does not."""
    if not answering.is_unanswered(reading, ticket):
        return ""
    if match.unidentified:
        return f"an answer to our question gives no SuperAdmin address, ZOID or ZUID: “{answering.shown(reading)}”"
    if match.account is None:
        return f"an answer to our question leads to no account: {match.why}"
    return ""


def apart(incoming: Incoming) -> Incoming:
    """The mail, kept off a ticket that others may have opened in its verified sender's name (`threads.apart`)."""
    ticket = incoming.ticket
    if ticket is None or incoming.envelope.walked:
        return incoming
    placed = threads.apart(incoming.placed, incoming.reading, incoming.sender, ticket)
    if placed.ticket_id is not None:
        return incoming
    return replace(incoming, placed=placed, asked=replace(incoming.asked, ticket=None, linked=ticket))


def asks(rulebook: Rulebook, *names: str) -> bool:
    """Whether any rule looks at one of these facts: what nobody asks for need not be found out."""
    return any(not rule.when.fields.isdisjoint(names) for rule in rulebook.rules)


def who(reading: Reading, bearings: Bearings) -> Sender:
    """The sender of a mail."""
    return senders.who(reading, bearings.directory, bearings.surroundings)


def speaks_for(sender: Sender, ticket: Ticket, bearings: Bearings) -> bool:
    """Whether a sender's word moves a ticket: the verified partner's on his own, and on a ticket of no partner
    that of whoever opened it, if our mail server vouches for his address.
    """
    holder = bearings.directory.partner_known_as(ticket.partner_domain)
    if sender.trusted:
        return holder is not None and sender.partner == holder
    verified = sender.authentication == "pass" and sender.role == "stranger"
    return verified and ticket.partner_domain is None and threads.opener(ticket) == sender.address


def _stands_alone(reading: Reading, sender: Sender, ticket: Ticket) -> bool:
    """Whether a verified partner says himself what nobody verified had said in his name."""
    unverified = sender.trusted and not ticket.trusted and not threads.vouched(ticket)
    return unverified and reading.identifiers.any_given


def _voice(sender: Sender, ticket: Ticket, bearings: Bearings) -> Sender:
    """Who counts as writing where the sender does not speak for the ticket's partner.

    On a verified ticket the partner stands for a customer in Cc or an unverified colleague: his mail must
    not take a large account's S1 away. On an unverified ticket nobody else's good name verifies it.
    """
    if not ticket.trusted:
        return replace(sender, trusted=False)
    holder = bearings.directory.partner_known_as(ticket.partner_domain)
    why = f"{ticket.reference} is of a verified partner; {sender.why}"
    return replace(sender, partner=holder, trusted=True, why=why)


def _completed(reading: Reading, ticket: Ticket | None, *, heard: bool) -> tuple[Identifiers, str | None]:
    """What the mail gives; on an answer, with what earlier mails of the ticket gave. The newer word wins.

    `heard`: this sender's word on identifiers counts; else only what was known before (F16).
    """
    if ticket is None:
        return reading.identifiers, reading.service
    before = given_on(ticket)
    if not heard:
        return before, ticket.service
    return telling.completed(reading.identifiers, before), reading.service or ticket.service


def given_on(ticket: Ticket) -> Identifiers:
    """The identifiers that the mails of a ticket gave so far, from its last judgment."""
    for event in reversed(ticket.events):
        found = Grounds.of(event).identifiers if event.kind is Happening.JUDGED else None
        if found is not None:
            return found
    return Identifiers()


def _on_an_answer(decision: Decision, ticket: Ticket) -> Decision:
    """An answer makes the content more severe or leaves it: "here is the ZOID" must not turn an outage into S4.

    What depends on the account (a large user account found at last, or lost) holds as decided now.
    """
    worse = decision.content_severity < ticket.content_severity and not decision.unsure
    content = decision.content_severity if worse else ticket.content_severity
    told = decision.because if decision.severity is content else f"content {content} of the answer"
    because = told if worse else f"as before: content {content}"
    stands = severity.upon(severity.Opinion(content, because), decision.verdict)
    review = tuple(r for r in decision.review if not r.startswith("uncertain severity"))
    return replace(
        decision,
        severity=stands.severity,
        because=stands.because,
        content_severity=content,
        review=review,
        abstained=False,
        unsure=False,
    )


def _of_a_bystander(decision: Decision, ticket: Ticket) -> Decision:
    """Who does not speak for a ticket changes nothing of it; what would have, a human is asked about."""
    review = (
        (f"{BYSTANDER} wrote what sounds like {decision.severity}: the severity stays",)
        if decision.severity < ticket.severity and not decision.unsure
        else ()
    )
    return replace(
        decision,
        severity=ticket.severity,
        because=ticket.severity_because,
        content_severity=ticket.content_severity,
        service_level=ticket.service_level,
        abstained=False,
        unsure=False,
        tags=(),
        queue=None,
        review=review,
        verdict=replace(decision.verdict, tags=(), queue=None, hold_letters=(), notify=(), review=()),
    )


BYSTANDER = "somebody who does not speak for the partner (in copy, or not verified)"


def _unread(decision: Decision, how: str) -> Decision:
    """Staff learn that a mail could not be read, and the ticket remembers it."""
    review = (*decision.review, f"encrypted ({how}): the mail could not be read")
    return replace(decision, review=review, tags=(*decision.tags, ENCRYPTED))


def _context(
    incoming: Incoming, sort: Sort, rulebook: Rulebook, region: str, now: datetime
) -> ArrivalContext:
    envelope, ticket, counts = incoming.envelope, incoming.ticket, incoming.asked.counts
    known = rulebook.promises.regions.get(region)
    local = now.astimezone(ZoneInfo(known.time_zone if known else "UTC"))
    calendar = rulebook.promises.calendar(rulebook.promises.schedules.calendar, region)
    return ArrivalContext(
        kind=sort.kind,
        mailbox=envelope.mailbox,
        mailbox_regions=envelope.mailbox_regions,
        business_hours=calendar.is_open(now),
        hour=local.hour,
        weekday=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[
            local.weekday()
        ],
        age_hours=max((now - envelope.received_at) / timedelta(hours=1), 0.0),
        sender_mails_last_hour=counts.of_sender,
        partner_mails_last_hour=counts.of_partner,
        ticket=_ticket_facts(ticket, rulebook, now) if ticket else None,
    )


def _ticket_facts(ticket: Ticket, rulebook: Rulebook, now: datetime) -> TicketFacts:
    promised = clocks.commitments(ticket, rulebook.promises, now)
    return TicketFacts(
        state=str(ticket.state),
        severity=str(ticket.severity),
        age_hours=(now - ticket.created_at) / timedelta(hours=1),
        mails=1 + sum(e.kind in _MAILS for e in ticket.events),
        reopened=sum(e.kind is Happening.REOPENED for e in ticket.events),
        missed=any(c.state == "missed" for c in promised),
        tags=ticket.tags,
    )
