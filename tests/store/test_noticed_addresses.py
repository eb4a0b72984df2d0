"""Addresses counted and marked within one transaction as after it: whose letters, to whom, in whose name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.samples import MINUTE, NOW, event, letter, new_ticket, open_tickets, write
from triaged.store import Store
from triaged.store.addresses import Unverified
from triaged.store.columns import LONGEST_ADDRESS, address_key, mailbox_key, storable
from triaged.tickets.ticket import Happening, Ticket

STRANGERS = Unverified("partner", "acknowledgment", "oakbridge.example")
ANNA, BO, EVE = "anna@oakbridge.example", "bo@oakbridge.example", "eve@far.example"


def bare(**changes: object) -> Ticket:
    return replace(new_ticket(trusted=False), **changes)  # type: ignore[arg-type]


def test_letters_that_nobody_verified_are_counted_whether_written_or_put_off(store: Store) -> None:
    with store.transaction() as tx:
        old = tx.open_ticket(bare(), [event(Happening.RECEIVED)])
        write(tx, [letter("one")], old.id, unverified=True, in_name_of="oakbridge.example")
    with store.transaction() as tx:
        new = tx.open_ticket(bare(), [event(Happening.RECEIVED)])
        trusted = tx.open_ticket(new_ticket(), [event(Happening.RECEIVED)])
        write(tx, [letter("two")], new.id, NOW + MINUTE, unverified=True, in_name_of="oakbridge.example")
        write(tx, [letter("three")], trusted.id, NOW + MINUTE)
        write(tx, [letter("four")], old.id, NOW + MINUTE, unverified=True, in_name_of="oakbridge.example")
        assert tx.unverified_letters(NOW) == {STRANGERS: 3}
        assert tx.unverified_letters(NOW + MINUTE) == {STRANGERS: 2}
        assert tx.unverified_letters(NOW + 2 * MINUTE) == {}
        write(tx, [letter("five")], new.id, NOW + MINUTE, unverified=True, in_name_of=None)
        write(tx, [letter("six")], trusted.id, NOW + MINUTE)
        told = {STRANGERS: 3, replace(STRANGERS, in_name_of=None): 1}
        assert tx.unverified_letters(NOW) == told
        assert tx.unverified_letters(NOW + 2 * MINUTE) == {}
    with store.transaction() as tx:
        assert sum(tx.unverified_letters(NOW).values()) == 4


def test_letters_on_a_ticket_opened_just_now_are_counted_by_whom_they_go_to(store: Store) -> None:
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket(), [event(Happening.RECEIVED)])
        write(tx, [letter("one"), letter("two"), letter("three", audience="staff")], ticket.id)
        assert (tx.letters_on(ticket.id, NOW), tx.letters_on(ticket.id, NOW, "staff")) == (2, 1)


def test_whom_letters_went_to_is_counted_with_those_that_nobody_verified(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(tx, [letter("one", to=(ANNA,)), letter("two", to=(ANNA, BO))], ticket.id)
        assert tx.written_to(ANNA, NOW).letters == 2
        write(tx, [letter("three", to=(ANNA,))], ticket.id, unverified=True)
        found = tx.written_to(ANNA, NOW)
        assert (found.letters, found.unverified) == (3, 1)
        assert (tx.written_to(BO, NOW).letters, tx.written_to(EVE, NOW).letters) == (1, 0)
    with store.transaction() as tx:
        found = tx.written_to(ANNA, NOW)
        assert (found.letters, found.unverified) == (3, 1)


def test_an_address_marked_or_cleared_is_so_at_once_and_no_other_with_it(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.failed_of([ANNA, BO]) == frozenset()
        assert tx.mark_address(ANNA, "550", NOW) and tx.mark_address(BO, "551", NOW + MINUTE)
        assert tx.failed_of([ANNA, BO, EVE]) == {ANNA, BO}
        assert tx.clear_address(ANNA.upper()) is True
        assert tx.clear_address(ANNA) is False and tx.clear_address(EVE) is False
        assert tx.failed_of([ANNA, BO]) == {BO}
    assert [(one.address, one.why, one.at) for one in store.failed_addresses()] == [(BO, "551", NOW + MINUTE)]
    with store.transaction() as tx:
        tx.mark_address(ANNA, "550", NOW)
    assert [one.address for one in store.failed_addresses()] == [BO, ANNA], "the latest first"
    assert store.clear_address(ANNA) and not store.clear_address(ANNA)
    assert [one.address for one in store.failed_addresses()] == [BO]
    assert store.failed_of([]) == frozenset()


def test_why_letters_reach_nobody_is_told_since_a_time_by_bounces_and_by_our_servers_answers(
    store: Store,
) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        tx.mark_address(ANNA, "550 unknown", NOW)
        write(tx, [letter("a", to=(BO, EVE)), letter("b", to=(BO,)), letter("c", to=(ANNA,))], ticket.id)
    first, second, third = sorted(one.id for one in store.claim_letters(3, NOW, "one", 5 * MINUTE))
    assert store.letter_failed(first, "one", "554 no", NOW)
    assert store.letter_retry(second, "one", "451 later", NOW + MINUTE)
    assert store.letter_sent(third, "one", NOW)
    told = [(one.address, one.why, one.at) for one in store.refusals(NOW)]
    assert told == [(ANNA, "550 unknown", NOW), (BO, "451 later", NOW), (f"{BO}, {EVE}", "554 no", NOW)]
    assert store.refusals(NOW + MINUTE / 60) == []


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Anna+News@Oak.example", "anna@oak.example"),
        ("+news@oak.example", "+news@oak.example"),
        ("a.b.c+d@gmail.com", "abc@gmail.com"),
        ("a.b@GoogleMail.com", "ab@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("a.b@oak.example", "a.b@oak.example"),
        ("nobody", "nobody@"),
        ("a@b@oak.example", "a@b@oak.example"),
    ],
)
def test_the_mailbox_behind_an_address_is_one_persons(address: str, key: str) -> None:
    assert mailbox_key(address) == (key if key != "nobody@" else "@nobody")


def test_what_strangers_choose_is_stored_bounded_and_whole() -> None:
    assert len(address_key("x" * 999)) == LONGEST_ADDRESS
    assert address_key("x" * LONGEST_ADDRESS) == "x" * LONGEST_ADDRESS
    assert storable("a\x00b\ud800c\udfffd\ud7ff\ue000é") == "a\ufffdb\ufffdc\ufffdd\ud7ff\ue000é"
