"""Mails a server owes us outlive every restart, and go when they are kept or gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.store.samples import MINUTE, NOW
from triaged.store import Store
from triaged.store.rows import OwedMail

ONE = OwedMail("global", "INBOX", 77, 5, None, None, 1, NOW, NOW + MINUTE, "NO")


def test_a_mail_owed_again_keeps_since_when_and_whether_it_was_told(store: Store) -> None:
    store.owe([ONE, replace(ONE, uid=6)])
    with store.transaction() as tx:
        tx.told_of_owed([ONE], NOW)
    later = replace(ONE, failures=2, retry_at=NOW + 2 * MINUTE, error="NIL", since=NOW + MINUTE, size=99)
    store.owe([later])
    first, second = store.owed("global")
    assert first == replace(later, since=NOW, told_at=NOW)
    assert second.told_at is None
    assert store.owed("other") == []


def test_what_is_kept_or_gone_or_of_a_former_folder_is_owed_no_more(store: Store) -> None:
    others = [replace(ONE, uidvalidity=78), replace(ONE, folder="Sent"), replace(ONE, mailbox="eu")]
    store.owe([ONE, replace(ONE, uid=6), *others])
    store.owed_no_more("global", "INBOX", 77, {5})
    assert [(one.mailbox, one.folder, one.uidvalidity, one.uid) for one in store.owed("global")] == [
        ("global", "INBOX", 77, 6),
        ("global", "INBOX", 78, 5),
        ("global", "Sent", 77, 5),
    ]
    store.owed_only_in("global", "INBOX", 78)
    store.owed_only_of("global", ["INBOX"])
    assert store.owed() == [replace(ONE, mailbox="eu"), replace(ONE, uidvalidity=78)]


def test_times_and_places_are_given_back_as_they_were(store: Store) -> None:
    far = replace(ONE, folder="Büro/Störung", received_at=NOW - timedelta(days=400), size=2**33)
    store.owe([far])
    assert store.owed() == [far]
