"""What of signing in the store alone decides: who asked, what still signs in, and at which moment it does no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.store.row_changes import rows
from tests.store.samples import MINUTE, NOW
from triaged.store import Store
from triaged.store.sign_ins import Ask, Pass

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
ASK = Ask("b1", "anna@oakbridge.example", "/tickets", "192.0.2.7", NOW, NOW + MINUTE)
PASS = Pass("anna@oakbridge.example", "t1", "c1", False, "/tickets", NOW, NOW + MINUTE)


def test_what_a_browser_asked_for_is_told_to_it_newest_first_until_its_moment(store: Store) -> None:
    store.ask_sign_in(replace(ASK, address="Anna@Oakbridge.example", tries=2))
    store.ask_sign_in(replace(ASK, address="ben@oakbridge.example", expires_at=NOW + 2 * MINUTE))
    store.ask_sign_in(replace(ASK, browser_hash="b2"))
    first, second = (
        replace(ASK, id=1, tries=2),
        replace(ASK, id=2, address="ben@oakbridge.example", expires_at=NOW + 2 * MINUTE),
    )
    assert store.asks_of_browser("b1", NOW) == [second, first]
    assert store.asks_of_browser("b1", NOW + MINUTE - TICK) == [second, first]
    assert store.asks_of_browser("b1", NOW + MINUTE) == [second]
    store.count_wrong_code([1, 3])
    store.count_wrong_code([1])
    assert [one.tries for one in store.asks_of_browser("b1", NOW)] == [0, 4]
    assert [one.tries for one in store.asks_of_browser("b2", NOW)] == [1]
    for n in range(25):
        store.ask_sign_in(replace(ASK, browser_hash="b3", going_to=f"/{n}"))
    assert [one.going_to for one in store.asks_of_browser("b3", NOW)] == [f"/{n}" for n in range(24, 4, -1)]


def test_for_whom_a_peer_asked_of_late_is_told_once_each(store: Store) -> None:
    for address in (ASK.address, ASK.address, "ben@oakbridge.example"):
        store.ask_sign_in(replace(ASK, address=address))
    store.ask_sign_in(replace(ASK, peer="192.0.2.8", address="carl@oakbridge.example"))
    assert sorted(store.addresses_of_peer(ASK.peer, NOW)) == [ASK.address, "ben@oakbridge.example"]
    assert store.addresses_of_peer(ASK.peer, NOW + TICK) == []


def test_a_pass_is_used_once_before_its_moment_and_found_for_a_month(store: Store) -> None:
    store.add_pass(replace(PASS, address="Anna@Oakbridge.example"))
    store.add_pass(replace(PASS, token_hash="t2", by_hand=True, made_at=NOW + TICK))
    store.add_pass(replace(PASS, token_hash="t3", address="ben@oakbridge.example"))
    first, second = (
        replace(PASS, id=1),
        replace(PASS, id=2, token_hash="t2", by_hand=True, made_at=NOW + TICK),
    )
    assert store.passes_of("ANNA@oakbridge.example", NOW) == [second, first]
    assert store.passes_of(PASS.address, NOW + TICK) == [second]
    assert store.pass_of_token("t2") == second and store.pass_of_token("t4") is None
    assert not store.use_pass(1, NOW + MINUTE)
    assert store.use_pass(1, NOW + MINUTE - TICK) and not store.use_pass(1, NOW)
    used = replace(first, used_at=NOW + MINUTE - TICK)
    assert store.pass_of_token("t1") == used and store.pass_of_token("t2") == second
    assert [one.is_live(NOW) for one in (first, used)] == [True, False]
    assert [first.is_live(first.expires_at + past) for past in (-TICK, timedelta())] == [True, False]


def test_what_has_been_over_for_long_goes_when_the_next_comes(store: Store) -> None:
    def there(table: str) -> list[int]:
        return sorted(key[0] for key in rows(store)[table])

    store.ask_sign_in(ASK)
    store.ask_sign_in(replace(ASK, asked_at=ASK.expires_at + DAY))
    assert there("sign_in_ask") == [1, 2]
    store.ask_sign_in(replace(ASK, asked_at=ASK.expires_at + DAY + TICK, expires_at=NOW + 9 * DAY))
    assert there("sign_in_ask") == [3]
    store.add_pass(PASS)
    store.add_pass(
        replace(PASS, token_hash="t2", made_at=PASS.expires_at + 30 * DAY, expires_at=NOW + 90 * DAY)
    )
    assert there("sign_in_pass") == [1, 2]
    store.add_pass(
        replace(PASS, token_hash="t3", made_at=PASS.expires_at + 30 * DAY + TICK, expires_at=NOW + 90 * DAY)
    )
    assert there("sign_in_pass") == [2, 3]
