"""Whom our letters answer (promise 10): people of the sender's house, and nobody else. PURE.

To Reply-To only if it is of the sender's own domain, else to From; people of the partner who stand in
To and Cc of a verified mail stay on the ticket and get copies. Strangers, group and no-reply addresses, other desks, our
support addresses and our own staff get none: a letter to a group mails people who asked for nothing, and
one to a desk is answered by its machine (failures F12, F15).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from triaged.judging.values import Sender
from triaged.reading import addresses
from triaged.reading.authenticity import aligned
from triaged.reading.headers import Headers
from triaged.reading.values import Address, Surroundings

MOST_COPIES = 20
_NO_REPLY = re.compile(
    r"\A(?:.*[._+-])?(?:(?:do[._-]?not|no)[._-]?(?:reply|respond|response)|nicht[._-]?antworten|ne[._-]?pas[._-]?repondre"
    r"|no[._-]?contestar|mailer[._-]?daemon|postmaster|bounces?|unattended|notifications?|alerts?)(?:[._+-].*)?"
)
_GROUP = re.compile(
    r"\A(?:(?:.*[._-])?(?:all|everyone|everybody|team|teams|group|groups|list|lists|members|announce|dl|ml|ug"
    r"|distribution|verteiler|alle|equipe|equipo|todos|minna)(?:[._-].*)?|all[a-z]{0,20}staff|staff)"
)
_DESK = re.compile(
    r"\A(?:.*[._-])?(?:support|help|helpdesk|service|servicedesk|desk|tickets?|cases?|crm|soporte|assistance)"
    r"(?:[._-].*)?"
)


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
    mail: Addressed, surroundings: Surroundings, sender: Sender, groups: Iterable[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(to, cc) of a letter that answers this mail; both empty if nobody may get one.

    `groups`: further addresses known to be groups, beside those the Reading knows. Of several From addresses none is
    answered: nobody can tell who of them wrote.
    """
    lists = (*groups, *getattr(mail, "groups", ()))  # a Reading knows them, a Message does not
    barred = surroundings.support_addresses | frozenset(group.lower() for group in lists)
    to = _answered(mail, barred)
    if to is None or len(mail.from_) > 1 or sender.role == "staff":
        return (), ()
    copies = dict.fromkeys(a.address for a in (*mail.to, *mail.cc) if _is_colleague(a, sender, surroundings))
    taken = barred | {to, sender.address}
    cc = [address for address in copies if address not in taken and not _is_many(address)]
    return (to,), tuple(cc[:MOST_COPIES])


def list_addresses(headers: Headers) -> tuple[str, ...]:
    """The group a mail came through, by its List-Post and List-Id headers, and mailboxes it was sent to."""
    posts = re.findall(r"<mailto:([^>?\s]{3,320})", " ".join(headers.get_all("List-Post"))[:2_000])
    ids = re.findall(r"<([^<>\s]{3,320})>", " ".join(headers.get_all("List-Id"))[:2_000])
    named = [post.lower() for post in posts] + [i.lower().replace(".", "@", 1) for i in ids if "@" not in i]
    also = [a.address for name in ("X-Google-Group-Id", "Mailing-List") for a in _in(headers.get(name))]
    return tuple(dict.fromkeys(a for a in (*named, *also) if addresses.is_address(a)))


def takes_no_letters(address: str) -> bool:
    """Whether an address, by its looks, is nobody's who could read an answer: no-reply, daemon, bounce."""
    return _NO_REPLY.fullmatch(address.rpartition("@")[0][:100]) is not None


def _in(value: str) -> tuple[Address, ...]:
    return addresses.parse_list(value.removeprefix("list ")) if value else ()


def _answered(mail: Addressed, barred: frozenset[str]) -> str | None:
    if not mail.from_:
        return None
    sender = mail.from_[0]
    own = [a.address for a in mail.reply_to if aligned(a.domain, sender.domain) and not _is_list(a.address)]
    candidates = [*own, sender.address]  # who writes as `team@` reads it too: only known groups are barred
    return next((a for a in candidates if a not in barred and not takes_no_letters(a)), None)


def _is_colleague(person: Address, sender: Sender, surroundings: Surroundings) -> bool:
    if sender.partner is None or not sender.trusted or person.domain in surroundings.staff_domains:
        return False
    partner = sender.partner
    return person.domain == partner.domain or person.address in partner.contacts


def _is_list(address: str) -> bool:
    return _GROUP.fullmatch(address.rpartition("@")[0][:100]) is not None


def _is_many(address: str) -> bool:
    """A group, a desk or a no-reply address: no single person reads it."""
    local = address.rpartition("@")[0][:100]
    return _is_list(address) or takes_no_letters(address) or _DESK.fullmatch(local) is not None
