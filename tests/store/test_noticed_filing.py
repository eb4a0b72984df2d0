"""What mailboxes, metrics and alerts are told of letters: which are stuck and since when, which wait, which have failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.store.row_changes import set_in
from tests.store.samples import MINUTE, NOW, letter, open_tickets, write
from triaged.store import LetterState, Store
from triaged.store.filing import WAITS_FOR_HOURS
from triaged.store.service_rows import Stuck, Unfiled
from triaged.store.tables import letter as letters
from triaged.store.tables import ticket as tickets
from triaged.vocabulary import Severity

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
LIMITS = {Severity.S1: 5 * MINUTE, Severity.S2: 20 * MINUTE}


def waits(store: Store, severity: Severity | None, since: timedelta, key: str = "a", **values: Any) -> int:
    """A letter written so long ago, of a ticket of this severity or of none; its row holds the rest."""
    number = open_tickets(store, severity=severity)[0].id if severity else None
    later = {"not_before": at} if (at := values.pop("not_before", None)) else {}
    mailbox = values.pop("mailbox", "global")
    with store.transaction() as tx:
        write(tx, [letter(key, mailbox=mailbox, **later)], number, NOW - since)
    row = store.letters()[0].id
    if values:
        set_in(store, letters, row, **values)
    return row


@pytest.mark.parametrize(
    ("severity", "after"),
    [(Severity.S1, 5 * MINUTE), (Severity.S2, 20 * MINUTE), (Severity.S3, HOUR), (None, HOUR)],
)
def test_a_letter_is_stuck_when_its_severitys_time_is_over_and_not_before(
    store: Store, severity: Severity | None, after: timedelta
) -> None:
    waits(store, severity, after)
    assert store.stuck_letters(NOW, LIMITS, HOUR) == []
    told = Stuck("global", 1, NOW - after, severity.value if severity else None, None)
    assert store.stuck_letters(NOW + TICK, LIMITS, HOUR) == [told]


@pytest.mark.parametrize(
    "values",
    [
        {"error": WAITS_FOR_HOURS},
        {"ready_at": None},
        {"state": LetterState.SENT},
        {"state": LetterState.FAILED},
        {"state": LetterState.WITHDRAWN},
    ],
    ids=str,
)
def test_what_is_held_until_morning_or_is_over_is_not_stuck(store: Store, values: dict[str, Any]) -> None:
    waits(store, Severity.S1, 2 * HOUR, **values)
    assert store.stuck_letters(NOW, LIMITS, HOUR) == []


@pytest.mark.parametrize(
    ("until", "since"), [(-HOUR, 3 * HOUR), (-3 * HOUR, 3 * HOUR), (-4 * HOUR, 3 * HOUR)]
)
def test_a_letter_for_later_is_stuck_from_its_time_on(
    store: Store, until: timedelta, since: timedelta
) -> None:
    waits(store, None, since, not_before=NOW + until)
    (told,) = store.stuck_letters(NOW + TICK, LIMITS, HOUR)
    assert told.since == NOW + max(until, -since)
    assert store.stuck_letters(told.since + HOUR, LIMITS, HOUR) == []


def test_stuck_letters_are_told_by_mailbox_with_the_oldest_the_gravest_and_an_error(store: Store) -> None:
    waits(store, Severity.S3, 3 * HOUR, error="451 later")
    waits(store, Severity.S2, 2 * HOUR)
    waits(store, None, 2 * HOUR, "b", mailbox="eu")
    assert store.stuck_letters(NOW, LIMITS, HOUR) == [
        Stuck("eu", 1, NOW - 2 * HOUR, None, None),
        Stuck("global", 2, NOW - 3 * HOUR, "S2", "451 later"),
    ]


def test_letters_wait_that_are_due_or_in_hand_or_were_tried_in_vain(store: Store) -> None:
    later: dict[str, Any] = {"ready_at": NOW + TICK}
    for key, values in enumerate(
        (
            {"ready_at": NOW},
            later | {"owner": "one"},
            later | {"error": "451"},
            later | {"error": "452"},
            # and these do not
            later,
            {"ready_at": NOW, "error": WAITS_FOR_HOURS},
            {"ready_at": None},
            {"ready_at": NOW, "state": LetterState.FAILED},
        )
    ):
        waits(store, None, HOUR, f"{key}", **values)
    waits(store, None, HOUR, "x", mailbox="eu", ready_at=NOW - HOUR)
    assert store.waiting_letters(NOW) == {"global": 4, "eu": 1}
    assert store.waiting_letters(NOW + TICK) == {"global": 5, "eu": 1}


def test_letters_that_have_failed_are_counted_by_mailbox(store: Store) -> None:
    for key, (mailbox, state) in enumerate(
        (
            ("global", LetterState.FAILED),
            ("global", LetterState.FAILED),
            ("eu", LetterState.FAILED),
            ("eu", LetterState.WITHDRAWN),
            ("us", LetterState.WAITING),
        )
    ):
        waits(store, None, HOUR, f"{key}", mailbox=mailbox, state=state)
    assert store.failed_by_mailbox() == {"global": 2, "eu": 1}


def test_copies_are_owed_to_the_sent_folder_of_their_mailbox_until_they_lie_there(store: Store) -> None:
    owed: dict[str, Any] = {"state": LetterState.SENT, "sent_at": NOW, "to_file": True}
    first, second, third = (waits(store, None, HOUR, key, **owed) for key in "abc")
    waits(store, None, HOUR, "forgotten", **owed, forgotten_at=NOW)
    waits(store, None, HOUR, "not wanted", state=LetterState.SENT, sent_at=NOW)
    eu = waits(store, None, HOUR, "d", mailbox="eu", **owed)
    assert [one.id for one in store.letters_to_file("global", limit=2)] == [first, second]
    store.letters_filed([first, third])
    told = Unfiled(second, store.letters()[4].message_id, b"We have your request.", NOW)
    assert store.letters_to_file("global") == [told]
    assert [one.id for one in store.letters_to_file("eu")] == [eu]


def test_the_next_promised_time_of_each_severity_is_one_to_come(store: Store) -> None:
    times = (
        (Severity.S1, 0),
        (Severity.S1, 3),
        (Severity.S1, 2),
        (Severity.S2, 1),
        (Severity.S3, -1),
        (Severity.S4, None),
    )
    for severity, hours in times:
        number = open_tickets(store, severity=severity)[0].id
        at = None if hours is None else NOW + hours * HOUR
        set_in(store, tickets, number, promised_at=at)
    assert store.next_commitments(NOW) == {"S1": NOW + 2 * HOUR, "S2": NOW + HOUR}


def test_of_tickets_it_is_known_when_their_request_came(store: Store) -> None:
    one, two, _ = (open_tickets(store, created_at=NOW - hours * HOUR)[0].id for hours in (1, 2, 3))
    assert store.arrivals([one, two, 99]) == {one: NOW - HOUR, two: NOW - 2 * HOUR}
    assert store.arrivals([]) == {}
