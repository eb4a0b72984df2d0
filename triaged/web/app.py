"""The app: every page of the table behind the same gate, errors as pages, headers around everything.

`PAGES` is what there is; who adds a group of pages adds its rows here and nowhere else.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from triaged.web import choices, desk, errors, gate, render, signing_in, tickets
from triaged.web.forms import SMALL_BODY
from triaged.web.headers import Headers
from triaged.web.house import House
from triaged.web.pages import Page

PAGES: Sequence[Page] = (*signing_in.PAGES, *tickets.PAGES, *desk.PAGES, *choices.PAGES)
_A_YEAR = "public, max-age=31536000, immutable"


def build(house: House) -> ASGIApp:
    """Everything `triaged web` serves."""
    by_path: dict[str, dict[str, Page]] = {}
    for page in PAGES:
        by_path.setdefault(page.path, {})[page.method] = page
    routes = [
        Route(
            path,
            gate.Gate(house, methods),
            methods=["GET", "HEAD", "POST"],
            max_body_size=max(p.takes(house.web).body if p.takes else SMALL_BODY for p in methods.values()),
        )
        for path, methods in by_path.items()
    ]
    static = Route("/static/{digest}/{name}", _static, methods=["GET", "HEAD"])
    app = Starlette(
        routes=[*routes, static],
        exception_handlers={
            HTTPException: lambda request, error: errors.http(house, request, error),
            Exception: lambda request, error: errors.fault(house, request, error),
        },
        max_body_size=SMALL_BODY,
    )
    app.router.redirect_slashes = False  # it would send people wherever the Host header says
    own = urlsplit(house.web.public_url)
    usual = f"{own.netloc}:{443 if house.web.is_secure else 80}"  # as few write it, and some proxies
    hosts = {own.netloc} if own.port else {own.netloc, usual}
    return Headers(_OurHost(app, hosts), secure=house.web.is_secure)


class _OurHost:
    """Only what is asked of our own host is answered: a foreign name in `Host` is a trap for links and caches."""

    def __init__(self, app: ASGIApp, hosts: set[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        given = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1 or given[0] not in self.hosts:
            await PlainTextResponse("no such host here\n", status_code=421)(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _static(request: Request) -> Response:
    """The stylesheet, the script, the icon: by the address that their content gives them."""
    name = request.path_params["name"]
    files = {file.name: file for file in render.STATIC.iterdir() if file.is_file()}
    if name not in files:
        raise HTTPException(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(files[name].read_bytes(), media_type=kind, headers={"cache-control": _A_YEAR})
