"""Answers of a provider that are odd, grants that several write at once, browsers and devices that say no."""

from __future__ import annotations

import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.grants.conftest import Desk
from tests.servers.identity import Identity
from triaged.config.oauth2 import Grant
from triaged.errors import Faulty, Permanent, Temporary
from triaged.grants import keeping, provider, secrets, signing_in
from triaged.grants.renewing import Renewing
from triaged.store import Unavailable


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    """SQLite alone: what differs between databases is asked in test_keeping.py."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    return f"sqlite:///{tmp_path}/triaged.db"


@pytest.fixture(scope="module")
def server() -> Iterator[Identity]:
    one = Identity().start()
    yield one
    one.stop()


@pytest.fixture
def identity(server: Identity) -> Identity:
    """One for all, as new: to end a server takes half a second."""
    fresh = Identity()
    vars(server).update({name: vars(fresh)[name] for name in vars(fresh)})
    return server


GOOD = {"access_token": "a", "refresh_token": "r", "expires_in": 3600}


def answered(desk: Desk, **changes: Any) -> provider.Tokens:
    told = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    desk.identity.answers["/token"] = (200, told)
    return provider.renew(desk.grant().settings, "x")


# -- what an answer says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3600, 3600), ("3600", 3600), (59.9, 59), (1, 30), (10**9, 24 * 3600), (None, 600), (True, 600), ("soon", 600), ([1], 600),
        (-1, 600), (10**10, 600), (1e400, 600),
    ],
)  # fmt: skip
def test_how_long_a_token_lives_is_believed_within_reason(
    desk: Desk, expires_in: object, seconds: int
) -> None:
    assert answered(desk, expires_in=expires_in).seconds == seconds


@pytest.mark.parametrize(("told", "ends"), [(86400, 86400), (None, None), (0, None), ("x", None)])
def test_when_a_consent_ends_is_kept_where_it_is_told(desk: Desk, told: object, ends: int | None) -> None:
    had = answered(desk, refresh_token_expires_in=told)
    assert had.refresh_seconds == ends
    desk.keeper().keep(desk.grant(), had)
    kept = desk.store.grant("support")
    assert kept is not None and kept.expires_at == (desk.now + timedelta(seconds=ends) if ends else None)


@pytest.mark.parametrize(
    ("refresh", "kept"), [("r2", "r2"), (None, None), ("two words", None), ("", None), ("ü", None), (7, None)]
)
def test_a_refresh_token_that_could_not_be_sent_again_is_none(
    desk: Desk, refresh: object, kept: str | None
) -> None:
    assert answered(desk, refresh_token=refresh).refresh == kept


@pytest.mark.parametrize(
    ("kind", "good"),
    [("Bearer", True), ("bearer", True), ("Zoho-oauthtoken", True), (None, True), ("mac", False)],
)
def test_only_bearers_are_taken(desk: Desk, kind: str | None, good: bool) -> None:
    if good:
        assert answered(desk, token_type=kind).access == "a"
    else:
        with pytest.raises(Permanent, match="gives no bearer tokens"):
            answered(desk, token_type=kind)


def test_an_answer_that_is_no_object_makes_no_sense(desk: Desk) -> None:
    desk.identity.answers["/token"] = (200, ["a"])
    with pytest.raises(Temporary, match="answers 200 without sense"):
        provider.renew(desk.grant().settings, "x")


def test_a_public_client_sends_no_secret(desk: Desk) -> None:
    settings = desk.grant().settings.model_copy(update={"client_secret_file": None})
    with pytest.raises(Permanent):
        provider.renew(settings, "x")
    [form] = desk.identity.asked_for("/token")
    assert "client_secret" not in form and form["client_id"] == settings.client_id


# -- several at once ---------------------------------------------------------------------------------


class Contested:
    """A store in which somebody else always writes first."""

    def __init__(self, desk: Desk, times: int) -> None:
        self.store, self.left = desk.store, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def save_grant(self, one: Any) -> bool:
        if self.left:
            self.left -= 1
            return False
        return self.store.save_grant(one)


@pytest.mark.parametrize(("times", "kept"), [(4, True), (5, False)])
def test_who_signs_in_while_others_write_is_kept_or_told(desk: Desk, times: int, kept: bool) -> None:
    keeper = keeping.Keeper(Contested(desk, times), desk.keeper()._keys, desk.clock, "me")
    had = provider.Tokens("a", 3600, "r")
    if kept:
        keeper.keep(desk.grant(), had)
    else:
        with pytest.raises(Temporary, match="somebody else writes the grant of support all the time"):
            keeper.keep(desk.grant(), had)
    assert (desk.store.grant("support") is not None) is kept


def test_a_token_that_another_renewed_meanwhile_is_not_handed_out(desk: Desk) -> None:
    desk.signed_in()
    desk.later(hours=2)
    keeper = keeping.Keeper(Contested(desk, 1), desk.keeper()._keys, desk.clock, "me")
    with pytest.raises(Temporary, match="somebody else renewed the token of support meanwhile"):
        keeper.token(desk.grant())


def test_who_renews_and_does_not_end_is_not_waited_for_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = desk.signed_in()
    desk.later(hours=2)
    epoch = desk.store.take_lease("oauth2:support", "other", desk.now, 60)
    monkeypatch.setattr(keeping, "_PATIENCE", 0.0)
    monkeypatch.setattr(keeping, "_LOOK_AGAIN", 0.01)
    with pytest.raises(Temporary, match="somebody else renews the token of support and does not end"):
        keeper.token(desk.grant())
    assert epoch is not None and desk.store.drop_lease("oauth2:support", "other", epoch)
    assert keeper.token(desk.grant()).value in desk.identity.good()


# -- what is due -------------------------------------------------------------------------------------


def renewals(desk: Desk) -> int:
    return len(desk.identity.asked_for("/token"))


def test_nothing_is_renewed_that_nobody_signed_in_for(desk: Desk) -> None:
    desk.keeper().renew_due([desk.grant()])
    assert renewals(desk) == 0 and desk.store.grant("support") is None


def test_an_application_has_its_first_token_before_anybody_asks(desk: Desk) -> None:
    desk.more["flow"] = "client_credentials"
    desk.keeper().renew_due([desk.grant()])
    kept = desk.store.grant("support")
    assert renewals(desk) == 1 and kept is not None and kept.renewed_at == desk.now


def test_a_provider_that_was_away_is_left_alone_until_its_time_has_come(desk: Desk) -> None:
    keeper = desk.signed_in()
    desk.later(minutes=31)
    desk.identity.answers["/token"] = (503, {"error": "x"})
    keeper.renew_due([desk.grant()])
    kept = desk.store.grant("support")
    assert kept is not None and kept.retry_at is not None and kept.retry_at > desk.now
    desk.identity.answers.clear()
    keeper.renew_due([desk.grant()])
    assert renewals(desk) == 1
    desk.now = kept.retry_at
    keeper.renew_due([desk.grant()])
    again = desk.store.grant("support")
    assert renewals(desk) == 2 and again is not None and (again.failures, again.retry_at) == (0, None)


def test_a_row_without_a_token_is_renewed_at_once(desk: Desk) -> None:
    keeper = desk.signed_in()
    kept = desk.store.grant("support")
    assert kept is not None and desk.store.save_grant(replace(kept, access=None, access_until=None))
    keeper.renew_due([desk.grant()])
    assert renewals(desk) == 1


def test_a_database_that_is_away_ends_the_turn_and_a_fault_of_one_grant_does_not(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    desk.later(minutes=40)
    broken = Grant(settings=grant.settings.model_copy(update={"client_id": "no such"}), user="other")
    assert desk.store.save_grant(replace_user(desk, "other", "other:no such"))
    turns: list[str] = []
    renewing = Renewing(
        keeper,
        lambda: [broken, grant],
        threading.Event(),
        tick=lambda: turns.append("t"),
        failed=lambda error: turns.append(str(error)),
    )
    renewing._stop.set()
    renewing.turn()
    kept = desk.store.grant("support")
    assert kept is not None and kept.renewed_at == desk.now and turns == ["t", "t"]
    assert not renewing.wanted()

    class Away(Contested):
        def take_lease(self, *given: Any) -> int:
            raise Unavailable("the database is away")

    desk.later(minutes=40)
    away = keeping.Keeper(Away(desk, 0), keeper._keys, desk.clock, "me")
    with pytest.raises(Unavailable):
        away.renew_due([grant])
    renewing.failed(ValueError("told"))
    assert turns[-1] == "told"


def replace_user(desk: Desk, user: str, client: str) -> Any:
    kept = desk.store.grant("support")
    assert kept is not None
    return replace(kept, user=user, client=client, version=0)


# -- signing in --------------------------------------------------------------------------------------


def by_device(desk: Desk, told: list[str]) -> provider.Tokens:
    return signing_in.by_device(desk.grant().settings, told.append, lambda seconds: None)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((400, {"error": "invalid_client"}), Faulty, "^no device code: invalid_client$"),
        ((200, {"device_code": "d", "user_code": "u"}), Temporary, "gave no device code"),
        ((200, {"device_code": "d", "verification_uri": "https://x.example"}), Temporary, "gave no device code"),
        ((200, {"user_code": "u", "verification_uri": "https://x.example"}), Temporary, "gave no device code"),
    ],
)  # fmt: skip
def test_without_a_code_nobody_is_asked_to_enter_one(
    desk: Desk, answer: Any, error: type[Exception], said: str
) -> None:
    desk.identity.answers["/device"] = answer
    told: list[str] = []
    with pytest.raises(error, match=said):
        by_device(desk, told)
    assert told == []


def test_a_code_that_nobody_entered_expires(desk: Desk) -> None:
    desk.identity.consented = False
    desk.identity.answers["/device"] = (
        200,
        {
            "device_code": "d",
            "user_code": "u",
            "verification_url": "https://x.example/\x1b",
            "expires_in": 0.2,
            "interval": 0,
        },
    )
    told: list[str] = []
    with pytest.raises(Faulty, match=r"^the code has expired; start again$"):
        by_device(desk, told)
    assert told == ["Open https://x.example/\\u001b on any device and enter the code u"]


def test_a_provider_that_is_away_meanwhile_is_asked_less_often(desk: Desk) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        desk.identity.answers["/token"] = (503, {"error": "x"}) if len(pauses) < 4 else (200, GOOD)

    assert signing_in.by_device(desk.grant().settings, lambda _: None, sleep).access == "a"
    assert pauses == [pytest.approx(0.1 * 2**n) for n in range(4)]


def test_a_consent_that_does_not_last_is_refused(desk: Desk) -> None:
    desk.identity.answers["/token"] = (200, {"access_token": "a", "expires_in": 3600})
    with pytest.raises(Faulty, match="gave no refresh token: the scopes must ask for lasting access"):
        by_device(desk, [])


def test_without_an_address_to_open_a_device_is_named(desk: Desk) -> None:
    settings = desk.grant().settings.model_copy(update={"authorize_url": None})
    with pytest.raises(Faulty, match="sign in by device code: --device"):
        signing_in.by_browser(settings, "support", lambda _: None)


def test_a_port_that_is_taken_is_told(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Faulty, match=f"^cannot listen on port {port}: Address already in use$"):
            signing_in.by_browser(desk.grant().settings, "support", lambda _: None, port=port)


@pytest.mark.parametrize(
    ("back", "said"), [("error=access_denied", "access_denied"), ("code=", "no code came back"), ("error=%1b", r"\\u001b")]
)  # fmt: skip
def test_a_browser_that_brings_no_code_ends_the_waiting(desk: Desk, back: str, said: str) -> None:
    found: list[Any] = []
    browsers: list[threading.Thread] = []

    def browse(address: str) -> None:
        parts = dict(one.split("=", 1) for one in address.partition("?")[2].split("&"))
        root = urllib.request.unquote(parts["redirect_uri"])  # type: ignore[attr-defined]
        try:
            urllib.request.urlopen(f"{root}favicon.ico")
        except urllib.error.HTTPError as error:
            found.append((error.code, error.read()))
        with urllib.request.urlopen(f"{root}?{back}&state={parts['state']}") as answer:
            found.append((answer.status, answer.read()))

    def show(line: str) -> None:
        if "authorize" in line:
            browsers.append(threading.Thread(target=browse, args=(line.split()[-1],), daemon=True))
            browsers[-1].start()

    with pytest.raises(Faulty, match=rf"^the sign-in failed: {said}$"):
        signing_in.by_browser(desk.grant().settings, "support", show, patience=30)
    browsers[0].join(20)
    assert found == [(404, b"Nothing is here."), (200, b"The sign-in failed; the terminal says why.")]


def test_an_exchange_that_is_refused_says_to_start_again(desk: Desk) -> None:
    desk.identity.answers["/token"] = (400, {"error": "invalid_grant"})

    def show(line: str) -> None:
        if "authorize" in line:
            threading.Thread(
                target=lambda: urllib.request.urlopen(line.split()[-1]).read(), daemon=True
            ).start()

    with pytest.raises(Faulty, match=r"^the sign-in failed: invalid_grant; start again$"):
        signing_in.by_browser(desk.grant().settings, "support", show, patience=30)


# -- token commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("tok", ("tok", 300.0)),
        ('{"token": "t"}', ("t", 300.0)),
        ('{"access_token": "t", "expires_in": "160"}', ("t", 100.0)),
        ('{"access_token": "t", "expires_in": true}', ("t", 300.0)),
        ('{"access_token": "t", "expires_in": "x"}', ("t", 300.0)),
        ('{"access_token": "t", "expires_in": 1000000}', ("t", 24 * 3600.0)),
        ("a.b.c", ("a.b.c", 300.0)),
        ("a.%%%.c", ("a.%%%.c", 300.0)),
    ],
)
def test_a_token_says_how_long_it_lives_or_is_kept_for_a_little(
    printed: str, told: tuple[str, float]
) -> None:
    assert secrets.told(printed, 0.0) == told


@pytest.mark.parametrize("printed", ["two words", "ü", '{"access_token": "a b"}', "a\tb"])
def test_what_is_no_token_is_refused_without_it(printed: str) -> None:
    with pytest.raises(Faulty) as refused:
        secrets.told(printed, 0.0)
    assert refused.value.lines == (
        "token_command printed no token: there are characters in it that no token has",
    )


@pytest.mark.parametrize(
    "printed",
    ["", "{}", '{"access_token":"t"', '{"token": ""}', '{"access_token": 7}', '{"access_token": null}'],
)
def test_json_without_a_token_is_told_so(printed: str) -> None:
    with pytest.raises(Faulty) as refused:
        secrets.told(printed, 0.0)
    assert refused.value.lines == ("token_command printed JSON without an access_token",)
