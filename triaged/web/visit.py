"""One request as a page sees it: who asks, from where, in which language and zone, with which form."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triaged.edge import peers
from triaged.frozen import frozen
from triaged.store.page_rows import TicketPage
from triaged.store.sessions import Session
from triaged.tickets.ticket import Attached
from triaged.walk.by_page import ByPage
from triaged.web import catalogues, cookies, keys, times
from triaged.web.cookies import Choices
from triaged.web.house import House
from triaged.web.people import Person


@frozen
class Refusal:
    """A file that was not taken, and why, in the reader's words."""

    name: str
    why: str


@frozen
class Form:
    """What was posted. `files` are those taken; `refused`: others."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: tuple[Attached, ...] = ()
    refused: tuple[Refusal, ...] = ()

    def get(self, name: str, otherwise: str = "") -> str:
        """The last value of a field."""
        values = self.fields.get(name) or (otherwise,)
        return values[-1]

    @property
    def key(self) -> str:
        """The form's own key."""
        return self.get("form")[:64]

    @property
    def seen(self) -> int:
        """The version of the page it was written on; what is no number has seen nothing."""
        return number(self.get("seen"))

    def plain(self) -> dict[str, str]:
        """Every field but those that only guard the form."""
        return {
            name: self.get(name) for name in self.fields if name not in ("csrf", "form", "seen", "anyway")
        }


@dataclass(slots=True)
class Visit:
    """`session_key` and `browser_key` are what cookies hold; both are in no page, log or row."""

    request: Request
    house: House
    now: datetime
    peer: str
    choices: Choices
    language: str
    browser_key: str
    session_key: str = ""
    session: Session | None = None
    person: Person | None = None
    form: Form = field(default_factory=Form)

    @property
    def who(self) -> Person:
        """Who is signed in; a page that nobody may see without it never asks in vain."""
        assert self.person is not None
        return self.person

    @property
    def zone(self) -> ZoneInfo:
        """The zone chosen, else the partner's own."""
        return times.zone_of(self.choices.zone, self.person.zone if self.person else "")

    @property
    def csrf(self) -> str:
        """The token of every form on this visit's pages."""
        key = self.session_key if self.person else self.browser_key
        return keys.form_token(keys.hashed(key), self.house.secret)

    @property
    def path(self) -> str:
        """Where the browser stands, with its query."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")

    def query(self, name: str) -> str:
        """A parameter of the address, at most 300 characters."""
        return self.request.query_params.get(name, "")[:300]

    def new_form(self) -> str:
        """The own key of a form: it is accepted once."""
        return secrets.token_urlsafe(18)

    @property
    def acts(self) -> ByPage:
        """What this person makes happen."""
        return ByPage(self.house.store, self.house.knowledge, self.who.scope, self.now)


def bare_visit(house: House, request: Request) -> Visit:
    """A visit of whom nothing is known yet."""
    secure = house.web.is_secure
    choices = cookies.read_choices(request, secure=secure)
    language = catalogues.chosen(choices.language, request.headers.get("accept-language", ""))
    catalogues.speak(language)
    return Visit(
        request=request,
        house=house,
        now=house.clock(),
        peer=peers.peer((request.client.host,) if request.client else ("",)),
        choices=choices,
        language=language,
        browser_key=cookies.read_browser(request, secure=secure),
        session_key=cookies.read_session(request, secure=secure),
    )


def ticket_of(visit: Visit) -> TicketPage:
    """The ticket of the address, for this person; else there is no such page."""
    store, scope = visit.house.store, visit.who.scope
    number = store.reference_of(scope, visit.request.path_params["reference"])
    found = store.ticket_page(scope, number) if number is not None else None
    if found is None:
        raise HTTPException(404)
    return found


def ticket_of_form(visit: Visit) -> TicketPage:
    """The same for a form: one made for another ticket is taken for none (P40)."""
    found, made_for = ticket_of(visit), visit.form.get("of")
    if made_for and made_for != found.ticket.reference:
        raise HTTPException(403)
    return found


def number(given: str) -> int:
    """A number of an address or a form; 0 for what is none."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0


def go(path: str) -> Response:
    """To another page of ours, by GET."""
    return RedirectResponse(path, status_code=303)
