"""One POST: the answer whatever its status, and in words of ours what kept it from coming."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.servers.dovecot import certificate
from tests.servers.ports import free_port
from triaged.edge import web_post
from triaged.edge.web_post import Answer, Away, post

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answers every request with these bytes; where, without the scheme. `heard` gets each request."""
    doors: list[socket.socket] = []

    def serving(answer: bytes, heard: list[bytes] | None = None, tls: ssl.SSLContext | None = None) -> str:
        door = socket.create_server(("127.0.0.1", 0))
        doors.append(door)

        def run() -> None:
            while True:
                try:
                    plain, _ = door.accept()
                except OSError:
                    return
                with (
                    suppress(OSError),
                    closing(tls.wrap_socket(plain, server_side=True) if tls else plain) as one,
                ):
                    asked = b""
                    while not asked.endswith(b"body") and (piece := one.recv(65536)):
                        asked += piece
                    (heard if heard is not None else []).append(asked)
                    one.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        return f"127.0.0.1:{door.getsockname()[1]}"

    yield serving
    for door in doors:
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()


def sent(where: str, *, ca_file: Path | None = None, scheme: str = "http") -> Answer:
    given = str(ca_file) if ca_file else None
    return post(f"{scheme}://{where}/x", b"body", {"Accept": "a/b"}, seconds=20, ca_file=given)


def with_body(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("status", "code"), [("200 OK", 200), ("302 Found\r\nLocation: http://127.0.0.1:1/", 302), ("404 No", 404), ("503 Away", 503)]
)  # fmt: skip
def test_every_status_is_an_answer_with_its_words(serve: Serve, status: str, code: int) -> None:
    heard: list[bytes] = []
    assert sent(serve(with_body(status, b"words"), heard)) == Answer(code, b"words")
    [request] = heard
    assert request.startswith(b"POST /x HTTP/1.1\r\n") and b"\r\nAccept: a/b\r\n" in request


@pytest.mark.parametrize("status", ["200 OK", "500 Broken"])
def test_of_an_endless_answer_so_many_bytes_are_read(serve: Serve, status: str) -> None:
    found = sent(serve(with_body(status, b"x" * (web_post.LARGEST + 1))))
    assert found.body == b"x" * web_post.LARGEST


def test_a_refusal_whose_words_break_off_is_one_all_the_same(serve: Serve) -> None:
    broken = b"HTTP/1.1 500 Broken\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    assert sent(serve(broken)) == Answer(500, b"")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"220 mail\r\n", "BadStatusLine"),
        (b"", "RemoteDisconnected"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "IncompleteRead"),
    ],
)
def test_what_is_no_answer_is_told_by_its_kind(serve: Serve, answer: bytes, said: str) -> None:
    with pytest.raises(Away, match=rf"^{said}$"):
        sent(serve(answer))


def test_nobody_there_is_told_in_the_systems_words() -> None:
    with pytest.raises(Away, match=r"^Connection refused$"):
        sent(f"127.0.0.1:{free_port()}")


def test_by_tls_only_a_server_that_is_trusted_gets_anything(serve: Serve, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    heard: list[bytes] = []
    where = serve(with_body("200 OK", b"sealed"), heard, tls)
    with pytest.raises(Away, match=r"^self-signed certificate$"):
        sent(where, scheme="https")
    assert heard == []
    assert sent(where, scheme="https", ca_file=cert) == Answer(200, b"sealed")


@pytest.mark.parametrize(
    ("held", "why"), [(None, "No such file or directory"), ("x", "no certificate is in it")]
)
def test_a_ca_file_that_is_none_is_named(tmp_path: Path, held: str | None, why: str) -> None:
    if held:
        (tmp_path / "ca.pem").write_text(held)
    with pytest.raises(Away) as told:
        sent("127.0.0.1:1", ca_file=tmp_path / "ca.pem")
    assert str(told.value) == f"{tmp_path / 'ca.pem'} cannot be read: {why}"
