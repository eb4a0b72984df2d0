"""The world after a run, compared with what was promised: nothing here knows what happened in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.e2e.town import ADDRESSES, parsed
from tests.faults.town import FaultTown
from triaged.store.rows import Fate

_FIRST = frozenset({"acknowledgment", "acknowledgment_unverified", "missing_information"})


def faults(town: FaultTown) -> list[str]:
    """What is not as promised, one line each."""
    return [
        *_every_mail_one_fate(town),
        *_every_request_one_ticket(town),
        *_every_ticket_one_acknowledgment(town),
        *_every_letter_once(town),
        *_nothing_to_robots(town),
        *_nothing_stuck(town),
        *(f"db check: {one.name} {' '.join(one.ids)}: {one.why}" for one in town.store.faults(town.clock())),
    ]


def doubles(town: FaultTown) -> int:
    """Second copies under one Message-ID: what a kill between the server's 250 and our note of it may cost."""
    return sum(count - 1 for count in _sent(town).values())


def _sent(town: FaultTown) -> Counter[str]:
    return Counter(str(parsed(one.raw)["Message-ID"]) for one in list(town.sink.taken))


def _every_mail_one_fate(town: FaultTown) -> Iterator[str]:
    ledger = town.mails()
    for row in ledger:
        if row.fate in (Fate.WAITING, Fate.QUARANTINE):
            yield f"mail {row.id} ({row.subject}) is {row.fate}: {row.why}"
    seen = Counter(f"<{row.message_id.strip('<>')}>" for row in ledger if row.message_id)
    for message_id, places in town.given.items():
        if (places and seen[message_id] != places) or not seen[message_id]:
            yield f"{message_id} was given to {places} places and is {seen[message_id]} times in the ledger"
    for name in ADDRESSES:
        if left := town.inbox(name):
            yield f"{len(left)} mails lie still in the inbox of {name}"
    placed = sum(len(town.inbox(name, "Triaged")) for name in ADDRESSES)
    if placed != (wanted := sum(town.given.values())):
        yield f"{placed} mails lie in Triaged, {wanted} were delivered"


def _every_request_one_ticket(town: FaultTown) -> Iterator[str]:
    found = Counter(ticket.subject for ticket in town.tickets())
    for subject in town.requests:
        if found[subject] != 1:
            yield f"{subject} became {found[subject]} tickets"
    for subject in found.keys() - town.requests.keys():
        yield f"nobody asked for a ticket {subject}"


def _every_ticket_one_acknowledgment(town: FaultTown) -> Iterator[str]:
    sent = _sent(town)
    for ticket in town.tickets():
        first = [one for one in town.store.letters_of(ticket.id) if one.kind in _FIRST]
        reached = [one for one in first if sent[one.message_id]]
        if len(first) != 1 or len(reached) != 1:
            yield f"{ticket.reference} {ticket.subject}: {len(first)} acknowledgments, {len(reached)} of them sent"


def _every_letter_once(town: FaultTown) -> Iterator[str]:
    letters = town.store.letters(limit=100_000)
    named = Counter((one.ticket_id, one.kind, one.key, one.mailbox) for one in letters)
    yield from (f"written {count} times: {what}" for what, count in named.items() if count > 1)
    known, sent = {one.message_id: one for one in letters}, _sent(town)
    yield from (f"{one} was sent and is not in the outbox" for one in sent.keys() - known.keys())
    for one in letters:
        if one.state == "sent" and not sent[one.message_id]:
            yield f"letter {one.id} is said to be sent, and no server has it"
    if (twice := doubles(town)) > town.kills + town.freezes + town.troubles:
        yield f"{twice} letters left twice, with only {town.kills} kills"


def _nothing_to_robots(town: FaultTown) -> Iterator[str]:
    for one in list(town.sink.taken):
        if written := town.robots.intersection(one.rcpt_to):
            yield f"a letter went to a machine: {', '.join(written)}"


def _nothing_stuck(town: FaultTown) -> Iterator[str]:
    counts = town.store.counts(town.clock())
    if counts.dues_late:
        yield f"{counts.dues_late} steps are overdue"
    now = town.clock()
    for one in town.store.letters(state="waiting", limit=100_000):
        if one.runs or (one.ready_at and one.ready_at <= now):
            yield f"letter {one.id} ({one.kind}) waits: {one.error}"
    for one in town.store.letters(state="failed", limit=1000):
        yield f"letter {one.id} ({one.kind}) was given up: {one.error}"
