"""Rows put off to the end of a transaction: fewer statements, yet nothing read too early or kept too long."""

from __future__ import annotations

import pytest
from sqlalchemy import event as events

from tests.store.samples import LEASE, NOW, arrival, event, letter, new_ticket, step, write
from triaged.store import Fate, Store
from triaged.tickets.values import Happening

BATCH = 50


def record(store: Store) -> None:
    """What triage does with a claimed batch."""
    claimed = store.claim_mail(BATCH, NOW, "one", LEASE)
    with store.transaction() as tx:
        for mail in claimed:
            with tx.savepoint():
                ids = [f"<{mail.id}@x>", f"<{mail.id}-a@x>", f"<{mail.id}-b@x>"]
                tx.threads(ids)
                tx.seen(mail, ids[0])
                ticket = tx.open_ticket(new_ticket(), [event() for _ in range(4)])
                tx.know(ticket.id, ids[:1])
                tx.know(ticket.id, ids[1:], "reference")
                write(tx, [letter()], ticket.id)
                tx.set_dues(ticket.id, [step(name=name) for name in ("warn", "miss", "tier-3")])
                tx.rule_hits(mail.id, ticket.id, ["a", "b"], NOW)
                tx.finish_mail(
                    mail.id,
                    "one",
                    fate=Fate.TICKET,
                    kind="request",
                    why="new",
                    now=NOW,
                    ticket_id=ticket.id,
                    message_id=ids[0],
                )


def test_a_batch_costs_few_statements_a_mail(store: Store) -> None:
    store.keep([arrival(number) for number in range(1, BATCH + 1)], now=NOW)
    statements: list[str] = []
    engine = store._engines.writer
    events.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    record(store)
    a_mail = [one for one in statements if "SAVEPOINT" not in one]
    assert len(a_mail) <= 5 * BATCH + 12  # look, seen, ticket, letter, finish; one a table for the rest
    whole = store.ticket(1001 + BATCH - 1)
    assert whole is not None and len(whole.events) == 4 and len(whole.people) == 2
    assert len(store.dues(whole.id)) == 3 and store.rule_stats()[0].hits == BATCH


def test_what_was_put_off_is_read_in_the_same_transaction(store: Store) -> None:
    with store.transaction() as tx:
        one = tx.open_ticket(new_ticket(), [event()])
        tx.know(one.id, ["<m@x>"])
        found = tx.threads(["<m@x>"])
        assert found.by_message_id["<m@x>"].people == {"anna@oakbridge.example", "ben@oakbridge.example"}
        two = tx.open_ticket(new_ticket(), [event()])
        assert tx.threads([], ["PS-1002"]).by_reference["PS-1002"].people
        assert len(tx.tickets([one.id, two.id])[1].events) == 1


def test_a_savepoint_undone_after_a_look_keeps_what_earlier_mails_put_off(store: Store) -> None:
    with store.transaction() as tx:
        with tx.savepoint():
            first = tx.open_ticket(new_ticket(), [event(Happening.RECEIVED)])
            tx.know(first.id, ["<first@x>"])
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            assert tx.threads(["<first@x>"]).by_message_id  # written here, inside what is undone
            tx.add_events(first.id, [event(Happening.STAFF_NOTED)])
            assert len(tx.ticket(first.id).events) == 2  # type: ignore[union-attr]
            1 / 0  # noqa: B018
        assert tx.threads(["<first@x>"]).by_message_id["<first@x>"].ticket_id == first.id
    found = store.ticket(first.id)
    assert found is not None and [one.kind for one in found.events] == [Happening.RECEIVED]


def test_what_cannot_be_stored_is_refused_inside_its_own_savepoint(store: Store) -> None:
    with store.transaction() as tx:
        with tx.savepoint():
            tx.open_ticket(new_ticket(), [event()])
        for bad in (event(at=NOW.replace(tzinfo=None)), event(thing=object())):
            with pytest.raises((TypeError, ValueError)), tx.savepoint():
                tx.open_ticket(new_ticket(), [bad])
    assert [ticket.id for ticket in store.tickets()] == [1001]


def test_events_told_before_a_withdrawal_stand_before_it(store: Store) -> None:
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket(), [event(Happening.RECEIVED)])
        write(tx, [letter()], ticket.id)
        tx.add_events(ticket.id, [event(Happening.PARTNER_ANSWERED)])
        tx.withdraw_letters(ticket.id, "answered", NOW, kinds=["acknowledgment"])
    found = store.ticket(ticket.id)
    assert found is not None
    assert [one.kind for one in found.events] == [
        Happening.RECEIVED,
        Happening.PARTNER_ANSWERED,
        Happening.LETTER_WITHDRAWN,
    ]


def test_series_of_numbers_go_on_without_gaps(store: Store) -> None:
    with store.transaction() as tx:
        assert [tx.next_number("case") for _ in range(2)] == [1001, 1002]
        assert tx.next_number("other", first=1) == 1
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        tx.next_number("case")
        1 / 0  # noqa: B018
    with store.transaction() as tx:
        assert tx.next_number("case") == 1003


def test_lists_longer_than_a_database_takes_are_cut_in_pieces(store: Store) -> None:
    many = range(1, 70_000)
    assert store.replay(many, NOW) == 0 == store.retry(many, NOW)
    assert store.next_dues(many) == {}
