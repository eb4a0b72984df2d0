"""Who may see what: a frozen `Scope` that is part of every question of a page, so that what one may not see does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose eyes a question is asked for.

    A `person` sees the tickets on which his address stands; an `admin` all of his partner's (`partner`: what the
    tickets name it by, its domain or a contact's address) but those kept private, and those he stands on himself;
    `staff` all. Make one by the functions below. `address` is lower case.
    """

    who: Literal["person", "admin", "staff"]
    address: str
    partner: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether one of our own people looks."""
        return self.who == "staff"


def of_person(address: str, partner: str = "") -> Scope:
    """A person of a partner, known by his address alone."""
    return Scope("person", address.lower(), partner.lower())


def of_admin(address: str, partner: str) -> Scope:
    """Who may see the whole organisation."""
    return Scope("admin", address.lower(), partner.lower())


def of_staff(address: str) -> Scope:
    """One of our own people."""
    return Scope("staff", address.lower())
