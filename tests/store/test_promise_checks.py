"""Each promise as a question: what breaks it is found with its ids, and what keeps it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.store.samples import LEASE, NOW, arrival, event, letter, new_ticket, step, write
from tests.store.world import MEETING
from triaged.store import Fate, Store
from triaged.store.rows import Finished
from triaged.tickets.ticket import Happening, Person

LATER = NOW + timedelta(minutes=90)


@pytest.fixture
def sound(store: Store) -> Store:
    """Two mails, each on a ticket with its acknowledgment sent and a step to come."""
    store.keep([arrival(1), arrival(2)], now=NOW)
    for one in store.claim_mail(2, NOW, "one", LEASE):
        with store.transaction() as tx:
            ticket = tx.open_ticket(new_ticket(created_at=one.received_at), [event(Happening.RECEIVED)])
            write(tx, [letter()], ticket.id)
            tx.set_dues(ticket.id, [step(after=timedelta(days=1))])
            tx.finish_mail(
                Finished(
                    mail_id=one.id,
                    fate=Fate.TICKET,
                    kind="request",
                    why="new",
                    ticket_id=ticket.id,
                    sender="anna@oakbridge.example",
                ),
                "one",
                NOW,
            )
    for sent in store.claim_letters(9, NOW, "one", LEASE):
        store.letter_sent(sent.id, "one", NOW)
    return store


def test_a_sound_store_has_no_faults(sound: Store) -> None:
    assert sound.faults(LATER) == []


MAIL, FIRST, LETTER, STEP = "mail 1", "PS-1001", "letter 1", "step 1"
BROKEN = {
    "mail-without-fate": ("UPDATE mail SET fate = 'waiting', ready_at = NULL WHERE id = 1", {MAIL}),
    "mail-waits": ("UPDATE mail SET fate = 'waiting', ready_at = 1, owner = 'dead' WHERE id = 1", {MAIL}),
    "mail-finished-and-waiting": ("UPDATE mail SET ready_at = 9 WHERE id = 1", {MAIL}),
    "mail-on-no-ticket": ("UPDATE mail SET ticket_id = NULL WHERE id = 1", {MAIL}),
    "mail-without-bytes": (
        "UPDATE raw SET packed = '' WHERE sha256 = (SELECT sha256 FROM mail WHERE id = 1)",
        {MAIL},
    ),
    "bytes-without-mail": ("INSERT INTO raw (sha256, size, packed) VALUES ('ab', 1, 'x')", {"raw ab"}),
    "ticket-without-acknowledgment": ("UPDATE letter SET kind = 'closed' WHERE id = 1", {FIRST}),
    "two-acknowledgments": (
        "UPDATE letter SET ticket_id = 1001, kind = 'missing_information' WHERE id = 2",
        {FIRST},
    ),
    "step-overdue": ("UPDATE due SET due_at = 1, ready_at = 1 WHERE id = 1", {STEP, FIRST}),
    "step-nobodys": ("UPDATE due SET ready_at = NULL WHERE id = 1", {STEP, FIRST}),
    "letter-nobodys": ("UPDATE letter SET state = 'waiting' WHERE id = 1", {LETTER, FIRST}),
    "letter-stuck": ("UPDATE letter SET state = 'waiting', ready_at = 1 WHERE id = 1", {LETTER, FIRST}),
    "letter-empty": (
        "UPDATE letter SET state = 'waiting', ready_at = 9000000000000000, raw = '' WHERE id = 1",
        {LETTER, FIRST},
    ),
    "letter-finished-and-waiting": ("UPDATE letter SET ready_at = 9 WHERE id = 1", {LETTER, FIRST}),
    "merged-and-open": ("UPDATE ticket SET merged_into = 1002 WHERE id = 1001", {FIRST, "PS-1002"}),
    "merged-in-a-circle": (
        "UPDATE ticket SET merged_into = 2003 - id, state = 'closed', closed_at = 1",
        {FIRST},
    ),
    "closed-without-time": ("UPDATE ticket SET state = 'closed' WHERE id = 1001", {FIRST}),
    "ticket-without-events": ("DELETE FROM event WHERE ticket_id = 1001", {FIRST}),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_what_breaks_a_promise_is_named_with_its_ids(sound: Store, name: str) -> None:
    statement, ids = BROKEN[name]
    with sound._writing() as connection:
        connection.execute(text(statement))
    found = [fault for fault in sound.faults(LATER) if fault.name == name]
    assert found and set(found[0].ids) == ids
    assert found[0].why


ORPHANS = {
    "event-without-ticket": "UPDATE event SET ticket_id = 9 WHERE id = 1",
    "letter-without-ticket": "UPDATE letter SET ticket_id = 9 WHERE id = 1",
    "mail-without-raw": "UPDATE mail SET sha256 = 'gone' WHERE id = 1",
    "mail-without-mail": "UPDATE mail SET duplicate_of = 77 WHERE id = 1",
    "recipient-without-letter": "UPDATE recipient SET letter_id = 77 WHERE letter_id = 1",
    "ticket-without-ticket": "UPDATE ticket SET linked_to = 7 WHERE id = 1001",
    "due-without-ticket": "UPDATE due SET ticket_id = 9 WHERE id = 1",
}


@pytest.mark.parametrize("name", list(ORPHANS))
def test_what_names_a_row_that_is_gone_is_found(sound: Store, name: str) -> None:
    with sound._engines.writer.connect() as connection:
        if sound.dialect == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        with connection.begin():
            if sound.dialect == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(ORPHANS[name]))
        if sound.dialect == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
    assert name in {fault.name for fault in sound.faults(LATER)}


def test_a_sequence_that_would_give_a_number_twice_is_found(sound: Store) -> None:
    if sound.dialect != "postgresql":
        pytest.skip("SQLite has no sequences")
    with sound._writing() as connection:
        connection.execute(text("SELECT setval('mail_id_seq', 1)"))
    found = [fault for fault in sound.faults(LATER) if fault.name == "sequence-behind"]
    assert [fault.ids for fault in found] == [("table mail",)]


RIGHTLY = {
    "history": "UPDATE ticket SET history = TRUE",
    "a rule held it": "INSERT INTO rule_hit (mail_id, rule, ticket_id, rulebook_version, at) VALUES (1, 'quiet', 1001, 'x', 1)",
    "withheld, with an event": "UPDATE event SET kind = 'letter_withdrawn' WHERE ticket_id = 1001",
    "nobody to write to": "UPDATE person SET failed = TRUE WHERE ticket_id = 1001",
    "a forger": "UPDATE mail SET kind = 'spoof' WHERE id = 1",
    "our own": "UPDATE mail SET kind = 'staff' WHERE id = 1",
    "encrypted": "UPDATE letter SET kind = 'encrypted' WHERE id = 1",
}


@pytest.mark.parametrize("why", list(RIGHTLY))
def test_who_gets_no_acknowledgment_by_right_is_no_fault(sound: Store, why: str) -> None:
    with sound._writing() as connection:
        connection.execute(text("UPDATE letter SET kind = 'closed' WHERE id = 1"))
        connection.execute(text(RIGHTLY[why]))
    assert sound.faults(LATER, ["quiet"]) == []


def test_who_takes_over_what_nobody_had_verified_may_be_acknowledged_again(sound: Store) -> None:
    with sound.transaction() as tx:
        write(tx, [letter("second", kind="acknowledgment_unverified")], 1001, LATER)
        write(tx, [letter("third", kind="missing_information")], 1001, LATER)
        assert tx.ticket(1001).people[0] == Person("anna@oakbridge.example", "Anna")  # type: ignore[union-attr]
    assert sound.faults(LATER) == []


def test_a_session_that_stands_over_or_takes_time_though_it_is_over_is_found(sound: Store) -> None:
    with sound.transaction() as tx:
        tx.keep_meeting(1001, MEETING)
    ends = NOW + timedelta(minutes=100)
    grace = ends + timedelta(hours=1)
    assert not {"session-stands-over", "session-takes-time"} & {one.name for one in sound.faults(grace)}
    (found,) = [
        one for one in sound.faults(grace + timedelta(seconds=1)) if one.name == "session-stands-over"
    ]
    assert found.ids == ("PS-1001",) and found.why.startswith("session 1 is accepted, and was over ")
    with sound._writing() as connection:
        connection.execute(text("UPDATE meeting SET state = 'cancelled'"))
    (found,) = [one for one in sound.faults(LATER) if one.name.startswith("session")]
    assert (found.name, found.ids) == ("session-takes-time", ("PS-1001",))
    assert found.why == "session 1 is over, and takes time of ben@desk.example"
