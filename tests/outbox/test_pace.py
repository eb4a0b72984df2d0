"""Whoever makes letters waits for those that leave swiftly, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.outbox.conftest import running
from tests.servers.ports import free_port
from tests.servers.smtp_sink import HANG, Sink
from triaged.outbox import sending
from triaged.outbox.pace import let_leave
from triaged.outbox.sending import MailboxSender

Senders = Callable[..., MailboxSender]
Write = Callable[..., str]
LONG = 3600.0


def test_all_that_was_written_has_left_behind_it(make_sender: Senders, write: Write, sink: Sink) -> None:
    hand = make_sender()
    with running(hand):
        for _ in range(3):
            for _ in range(45):  # more than one claim
                write()
            hand.ring()
            let_leave([hand], swift=30, most=LONG)
            assert len(sink.taken) == hand.left
            assert not hand.busy
    assert hand.left == 135


def test_nobody_is_waited_for_who_has_nothing_to_send(make_sender: Senders) -> None:
    let_leave([], swift=LONG, most=LONG)
    let_leave([make_sender()], swift=LONG, most=LONG)


def test_a_server_that_does_not_answer_is_not_waited_for(
    make_sender: Senders, write: Write, sink: Sink
) -> None:
    sink.answers["MAIL"] = HANG
    hand = make_sender()
    with running(hand):
        write()
        hand.ring()
        let_leave([hand], swift=0.05, most=LONG)
        assert hand.busy
        assert sink.taken == []


def test_a_server_that_is_away_is_not_waited_for(
    make_sender: Senders, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_REST_SECONDS", 0.05)
    hand = make_sender(port=free_port())
    with running(hand):
        write()
        hand.ring()
        let_leave([hand], swift=0.05, most=LONG)
        assert hand.left == 0


def test_it_ends_in_time_however_many_letters_wait(make_sender: Senders, write: Write, sink: Sink) -> None:
    hand = make_sender()
    for _ in range(200):
        write()
    with running(hand):
        hand.ring()
        let_leave([hand], swift=0.02, most=0.0)
        assert hand.busy
        let_leave([hand], swift=30, most=LONG)
    assert len(sink.taken) == 200
