"""Mail of our own domain that is somebody else's: a group that rewrote From, a colleague who forwards. PURE.

A group or list of ours that rewrites From (because of DMARC) leaves its author in X-Original-From, in Reply-To
or in the name ("Anna via Support"). A colleague who sends a partner's mail on to support hands it over with the
author in the forward's header. Either way nobody has authenticated the author: he is not trusted until he
writes himself.
"""

from __future__ import annotations

import re
from dataclasses import replace

from triaged.frozen import frozen
from triaged.reading.mime import addresses
from triaged.reading.mime.message import Message
from triaged.reading.new_text.separators import subject_kind
from triaged.reading.sender.groups import list_addresses
from triaged.reading.values import Address, Authentication, NewText, Surroundings

_ORIGINAL = ("X-Original-From", "X-Google-Original-From", "Original-From")
_ORIGINAL_SENDER = ("X-Original-Sender", "X-MS-Exchange-Organization-OriginalSender", "X-Mailfrom")
_VIA = re.compile(
    r"(?i)\b(?:via|über|through|on behalf of|im auftrag von|durch|au nom de|de la part de|por medio de|em nome de|tramite|per conto di|namens)\b|経由|代理|通过|经由"
)
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:']{1,64}@[^\s<>()\[\]\",;:']{1,120}")


@frozen
class HandedOver:
    """Whose mail it is, and why we think so."""

    author: Address
    why: str


def by_group(mail: Message, ours: Surroundings) -> HandedOver | None:
    """The author of a mail whose From a group or list of ours has rewritten; None if it is no such mail."""
    if len(mail.from_) != 1 or not is_ours(mail.from_[0], ours):
        return None
    group = mail.from_[0]
    if not _is_group(mail, group, ours):
        return None
    for where, author in _authors(mail, group):
        if author.address and not is_ours(author, ours) and addresses.is_address(author.address):
            why = (
                f"{group.address} hands over a mail of {author.address} ({where}), whom nobody authenticated"
            )
            return HandedOver(author, why)
    return None


def by_colleague(mail: Message, text: NewText, ours: Surroundings) -> HandedOver | None:
    """The partner whose mail one of our own people sends on to support, and to nobody outside."""
    if len(mail.from_) != 1 or not is_ours(mail.from_[0], ours) or not is_inward(mail, ours):
        return None
    if not text.is_forward or subject_kind(mail.subject) == "reply":
        return None
    author = next((a for a in text.forward_authors if not is_ours(a, ours)), None)
    if author is None or not _is_partner(author, ours):
        return None
    why = f"{mail.from_[0].address} forwards a mail of {author.address}, whom nobody authenticated"
    return HandedOver(author, why)


def in_his_name(
    mail: Message, result: Authentication, handed: HandedOver | None
) -> tuple[Message, Authentication]:
    """The mail as its author's; what our mail server said was of our own domain, and of him nothing is known.

    A forger of our own domain (dmarc=fail) hands over nothing.
    """
    if handed is None or result.result == "fail":
        return mail, result
    return replace(mail, from_=(handed.author,), reply_to=()), replace(
        result, result="unknown", why=handed.why
    )


def is_ours(person: Address, ours: Surroundings) -> bool:
    """One of our own people, or one of our mailboxes."""
    return person.domain in ours.staff_domains or person.address in ours.support_addresses


def is_inward(mail: Message, ours: Surroundings) -> bool:
    """Whether a mail is addressed to nobody but our own people and mailboxes."""
    return all(is_ours(person, ours) for person in (*mail.to, *mail.cc))


def _is_group(mail: Message, sender: Address, ours: Surroundings) -> bool:
    """Something says that a machine of ours set the From: a name with `via`, a list's header, a mailbox as From."""
    headers = mail.headers
    told = any(name in headers for name in (*_ORIGINAL, *_ORIGINAL_SENDER))
    listed = sender.address in list_addresses(headers) or any(
        name in headers for name in ("List-Id", "List-Post", "Mailing-List", "X-BeenThere")
    )
    mailbox = sender.address in ours.support_addresses and not mail.in_reply_to
    return told or listed or mailbox or bool(_VIA.search(sender.name[:200]))


def _authors(mail: Message, group: Address) -> list[tuple[str, Address]]:
    """Who may be the author, surest first, with where he stands."""
    found = [(name, a) for name in _ORIGINAL for a in addresses.parse_list(mail.headers.get(name)[:1_000])]
    found += [("Reply-To", a) for a in mail.reply_to]
    found += [
        (name, a) for name in _ORIGINAL_SENDER for a in addresses.parse_list(mail.headers.get(name)[:1_000])
    ]
    found += [("its name", Address("", one.lower())) for one in _ADDRESS.findall(group.name[:300])]
    name = _VIA.split(group.name)[0].strip(" '\"()")
    return [
        (where, a if a.name else Address(_ADDRESS.sub("", name).strip(" ()'\""), a.address))
        for where, a in found
    ]


def _is_partner(person: Address, ours: Surroundings) -> bool:
    return person.domain in ours.partner_domains or person.address in ours.partner_contacts
