"""An orderly stop ends in time, however many servers answer nothing and whatever the readers are at."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.town import ANNA, Town, mail
from tests.intake.scene import eventually
from tests.servers.ports import free_port
from triaged.daemon import ending
from triaged.edge import cords
from triaged.readers.pool import Readers

UNIT = Path(__file__).parents[2] / "systemd" / "triaged.service"
HALF = int(re.findall(r"(?m)^TimeoutStopSec=(\d+)$", UNIT.read_text("utf-8"))[0]) / 2


class BlackHole:
    """Takes connections, says what it is told to at first, and then nothing more."""

    def __init__(self, greeting: bytes = b"", backlog_full: bool = False) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=0 if backlog_full else 50)
        self.port = self.listening.getsockname()[1]
        self.greeting, self.held = greeting, list[socket.socket]()
        if backlog_full:  # nobody accepts, and the queue is full: connecting itself gets no answer
            for _ in range(4):
                sock = socket.socket()
                sock.setblocking(False)
                sock.connect_ex(("127.0.0.1", self.port))
                self.held.append(sock)
        else:
            threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                sock, _ = self.listening.accept()
            except OSError:
                return
            self.held.append(sock)
            sock.sendall(self.greeting)

    def close(self) -> None:
        self.listening.close()
        for sock in self.held:
            sock.close()


@contextmanager
def holes(*greetings: bytes | None) -> Iterator[list[BlackHole]]:
    """One for each: None, to which one cannot even connect."""
    made = [BlackHole(g or b"", backlog_full=g is None) for g in greetings]
    try:
        yield made
    finally:
        for hole in made:
            hole.close()


def mailbox(number: int, imap: dict[str, Any], smtp: dict[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"name": f"m{number}", "address": f"m{number}@zohocorp.com"}
    made["imap"] = {"host": "127.0.0.1", "user": "u", "password_file": "secret", **imap}
    if smtp:
        made["smtp"] = {"host": "127.0.0.1", **smtp}
    return made


LONG = {"timeout_seconds": 600}


def test_five_mailboxes_that_hang_do_not_hold_up_the_stop(town: Town) -> None:
    """At connecting, before the greeting, in TLS, after the greeting, and at sending."""
    with holes(None, b"", b"", b"* OK ready\r\n", b"* OK ready\r\n", b"220 ready\r\n") as made:
        cannot, silent, no_tls, greeted, slow, sends = (hole.port for hole in made)
        town.config["mailboxes"] += [
            mailbox(1, {"port": cannot, "tls": "none", **LONG}),
            mailbox(2, {"port": silent, "tls": "none", **LONG}),
            mailbox(3, {"port": no_tls, "tls": "implicit", **LONG}),
            mailbox(4, {"port": greeted, "tls": "none", **LONG}),
            mailbox(5, {"port": slow, "tls": "starttls", **LONG}, {"port": sends, "tls": "none", **LONG}),
        ]
        town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export fails."))
        daemon = town.build()
        daemon.start()
        town.letter_to(ANNA)
        eventually(lambda: all(hole.held for hole in made[1:5]))
        with daemon.house.store._writing() as connection:  # a letter for the mailbox whose server is silent
            connection.exec_driver_sql(
                "UPDATE letter SET mailbox = 'm5', state = 'waiting', ready_at = 0, sent_at = NULL, owner = NULL"
            )
        daemon.ring_senders()
        eventually(lambda: made[5].held)
        began = time.monotonic()
        left = daemon.stop("the test is over")
        took = time.monotonic() - began
    print(f"stopped in {took:.1f} s with five mailboxes hanging")
    assert left == [] and took < ending.CUT < HALF
    assert not [t.name for t in daemon.threads if t.is_alive()]
    assert town.store.leases() == {}


def test_a_stop_in_ordinary_times_takes_no_grace(town: Town) -> None:
    with town.daemon() as daemon:
        town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export fails."))
        town.letter_to(ANNA)
        began = time.monotonic()
        assert daemon.stop("at once") == []
        assert time.monotonic() - began < ending.GRACE / 2


def test_busy_readers_are_stopped_and_their_mail_waits_unblamed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triaged.daemon.daemon.Readers", Readers)
    monkeypatch.setattr(ending, "GRACE", 1.0)
    town.config["limits"] = {"seconds_per_mail": 600}
    daemon = town.build()
    daemon.start()
    for worker in daemon.house.readers._crew._workers:  # type: ignore[union-attr]
        os.kill(worker._process.pid, signal.SIGSTOP)  # at a mail that never ends
    town.arrives(mail(ANNA, "Hard", "x"), mail(ANNA, "Behind it", "x"))
    eventually(lambda: len(town.mails()) == 2)
    time.sleep(1)
    began = time.monotonic()
    left = daemon.stop("the test is over")
    assert left == [] and time.monotonic() - began < ending.CUT
    assert {m.fate for m in town.mails()} == {"waiting"}
    assert town.store.waiting_mail() == len(town.mails()), "nobody holds them any more"


def started(town: Town) -> subprocess.Popen[bytes]:
    """A daemon of its own, as systemd runs it."""
    town.written()
    command = [sys.executable, "-m", "triaged", "--config", str(town.path), "run"]
    return subprocess.Popen(command, stderr=(town.folder / "log").open("wb"), cwd=town.folder)


def log_of(town: Town) -> str:
    return (town.folder / "log").read_text("utf-8")


def test_the_process_itself_ends_in_time_with_everything_hanging(town: Town) -> None:
    """Five mailboxes in a black hole, and a database that somebody has locked."""
    if not town.database.startswith("sqlite"):
        pytest.skip("a file that somebody locks")
    with holes(b"", b"", b"", b"", b"") as made:
        town.config["mailboxes"] += [
            mailbox(n, {"port": hole.port, "tls": "none", **LONG}) for n, hole in enumerate(made)
        ]
        running = started(town)
        eventually(lambda: "daemon.ready" in log_of(town), 60)
        eventually(lambda: all(hole.held for hole in made))
        other = sqlite3.connect(town.folder / "triaged.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(1)
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        status = running.wait(60)
        took = time.monotonic() - began
        other.execute("ROLLBACK")
    print(f"ended in {took:.1f} s with five mailboxes and the database hanging")
    assert status == 0 and took < HALF
    assert "Traceback" not in log_of(town)


def test_a_cord_that_is_cut_wakes_who_waits_and_whoever_comes_later() -> None:
    with holes(b"", None) as (silent, cannot):
        failed: list[OSError | bytes] = []

        def wait() -> None:
            for port in (silent.port, cannot.port):
                try:
                    failed.append(cords.connect("127.0.0.1", port, 60).recv(1))
                except OSError as error:
                    failed.append(error)

        loop = cords.Loop("waiting", wait)
        loop.start()
        eventually(lambda: silent.held)
        loop.cord.cut()
        loop.join(5)
    assert not loop.is_alive() and len(failed) == 2


def test_connections_outside_a_loop_are_like_any_others() -> None:
    with holes(b"hello") as (hole,), cords.connect("localhost", hole.port, 5) as sock:
        assert sock.recv(5) == b"hello"
    with pytest.raises(ConnectionRefusedError):
        cords.connect("127.0.0.1", free_port(), 5)
