"""A ticket, its people, its events, its letters and its due steps, as frozen values. PURE.

The store keeps these as rows; every room that reasons about a ticket gets it whole, with its events,
and answers with new values. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from triaged.frozen import frozen
from triaged.vocabulary import Severity


class State(StrEnum):
    """new -> open <-> waiting -> resolved -> closed; a reply reopens a resolved one (domain page)."""

    NEW = "new"  # nobody of staff has answered yet
    OPEN = "open"  # staff is at work
    WAITING = "waiting"  # on the partner: clocks pause
    RESOLVED = "resolved"  # a reply within the reopening time reopens it
    CLOSED = "closed"  # for good: a later reply opens a new, linked ticket


LIVE = (State.NEW, State.OPEN, State.WAITING)  # promises run, somebody is at work or waited for
OVER = (State.RESOLVED, State.CLOSED)


class Happening(StrEnum):
    """Everything that happens to a ticket; each is an event with its reason."""

    RECEIVED = "received"  # the mail that opened it
    PARTNER_ANSWERED = "partner_answered"
    STAFF_ANSWERED = "staff_answered"  # a human's answer to the partner: stops "first response"
    STAFF_NOTED = "staff_noted"  # talk inside the team, or `tickets note`
    AUTOMATIC_MAIL = "automatic_mail"  # never stops, starts or reopens anything
    JUDGED = "judged"  # severity, service level, account and why; data holds the decision
    SEVERITY_CORRECTED = "severity_corrected"  # by a human: wins for good
    REVIEW_ASKED = "review_asked"
    LETTER_WRITTEN = "letter_written"
    LETTER_SENT = "letter_sent"
    LETTER_FAILED = "letter_failed"
    LETTER_WITHDRAWN = "letter_withdrawn"
    WAITING = "waiting"  # on the partner from now on
    RESUMED = "resumed"  # no longer waiting
    IDENTIFIED = "identified"  # the problem is understood
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"  # to a support tier; data: tier, commitment, share
    AT_RISK = "at_risk"
    MISSED = "missed"
    REMINDED = "reminded"
    MERGED = "merged"
    SPLIT = "split"
    LINKED = "linked"
    RATED = "rated"  # satisfaction 1 to 5
    CASE_MOVED = "case_moved"  # engineering case: data case, step, expected
    ADDRESS_FAILED = "address_failed"  # a letter of ours bounced
    PEOPLE_CHANGED = "people_changed"  # somebody of the partner joined or left by a page
    FOLLOWED = "followed"  # letters come to somebody, or no longer
    CONSENTED = "consented"  # support may sign in to the account for this ticket, or no longer
    KEPT_PRIVATE = "kept_private"  # from the organisation's admin, or no longer
    SNOOZED = "snoozed"  # out of the queue until a day
    RELATED = "related"  # to another ticket, or its duplicate, by a mark of staff
    UNMERGED = "unmerged"  # a merge taken back
    TAKEN_BACK = "taken_back"  # an answer of staff, before it left
    MEETING_CHANGED = "meeting_changed"  # a screen-sharing session: offered, accepted, moved, … (meetings/)
    MEETING_ANSWERED = "meeting_answered"  # somebody's calendar answered our invitation
    MEETING_CODE = "meeting_code"  # a connection code was made, or used


@frozen
class Event:
    """Something that happened to a ticket. `actor`: an address, "daemon", or "cli:<user>"."""

    at: datetime
    kind: Happening
    actor: str
    reason: str
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@frozen
class Person:
    """Somebody of a ticket. `failed`: letters to this address bounced.

    role: requester and cc get its letters; a reader sees it and gets none (he follows it no more); an other gets
    none and sees none, but may answer by mail.

    `since`: he came with a merger, and reads nothing of this ticket that is older; None: all of it.
    """

    address: str
    name: str = ""
    role: str = "requester"  # requester | cc | reader | other
    failed: bool = False
    since: datetime | None = None


@frozen
class Ticket:
    """A ticket as it stands, its events in order of time."""

    id: int
    reference: str  # "PS-1042"
    state: State
    subject: str
    mailbox: str
    language: str
    created_at: datetime  # when the proper request reached us (arrival, not Date)
    updated_at: datetime
    severity: Severity
    severity_because: str
    severity_by_human: bool = False
    content_severity: Severity = Severity.S3
    provisional: bool = False
    service_level: str = "standard"
    service: str | None = None
    account_key: str | None = None
    account_name: str | None = None
    superadmin_email: str | None = None
    large_user: bool = False
    licences: int = 0
    plan: str | None = None
    region: str = ""  # the account's, else the partner's, else the mailbox's: whose week counts
    partner_domain: str | None = None
    partner_tier: str | None = None
    time_zone: str = "UTC"  # the partner's own: what letters tell times in
    trusted: bool = False
    missing: tuple[str, ...] = ()  # what letters ask for, not all that the mail left out
    no_identifier: bool = False  # the partner must still say which account it is
    tags: tuple[str, ...] = ()
    queue: str | None = None
    assigned_to: str | None = None
    tier: int = 1
    people: tuple[Person, ...] = ()
    rulebook_version: str = ""
    last_message_id: str | None = None  # what our next letter answers
    references: tuple[str, ...] = ()
    history: bool = False  # came as history (promise 11): no letters
    merged_into: int | None = None
    linked_to: int | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reviews: tuple[str, ...] = ()  # open reasons for a review by staff
    # The commitment to be kept next; None: nothing is promised, or the clock stands
    promise: str | None = None
    promised_at: datetime | None = None  # by when; past: missed
    channel: str = "mail"  # how it came: mail, web, phone, chat, session
    private: bool = False  # kept from the organisation's admin
    engineering: bool = False  # a case of it is under way there (tickets/cases.py)
    snoozed_until: datetime | None = None  # out of the queue until then
    events: tuple[Event, ...] = ()


@frozen
class Due:
    """A step that is to be taken at a time: one row, claimed once. (ticket, kind, step) is unique.

    kind: "missing_information", "first_response", "identification", "resolution", "next_update",
    "waiting", "close", "case", "digest", …; step: "remind-1", "warn", "miss", "tier-3", …, plus whatever
    makes a cycle distinct ("remind-1@2").
    """

    ticket_id: int | None
    kind: str
    step: str
    due_at: datetime
    mailbox: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@frozen
class Attached:
    """A file with its content."""

    name: str
    type: str
    content: bytes


@frozen
class Letter:
    """A letter written, not yet a message: pure text. `key` makes it unique on its ticket (promise 3)."""

    kind: str  # "acknowledgment", "missing_information", "reminder", "at_risk", "missed", "review", …
    key: str
    audience: str  # "partner" | "staff"
    mailbox: str  # leaves from this mailbox's address
    to: tuple[str, ...]
    subject: str
    body: str
    cc: tuple[str, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    not_before: datetime | None = None  # sending hours
    expires: datetime | None = None  # after this it has lost its sense: withdrawn with an event
    language: str = "en"
    files: tuple[Attached, ...] = ()
    author: str = ""  # whose name it leaves under, beside the mailbox's
    answer_to: tuple[str, ...] = ()  # whom an answer to it goes to, beside the mailbox
