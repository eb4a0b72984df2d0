"""Staff sign in at their own house, where the config says so; the address they bring is theirs for good."""

from __future__ import annotations

import hashlib

import anyio.from_thread
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged import maillog
from triaged.web import people, render
from triaged.web.pages import May, get
from triaged.web.provider import NotLetIn, Provider
from triaged.web.signing_in.destinations import own_path
from triaged.web.signing_in.pages import begin_session
from triaged.web.visit import Visit

_COOKIE, _SECONDS = "triaged_staff", 600


def send(visit: Visit) -> Response:
    """To their house; where they were going, and what Authlib must remember, goes along in a signed cookie."""
    provider, request = _provider(visit), visit.request
    request.scope["session"] = {}
    back = f"{visit.house.web.public_url}/sign-in/staff/back"
    try:
        response = anyio.from_thread.run(provider.send, request, back)
    except NotLetIn as error:
        return _refused(visit, str(error))
    kept = {"session": request.scope["session"], "next": own_path(visit.query("next"))}
    response.set_cookie(
        _COOKIE, _signer(visit).dumps(kept), max_age=_SECONDS, path="/sign-in/staff", httponly=True, samesite="lax",
        secure=visit.house.web.is_secure,
    )  # fmt: skip
    return response


def back(visit: Visit) -> Response:
    """Back from their house."""
    provider, request, house = _provider(visit), visit.request, visit.house
    try:
        kept = _signer(visit).loads(request.cookies.get(_COOKIE, ""), max_age=_SECONDS)
    except BadData:
        return _refused(visit, "no sign-in was begun in this browser, or too long ago")
    request.scope["session"] = kept["session"]
    try:
        claimed = anyio.from_thread.run(provider.brought, request)
        if not people.is_staff(claimed.address, house.config):
            raise NotLetIn("the address is none of staff's")
        if not house.store.bind_identity(claimed.subject, claimed.address, visit.now):
            raise NotLetIn("the address belongs to another subject")
    except NotLetIn as error:
        return _refused(visit, str(error))
    response = begin_session(visit, claimed.address, kept["next"], role=claimed.role, subject=claimed.subject)
    response.delete_cookie(_COOKIE, path="/sign-in/staff")
    return response


def _provider(visit: Visit) -> Provider:
    if visit.house.oidc is None:
        raise HTTPException(404)
    return visit.house.oidc


def _signer(visit: Visit) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        visit.house.secret, salt="oidc", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _refused(visit: Visit, why: str) -> Response:
    maillog.page_failed("/sign-in/staff", why[:300])
    return render.page(visit, "sign_in_refused.html", status=403)


PAGES = (
    get("/sign-in/staff", May.ANYBODY, send, rate="sign-in"),
    get("/sign-in/staff/back", May.ANYBODY, back, rate="sign-in"),
)
