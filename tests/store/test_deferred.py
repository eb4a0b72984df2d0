"""Rows put off to the end of a transaction: fewer statements, yet nothing read too early or kept too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy import event as events

from tests.store.samples import LEASE, NOW, arrival, correct, event, letter, new_ticket, step, write
from triaged.store import Fate, Store, addresses
from triaged.store.deferred import Deferred
from triaged.store.rows import Fenced, Finished, Upcoming
from triaged.vocabulary import Severity

BATCH = 50
EARLIER = NOW - timedelta(hours=3)


def record(store: Store, owner: str = "one", count: int = BATCH) -> list[int]:
    """What triage does with a claimed batch; the tickets' numbers."""
    claimed = store.claim_mail(count, NOW, "one", LEASE)
    tickets = []
    with store.transaction() as tx:
        ids = {mail.id: [f"<{mail.id}@x>", f"<{mail.id}-a@x>", f"<{mail.id}-b@x>"] for mail in claimed}
        sender = {mail.id: f"anna@{mail.id}.example" for mail in claimed}
        tx.expect(Upcoming(one, ids[one.id][0], tuple(ids[one.id]), sender[one.id]) for one in claimed)
        for mail in claimed:
            tx.threads(ids[mail.id])
            assert tx.seen(mail, ids[mail.id][0], sender[mail.id]) == ()
            assert tx.mails_from(sender[mail.id], NOW) == 0 == tx.mails_of_domain(f"{mail.id}.example", NOW)
            ticket = tx.open_ticket(new_ticket(), [event() for _ in range(4)])
            tx.clear_address(sender[mail.id])
            tx.know(ticket.id, ids[mail.id][:1])
            tx.know(ticket.id, ids[mail.id][1:], "reference")
            tx.failed_of([sender[mail.id]])
            assert tx.letters_on(ticket.id, NOW) == 0 == tx.letters_to(sender[mail.id], NOW)
            write(tx, [letter(to=(sender[mail.id],))], ticket.id)
            tx.set_dues(ticket.id, [step(name=name) for name in ("warn", "miss", "tier-3")])
            tx.rule_hits(mail.id, ticket.id, ["a", "b"], NOW)
            tickets.append(ticket.id)
            tx.finish_mail(
                Finished(
                    mail_id=mail.id,
                    fate=Fate.TICKET,
                    kind="request",
                    why="new",
                    ticket_id=ticket.id,
                    message_id=ids[mail.id][0],
                    sender=sender[mail.id],
                ),
                owner,
                NOW,
            )
    return tickets


def test_a_batch_costs_as_few_statements_as_one_mail(store: Store) -> None:
    store.keep([arrival(number) for number in range(1, BATCH + 2)], now=NOW)
    statements: list[str] = []
    events.listen(store._engines.recorder, "before_cursor_execute", lambda *told: statements.append(told[2]))
    record(store, count=1)
    alone = len(statements)
    last = record(store)[-1]
    batch = statements[alone:]
    # One a question, and one a table; the first asks for lanes too, since more waits than it takes
    assert len(batch) <= alone <= len(batch) + 2 <= 27, batch
    whole = store.ticket(last)
    assert whole is not None and len(whole.events) == 4 and len(whole.people) == 2
    assert len(store.dues(whole.id)) == 3 and len(store.letters(ticket_id=whole.id)) == 1


def test_a_batch_of_one_sender_is_written_once_at_its_end(store: Store) -> None:
    """Written early, SQLite would shut out whoever sends letters until the batch is done, and the next one too."""
    store.keep([arrival(number) for number in range(1, BATCH + 1)], now=NOW)
    told: list[str] = []
    events.listen(
        store._engines.recorder, "before_cursor_execute", lambda *args: told.append(args[2].split()[0])
    )
    claimed = store.claim_mail(BATCH, NOW, "one", LEASE)
    with store.transaction() as tx:
        tx.expect(Upcoming(one, f"<{one.id}@x>", (), "eve@far.example") for one in claimed)
        for n, mail in enumerate(claimed):
            assert tx.seen(mail, f"<{mail.id}@x>", "eve@far.example") == ()
            assert (
                tx.mails_from("eve@far.example", EARLIER) == n == tx.mails_of_domain("far.example", EARLIER)
            )
            assert tx.written_to(f"eve+{n}@far.example", NOW) == addresses.Written(n, n)
            assert sum(tx.unverified_letters(NOW).values()) == n
            ticket = tx.open_ticket(new_ticket(trusted=False, partner_domain=None), [event()])
            write(tx, [letter(to=(f"eve+{n}@far.example",))], ticket.id, unverified=True)
            tx.finish_mail(Finished(mail_id=mail.id, fate=Fate.TICKET, kind="request", why="", ticket_id=ticket.id, message_id=f"<{mail.id}@x>", sender="eve@far.example"), "one", NOW)  # fmt: skip
        assert "INSERT" not in told and "UPDATE" not in told
        assert len([one for one in told if one != "SET"]) <= 10, (
            told
        )  # PostgreSQL is told that a claim waits for no disk
    with store.transaction() as tx:
        assert tx.written_to("eve@far.example", NOW) == addresses.Written(BATCH, BATCH)
        assert tx.mails_from("eve@far.example", EARLIER) == BATCH
        assert list(tx.unverified_letters(NOW).values()) == [BATCH]


def test_a_mail_lost_to_another_owner_undoes_its_batch(store: Store) -> None:
    store.keep([arrival(1)], now=NOW)
    with pytest.raises(Fenced, match="no longer ours"):
        record(store, owner="another")
    assert store.tickets() == [] and store.waiting_mail() == 1


def test_the_same_mail_twice_in_a_batch_is_seen_again(store: Store) -> None:
    one, two = arrival(1), arrival(2)
    store.keep([one, replace(one, mailbox="eu"), two], now=NOW)
    first, again, other = store.claim_mail(3, NOW, "one", LEASE)
    with store.transaction() as tx:
        tx.expect(Upcoming(mail, f"<{mail.sha256}@x>", (), "a@oak.example") for mail in (first, again, other))
        assert tx.seen(first, f"<{first.sha256}@x>", "a@oak.example") == ()
        tx.finish_mail(
            Finished(mail_id=first.id, fate=Fate.SPAM, kind="spam", why="", sender="a@oak.example"),
            "one",
            NOW,
        )
        (found,) = tx.seen(again, f"<{again.sha256}@x>", "a@oak.example")
        assert found.id == first.id
        assert tx.seen(other, f"<{other.sha256}@x>", "a@oak.example") == ()
        assert tx.mails_from("a@oak.example", one.received_at) == 1


def test_what_was_put_off_is_read_in_the_same_transaction(store: Store) -> None:
    with store.transaction() as tx:
        one = tx.open_ticket(new_ticket(), [event()])
        tx.know(one.id, ["<m@x>"])
        found = tx.threads(["<m@x>"])
        assert found.by_message_id["<m@x>"].people == {"anna@oakbridge.example", "ben@oakbridge.example"}
        two = tx.open_ticket(new_ticket(), [event()])
        assert tx.threads([], ["PS-1002"]).by_reference["PS-1002"].people
        assert len(tx.tickets([one.id, two.id])[1].events) == 1


def test_what_cannot_be_stored_is_refused_when_it_is_put_off(store: Store) -> None:
    for bad in (event(at=NOW.replace(tzinfo=None)), event(thing=object())):
        with pytest.raises((TypeError, ValueError)), store.transaction() as tx:
            tx.open_ticket(new_ticket(), [bad])
    assert store.tickets() == []


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


def test_the_text_of_a_mail_that_was_finished_in_the_same_transaction_can_be_asked_for(store: Store) -> None:
    store.keep([arrival(1)], now=NOW)
    (mail,) = store.claim_mail(1, NOW, "one", LEASE)
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        tx.set_dues(ticket.id, [step()])
        said = {"new_text": "Nobody can log in."}
        told = Finished(
            mail_id=mail.id, fate=Fate.TICKET, kind="request", why="", ticket_id=ticket.id, reading=said
        )
        tx.finish_mail(told, "one", NOW)
        correct(tx, ticket.id, Severity.S1, "cli:mia", "everybody")
    assert store.corrections()[0].text == "Nobody can log in."


def test_nothing_in_a_transaction_gets_at_the_connection_without_saying_what_it_asks_about(
    store: Store,
) -> None:
    with store.transaction() as tx:
        reached = [name for name, value in vars(tx).items() if isinstance(value, (Connection, Deferred))]
    assert sorted(reached) == ["_Within__connection", "_Within__deferred"]
