"""Which tickets a mail points to, strongest evidence first. PURE.

Nothing is concluded from the shape of an id: only an exact match or a right signature counts (failure F10).
Whether the sender may write there is decided in threads.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from triaged.frozen import frozen
from triaged.reading.values import Reading
from triaged.tickets.ticket import State

MOST_IDS = 100  # of References; the ends are kept, where the first mail and the nearest ones stand
LONGEST_ID = 900
_BRACKETED = re.compile(r"[\[【](PS-[1-9][0-9]{0,9})[\]】]")
_BARE = re.compile(r"(?<![\w-])PS-[1-9][0-9]{0,9}(?![\w-])")
_MERGES = 20

Known = Literal["mail", "letter", "reference"]


@frozen
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


@frozen
class Candidates:
    """The tickets behind the ids and references a mail mentions; of a merged one the survivor too.

    `known_as`: how an id is known: of a mail that came (the default), of a letter of ours, or merely
    mentioned in the References of one. `also`: further tickets that know an id, after the first, since
    anybody can write a known id into his own mail. `survivors`: merged ticket's heir by id, where the store has it.
    """

    by_message_id: Mapping[str, Thread] = field(default_factory=dict)
    by_reference: Mapping[str, Thread] = field(default_factory=dict)
    known_as: Mapping[str, Known] = field(default_factory=dict)
    also: Mapping[str, tuple[tuple[Thread, Known], ...]] = field(default_factory=dict)
    survivors: Mapping[int, Thread] = field(default_factory=dict)


@frozen
class Pointer:
    """One ticket a mail points to, by what, and how strong that is."""

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


def pointers(
    reading: Reading, candidates: Candidates, verify: Callable[[str], int | None]
) -> Iterator[Pointer]:
    """Every ticket the mail points to, strongest first, merged ones replaced by their survivor."""
    ids, references = mentions(reading)
    own = reading.message_id
    signed = [i for i in ids if i in candidates.by_message_id and verify(i) is not None and i != own]
    for message_id in signed:
        yield Pointer(_survivor(candidates.by_message_id[message_id], candidates), "letter", message_id)
    for message_id in ids:
        if message_id in signed:
            continue
        for knowing, known in _knowing(message_id, candidates):
            # Another mail came under this very id: some senders give every mail the same one.
            if message_id != own or known == "reference":
                weak = known == "reference"
                yield Pointer(_survivor(knowing, candidates), "message-id", message_id, weak=weak)
    bracketed = set(_BRACKETED.findall(unicodedata.normalize("NFKC", reading.subject[:1_000]).upper()))
    for reference in references:
        thread = candidates.by_reference.get(reference)
        if thread is not None:
            weak = reference not in bracketed
            yield Pointer(_survivor(thread, candidates), "subject", f"[{reference}]", weak=weak)


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


def _knowing(message_id: str, candidates: Candidates) -> Iterator[tuple[Thread, Known]]:
    """The tickets that know an id, the likeliest first."""
    first = candidates.by_message_id.get(message_id)
    if first is not None:
        yield first, candidates.known_as.get(message_id, "mail")
    yield from candidates.also.get(message_id, ())


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
