"""Which ticket a mail belongs to, and why (threading). PURE.

The store is asked for the tickets behind what a mail mentions (`mentions`); `place` then decides:

1. ids of our own letters, when their signature is right (letters/identity.py);
2. the ids of In-Reply-To and References, nearest first, then the mail's own id;
3. `[PS-1042]` in the subject, the weakest, since anybody can write it.

Each only from somebody of that ticket: its people, its partner, or our staff (failures F9, F16). A
stranger who names somebody's ticket is `abuse`; a partner who names another's simply gets a new one.
The shape of an id never tells anything, only an exact match or a right signature does (F10).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from triaged.judging.values import Sender
from triaged.reading.values import Reading
from triaged.tickets.values import State

MOST_IDS = 100  # of References; the ends are kept, where the first mail and the nearest ones stand
LONGEST_ID = 900
_BRACKETED = re.compile(r"[\[【](PS-[1-9][0-9]{0,9})[\]】]")
_BARE = re.compile(r"(?<![\w-])PS-[1-9][0-9]{0,9}(?![\w-])")
_MERGES = 20

Known = Literal["mail", "letter", "reference"]
Joins = Literal["reply", "duplicate", "new", "reopens", "linked_new", "abuse"]


@dataclass(frozen=True, slots=True)
class Thread:
    """What placing a mail must know of a ticket.

    `people`: everybody who wrote or was addressed in its mails, lower case, so that a Cc'd person's
    reply-all joins (failure F11), whether or not letters go to them.
    """

    ticket_id: int
    reference: str
    state: State
    people: frozenset[str] = frozenset()
    partner_domain: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    trusted: bool = False
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The tickets behind the ids and references a mail mentions; of a merged one the survivor too.

    `known_as`: how an id is known: of a mail that came (the default), of a letter of ours, or merely
    mentioned in the References of one. `survivors`: merged ticket's heir by id, where the store has it.
    """

    by_message_id: Mapping[str, Thread] = field(default_factory=dict)
    by_reference: Mapping[str, Thread] = field(default_factory=dict)
    known_as: Mapping[str, Known] = field(default_factory=dict)
    survivors: Mapping[int, Thread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a mail goes. `ticket_id` None: a new ticket opens (or none, for `abuse` and automatic mail).

    `linked_to`: the closed ticket a new one continues. `others`: further tickets the mail bridges.
    `refused`: why a ticket it names was not taken, empty if none was.
    """

    ticket_id: int | None
    how: Literal["letter", "message-id", "subject", "none"]
    why: str
    joins: Joins
    others: tuple[int, ...] = ()
    refused: str = ""
    linked_to: int | None = None


@dataclass(frozen=True, slots=True)
class _Claim:
    """One ticket a mail names, by what, and how strong that is."""

    thread: Thread
    how: Literal["letter", "message-id", "subject"]
    by: str
    weak: bool = False  # a bare number, or an id merely mentioned: a stranger who has it is no abuse


def mentions(reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(message ids, references) to look up: strongest first, no repeats, bounded.

    The ids of In-Reply-To and References, of the letter a bounce returns, and the mail's own, since an
    answer to it may have come first.
    """
    ids = [*_answered(reading)]
    if reading.message_id:
        ids.append(reading.message_id)
    return tuple(dict.fromkeys(i for i in ids if len(i) <= LONGEST_ID)), _references(reading.subject)


def place(
    reading: Reading,
    sender: Sender,
    candidates: Candidates,
    *,
    verify: Callable[[str], int | None],
    now: datetime,
    reopen_within: timedelta = timedelta(days=14),
    seen_on: int | None = None,
) -> Placed:
    """The ticket a mail belongs to.

    `verify`: the ticket of a Message-ID we signed, else None. `seen_on`: the ticket of the very same
    mail, if it came before through another door or mailbox.
    """
    if seen_on is not None:
        return Placed(seen_on, "message-id", "the same mail came before", "duplicate")
    taken: list[_Claim] = []
    refusals: list[tuple[_Claim, str]] = []
    for claim in _claims(reading, candidates, verify):
        objection = _objection(claim, reading, sender)
        if objection:
            refusals.append((claim, objection))
        else:
            taken.append(claim)
    refused = "; ".join(dict.fromkeys(why for _, why in refusals))
    if not taken:
        return _refused(refusals, refused, reading, sender)
    return _joined(taken, refused, reading, sender, now, reopen_within)


def _answered(reading: Reading) -> Iterator[str]:
    """Ids of the mails this one answers, nearest first.

    Old programs write `Message from Anna <anna@oak.example> of "Mon, 9 Nov" <id>` into In-Reply-To: the
    address of somebody in this mail is no id, or all Anna ever wrote would be one ticket.
    """
    if reading.automatic and reading.automatic.original_message_id:
        yield reading.automatic.original_message_id
    people = {f"<{a.address}>" for a in (*reading.from_, *reading.to, *reading.cc)}
    nearest = reading.references[::-1]
    ends = nearest if len(nearest) <= MOST_IDS else (*nearest[: MOST_IDS - 10], *nearest[-10:])
    yield from (one for one in (*reading.in_reply_to[:MOST_IDS], *ends) if one.lower() not in people)


def _references(subject: str) -> tuple[str, ...]:
    text = unicodedata.normalize("NFKC", subject[:1_000]).upper()
    return tuple(dict.fromkeys([*_BRACKETED.findall(text), *_BARE.findall(text)]))[:10]


def _claims(
    reading: Reading, candidates: Candidates, verify: Callable[[str], int | None]
) -> Iterator[_Claim]:
    """Every ticket the mail names, strongest first, merged ones replaced by their survivor."""
    ids, references = mentions(reading)
    own = reading.message_id
    signed = [i for i in ids if i in candidates.by_message_id and verify(i) is not None and i != own]
    for message_id in signed:
        yield _Claim(_survivor(candidates.by_message_id[message_id], candidates), "letter", message_id)
    for message_id in ids:
        thread = candidates.by_message_id.get(message_id)
        known = candidates.known_as.get(message_id, "mail")
        if thread is None or message_id in signed or (message_id == own and _repeated(own, candidates)):
            continue
        yield _Claim(_survivor(thread, candidates), "message-id", message_id, weak=known == "reference")
    bracketed = set(_BRACKETED.findall(unicodedata.normalize("NFKC", reading.subject[:1_000]).upper()))
    for reference in references:
        thread = candidates.by_reference.get(reference)
        if thread is not None:
            weak = reference not in bracketed
            yield _Claim(_survivor(thread, candidates), "subject", f"[{reference}]", weak=weak)


def _repeated(own: str, candidates: Candidates) -> bool:
    """Another mail came under this very id: some senders give every mail the same one."""
    return candidates.known_as.get(own) == "mail"


def _survivor(thread: Thread, candidates: Candidates) -> Thread:
    by_id = {t.ticket_id: t for t in (*candidates.by_reference.values(), *candidates.by_message_id.values())}
    by_id.update(candidates.survivors)
    for _ in range(_MERGES):
        if thread.merged_into is None:
            return thread
        heir = by_id.get(thread.merged_into)
        if heir is None:  # the store gave only the number: it is open as far as we know
            return Thread(
                thread.merged_into, thread.reference, State.OPEN, thread.people, thread.partner_domain
            )
        people = thread.people | heir.people
        thread = Thread(
            heir.ticket_id,
            heir.reference,
            heir.state,
            people,
            heir.partner_domain or thread.partner_domain,
            heir.resolved_at,
            heir.closed_at,
            heir.trusted,
            heir.merged_into,
        )
    return thread


def _objection(claim: _Claim, reading: Reading, sender: Sender) -> str:
    """Why this sender may not write into that ticket by that means; empty if they may."""
    thread, name = claim.thread, f"{claim.thread.reference} ({claim.by})"
    if reading.automatic and claim.how == "letter":
        return ""  # a bounce comes from a mail server; our signature is proof enough
    if sender.authentication == "fail":
        return f"{name}: {sender.address} fails DMARC"
    if sender.role == "staff" or sender.address in thread.people:
        return ""
    same = sender.partner is not None and sender.partner.domain == thread.partner_domain
    if same and (sender.trusted or claim.how != "subject"):
        return ""
    if same:
        return f"{name}: {sender.address} is of its partner's domain, but not verified, and no id fits"
    return f"{name}: {sender.address or 'nobody'} is none of its people nor of its partner"


def _refused(refusals: list[tuple[_Claim, str]], refused: str, reading: Reading, sender: Sender) -> Placed:
    """No ticket may be joined: a new one, unless a stranger tried to write into somebody's."""
    strong = [claim for claim, _ in refusals if not claim.weak]
    others = tuple(dict.fromkeys(claim.thread.ticket_id for claim in strong))
    if strong and sender.role == "stranger" and reading.automatic is None:
        why = f"a stranger writes into {strong[0].thread.reference}"
        return Placed(None, strong[0].how, why, "abuse", others, refused)
    return Placed(None, "none", "names no ticket of ours" if not refusals else refused, "new", (), refused)


def _joined(
    taken: list[_Claim],
    refused: str,
    reading: Reading,
    sender: Sender,
    now: datetime,
    reopen_within: timedelta,
) -> Placed:
    """The strongest claim wins; the others are told, so that staff may merge."""
    first = taken[0]
    ticket_id = first.thread.ticket_id
    others = tuple(dict.fromkeys(c.thread.ticket_id for c in taken if c.thread.ticket_id != ticket_id))
    joins, because = _effect(first.thread, reading, sender, now, reopen_within)
    why = f"{_told(first)}; {because}" if because else _told(first)
    if joins == "linked_new":
        return Placed(None, first.how, why, joins, others, refused, linked_to=ticket_id)
    return Placed(ticket_id, first.how, why, joins, others, refused)


def _told(claim: _Claim) -> str:
    what = {"letter": "answers our letter", "message-id": "answers", "subject": "subject says"}[claim.how]
    return f"{what} {claim.by} of {claim.thread.reference}"


def _effect(
    thread: Thread, reading: Reading, sender: Sender, now: datetime, reopen_within: timedelta
) -> tuple[Joins, str]:
    """What joining does to the ticket. Automatic mail, thanks and our own people reopen nothing (F14)."""
    if thread.state not in {State.RESOLVED, State.CLOSED}:
        return "reply", ""
    if reading.automatic or reading.thanks or sender.role == "staff":
        return "reply", f"it stays {thread.state}"
    if thread.state is State.CLOSED:
        return "linked_new", "which is closed: a new ticket, linked to it"
    since = now - (thread.resolved_at or now)
    if since <= reopen_within:
        return "reopens", f"resolved {since.days} days ago: reopens"
    return (
        "linked_new",
        f"resolved {since.days} days ago, more than {reopen_within.days}: a new ticket, linked to it",
    )
