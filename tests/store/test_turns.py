"""Recording is one at a time over threads and processes; keeping and sending go on beside it."""

from __future__ import annotations

import fcntl
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.store.samples import LEASE, NOW, arrival, event, letter, new_ticket, open_tickets, step, write
from triaged.store import Store, Unavailable, turns, upgrade
from triaged.tickets.ticket import Happening


def test_mail_is_kept_while_a_recorder_still_thinks(store: Store) -> None:
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        thread = threading.Thread(target=store.keep, args=([arrival(1)],), kwargs={"now": NOW})
        thread.start()
        thread.join(30)
        assert not thread.is_alive() and store.waiting_mail() == 1
        assert store.ticket(ticket.id) is None
    assert store.ticket(ticket.id) is not None


def _append(url: str, ticket_id: int, times: int) -> None:
    store = Store.open(url)
    for _ in range(times):
        with store.transaction() as tx:
            before = tx.ticket(ticket_id)
            assert before is not None
            tx.save(before, replace(before, tier=before.tier + 1))
    store.close()


def test_processes_and_threads_that_read_and_then_write_lose_nothing(store: Store, url: str) -> None:
    ticket = open_tickets(store)[0]
    spawn = multiprocessing.get_context("spawn")
    work = (url, ticket.id, 40)
    others: list[threading.Thread | multiprocessing.process.BaseProcess] = [
        *(spawn.Process(target=_append, args=work) for _ in range(2)),
        *(threading.Thread(target=_append, args=work) for _ in range(2)),
    ]
    for one in others:
        one.start()
    for one in others:
        one.join(120)
    found = store.ticket(ticket.id)
    assert found is not None and found.tier == ticket.tier + 4 * 40


def test_what_others_write_before_the_first_change_is_seen_and_kept(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        assert tx.ticket(ticket.id) == store.ticket(ticket.id)
        thread = threading.Thread(target=store.keep, args=([arrival(1)],), kwargs={"now": NOW})
        thread.start()
        thread.join(30)
        tx.add_events(ticket.id, [event(Happening.STAFF_NOTED)])
    assert store.waiting_mail() == 1
    assert len(store.ticket(ticket.id).events) == 2  # type: ignore[union-attr]


def test_who_waits_too_long_is_told_that_the_database_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    database = tmp_path / "triaged.db"
    database.touch()
    one, other = turns.FileLock(database), turns.FileLock(database)
    with one(), pytest.raises(Unavailable, match="another process has been recording"), other():
        pass
    with one(), pytest.raises(Unavailable, match="another thread has been recording"), one():
        pass
    turn = turns.Turn()
    turn.take()
    turn.take()
    told: list[Unavailable] = []

    def wait() -> None:
        try:
            turn.take()
        except Unavailable as busy:
            told.append(busy)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(30)
    assert "another thread has been writing" in str(told[0])
    turn.give_back()
    with turn():
        pass


def test_a_lock_file_that_cannot_be_opened_is_a_database_away(tmp_path: Path) -> None:
    with (
        pytest.raises(Unavailable, match=r"-next: No such file"),
        turns.FileLock(tmp_path / "no" / "triaged.db")(),
    ):
        pass


def test_what_a_dead_daemon_had_in_hand_is_free_for_the_next_and_a_living_ones_is_not(url: str) -> None:
    store = Store.open(url)
    store.keep([arrival(1), arrival(2)], now=NOW)
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        write(tx, [letter()], ticket.id)
        tx.add_due(step())
    assert store.inherit("first", NOW) == 0
    assert store.claim_mail(1, NOW, "first", LEASE) and store.claim_letters(1, NOW, "first", LEASE)
    assert store.claim_dues(1, NOW + LEASE, "first", LEASE)
    assert store.take_lease("mailbox:global", "first", NOW, 180)
    other = Store.open(url)
    assert other.inherit("second", NOW) == 0  # the first one lives
    assert store.inherit("first", NOW) == 0  # its own
    other.close()
    store.close()
    other = Store.open(url)
    if other.dialect == "postgresql":
        assert other.inherit("second", NOW) == 0  # who knows: leases run out
    else:
        assert other.inherit("second", NOW) == 3
        assert len(other.claim_mail(9, NOW, "second", LEASE)) == 2
        assert other.claim_letters(9, NOW, "second", LEASE) and other.claim_dues(
            9, NOW + LEASE, "second", LEASE
        )
        assert other.take_lease("mailbox:global", "second", NOW, 180)
    other.close()


def test_who_came_second_is_seen_by_a_third(tmp_path: Path) -> None:
    database = tmp_path / "triaged.db"
    database.touch()
    first, second, third = (turns.Presence(database) for _ in range(3))
    assert not first.shared  # a command that never arrives may ask, too
    with first.arrive() as alone:
        assert alone
    with second.arrive() as alone:
        assert not alone
    assert (first.shared, second.shared) == (False, True)
    first.leave()
    with third.arrive() as alone:
        assert not alone  # the second still lives
    with third.arrive() as again:
        assert not again
    second.leave()
    third.leave()
    with first.arrive() as alone:
        assert alone


def test_a_database_has_one_lock_by_whatever_name_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    upgrade(f"sqlite:///{tmp_path}/real/triaged.db")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "other.db").symlink_to(tmp_path / "real" / "triaged.db")
    for other in ("link/triaged.db", "other.db"):
        one, another = (
            Store.open(f"sqlite:///{tmp_path}/real/triaged.db"),
            Store.open(f"sqlite:///{tmp_path}/{other}"),
        )
        assert one.inherit("one", NOW) == 0
        entered = threading.Event()

        def record(store: Store, entered: threading.Event) -> None:
            with store.transaction():
                entered.set()

        with one.transaction():
            thread = threading.Thread(target=record, args=(another, entered))
            thread.start()
            assert not entered.wait(0.2)
        thread.join(30)
        assert entered.is_set()
        one.close()
        another.close()


def test_a_folder_that_cannot_be_locked_is_a_database_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_number: int, _how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(turns.fcntl, "flock", refuse)
    (tmp_path / "triaged.db").touch()
    with pytest.raises(Unavailable, match="No locks"), turns.FileLock(tmp_path / "triaged.db")():
        pass


def test_a_letter_that_left_meanwhile_is_planned_by(store: Store) -> None:
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        write(tx, [letter(kind="progress_update")], ticket.id)
        tx.set_dues(ticket.id, [step()])
    [claimed] = store.claim_letters(1, NOW, "one", LEASE)
    with store.transaction() as tx:
        assert tx.ticket(ticket.id) is not None
        thread = threading.Thread(target=store.letter_sent, args=(claimed.id, "one", NOW))
        thread.start()
        thread.join(30)
        tx.set_dues(ticket.id, [step()])  # worked out before the letter left
    assert "plan" in {one.kind for one in store.dues(ticket.id)}


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    with store._reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM mail")).scalar()
        thread = threading.Thread(target=store.keep, args=([arrival(1)],), kwargs={"now": NOW})
        thread.start()
        thread.join(30)
        assert connection.execute(text("SELECT count(*) FROM mail")).scalar() == before == 0
        with pytest.raises(DBAPIError, match=r"read-?only"):
            connection.execute(text("DELETE FROM mail"))
    assert store.waiting_mail() == 1


def test_what_a_recorder_only_asks_holds_up_nobody(store: Store) -> None:
    """Questions written over several lines too: one of them once took the turn for a whole batch."""
    if store._engines.turn is None:
        pytest.skip("SQLite's writers take turns")
    with store.transaction() as tx:
        for asked in (
            lambda: tx.mails_from("anna@oakbridge.example", NOW),
            lambda: tx.mails_of_domain("oakbridge.example", NOW),
            lambda: tx.latest_of("anna@oakbridge.example", NOW),
            lambda: tx.written_to("anna@oakbridge.example", NOW),
            lambda: tx.unverified_letters(NOW),
            lambda: tx.failed_of(["anna@oakbridge.example"]),
            lambda: tx.next_ticket(),
        ):
            asked()
            assert store._engines.turn._holder is None, asked


def test_a_turn_is_its_threads_until_it_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken twice it is given back once; nobody gives back another's, and whoever fails inside has given it back."""
    monkeypatch.setattr(turns, "PATIENCE", 0.0)
    turn = turns.Turn()

    def elsewhere(act: Callable[[], object]) -> str:
        with ThreadPoolExecutor(1) as other:
            return str(other.submit(act).exception() or "")

    busy = "the database is busy: another thread has been writing for too long"
    with turn():
        assert elsewhere(turn.take) == busy
        turn.take()
        assert elsewhere(turn.give_back) == "" and elsewhere(turn.take) == busy
    with pytest.raises(ZeroDivisionError), turn():
        1 / 0  # noqa: B018
    assert elsewhere(turn.take) == ""
    with pytest.raises(Unavailable, match=busy):
        turn.take()


def test_who_records_next_waits_for_whoever_records_and_holds_the_place_beside_it(tmp_path: Path) -> None:
    file, came = tmp_path / "triaged.db", threading.Event()
    file.touch()

    def record() -> None:
        with turns.FileLock(file)():
            came.set()

    with ThreadPoolExecutor(1) as others:
        with turns.FileLock(file)():
            other = others.submit(record)
            with (tmp_path / "triaged.db-next").open() as next_one:
                while not other.done():
                    try:
                        fcntl.flock(next_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        break
                    fcntl.flock(next_one, fcntl.LOCK_UN)
            assert not other.done() and not came.is_set()
        other.result()
    assert came.is_set()


def test_a_daemon_that_arrives_twice_has_not_met_itself_and_may_come_back(tmp_path: Path) -> None:
    file = tmp_path / "triaged.db"
    file.touch()
    one, other = turns.Presence(file), turns.Presence(file)
    with one.arrive() as alone:
        assert alone
    with other.arrive() as too:
        assert not too and other.shared
    with one.arrive() as again:
        assert not again and not one.shared
    other.leave()
    one.leave()
    with one.arrive() as back:
        assert back and not one.shared
    one.leave()
