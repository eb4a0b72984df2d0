"""The daemon as systemd runs it: its signals, its watchdog, and what it says while a loop is dead."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.town import Town
from tests.intake.scene import eventually
from tests.servers.ports import free_port

PATIENCE = 180  # seconds, on a machine with much else to do

# A daemon whose walk ends at once: what a fault that nobody foresaw does to a thread.
DEAD_WALK = """
import sys
from triaged import cli
from triaged.store import Store
def dies(*_, **__): raise SystemExit
Store.claim_mail = dies
cli.main(sys.argv[1:])
"""


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    """SQLite will do: signals have nothing to do with the database."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    return f"sqlite:///{tmp_path}/triaged.db"


class Systemd:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.setblocking(False)
        self.told: list[str] = []

    def heard(self, word: str) -> int:
        """How often a line that begins so was told."""
        with suppress(BlockingIOError):
            while True:
                self.told += self._socket.recv(65536).decode().splitlines()
        return sum(line.startswith(word) for line in self.told)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def running(
    town: Town, systemd: Systemd, program: tuple[str, ...] = ("-m", "triaged")
) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon of its own, watched every second and a half."""
    town.config["mailboxes"] = [town.mailbox("europe")]
    town.written()
    env = {**os.environ, "NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "1500000"}
    command = [sys.executable, *program, "--config", str(town.path), "run"]
    with (town.folder / "log").open("wb") as log:
        daemon = subprocess.Popen(command, stderr=log, cwd=town.folder, env=env)
    try:
        eventually(lambda: daemon.poll() is not None or systemd.heard("READY=1"), PATIENCE)
        yield daemon
    finally:
        if daemon.poll() is None:
            daemon.kill()
        daemon.wait()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    made = Systemd(tmp_path)
    yield made
    made.close()


def test_signals_and_the_watchdog_of_a_daemon_in_order(town: Town, systemd: Systemd) -> None:
    with running(town, systemd) as daemon:
        eventually(lambda: systemd.heard("WATCHDOG=1") >= 3, PATIENCE)
        daemon.send_signal(signal.SIGHUP)
        eventually(lambda: systemd.heard("RELOADING=1") == 1, PATIENCE)
        eventually(lambda: "daemon.reloaded" in log_of(town), PATIENCE)
        eventually(lambda: systemd.heard("READY=1") == 2, PATIENCE)
        assert systemd.heard("MONOTONIC_USEC=") == 1 and systemd.heard("STATUS=rulebook ") >= 2
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0
        assert systemd.heard("STOPPING=1") == 1
    assert "daemon.stopping why=signal" in log_of(town)
    assert town.store.leases() == {}


def test_a_daemon_with_a_dead_loop_feeds_no_watchdog_and_is_not_healthy(town: Town, systemd: Systemd) -> None:
    port = free_port()
    town.config["http"] = {"listen": f"127.0.0.1:{port}"}
    with running(town, systemd, ("-c", DEAD_WALK)) as daemon:
        _, told = eventually(lambda: x if (x := health(port))[0] == 503 else None, PATIENCE)
        assert "walk" in told["stuck"] and told["database"] == "ok"
        before = systemd.heard("WATCHDOG=1")  # one may have left before the walk ended
        with pytest.raises(subprocess.TimeoutExpired):
            daemon.wait(3)  # twice the time after which systemd would restart it
        assert systemd.heard("WATCHDOG=1") == before
        daemon.send_signal(signal.SIGINT)
        assert daemon.wait(PATIENCE) == 0


def health(port: int) -> tuple[int, dict[str, object]]:
    """Status and answer of /healthz."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def log_of(town: Town) -> str:
    return (town.folder / "log").read_text("utf-8")
