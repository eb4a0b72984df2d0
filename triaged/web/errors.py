"""Pages for what went wrong: short, in the reader's language, telling nothing of our insides."""

from __future__ import annotations

import math

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from triaged import maillog
from triaged.store.rows import Unavailable
from triaged.web import render
from triaged.web.catalogues import _
from triaged.web.house import House
from triaged.web.visit import Visit, bare_visit


def http(house: House, request: Request, error: Exception) -> Response:
    """A page for what Starlette or a page of ours refuses."""
    assert isinstance(error, HTTPException)
    response = shown(bare_visit(house, request), error.status_code)
    if error.headers:
        response.headers.update(error.headers)
    return response


def fault(house: House, request: Request, error: Exception) -> Response:
    """Something of ours failed, or the database is away."""
    maillog.page_failed(request.scope.get("path", ""), f"{type(error).__name__}: {error}"[:300])
    status = 503 if isinstance(error, Unavailable) else 500
    return shown(bare_visit(house, request), status)


def shown(visit: Visit, status: int, elsewhere: str = "") -> Response:
    """The page of an error. `elsewhere`: the address under which this person finds what he was looking for."""
    title, words = _told(status)
    response = render.page(
        visit, "error.html", status=status, title=title, words=words, code=status, elsewhere=elsewhere
    )
    if status in (429, 503):
        response.headers.setdefault("retry-after", "30")
    return response


def too_often(visit: Visit, seconds: float) -> Response:
    """So much was asked in so short a time that the next has to wait."""
    response = shown(visit, 429)
    response.headers["retry-after"] = str(math.ceil(seconds))
    return response


def _told(status: int) -> tuple[str, str]:
    if status == 404:
        return _("There is no such page"), _(
            "It may never have been, or it is not for you to see. If a letter brought you here, sign in with the "
            "address it was sent to."
        )
    if status == 403:
        return _("This form cannot be taken"), _(
            "It did not come from a page of ours, or the page was too old. Go back, reload the page and send it again: "
            "what you typed is still there."
        )
    if status == 413:
        return _("That is too much at once"), _(
            "The files together are too large to be taken. Go back: your text is still there. Remove the largest file "
            "and send again."
        )
    if status == 429:
        return _("Too many requests"), _("Please wait a moment, then try again.")
    if status == 503:
        return _("Not available at the moment"), _("Please try again in a minute. Nothing is lost.")
    if status in (400, 405, 421):
        return _("This request makes no sense here"), _("Go back and try again.")
    return _("Something went wrong"), _("It is our fault and has been noted. Please try again.")
