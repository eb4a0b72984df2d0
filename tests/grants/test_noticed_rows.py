"""What stands of a grant in the store after each answer, when it is due, and the words of whoever asks meanwhile."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.grants.conftest import Desk
from tests.grants.test_noticed_grants import GOOD, renewals
from tests.grants.test_noticed_grants import identity as identity
from tests.grants.test_noticed_grants import server as server
from tests.grants.test_noticed_grants import url as url
from tests.said import listening
from tests.servers.identity import CLIENT
from triaged.config.servers import Credential
from triaged.errors import Faulty, Permanent, Temporary
from triaged.grants import provider, sealing, secrets
from triaged.grants.keeping import Keeper
from triaged.store.service_rows import StoredGrant

HOUR = timedelta(hours=1)


def kept(desk: Desk) -> StoredGrant:
    found = desk.store.grant("support")
    assert found is not None
    return found


def opened(desk: Desk, sealed: str | None, column: str) -> str:
    assert sealed is not None
    return sealing.read(desk.keys).open(sealed, f"oauth2_grant/support/other:{CLIENT}/{column}")


def plain(desk: Desk) -> dict[str, Any]:
    """The row without its sealed tokens."""
    row = kept(desk)
    names = ("client", "access_until", "expires_at", "granted_at", "renewed_at", "over_at", "retry_at", "failures", "error")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def answers(desk: Desk, status: int, **told: Any) -> None:
    desk.identity.answers["/token"] = (status, told)


def test_a_renewal_keeps_what_the_provider_did_not_give_anew_and_when_somebody_signed_in(desk: Desk) -> None:
    keeper, began = desk.signed_in(), desk.now
    signed = plain(desk)
    assert signed == {
        "client": f"other:{CLIENT}", "access_until": began + HOUR, "expires_at": None, "granted_at": began, "renewed_at": began,
        "over_at": None, "retry_at": None, "failures": 0, "error": None,
    }  # fmt: skip
    refresh = kept(desk).refresh
    desk.later(hours=2)
    answers(desk, 200, access_token="second", expires_in=1800, refresh_token_expires_in=86400)
    with listening() as said:
        assert keeper.token(desk.grant()).value == "second"
        assert said.of("grant.renewed") == [{"user": "support", "seconds": 1800}]
    ends = desk.now + timedelta(days=1)
    assert plain(desk) == {
        **signed, "access_until": desk.now + HOUR / 2, "expires_at": ends, "renewed_at": desk.now,
    }  # fmt: skip
    assert kept(desk).refresh == refresh and opened(desk, kept(desk).access, "access") == "second"
    # The end of the consent is of the refresh token that it came with: it stays with it, and goes with it
    desk.later(hours=2)
    answers(desk, 200, access_token="third", expires_in=60)
    keeper.token(desk.grant())
    assert kept(desk).expires_at == ends
    desk.later(hours=2)
    answers(desk, 200, access_token="fourth", expires_in=3600, refresh_token="r4")
    keeper.token(desk.grant())
    assert kept(desk).expires_at is None and opened(desk, kept(desk).refresh, "refresh") == "r4"


def test_a_client_that_is_refused_is_asked_again_after_ten_minutes_and_told_meanwhile(desk: Desk) -> None:
    keeper = desk.signed_in()
    signed = plain(desk)
    desk.later(hours=2)
    answers(desk, 401, error="invalid_client", error_description="the secret  has expired")
    words = "invalid_client (the secret has expired)"
    with pytest.raises(Faulty) as refused:
        keeper.token(desk.grant())
    assert refused.value.lines == (f"no token for support: {words}; look at oauth2",)
    first, again = desk.now, desk.now + timedelta(minutes=10)
    assert plain(desk) == {**signed, "over_at": first, "retry_at": again, "failures": 1, "error": words}
    desk.now = again - timedelta(seconds=1)
    with pytest.raises(Temporary) as meanwhile:
        keeper.token(desk.grant())
    assert str(meanwhile.value) == f"no new token for support: {words}; asked again at {again:%H:%M:%S} UTC"
    keeper.renew_due([desk.grant()])
    assert renewals(desk) == 1
    desk.now = again
    keeper.renew_due([desk.grant()])
    assert renewals(desk) == 2
    assert plain(desk) == {
        **signed, "over_at": first, "retry_at": again + timedelta(minutes=10), "failures": 2, "error": words,
    }  # fmt: skip


def test_a_consent_that_is_over_says_since_when_and_is_not_due(desk: Desk) -> None:
    keeper = desk.signed_in()
    signed = plain(desk)
    desk.later(hours=2)
    answers(desk, 400, error="invalid_grant")
    with pytest.raises(Faulty) as over:
        keeper.token(desk.grant())
    told = "no token for support: invalid_grant; sign in again: triaged oauth2 login MAILBOX"
    assert over.value.lines == (told,)
    assert plain(desk) == {
        **signed,
        "over_at": desk.now,
        "retry_at": None,
        "failures": 1,
        "error": "invalid_grant",
    }
    desk.later(days=30)
    keeper.renew_due([desk.grant()])
    with pytest.raises(Faulty) as still:
        keeper.token(desk.grant())
    assert still.value.lines == (
        "the grant of support is over: invalid_grant; sign in again: triaged oauth2 login MAILBOX",
    )
    assert renewals(desk) == 1


def test_a_provider_that_is_away_leaves_the_grant_as_it_is_but_for_when_to_ask(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "random", lambda: 1.0)
    keeper = desk.signed_in()
    signed = plain(desk)
    desk.later(hours=2)
    answers(desk, 503, error="busy", error_description=" ".join(["away"] * 60))
    with listening() as said, pytest.raises(Temporary):
        keeper.token(desk.grant())
    (told,) = said.of("grant.failed")
    row = plain(desk)
    assert (row["retry_at"], told["again_in"]) == (desk.now + timedelta(seconds=18.75), 18.8)
    assert {**row, "retry_at": None, "error": None} == {**signed, "failures": 1}
    assert row["error"] == f"the identity provider answers 503 ({' '.join(['away'] * 40)} )"


def test_the_first_failure_of_an_application_is_kept_though_nobody_ever_signed_in(desk: Desk) -> None:
    desk.more["flow"] = "client_credentials"
    answers(desk, 401, error="unauthorized_client")
    desk.keeper().renew_due([desk.grant()])
    assert plain(desk) == {
        "client": f"other:{CLIENT}", "access_until": None, "expires_at": None, "granted_at": desk.now, "renewed_at": None,
        "over_at": desk.now, "retry_at": desk.now + timedelta(minutes=10), "failures": 1, "error": "unauthorized_client",
    }  # fmt: skip
    assert (kept(desk).refresh, kept(desk).access) == (None, None)


def test_who_signs_in_for_another_client_writes_over_what_the_former_had(desk: Desk) -> None:
    desk.signed_in()
    before = kept(desk)
    desk.later(hours=1)
    grant = desk.grant()
    other = grant.model_copy(update={"settings": grant.settings.model_copy(update={"client_id": "another"})})
    desk.keeper("two").keep(other, provider.Tokens("new", 600, None))
    after = kept(desk)
    assert (after.client, after.version, after.refresh) == ("other:another", before.version + 1, None)
    assert (after.granted_at, after.access_until) == (desk.now, desk.now + timedelta(minutes=10))


@pytest.mark.parametrize(("minutes", "times"), [(29.99, 0), (30, 1)])
def test_a_token_is_due_at_half_of_its_life(desk: Desk, minutes: float, times: int) -> None:
    keeper = desk.signed_in()
    desk.later(minutes=minutes)
    keeper.renew_due([desk.grant()])
    assert renewals(desk) == times


@pytest.mark.parametrize(("left", "times"), [(60, 0), (59, 1)])
def test_a_token_is_handed_out_while_a_minute_is_left_of_it(desk: Desk, left: int, times: int) -> None:
    keeper = desk.signed_in()
    desk.later(seconds=3600 - left)
    keeper.token(desk.grant())
    assert renewals(desk) == times


@pytest.mark.parametrize(("seconds", "again"), [(119, False), (120, True)])
def test_a_server_that_refuses_a_token_of_two_minutes_gets_another(
    desk: Desk, seconds: int, again: bool
) -> None:
    keeper = desk.signed_in()
    desk.later(seconds=seconds)
    if again:
        keeper.token(desk.grant(), anew=True)
    else:
        with pytest.raises(Faulty) as refused:
            keeper.token(desk.grant(), anew=True)
        assert refused.value.lines == (
            "the server refuses a fresh token of support: look at the scopes, and whether this user may open the mailbox",
        )
    assert renewals(desk) == int(again)


def test_a_row_that_asks_for_nothing_is_renewed_and_one_without_a_refresh_token_names_the_command(
    desk: Desk,
) -> None:
    keeper = desk.signed_in()
    assert desk.store.save_grant(replace(kept(desk), renewed_at=None))
    keeper.renew_due([desk.grant()])
    assert renewals(desk) == 1
    assert desk.store.save_grant(replace(kept(desk), refresh=None, access=None))
    with pytest.raises(Faulty) as nobody:
        keeper.token(desk.grant())
    assert nobody.value.lines == ("nobody has signed in as support yet: triaged oauth2 login MAILBOX",)


# -- what a provider says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told", "kind", "words"),
    [
        (300, {}, Temporary, "the identity provider answers 300"),
        (399, {"error": "invalid_grant"}, Temporary, "the identity provider answers 399"),
        (400, {"error": "invalid_grant"}, provider.Over, "invalid_grant"),
        (400, {"error": "expired_token"}, provider.Over, "expired_token"),
        (200, {"error": "invalid_scope"}, provider.Refused, "invalid_scope"),
        (403, {"error": "access_denied", "error_description": 7}, provider.Refused, "access_denied"),
        (400, {}, Temporary, "400"),
        (404, {"error_description": "no such\ttenant"}, Temporary, "404 (no such tenant)"),
        (400, {"error": "odd\x1b"}, Temporary, "odd\\u001b"),
        (400, {"error": "e" * 400}, Temporary, "e" * 300),
        (400, {"error": "authorization_pending"}, provider.Wait, "not yet"),
        (400, {"error": "slow_down"}, provider.Wait, "not yet"),
        (429, {"error": "invalid_grant"}, Temporary, "the identity provider answers 429"),
        (500, {"error": "invalid_grant"}, Temporary, "the identity provider answers 500"),
        (599, {"error_description": "away"}, Temporary, "the identity provider answers 599 (away)"),
    ],
)  # fmt: skip
def test_each_answer_is_told_in_the_providers_words_as_what_it_is(
    desk: Desk, status: int, told: dict[str, Any], kind: type[Exception], words: str
) -> None:
    answers(desk, status, **told)
    with pytest.raises((Temporary, Permanent)) as said:
        provider.renew(desk.grant().settings, "x")
    assert (type(said.value), str(said.value)) == (kind, words)
    if isinstance(said.value, provider.Wait):
        assert said.value.slower is (told["error"] == "slow_down")


@pytest.mark.parametrize(
    ("flow", "asked"),
    [
        ("refresh_token", {"grant_type": "refresh_token", "refresh_token": "x"}),
        ("client_credentials", {"grant_type": "client_credentials", "scope": "mail"}),
    ],
)
def test_a_renewal_asks_for_what_its_flow_asks(desk: Desk, flow: str, asked: dict[str, str]) -> None:
    desk.more["flow"] = flow
    answers(desk, 200, **GOOD)
    provider.renew(desk.grant().settings, "x")
    [form] = desk.identity.asked_for("/token")
    assert {name: value for name, value in form.items() if not name.startswith("client_")} == asked


# -- sealing, and token commands ---------------------------------------------------------------------


def test_a_token_sealed_in_a_way_that_is_not_known_opens_by_no_key() -> None:
    keys = sealing.read(sealing.new_key())
    sealed = keys.seal("token", "row")
    version, name, held = sealed.split(":")
    for odd in (f"v9:{name}:{held}", f"{version}:{'0' * 20}:{held}", "nothing", ""):
        told = odd.partition(":")[2].partition(":")[0][:16] or "?"
        with pytest.raises(Faulty) as refused:
            keys.open(odd, "row")
        assert refused.value.lines == (
            f"a stored token is sealed by key {told}, which oauth2_key_file does not hold",
        )
    for odd, about in (
        (f"{version}:{name}:{held[:-4]}", "row"),
        (f"{version}:{name}:?", "row"),
        (sealed, "another"),
    ):
        with pytest.raises(
            Faulty, match=r"^a stored token does not open: it was changed, or copied from another row$"
        ):
            keys.open(odd, about)
    assert keys.open(sealed, "row") == "token" and keys.is_newest(sealed)
    assert not sealing.read(f"{sealing.new_key()}\n").is_newest(sealed)


def jwt(parts: int = 3, **claims: Any) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return ".".join(["head", middle, "sign", "more"][:parts])


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [
        (jwt(exp=1000), 440), (jwt(exp="1000"), 440), (jwt(exp=560), 0), (jwt(exp=1), 0), (jwt(exp=True), 300), (jwt(), 300),
        (jwt(2, exp=1000), 300), (jwt(4, exp=1000), 300), (jwt(exp=99_999_999_999), 24 * 3600), (jwt(exp=10**11), 300), (jwt(exp=-1), 300),
        (json.dumps({"access_token": jwt(exp=1000), "expires_in": 100}), 40), (json.dumps({"access_token": jwt(exp=1000)}), 440),
        (json.dumps({"access_token": "t", "expires_in": 0}), 0),
    ],
)  # fmt: skip
def test_a_token_is_kept_until_a_minute_before_the_end_that_it_says_of_itself(
    printed: str, seconds: float
) -> None:
    assert secrets.told(printed, 500.0)[1] == seconds


def test_a_secret_is_fetched_from_where_the_config_says(desk: Desk) -> None:
    desk.signed_in()
    all_of = secrets.Secrets(lambda: None, desk.store, desk.clock, "one")  # type: ignore[arg-type, return-value]
    all_of.keeper = Keeper(desk.store, lambda: sealing.read(desk.keys), desk.clock, "one")
    by_grant = all_of.fetch(Credential(grant=desk.grant()))
    assert by_grant.token and by_grant.value in desk.identity.good()
    (desk.folder / "password").write_text("pw\n")
    (desk.folder / "password").chmod(0o600)
    by_file = all_of.fetch(Credential(file=desk.folder / "password"))
    assert (by_file.value, by_file.token) == ("pw", False)
