"""What becomes of a letter, row by row: its own columns, the event of its ticket, and the step that asks for a new plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.store.row_changes import differences
from tests.store.samples import LEASE, NOW, letter, open_tickets, write
from triaged.store import LetterState, Store
from triaged.store.columns import to_micros

AT = NOW + timedelta(hours=1)
TICK = timedelta(microseconds=1)
ID = "<global.acknowledgment.acknowledgment.1001@support.example>"
TOLD = {
    "letter": 1, "kind": "acknowledgment", "to": ["Anna@oakbridge.example"], "cc": [], "message_id": ID,
    "refused": [], "counts_as": "acknowledgment",
}  # fmt: skip
Act = Callable[[Store], Any]


def in_hand(store: Store, **changes: Any) -> None:
    """One letter, claimed by one."""
    (ticket,) = open_tickets(store)
    with store.transaction() as tx:
        write(tx, [letter(**changes)], ticket.id)
    assert [one.id for one in store.claim_letters(9, NOW, "one", LEASE)] == [1]


def changed(
    store: Store, act: Act
) -> tuple[Any, dict[str, Any] | None, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The answer; what changed of the letter; what is told on its ticket; which steps are new."""
    answers: list[Any] = []
    told = differences(store, lambda: answers.append(act(store)))
    assert set(told) <= {"letter", "event", "due", "ticket"}, told
    events = [row for row in told.get("event", {}).values() if row]
    steps = [row for row in told.get("due", {}).values() if row]
    return (
        answers[0],
        told.get("letter", {}).get((1,)),
        [(e["at"], e["kind"], e["actor"], e["reason"], json.loads(e["data"])) for e in events],
        [(s["ticket_id"], s["kind"], s["step"], s["due_at"], s["ready_at"]) for s in steps],
    )


OVER = {"owner": None, "ready_at": None}
MICROS = to_micros(AT)


@pytest.mark.parametrize(
    ("act", "row", "event", "steps"),
    [
        (
            lambda s: s.letter_sent(1, "one", AT),
            {"state": "sent", "sent_at": MICROS},
            ("letter_sent", "daemon", "sent", TOLD),
            [],
        ),
        (
            lambda s: s.letter_sent(1, "one", AT, ["a: 550", "b: 550"], to_file=True),
            {"state": "sent", "sent_at": MICROS, "refused": '["a: 550","b: 550"]', "to_file": True},
            ("letter_sent", "daemon", "refused for 2", TOLD | {"refused": ["a: 550", "b: 550"]}),
            [],
        ),
        (
            lambda s: s.letter_failed(1, "one", "550 no", AT),
            {"state": "failed", "error": "550 no"},
            ("letter_failed", "daemon", "550 no", TOLD),
            [(1001, "plan", "undelivered@1", MICROS, MICROS)],
        ),
        (
            lambda s: s.withdraw(1, "void", AT, owner="one"),
            {"state": "withdrawn", "error": "void"},
            ("letter_withdrawn", "daemon", "void", TOLD),
            [],
        ),
        (
            lambda s: s.withdraw(1, "void", NOW + LEASE, actor="cli:mia"),
            {"state": "withdrawn", "error": "void"},
            ("letter_withdrawn", "cli:mia", "void", TOLD),
            [],
        ),
    ],
    ids=["sent", "refused for some", "failed", "withdrawn", "withdrawn by hand"],
)  # fmt: skip
def test_the_end_of_a_letter_is_told_whole(
    store: Store, act: Act, row: dict[str, Any], event: tuple[Any, ...], steps: list[Any]
) -> None:
    in_hand(store)
    answer, told, events, new = changed(store, act)
    assert answer is True and told == OVER | row and new == steps
    assert [one[1:] for one in events] == [event]
    assert events[0][0] == to_micros(NOW + LEASE if event[1] == "cli:mia" else AT)


@pytest.mark.parametrize(
    ("ended", "runs", "unanswered"), [("refused", 1, 0), ("unanswered", 0, 1), ("untried", 0, 0)]
)
def test_what_was_no_try_of_a_letter_counts_as_none(
    store: Store, ended: Any, runs: int, unanswered: int
) -> None:
    in_hand(store)
    answer, told, events, steps = changed(store, lambda s: s.letter_retry(1, "one", "451 later", AT, ended))
    assert told == {"owner": None, "ready_at": MICROS, "error": "451 later"} | (
        {} if runs else {"runs": 0} | ({"unanswered": 1} if unanswered else {})
    )
    assert (answer, events, steps) == (True, [], [])


def test_a_letter_that_left_the_second_time_has_no_error_any_more_and_asks_for_the_next_update(
    store: Store,
) -> None:
    in_hand(store, kind="progress_update")
    store.letter_retry(1, "one", "451 later", NOW)
    store.claim_letters(9, NOW, "one", LEASE)
    _, told, _, steps = changed(store, lambda s: s.letter_sent(1, "one", AT))
    assert told == OVER | {"state": "sent", "sent_at": MICROS, "error": None}
    assert steps == [(1001, "plan", "sent@1", MICROS, MICROS)]


NOTHING: list[Act] = [
    lambda s: s.letter_sent(1, "two", AT),
    lambda s: s.letter_retry(1, "two", "451", AT),
    lambda s: s.letter_failed(1, "two", "550", AT),
    lambda s: s.withdraw(1, "void", AT, owner="two"),
    lambda s: s.withdraw(1, "void", NOW + LEASE - TICK),
    lambda s: s.withdraw(2, "void", AT),
    lambda s: s.cancel([1, 2], "void", NOW + LEASE - TICK),
    lambda s: s.retry([1], NOW + LEASE - TICK),
    lambda s: s.take_back_letters("two", "global", AT),
    lambda s: s.take_back_letters("one", "eu", AT),
    lambda s: s.hand_over(["global", "eu"], "eu"),
]


@pytest.mark.parametrize("number", range(len(NOTHING)))
def test_nothing_happens_to_a_letter_in_somebodys_hand(store: Store, number: int) -> None:
    in_hand(store)
    answer, *rest = changed(store, NOTHING[number])
    assert not answer and rest == [None, [], []]


@pytest.mark.parametrize(
    ("act", "row"),
    [
        (lambda s: s.take_back_letters("one", "global", AT), {"owner": None, "ready_at": MICROS, "runs": 0}),
        (lambda s: s.retry([1, 2], AT), {"owner": None, "ready_at": MICROS, "runs": 0, "expires": None}),
        (lambda s: s.hand_over(["eu"], "eu"), {"mailbox": "eu"}),
    ],
    ids=["taken back", "by hand", "handed over"],
)  # fmt: skip
def test_a_letter_that_is_free_again_is_to_be_tried_as_before(
    store: Store, act: Act, row: dict[str, Any]
) -> None:
    in_hand(store, expires=AT)
    assert changed(store, act) == (1, row, [], [])


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.FAILED, LetterState.WITHDRAWN])
def test_of_what_is_over_only_what_did_not_leave_is_sent_again_or_withdrawn(
    store: Store, state: LetterState
) -> None:
    in_hand(store)
    end = {
        LetterState.SENT: lambda: store.letter_sent(1, "one", NOW),
        LetterState.FAILED: lambda: store.letter_failed(1, "one", "550", NOW),
        LetterState.WITHDRAWN: lambda: store.withdraw(1, "void", NOW, owner="one"),
    }
    assert end[state]()
    unsent = state is not LetterState.SENT
    assert store.next_letter_at() is None and store.hand_over([], "eu") == 0
    assert store.take_back_letters("one", "global", AT) == 0
    assert store.withdraw(1, "again", AT) is unsent
    _, row, events, _ = changed(store, lambda s: s.retry([1], AT))
    again = {"state": "waiting", "ready_at": MICROS, "error": None, "runs": 0}
    assert (row, events) == (again if unsent else None, [])
    assert store.next_letter_at() == (AT if unsent else None)


def test_letters_of_no_ticket_are_handed_to_nobody(store: Store) -> None:
    with store.transaction() as tx:
        write(tx, [letter("digest", kind="digest", audience="staff")], None)
    assert store.hand_over(["eu"], "eu") == 0
    assert [one.mailbox for one in store.letters()] == ["global"]


@pytest.mark.parametrize("unverified", [False, True])
def test_a_letter_that_is_written_stands_in_every_table_that_asks_about_it(
    store: Store, unverified: bool
) -> None:
    (ticket,) = open_tickets(store)
    one = letter(
        kind="answer",
        to=("Anna@oakbridge.example",),
        cc=("b+x@x.example",),
        expires=AT,
        not_before=NOW + TICK,
    )

    def act() -> None:
        with store.transaction() as tx:
            assert write(tx, [one], ticket.id, unverified=unverified) == (one,)

    told = differences(store, act)
    message_id = f"<global.answer.acknowledgment.{ticket.id}@support.example>"
    (row,) = told["letter"].values()
    assert row == {
        "id": 1, "ticket_id": ticket.id, "kind": "answer", "key": "acknowledgment", "audience": "partner",
        "mailbox": "global", "to": '["Anna@oakbridge.example"]', "cc": '["b+x@x.example"]', "subject": one.subject,
        "message_id": message_id, "raw": one.body.encode(), "state": "waiting", "ready_at": to_micros(NOW + TICK),
        "owner": None, "runs": 0, "error": None, "unanswered": 0, "refused": "[]", "written_at": to_micros(NOW),
        "not_before": to_micros(NOW + TICK), "expires": MICROS, "sent_at": None, "unverified": unverified,
        "forgotten_at": None, "to_file": None,
    }  # fmt: skip
    assert told["recipient"] == {
        (1, address): {"letter_id": 1, "address": address, "written_at": to_micros(NOW), "mailbox": mailbox}
        for address, mailbox in (
            ("anna@oakbridge.example", "anna@oakbridge.example"),
            ("b+x@x.example", "b@x.example"),
        )
    }
    assert list(told["known"]) == [(message_id, ticket.id)]
    (said,) = told["said"].values()
    assert said is not None
    assert (said["letter_id"], said["ticket_id"], said["text"]) == (1, ticket.id, one.body)
    assert set(told) <= {"letter", "recipient", "known", "said", "tally", "ticket"}


def test_whoever_waits_for_a_link_to_sign_in_gets_it_before_all_other_letters(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        write(
            tx,
            [letter("a", kind="answer"), letter("b", kind="answer", not_before=NOW - TICK)],
            ticket.id,
            NOW,
        )
        write(tx, [letter("c", kind="answer", not_before=AT)], ticket.id, NOW)
        write(tx, [letter("d", kind="sign_in", not_before=AT)], None, AT)
    assert [one.key for one in store.claim_letters(1, NOW, "one", 2 * (AT - NOW))] == ["d"]
    assert [one.key for one in store.claim_letters(9, NOW, "one", 2 * (AT - NOW))] == ["a", "b"]
    assert [one.key for one in store.claim_letters(9, AT - TICK, "two", LEASE)] == []
    assert [one.key for one in store.claim_letters(9, AT, "three", LEASE)][-1] == "c"
