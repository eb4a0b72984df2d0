"""Addresses that no single person reads, by their looks and by the headers of lists: groups, desks, no-reply. PURE."""

from __future__ import annotations

import re

from triaged.reading.mime import addresses
from triaged.reading.mime.headers import Headers
from triaged.reading.values import Address

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


def is_list(address: str) -> bool:
    """Whether an address, by its looks, is a group's."""
    return _GROUP.fullmatch(address.rpartition("@")[0][:100]) is not None


def is_many(address: str) -> bool:
    """A group, a desk or a no-reply address: no single person reads it."""
    local = address.rpartition("@")[0][:100]
    return is_list(address) or takes_no_letters(address) or _DESK.fullmatch(local) is not None


def _in(value: str) -> tuple[Address, ...]:
    return addresses.parse_list(value.removeprefix("list ")) if value else ()
