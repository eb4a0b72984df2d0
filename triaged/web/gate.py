"""The gate before every page: how often, who, whether he may, and whether the form is ours; then the page, in a thread.

What one may not see does not exist: 404, and nobody is told which of the two it is.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from triaged.store.threads import reference
from triaged.web import catalogues, cookies, errors, forms, keys, people
from triaged.web.house import House
from triaged.web.pages import May, Page
from triaged.web.visit import Visit, bare_visit, go

_NOTED_EVERY = timedelta(minutes=1)  # how exactly it is known when a session was last used
_LONGEST = timedelta(days=30)  # of a session, however busy
_OPENED_BEFORE = timedelta(days=3)  # how long ago a session was last used whose forms are still kept


class Gate:
    """One address of the table with its pages by method; an ASGI app, as Starlette's routes take it."""

    def __init__(self, house: House, pages: Mapping[str, Page]) -> None:
        self.house, self.pages = house, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive, send)
        response = await self.answer(request)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The page, or what stands in its way."""
        page = self.pages.get("GET" if request.method == "HEAD" else request.method)
        visit = bare_visit(self.house, request)
        catalogues.speak(visit.language)
        if wait := _too_often(visit, page, visit.peer):
            return errors.too_often(visit, wait)
        if page is None:
            raise HTTPException(405, headers={"allow": ", ".join(self.pages)})
        await run_in_threadpool(_recognise, visit)
        if wait := _too_often(visit, page, visit.person.address if visit.person else ""):
            return errors.too_often(visit, wait)
        if page.method == "POST":
            return await self._posted(visit, page)
        return await run_in_threadpool(_seen, visit, page)

    async def _posted(self, visit: Visit, page: Page) -> Response:
        if _is_foreign(visit.request, self.house.web.public_url):
            raise HTTPException(403)
        try:
            visit.form = await forms.read(visit.request, page.takes(self.house.web) if page.takes else None)
        except forms.Malformed:
            raise HTTPException(400) from None
        return await run_in_threadpool(_taken, visit, page)


def _recognise(visit: Visit) -> None:
    """Whose session it is. One whose person has gone is ended; one idle for too long is over."""
    if not visit.session_key:
        return
    house, now = visit.house, visit.now
    visit.session = session = house.store.session_of_key(keys.hashed(visit.session_key))
    if session is None or session.ended_at is not None:
        return
    person = people.find(session.address, house.knowledge, house.web, oidc_role=session.role)
    by_oidc = session.subject is not None
    if person is None or (person.is_staff and by_oidc != (house.web.staff_sign_in == "oidc")):
        house.store.end_session(session.id, "no longer one of a partner or of staff", now)
        return
    idle = now - session.seen_at > timedelta(hours=house.web.session_hours)
    if idle or now - session.begun_at > _LONGEST:
        return
    visit.person = person
    if now - session.seen_at > _NOTED_EVERY:
        house.store.touch_session(session.id, now)


def _seen(visit: Visit, page: Page) -> Response:
    if not page.may.holds(visit.person):
        return _barred(visit, page)
    return _with_browser_key(visit, functools.partial(page.answer, visit))


def _barred(visit: Visit, page: Page) -> Response:
    """To the sign-in page, from where one comes back here; who is signed in learns that there is nothing.

    Partners and staff have a page each for a ticket, and forward each other's letters: who may see it is told his own (P24).
    """
    if visit.person is not None:
        return errors.shown(visit, 404, _own_door(visit, page))
    return go(f"/sign-in?next={quote(visit.path, safe='')}")


def _own_door(visit: Visit, page: Page) -> str:
    """The address under which this person sees the ticket whose page is not for him; empty: there is none."""
    if not page.path.startswith(("/tickets/{reference}", "/queue/{reference}")):
        return ""
    store, scope = visit.house.store, visit.who.scope
    known = store.reference_of(scope, visit.request.path_params["reference"])
    at = "/queue" if visit.who.is_staff else "/tickets"
    return f"{at}/{reference(known)}" if known is not None else ""


def _taken(visit: Visit, page: Page) -> Response:
    """A form, if its token is of this session; one that came when the session was over is kept (P13)."""
    house, given = visit.house, visit.form.get("csrf")
    if visit.person is None and page.may is not May.ANYBODY:
        return _late(visit, page, given)
    if not keys.is_form_token(given, visit.session_key if visit.person else visit.browser_key, house.secret):
        return _of_before(visit, page, given)
    if not page.may.holds(visit.person):
        raise HTTPException(404)
    return _with_browser_key(visit, functools.partial(page.answer, visit))


def _of_before(visit: Visit, page: Page, given: str) -> Response:
    """A form that this very person opened in an earlier session, before signing in anew in another tab.

    Nothing is done by it; what was typed stands on its page again, to be sent from there (P13). All else is refused.
    """
    person, house = visit.person, visit.house
    if person is None or page.keep is None or not page.may.holds(person):
        raise HTTPException(403)
    before = house.store.keys_of(person.address, visit.now - _OPENED_BEFORE)
    if not any(keys.is_token_of(given, one, house.secret) for one in before):
        raise HTTPException(403)
    return go(page.keep(visit, person.address))


def _late(visit: Visit, page: Page, given: str) -> Response:
    session, to = visit.session, "/"
    ours = keys.is_form_token(given, visit.session_key, visit.house.secret)
    if session is not None and ours and session.ended_at is None and page.keep is not None:
        to = page.keep(visit, session.address)
    return go(f"/sign-in?next={quote(to, safe='')}&kept={int(to != '/')}")


def _with_browser_key(visit: Visit, answer: functools.partial[Response]) -> Response:
    """A browser gets its key with the first page that has a form for it."""
    new = not visit.browser_key
    if new:
        visit.browser_key = keys.new()
    response = answer()
    if new and visit.person is None:
        cookies.write_browser(response, visit.browser_key, secure=visit.house.web.is_secure)
    return response


def _too_often(visit: Visit, page: Page | None, who: str) -> float:
    """Seconds to wait; 0: go on."""
    if not who:
        return 0.0
    asked = ["request"]
    if page is not None and page.method == "POST":
        asked.append("post")
    if page is not None and page.rate:
        asked.append(page.rate)
    return max(visit.house.buckets.wait(kind, who) for kind in asked)


def _is_foreign(request: Request, public_url: str) -> bool:
    """Whether a browser says that another site posts: it cannot lie about that."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    return site in ("cross-site", "same-site") or (origin not in ("", public_url) and site != "same-origin")
