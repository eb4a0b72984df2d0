"""Tokens: renewed before they end, one at a time, durable before use, sealed, and never asked for in a loop."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from tests.grants.conftest import Desk
from tests.said import listening
from tests.servers.identity import DRIP, ELSEWHERE, Identity
from triaged.errors import Faulty, Permanent, Temporary
from triaged.grants import keeping, provider, sealing
from triaged.store import Store, Unavailable
from triaged.store.service_tables import oauth2_grant


def renewals(identity: Identity) -> int:
    return len(identity.asked_for("/token"))


def test_a_token_is_used_until_shortly_before_it_ends(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    first = keeper.token(grant)
    desk.later(minutes=58)
    assert keeper.token(grant) == first and first.token and renewals(desk.identity) == 0
    desk.later(minutes=1, seconds=30)
    assert keeper.token(grant) != first and renewals(desk.identity) == 1


def test_renewal_begins_at_half_of_its_life_and_a_consent_that_is_gone_is_told_while_mail_still_flows(
    desk: Desk,
) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    held = keeper.token(grant)
    desk.later(minutes=29)
    keeper.renew_due([grant])
    assert renewals(desk.identity) == 0
    desk.identity.withdraw()
    desk.later(minutes=2)
    with listening() as said:
        keeper.renew_due([grant])
    [over] = said.of("grant.over")
    assert "invalid_grant" in over["error"] and "refresh-" not in over["error"], "and no token is told"
    kept = desk.store.grant("support")
    assert kept is not None and kept.over_at == desk.now and kept.access_until is not None
    assert kept.access_until - desk.now > timedelta(minutes=28)
    assert keeper.token(grant) == held, "the token in use still is good"


def test_a_consent_that_is_gone_is_never_asked_about_again_until_somebody_signs_in(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    desk.identity.withdraw()
    desk.later(hours=2)
    with pytest.raises(Faulty, match="sign in again: triaged oauth2 login"):
        keeper.token(grant)
    for _ in range(20):
        desk.later(hours=3)
        keeper.renew_due([grant])
        with pytest.raises(Faulty, match="is over"):
            desk.keeper("another daemon").token(grant)
    assert renewals(desk.identity) == 1
    desk.signed_in()
    assert keeper.token(grant).value in desk.identity.good()
    kept = desk.store.grant("support")
    assert kept is not None and kept.over_at is None and kept.error is None


def test_a_rotated_token_is_durable_before_its_access_token_is_used(desk: Desk, url: str) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    for _ in range(5):
        desk.later(hours=1)
        token = keeper.token(grant)
        other = Store.open(url)  # as after our death
        after = desk.keeper("the next daemon")
        after._store = other
        assert after.token(grant) == token
        other.close()
    assert len(desk.identity.spent) == 5


class Away:
    """A store whose database is away when a grant is to be written."""

    def __init__(self, store: Store) -> None:
        self.store, self.away = store, True

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def save_grant(self, one: object) -> bool:
        if self.away:
            raise Unavailable("the database is away")
        return self.store.save_grant(one)  # type: ignore[arg-type]


def test_a_rotated_token_that_the_database_could_not_take_is_not_lost(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    away = keeper._store = Away(desk.store)
    desk.later(hours=1)
    with pytest.raises(Unavailable):
        keeper.token(grant)
    away.away = False
    assert keeper.token(grant).value in desk.identity.good()
    assert renewals(desk.identity) == 1
    desk.later(hours=1)
    assert desk.keeper("another").token(grant).value in desk.identity.good()


def test_many_threads_of_several_daemons_renew_once(desk: Desk, url: str) -> None:
    desk.signed_in()
    desk.later(hours=1)
    grant, found, faults = desk.grant(), [], []
    stores = [Store.open(url) for _ in range(3)]
    keepers = [desk.keeper(f"daemon {n}") for n in range(3)]
    for keeper, store in zip(keepers, stores, strict=True):
        keeper._store = store

    def ask(keeper: keeping.Keeper) -> None:
        try:
            found.append(keeper.token(grant).value)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=ask, args=(keepers[n % 3],)) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert not faults and len(set(found)) == 1 and len(found) == 9
    assert renewals(desk.identity) == 1
    for store in stores:
        store.close()


def test_a_server_that_refuses_a_token_gets_another_once_and_then_words(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    first = keeper.token(grant)
    desk.later(minutes=10)
    second = keeper.token(grant, anew=True)
    assert second != first and renewals(desk.identity) == 1
    with pytest.raises(Faulty, match="refuses a fresh token"):
        keeper.token(grant, anew=True)
    assert renewals(desk.identity) == 1


def test_a_provider_that_is_away_is_asked_ever_later_and_then_all_is_well(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    desk.identity.answers["/token"] = (503, {"error": "temporarily_unavailable"})
    desk.later(hours=1)
    waits = []
    for _ in range(6):
        with listening() as said, pytest.raises(Temporary):
            keeper.token(grant)
        waits.append(said.of("grant.failed")[0]["again_in"])
        with pytest.raises(Temporary, match="asked again at"):
            keeper.token(grant)
        desk.later(seconds=waits[-1] + 1)
    assert waits == sorted(waits) and renewals(desk.identity) == 6
    desk.identity.answers.clear()
    assert keeper.token(grant).value in desk.identity.good()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ELSEWHERE, "302"),
        ((200, {"token_type": "Bearer"}), "no access token"),
        ((200, {"access_token": "two\r\nlines"}), "no access token"),
        ((429, {"error": "slow"}), "429"),
        ((400, {"error": "Access Denied", "error_description": "too many requests"}), "too many"),
    ],
)
def test_what_makes_no_sense_is_temporary(desk: Desk, answer: object, why: str) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    desk.identity.answers["/token"] = answer
    desk.later(hours=1)
    with pytest.raises(Temporary, match=why):
        keeper.token(grant)
    assert not any(path == "/stolen" for path, _ in desk.identity.asked), "no redirect is followed"
    kept = desk.store.grant("support")
    assert kept is not None and kept.over_at is None


def test_an_answer_that_drips_is_cut_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "SECONDS", 1.0)
    desk.identity.answers["/token"] = DRIP
    with pytest.raises(Temporary, match="no whole answer within 1 s"):
        provider.renew(desk.grant().settings, "x")


def test_an_expired_client_secret_is_told_and_mends_itself_when_it_is_replaced(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    (desk.folder / "client").write_text("an old one")
    desk.later(hours=1)
    with listening() as said, pytest.raises(Faulty, match="AADSTS7000222"):
        keeper.token(grant)
    assert said.of("grant.over")
    desk.grant()  # the file is right again
    desk.later(minutes=11)
    keeper.renew_due([grant])
    assert keeper.token(grant).value in desk.identity.good()


def test_as_an_application_nobody_signs_in(desk: Desk) -> None:
    desk.more["flow"] = "client_credentials"
    keeper, grant = desk.keeper(), desk.grant()
    first = keeper.token(grant)
    assert desk.identity.asked_for("/token")[0]["grant_type"] == "client_credentials"
    desk.later(hours=1)
    assert keeper.token(grant) != first


def test_without_a_grant_the_command_is_named(desk: Desk) -> None:
    with pytest.raises(Faulty, match=r"nobody has signed in as support yet: triaged oauth2 login"):
        desk.keeper().token(desk.grant())


def test_tokens_lie_sealed_and_bound_to_their_row(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    with desk.store._reading() as connection:
        row = connection.execute(text("SELECT * FROM oauth2_grant")).one()
    assert (
        "refresh-1" not in str(row)
        and "access-1" not in str(row)
        and "refresh" not in repr(desk.store.grants())
    )
    with desk.store._writing() as connection:  # an attacker copies one column into the other
        connection.execute(update(oauth2_grant).values(access=oauth2_grant.c.refresh))
    with pytest.raises(Faulty, match="changed, or copied"):
        keeper.token(grant)


def test_a_new_key_on_top_seals_from_now_on_and_the_old_one_still_opens(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    old, desk.keys = desk.keys, f"{sealing.new_key()}\n{desk.keys}\n"
    desk.later(hours=1)
    desk.identity.rotates = False
    keeper.token(grant)
    kept = desk.store.grant("support")
    assert kept is not None and kept.refresh is not None and kept.access is not None
    assert sealing.read(desk.keys).is_newest(kept.refresh) and sealing.read(desk.keys).is_newest(kept.access)
    desk.keys = old
    with pytest.raises(Faulty, match="which oauth2_key_file does not hold"):
        keeper.token(grant)


@pytest.mark.parametrize("held", ["", "# nothing", "c2hvcnQ=", "not base64 at all!"])
def test_a_key_file_that_is_none_is_refused_with_the_remedy(held: str) -> None:
    with pytest.raises(Faulty, match="triaged oauth2 key FILE makes one"):
        sealing.read(held)


def test_a_grant_of_another_client_is_not_used(desk: Desk) -> None:
    keeper, grant = desk.signed_in(), desk.grant()
    other = replace_client(grant)
    with pytest.raises(Faulty, match="nobody has signed in"):
        keeper.token(other)
    assert keeper.token(grant).token


def replace_client(grant):  # type: ignore[no-untyped-def]
    return grant.model_copy(update={"settings": grant.settings.model_copy(update={"client_id": "another"})})


def test_whoever_read_an_older_version_does_not_write_over_a_newer(desk: Desk) -> None:
    desk.signed_in()
    seen = desk.store.grant("support")
    assert seen is not None
    assert desk.store.save_grant(replace(seen, error="first")) and not desk.store.save_grant(
        replace(seen, error="late")
    )
    kept = desk.store.grant("support")
    assert kept is not None and kept.error == "first"


def test_errors_of_a_provider_are_permanent_only_where_asking_again_cannot_help(desk: Desk) -> None:
    for code, kind in (
        ("invalid_grant", Permanent),
        ("invalid_client", Permanent),
        ("server_error", Temporary),
    ):
        desk.identity.answers["/token"] = (400, {"error": code})
        with pytest.raises(kind):
            provider.renew(desk.grant().settings, "x")
