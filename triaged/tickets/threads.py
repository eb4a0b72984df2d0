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

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from triaged.judging.values import Sender
from triaged.reading.values import Reading
from triaged.tickets.claims import Candidates, Claim, Known, Thread, claims, mentions
from triaged.tickets.values import State

__all__ = ["Candidates", "Joins", "Known", "Placed", "Thread", "mentions", "place"]

Joins = Literal["reply", "duplicate", "new", "reopens", "linked_new", "abuse"]


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
    taken: list[Claim] = []
    refusals: list[tuple[Claim, str]] = []
    for claim in claims(reading, candidates, verify):
        objection = _objection(claim, reading, sender)
        if objection:
            refusals.append((claim, objection))
        else:
            taken.append(claim)
    refused = "; ".join(dict.fromkeys(why for _, why in refusals))
    if not taken:
        return _refused(refusals, refused, reading, sender)
    return _joined(taken, refused, reading, sender, now, reopen_within)


def _objection(claim: Claim, reading: Reading, sender: Sender) -> str:
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


def _refused(refusals: list[tuple[Claim, str]], refused: str, reading: Reading, sender: Sender) -> Placed:
    """No ticket may be joined: a new one, unless a stranger tried to write into somebody's."""
    strong = [claim for claim, _ in refusals if not claim.weak]
    others = tuple(dict.fromkeys(claim.thread.ticket_id for claim in strong))
    if strong and sender.role == "stranger" and reading.automatic is None:
        why = f"a stranger writes into {strong[0].thread.reference}"
        return Placed(None, strong[0].how, why, "abuse", others, refused)
    return Placed(None, "none", "names no ticket of ours" if not refusals else refused, "new", (), refused)


def _joined(
    taken: list[Claim],
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


def _told(claim: Claim) -> str:
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
