"""The words reading goes by: what people and mail programs write in a language, by what it means. PURE.

Contract: `Words` are all languages together, since no mail says beforehand which it is in; one language's file
becomes part of them by written.py. What each list is for is told here, beside its name; how a file is written, in
docs/extending.md, "A language".
"""

# ruff: noqa: RUF009 - lists and sections of words never change

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from triaged.frozen import frozen
from triaged.reading.words.listed import Endings, Prefixes, Table
from triaged.reading.words.phrases import Phrases


@frozen
class Absence:
    """Absence notes (automatic/absences.py)."""

    subject: Phrases = Phrases()  # how their subject begins, or what only such a subject contains
    mark: Phrases = Phrases()  # what systems add to the subject they answer, behind its `Re:`
    automatic: Phrases = Phrases()  # a text that calls itself automatic, or bids not to answer
    itself: Phrases = Phrases()  # a text that says of itself that it is automatic
    away: Phrases = Phrases()  # somebody, or a whole office, is not there
    later: Phrases = Phrases()  # the answer comes later, or the mail is not read
    instead: Phrases = Phrases()  # whom to turn to instead
    until: Phrases = Phrases()  # the word before the day somebody is back


@frozen
class TicketSystem:
    """What other companies' ticket systems answer (automatic/ticket_systems.py)."""

    received: Phrases = Phrases()  # it has our letter
    promise: Phrases = Phrases()  # somebody will answer
    numbered: Phrases = Phrases()  # the number it gave
    challenge: Phrases = Phrases()  # a spam guard wants us to prove we are people


@frozen
class Bounce:
    """What mail servers write when they give a mail back (automatic/bounces.py, failures.py)."""

    subject: Phrases = Phrases()
    text: Phrases = Phrases()  # in its body
    opening: Phrases = Phrases()  # how it opens, when neither sender nor form says that a server wrote it
    delayed: Phrases = Phrases()  # a letter is late, not lost
    copy_below: Phrases = Phrases()  # from here on it quotes the letter that came back
    # Why it came back: automatic/failures.py says which of these mean that an address is no good for ever.
    mailbox_full: Phrases = Phrases()
    message_too_large: Phrases = Phrases()
    account_suspended: Phrases = Phrases()
    not_reached: Phrases = Phrases()
    sender_refused: Phrases = Phrases()
    closed_group: Phrases = Phrases()
    no_such_person: Phrases = Phrases()
    no_such_host: Phrases = Phrases()
    takes_no_mail: Phrases = Phrases()
    moved: Phrases = Phrases()
    firm: Phrases = Phrases()  # said of the address itself, whatever else the server says
    unknown: Phrases = Phrases()  # it knows no such user …
    after_all: Phrases = Phrases()  # … and took the address: then a filter speaks
    passing: Phrases = Phrases()  # a passing trouble: beside no firm word the failure is soft


@frozen
class Thanks:
    """What is said in a mail that only thanks, and what makes it more than that (automatic/thanks.py)."""

    thanks: Phrases = Phrases()
    courtesy: Phrases = Phrases()  # greetings, closings, wishes, and leave to close the ticket
    good: Phrases = Phrases()  # it works, it is solved, it was a help
    over: Phrases = Phrases()  # what takes a trouble that is named in the same breath away
    troubles: Phrases = Phrases()  # troubles by their names: thanks may name one that is over
    standing: Phrases = Phrases()  # a trouble that stands, whatever else is said
    more: Phrases = Phrases()  # words after which something follows that is more than thanks
    closed: Phrases = Phrases()  # sounds like more, and says that nothing is left to do
    in_subject: Phrases = Phrases()  # the request stands in the subject


@frozen
class Request:
    """Whether a text wants something done (automatic/requests.py)."""

    asks: Phrases = Phrases()
    customer: Phrases = Phrases()  # whom support's work is for
    malfunctions: Phrases = Phrases()  # automatic mail that goes wrong is a person's topic


@frozen
class Notice:
    """Mail known by its subject and its words together: receipts, recalls, invitations and the like."""

    subject: Phrases = Phrases()
    text: Phrases = Phrases()


@frozen
class Quote:
    """Lines that mail programs set between a mail and the one below it (new_text/separators.py)."""

    forward: Table = Table()
    forward_end: Table = Table()
    original: Table = Table()


@frozen
class Header:
    """Labels of a header block that mail programs write over a quoted mail (`From:`, `Von:`, `De:`)."""

    from_: Table = Table()  # written `from`
    date: Table = Table()
    to: Table = Table()
    subject: Table = Table()
    other: Table = Table()


@frozen
class Subject:
    """What mail programs put before a subject."""

    forward: Prefixes = Prefixes()
    reply: Prefixes = Prefixes()


@frozen
class Attribution:
    """`On Tuesday, Anna wrote:` (new_text/attributions.py)."""

    begins: Table = Table()  # the words such a line begins with, days of the week too
    wrote: Endings = Endings()  # the words it ends with, before its colon
    wrote_before_name: Phrases = Phrases()  # where the name comes behind them


@frozen
class Signature:
    """What stands alone on the line above a name (new_text/signatures.py)."""

    closings: Table = Table()
    thanks: Table = Table()


@dataclass(frozen=True, slots=True)
class Words:
    """All languages' words together."""

    absence: Absence = Absence()
    ticket_system: TicketSystem = TicketSystem()
    bounce: Bounce = Bounce()
    thanks: Thanks = Thanks()
    request: Request = Request()
    receipt: Notice = Notice()
    complaint: Notice = Notice()
    recall: Notice = Notice()
    reaction: Notice = Notice()
    calendar: Notice = Notice()
    newsletter: Notice = Notice()
    quote: Quote = Quote()
    header: Header = Header()
    subject: Subject = Subject()
    attribution: Attribution = Attribution()
    signature: Signature = Signature()
    telling: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # word -> the languages it tells
    # Of `header`, by their text: every line asks for one.
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, text: str) -> str:
        """Which field of a header block a plain label is (`from`, `date`, `to`, `subject`, `other`); else empty."""
        return self.labels.get(text, "")

    def __hash__(self) -> int:
        """Words are part of the surroundings, by which readers are told apart."""
        return hash(frozenset(self.telling))
