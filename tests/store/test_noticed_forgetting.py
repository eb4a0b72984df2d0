"""Retention, row by row: what goes of each table and what is left; what is too young by a tick stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.store.row_changes import differences, rows, set_in
from tests.store.samples import NOW, event, letter, open_tickets, write
from tests.store.test_forgetting import LATER, forget_all, ticket_of
from tests.store.world import MEETING
from triaged.meetings.meeting import Access
from triaged.store import Fate, Store
from triaged.store.columns import to_micros
from triaged.store.forgetting import Before
from triaged.store.meeting_rows import CodeMade, MeetingKept
from triaged.store.page_rows import Draft
from triaged.store.rows import LetterState, SaidMail
from triaged.store.tables import letter as letters
from triaged.store.tables import mail as mails
from triaged.tickets.ticket import Attached, Happening, State

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
CAME = NOW - timedelta(hours=2) + timedelta(seconds=1)  # when the first mail was received


def only(**kinds: Any) -> Before:
    return Before(**({"raw_mail": None, "letters": None, "closed_tickets": None, "events": None} | kinds))


# -- mails


@pytest.mark.parametrize(("cutoff", "gone"), [(CAME, {}), (CAME + TICK, {"raw_mail": 1})])
def test_a_mail_loses_its_bytes_when_its_time_is_over(
    store: Store, cutoff: Any, gone: dict[str, int]
) -> None:
    ticket_of(store, 1)
    assert forget_all(store, only(raw_mail=cutoff)) == gone


def test_of_a_mail_go_its_bytes_its_words_and_what_is_shown_of_it_and_nothing_else(store: Store) -> None:
    ticket_of(store, 1)
    with store.transaction() as tx:
        tx.tell(
            SaidMail(1001, 1, "PS-1001", None, "partner", "a@x.example", "Anna", (), (), "Records", "words")
        )
    told = differences(store, lambda: store.forget_some(only(raw_mail=LATER), LATER))
    (raw,) = told.pop("raw").values()
    assert raw == {"packed": b""}
    assert list(told.pop("said").values()) == [None]
    assert told == {
        "mail": {
            (1,): {"forgotten_at": to_micros(LATER), "reading": '{"facts":{"classifier.severity":"S3"}}'}
        }
    }


@pytest.mark.parametrize(
    "values",
    [
        {"fate": Fate.QUARANTINE, "ticket_id": None},
        {"fate": Fate.WAITING, "ticket_id": None},
        {"ready_at": NOW},
        {"forgotten_at": NOW},
        {"received_at": LATER},
    ],
    ids=str,
)
def test_a_mail_that_is_still_wanted_keeps_its_bytes(store: Store, values: dict[str, Any]) -> None:
    ticket_of(store, 1)
    set_in(store, mails, 1, **values)
    assert differences(store, lambda: store.forget_some(only(raw_mail=LATER), LATER)) == {}


@pytest.mark.parametrize("state", list(State))
def test_on_a_ticket_that_is_not_closed_nothing_goes(store: Store, state: State) -> None:
    ticket_of(store, 1, state)
    gone = {"raw_mail": 1, "letters": 1, "events": 4} if state is State.CLOSED else {}
    found = forget_all(store, Before(LATER, LATER, None, LATER))
    assert found == gone | {"ledger": 1}


# -- letters


def test_of_a_letter_go_its_text_and_its_addresses_and_one_of_no_ticket_goes_whole(store: Store) -> None:
    ticket_of(store, 1)
    with store.transaction() as tx:
        write(tx, [letter("day", kind="digest", audience="staff")], None)
    set_in(store, letters, 2, state=LetterState.FAILED, ready_at=None)
    told = differences(store, lambda: store.forget_some(only(letters=LATER), LATER))
    assert set(told) == {"letter", "recipient", "said"}
    assert told["letter"] == {
        (1,): {"raw": b"", "to": "[]", "subject": "", "forgotten_at": to_micros(LATER)},
        (2,): None,
    }
    assert told["recipient"] == {(1, "anna@oakbridge.example"): None, (2, "anna@oakbridge.example"): None}
    assert list(told["said"].values()) == [None]


@pytest.mark.parametrize(
    "values",
    [
        {"state": LetterState.WAITING},
        {"ready_at": NOW},
        {"forgotten_at": NOW},
        {"written_at": LATER},
    ],
    ids=str,
)
def test_a_letter_that_is_not_over_keeps_its_text(store: Store, values: dict[str, Any]) -> None:
    ticket_of(store, 1)
    set_in(store, letters, 1, **values)
    assert differences(store, lambda: store.forget_some(only(letters=LATER), LATER)) == {}


def test_failed_addresses_of_long_ago_go_when_no_letter_is_left_to_go(store: Store) -> None:
    ticket_of(store, 1)
    with store.transaction() as tx:
        tx.mark_address("old@x.example", "550", NOW - TICK)
        tx.mark_address("new@x.example", "550", NOW)
    set_in(store, letters, 1, written_at=NOW - DAY)
    left = []
    for _ in range(2):
        store.forget_some(only(letters=NOW), LATER)
        left.append([one.address for one in store.failed_addresses()])
    assert left == [["new@x.example", "old@x.example"], ["new@x.example"]]


# -- tickets


def test_a_ticket_goes_with_what_lies_on_it_in_every_table_and_no_others(store: Store) -> None:
    first, second, _ = (ticket_of(store, number) for number in (1, 2, 3))
    with store.transaction() as tx:
        for number in (first, second):
            tx.keep_meeting(number, replace(MEETING, uid=f"uid-{number}", host=f"ben{number}@desk.example"))
            made = CodeMade(1, f"{number}" * 16, NOW + DAY)
            tx.keep_of_meeting(MeetingKept(number, 1, Access("https://meet.example/x"), made), NOW)
    for number in (first, second):
        about = f"PS-{number}"
        store.save_draft(Draft("a@x.example", about, "answer", {}, NOW, (Attached("a", "text/plain", b"x"),)))
    with store._writing() as connection:
        moved = "UPDATE ticket SET closed_at = closed_at + 1 WHERE id <> 1001"
        connection.exec_driver_sql(moved)
    before = rows(store)
    told = differences(store, lambda: store.forget_some(only(closed_tickets=NOW + TICK), LATER))
    (raw,), left = told.pop("raw").values(), told.pop("mail")
    assert raw == {"packed": b""}
    assert left == {
        (1,): {
            "ticket_id": None, "subject": "", "sender": "", "envelope_to": "[]", "why": "", "reading": None,
            "forgotten_at": to_micros(LATER),
        }
    }  # fmt: skip
    its = {
        table: dict.fromkeys(key for key, row in kept.items() if row.get("ticket_id") == first)
        for table, kept in before.items()
        if table != "mail"
    }
    drafts = dict.fromkeys([("a@x.example", f"PS-{first}", "answer")])
    files = dict.fromkeys(key for key in before["draft_file"] if key[1] == f"PS-{first}")
    beside = {"ticket": {(first,): None}, "recipient": {(1, "anna@oakbridge.example"): None}}
    assert told == {table: keys for table, keys in its.items() if keys} | beside | {
        "draft": drafts, "draft_file": files
    }  # fmt: skip
    assert len(its["event"]) == 4 and its["meeting_code"] and len(files) == 1


@pytest.mark.parametrize("what", ["mail under way", "letter under way", "merged into it", "the last one"])
def test_a_ticket_of_which_something_is_under_way_stays(store: Store, what: str) -> None:
    ticket_of(store, 1)
    if what != "the last one":
        open_tickets(store)
    if what == "mail under way":
        set_in(store, mails, 1, ready_at=NOW)
    if what == "letter under way":
        set_in(store, letters, 1, ready_at=NOW)
    if what == "merged into it":
        (other,) = open_tickets(store, state=State.CLOSED, closed_at=LATER)
        with store.transaction() as tx:
            one = tx.ticket(other.id)
            assert one is not None
            tx.save(one, replace(one, merged_into=1001))
    assert forget_all(store, only(closed_tickets=LATER)) == {}
    assert store.ticket(1001) is not None


@pytest.mark.parametrize(("cutoff", "number"), [(NOW, 0), (NOW + TICK, 4)])
def test_a_story_goes_when_its_ticket_was_closed_long_enough_ago(
    store: Store, cutoff: Any, number: int
) -> None:
    ticket_of(store, 1)
    assert forget_all(store, only(events=cutoff)).get("events", 0) == number


def test_a_story_that_goes_on_after_it_was_swept_goes_the_next_time(store: Store) -> None:
    one = ticket_of(store, 1)
    assert forget_all(store, only(events=LATER)) == {"events": 4, "ledger": 1}
    with store.transaction() as tx:
        tx.add_events(one, [event(Happening.STAFF_NOTED)])
    assert forget_all(store, only(events=LATER)) == {"events": 1}


# -- the ledger


def test_the_ledger_is_swept_up_to_the_first_mail_that_is_too_young(store: Store) -> None:
    for number in (1, 2, 3):
        ticket_of(store, number)
        set_in(store, mails, number, ticket_id=None, fate=Fate.SPAM)
    young = CAME + 2 * timedelta(seconds=1)  # when the third was received
    told = differences(store, lambda: store.forget_some(only(events=young), LATER))
    blank = {
        "subject": "",
        "sender": "",
        "envelope_to": "[]",
        "why": "",
        "reading": None,
        "forgotten_at": to_micros(LATER),
    }
    assert told["mail"] == {(1,): blank, (2,): blank}
    assert forget_all(store, only(events=young)) == {}
    assert forget_all(store, only(events=young + TICK)) == {"ledger": 1}


@pytest.mark.parametrize(
    "values",
    [{"ticket_id": 1001}, {"ready_at": NOW}, {"fate": Fate.QUARANTINE}, {"fate": Fate.WAITING}],
    ids=str,
)
def test_a_mail_that_somebody_is_to_see_keeps_its_row(store: Store, values: dict[str, Any]) -> None:
    ticket_of(store, 1, State.OPEN)
    set_in(store, mails, 1, **({"ticket_id": None, "fate": Fate.SPAM} | values))
    told = differences(store, lambda: store.forget_some(only(events=LATER), LATER))
    assert set(told) == {"setting"}
