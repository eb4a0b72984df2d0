"""Who may see what: a frozen `Scope` that is part of every question of a page, so that what one may not see does not exist."""

from __future__ import annotations

from typing import Literal

from triaged.frozen import frozen
from triaged.judging.decisions import Partner

SEES = ("requester", "cc", "reader")  # roles that see a ticket


@frozen
class Scope:
    """Whose eyes a question is asked for.

    A `person` sees the tickets on which his address stands; an `admin` all of his partner's (`partners`: what tickets
    name it by) but those kept private, of which only his own; `staff` all. `address` is lower case.
    """

    who: Literal["person", "admin", "staff"]
    address: str
    partners: tuple[str, ...] = ()

    @property
    def is_staff(self) -> bool:
        """Whether one of our own people looks."""
        return self.who == "staff"


def of_person(address: str, partner: Partner | None = None) -> Scope:
    """A person of a partner."""
    return Scope("person", address.lower(), names_of(partner))


def of_admin(address: str, partner: Partner) -> Scope:
    """Who may see the whole organisation."""
    return Scope("admin", address.lower(), names_of(partner))


def of_staff(address: str) -> Scope:
    """One of our own people."""
    return Scope("staff", address.lower())


def names_of(partner: Partner | None) -> tuple[str, ...]:
    """What tickets call a partner: its domain, or where it has none the address of the contact who wrote."""
    if partner is None:
        return ()
    return (partner.domain,) if partner.domain else partner.contacts
