"""Whom our letters answer (promise 10): people of the sender's house, and nobody else. PURE.

To Reply-To only if it is of the sender's own domain, else to From; people of the partner who stand in
To and Cc of a verified mail stay on the ticket and get copies. Strangers, group and no-reply addresses, other desks, our
support addresses and our own staff get none: a letter to a group mails people who asked for nothing, and
one to a desk is answered by its machine (failures F12, F15).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from triaged.judging.decisions import Sender
from triaged.letters import kinds
from triaged.letters.context import Desk
from triaged.reading.sender import groups
from triaged.reading.sender.alignment import aligned
from triaged.reading.values import Address, Surroundings
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import Event, Happening, Ticket

MOST_COPIES = 20
Addresses = tuple[tuple[str, ...], tuple[str, ...]]  # (to, cc)


class Addressed(Protocol):
    """What is needed of a mail: a `Reading` has it, and so has a `Message`."""

    @property
    def from_(self) -> tuple[Address, ...]: ...
    @property
    def to(self) -> tuple[Address, ...]: ...
    @property
    def cc(self) -> tuple[Address, ...]: ...
    @property
    def reply_to(self) -> tuple[Address, ...]: ...


def recipients(
    mail: Addressed, surroundings: Surroundings, sender: Sender, known: Iterable[str] = ()
) -> Addresses:
    """(to, cc) of a letter that answers this mail; both empty if nobody may get one.

    `known`: further addresses known to be groups, beside those the Reading knows. Of several From addresses none is
    answered: nobody can tell who of them wrote.
    """
    lists = (*known, *getattr(mail, "groups", ()))  # a Reading knows them, a Message does not
    barred = surroundings.support_addresses | frozenset(group.lower() for group in lists)
    to = _answered(mail, barred)
    if to is None or len(mail.from_) > 1 or sender.role == "staff":
        return (), ()
    copies = dict.fromkeys(a.address for a in (*mail.to, *mail.cc) if _is_colleague(a, sender, surroundings))
    taken = barred | {to, sender.address}
    cc = [address for address in copies if address not in taken and not groups.is_many(address)]
    return (to,), tuple(cc[:MOST_COPIES])


def addressees(ticket: Ticket) -> Addresses:
    """Whom a ticket's later letters go to: its people, without those whose address failed.

    Nobody, where the sender is not verified and neither we nor staff ever answered him: that is a forger.
    """
    if not ticket.trusted and not any(_answers(event) for event in ticket.events):
        return (), ()
    live = [p for p in ticket.people if not p.failed and p.address]
    to = tuple(p.address for p in live if p.role == "requester")
    cc = tuple(p.address for p in live if p.role == "cc" and ticket.trusted)
    return (to, cc) if to else (cc, ())


def staff_of(ticket: Ticket, desk: Desk, tier: int = 1) -> tuple[str, ...]:
    """The assigned person, else the alert list; from tier 2 on the people of that tier too."""
    first = (ticket.assigned_to,) if ticket.assigned_to and "@" in ticket.assigned_to else desk.alert
    return tuple(dict.fromkeys((*first, *(desk.tiers.get(tier, ()) if tier > 1 else ()))))


def others_of_staff(ticket: Ticket, desk: Desk, but: str) -> tuple[str, ...]:
    """Who of staff can act instead of somebody: the assigned person, else the alert list, else a support tier."""
    for asked in (staff_of(ticket, desk), desk.alert, *(desk.tiers[one] for one in sorted(desk.tiers))):
        if left := tuple(one for one in asked if one.lower() != but.lower()):
            return left
    return desk.alert


def _answers(event: Event) -> bool:
    written = event.kind in (Happening.LETTER_WRITTEN, Happening.LETTER_SENT)
    return event.kind is Happening.STAFF_ANSWERED or (
        written and kinds.of(OfLetter.of(event).kind).acknowledges
    )


def _answered(mail: Addressed, barred: frozenset[str]) -> str | None:
    if not mail.from_:
        return None
    sender = mail.from_[0]
    own = [
        a.address for a in mail.reply_to if aligned(a.domain, sender.domain) and not groups.is_list(a.address)
    ]
    candidates = [*own, sender.address]  # who writes as `team@` reads it too: only known groups are barred
    return next((a for a in candidates if a not in barred and not groups.takes_no_letters(a)), None)


def _is_colleague(person: Address, sender: Sender, surroundings: Surroundings) -> bool:
    if sender.partner is None or not sender.trusted or person.domain in surroundings.staff_domains:
        return False
    partner = sender.partner
    return person.domain == partner.domain or person.address in partner.contacts
