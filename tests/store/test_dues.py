"""Due steps: claimed once, replaced by the plan, never done twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.samples import LEASE, MINUTE, NOW, open_tickets, step
from triaged.store import Fenced, Store
from triaged.tickets.ticket import Due


def plan(store: Store, *steps: Due, ticket_id: int = 1001) -> None:
    with store.transaction() as tx:
        tx.set_dues(ticket_id, steps)


def pending(store: Store) -> list[tuple[str, Due]]:
    return [(one.step, one) for one in store.dues(1001)]


def test_only_what_is_due_is_claimed_earliest_first(store: Store) -> None:
    open_tickets(store)
    plan(
        store,
        step(name="late", after=9 * MINUTE),
        step(name="b", after=2 * MINUTE),
        step(name="a", after=MINUTE, tier=2),
    )
    assert store.claim_dues(9, NOW, "one", LEASE) == []
    claimed = store.claim_dues(9, NOW + 2 * MINUTE, "one", LEASE)
    assert [one.step for one in claimed] == ["a", "b"]
    assert (claimed[0].data, claimed[0].due_at, claimed[0].ticket_id) == ({"tier": 2}, NOW + MINUTE, 1001)
    assert store.claim_dues(9, NOW + 2 * MINUTE, "two", LEASE) == []


def test_a_finished_step_never_comes_again(store: Store) -> None:
    open_tickets(store)
    plan(store, step())
    claimed = store.claim_dues(9, NOW + MINUTE, "one", LEASE)[0]
    with store.transaction() as tx:
        tx.finish_due(claimed.id, "one", "reminded", NOW + MINUTE)
        tx.set_dues(1001, [step(after=5 * MINUTE), step(name="miss", after=5 * MINUTE)])
    assert [name for name, _ in pending(store)] == ["miss"]
    with pytest.raises(Fenced), store.transaction() as tx:
        tx.finish_due(claimed.id, "one", "again", NOW)


def test_the_pending_steps_are_what_the_plan_says(store: Store) -> None:
    open_tickets(store, 2)
    plan(store, step(name="kept"), step(name="moved"), step(name="gone"))
    plan(store, step(name="other"), ticket_id=1002)
    ids = {name: one.id for name, one in pending(store)}
    plan(store, step(name="kept"), step(name="moved", after=7 * MINUTE), step(name="new", after=9 * MINUTE))
    now = dict(pending(store))
    assert {name: one.due_at for name, one in now.items()} == {
        "kept": NOW + MINUTE,
        "moved": NOW + 7 * MINUTE,
        "new": NOW + 9 * MINUTE,
    }
    assert (now["kept"].id, now["moved"].id) == (ids["kept"], ids["moved"])
    assert [one.step for one in store.claim_dues(9, NOW + MINUTE, "one", LEASE)] == ["kept", "other"]
    plan(store)
    assert [name for name, _ in pending(store)] == ["kept"]  # claimed: left to its claimer to withdraw


def test_a_claimed_step_that_keeps_its_time_stays_its_claimers(store: Store) -> None:
    open_tickets(store)
    plan(store, step())
    claimed = store.claim_dues(9, NOW + MINUTE, "one", LEASE)[0]
    plan(store, step(changed=True))
    with store.transaction() as tx:
        tx.finish_due(claimed.id, "one", "done", NOW)


def test_a_claimed_step_that_moves_is_taken_from_its_claimer(store: Store) -> None:
    open_tickets(store)
    plan(store, step())
    claimed = store.claim_dues(9, NOW + MINUTE, "one", LEASE)[0]
    plan(store, step(after=20 * MINUTE))
    with pytest.raises(Fenced), store.transaction() as tx:
        tx.finish_due(claimed.id, "one", "done", NOW)
    assert [one.step for one in store.claim_dues(9, NOW + 20 * MINUTE, "two", LEASE)] == ["warn"]


def test_a_claimer_may_plan_anew_before_it_finishes(store: Store) -> None:
    open_tickets(store)
    plan(store, step())
    claimed = store.claim_dues(9, NOW + MINUTE, "one", LEASE)[0]
    with store.transaction() as tx:
        tx.set_dues(1001, [step(name="miss")])
        tx.finish_due(claimed.id, "one", "warned", NOW)
    assert [name for name, _ in pending(store)] == ["miss"]


def test_a_step_that_failed_comes_again(store: Store) -> None:
    open_tickets(store)
    plan(store, step())
    claimed = store.claim_dues(9, NOW + MINUTE, "one", LEASE)[0]
    assert store.due_retry(claimed.id, "one", "template broke", NOW + 3 * MINUTE)
    assert not store.due_retry(claimed.id, "one", "not ours", NOW)
    assert store.next_due_at() == NOW + 3 * MINUTE
    assert len(store.claim_dues(9, NOW + 3 * MINUTE, "two", LEASE)) == 1


def test_a_ticket_opened_and_planned_twice_in_one_transaction(store: Store) -> None:
    from tests.store.samples import new_ticket

    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        tx.set_dues(ticket.id, [step(name="a"), step(name="b")])
        tx.set_dues(ticket.id, [step(name="b"), step(name="c")])
    assert sorted(name for name, _ in pending(store)) == ["b", "c"]


def test_a_digest_is_planned_once_for_its_mailbox_and_day(store: Store) -> None:
    digest = Due(None, "digest", "2026-11-23", NOW, mailbox="global", data={})
    assert store.plan_due(digest) and not store.plan_due(digest)
    assert store.plan_due(replace(digest, mailbox="eu"))
    with store.transaction() as tx:
        assert not tx.add_due(digest)
    claimed = store.claim_dues(9, NOW, "one", LEASE)
    assert [(one.mailbox, one.ticket_id) for one in claimed] == [("global", None), ("eu", None)]


def test_the_next_step_of_each_ticket_is_told(store: Store) -> None:
    open_tickets(store, 3)
    plan(store, step(name="b", after=3 * MINUTE), step(name="a", after=2 * MINUTE))
    plan(store, step(name="c"), ticket_id=1002)
    assert {key: one.step for key, one in store.next_dues([1001, 1002, 1003]).items()} == {
        1001: "a",
        1002: "c",
    }
    assert store.next_due_at() == NOW + MINUTE
