"""Each promise as a question: what breaks it is found with its ids, and what keeps it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.store.samples import LEASE, NOW, arrival, event, letter, new_ticket, step, write
from tests.store.world import MEETING
from triaged.store import Fate, Store
from triaged.store.promise_checks import Fault
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


MAIL, FIRST, LETTER, STEP = ("mail 1",), ("PS-1001",), ("letter 1", "PS-1001"), ("step 1", "PS-1001")
NOBODYS, EPOCH, UNTOLD = (
    "and nobody will ever claim it",
    "1970-01-01 00:00 UTC",
    "opened 2026-11-23 07:30 UTC, and nobody was told that we have it",
)
BROKEN: dict[str, tuple[str, tuple[str, ...], str]] = {
    "mail-without-fate": (
        "UPDATE mail SET fate = 'waiting', ready_at = NULL WHERE id = 1", MAIL, f"waits, {NOBODYS}",
    ),
    "mail-waits": (
        "UPDATE mail SET fate = 'waiting', ready_at = 1, owner = 'dead' WHERE id = 1", MAIL, f"could be walked since {EPOCH}",
    ),
    "mail-finished-and-waiting": ("UPDATE mail SET ready_at = 9 WHERE id = 1", MAIL, "has the fate ticket and waits"),
    "mail-on-no-ticket": (
        "UPDATE mail SET ticket_id = NULL WHERE id = 1", MAIL, "is said to be on a ticket, and is on none",
    ),
    "mail-without-bytes": (
        "UPDATE raw SET packed = '' WHERE sha256 = (SELECT sha256 FROM mail WHERE id = 1)",
        MAIL, "its bytes are gone, and nobody forgot them",
    ),
    "bytes-without-mail": (
        "INSERT INTO raw (sha256, size, packed) VALUES ('0123456789abcdefgh', 1, 'x')",
        ("raw 0123456789abcdef",), "belong to no mail of the ledger",
    ),
    "ticket-without-acknowledgment": ("UPDATE letter SET kind = 'closed' WHERE id = 1", FIRST, UNTOLD),
    "two-acknowledgments": (
        "UPDATE letter SET ticket_id = 1001, kind = 'missing_information' WHERE id = 2", FIRST, "was acknowledged 2 times",
    ),
    "step-overdue": (
        "UPDATE due SET due_at = 1, ready_at = 1 WHERE id = 1", STEP, f"first_response warn was due {EPOCH}",
    ),
    "step-nobodys": ("UPDATE due SET ready_at = NULL WHERE id = 1", STEP, f"is pending, {NOBODYS}"),
    "letter-nobodys": ("UPDATE letter SET state = 'waiting' WHERE id = 1", LETTER, f"waits, {NOBODYS}"),
    "letter-stuck": (
        "UPDATE letter SET state = 'waiting', ready_at = 1 WHERE id = 1", LETTER, f"acknowledgment could leave since {EPOCH}",
    ),
    "letter-empty": (
        "UPDATE letter SET state = 'waiting', ready_at = 9000000000000000, raw = '' WHERE id = 1",
        LETTER, "waits without text or without an address",
    ),
    "letter-finished-and-waiting": ("UPDATE letter SET ready_at = 9 WHERE id = 1", LETTER, "is finished and waits"),
    "merged-and-open": (
        "UPDATE ticket SET merged_into = 1002 WHERE id = 1001", (*FIRST, "PS-1002"), "was merged, and is not closed",
    ),
    "merged-in-a-circle": (
        "UPDATE ticket SET merged_into = 2003 - id, state = 'closed', closed_at = 1",
        FIRST, "was merged into what was merged into it",
    ),
    "closed-without-time": (
        "UPDATE ticket SET state = 'closed' WHERE id = 1001", FIRST, "is closed, and nobody knows since when",
    ),
    "ticket-without-events": (
        "DELETE FROM event WHERE ticket_id = 1001", FIRST, "has no story: its clocks cannot be computed",
    ),
}  # fmt: skip
ALSO = {  # what the same statement breaks for the other ticket
    "two-acknowledgments": Fault("ticket-without-acknowledgment", ("PS-1002",), UNTOLD),
    "merged-in-a-circle": Fault("merged-in-a-circle", ("PS-1002",), BROKEN["merged-in-a-circle"][2]),
}


def broken(store: Store, *statements: str, **given: Any) -> list[Fault]:
    """All that is found after somebody wrote so into the database."""
    with store._writing() as connection:
        for statement in statements:
            connection.execute(text(statement), given if ":" in statement else {})
    return store.faults(LATER, ["quiet"])


@pytest.mark.parametrize("name", list(BROKEN))
def test_what_breaks_a_promise_is_named_with_its_ids(sound: Store, name: str) -> None:
    statement, ids, why = BROKEN[name]
    found = broken(sound, statement)
    wanted = [Fault(name, ids, why), *filter(None, [ALSO.get(name)])]
    assert sorted(found, key=lambda one: one.ids) == wanted


ENDLESS = 9_000_000_000_000_000
AN_HOUR_AGO = int((LATER - timedelta(hours=1)).timestamp()) * 1_000_000 + NOW.microsecond
LATE = {
    "mail-waits": "UPDATE mail SET fate = 'waiting', ready_at = :at WHERE id = 1",
    "step-overdue": "UPDATE due SET due_at = :at WHERE id = 1",
    "letter-stuck": "UPDATE letter SET state = 'waiting', ready_at = :at WHERE id = 1",
    "letter-stuck since it was written": f"UPDATE letter SET state = 'waiting', ready_at = {ENDLESS}, error = '451 no', written_at = :at WHERE id = 1",
    "letter-stuck since it might leave": f"UPDATE letter SET state = 'waiting', ready_at = {ENDLESS}, error = '451 no', written_at = 1, not_before = :at WHERE id = 1",
}
LATE_WHY = {
    "mail-waits": "could be walked since 2026-11-23 10:00 UTC",
    "step-overdue": "first_response warn was due 2026-11-23 10:00 UTC",
    "letter-stuck": "acknowledgment could leave since 2026-11-23 10:00 UTC",
}


@pytest.mark.parametrize("what", list(LATE))
def test_what_waits_longer_than_an_hour_is_told_and_an_hour_is_allowed(sound: Store, what: str) -> None:
    assert broken(sound, LATE[what], at=AN_HOUR_AGO) == []
    (found,) = broken(sound, LATE[what], at=AN_HOUR_AGO - 1)
    name = what.partition(" ")[0]
    why = LATE_WHY.get(what, "acknowledgment does not leave: 451 no")
    assert (found.name, found.why) == (name, why)


def test_what_belongs_to_no_ticket_is_told_without_one_and_with_its_error(sound: Store) -> None:
    assert sound.plan_due(replace(step("digest", "send"), mailbox="global", ticket_id=None))
    with sound.transaction() as tx:
        write(tx, [letter("day", kind="digest", audience="staff")], None)
    assert broken(
        sound,
        "UPDATE due SET due_at = 1, error = 'no road' WHERE ticket_id IS NULL",
        "DELETE FROM recipient WHERE letter_id = 3",
    ) == [
        Fault("step-overdue", ("step 3",), f"digest send was due {EPOCH}: no road"),
        Fault("letter-stuck", ("letter 3",), "digest could leave since 2026-11-23 09:30 UTC"),
        Fault("letter-empty", ("letter 3",), "waits without text or without an address"),
    ]


ORPHANS = {
    "event-without-ticket": "UPDATE event SET ticket_id = 9 WHERE id = 1",
    "letter-without-ticket": "UPDATE letter SET ticket_id = 9 WHERE id = 1",
    "mail-without-raw": "UPDATE mail SET sha256 = 'gone' WHERE id = 1",
    "mail-without-mail": "UPDATE mail SET duplicate_of = 77 WHERE id = 1",
    "recipient-without-letter": "UPDATE recipient SET letter_id = 77 WHERE letter_id = 1",
    "ticket-without-ticket": "UPDATE ticket SET linked_to = 7 WHERE id = 1001",
    "due-without-ticket": "UPDATE due SET ticket_id = 9 WHERE id = 1",
}
MISSING = {
    "event-without-ticket": (("event 1",), "ticket_id 9 is not there"),
    "letter-without-ticket": (("letter 1",), "ticket_id 9 is not there"),
    "mail-without-raw": (("mail 1",), "sha256 gone is not there"),
    "mail-without-mail": (("mail 1",), "duplicate_of 77 is not there"),
    "recipient-without-letter": (("recipient 77 anna@oakbridge.example",), "letter_id 77 is not there"),
    "ticket-without-ticket": (("ticket 1001",), "linked_to 7 is not there"),
    "due-without-ticket": (("due 1",), "ticket_id 9 is not there"),
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
    assert next(one for one in sound.faults(LATER) if one.name == name) == Fault(name, *MISSING[name])


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
    "not the one who asked": "UPDATE person SET role = 'other' WHERE ticket_id = 1001",
    "opened otherwise": "UPDATE ticket SET created_at = created_at + 1 WHERE id = 1001",
    "from a folder of sent mail": "UPDATE mail SET sent_folder = TRUE WHERE id = 1",
    "old at first contact": "UPDATE mail SET history = 'past' WHERE id = 1",
    "the same as another": "UPDATE mail SET duplicate_of = 2 WHERE id = 1",
    "left aside": "UPDATE mail SET fate = 'skipped' WHERE id = 1",
}


@pytest.mark.parametrize("why", list(RIGHTLY))
def test_who_gets_no_acknowledgment_by_right_is_no_fault(sound: Store, why: str) -> None:
    assert broken(sound, "UPDATE letter SET kind = 'closed' WHERE id = 1", RIGHTLY[why]) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mail SET ticket_id = NULL, forgotten_at = 1 WHERE id = 1",
        "UPDATE mail SET forgotten_at = 1; UPDATE raw SET packed = ''",
        "UPDATE letter SET ticket_id = 1001, kind = 'missing_information', state = 'withdrawn' WHERE id = 2; UPDATE ticket SET history = TRUE",
        "UPDATE ticket SET state = 'closed', closed_at = 1; DELETE FROM event",
        "UPDATE ticket SET state = 'closed', closed_at = 1, merged_into = 1002 WHERE id = 1001",
        "UPDATE due SET due_at = 1, ready_at = NULL, done_at = 1",
    ],
)
def test_what_is_so_by_right_is_no_fault(sound: Store, statement: str) -> None:
    assert broken(sound, *statement.split("; ")) == []


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
