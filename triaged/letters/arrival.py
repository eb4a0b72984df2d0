"""Who is written what when a mail arrives. PURE.

Nobody is written to for history, automatic mail, forged senders (dmarc=fail) or our own people; strangers
get one generic letter (F15).
"""

from __future__ import annotations

from triaged.frozen import frozen
from triaged.judging.decisions import Decision, Sender
from triaged.letters import compose, kinds
from triaged.letters.recipients import Addresses
from triaged.letters.wording import one_line
from triaged.letters.writer import Writer
from triaged.reading.values import Reading
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Happening, Letter, Ticket
from triaged.vocabulary import Severity

_OPENS = frozenset({"new", "linked_new"})
_SILENT = frozenset({"duplicate", "abuse"})


@frozen
class Arrived:
    """A mail that came, with all that was found out of it.

    `addressed` is whom an answer to it goes to (to, cc) by promise 10; `before` its ticket as it stood
    (None: it is new).
    """

    reading: Reading
    sender: Sender
    placed: Placed
    decision: Decision
    addressed: Addresses
    before: Ticket | None = None

    @property
    def opens(self) -> bool:
        """Whether it begins a ticket."""
        return self.placed.joins in _OPENS

    @property
    def excerpt(self) -> str:
        """The beginning of what it says, quoted."""
        own = (self.reading.parts.own or self.reading.text).strip()[: compose.EXCERPT]
        return "\n".join("> " + one_line(line, 200) for line in own.splitlines()[:25])


def on_arrival(writer: Writer, arrived: Arrived, ticket: Ticket) -> tuple[Letter, ...]:
    """Every letter that a mail's arrival brings about, to the partner and to staff.

    `ticket` is as it stands after this mail. Letters that a rule holds are left out.
    """
    if ticket.history or arrived.reading.automatic is not None or arrived.placed.joins in _SILENT:
        return ()
    if arrived.sender.authentication == "fail":
        return ()
    written = [_answer(writer, arrived, ticket), *_to_staff(writer, arrived, ticket)]
    held = set(arrived.decision.verdict.hold_letters)
    return tuple(
        writer.in_hours(letter, ticket)
        for letter in written
        if letter is not None and letter.kind not in held
    )


def _answer(writer: Writer, arrived: Arrived, ticket: Ticket) -> Letter | None:
    """The one letter to the sender: acknowledgment, the question for what is missing, or thanks for it."""
    if (
        not arrived.addressed[0]
        or arrived.sender.role == "staff"
        or (arrived.opens and arrived.reading.thanks)
    ):
        return None
    kind = _kind(arrived, ticket)
    if kind is None:
        return None
    template = key = kind
    if arrived.before is not None and kinds.of(kind).again:
        key = f"{kind}@{1 + compose.written(ticket, kind)}"
    chosen = arrived.decision.verdict.letter
    if kinds.of(kind).chosen and chosen in writer.letters.names:
        template = str(chosen)
    # Of whose mail only the headers were read: he may have written all of it, and is asked for nothing.
    extra = {"missing": ()} if arrived.reading.late else {}
    return writer.to_partner(
        kind,
        key,
        ticket,
        extra,
        addressed=arrived.addressed,
        template=template,
        given=arrived.reading.identifiers,
    )


def _kind(arrived: Arrived, ticket: Ticket) -> str | None:
    before = arrived.before
    stranger = not ticket.trusted and ticket.partner_domain is None
    if arrived.reading.encrypted and ticket.no_identifier and not stranger:
        return "encrypted"  # it may have named them: nobody is asked as if it had been read
    if before is not None and ENCRYPTED in before.tags and ticket.no_identifier and not stranger:
        return "missing_information"
    if not arrived.opens:
        if not ticket.trusted:
            return None
        if before is not None and before.no_identifier and not ticket.no_identifier:
            return "details_received" if ticket.account_name is not None else None
        if before is None or before.trusted:
            return None
    if stranger:
        return "acknowledgment_unverified"
    if ticket.no_identifier and not arrived.reading.late:
        return "missing_information"
    return "acknowledgment" if ticket.trusted else "acknowledgment_unverified"


def _to_staff(writer: Writer, arrived: Arrived, ticket: Ticket) -> list[Letter | None]:
    """A new S1, reasons for a review that were not there before, and whom a rule names."""
    before, decision, excerpt = arrived.before, arrived.decision, arrived.excerpt
    known = before.reviews if before else ()
    new_reasons = tuple(r for r in decision.review if r not in known)
    written: list[Letter | None] = []
    if ticket.severity is Severity.S1 and (before is None or before.severity is not Severity.S1):
        written.append(compose.new_s1(writer, ticket, excerpt))
    if new_reasons:
        key = f"review@{compose.count(ticket, Happening.REVIEW_ASKED)}"
        told = {"reasons": new_reasons, "excerpt": excerpt}
        written.append(writer.to_staff("review", key, ticket, told))
    named = [who for who in decision.verdict.notify if "@" in who] if before is None else []
    written += [
        writer.to_staff("notify", f"notify:{who}", ticket, {"excerpt": excerpt}, to=(who,)) for who in named
    ]
    return written
