"""What a template may say: one `Context` a letter, every name always there. PURE.

A letter asserts only what an event or a fact of the ticket bears out; what is not so has an empty name here,
and the sentence falls away. For a ticket whose sender is not verified nothing that the sender supplied or that the directory knows
gets in (failures F15, F16): no subject, no name, no account, no identifiers. Staff letters always have all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.letters import bearing
from triaged.letters.wording import Words, one_line, thread_subject
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS
from triaged.promises.spans import parse_span
from triaged.tickets.states import FOREIGN
from triaged.tickets.ticket import Ticket

LONGEST_VALUE = 60_000  # characters of one name, twice as much as a letter may have


@frozen
class Desk:
    """The mailbox letters leave from, and whom letters to staff go to. Zone: IANA name."""

    mailbox: str
    address: str
    name: str = "Partner Support"
    time_zone: str = "UTC"
    region: str = ""
    alert: tuple[str, ...] = ()
    tiers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    pages: str = ""  # root of the pages (`web.public_url`); empty: there are none

    def page_of(self, ticket: Ticket) -> str:
        """The address of a ticket's page. It carries no right: who follows it signs in."""
        return f"{self.pages}/tickets/{ticket.reference}" if self.pages else ""

    def meeting_of(self, ticket: Ticket) -> str:
        """The address of the page of its screen-sharing session. It carries no right either."""
        return f"{self.pages}/tickets/{ticket.reference}/session" if self.pages else ""

    def rating_of(self, ticket: Ticket) -> str:
        """The address where it is rated: a number chosen there counts when it is sent."""
        return f"{self.pages}/tickets/{ticket.reference}/feedback" if self.pages else ""


@frozen
class Labelled:
    """A label and what stands behind it."""

    label: str
    value: str


@frozen
class Promise:
    """A commitment as a letter tells it; moments are written out in the reader's zone."""

    label: str
    due: str
    limit: str
    every: str  # as the rulebook writes it: "4h"
    rhythm: str = ""  # in words: "every 4 hours"


@frozen
class Row:
    """A ticket in a digest."""

    reference: str
    severity: str
    state: str
    subject: str
    what: str
    due: str


@frozen
class MeetingTold:
    """A screen-sharing session; moments are written out in the reader's zone. `link` and `passcode`: in its entry alone."""

    state: str = ""  # offered, accepted, moved, …
    times: tuple[str, ...] = ()  # to choose from
    starts: str = ""
    ends: str = ""
    minutes: int = 0
    host: str = ""  # the name of who of ours holds it
    terms: str = ""
    version: str = ""  # of the terms
    page: str = ""  # where it is accepted and seen
    person: str = ""  # who of the partner accepted it
    invited: bool = False  # the letter brings a calendar entry
    by_us: bool = False  # it was we who changed it
    without_you: bool = False  # it takes place, and the reader is none of its people any more
    link: str = ""
    passcode: str = ""


@frozen
class Context:
    """Every name a template may use."""

    reference: str
    thread: str  # subject line that keeps the conversation together
    subject: str
    salutation: str
    desk: str
    address: str
    severity: str
    severity_words: str
    because: str = ""
    priority: str = ""  # "priority customer – large user account", or empty
    service: str = ""
    account: str = ""
    account_unknown: bool = False  # neither the mail nor the directory says which account it is about
    account_confirmed: bool = False  # by an id of the mails, not by a customer's address alone
    partner: str = ""
    company: str = ""  # the partner's name
    person: str = ""  # of ours, who has the ticket
    touched: bool = False  # somebody of ours has worked on it
    thanked: bool = False  # the partner's last word was thanks
    state: str = ""
    received: str = ""
    provisional: bool = False
    understood: tuple[Labelled, ...] = ()
    missing: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()  # whose clocks run
    missed: tuple[Promise, ...] = ()  # whose time has passed without the thing promised
    paused: bool = False  # clocks stand still until the partner answers
    zone: str = ""  # that every moment in this letter is told in: "Europe/Berlin"
    form: str = ""
    write_above: str = ""  # the first line of a letter to a partner
    report: str = ""
    reported: str = ""
    number: int = 1  # of a reminder
    last: bool = False  # the last reminder
    ends: str = ""  # when silence ends it
    other: str = ""  # reference of the ticket this one was split off, or went into
    case: str = ""
    step: str = ""
    expected: str = ""
    confirm: bool = False  # the case needs the partner's word
    rating_url: str = ""
    reopen_days: int = 14
    commitment: str = ""
    due: str = ""
    share: int = 0
    tier: int = 1
    assigned: str = ""
    reasons: tuple[str, ...] = ()
    arithmetic: tuple[str, ...] = ()
    excerpt: str = ""
    rows: tuple[Row, ...] = ()
    sections: tuple[tuple[str, tuple[Row, ...]], ...] = ()
    text: str = ""  # what a person wrote, word for word
    author: str = ""  # who did
    files: tuple[str, ...] = ()  # names of those that come with it
    solved: bool = False  # with this answer it is taken for solved
    awaits: bool = False  # with this answer the partner's is waited for
    ticket_url: str = ""  # of the ticket's page
    today: str = ""
    visitor: str = ""  # address of who asked to be signed in to the pages
    asked_from: str = ""  # from where: browser and address
    link: str = ""  # that signs in
    code: str = ""  # that does the same in the browser that asked
    meeting: MeetingTold = MeetingTold()

    def names(self) -> dict[str, object]:
        """As Jinja takes it; nested values as they are.

        What a mail or a person says may be long: it is cut here, and only a template's own excess is refused.
        """
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: one[:LONGEST_VALUE] if isinstance(one, str) else one for name, one in named}


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name; UTC where it is unknown, since a letter must leave all the same."""
    try:
        return ZoneInfo(name)
    except Exception:  # ZoneInfo raises several kinds, by the shape of the name
        return ZoneInfo("UTC")


def for_partner(ticket: Ticket, words: Words, desk: Desk, commitments: Sequence[Commitment]) -> Context:
    """What letters to the partner say of a ticket; of an unverified sender's only what is ours."""
    zone = zone_of(ticket.time_zone)
    known = ticket.trusted
    told = known and FOREIGN not in ticket.tags  # of the account
    return Context(
        reference=ticket.reference,
        thread=thread_subject(ticket.reference, ticket.subject if known else words.your_request),
        subject=one_line(ticket.subject, 150) if known else "",
        salutation=words.salutation(bearing.requester(ticket).name if known else ""),
        desk=desk.name,
        address=desk.address,
        severity=str(ticket.severity),
        severity_words=words.severities.get(str(ticket.severity), ""),
        priority=words.priority if bearing.is_priority(ticket) else "",
        service=(ticket.service or "") if known else "",
        account=(ticket.account_name or "") if told else "",
        account_unknown=known and ticket.account_key is None,
        account_confirmed=bearing.is_confirmed(ticket),
        company=one_line(bearing.company(ticket), 100) if known else "",
        person=one_line(bearing.person(ticket), 60) if known else "",
        touched=bearing.is_touched(ticket),
        thanked=bearing.is_thanked(ticket),
        received=words.moment(ticket.created_at, zone),
        provisional=ticket.provisional,
        understood=_understood(ticket, words, told) if known else (),
        missing=tuple(words.identifiers.get(name, name) for name in ticket.missing),
        promises=tuple(promise(c, words, zone) for c in commitments if c.state == "running"),
        missed=tuple(promise(c, words, zone) for c in commitments if c.state == "missed" and not c.met_at),
        paused=any(c.state == "paused" for c in commitments),
        zone=zone.key,
        form=words.form,
        write_above=words.write_above,
        rating_url=desk.rating_of(ticket),
        ticket_url=desk.page_of(ticket),
    )


def for_staff(ticket: Ticket, words: Words, desk: Desk) -> Context:
    """What letters to our own people say of a ticket; times in the mailbox's zone."""
    return Context(
        reference=ticket.reference,
        thread=thread_subject(ticket.reference, ticket.subject),
        subject=one_line(ticket.subject, 150),
        salutation="",
        desk=desk.name,
        address=desk.address,
        severity=str(ticket.severity),
        severity_words=words.severities.get(str(ticket.severity), ""),
        because=ticket.severity_because,
        priority=words.priority if bearing.is_priority(ticket) else "",
        service=ticket.service or "",
        account=_account(ticket),
        partner=ticket.partner_domain or "unknown sender",
        state=str(ticket.state),
        received=words.moment(ticket.created_at, zone_of(desk.time_zone)),
        zone=zone_of(desk.time_zone).key,
        thanked=bearing.is_thanked(ticket),
        provisional=ticket.provisional,
        missing=tuple(words.identifiers.get(name, name) for name in ticket.missing),
        tier=ticket.tier,
        assigned=ticket.assigned_to or "",
        reasons=ticket.reviews,
        ticket_url=desk.page_of(ticket),
    )


def at_desk(words: Words, desk: Desk, now: datetime) -> Context:
    """What a letter says that is of no ticket: a digest, a refused rulebook."""
    zone = zone_of(desk.time_zone)
    return Context(
        "", "", "", "", desk.name, desk.address, "", "", today=words.moment(now, zone), zone=zone.key
    )


def _account(ticket: Ticket) -> str:
    if not ticket.account_name:
        return ""
    large = ", large user account" if ticket.large_user else ""
    return f"{ticket.account_name} ({ticket.licences} eligible licences{large})"


def _understood(ticket: Ticket, words: Words, told: bool) -> tuple[Labelled, ...]:
    """What we took from the mail and the directory; what is not known, or not theirs to know, gets no line."""
    of_account = (("account", ticket.account_name), ("superadmin_email", ticket.superadmin_email))
    facts = (*(of_account if told else ()), ("service", ticket.service))
    return tuple(
        Labelled(words.identifiers.get(name, name), one_line(value, 200)) for name, value in facts if value
    )


def promise(commitment: Commitment, words: Words, zone: ZoneInfo) -> Promise:
    """A commitment in a language's words."""
    every = commitment.target if COMMITMENTS[commitment.kind].rounds else ""
    return Promise(
        label=words.commitments.get(commitment.kind, commitment.kind),
        due=words.moment(commitment.due, zone),
        limit=words.moment(commitment.limit, zone) if commitment.limit else "",
        every=every,
        rhythm=_rhythm(every, words),
    )


def _rhythm(every: str, words: Words) -> str:
    """In words; a target that differs with the hour of the day has no rhythm."""
    try:
        return words.rhythm(parse_span(every)) if every else ""
    except ValueError:
        return ""
