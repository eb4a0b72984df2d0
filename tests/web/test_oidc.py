"""Staff at their own house: only a verified address, of staff, of a group with a role, and for good the same subject (P7)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.web.desk import ANNA, BEN, Browser, Desk, opened_desk
from triaged.store import upgrade
from triaged.web.provider import Provider

ISSUER = "https://id.desk.example"


class House:
    """A provider of 40 lines; `claims` are what its next token says, `tamper` what is wrong with it."""

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey
        from starlette.applications import Starlette
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.claims: dict[str, Any] = {}
        self.nonce, self.challenged = "", False

        async def about(_request: Any) -> Any:
            at = {name: f"{ISSUER}/{name}" for name in ("authorize", "token", "jwks")}
            return JSONResponse(
                {
                    "issuer": ISSUER, "authorization_endpoint": at["authorize"], "token_endpoint": at["token"],
                    "jwks_uri": at["jwks"], "id_token_signing_alg_values_supported": ["RS256"],
                }
            )  # fmt: skip

        async def token(request: Any) -> Any:
            from joserfc import jwt

            form = await request.form()
            self.challenged = bool(form.get("code_verifier"))
            now = int(time.time())
            basis = {
                "iss": ISSUER,
                "sub": "s1",
                "aud": "triaged",
                "exp": now + 60,
                "iat": now,
                "nonce": self.nonce,
            }
            claims = {**basis, "email": BEN, "email_verified": True, "groups": ["support"], **self.claims}
            signed = jwt.encode(
                {"alg": "RS256", "kid": "k1"}, {k: v for k, v in claims.items() if v is not None}, self.key
            )
            return JSONResponse(
                {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": signed}
            )

        async def jwks(_request: Any) -> Any:
            return JSONResponse({"keys": [self.key.as_dict(private=False)]})

        routes = [
            ("/.well-known/openid-configuration", about, "GET"),
            ("/token", token, "POST"),
            ("/jwks", jwks, "GET"),
        ]
        self.app = Starlette(routes=[Route(path, what, methods=[method]) for path, what, method in routes])


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def staffed(house: House, tmp_path: Path) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path}/triaged.db"
    upgrade(url)
    (tmp_path / "secret").write_text("s3cret")
    oidc = {
        "issuer": ISSUER, "client_id": "triaged", "client_secret_file": "secret", "groups": {"support": "agent", "leads": "lead"},
    }  # fmt: skip
    with opened_desk(tmp_path, url, daemon=False, staff_sign_in="oidc", oidc=oidc) as made:
        transport = httpx2.ASGITransport(app=house.app)
        made.pages.house.oidc = Provider(made.config.web.oidc, transport=transport)
        yield made


def come(desk: Desk, house: House, browser: Browser | None = None, **claims: Any) -> tuple[int, Browser]:
    browser = browser or desk.browser()
    sent = browser.http.get("/sign-in/staff?next=/queue", follow_redirects=False)
    assert sent.status_code == 302, sent.text
    asked = {name: value[0] for name, value in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    assert (
        asked["code_challenge_method"] == "S256" and asked["redirect_uri"] == f"{desk.url}/sign-in/staff/back"
    )
    house.nonce, house.claims = asked["nonce"], claims
    return browser.get(f"/sign-in/staff/back?code=c&state={asked['state']}").status_code, browser


def test_a_verified_address_of_staff_in_a_group_is_let_in(staffed: Desk, house: House) -> None:
    status, browser = come(staffed, house)
    assert status == 200 and house.challenged
    assert browser.get("/queue").status_code == 200 and BEN in browser.get("/queue").text


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email": None}, {"groups": []}, {"groups": None},
        {"groups": ["others"]}, {"groups": "support"}, {"email": "ben@nowhere.example"}, {"email": ANNA}, {"iss": "https://evil.example"},
        {"aud": "another"}, {"exp": 1}, {"nonce": "another"}, {"nonce": None}, {"sub": ""},
    ],
    ids=str,
)  # fmt: skip
def test_p7_whoever_lacks_one_of_these_is_refused(
    staffed: Desk, house: House, claims: dict[str, Any]
) -> None:
    status, browser = come(staffed, house, **claims)
    assert status == 403 and "/sign-in" in str(browser.get("/queue").url)


def test_p7_the_same_address_with_another_subject_is_refused(staffed: Desk, house: House) -> None:
    assert come(staffed, house)[0] == 200
    assert come(staffed, house, sub="somebody else")[0] == 403
    assert come(staffed, house)[0] == 200


def test_a_callback_is_good_once_and_only_in_the_browser_that_began(staffed: Desk, house: House) -> None:
    _status, browser = come(staffed, house)
    again = browser.get("/sign-in/staff/back?code=c&state=x")
    assert again.status_code == 403
    assert staffed.browser().get("/sign-in/staff/back?code=c&state=x").status_code == 403


def test_a_group_that_is_gone_ends_the_role_at_the_next_sign_in(staffed: Desk, house: House) -> None:
    _status, browser = come(staffed, house, groups=["leads", "support"])
    assert staffed.store.session_of_key(_hash(browser)).role == "lead"  # type: ignore[union-attr]
    _status, browser = come(staffed, house, browser, groups=["support"])
    assert staffed.store.session_of_key(_hash(browser)).role == "agent"  # type: ignore[union-attr]
    assert come(staffed, house, browser, groups=[])[0] == 403


def test_no_letter_is_a_way_around_it(staffed: Desk) -> None:
    browser = staffed.browser()
    page = browser.get("/sign-in")
    assert "I am one of the support team" in page.text
    browser.post(page, "/sign-in", {"address": BEN})
    staffed.pages.aside.wait()
    assert not staffed.store.letters(limit=5)
    by_hand = staffed.signed_in(BEN)
    assert "/sign-in" in str(by_hand.get("/queue").url)


def _hash(browser: Browser) -> str:
    from triaged.web import keys

    return keys.hashed([c.value or "" for c in browser.http.cookies.jar if c.name == "triaged_session"][-1])
