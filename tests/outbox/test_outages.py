"""An outage costs no letter and none of its tries; only an answer about a letter is one (issue 9, 2)."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.conftest import running
from tests.outbox.test_outbox import ids, states
from tests.servers.ports import free_port
from tests.servers.smtp_sink import DIE, HANG, Sink
from triaged.edge.backoff import LETTER_WAITS, UNANSWERED_WAITS
from triaged.outbox import sending
from triaged.outbox.sending import MailboxSender
from triaged.outbox.smtp import Line, Outage
from triaged.store import LetterState, Store

Senders = Callable[..., MailboxSender]
Write = Callable[..., str]
HALF_A_MINUTE = timedelta(seconds=30)


def rounds(hands: list[MailboxSender], clock: Any, count: int) -> None:
    """So many rounds of each, half a minute apart."""
    for _ in range(count):
        for hand in hands:
            try:
                hand.send_once()
            except Outage:
                continue
        clock.now += HALF_A_MINUTE


def runs(store: Store) -> list[int]:
    return [row.runs for row in reversed(store.letters())]


OUTAGES = {
    "421 at the greeting of the client": {"EHLO": "421 4.3.2 shutting down"},
    "421 to the sender": {"MAIL": "421 4.7.0 try again later"},
    "421 to a recipient": {"RCPT": "421 4.7.28 unusual rate"},
    "421 to the letter itself": {"DATA": "421 4.3.2 shutting down"},
    "busy at the sender": {"MAIL": "451 4.3.0 temporary failure"},
    "disk full": {"MAIL": "452 4.3.1 insufficient system storage"},
    "disk full, told late": {"DATA": "452 4.3.1 insufficient system storage"},
    "not accepting mail, told at the recipient": {"RCPT": "450 4.3.2 not accepting messages now"},
    "throttled": {"RCPT": "451 4.7.500 server busy, please try again later"},
    "our address refused": {"MAIL": "550 5.7.60 not permitted to send as this sender"},
    "log in first": {"MAIL": "530 5.7.0 authentication required"},
    "cut at the sender": {"MAIL": DIE},
    "cut at a recipient": {"RCPT": DIE},
    "no answer to a recipient": {"RCPT": HANG},
}


@pytest.mark.parametrize("name", OUTAGES)
def test_three_daemons_and_a_server_that_fails_cost_no_letter_and_no_try(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any, name: str
) -> None:
    written = [write() for _ in range(3)]
    sink.answers.update(OUTAGES[name])
    hands = [make_sender(owner=owner, timeout_seconds=1) for owner in ("one", "two", "three")]
    count = 1 if HANG in OUTAGES[name].values() else 4
    rounds(hands, clock, count)
    assert (states(store), runs(store)) == (["waiting"] * 3, [0] * 3)
    sink.answers.clear()
    assert hands[0].send_once() == 3
    assert sorted(ids(sink)) == sorted(written)
    assert (states(store), runs(store)) == (["sent"] * 3, [1] * 3)


def test_a_password_that_is_refused_costs_no_letter_and_no_try(
    make_sender: Senders, write: Write, store: Store, clock: Any, tmp_path: Path
) -> None:
    server = Sink(user="support", password="right").start()
    (tmp_path / "secret").write_text("wrong")
    write()
    try:
        hand = make_sender(port=server.port, user="support", password_file=tmp_path / "secret")
        rounds([hand], clock, 13)
        assert (states(store), runs(store)) == (["waiting"], [0])
        (tmp_path / "secret").write_text("right")
        assert hand.send_once() == 1
    finally:
        server.stop()


def test_each_outage_is_told_and_each_end_of_one(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    hand, told = make_sender(), []
    for answer in ({}, {"MAIL": "451 4.3.0 busy"}, {}, {"MAIL": "452 4.3.1 disk full"}, {}):
        sink.answers.clear()
        sink.answers.update(answer)
        write()
        rounds([hand], clock, 4)
        note = store.note_of(f"smtp:{hand.mailbox.name}")
        assert note is not None
        told.append((note.value["ok"], str(note.value["error"])))
    assert [ok for ok, _ in told] == [True, False, True, False, True]
    assert "451 4.3.0 busy" in told[1][1] and "452 4.3.1 disk full" in told[3][1]
    assert {error for ok, error in told if ok} == {"None"}


def test_a_letter_in_the_batch_of_a_refused_one_loses_no_try(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    write(to=("busy@oakbridge.example",))
    for _ in range(3):
        write()
    sink.answers |= {"busy@oakbridge.example": "450 4.2.1 busy", "anna@oakbridge.example": DIE}
    with pytest.raises(Outage):
        make_sender().send_once()
    assert runs(store) == [1, 0, 0, 0]


def test_whoever_dies_with_a_letter_in_hand_has_not_tried_it(
    write: Write, store: Store, make_sender: Senders, sink: Sink, clock: Any
) -> None:
    write()
    sink.answers["RCPT"] = "451 4.2.0 busy"
    assert make_sender().send_once() == 0
    clock.now += timedelta(minutes=2)
    for number in range(20):
        # And it is never heard of again
        assert store.claim_letters(1, clock(), f"daemon {number}", sending.LEASE)
        clock.now += sending.LEASE
    assert make_sender().send_once() == 0
    assert (states(store), runs(store)) == (["waiting"], [2])


def test_a_letter_kept_from_its_hours_is_not_tried(write: Write, store: Store, make_sender: Senders) -> None:
    from triaged.followups.still_wanted import Leave

    write()
    hand = make_sender()
    for hours in range(1, 4):
        hand.clock.now += timedelta(hours=1)  # type: ignore[attr-defined]
        hand.leaving = lambda _letter, now: Leave(wait_until=now + timedelta(hours=1))
        assert (hand.send_once(), runs(store)) == (0, [0]), hours


def test_a_server_that_takes_ten_mails_a_connection_gets_all_of_them_in_one_round(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    sink.letters_a_connection = 10
    written = [write() for _ in range(45)]
    assert make_sender().send_once() == 45
    assert Counter(ids(sink)) == Counter(written)
    assert runs(store) == [1] * 45


@pytest.mark.parametrize("fate", [DIE, HANG])
def test_a_letter_whose_answer_is_lost_costs_no_try_and_is_repeated_ever_more_slowly(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any, fate: str
) -> None:
    first, start = write(), clock()
    sink.answers["DATA"] = fate
    hand, waits = make_sender(timeout_seconds=1), []
    for _ in range(4 if fate == HANG else 9):
        assert hand.send_once() == 0
        due = store.next_letter_at("global")
        assert due is not None
        waits.append(due - clock())
        clock.now = due
    assert waits[0] <= HALF_A_MINUTE
    assert waits[:7] == sorted(waits[:7])
    assert (states(store), runs(store)) == (["waiting"], [0])
    assert store.notes()["smtp:global"].value["ok"] is False
    sink.answers.clear()
    assert hand.send_once() == 1
    assert set(ids(sink)) == {first}
    assert clock() - start < timedelta(days=2)


def test_a_letter_whose_answer_is_lost_for_two_days_is_told_as_failed(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    write()
    sink.answers["DATA"] = DIE
    hand, start = make_sender(), clock()
    while states(store) == ["waiting"]:
        hand.send_once()
        clock.now = store.next_letter_at("global") or clock()
    assert clock() - start > timedelta(days=1.6)
    assert len(sink.taken) == len(UNANSWERED_WAITS) + 1  # copies under one Message-ID, no more
    assert store.letters()[0].state == LetterState.FAILED


def test_an_outage_in_between_leaves_a_letter_all_its_tries(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    write()
    hand = make_sender()
    for told in range(1, len(LETTER_WAITS) + 1):
        sink.answers = {"DATA": DIE} if told % 3 == 0 else {"RCPT": DIE}
        rounds([hand], clock, 1)
        clock.now += timedelta(hours=10)
        sink.answers = {"RCPT": "451 4.2.0 busy"}
        assert hand.send_once() == 0
        assert (states(store), runs(store)) == (["waiting"], [told])
        clock.now += timedelta(hours=10)
    sink.answers = {}
    assert hand.send_once() == 1


def test_a_line_that_ended_is_never_used_again(sink: Sink, make_sender: Senders) -> None:
    line = Line(make_sender(timeout_seconds=1).smtp)
    for fault in ({"MAIL": "421 4.3.2 closing"}, {"DATA": DIE}, {"RCPT": DIE}, {"RCPT": HANG}):
        sink.answers = dict(fault)
        assert not line.worn
        with pytest.raises(Exception, match=r"421|lost|closed|timed out"):
            line.send("help@support.example", ["anna@x.example"], [], b"A: 1\r\n\r\n", patient=True)
        assert line.worn
        sink.answers = {}
        before = time.monotonic()
        line.close()
        assert time.monotonic() - before < 0.5  # nobody is said goodbye to who does not listen
        line = Line(make_sender(timeout_seconds=1).smtp)
    line.close()


def test_letters_behind_one_whose_answer_is_lost_leave_on_another_line(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    first, other = write(to=("lost@oakbridge.example",)), write()
    line_send = Line.send

    def send(line: Line, envelope_from: str, to: Any, *rest: Any, **more: Any) -> Any:
        sink.answers = {"DATA": DIE} if "lost@oakbridge.example" in to else {}
        return line_send(line, envelope_from, to, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Line, "send", send)
        assert make_sender().send_once() == 1
    assert ids(sink) == [first, other]
    assert len({taken.connection for taken in sink.taken}) == 2
    assert states(store) == ["waiting", "sent"]


def test_a_server_that_loses_every_answer_is_an_outage_after_two(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    for _ in range(5):
        write()
    sink.answers["DATA"] = DIE
    with pytest.raises(Outage):
        make_sender().send_once()
    assert len(sink.taken) == 2
    assert states(store) == ["waiting"] * 5


def test_a_letter_cut_off_before_its_end_cannot_have_been_taken_and_waits_seconds(
    make_sender: Senders, store: Store, write: Write, clock: Any
) -> None:
    write()
    port = free_port()
    with _cutting_inside_the_letter(port), pytest.raises(Outage):
        make_sender(port=port, timeout_seconds=5).send_once()
    due = store.next_letter_at("global")
    assert due is not None and due - clock() <= HALF_A_MINUTE
    assert runs(store) == [0]


@contextmanager
def _cutting_inside_the_letter(port: int) -> Iterator[None]:
    """A server that refuses DATA by cutting the line."""
    listening = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        near, _ = listening.accept()
        with near, near.makefile("rwb", buffering=0) as talk:
            talk.write(b"220 cutting.example\r\n")
            for line in talk:
                if line.upper().startswith(b"DATA"):
                    return
                talk.write(b"250 fine\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listening.close()
        thread.join(10)


def test_a_letter_that_brings_out_a_fault_of_ours_stops_no_other(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    write(to=("odd\ud800@oakbridge.example",))
    write()
    assert make_sender().send_once() == 1
    assert "sent" in states(store)


# -- how long it takes until letters leave again ---------------------------------------------------------


def until(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_however_long_an_outage_lasts_the_next_try_is_half_a_minute_away_at_most() -> None:
    assert max(sending.BACKOFF.seconds(failures, 0.999) for failures in range(1, 200)) <= 30


def test_a_round_that_sent_something_begins_the_waits_anew(
    make_sender: Senders, write: Write, store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes one letter a connection, and one connection in a while."""
    hand = make_sender()
    hand.backoff = sending.Backoff(0.01, 100)
    letters = [write() for _ in range(12)]
    sink.letters_a_connection = 1
    fresh, turn = sending.Lines.fresh, iter(range(10_000))

    def grudging(lines: Any) -> Line:
        if lines._line is not None and lines._line.worn and next(turn) % 2 == 0:
            lines._line.close()
            lines._line = None
            raise Outage("421 one connection at a time")
        return fresh(lines)

    monkeypatch.setattr(sending.Lines, "fresh", grudging)
    monkeypatch.setattr(sending, "ASIDE", timedelta(0))
    with running(hand):
        assert until(lambda: states(store) == ["sent"] * 12, 15)
    assert Counter(ids(sink)) == Counter(letters)


def test_a_new_letter_ends_the_wait_for_a_server(
    make_sender: Senders, write: Write, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_REST_SECONDS", 0.2)
    port = free_port()
    write()
    hand = make_sender(port=port)
    hand.backoff = sending.Backoff(3600, 3600)
    with running(hand):
        assert until(lambda: hand.failures == 1, 10)
        server = Sink().start(port)
        try:
            write()
            hand.ring()
            assert until(lambda: states(store) == ["sent"] * 2, 10)
        finally:
            server.stop()
