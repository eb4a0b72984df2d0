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
from triaged.reading.sender import groups
from triaged.reading.sender.authenticity import aligned
from triaged.reading.values import Address, Surroundings

MOST_COPIES = 20


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
) -> tuple[tuple[str, ...], tuple[str, ...]]:
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
