"""The pages of signing in. Who gives an address sees the same, as fast, whether it is known or not.

GET and HEAD change nothing: mail scanners follow links.
"""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.store.sessions import Session
from triaged.store.sign_ins import Ask, Pass
from triaged.web import cookies, keys, people, render
from triaged.web.catalogues import _
from triaged.web.pages import May, get, post
from triaged.web.signing_in import passes
from triaged.web.signing_in.browsers import described
from triaged.web.signing_in.destinations import own_path
from triaged.web.visit import Visit, go

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,255}")


def sign_in(visit: Visit) -> Response:
    """The form for an address."""
    if visit.person is not None:
        return go(own_path(visit.query("next")) or "/")
    return _form(visit, own_path(visit.query("next")), kept=visit.query("kept") == "1")


def ask(visit: Visit) -> Response:
    """A letter is asked for. All that depends on the address is done later, by another thread."""
    address = visit.form.get("address").strip().lower()
    going_to = own_path(visit.form.get("next"))
    if not _ADDRESS.fullmatch(address):
        return _form(visit, going_to, address=address, error=_("This is not a mail address."), status=400)
    return _asked(visit, address, going_to)


def again(visit: Visit) -> Response:
    """Another letter instead of a dead link's, to the same address and with the same aim."""
    token = visit.form.get("token")
    dead = visit.house.store.pass_of_token(keys.hashed(token)) if keys.is_key(token) else None
    return _asked(visit, dead.address, dead.going_to) if dead else go("/sign-in")


def code_form(visit: Visit) -> Response:
    """Where the code is typed in; shows the address for which this browser asked."""
    asked = _newest(visit)
    return _code(visit, asked) if asked else go("/sign-in")


def by_code(visit: Visit) -> Response:
    """The code of a letter, typed in the browser that asked."""
    asked = _newest(visit)
    if asked is None:
        return go("/sign-in")
    found = passes.by_code(visit.house, visit.browser_key, visit.form.get("code")[:40], visit.now)
    if found is None or not visit.house.store.use_pass(found[0].id, visit.now):
        spent = asked.tries + 1 >= passes.TRIES
        wrong = _("Too many wrong codes. Ask for a new letter.") if spent else _("This is not the code of your newest letter, or it is no longer good.")  # fmt: skip
        return _code(visit, asked, error=wrong, status=400)
    return _begin(visit, found[0], found[1].going_to)


def link(visit: Visit) -> Response:
    """A letter's link: a button in a browser that asked, the code in any other, another letter if it is dead."""
    found = _pass_of(visit)
    if found is not None and visit.person is not None and visit.person.address == found.address:
        return go(found.going_to or "/")
    if found is None or not found.is_live(visit.now):
        return _dead(visit, found)
    token = visit.request.path_params["token"]
    if _may_use(visit, found):
        response = render.page(visit, "sign_in_button.html", address=found.address, token=token)
    else:
        code = keys.code_of(token, visit.house.secret)
        response = render.page(visit, "sign_in_elsewhere.html", code=code)
    response.headers["referrer-policy"] = "no-referrer"
    return response


def by_link(visit: Visit) -> Response:
    """The button was pressed."""
    found = _pass_of(visit)
    if found is None or not found.is_live(visit.now):
        return _dead(visit, found)
    if not _may_use(visit, found):
        raise HTTPException(403)
    if not visit.house.store.use_pass(found.id, visit.now):
        return _dead(visit, found)
    asked = passes.ask_of(visit.house, visit.browser_key, found.address, visit.now)
    return _begin(visit, found, asked.going_to if asked else found.going_to)


def sign_out(visit: Visit) -> Response:
    """The session is over, here and in the store."""
    if visit.session is not None:
        visit.house.store.end_session(visit.session.id, "signed out", visit.now)
    response = go("/sign-in")
    cookies.drop_session(response, secure=visit.house.web.is_secure)
    return response


def begin_session(
    visit: Visit, address: str, going_to: str, *, role: str = "", subject: str | None = None
) -> Response:
    """A new session under a new key, whatever the browser had before (session fixation); then where he was going."""
    house, key = visit.house, keys.new()
    if visit.session is not None:
        house.store.end_session(visit.session.id, "signed in anew", visit.now)
    house.store.begin_session(
        Session(
            key_hash=keys.hashed(key),
            address=address,
            browser=described(visit.request.headers.get("user-agent", "")),
            begun_at=visit.now,
            seen_at=visit.now,
            role=role,
            subject=subject,
        )
    )
    response = go(own_path(going_to) or "/")
    cookies.write_session(response, key, secure=house.web.is_secure)
    cookies.write_browser(response, keys.new(), secure=house.web.is_secure)
    return response


def _begin(visit: Visit, used: Pass, going_to: str) -> Response:
    """The pass was good; whether its person is still known is asked now."""
    if people.find(used.address, visit.house.knowledge, visit.house.web) is None:
        return _dead(visit, None)
    return begin_session(visit, used.address, going_to)


def _asked(visit: Visit, address: str, going_to: str) -> Response:
    house = visit.house
    new = Ask(
        browser_hash=keys.hashed(visit.browser_key),
        address=address,
        going_to=going_to,
        peer=visit.peer,
        asked_at=visit.now,
        expires_at=visit.now + house.web.sign_in_lives,
    )
    house.store.ask_sign_in(new)
    browser = described(visit.request.headers.get("user-agent", ""))
    language, zone = visit.language, visit.choices.zone
    asked_from = f"{browser}, {visit.peer}"
    house.later(
        f"{address} {visit.peer}", lambda: passes.write_letter(house, new, language, zone, asked_from)
    )
    return go("/sign-in/code")


def _newest(visit: Visit) -> Ask | None:
    asks = visit.house.store.asks_of_browser(keys.hashed(visit.browser_key), visit.now)
    return asks[0] if asks else None


def _pass_of(visit: Visit) -> Pass | None:
    token = visit.request.path_params["token"]
    return visit.house.store.pass_of_token(keys.hashed(token)) if keys.is_key(token) else None


def _may_use(visit: Visit, found: Pass) -> bool:
    return (
        found.by_hand or passes.ask_of(visit.house, visit.browser_key, found.address, visit.now) is not None
    )


def _dead(visit: Visit, found: Pass | None) -> Response:
    token = visit.request.path_params.get("token", "")
    used = found is not None and found.used_at is not None
    return render.page(
        visit, "sign_in_dead.html", status=410, known=found is not None, used=used, token=token
    )


def _form(
    visit: Visit, going_to: str, *, address: str = "", error: str = "", kept: bool = False, status: int = 200
) -> Response:
    oidc = visit.house.web.staff_sign_in == "oidc"
    return render.page(
        visit,
        "sign_in.html",
        status=status,
        next=going_to,
        address=address[:320],
        error=error,
        kept=kept,
        oidc=oidc,
    )


def _code(visit: Visit, asked: Ask, *, error: str = "", status: int = 200) -> Response:
    minutes = round(visit.house.web.sign_in_lives.total_seconds() / 60)
    return render.page(
        visit, "sign_in_code.html", status=status, address=asked.address, minutes=minutes, error=error
    )


PAGES = (
    get("/sign-in", May.ANYBODY, sign_in),
    post("/sign-in", May.ANYBODY, ask, rate="sign-in"),
    post("/sign-in/again", May.ANYBODY, again, rate="sign-in"),
    get("/sign-in/code", May.ANYBODY, code_form),
    post("/sign-in/code", May.ANYBODY, by_code, rate="code"),
    get("/sign-in/link/{token}", May.ANYBODY, link),
    post("/sign-in/link/{token}", May.ANYBODY, by_link),
    post("/sign-out", May.SIGNED_IN, sign_out),
)
