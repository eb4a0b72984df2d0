"""What a sender writes down of each letter, tells in the log and counts: all of it at once, for every way it may end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from tests.outbox.conftest import NOW, Clock
from tests.said import figure, listening
from tests.servers.ports import free_port
from tests.servers.smtp_sink import DIE, Sink
from tests.store.row_changes import differences
from tests.store.samples import letter as letter_of
from tests.store.samples import open_tickets
from tests.store.samples import write as write_on
from triaged.config.config import Mailbox
from triaged.errors import Permanent
from triaged.followups.still_wanted import Leave
from triaged.metrics import Metrics
from triaged.outbox.sending import MailboxSender, Means, send_due
from triaged.outbox.smtp import Outage
from triaged.store import Store, Unavailable
from triaged.store.columns import to_micros
from triaged.store.tables import letter as letters

Senders = Callable[..., MailboxSender]
Write = Callable[..., str]
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
OUTCOMES = "sent", "retry", "failed", "withdrawn", "outage"
STAFF: dict[str, Any] = {"audience": "staff", "kind": "at_risk", "to": ("lead@zohocorp.example",)}


def after(span: timedelta) -> int:
    return to_micros(NOW + span)


def counted(metrics: Metrics) -> dict[str, float]:
    found = {one: figure(metrics.text(), "triaged_letters_total", outcome=one) for one in OUTCOMES}
    return {one: value for one, value in found.items() if value}


def told(said: Any) -> list[tuple[str, dict[str, Any]]]:
    return [one for one in said.events if one[0].startswith("letter.")]


TRIED = {"owner": None}
LATER = "451 4.3.0 later"


@pytest.mark.parametrize(
    ("chance", "minute", "twenty"),
    [(0.0, 51, 15), (0.5, 60, 20), (1.0, 69, 25)],
    ids=["least", "even", "most"],
)
@pytest.mark.parametrize("how", ["refused", "outage", "lost"])
def test_a_letter_that_did_not_leave_waits_its_time_and_a_try_is_counted_where_it_was_one(
    store: Store, sink: Sink, write: Write, make_sender: Senders, metrics: Metrics,
    how: str, chance: float, minute: float, twenty: float,
) -> None:  # fmt: skip
    write()
    sink.answers |= {
        "refused": {"RCPT": LATER},
        "outage": {"MAIL": "421 4.3.2 closing"},
        "lost": {"DATA": DIE},
    }[how]
    hand = make_sender()
    hand.chance = lambda: chance
    errors: list[Outage] = []

    def send() -> None:
        try:
            assert hand.send_once() == 0
        except Outage as error:
            errors.append(error)

    with listening() as said:
        row = differences(store, send)["letter"][(1,)]
    assert row is not None
    error = row.pop("error")
    wait = {
        "refused": minute,
        "outage": twenty,
        "lost": twenty * (0.85 + 0.3 * chance) / (0.75 + chance / 2),
    }[how]
    kept: dict[str, Any] = {"ready_at": after(wait * SECOND)}
    assert row == kept | {"refused": {"runs": 1}, "outage": {}, "lost": {"unanswered": 1}}[how]
    assert told(said) == [
        ("letter.retry", {"letter": 1, "kind": "acknowledgment", "error": error, "again_in": round(wait, 1)})
    ]
    assert error.startswith(
        {"refused": LATER, "outage": "421 4.3.2", "lost": "the server's answer is lost: "}[how]
    )
    assert [str(one) for one in errors] == ([error] if how == "outage" else [])
    assert counted(metrics) == {"retry": 1} | ({} if how == "refused" else {"outage": 1})
    value = store.notes()["smtp:global"].value
    assert value == ({"ok": True, "error": None} if how == "refused" else {"ok": False, "error": error})


@pytest.mark.parametrize(
    ("answers", "row", "log", "counts"),
    [
        (
            {},
            {"state": "sent", "sent_at": after(0 * SECOND), "runs": 1},
            ("letter.sent", {"letter": 1, "kind": "acknowledgment", "mailbox": "global"}),
            {"sent": 1},
        ),
        (
            {"RCPT": "550 5.1.1 unknown"},
            {"state": "failed", "error": "550 5.1.1 unknown", "runs": 1},
            ("letter.failed", {"letter": 1, "kind": "acknowledgment", "error": "550 5.1.1 unknown"}),
            {"failed": 1},
        ),
    ],
    ids=["sent", "failed"],
)
def test_the_end_of_a_letter_is_written_told_and_counted(
    store: Store, sink: Sink, write: Write, make_sender: Senders, metrics: Metrics,
    answers: dict[str, str], row: dict[str, Any], log: tuple[str, dict[str, Any]], counts: dict[str, float],
) -> None:  # fmt: skip
    write()
    sink.answers |= answers
    with listening() as said:
        found = differences(store, make_sender().send_once)["letter"]
    assert found == {(1,): {"ready_at": None} | row}
    assert (told(said), counted(metrics)) == ([log], counts)


@pytest.mark.parametrize(
    ("leave", "row", "log"),
    [
        (
            Leave(withdraw="nobody waits for it"),
            {"state": "withdrawn", "error": "nobody waits for it", "ready_at": None, "runs": 1},
            [("letter.withdrawn", {"letter": 1, "kind": "acknowledgment", "why": "nobody waits for it"})],
        ),
        (
            Leave(wait_until=NOW + 8 * 60 * MINUTE),
            {"error": "waits for its hours", "ready_at": after(8 * 60 * MINUTE)},
            [],
        ),
    ],
    ids=["void", "night"],
)
def test_what_may_not_leave_is_withdrawn_or_waits_and_that_is_no_try(
    store: Store, sink: Sink, write: Write, make_sender: Senders, metrics: Metrics,
    leave: Leave, row: dict[str, Any], log: list[Any],
) -> None:  # fmt: skip
    write()
    hand = make_sender()
    hand.leaving = lambda letter, now: leave
    with listening() as said:
        assert differences(store, hand.send_once)["letter"] == {(1,): row}
    assert (told(said), counted(metrics), sink.taken) == (log, {"withdrawn": 1} if log else {}, [])


@pytest.mark.parametrize(("left", "state"), [(SECOND / 10**6, "sent"), (0 * SECOND, "withdrawn")])
def test_a_letter_leaves_until_it_expires(
    store: Store, write: Write, make_sender: Senders, clock: Clock, left: timedelta, state: str
) -> None:
    write(expires=clock() + left)
    make_sender().send_once()
    (row,) = store.letters()
    assert row.state == state
    assert row.error == (None if state == "sent" else "expired before it could be sent")


def test_where_nobody_is_left_to_write_to_it_is_told_why(
    store: Store, write: Write, make_sender: Senders
) -> None:
    with store.transaction() as tx:
        tx.mark_address("anna@oakbridge.example", "bounced", NOW)
    write()
    make_sender().send_once()
    assert [row.error for row in store.letters()] == ["letters to its addresses came back before"]


# -- urgent letters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgent", "runs", "age", "wait", "counts"),
    [
        (False, 1, 0 * MINUTE, 60, 1),
        # Young: it would not have been tried again yet, so that this was none of its tries
        (True, 1, MINUTE - SECOND / 10**6, 24, 0),
        (True, 1, MINUTE, 24, 1),
        (True, 3, 21 * MINUTE - SECOND / 10**6, 24, 2),
        (True, 3, 21 * MINUTE, 24, 3),
        (False, 3, 21 * MINUTE, 900, 3),
    ],
)
def test_a_letter_somebody_waits_for_is_tried_every_half_minute(
    store: Store, sink: Sink, write: Write, make_sender: Senders, clock: Clock,
    urgent: bool, runs: int, age: timedelta, wait: float, counts: int,
) -> None:  # fmt: skip
    write()
    with store._writing() as connection:
        connection.execute(update(letters).values(runs=runs - 1))
    clock.now += age
    sink.answers["RCPT"] = LATER
    hand = make_sender()
    hand.chance, hand.urgent = lambda: 0.5, lambda letter: urgent
    row = differences(store, hand.send_once)["letter"][(1,)]
    assert row is not None
    assert (row["ready_at"], row.get("runs", runs - 1)) == (after(age + wait * SECOND), counts)


@pytest.mark.parametrize(("runs", "state"), [(11, "waiting"), (12, "failed")])
def test_a_letter_is_given_up_when_its_last_wait_is_over(
    store: Store, sink: Sink, write: Write, make_sender: Senders, runs: int, state: str
) -> None:
    write()
    with store._writing() as connection:
        connection.execute(update(letters).values(runs=runs - 1))
    sink.answers["RCPT"] = LATER
    make_sender().send_once()
    (row,) = store.letters()
    assert (row.state, row.error) == (
        state,
        LATER if state == "waiting" else f"given up after 12 tries: {LATER}",
    )


@pytest.mark.parametrize(("unanswered", "state"), [(11, "waiting"), (12, "failed")])
def test_a_letter_whose_answers_are_lost_is_given_up_when_its_last_wait_is_over(
    store: Store, sink: Sink, write: Write, make_sender: Senders, unanswered: int, state: str
) -> None:
    write()
    with store._writing() as connection:
        connection.execute(update(letters).values(unanswered=unanswered))
    sink.answers["DATA"] = DIE
    make_sender().send_once()
    (row,) = store.letters()
    assert row.state == state and row.error is not None
    assert row.error.startswith(
        "the server's answer is lost: " if state == "waiting" else "given up: 13 times the"
    )


# -- beside the letter ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "waited", "seconds"),
    [
        ("acknowledgment", 90 * SECOND, 90.0),
        ("acknowledgment", -90 * SECOND, 0.0),  # a clock was put back
        ("answer", 90 * SECOND, None),
        ("acknowledgment", None, None),
    ],
)
def test_how_long_an_acknowledgment_took_is_measured(
    store: Store, make_sender: Senders, write: Write, metrics: Metrics,
    kind: str, waited: timedelta | None, seconds: float | None,
) -> None:  # fmt: skip
    if waited is None:
        write()
    else:
        (ticket,) = open_tickets(store, created_at=NOW - waited)
        with store.transaction() as tx:
            write_on(tx, [letter_of(kind=kind)], ticket.id, NOW)
    assert make_sender().send_once() == 1
    text = metrics.text()
    assert figure(text, "triaged_acknowledgment_latency_seconds_count") == (0 if seconds is None else 1)
    assert figure(text, "triaged_acknowledgment_latency_seconds_sum") == (seconds or 0.0)


@pytest.mark.parametrize(
    ("copies", "audience", "owed"),
    [(True, "partner", True), (False, "partner", False), (True, "staff", False)],
)
def test_a_copy_for_the_sent_folder_is_owed_of_partners_letters_where_the_config_says_so(
    store: Store, make_sender: Senders, write: Write, copies: bool, audience: str, owed: bool
) -> None:
    write(audience=audience)
    heard: list[str] = []
    hand = make_sender()
    hand.smtp = hand.smtp.model_copy(update={"copy_to_sent": copies})
    hand._tell_sent = heard.append
    hand.send_once()
    assert [one.id for one in store.letters_to_file("global")] == ([1] if owed else [])
    assert heard == (["global"] if owed else [])


def test_staff_letters_that_fail_are_noted_with_the_letter_until_one_gets_through(
    store: Store, sink: Sink, make_sender: Senders, write: Write
) -> None:
    hand, notes = make_sender(), list[Any]()
    for answer, fields in (
        ("550 5.1.1 no", STAFF),
        ("550 5.1.1 no", {}),
        ("250 taken", {}),
        ("250 taken", STAFF),
    ):
        write(**fields)
        sink.answers["RCPT"] = answer
        hand.send_once()
        note = store.note_of("letters:staff")
        notes.append(note and note.value)
    failed = {"letter": 1, "kind": "at_risk", "error": "550 5.1.1 no"}
    assert notes == [failed, failed, failed, None]


def test_a_fault_of_ours_is_told_by_its_words_or_its_name_and_is_a_try(
    store: Store, write: Write, make_sender: Senders, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, told_as in (
        (ValueError("so"), "so"),
        (ValueError(), "ValueError"),
        (Permanent("never"), "never"),
    ):
        write()

        def fail(*_: Any, error: Exception = error) -> Any:
            raise error

        hand = make_sender()
        monkeypatch.setattr(hand, "_hand_over", fail)
        assert hand.send_once() == 0
        row = store.letters()[0]
        assert (row.error, row.runs) == (told_as, 1)
        assert row.state == ("failed" if told_as == "never" else "waiting")


# -- its turns -----------------------------------------------------------------------------------------


def test_a_sender_begins_with_nothing_and_counts_what_left(
    store: Store, write: Write, make_sender: Senders, sink: Sink
) -> None:
    hand, ticks = make_sender(), list[int]()
    hand.tick = lambda: ticks.append(1)
    state = (hand.left, hand.busy, hand.failures, hand.wanted(), len(hand._unwritten))
    assert state == (0, False, 0, True, 0)
    for _ in range(3):
        write()
    hand.ring()
    assert hand.busy
    hand.failures = 4
    hand.turn()
    # One tick for the turn, and one for each letter; as long as letters leave it looks again at once
    assert (hand.left, hand.busy, hand.failures, len(ticks)) == (3, True, 0, 4)
    hand.ring()
    hand.turn()
    assert (hand.left, hand.busy) == (3, True), "it was rung meanwhile: there may be more"
    hand._bell.set()
    hand.turn()
    hand.busy, bell = True, hand._bell
    bell.wait = lambda timeout=None: True  # type: ignore[method-assign]
    hand.turn()
    assert (hand.left, hand.busy, bell.is_set()) == (3, False, False)
    hand.stop.set()
    assert not hand.wanted()
    write()
    assert hand.send_once() == 0


def test_failures_in_a_row_are_counted_anew_once_something_left(make_sender: Senders) -> None:
    hand = make_sender()
    hand.stop.set()  # then it waits for nothing
    told = []
    for sent, error in ((0, Outage("away")), (0, Outage("x" * 400)), (1, ValueError()), (0, Outage("away"))):
        hand._sent = sent
        with listening() as said:
            hand.failed(error)
        told.append((hand.failures, *said.of("daemon.loop_failed")[0].values()))
    loop = "smtp global"
    assert told == [
        (1, loop, "Outage: away"),
        (2, loop, ("Outage: " + "x" * 400)[:300]),
        (1, loop, "ValueError: "),
        (2, loop, "Outage: away"),
    ]


def test_what_a_database_that_was_away_may_have_forgotten_is_written_again(make_sender: Senders) -> None:
    hand, written = make_sender(), list[int]()
    hand.stop.set()
    hand._unwritten.write(lambda: written.append(1), lasting=False)
    for error, kept in ((Outage("away"), 0), (Unavailable("the database is away"), 1)):
        hand.failed(error)
        assert len(hand._unwritten) == kept
    hand.send_once()
    assert written == [1, 1]


def test_what_all_senders_sent_is_summed_up_and_of_several_faults_the_first_is_raised(
    store: Store, sink: Sink, write: Write, make_sender: Senders
) -> None:
    hands = [make_sender(), make_sender(name="eu"), make_sender(name="us", port=free_port())]
    for mailbox in ("global", "global", "eu"):
        write(mailbox=mailbox)
    assert send_due(hands) == 3
    for mailbox in ("eu", "us"):
        write(mailbox=mailbox)
    closed: list[str] = []
    for hand in hands:
        hand.close = partial(closed.append, hand.mailbox.name)  # type: ignore[method-assign]
    with pytest.raises(Outage, match="refused"):
        send_due(hands)
    assert closed == ["global", "eu", "us"] and hands[1].left == 2


def test_a_mailbox_that_sends_nothing_has_no_sender(store: Store) -> None:
    box = Mailbox(name="eu", address="eu@support.example")
    with pytest.raises(ValueError, match="mailbox eu has no smtp"):
        MailboxSender(box, Means(store=store, owner="here", clock=Clock()))
