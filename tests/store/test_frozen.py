"""A client of PostgreSQL that is frozen keeps its locks for seconds, not until it thaws (issue 9, 4)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.servers.postgres import Postgres
from tests.store.samples import NOW, new_ticket
from triaged.store import Store, advisory, engine, upgrade

ROOT = Path(__file__).parents[2]
LATER = 3.0  # seconds: the guard of these tests

HOLDER = """
import sys, time
from tests.store.samples import NOW, event, letter, new_ticket, write
from triaged.store import Store, engine
from triaged.store.rows import Unavailable

engine._SESSION["idle_in_transaction_session_timeout"] = int(sys.argv[3])
if sys.argv[4] == "unarmed":
    engine._rearm = lambda *_: None
store = Store.open(sys.argv[1])
try:
    with store.transaction() as tx:
        if sys.argv[2] != "nothing":
            ticket = tx.open_ticket(new_ticket(subject="stale"))
            write(tx, [letter(str(n)) for n in range(3)], ticket.id)
            tx.finish()  # by executemany
        print("holds", flush=True)
        sys.stdin.readline()
    print("recorded", flush=True)
except Unavailable as error:
    print("unavailable", flush=True)
"""


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    made = postgres.fresh(upgrade)
    yield made
    postgres.drop(made)


def frozen(url: str, wrote: str, idle: float, armed: str = "armed") -> subprocess.Popen[str]:
    """A process stopped inside its recording."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url, wrote, str(int(idle * 1000)), armed],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holds\n"
    process.send_signal(signal.SIGSTOP)
    return process


def thawed(process: subprocess.Popen[str]) -> str:
    """What it says once it goes on."""
    process.send_signal(signal.SIGCONT)
    told, _ = process.communicate("\n", timeout=30)
    return told.strip()


@pytest.mark.parametrize("wrote", ["nothing", "letters"])
def test_the_server_ends_whoever_is_frozen_inside_recording_and_he_records_nothing(
    url: str, wrote: str
) -> None:
    holder = frozen(url, wrote, LATER)
    store = Store.open(url)
    try:
        began = time.monotonic()
        with store.transaction() as tx:
            waited = time.monotonic() - began
            tx.open_ticket(new_ticket(subject="fresh"))
        assert waited < LATER + 5
        assert thawed(holder) == "unavailable"
        assert [ticket.subject for ticket in store.tickets()] == ["fresh"]
        assert store.letters() == []
    finally:
        holder.kill()
        store.close()


@pytest.mark.parametrize("armed", ["armed", "unarmed"])
def test_where_the_server_does_not_whoever_waits_for_the_lock_ends_a_frozen_holder(
    url: str, monkeypatch: pytest.MonkeyPatch, armed: str
) -> None:
    monkeypatch.setattr(advisory, "IDLE_SECONDS", LATER - 5)
    monkeypatch.setattr(advisory, "_LOOK_AGAIN_MILLISECONDS", 1000)
    holder = frozen(url, "letters", 3600 if armed == "armed" else 1, armed)
    store = Store.open(url)
    try:
        began = time.monotonic()
        with store.transaction() as tx:
            waited = time.monotonic() - began
            tx.open_ticket(new_ticket(subject="fresh"))
        assert waited < LATER + 10
        assert thawed(holder) == "unavailable"
        assert [ticket.subject for ticket in store.tickets()] == ["fresh"]
    finally:
        holder.kill()
        store.close()


def test_who_waits_ends_nobody_who_works(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisory, "_LOOK_AGAIN_MILLISECONDS", 200)
    holder = frozen(url, "nothing", 3600)
    store = Store.open(url)
    try:
        monkeypatch.setattr(advisory, "PATIENCE", 1.0)
        with pytest.raises(Exception, match="lock timeout"), store.transaction():
            pass
        assert thawed(holder) == "recorded"
        with store.transaction():
            pass
    finally:
        holder.kill()
        store.close()


def test_the_guards_are_in_force_on_every_connection(url: str) -> None:
    store = Store.open(url)
    with store._reading() as connection:
        told = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
    store.close()
    assert told == f"{engine.IDLE_SECONDS}s" and 15 <= engine.IDLE_SECONDS <= 30
    assert {name for name in engine._SESSION if name.startswith("tcp_")} == {
        "tcp_keepalives_idle",
        "tcp_keepalives_interval",
        "tcp_keepalives_count",
        "tcp_user_timeout",
    }
    assert NOW.tzinfo is not None
