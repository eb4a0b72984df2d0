"""What staff order beside the life of a ticket: put off to a day, marked as related, a merge taken back. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from triaged.letters import compose
from triaged.tickets import states
from triaged.tickets.event_data import Linked, Merged, Related, Snoozed, Unmerged
from triaged.tickets.states import Refused
from triaged.tickets.ticket import OVER, Event, Happening, Person, State, Ticket
from triaged.walk.plan import Change, Plan, change
from triaged.walk.plans.orders import Order

How = Literal["related", "duplicate", "none"]
_OTHER_SIDE = {"related": "related", "duplicate": "original", "none": "none"}


def snooze(before: Ticket, until: datetime | None, order: Order) -> Plan | Refused:
    """Out of the queue until then; None: back into it at once. Its promises run on, and what is missed shows."""
    if before.state in OVER:
        return Refused(f"{before.reference} is {before.state}: it is in no queue")
    if until is not None and until <= order.now:
        return Refused("that time is past")
    if until is None and before.snoozed_until is None:
        return Refused(f"{before.reference} is not put off")
    moved = states.move(
        before, Happening.SNOOZED, order.now, order.actor, order.reason, Snoozed(until).stored()
    )
    if isinstance(moved, Refused):
        return moved
    return Plan((Change(before, replace(moved.ticket, updated_at=before.updated_at)),), ordered=True)


def relations(ticket: Ticket) -> Mapping[int, Related]:
    """What a ticket is marked as, by the other's number; each one's last word."""
    told = (Related.of(e) for e in ticket.events if e.kind is Happening.RELATED)
    found = {one.to: one for one in told}
    return {number: one for number, one in found.items() if one.how != "none"}


def relate(before: Ticket, other: Ticket, how: How, order: Order) -> Plan | Refused:
    """A mark on both; nothing moves, and the partner is told nothing."""
    if before.id == other.id:
        return Refused(f"{before.reference} cannot be related to itself")
    known = relations(before).get(other.id)
    if (known.how if known else "none") == how:
        return Refused(f"{before.reference} and {other.reference}: it is so already")
    changes = (
        _marked(before, other, how, order),
        _marked(other, before, _OTHER_SIDE[how], order),
    )
    return Plan(changes, ordered=True)


def _marked(ticket: Ticket, other: Ticket, how: str, order: Order) -> Change:
    shown = {"none": "no longer related to", "related": "related to", "duplicate": "a duplicate of"}
    what = f"{shown.get(how, 'has a duplicate:')} {other.reference}"
    reason = f"{what}: {order.reason}" if order.reason else what
    event = Event(
        order.now, Happening.RELATED, order.actor, reason, Related(other.id, other.reference, how).stored()
    )
    return Change(ticket, replace(ticket, events=(*ticket.events, event)))


def unmerge(survivor: Ticket, gone: Ticket, order: Order) -> Plan | Refused:
    """A merge taken back: the ticket stands as before, and who came with it leaves the other, unless he wrote there.

    What came to the survivor meanwhile stays with it. Who was told of the merge is told of its end.
    """
    if gone.merged_into != survivor.id:
        return Refused(f"{gone.reference} did not go into {survivor.reference}")
    merged = next((e for e in reversed(gone.events) if e.kind is Happening.MERGED), None)
    was = next((s for s in State if merged and s == Merged.of(merged).was), State.OPEN)
    back = _told(gone, survivor, order, "the merge was taken back")
    back = replace(back, state=was, merged_into=None, closed_at=None)
    kept = _told(survivor, gone, order, f"{gone.reference} was taken out again")
    kept = replace(kept, people=_without_guests(survivor, gone))
    letter = compose.on_unmerged(order.writer, back, survivor.reference)
    return Plan(
        (change(survivor, kept, order.writer), change(gone, back, order.writer, [letter])), ordered=True
    )


def _told(ticket: Ticket, other: Ticket, order: Order, what: str) -> Ticket:
    reason = f"{what}: {order.reason}" if order.reason else what
    event = Event(
        order.now, Happening.UNMERGED, order.actor, reason, Unmerged(other.id, other.reference).stored()
    )
    return replace(ticket, updated_at=order.now, events=(*ticket.events, event))


def _without_guests(survivor: Ticket, gone: Ticket) -> tuple[Person, ...]:
    joined = next(
        (
            n
            for n, e in reversed(list(enumerate(survivor.events)))
            if e.kind is Happening.LINKED and Linked.of(e).from_ == gone.id
        ),
        None,
    )
    if joined is None:
        return survivor.people
    guests = set(Linked.of(survivor.events[joined]).people)
    wrote = {e.actor for e in survivor.events[joined:]}
    return tuple(p for p in survivor.people if p.address not in guests - wrote)
