"""The HTTP door: it answers, in bounded time, whoever else holds on to it and whatever he says."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import said
from triaged import __version__
from triaged.config.config import Http
from triaged.edge import peers
from triaged.edge.listening import listening
from triaged.metrics import Metrics
from triaged.web.server import HttpServer

ASK = b"GET /healthz HTTP/1.1\r\nHost: monitor.example\r\n\r\n"
Opened = Callable[..., HttpServer]


@pytest.fixture
def open_door() -> Iterator[Opened]:
    opened: list[HttpServer] = []

    def open_it(
        health: Callable[[], Any] = lambda: (True, {"database": "ok"}), **settings: Any
    ) -> HttpServer:
        door = HttpServer(Http(listen="127.0.0.1:0", **settings), health, Metrics())
        door.start()
        opened.append(door)
        return door

    yield open_it
    for door in opened:
        door.stop()


def connected(door: HttpServer, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", door.port), timeout=10, source_address=(source, 0))


def all_of(sock: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    pieces = []
    try:
        while piece := sock.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def answer(door: HttpServer, request: bytes = ASK, source: str = "127.0.0.1") -> bytes:
    with connected(door, source) as sock:
        sock.sendall(request)
        return all_of(sock)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_accepted_waits_for_no_acknowledgment_before_it_says_more(host: str) -> None:
    """Head and body of an answer are two writes; the second waited 40 ms for the peer's delayed acknowledgment."""
    door = listening(host, 0, "http")
    with door, socket.create_connection(door.getsockname()[:2], timeout=10), door.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


@pytest.mark.parametrize(
    "begun", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: a.example\r\nX-A: ", b"POST /healthz HTTP/1.1\r\n"]
)
def test_a_request_that_never_ends_is_cut(open_door: Opened, begun: bytes) -> None:
    door = open_door(timeout_seconds=1)
    began = time.monotonic()
    with connected(door) as sock:
        sock.sendall(begun)
        assert all_of(sock) == b""
    assert 0.5 < time.monotonic() - began < 3


@pytest.mark.parametrize(
    "head", [b"GET /healthz HTTP/1.1\r\nHost: a.example\r\n", b"POST /metrics HTTP/1.1\r\n"]
)
def test_a_request_that_drips_gains_no_time_by_it(open_door: Opened, head: bytes) -> None:
    door = open_door(timeout_seconds=1)
    began = time.monotonic()
    with connected(door) as sock, pytest.raises(OSError):
        sock.sendall(head)
        while time.monotonic() - began < 10:
            sock.sendall(b"X-A: b\r\n")
            time.sleep(0.1)
    assert time.monotonic() - began < 3


def test_who_reads_no_answer_is_cut_too(open_door: Opened) -> None:
    door = open_door(lambda: (True, {"x": "y" * 20_000_000}), timeout_seconds=1)
    with connected(door) as sock:
        sock.sendall(ASK)
        time.sleep(2)
        assert len(all_of(sock)) < 20_000_000


def test_one_address_cannot_take_every_connection(open_door: Opened) -> None:
    door = open_door(max_connections=10, timeout_seconds=5)
    held = [connected(door) for _ in range(30)]
    time.sleep(0.3)
    assert b" 200 OK" in answer(door, source="127.0.0.2")
    assert b" 503 " in answer(door)
    for sock in held:
        sock.close()
    time.sleep(0.2)
    assert b" 200 OK" in answer(door), "its places are free again"


def test_beyond_the_most_nobody_is_let_in_and_all_are_again_later(open_door: Opened) -> None:
    door = open_door(max_connections=4, max_connections_per_peer=4, timeout_seconds=1)
    held = [connected(door) for _ in range(8)]
    time.sleep(0.2)
    assert b" 503 " in answer(door, source="127.0.0.2")
    time.sleep(1.2)
    assert b" 200 OK" in answer(door, source="127.0.0.2")
    for sock in held:
        sock.close()


@pytest.mark.parametrize(
    ("path", "well", "status", "kind", "body"),
    [
        ("/healthz", True, "200 OK", "application/json", b'{"database":"ok"}'),
        ("/healthz", False, "503 Service Unavailable", "application/json", b'{"database":"ok"}'),
        ("/livez", True, "200 OK", "application/json", f'{{"status":"alive","version":"{__version__}"}}'.encode()),
        ("/livez", False, "200 OK", "application/json", f'{{"status":"alive","version":"{__version__}"}}'.encode()),
        ("/metrics", True, "200 OK", "text/plain; version=0.0.4; charset=utf-8", b""),
    ],
)  # fmt: skip
def test_what_a_monitor_reads_is_whole_and_tells_nothing_of_the_server(
    open_door: Opened, path: str, well: bool, status: str, kind: str, body: bytes
) -> None:
    door = open_door(lambda: (well, {"database": "ok"}))
    head, _, told = answer(door, ASK.replace(b"/healthz", path.encode())).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert first == f"HTTP/1.1 {status}"
    assert int(headers.pop("content-length")) == len(told) and headers.pop("date")
    assert headers == {"content-type": kind, "connection": "close"}
    assert told == body if body else b"\n# TYPE triaged_" in told


def test_who_is_not_let_in_is_counted_and_told() -> None:
    metrics = Metrics()
    door = HttpServer(
        Http(listen="127.0.0.1:0", max_connections=1, timeout_seconds=5), lambda: (True, {}), metrics
    )
    door.start()
    try:
        with said.listening() as told, connected(door):
            assert b" 503 " in answer(door)
            whys = [(one["door"], one["why"]) for one in told.of("door.refused")]
        assert whys == [("http", "too many connections")]
        assert said.figure(metrics.text(), "triaged_refused_total", door="http") == 1
    finally:
        door.stop()


@pytest.mark.parametrize(
    "path", ["/healthz/", "/metrics/", "//evil.example/%2e%2e", "/healthz//", "/nothing/"]
)
def test_nobody_is_sent_where_the_host_header_says(open_door: Opened, path: str) -> None:
    door = open_door()
    for more in (b"", b"X-Forwarded-Host: evil.example\r\n"):
        request = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n".encode() + more + b"\r\n"
        told = answer(door, request)
        assert told.startswith(b"HTTP/1.1 404") and b"evil" not in told and b"ocation" not in told


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 9 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        ASK + b"\x00garbage\r\n\r\n",
        ASK + ASK + b"\xff\xff\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 40_000,
    ],
)
def test_garbage_leaves_no_traceback_and_the_door_open(
    open_door: Opened, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    door = open_door(timeout_seconds=2)
    with caplog.at_level(logging.ERROR):
        for _ in range(20):
            with connected(door) as sock:
                try:
                    sock.sendall(garbage)
                    all_of(sock)
                except OSError:
                    pass
        assert b" 200 OK" in answer(door)
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("address", "who"),
    [
        (("192.0.2.7", 4000), "192.0.2.7"),
        (("::ffff:192.0.2.7", 4000, 0, 0), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1, 0, 2), "fe80::/64"),
        ("/run/socket", "/run/socket"),
        (None, "None"),
    ],
)
def test_a_peer_is_an_address_or_a_network_of_one_owner(address: Any, who: str) -> None:
    assert peers.peer(address) == who


@pytest.mark.parametrize(("most", "share"), [(1, 1), (2, 2), (4, 4), (5, 4), (10, 8), (50, 40)])
def test_a_peers_share_leaves_a_fifth_to_others(most: int, share: int) -> None:
    assert peers.share_of(most) == share
