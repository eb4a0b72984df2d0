"""A real SMTP sink, a real store, and senders between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.servers.smtp_sink import Sink
from triaged.config.config import Mailbox
from triaged.daemon.loops import take_turns
from triaged.metrics import Metrics
from triaged.outbox.sending import MailboxSender, Means
from triaged.store import Store
from triaged.tickets.ticket import Letter

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """A time that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def running(hand: MailboxSender) -> Iterator[MailboxSender]:
    """It takes its turns in a thread of its own, as in a daemon."""
    thread = threading.Thread(target=take_turns, args=(hand,), daemon=True)
    thread.start()
    try:
        yield hand
    finally:
        hand.stop.set()
        hand.ring()
        thread.join(15)
        assert not thread.is_alive()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def write(store: Store) -> Callable[..., str]:
    """Put a letter into the outbox; answers its Message-ID."""
    count = iter(range(1, 100_000))

    def put(**fields: Any) -> str:
        number = next(count)
        one = replace(
            Letter(
                "acknowledgment", f"k{number}", "partner", "global", ("anna@oakbridge.example",), "S", "B"
            ),
            **fields,
        )
        message_id = f"<{number}@support.example>"
        raw = f"Message-ID: {message_id}\r\nSubject: Letter {number}\r\n\r\n.a dot\r\nbody\r\n".encode()
        with store.transaction() as tx:
            tx.write([one], None, [message_id], [raw], NOW)
        return message_id

    return put


@pytest.fixture
def make_sender(store: Store, sink: Sink, clock: Clock, metrics: Metrics) -> Callable[..., MailboxSender]:
    def make(
        port: int | None = None, owner: str = "here", name: str = "global", **smtp: Any
    ) -> MailboxSender:
        settings = {
            "host": "127.0.0.1",
            "port": port or sink.port,
            "tls": "none",
            "timeout_seconds": 5,
        } | smtp
        mailbox = Mailbox(name=name, address="help@support.example", smtp=settings)
        return MailboxSender(mailbox, Means(store=store, owner=owner, clock=clock, metrics=metrics))

    return make
