"""What the pages ask for and get: frozen values, times in aware UTC. No row holds more than its reader may see."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from triaged.frozen import frozen
from triaged.store.rows import LetterState
from triaged.tickets.ticket import Attached, State, Ticket
from triaged.vocabulary import Severity

PAGE = 50  # tickets on a page
BOUND = 1000  # counts are exact up to here


class Status(StrEnum):
    """How a ticket stands, in the words of a partner's list."""

    OPEN = "open"
    WAITING = "waiting"  # for the partner
    ESCALATED = "escalated"  # with a higher tier, or with engineering
    RESOLVED = "resolved"
    CLOSED = "closed"


class View(StrEnum):
    """The console's lists. What is snoozed stays out of `mine`, `unassigned` and `queue`."""

    QUEUE = "queue"  # all that is live, next due first
    MINE = "mine"
    UNASSIGNED = "unassigned"
    S1 = "s1"
    AT_RISK = "at_risk"
    MISSED = "missed"
    REVIEW = "review"
    WAITING = "waiting"  # on the partner
    SNOOZED = "snoozed"
    EVERYTHING = "everything"


class Sort(StrEnum):
    """The columns of a list. With a scope of staff `subject`, `person`, `channel` and `status` need a view or a filter."""

    DUE = "due"
    REFERENCE = "reference"
    PERSON = "person"
    SUBJECT = "subject"
    CREATED = "created"
    UPDATED = "updated"
    CHANNEL = "channel"
    STATUS = "status"
    SEVERITY = "severity"


Channel = Literal["mail", "web", "phone", "chat", "session"]


@frozen
class Place:
    """Where a page of a list ends: the sorted column's value and the ticket's number. Goes into an address as it is."""

    key: str | int
    ticket_id: int


@frozen(kw_only=True)
class Wanted:
    """Which tickets a list shows, and in which order; empty leaves a thing open.

    `text`: words to be found (store/words.py). `own`: only those on which the reader stands himself. `after`: the
    page behind that place; `before`: the one in front of it. `now`: aware UTC; what is missed or snoozed goes by it.
    """

    now: datetime
    view: View = View.EVERYTHING
    statuses: tuple[Status, ...] = ()
    states: tuple[State, ...] = ()
    severities: tuple[Severity, ...] = ()
    mailbox: str = ""
    partner: str = ""
    account: str = ""
    service: str = ""
    person: str = ""
    tag: str = ""
    channel: str = ""
    text: str = ""
    own: bool = False
    sort: Sort = Sort.UPDATED
    descending: bool = True
    after: Place | None = None
    before: Place | None = None
    limit: int = PAGE


@frozen
class ListRow:
    """A ticket of a list. From `severity` on only for staff: empty for others."""

    id: int
    reference: str
    subject: str
    person: str  # address of who asked; his name where he gave one
    person_name: str
    created_at: datetime
    updated_at: datetime
    channel: str
    status: Status
    state: State
    private: bool
    severity: Severity | None = None
    provisional: bool = False
    mailbox: str = ""
    partner: str = ""
    account: str = ""
    service: str = ""
    assigned_to: str = ""
    promise: str = ""
    promised_at: datetime | None = None
    tags: tuple[str, ...] = ()
    reviews: int = 0
    tier: int = 1
    snoozed_until: datetime | None = None


@frozen
class ListPage:
    """A page of a list. `first` and `last`: for `before` and `after`; None: nothing lies there."""

    rows: tuple[ListRow, ...]
    first: Place | None = None
    last: Place | None = None


@frozen
class Counted:
    """How many there are: exact, or (`more`) at least so many."""

    number: int
    more: bool = False


@frozen
class FileShown:
    """A file of a mail or letter; `index` is its place there, for `Store.file_of`."""

    index: int
    name: str
    type: str
    size: int


@frozen
class Contribution:
    """One mail or letter of a conversation. `text`: what it says anew; None: not read yet, or forgotten.

    `kind`: of a mail what it is ("request", "staff", "auto_reply", …), of a letter its
    kind (letters/kinds.py). `state`: a letter's. `ours`: written by our side. `waiting`: kept, not walked yet. `due`: when a
    letter leaves that has not left.
    """

    what: Literal["mail", "letter"]
    number: int
    at: datetime
    by: str
    by_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str | None
    kind: str
    door: str = ""
    state: LetterState | None = None
    ours: bool = False
    audience: str = "partner"
    waiting: bool = False
    due: datetime | None = None
    files: tuple[FileShown, ...] = ()
    size: int = 0


@frozen
class TicketPage:
    """A ticket with its conversation, oldest first; `version` is the last event seen, which every form carries.

    `merged`: references of tickets that went into it and that the reader may see; `heir`: the one it went into.
    """

    ticket: Ticket
    status: Status
    channel: str
    version: int
    said: tuple[Contribution, ...]
    merged: tuple[str, ...] = ()
    heir: str = ""


@frozen
class Beside:
    """Other open tickets of the same person and of the same account, newest first."""

    of_person: tuple[ListRow, ...]
    of_account: tuple[ListRow, ...]


@frozen
class Draft:
    """A half-written form of one person. `about`: a reference, or "new"; `form`: "answer", "note", "request", …."""

    address: str
    about: str
    form: str
    fields: dict[str, Any]
    saved_at: datetime
    files: tuple[Attached, ...] = ()
