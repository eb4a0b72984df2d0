"""More mail waits than a batch holds: whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event, text

from tests.store.samples import LEASE, NOW, arrival
from triaged.store import Store

DAY = timedelta(days=1)


def keep(store: Store, mailbox: str, first: int, count: int, *, old: bool = False) -> None:
    """So many mails of a mailbox; old ones are of its first contact and came days ago."""
    made = (arrival(number, mailbox=mailbox) for number in range(first, first + count))
    past = {"history": "quiet"} if old else {}
    store.keep([replace(one, received_at=one.received_at - DAY * old, **past) for one in made], now=NOW)


def claimed(store: Store, limit: int = 10, others: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Mailbox and history of what is claimed, in order."""
    return [(m.mailbox, m.history) for m in store.claim_mail(limit, NOW, "one", LEASE, others=others)]


def test_one_mailboxs_flood_delays_no_other_by_more_than_a_batch(store: Store) -> None:
    keep(store, "flooded", 1, 300)
    keep(store, "eu", 301, 3)
    keep(store, "jp", 304, 2)
    assert sorted(claimed(store)) == [("eu", "none")] * 3 + [("flooded", "none")] * 5 + [("jp", "none")] * 2
    assert claimed(store) == [("flooded", "none")] * 10


def test_whoever_waits_for_an_answer_goes_before_history(store: Store) -> None:
    keep(store, "eu", 1, 200, old=True)
    keep(store, "jp", 201, 40, old=True)
    keep(store, "eu", 301, 1)
    assert claimed(store)[-1] == ("eu", "none"), "in order of arrival within the batch"
    assert claimed(store).count(("jp", "quiet")) == 5


def test_within_a_lane_the_oldest_goes_first_and_nothing_is_left_over(store: Store) -> None:
    keep(store, "eu", 1, 35)
    keep(store, "jp", 101, 4)
    keep(store, "us", 201, 1, old=True)
    seen: list[int] = []
    while batch := store.claim_mail(7, NOW, "one", LEASE):
        assert [m.received_at for m in batch] == sorted(m.received_at for m in batch)
        seen += [m.id for m in batch if m.mailbox == "eu"]
    assert seen == sorted(seen) and len(seen) == 35
    assert store.waiting_mail() == 40, "all claimed, none finished"


def test_a_mailbox_of_another_daemon_has_no_share(store: Store) -> None:
    keep(store, "eu", 1, 30)
    keep(store, "jp", 101, 30)
    assert claimed(store, others=("eu",)) == [("jp", "none")] * 10


def test_a_batch_costs_the_same_however_much_waits(store: Store) -> None:
    """Statements are counted, and the plan is an index's: nothing goes through all that waits."""
    keep(store, "eu", 1, 400, old=True)
    keep(store, "jp", 1001, 400)
    asked: list[str] = []
    event.listen(store._engines.writer, "before_cursor_execute", lambda c, k, said, *_: asked.append(said))
    claimed(store, 50)
    assert len(asked) <= 9, asked
    if store.dialect == "sqlite":
        lane = next(said for said in asked if "history = ?" in said and "UPDATE" in said)
        with store._reading() as connection:
            rows = connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN " + lane, tuple(0 for _ in range(lane.count("?")))
            )
            told = " ".join(row.detail for row in rows)
        assert "USING INDEX ix_mail_lane_ready (mailbox=? AND history=? AND ready_at<?)" in told
        assert "TEMP B-TREE" not in told
    else:
        with store._reading() as connection:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            rows = connection.exec_driver_sql(
                "EXPLAIN SELECT id FROM mail WHERE ready_at <= 9999999999999999 AND mailbox = 'eu'"
                " AND history = 'quiet' ORDER BY ready_at, id LIMIT 5"
            )
            assert "ix_mail_lane_ready" in " ".join(row[0] for row in rows)


def test_what_daemons_died_with_is_left_where_more_waits_too(store: Store) -> None:
    keep(store, "eu", 1, 5)
    for life in range(2):
        store.claim_mail(5, NOW, f"dies {life}", LEASE)
        with store._writing() as connection:  # as whoever finds it dead frees it
            connection.execute(text("UPDATE mail SET owner = NULL, ready_at = received_at"))
    keep(store, "jp", 6, 30)
    young = store.claim_mail(10, NOW, "young", LEASE, fewer=2)
    assert {(one.mailbox, one.runs) for one in young} == {("jp", 1)} and len(young) == 10
    settled = store.claim_mail(10, NOW, "settled", LEASE)
    assert sorted((one.mailbox, one.runs) for one in settled) == [("eu", 3)] * 5 + [("jp", 1)] * 5
