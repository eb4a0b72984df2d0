"""Kept once, durable, in one transaction with the cursor; history is skipped; moves are repaired."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError

from tests.store.samples import LEASE, NOW, arrival, raw_mail
from triaged.store import Cursor, Fate, Store, connected
from triaged.store.kept import pack
from triaged.store.tables import mail as mails
from triaged.store.tables import raw as raws


def test_what_is_kept_comes_back_byte_for_byte(store: Store) -> None:
    raw = b"Subject: \xff\x00\xfe\r\n\r\n" + bytes(range(256)) * 50
    kept = store.keep([arrival(1, raw=raw)], now=NOW)[0]
    assert (kept.new, kept.uid, kept.sha256) == (True, 1, hashlib.sha256(raw).hexdigest())
    found = store.mail(kept.id)
    assert found is not None and found.raw == raw and found.size == len(raw)
    assert store.claim_mail(1, NOW, "one", LEASE)[0].raw == raw


def test_everything_about_an_arrival_is_kept(store: Store) -> None:
    given = arrival(
        5,
        door="lmtp",
        folder=None,
        uidvalidity=None,
        uid=None,
        envelope_from="",
        envelope_to=("a@x.example", "b@x.example"),
        behind_mta=False,
        truncated=True,
        history="quiet",
    )
    store.keep([given], now=NOW)
    mail = store.claim_mail(1, NOW, "one", LEASE)[0]
    assert (mail.door, mail.folder, mail.envelope_from, mail.envelope_to) == (
        "lmtp",
        None,
        "",
        given.envelope_to,
    )
    assert (mail.behind_mta, mail.truncated, mail.history, mail.sent_folder) == (False, True, "quiet", False)
    assert (mail.received_at, mail.kept_at, mail.runs, mail.ticket_id) == (given.received_at, NOW, 1, None)


def test_keeping_a_uid_again_changes_nothing_and_answers_the_first_row(store: Store) -> None:
    first = store.keep([arrival(1), arrival(2)], now=NOW)
    again = store.keep([arrival(2, raw=b"other bytes"), arrival(3), arrival(1)], now=NOW)
    assert [one.new for one in again] == [False, True, False]
    assert [again[0].id, again[2].id] == [first[1].id, first[0].id]
    assert again[0].sha256 == first[1].sha256
    assert store.waiting_mail() == 3


def test_the_same_uid_of_another_folder_mailbox_or_uidvalidity_is_another_mail(store: Store) -> None:
    kept = store.keep(
        [arrival(1), arrival(1, folder="Sent"), arrival(1, mailbox="eu"), arrival(1, uidvalidity=78)], now=NOW
    )
    assert len({one.id for one in kept}) == 4 and all(one.new for one in kept)


def test_mail_without_a_uid_is_always_new(store: Store) -> None:
    by_smtp = arrival(1, door="smtp", folder=None, uidvalidity=None, uid=None)
    kept = store.keep([by_smtp, by_smtp], now=NOW)
    assert kept[0].id != kept[1].id and kept[0].sha256 == kept[1].sha256


def test_history_to_be_skipped_is_done_at_once(store: Store) -> None:
    kept = store.keep([arrival(1, history="skip"), arrival(2, history="quiet")], now=NOW)
    assert [mail.id for mail in store.claim_mail(10, NOW, "one", LEASE)] == [kept[1].id]
    assert [mail.id for mail in store.mails(fate=Fate.SKIPPED)] == [kept[0].id]


def test_the_cursor_moves_with_the_mail_or_not_at_all(store: Store) -> None:
    assert store.cursor("global", "INBOX") is None
    store.keep([arrival(1)], cursor=Cursor("global", "INBOX", 77, 1), now=NOW)
    assert store.cursor("global", "INBOX") == Cursor("global", "INBOX", 77, 1)
    no_uid: Any = None
    with pytest.raises(IntegrityError):
        store.keep([arrival(2)], cursor=Cursor("global", "INBOX", 77, no_uid), now=NOW)
    assert store.cursor("global", "INBOX") == Cursor("global", "INBOX", 77, 1)
    assert store.waiting_mail() == 1


def test_the_cursor_never_moves_back_but_starts_anew_with_the_uidvalidity(store: Store) -> None:
    for uidvalidity, last_uid, expected in [(77, 50, 50), (77, 20, 50), (78, 3, 3)]:
        store.move_cursor("global", "INBOX", uidvalidity, last_uid, NOW)
        assert store.cursor("global", "INBOX") == Cursor("global", "INBOX", uidvalidity, expected)
    assert store.cursor("global", "Sent") is None


def test_what_a_crash_left_unmoved_is_known_until_it_is_moved(store: Store) -> None:
    store.keep(
        [arrival(n) for n in (1, 2, 3)]
        + [arrival(4, moved=True), arrival(9, folder="Sent", sent_folder=True)],
        now=NOW,
    )
    assert store.unmoved("global", "INBOX", 77) == [1, 2, 3]
    store.moved("global", "INBOX", 77, [1, 3])
    assert store.unmoved("global", "INBOX", 77) == [2]
    assert store.unmoved("global", "INBOX", 78) == [] == store.unmoved("global", "Sent", 77)
    assert [mail.moved for mail in store.mails(mailbox="global")] == [True, True, True, False, True]


def test_a_clock_of_the_mail_server_that_is_ahead_holds_nothing_up(store: Store) -> None:
    store.keep([arrival(1, received_at=NOW + timedelta(hours=3))], now=NOW)
    assert len(store.claim_mail(1, NOW, "one", LEASE)) == 1


def test_keeping_nothing_is_nothing(store: Store) -> None:
    assert store.keep([], now=NOW) == []


def test_a_kept_mail_is_there_for_another_process_at_once(store: Store, url: str) -> None:
    store.keep([arrival(1)], now=NOW)
    other = Store.open(url)
    assert other.waiting_mail() == 1
    other.close()


def test_sqlite_is_set_so_that_a_commit_survives_a_power_cut(empty_database: Path) -> None:
    store = Store.open(f"sqlite:///{empty_database}")
    with store._writing() as connection:
        ask = connection.exec_driver_sql
        assert ask("PRAGMA journal_mode").scalar() == "wal"
        assert ask("PRAGMA synchronous").scalar() == 2
        assert ask("PRAGMA foreign_keys").scalar() == 1
    store.close()


def test_a_claim_waits_for_no_disk_and_what_is_written_behind_it_does(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keeping waits once, the batch waits once; between them a claim that a power cut took back is made again."""
    store.keep([arrival(1)], now=NOW)
    asked: list[str] = []
    event.listen(store._engines.writer, "before_cursor_execute", lambda *told: asked.append(told[2]))
    whole = connected.set_synchronous
    monkeypatch.setattr(connected, "set_synchronous", lambda at, how: asked.append(how) or whole(at, how))
    assert len(store.claim_mail(1, NOW, "one", LEASE)) == 1
    waits_not = {"sqlite": ["NORMAL", "FULL"], "postgresql": ["SET LOCAL synchronous_commit = off"]}
    assert [one for one in asked if one in ("NORMAL", "FULL") or "synchronous" in one] == waits_not[
        store.dialect
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"A: 1\r\n\r\nbody\r\n", b"Received: x\r\nA: 1\r\n\r\nbody\r\n", True),
        (b"A: 1\r\n\r\nbody\r\n", b"A: 1\n\nbody\n\n", True),
        (b"A: 1\r\n\r\nbody\r\n", b"A: 1\r\n\r\nBody\r\n", False),
        (b"no body at all", b"no body at all", True),
        (b"no body at all", b"nor here", False),
    ],
)
def test_a_body_is_the_same_by_every_door(one: bytes, other: bytes, same: bool) -> None:
    from triaged.store.kept import body_sha256

    assert (body_sha256(one) == body_sha256(other)) is same


def test_samples_differ() -> None:
    assert raw_mail(1) != raw_mail(2)


def test_of_a_mail_larger_than_is_read_the_claim_takes_its_beginning(store: Store) -> None:
    """Whether it packs well or not."""
    noise = random.Random(7).randbytes(300_000)
    for number, raw in enumerate((noise, b"x" * 300_000, b"small"), 1):
        store.keep([arrival(number, raw=raw)], None, NOW)
    claimed = store.claim_mail(9, NOW, "one", LEASE, most=100_000)
    assert [mail.raw for mail in claimed] == [noise[:100_000], b"x" * 100_000, b"small"]
    assert [mail.size for mail in claimed] == [300_000, 300_000, 5]
    whole = [store.mail(mail.id) for mail in claimed]
    assert [mail.raw for mail in whole if mail] == [noise, b"x" * 300_000, b"small"]


def test_what_a_folder_that_was_made_anew_had_still_to_move_is_forgotten(store: Store) -> None:
    store.keep([arrival(1), arrival(2, folder="Other"), arrival(3, uidvalidity=78)], None, NOW)
    store.forget_moves("global", "INBOX", 78)
    assert store.unmoved("global", "INBOX", 77) == []
    assert (store.unmoved("global", "Other", 77), store.unmoved("global", "INBOX", 78)) == ([2], [3])


def test_what_was_skipped_as_history_is_done_with_and_all_else_waits(store: Store) -> None:
    store.keep([arrival(n, history=how) for n, how in ((1, "skip"), (2, "quiet"), (3, "none"))], now=NOW)
    store.keep([arrival(4, received_at=NOW + timedelta(hours=1))], now=NOW)
    skipped, *others = (store.mail(number) for number in (1, 2, 3, 4))
    assert skipped and (skipped.fate, skipped.why, skipped.finished_at) == (
        Fate.SKIPPED,
        "came as history",
        NOW,
    )
    assert [(one.fate, one.why, one.finished_at) for one in others if one] == [(Fate.WAITING, "", None)] * 3
    with store._reading() as connection:
        ready = {row.id: row.ready_at for row in connection.execute(select(mails.c.id, mails.c.ready_at))}
    # A server's fast clock holds nothing up
    assert ready == {1: None, 2: arrival(2).received_at, 3: arrival(3).received_at, 4: NOW}


def test_bytes_that_were_forgotten_come_back_with_the_same_mail(store: Store) -> None:
    store.keep([arrival(1)], now=NOW)
    with store._writing() as connection:
        connection.execute(update(raws).values(packed=b""))
    found = store.mail(1)
    assert found is not None and found.raw == b""
    (again,) = store.keep([arrival(2, raw=raw_mail(1))], now=NOW)
    assert [one.raw for number in (1, again.id) if (one := store.mail(number))] == [raw_mail(1)] * 2
    with store._writing() as connection:
        connection.execute(update(raws).values(packed=pack(b"other")))
    store.keep([arrival(3, raw=raw_mail(1))], now=NOW)
    assert store.claim_mail(1, NOW, "one", LEASE)[0].raw == b"other", "what is kept is never written anew"
