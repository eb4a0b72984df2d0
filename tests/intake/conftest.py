"""A real Dovecot, a real store on SQLite, and a loop between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.intake.scene import Running, mailbox, utc_now
from tests.servers.dovecot import Dovecot
from triaged.edge.backoff import Backoff
from triaged.intake.keep import Keep
from triaged.intake.mailbox import MailboxLoop, Means
from triaged.store import Store


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """A server to be ill-treated."""
    server = Dovecot().start()
    yield server
    server.stop()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mail user nobody else has."""
    return "u" + format(abs(hash(request.node.nodeid)), "x")[:12]


@pytest.fixture
def make_loop(store: Store, tmp_path: Path, user: str) -> Iterator[Callable[..., MailboxLoop]]:
    """Loops of this test's user; all stopped and closed at its end."""
    made: list[MailboxLoop] = []

    def make(server: Dovecot, **settings: Any) -> MailboxLoop:
        more = {k: settings.pop(k) for k in ("largest", "owner", "keep", "clock", "store") if k in settings}
        told = {k: settings.pop(k) for k in ("tick", "tell") if k in settings}
        clock = more.get("clock", utc_now)
        loop = MailboxLoop(
            mailbox(server, settings.pop("user", user), tmp_path / f"secret{len(made)}", **settings),
            Means(
                **{
                    "store": store,
                    "keep": Keep(more.get("store", store), clock, lambda: None),
                    "clock": clock,
                    "stop": threading.Event(),
                    "owner": "here",
                    **more,
                }
            ),
            backoff=Backoff(0.05, 0.3),
            **told,
        )
        made.append(loop)
        return loop

    yield make
    for loop in made:
        loop.stop.set()
    for loop in made:
        loop.close()


@pytest.fixture
def run(
    make_loop: Callable[..., MailboxLoop], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Running]]:
    """The same, running; they notice a stop sooner than in earnest."""
    monkeypatch.setattr("triaged.intake.imap._SLICE_SECONDS", 0.1)
    running: list[Running] = []

    def start(server: Dovecot, **settings: Any) -> Running:
        running.append(Running(make_loop(server, **settings)))
        return running[-1]

    yield start
    for one in running:
        one.stop()
