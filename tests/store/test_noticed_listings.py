"""What of lists and counts nobody would have noticed: who stands exactly at a border, in which order, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.store.samples import LEASE, MINUTE, NOW, arrival, letter, open_tickets, step, write
from triaged.store import Store
from triaged.store.rows import Counts, TicketFilter
from triaged.tickets.ticket import Person, State
from triaged.vocabulary import Severity

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def ids(store: Store, **wanted: Any) -> list[int]:
    return [ticket.id for ticket in store.tickets(TicketFilter(**wanted))]


def changed(store: Store, changes: Mapping[int, Mapping[str, Any]]) -> None:
    with store.transaction() as tx:
        for number, more in changes.items():
            ticket = tx.ticket(number)
            assert ticket is not None
            tx.save(ticket, replace(ticket, **more))


def test_what_is_promised_comes_first_in_its_order_and_the_rest_newest_first(store: Store) -> None:
    open_tickets(store, 6)
    promised = {1002: 3 * HOUR, 1003: HOUR, 1005: 3 * HOUR}
    changed(store, {number: {"promised_at": NOW + after} for number, after in promised.items()})
    order = [1003, 1002, 1005, 1006, 1004, 1001]
    for limit in range(1, 8):
        assert ids(store, by_promise=True, limit=limit) == order[:limit]
    assert ids(store, by_promise=True, missed_at=NOW + 3 * HOUR) == [1003]
    assert ids(store, by_promise=True, missed_at=NOW + 3 * HOUR + TICK) == [1003, 1002, 1005]
    assert ids(store, missed_at=NOW + 3 * HOUR + TICK) == [1005, 1003, 1002]
    assert {ticket.events for ticket in store.tickets()} == {()}


def test_the_queue_is_in_the_order_of_promises_each_with_its_next_step(store: Store) -> None:
    open_tickets(store, 3)
    changed(store, {1001: {"promised_at": NOW + HOUR}})
    with store.transaction() as tx:
        tx.set_dues(1001, [step(name="late", after=2 * MINUTE), step(name="next", after=MINUTE)])
        tx.set_dues(1002, [step(name="other")])
    told = [(ticket.id, due and due.step) for ticket, due in store.queue(TicketFilter())]
    assert told == [(1001, "next"), (1003, None), (1002, "other")]


def test_a_ticket_exactly_at_a_border_is_on_its_own_side(store: Store) -> None:
    for n in range(3):
        open_tickets(store, created_at=NOW + n * MINUTE)
    with store.transaction() as tx:
        tx.set_dues(1002, [step(after=MINUTE)])
    assert ids(store, created_since=NOW + MINUTE) == [1003, 1002]
    assert ids(store, created_since=NOW + MINUTE + TICK) == [1003]
    assert ids(store, after_id=1002) == [1001] and ids(store, after_id=0) == []
    assert ids(store, due_before=NOW + MINUTE) == [] and ids(store, due_before=NOW + MINUTE + TICK) == [1002]
    (due,) = store.claim_dues(9, NOW + MINUTE, "one", LEASE)
    with store.transaction() as tx:
        tx.finish_due(due.id, "one", "taken", NOW)
    assert ids(store, due_before=NOW + HOUR) == []


def test_each_filter_narrows_by_itself_and_with_every_other(store: Store) -> None:
    open_tickets(store, 4)
    changed(
        store,
        {
            1002: {"queue": "billing", "channel": "web", "state": State.OPEN, "severity": Severity.S1},
            1003: {"queue": "billing", "state": State.CLOSED, "severity": Severity.S1},
            1004: {"channel": "web", "state": State.CLOSED, "people": (Person("carl@elm.example"),)},
        },
    )
    assert ids(store, queue="billing") == [1003, 1002] and ids(store, channel="web") == [1004, 1002]
    assert ids(store, queue="billing", channel="web") == [1002]
    assert ids(store, queue="") == [] == ids(store, partner="")
    assert ids(store, states=(State.CLOSED,)) == [1004, 1003]
    assert ids(store, states=(State.CLOSED, State.OPEN)) == [1004, 1003, 1002]
    assert ids(store, states=(State.NEW, State.OPEN)) == [1002, 1001]
    assert ids(store, states=(State.NEW, State.OPEN), queue="billing") == [1002]
    assert ids(store, states=(State.CLOSED,), severities=(Severity.S1,)) == [1003]
    assert ids(store, states=(State.CLOSED,), person="carl@elm.example") == [1004]
    assert ids(store, person="carl@elm.example", states=(State.NEW,)) == []
    assert ids(store, text="") == [1004, 1003, 1002, 1001] == ids(store, text=" ")
    assert ids(store, text="PS-1003", states=(State.NEW,)) == []


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("PS-1002", 1002), ("ps-1002", 1002), ("1002", 1002), ("01002", 1002), ("1003", None), ("PS-1003", None),
        ("0", None), ("", None), ("-1002", None), ("nobody", None), ("\u0661\u0660\u0660\u0662", None),
        ("9" * 18, None), ("9" * 19, None), ("1" * 5000, None),
    ],
)  # fmt: skip
def test_a_ticket_is_found_by_what_people_call_it(store: Store, shown: str, found: int | None) -> None:
    open_tickets(store, 2)
    ticket = store.ticket_by_reference(shown)
    assert (ticket and ticket.id) == found


@pytest.mark.parametrize("batch", [1, 2, 3, 4])
def test_each_ticket_comes_once_whole_whatever_the_batch(store: Store, batch: int) -> None:
    for n in range(4):
        open_tickets(store, created_at=NOW + n % 2 * MINUTE)
    assert [(t.id, len(t.events)) for t in store.each_ticket(batch=batch)] == [
        (number, 1) for number in (1001, 1002, 1003, 1004)
    ]
    late = NOW + MINUTE
    assert [t.id for t in store.each_ticket(late, batch)] == [1002, 1004]
    assert list(store.each_ticket(late + TICK, batch)) == []


def test_an_empty_store_counts_nothing(store: Store) -> None:
    assert store.counts(NOW) == Counts(
        mail={}, tickets={}, letters={}, dues_late=0, dues_soon=0, missed=0, reviews=0, failed_addresses=0,
        oldest_waiting_mail=None, oldest_waiting_letter=None,
    )  # fmt: skip
    assert store.mailbox_states() == [] and store.notes() == {} and store.note_of("x") is None
    assert store.next_due_at() is None and store.tickets() == []


def test_a_step_is_late_at_its_minute_and_soon_within_an_hour(store: Store) -> None:
    open_tickets(store)
    with store.transaction() as tx:
        tx.set_dues(1001, [step(name=f"{n}", after=n * HOUR) for n in (0, 1)])

    def counted(now: Any) -> tuple[int, int]:
        counts = store.counts(now)
        return counts.dues_late, counts.dues_soon

    assert counted(NOW - HOUR - TICK) == (0, 0)
    assert counted(NOW - HOUR) == (0, 1) == counted(NOW - TICK)
    assert counted(NOW) == (1, 1) and counted(NOW + HOUR) == (2, 0)
    (due, _) = store.claim_dues(9, NOW + HOUR, "one", LEASE)
    with store.transaction() as tx:
        tx.finish_due(due.id, "one", "taken", NOW)
    assert counted(NOW + HOUR) == (1, 0)


def test_the_oldest_that_waits_is_told_and_what_no_longer_waits_is_not(store: Store) -> None:
    store.keep([arrival(1), arrival(2)], now=NOW)
    open_tickets(store)
    for n in range(2):
        with store.transaction() as tx:
            write(tx, [letter(str(n))], 1001, NOW + n * MINUTE)
    assert store.counts(NOW).oldest_waiting_letter == NOW
    first = store.claim_letters(1, NOW + HOUR, "one", LEASE)[0]
    assert store.letter_sent(first.id, "one", NOW + HOUR)
    assert store.counts(NOW).oldest_waiting_letter == NOW + MINUTE
    assert store.counts(NOW).oldest_waiting_mail == arrival(1).received_at


def test_a_note_of_nothing_takes_back_what_was_told_of_this_name_alone(store: Store) -> None:
    for name in ("b", "a"):
        store.note(name, {"it": name}, NOW)
    assert list(store.notes()) == ["a", "b"]
    store.note("a", None, NOW + MINUTE)
    store.note("never told", None, NOW)
    left = store.note_of("b")
    assert list(store.notes()) == ["b"] and store.note_of("a") is None
    assert left is not None and (left.name, left.value, left.at) == ("b", {"it": "b"}, NOW)
    store.note("b", 0, NOW + MINUTE)
    assert store.notes()["b"].value == 0
