"""What of the store nobody would have noticed: drafts beyond so many, the dead that are buried, rows chosen by what they are."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import text

from tests.store.samples import (
    LEASE,
    MINUTE,
    NOW,
    arrival,
    claim_one,
    letter,
    new_ticket,
    open_tickets,
    write,
)
from tests.store.test_privacy import ANNA, CARL, everything, opened
from triaged.errors import Faulty
from triaged.store import Cursor, Fate, Store, backup
from triaged.store.engine import open_engines, parse
from triaged.store.leases import DAEMON
from triaged.store.page_rows import Draft, Wanted
from triaged.store.rows import Fenced, Finished, Held
from triaged.store.running import daemons
from triaged.store.scope import of_staff
from triaged.store.service_rows import StoredGrant
from triaged.tickets.ticket import Attached, State

DAY = timedelta(days=1)
FILE = Attached("a.txt", "text/plain", b"kept")


def test_of_one_persons_drafts_the_oldest_beyond_fifty_goes_with_its_files(store: Store) -> None:
    store.save_draft(Draft(CARL, "PS-1", "answer", {"text": "of another"}, NOW - DAY))
    for n in range(51):
        store.save_draft(Draft(ANNA, f"PS-{n}", "answer", {"text": f"{n}"}, NOW + n * MINUTE, (FILE,)))
    kept = [n for n in range(51) if store.draft(ANNA, f"PS-{n}", "answer") is not None]
    assert kept == list(range(1, 51)) and store.draft(CARL, "PS-1", "answer") is not None
    with store._reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM draft_file")) == 50
    store.save_draft(Draft(ANNA, "PS-1", "answer", {"text": "typed on"}, NOW + 99 * MINUTE))
    assert store.draft(ANNA, "PS-2", "answer") is not None, "it was there already: nothing goes for it"


def test_forms_and_drafts_of_long_ago_go_and_those_of_lately_stay(store: Store) -> None:
    store.save_draft(Draft(ANNA, "new", "request", {}, NOW, (FILE,)))
    store.save_draft(Draft(ANNA, "PS-1", "answer", {}, NOW + DAY))
    assert store.forget_forms(NOW) == 0
    assert store.forget_forms(NOW + MINUTE) == 1
    assert store.draft(ANNA, "new", "request") is None and store.draft(ANNA, "PS-1", "answer") is not None


def test_letters_that_were_given_up_are_listed_newest_first_and_no_others(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(tx, [letter(str(n)) for n in range(4)], ticket.id)
    one, two, three, _waits = sorted(row.id for row in store.claim_letters(9, NOW, "one", LEASE))
    assert store.failed_letters() == []
    for number in (one, three):
        assert store.letter_failed(number, "one", "550 no", NOW)
    assert store.letter_sent(two, "one", NOW)
    assert store.failed_letters() == [three, one]


def test_a_grant_is_thrown_away_once_and_no_other_with_it(store: Store) -> None:
    def grant(user: str) -> StoredGrant:
        return StoredGrant(user, "c", 0, "sealed", None, None, None, NOW)

    assert store.save_grant(grant("a@desk.example")) and store.save_grant(grant("b@desk.example"))
    assert store.forget_grant("a@desk.example") and not store.forget_grant("a@desk.example")
    assert [one.user for one in store.grants()] == ["b@desk.example"]


def test_a_daemon_that_was_silent_is_buried_once_and_its_work_is_free(url: str) -> None:
    """On SQLite nobody gives signs of life."""
    dead, heir = Store.open(url, owner="dead"), Store.open(url, owner="heir")
    try:
        dead.keep([arrival(1)], now=NOW)
        claim_one(dead, "dead")
        heir.note(DAEMON + "dead", {"host": "one"}, NOW)
        pulse = dead.pulse("dead")
        assert (pulse is None) == (heir.dialect == "sqlite")
        if pulse is None:
            return
        pulse.beat(())
        assert heir.bury("dead", NOW, "heir") is None, "it has just given a sign of life"
        pulse._hang_up()
        with heir._writing() as connection:
            connection.execute(text("UPDATE lease SET until = 1 WHERE owner = 'dead'"))
        assert heir.claim_mail(1, NOW, "heir", LEASE) == []
        assert heir.bury("dead", NOW, "heir") == 1
        assert heir.bury("dead", NOW, "heir") is None
        note = heir.note_of(DAEMON + "dead")
        assert note is not None and note.value == {"host": "one", "buried_by": "heir", "work": 1}
        assert [one.id for one in heir.claim_mail(1, NOW, "heir", LEASE)] == [1]
    finally:
        dead.close()
        heir.close()


def test_where_there_are_no_tables_no_daemon_runs(empty_url: str) -> None:
    engines = open_engines(parse(empty_url))
    assert daemons(engines, NOW) == []
    engines.close()


def test_who_lost_his_folder_moves_its_cursor_no_more(store: Store) -> None:
    epoch = store.take_lease("fetch global", "one", NOW, 60.0)
    assert epoch is not None
    held = Held("fetch global", "one", epoch)
    store.keep([arrival(1)], Cursor("global", "INBOX", 77, 1, held), NOW)
    assert store.renew_lease("fetch global", "one", epoch, NOW, 60.0)
    assert store.drop_lease("fetch global", "one", epoch)
    assert store.take_lease("fetch global", "two", NOW, 60.0)
    with pytest.raises(Fenced, match="fetch global is no longer ours"):
        store.keep([arrival(2)], Cursor("global", "INBOX", 77, 2, held), NOW)
    assert [one.id for one in store.mails()] == [1]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=1))), "2026-11-23T09:00:00Z"),
        (timedelta(minutes=1, milliseconds=500), 60.5),
        (Held("a", "b", 3), {"name": "a", "owner": "b", "epoch": 3}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2, 1}), [1, 2]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_json_has_no_word_for_is_kept_as_something_it_has(store: Store, value: Any, kept: Any) -> None:
    store.note("x", {"it": value}, NOW)
    note = store.note_of("x")
    assert note is not None and note.value == {"it": kept}


@pytest.mark.parametrize("value", [object(), b"bytes", Held])
def test_what_cannot_be_kept_as_json_is_refused_and_nothing_is_written(store: Store, value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be stored as JSON"):
        store.note("x", {"it": value}, NOW)
    assert store.note_of("x") is None


def test_the_ledger_is_listed_since_a_time_and_that_time_counts(store: Store) -> None:
    store.keep([arrival(n) for n in (1, 2, 3)], now=NOW)
    times = [one.received_at for one in store.mails()]
    assert [one.id for one in store.mails(since=times[1])] == [3, 2]
    assert [*store.mails(since=NOW)] == []
    ticket = open_tickets(store)[0]
    for one in store.claim_mail(3, NOW, "one", LEASE):
        with store.transaction() as tx:
            tx.finish_mail(finished(one.id, ticket.id), "one", NOW)
    assert [one.received_at for one in store.past_mail(since=times[1])] == [times[1], times[0]]
    assert len([*store.past_mail(batch=1)]) == 3


def finished(mail_id: int, ticket_id: int, sender: str = "anna@oakbridge.example") -> Any:
    return Finished(
        mail_id=mail_id, fate=Fate.TICKET, kind="request", why="new", ticket_id=ticket_id, sender=sender
    )


def test_what_arrived_in_the_same_go_counts_among_what_came_lately(store: Store) -> None:
    """The question is asked after the mail was finished: no index holds it yet."""
    store.keep([arrival(n) for n in (1, 2)], now=NOW)
    ticket = open_tickets(store)[0]
    first, second = store.claim_mail(2, NOW, "one", LEASE)
    with store.transaction() as tx:
        for one, sender in ((first, "anna@oakbridge.example"), (second, "bo@oakbridge.example")):
            assert tx.seen(one, None, sender) == ()
        tx.finish_mail(finished(first.id, ticket.id), "one", NOW)
        tx.finish_mail(finished(second.id, ticket.id, "bo@oakbridge.example"), "one", NOW)
        since = first.received_at
        assert tx.mails_from("anna@oakbridge.example", since) == 1
        assert tx.mails_from("anna@oakbridge.example", since + timedelta(microseconds=1)) == 0
        assert tx.mails_of_domain("oakbridge.example", since) == 2
        assert tx.mails_of_domain("oakbridge.example", second.received_at) == 1
        assert tx.mails_from("carl@elmhill.example", since) == 0


def test_tickets_are_listed_by_their_states(store: Store) -> None:
    with store.transaction() as tx:
        numbers = {state: tx.open_ticket(new_ticket(state=state)).id for state in State}
    for states in ((State.OPEN,), (State.WAITING, State.CLOSED), ()):
        found, _ = store.listed(of_staff("cy@desk.example"), Wanted(now=NOW, states=states), [])
        assert {row.id for row in found.rows} == {numbers[one] for one in states or State}


def test_who_is_assigned_or_named_last_in_a_thread_is_erased_there_too(store: Store) -> None:
    number = opened(store, CARL, 1, "words", assigned_to=ANNA, last_message_id=f"<9.{ANNA}>")
    other = opened(store, CARL, 2, "words", assigned_to=CARL, last_message_id=f"<9.{CARL}>")
    store.note("told", {"by": ANNA, "to": CARL}, NOW)
    store.erase(ANNA, "cli:dora", NOW)
    ticket, untouched = store.ticket(number), store.ticket(other)
    assert ticket is not None and (ticket.assigned_to, ticket.last_message_id) == (None, None)
    assert untouched is not None
    assert (untouched.assigned_to, untouched.last_message_id) == (CARL, f"<9.{CARL}>")
    note = store.note_of("told")
    assert note is not None and note.value["to"] == CARL and ANNA not in str(everything(store))


def test_a_backup_that_is_not_there_is_told(store: Store, tmp_path: Any) -> None:
    with pytest.raises(Faulty, match=r"none\.db: no such file"):
        backup.read_back(tmp_path / "none.db")
