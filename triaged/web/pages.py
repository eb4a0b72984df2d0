"""THE TABLE'S ROW: a page says its address, who may see it and what answers it; nothing is served that has no row.

Rows stand beside their pages (signing_in, tickets, desk) and are put together in app.py; a test walks the
table with every kind of person, and a row without its line there fails.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from starlette.responses import Response

from triaged.config.web import Web
from triaged.frozen import frozen
from triaged.web.forms import Takes
from triaged.web.people import STAFF, Person, Role
from triaged.web.visit import Visit

Endpoint = Callable[[Visit], Response]


class May(Enum):
    """Who may see a page. Whose ticket it is, the store's question decides (`Scope`)."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    PARTNER = "partner"  # people of partners only
    STAFF = "staff"
    LEAD = "lead"
    ADMIN = "admin"

    def holds(self, person: Person | None) -> bool:
        """Whether this person may."""
        return self is May.ANYBODY or (person is not None and person.role in _ROLES[self])


_ROLES = {
    May.SIGNED_IN: frozenset(Role),
    May.PARTNER: frozenset({Role.PARTNER, Role.PARTNER_ADMIN}),
    May.STAFF: STAFF,
    May.LEAD: frozenset({Role.LEAD, Role.ADMIN}),
    May.ADMIN: frozenset({Role.ADMIN}),
}


@frozen
class Page:
    """A page by GET or by POST. `keep`: what becomes of a form that came when its session was over.

    `rate`: a bucket of limits.py, taken by peer and by person. `takes`: which files it takes, by the config.
    """

    method: str
    path: str
    may: May
    answer: Endpoint
    keep: Callable[[Visit, str], str] | None = None  # answers where to go on after signing in
    rate: str = ""
    takes: Callable[[Web], Takes] | None = None


def get(path: str, may: May, answer: Endpoint, *, rate: str = "") -> Page:
    """A page that is only looked at: it changes nothing."""
    return Page("GET", path, may, answer, rate=rate)


def post(
    path: str,
    may: May,
    answer: Endpoint,
    *,
    keep: Callable[[Visit, str], str] | None = None,
    rate: str = "",
    takes: Callable[[Web], Takes] | None = None,
) -> Page:
    """A form's target."""
    return Page("POST", path, may, answer, keep, rate, takes)
