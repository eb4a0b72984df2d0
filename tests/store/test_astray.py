"""Work that is ours and unknown to us, of the dead, of other daemons, and of a clock that was set back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.store.samples import LEASE, MINUTE, NOW, arrival, letter, new_ticket, write
from triaged.store import Store
from triaged.store.leases import ALIVE
from triaged.tickets.ticket import Due

YEAR = timedelta(days=365)


def step(due_at: datetime, mailbox: str = "global", kind: str = "first_response") -> Due:
    return Due(None, kind, "warn", due_at, mailbox)


@pytest.fixture
def full(store: Store) -> Iterator[Store]:
    """Two mails, two letters and two steps, of two mailboxes."""
    store.keep([arrival(1), arrival(1, mailbox="eu")], now=NOW)
    with store.transaction() as tx:
        for mailbox in ("global", "eu"):
            ticket = tx.open_ticket(new_ticket(mailbox=mailbox))
            write(tx, [letter(mailbox=mailbox)], ticket.id)
            tx.set_dues(ticket.id, [step(mailbox=mailbox, due_at=NOW)])
    yield store


def claims(store: Store, now: Any, owner: str) -> tuple[int, int, int]:
    return (
        len(store.claim_mail(9, now, owner, LEASE)),
        len(store.claim_letters(9, now, owner, LEASE)),
        len(store.claim_dues(9, now, owner, LEASE)),
    )


def test_what_is_ours_and_unknown_to_us_is_taken_back_at_once_and_counts_as_no_run(full: Store) -> None:
    assert claims(full, NOW, "one") == (2, 2, 2)
    assert claims(full, NOW, "one") == (0, 0, 0)
    known = full.mails()[0].id
    assert full.take_back_mail("one", [known], NOW) == 1
    assert full.take_back_letters("one", "eu", NOW) == 1
    assert full.take_back_dues("one", NOW) == 2
    assert full.take_back_mail("two", [], NOW) == 0 == full.take_back_letters("two", "eu", NOW)
    [mail] = full.claim_mail(9, NOW, "one", LEASE)
    [one] = full.claim_letters(9, NOW, "one", LEASE)
    assert (mail.id != known, mail.runs, one.mailbox, one.runs) == (True, 1, "eu", 1)
    assert len(full.claim_dues(9, NOW, "one", LEASE)) == 2


def test_a_daemon_claims_nothing_of_mailboxes_that_are_others(full: Store) -> None:
    assert [m.mailbox for m in full.claim_mail(9, NOW, "one", LEASE, others={"eu"})] == ["global"]
    assert [d.mailbox for d in full.claim_dues(9, NOW, "one", LEASE, others={"eu"})] == ["global"]
    assert [m.mailbox for m in full.claim_mail(9, NOW, "one", LEASE, others={"global"})] == ["eu"]


def test_daemons_are_known_to_live_until_they_leave_or_are_silent_for_long(store: Store) -> None:
    store.announce("one", {"mailboxes": ["global", "eu"]}, NOW)
    store.announce("two", {"mailboxes": ["global"]}, NOW)
    assert store.living(NOW + MINUTE) == {"one": {"global", "eu"}, "two": {"global"}}
    store.note("daemon.two", None, NOW)
    assert set(store.living(NOW)) == {"one"}
    if store.dialect == "sqlite":  # PostgreSQL goes by its own clock
        assert store.living(NOW + ALIVE + MINUTE) == {}
        assert store.living(NOW - ALIVE - MINUTE) == {}  # it beat by a clock that was wrong


def test_who_is_alone_on_a_file_knows_that_the_others_are_dead(url: str) -> None:
    before = Store.open(url)
    before.announce("killed", {"mailboxes": ["eu"]}, NOW)
    before.close()
    store = Store.open(url)
    store.inherit("heir", NOW)
    assert set(store.living(NOW)) == (set() if store.dialect == "sqlite" else {"killed"})
    assert "daemon.killed" in store.notes()  # `status` still tells of it
    store.close()


@pytest.mark.parametrize("back", [timedelta(hours=3), timedelta(days=2), YEAR])
@pytest.mark.parametrize("seen", [True, False])
def test_work_put_off_by_a_clock_since_set_back_is_due_now(full: Store, back: timedelta, seen: bool) -> None:
    later = NOW + back
    for mail in full.claim_mail(9, later, "one", LEASE):
        full.fail_mail(mail.id, "one", "a fault", later, retry_at=later + MINUTE)
    for one in full.claim_letters(9, later, "one", LEASE):
        full.letter_retry(one.id, "one", "451 later", later + MINUTE)
    for due in full.claim_dues(9, later, "one", LEASE):
        full.due_retry(due.id, "one", "later", later + MINUTE)
    assert claims(full, NOW, "one") == (0, 0, 0)
    assert full.bring_forward(NOW, "one", seen=seen) == 6
    assert claims(full, NOW, "one") == (2, 2, 2)


def test_a_clock_seen_to_be_set_back_by_minutes_holds_up_nothing(full: Store) -> None:
    later = NOW + 10 * MINUTE
    for one in full.claim_letters(9, later, "one", LEASE):
        full.letter_retry(one.id, "one", "451 later", later + MINUTE)
    assert full.bring_forward(NOW, "one", seen=False) == 0
    assert full.bring_forward(NOW, "one", seen=True) == 2


def test_work_written_under_a_wrong_clock_is_due_now(store: Store) -> None:
    later = NOW + YEAR
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket(updated_at=later, created_at=later))
        tx.write([letter(not_before=later + MINUTE)], ticket.id, ["<1@x.example>"], [b"A: 1\r\n\r\n"], later)
        tx.set_dues(ticket.id, [step(due_at=later + MINUTE)])
        tx.add_due(step(kind="digest", due_at=later))
    assert store.bring_forward(NOW, "one") == 3
    assert claims(store, NOW, "one") == (0, 1, 2)


def test_what_waits_for_its_own_time_goes_on_waiting(full: Store) -> None:
    with full.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        write(tx, [letter(not_before=NOW + 3 * 24 * 60 * MINUTE)], ticket.id)
        tx.set_dues(ticket.id, [step(due_at=NOW + timedelta(days=90))])
    assert full.bring_forward(NOW, "one", seen=True) == 0
    assert claims(full, NOW, "one") == (2, 2, 2)


def test_a_claim_that_ends_later_than_any_is_the_deads(full: Store) -> None:
    later = NOW + YEAR
    full.announce("alive", {}, NOW)
    full.claim_mail(1, later, "alive", LEASE)
    full.claim_letters(1, later, "me", LEASE)
    assert claims(full, later, "dead") == (1, 1, 2)
    assert full.bring_forward(NOW, "me", seen=True) == 4
    assert claims(full, NOW, "me") == (1, 1, 2)
    assert {row.runs for row in full.letters()} == {1}
