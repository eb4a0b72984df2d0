"""What the store takes and gives besides tickets, letters and due steps: frozen values of its own.

Times are aware UTC. Only a row's `owner` (a daemon's name) can finish it: who was thought dead cannot write over another's work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from triaged.errors import Faulty, Temporary
from triaged.frozen import frozen
from triaged.tickets.ticket import LIVE, State
from triaged.vocabulary import Severity


class Unavailable(Temporary):
    """The database is away, locked, full or not answering: what was under way is rolled back."""


class Fenced(Temporary):
    """The claim on this row was lost to somebody else: roll back, and leave it to them."""


class OldSchema(Faulty):
    """The tables are not those of this version; the message names the remedy."""


class Fate(StrEnum):
    """What became of a mail (promise 2). Every mail ends in exactly one of the later five."""

    WAITING = "waiting"  # kept, not triaged yet (or released to be tried again)
    TICKET = "ticket"  # on a ticket
    AUTOMATIC = "automatic"  # recorded as automatic; may still be tied to a ticket
    SPAM = "spam"
    SKIPPED = "skipped"  # as history, or as nothing that concerns us
    QUARANTINE = "quarantine"  # could not be handled; error says why


class LetterState(StrEnum):
    """Where a letter of the outbox stands."""

    WAITING = "waiting"  # to be sent, now or later
    SENT = "sent"  # the server took it
    FAILED = "failed"  # given up; `retry` tries again with the same Message-ID
    WITHDRAWN = "withdrawn"  # lost its sense, or cancelled


@frozen
class Arrival:
    """A mail at a door, not yet kept. `received_at`: INTERNALDATE, or when the SMTP door had it all.

    `folder`, `uidvalidity`, `uid` are None where the mail came over SMTP or LMTP. `moved`: nothing is to
    be flagged or moved on the IMAP server afterwards (`after: leave`).
    """

    raw: bytes
    mailbox: str
    door: Literal["imap", "smtp", "lmtp", "web", "phone", "chat"]
    folder: str | None
    uidvalidity: int | None
    uid: int | None
    received_at: datetime
    envelope_from: str | None = None
    envelope_to: tuple[str, ...] = ()
    behind_mta: bool = True
    sent_folder: bool = False
    truncated: bool = False
    history: Literal["none", "quiet", "skip"] = "none"
    moved: bool = False


@frozen
class KeptMail:
    """A mail now durable. `new` is False where this uid was kept before: nothing was stored twice."""

    id: int
    sha256: str
    new: bool
    uid: int | None = None


@frozen
class Held:
    """A lease as it was taken: whoever writes by it writes nothing once somebody else has it."""

    name: str
    owner: str
    epoch: int


@frozen
class Cursor:
    """How far a mailbox's folder has been read; by whom, where only the lease's holder may say so."""

    mailbox: str
    folder: str
    uidvalidity: int
    last_uid: int
    held: Held | None = None


@frozen
class OwedMail:
    """A mail that lies on the server and was not given whole yet.

    `failures`: tries in vain since `since`; `retry_at`: when it is asked for again; `size` None: the server
    would not say. `told_at`: when staff were written to about it.
    """

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    size: int | None
    received_at: datetime | None
    failures: int
    since: datetime
    retry_at: datetime
    error: str
    told_at: datetime | None = None


@frozen
class ClaimedMail:
    """A mail to triage, ours until its lease ends. `ticket_id`: the ticket it is already on (a replay).

    `raw` is the beginning only where a claim was to take no more of it; `size` is always the whole mail's.
    """

    id: int
    raw: bytes
    sha256: str
    body_sha256: str
    mailbox: str
    door: str
    folder: str | None
    received_at: datetime
    kept_at: datetime
    envelope_from: str | None
    envelope_to: tuple[str, ...]
    behind_mta: bool
    sent_folder: bool
    truncated: bool
    history: str
    runs: int
    size: int
    ticket_id: int | None = None
    former_kind: str | None = None

    @property
    def walked(self) -> bool:
        """Whether it has opened or joined its ticket before. What was taken for automatic has not yet spoken."""
        return self.ticket_id is not None and self.former_kind in _SPEAKING


_SPEAKING = frozenset({"request", "thanks", "staff", "spoof"})


@frozen
class Upcoming:
    """What recording a claimed mail will ask about: its id, the ids it mentions, who sent it."""

    mail: ClaimedMail
    message_id: str | None
    mentions: tuple[str, ...]
    sender: str


@frozen(kw_only=True)
class Finished:
    """The end of a mail's walk. `reading`: what it said, as JSON; `duplicate_of`: the mail that this one is again."""

    mail_id: int
    fate: Fate | str
    kind: str | None
    why: str
    ticket_id: int | None = None
    subject: str = ""
    sender: str = ""
    message_id: str | None = None
    duplicate_of: int | None = None
    reading: Any = None


@frozen
class SaidMail:
    """What a mail on a ticket says, to be shown and found. `audience`: "staff" where the partner is not to see it.

    `files`: name, type and bytes of each; `more`: what it is found by beside all that.
    """

    ticket_id: int
    mail_id: int
    reference: str
    partner: str | None
    audience: str
    sender: str
    by_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str
    files: tuple[tuple[str, str, int], ...] = ()
    more: tuple[str, ...] = ()


@frozen
class LedgerMail:
    """A row of the ledger: everything known of a received mail but its bytes (`raw` only where asked)."""

    id: int
    sha256: str
    mailbox: str
    door: str
    folder: str | None
    uidvalidity: int | None
    uid: int | None
    received_at: datetime
    kept_at: datetime
    fate: Fate
    kind: str | None
    ticket_id: int | None
    duplicate_of: int | None
    why: str
    subject: str
    sender: str
    message_id: str | None
    size: int
    runs: int
    error: str | None
    finished_at: datetime | None
    ready_at: datetime | None
    sent_folder: bool
    history: str
    truncated: bool
    moved: bool
    raw: bytes | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)


@frozen
class PastMail:
    """A stored mail with what became of it, for `rules backtest` and learning."""

    id: int
    raw: bytes
    mailbox: str
    door: str
    received_at: datetime
    envelope_from: str | None
    behind_mta: bool
    sent_folder: bool
    fate: Fate
    kind: str | None
    ticket_id: int | None
    severity: Severity | None
    human_severity: Severity | None  # set by a person: the truth to compare with
    reading: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class _WrittenLetter:
    """What everybody who looks at a letter of the outbox asks for."""

    id: int
    ticket_id: int | None
    kind: str
    key: str
    audience: str
    mailbox: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    message_id: str
    runs: int
    written_at: datetime
    expires: datetime | None


@frozen(kw_only=True)
class OutboxLetter(_WrittenLetter):
    """A letter with its bytes, to be sent unchanged."""

    raw: bytes
    not_before: datetime | None
    unanswered: int = 0  # how often it was handed over and the answer was lost


@frozen(kw_only=True)
class LetterRow(_WrittenLetter):
    """A letter of the outbox and its fate, for people."""

    subject: str
    state: LetterState
    error: str | None
    refused: tuple[str, ...]
    ready_at: datetime | None
    sent_at: datetime | None
    raw: bytes | None = None


@frozen
class TicketFilter:
    """Which tickets to list; None leaves a thing open. `text` looks into subject, account and people.

    `missed_at`: only those whose next promise was to be kept before. `by_promise`: in the order of what is
    promised (missed first, then the next due, then those with nothing promised), else the newest first.
    """

    states: tuple[State, ...] = ()
    severities: tuple[Severity, ...] = ()
    partner: str | None = None
    mailbox: str | None = None
    assigned: str | None = None
    account: str | None = None
    queue: str | None = None
    channel: str | None = None
    review: bool | None = None
    person: str | None = None
    due_before: datetime | None = None
    created_since: datetime | None = None
    text: str | None = None
    missed_at: datetime | None = None
    by_promise: bool = False
    limit: int = 100
    after_id: int | None = None


@frozen
class Correction:
    """A human's word on a severity, with the text it was about: training data."""

    ticket_id: int
    at: datetime
    who: str
    was: Severity
    severity: Severity
    reason: str
    subject: str
    text: str
    language: str
    id: int = 0


@frozen
class FailedAddress:
    """An address our letters bounced from: gets none until it is cleared."""

    address: str
    why: str
    at: datetime


@frozen
class MailboxState:
    """How a mailbox is doing: age of the last good poll is what an alarm looks at."""

    mailbox: str
    good_at: datetime | None
    failed_at: datetime | None
    failures: int  # in a row
    error: str | None


@frozen
class Note:
    """Something a daemon tells `status`: the rulebook in force, a refused reload, a heartbeat."""

    name: str
    value: Any
    at: datetime


@frozen
class Counts:
    """Everything counted for `status` and the metrics."""

    mail: Mapping[str, int]  # by fate
    tickets: Mapping[tuple[str, str], int]  # by (state, severity)
    letters: Mapping[str, int]  # by state
    dues_late: int  # pending steps whose time has passed
    dues_soon: int  # pending steps of the next hour
    missed: int  # commitments missed on tickets still open
    reviews: int  # open tickets that ask for a review
    failed_addresses: int
    oldest_waiting_mail: datetime | None
    oldest_waiting_letter: datetime | None

    @property
    def live(self) -> Mapping[str, int]:
        """Tickets that are neither resolved nor closed, by severity, the most severe first."""
        found: Counter[str] = Counter()
        for (state, severity), number in self.tickets.items():
            if state in LIVE:
                found[severity] += number
        return dict(sorted(found.items()))
