"""Receivers that keep what they are told, on loopback, and a house whose config names them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from triaged.alerts.sending import Telling
from triaged.config.config import Config
from triaged.metrics import Metrics
from triaged.store import Store

DRIP, ELSEWHERE = -1, 302


class Receiver:
    """A webhook; `status` is what it answers, or DRIP."""

    def __init__(self) -> None:
        self.status = 200
        self.told: list[dict[str, Any]] = []
        self.heads: list[dict[str, str]] = []
        self.got: list[str] = []
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if receiver.status == DRIP:
                    with suppress(OSError):
                        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n")
                        for _ in range(50):
                            self.wfile.write(b"x")
                            self.wfile.flush()
                            time.sleep(0.2)
                    return
                self.send_response(receiver.status)
                if receiver.status == ELSEWHERE:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                elif 200 <= receiver.status < 300:
                    receiver.told.append(json.loads(body))
                    receiver.heads.append(dict(self.headers))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                receiver.got.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/hook-s3cret"

    @property
    def titles(self) -> list[str]:
        """What it was told, in a line each."""
        return [one["title"].removeprefix("triaged: ") for one in self.told]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def other() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@dataclass
class Post:
    """Alerts on a store, and the clock they go by."""

    store: Store
    folder: Path
    config: Config
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)
    metrics: Metrics = field(default_factory=Metrics)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def daemon(self, owner: str = "one") -> Telling:
        """A daemon's part that looks and tells; a new one remembers nothing."""
        stop = threading.Event()
        return Telling(self.store, lambda: self.config, owner, lambda: self.now, self.metrics, stop)

    def turn(self, owner: str = "one") -> int:
        return self.daemon(owner).look_and_tell()

    def polls(self, ok: bool, mailbox: str = "europe") -> None:
        self.store.note_poll(mailbox, ok, None if ok else "TimeoutError: no answer", self.now)


def configured(folder: Path, *alerts: dict[str, Any], **more: Any) -> Config:
    return Config.model_validate(
        {
            "directory": {"accounts": "a.csv", "partners": "p.csv"},
            "mailboxes": [
                {
                    "name": name,
                    "address": f"{name}@zohocorp.example",
                    "imap": {"host": "127.0.0.1", "tls": "none", "user": "u", "password_env": "P"},
                }
                for name in ("europe", "world")
            ],
            "alerts": list(alerts),
            **more,
        }
    )


@pytest.fixture
def post(url: str, tmp_path: Path, receiver: Receiver) -> Iterator[Post]:
    (tmp_path / "desk").write_text(f"# on call\n{receiver.url}\n")
    store = Store.open(url)
    yield Post(store, tmp_path, configured(tmp_path, {"to_file": str(tmp_path / "desk")}))
    store.close()
