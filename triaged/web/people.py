"""Who somebody is at the pages: asked of the directory and the config at each request, so that who has left is out."""

from __future__ import annotations

from enum import StrEnum

from triaged.config.config import Config
from triaged.config.web import Web
from triaged.frozen import frozen
from triaged.store import scope as scopes
from triaged.store.columns import mailbox_key
from triaged.store.scope import Scope
from triaged.walk.knowledge import Knowledge


class Role(StrEnum):
    """What somebody may; of staff each may all that those before may."""

    PARTNER = "partner"
    PARTNER_ADMIN = "partner-admin"
    AGENT = "agent"
    LEAD = "lead"  # rules, model
    ADMIN = "admin"  # sessions, doors, privacy


STAFF = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})


@frozen
class Person:
    """Somebody known. `partner`: what tickets call his partner; `zone`: his partner's (IANA name)."""

    address: str
    role: Role
    scope: Scope
    partner: str = ""
    company: str = ""
    zone: str = ""
    region: str = ""
    language: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether one of our own people."""
        return self.role in STAFF


def is_staff(address: str, config: Config) -> bool:
    """Whether an address is one of our own people's; our mailboxes are nobody's."""
    address = address.lower()
    named = {a for tier in config.staff.tiers.values() for a in tier} | set(config.staff.alert)
    ours = address.rpartition("@")[2] in config.staff.domains or address in named
    return ours and not _is_mailbox(address, config)


def _is_mailbox(address: str, config: Config) -> bool:
    """Whether a letter to this address would come to one of our mailboxes, `partner-support+x@…` too."""
    return mailbox_key(address) in {mailbox_key(one) for one in config.support_addresses}


def find(address: str, knowledge: Knowledge, web: Web, *, oidc_role: str = "") -> Person | None:
    """Whose address it is; None: nobody's we know. `oidc_role`: what a group of OpenID Connect gives."""
    address = address.lower()
    if is_staff(address, knowledge.config):
        role = Role(oidc_role or web.role_of(address))
        return Person(address, role, scopes.of_staff(address))
    partner = knowledge.directory.partner_of(address)
    if partner is None or _is_mailbox(address, knowledge.config):
        return None
    name = partner.domain or address
    admin = knowledge.directory.is_admin(address)
    scope = scopes.of_admin(address, partner) if admin else scopes.of_person(address, partner)
    return Person(
        address,
        Role.PARTNER_ADMIN if admin else Role.PARTNER,
        scope,
        partner=name,
        company=partner.name,
        zone=partner.time_zone or "",
        region=partner.region,
        language=partner.language or "",
    )
