"""Which ticket a mail belongs to, and why (threading). PURE.

The store is asked for the tickets behind what a mail mentions (`mentions`); `place` then decides:

1. ids of our own letters, when their signature is right (reading/our_ids.py);
2. the ids of In-Reply-To and References, nearest first, then the mail's own id;
3. `[PS-1042]` in the subject, the weakest, since anybody can write it.

Each only from somebody of that ticket: its people, its partner, or our staff (failures F9, F16). A
stranger who names somebody's ticket is `abuse`. A verified partner joins no ticket but his own: whoever
writes him into Cc, or a known id into his References, must not get hold of the partner's request. He gets
a new one, linked where he was named. What nobody verified does not join by a number alone.
The shape of an id never tells anything, only an exact match or a right signature does (F10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from triaged.frozen import frozen
from triaged.judging.decisions import Sender
from triaged.reading.values import Reading
from triaged.tickets.pointers import Candidates, Known, Pointer, Thread, mentions, pointers
from triaged.tickets.ticket import OVER, Happening, State, Ticket
from triaged.vocabulary import counted

__all__ = [
    "Candidates", "Joins", "Known", "Placed", "Thread",
    "apart", "holds", "mentions", "opener", "place", "vouched",
]  # fmt: skip

Joins = Literal["reply", "duplicate", "new", "reopens", "linked_new", "abuse"]


@frozen
class Placed:
    """Where a mail goes. `ticket_id` None: a new ticket opens (or none, for `abuse` and automatic mail).

    `linked_to`: the ticket a new one continues or stands beside. `others`: further tickets the mail bridges.
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
    taken: list[Pointer] = []
    refusals: list[tuple[Pointer, str]] = []
    for pointer in pointers(reading, candidates, verify):
        objection = _objection(pointer, reading, sender)
        if objection:
            refusals.append((pointer, objection))
        else:
            taken.append(pointer)
    refused = "; ".join(dict.fromkeys(why for _, why in refusals))
    if not taken:
        return _refused(refusals, refused, reading, sender)
    return _joined(taken, refused, reading, sender, now, reopen_within)


def _objection(pointer: Pointer, reading: Reading, sender: Sender) -> str:
    """Why this sender may not write into that ticket by that means; empty if they may."""
    thread, name = pointer.thread, f"{pointer.thread.reference} ({pointer.by})"
    if reading.automatic and pointer.how == "letter":
        return ""  # a bounce comes from a mail server; our signature is proof enough
    if sender.authentication == "fail":
        return f"{name}: {sender.address} fails DMARC"
    if sender.role == "staff":
        return ""
    if sender.trusted:
        return "" if holds(sender, thread.partner_domain) else f"{name}: {sender.address} does not hold it"
    named = sender.address in thread.people
    if not named and not holds(sender, thread.partner_domain):
        return f"{name}: {sender.address or 'nobody'} is none of its people nor of its partner"
    if pointer.how == "subject" and (sender.authentication != "pass" or not named):
        return f"{name}: nobody verified {sender.address}, and a number alone proves nothing"
    return ""


def holds(sender: Sender, partner_domain: str | None) -> bool:
    """Whether a sender is of the partner that a ticket names: by its domain, or by a contact's address."""
    partner = sender.partner
    return (
        partner is not None and bool(partner_domain) and partner_domain in (partner.domain, *partner.contacts)
    )


def _refused(refusals: list[tuple[Pointer, str]], refused: str, reading: Reading, sender: Sender) -> Placed:
    """No ticket may be joined: a new one, unless a stranger tried to write into somebody's.

    A verified partner named on a ticket that he does not hold has his new one linked to it, for staff to see.
    """
    named = [pointer for pointer, _ in refusals if _is_named(sender, pointer.thread)]
    if named and sender.trusted and reading.automatic is None:
        return Placed(None, "none", refused, "linked_new", (), refused, linked_to=named[0].thread.ticket_id)
    strong = [pointer for pointer, _ in refusals if not pointer.weak]
    others = tuple(dict.fromkeys(pointer.thread.ticket_id for pointer in strong))
    if strong and not named and sender.role == "stranger" and reading.automatic is None:
        why = f"a stranger writes into {strong[0].thread.reference}"
        return Placed(None, strong[0].how, why, "abuse", others, refused)
    return Placed(None, "none", "names no ticket of ours" if not refusals else refused, "new", (), refused)


def _is_named(sender: Sender, thread: Thread) -> bool:
    return sender.address in thread.people or holds(sender, thread.partner_domain)


def apart(placed: Placed, reading: Reading, sender: Sender, ticket: Ticket) -> Placed:
    """The same, unless it would put a verified partner on a ticket that others may have opened in his name.

    He takes it over where he answers our letter about it, where our own people have answered, or where he
    goes on with what came from his address and brings no identifiers: then it is no request of its own.
    Else he may know nothing of it, and has a new one beside it.
    """
    if not sender.trusted or ticket.trusted or placed.how == "letter" or vouched(ticket):
        return placed
    if opener(ticket) == sender.address and not reading.identifiers.any_given:
        return placed
    why = f"{placed.why}, which nobody verified: a new ticket, linked to it"
    return replace(placed, ticket_id=None, joins="linked_new", why=why, linked_to=ticket.id)


def opener(ticket: Ticket) -> str:
    """The address that the mail which opened a ticket says it is from."""
    return next((e.actor for e in ticket.events if e.kind is Happening.RECEIVED), "")


def vouched(ticket: Ticket) -> bool:
    """Whether our own people have answered on a ticket: then they have looked at it."""
    return any(e.kind is Happening.STAFF_ANSWERED for e in ticket.events)


def _joined(
    taken: list[Pointer],
    refused: str,
    reading: Reading,
    sender: Sender,
    now: datetime,
    reopen_within: timedelta,
) -> Placed:
    """The strongest pointer wins; the others are told, so that staff may merge."""
    first = taken[0]
    ticket_id = first.thread.ticket_id
    others = tuple(dict.fromkeys(c.thread.ticket_id for c in taken if c.thread.ticket_id != ticket_id))
    joins, because = _effect(first.thread, reading, sender, now, reopen_within)
    why = f"{_told(first)}; {because}" if because else _told(first)
    if joins == "linked_new":
        return Placed(None, first.how, why, joins, others, refused, linked_to=ticket_id)
    return Placed(ticket_id, first.how, why, joins, others, refused)


def _told(pointer: Pointer) -> str:
    what = {"letter": "answers our letter", "message-id": "answers", "subject": "subject says"}[pointer.how]
    return f"{what} {pointer.by} of {pointer.thread.reference}"


def _effect(
    thread: Thread, reading: Reading, sender: Sender, now: datetime, reopen_within: timedelta
) -> tuple[Joins, str]:
    """What joining does to the ticket. Automatic mail, thanks and our own people reopen nothing (F14)."""
    if thread.state not in OVER:
        return "reply", ""
    if reading.automatic or reading.thanks or sender.role == "staff":
        return "reply", f"it stays {thread.state}"
    if thread.state is State.CLOSED:
        return "linked_new", "which is closed: a new ticket, linked to it"
    since = now - (thread.resolved_at or now)
    if since <= reopen_within and not _may_reopen(sender, thread):
        return "reply", f"it stays {thread.state}: {sender.address} does not speak for its partner"
    if since <= reopen_within:
        return "reopens", f"resolved {counted(since.days, 'day')} ago: reopens"
    return (
        "linked_new",
        f"resolved {counted(since.days, 'day')} ago, more than {reopen_within.days}: a new ticket, linked to it",
    )


def _may_reopen(sender: Sender, thread: Thread) -> bool:
    """Only the verified partner who holds it; a verified stranger may reopen what is no partner's."""
    return sender.trusted or (thread.partner_domain is None and sender.authentication == "pass")
