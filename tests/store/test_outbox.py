"""The outbox: each letter once, claimed, fenced, told on its ticket; caps and failed addresses."""

from __future__ import annotations

from tests.store.samples import LEASE, MINUTE, NOW, letter, new_ticket, open_tickets, write
from triaged.store import LetterState, OutboxLetter, Store
from triaged.tickets.ticket import Event, Happening


def one_letter(store: Store, **changes: object) -> int:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(tx, [letter(**changes)], ticket.id)  # type: ignore[arg-type]
    return store.letters()[0].id


def claim(store: Store, owner: str = "one", now=NOW, mailbox: str | None = None) -> list[OutboxLetter]:  # type: ignore[no-untyped-def]
    return store.claim_letters(10, now, owner, LEASE, mailbox)


def last_event(store: Store, ticket_id: int = 1001) -> Event:
    ticket = store.ticket(ticket_id)
    assert ticket is not None
    return ticket.events[-1]


def test_a_letter_is_written_once_and_keeps_its_first_bytes(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        first, again = letter(body="first"), letter(body="again")
        assert write(tx, [first], ticket.id) == (first,)
        fresh = letter("reminder-1")
        assert write(tx, [again, fresh], ticket.id) == (fresh,)
    assert sorted(one.raw for one in claim(store)) == [b"We have your request.", b"first"]


def test_letters_of_no_ticket_are_unique_in_their_mailbox(store: Store) -> None:
    digest = {"kind": "digest", "audience": "staff"}
    with store.transaction() as tx:
        assert (
            len(
                write(
                    tx, [letter("2026-11-23", **digest), letter("2026-11-23", **digest, mailbox="eu")], None
                )
            )
            == 2
        )
        assert write(tx, [letter("2026-11-23", **digest)], None) == ()
    assert [one.ticket_id for one in claim(store)] == [None, None]
    assert [store.letter_sent(one.id, "one", NOW) for one in store.letters()] == [True, True]


def test_a_letter_comes_back_as_written(store: Store) -> None:
    one_letter(store, cc=("ben@oakbridge.example",), expires=NOW + MINUTE)
    found = claim(store)[0]
    assert (found.to, found.cc) == (("Anna@oakbridge.example",), ("ben@oakbridge.example",))
    assert (found.message_id, found.raw) == (
        "<global.acknowledgment.acknowledgment.1001@support.example>",
        b"We have your request.",
    )
    assert (found.kind, found.audience, found.mailbox, found.runs) == (
        "acknowledgment",
        "partner",
        "global",
        1,
    )
    assert found.expires == NOW + MINUTE


def test_sending_hours_hold_a_letter_back(store: Store) -> None:
    one_letter(store, not_before=NOW + MINUTE)
    assert claim(store) == []
    assert store.next_letter_at() == NOW + MINUTE == store.next_letter_at("global")
    assert store.next_letter_at("eu") is None
    assert len(claim(store, now=NOW + MINUTE)) == 1


def test_letters_are_claimed_by_mailbox(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(tx, [letter("a"), letter("b", mailbox="eu")], ticket.id)
    assert [one.key for one in claim(store, mailbox="eu")] == ["b"]
    assert [one.key for one in claim(store)] == ["a"]


def test_a_sent_letter_is_told_on_its_ticket(store: Store) -> None:
    one_letter(store)
    found = claim(store)[0]
    assert store.letter_sent(found.id, "one", NOW + MINUTE, refused=("anna@oakbridge.example",))
    happened = last_event(store)
    assert (happened.kind, happened.at) == (Happening.LETTER_SENT, NOW + MINUTE)
    assert happened.data["message_id"] == found.message_id and happened.data["refused"] == [
        "anna@oakbridge.example"
    ]
    row = store.letters()[0]
    assert (row.state, row.sent_at, row.refused) == (
        LetterState.SENT,
        NOW + MINUTE,
        ("anna@oakbridge.example",),
    )
    assert claim(store, now=NOW + 2 * LEASE) == []


def test_who_lost_the_claim_records_nothing(store: Store) -> None:
    one_letter(store)
    found = claim(store, "slow")[0]
    claim(store, "quick", NOW + LEASE)
    assert not store.letter_sent(found.id, "slow", NOW)
    assert not store.letter_retry(found.id, "slow", "x", NOW)
    assert not store.letter_failed(found.id, "slow", "x", NOW)
    assert not store.withdraw(found.id, "x", NOW, owner="slow")
    assert store.letter_sent(found.id, "quick", NOW)
    assert [one.kind for one in store.ticket(1001).events].count(Happening.LETTER_SENT) == 1  # type: ignore[union-attr]


def test_a_letter_is_tried_again_with_the_same_message_id_then_fails(store: Store) -> None:
    one_letter(store)
    first = claim(store)[0]
    assert store.letter_retry(first.id, "one", "451 later", NOW + MINUTE)
    assert claim(store) == []
    again = claim(store, now=NOW + MINUTE)[0]
    assert (again.message_id, again.raw, again.runs) == (first.message_id, first.raw, 2)
    assert store.letter_failed(again.id, "one", "550 no such user", NOW + MINUTE)
    assert (last_event(store).kind, last_event(store).reason) == (Happening.LETTER_FAILED, "550 no such user")
    assert store.letters(state="failed")[0].error == "550 no such user"
    assert store.retry([first.id], NOW) == 1
    assert claim(store)[0].message_id == first.message_id


def test_a_letter_is_withdrawn_with_its_reason_unless_it_is_being_sent(store: Store) -> None:
    letter_id = one_letter(store)
    claim(store)
    assert store.cancel([letter_id], "by hand", NOW) == 0
    assert store.cancel([letter_id], "by hand", NOW + LEASE, actor="cli:mia") == 1
    assert (last_event(store).kind, last_event(store).actor) == (Happening.LETTER_WITHDRAWN, "cli:mia")
    assert claim(store, now=NOW + 2 * LEASE) == []
    claimed = store.letters()[0]
    assert (claimed.state, claimed.error) == (LetterState.WITHDRAWN, "by hand")


def test_the_sender_withdraws_what_has_expired(store: Store) -> None:
    letter_id = one_letter(store)
    claim(store)
    assert store.withdraw(letter_id, "expired", NOW, owner="one")


def test_a_sent_letter_is_neither_cancelled_nor_sent_again(store: Store) -> None:
    letter_id = one_letter(store)
    claim(store)
    store.letter_sent(letter_id, "one", NOW)
    assert store.cancel([letter_id], "too late", NOW) == 0 == store.retry([letter_id], NOW)


def test_letters_of_a_ticket_opened_in_the_same_transaction_are_unique_and_counted(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.letters_to("anna@oakbridge.example", NOW) == 0
        ticket = tx.open_ticket(new_ticket())
        assert len(write(tx, [letter("a"), letter("a"), letter("s", audience="staff")], ticket.id)) == 2
        assert write(tx, [letter("a")], ticket.id) == ()
        assert tx.letters_on(ticket.id, NOW) == 1 == tx.letters_to("anna@oakbridge.example", NOW)
        assert tx.letters_to("anna@oakbridge.example", NOW, "staff") == 1
        assert tx.addressed_by([f"<global.acknowledgment.a.{ticket.id}@support.example>"])
    assert {one.key for one in store.letters()} == {"a", "s"}
    with store.transaction() as tx:
        assert write(tx, [letter("a")], ticket.id) == ()


def test_letters_are_counted_for_caps_in_and_out_of_the_transaction(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(
            tx,
            [letter("a"), letter("b", cc=("Ben@oakbridge.example",)), letter("s", audience="staff")],
            ticket.id,
        )
        assert tx.letters_to("anna@OAKBRIDGE.example", NOW) == 2 == tx.letters_on(ticket.id, NOW)
    store.cancel([one.id for one in store.letters() if one.key == "a"], "x", NOW)
    with store.transaction() as tx:
        assert (
            tx.letters_to("anna@oakbridge.example", NOW) == 1 == tx.letters_to("ben@oakbridge.example", NOW)
        )
        later = NOW + MINUTE
        assert tx.letters_to("anna@oakbridge.example", later) == 0 == tx.letters_on(ticket.id, later)
        assert tx.letters_on(ticket.id, NOW, audience="staff") == 1


def test_a_failed_address_is_known_until_it_is_cleared(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.mark_address("Anna@x.example", "550 gone", NOW)
        assert not tx.mark_address("anna@x.example", "again", NOW + MINUTE)
    assert store.failed_of(["ANNA@x.example"]) and not store.failed_of(["ben@x.example"])
    with store.transaction() as tx:
        assert tx.failed_of(["anna@x.example", "ben@x.example"]) == {"anna@x.example"}
        assert tx.failed_of([]) == frozenset()
        assert tx.mark_address("carl@x.example", "bounced", NOW)
    assert [(one.address, one.why) for one in store.failed_addresses()] == [
        ("anna@x.example", "550 gone"),
        ("carl@x.example", "bounced"),
    ]
    assert store.clear_address("anna@x.example") and not store.clear_address("anna@x.example")


def test_the_listing_finds_letters_by_ticket_state_address_and_page(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(
            tx, [letter("a"), letter("b", to=("carl@x.example",)), letter("c", audience="staff")], ticket.id
        )
    assert [one.key for one in store.letters()] == ["c", "b", "a"]
    assert [one.key for one in store.letters(address="carl@x.example")] == ["b"]
    assert [one.key for one in store.letters(audience="staff")] == ["c"]
    assert [one.key for one in store.letters(ticket_id=ticket.id, state="waiting", before_id=2)] == ["a"]
    whole = store.letter(1)
    assert whole is not None and whole.raw == b"We have your request."
    assert store.letter(99) is None
    with store.transaction() as tx:
        assert tx.threads([whole.message_id]).known_as == {whole.message_id: "letter"}
