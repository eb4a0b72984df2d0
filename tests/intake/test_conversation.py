"""Bounds on one conversation at the SMTP and LMTP door: time, commands, a share for each peer; nothing for the log."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import smtplib
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.intake.scene import eventually, utc_now
from tests.intake.test_smtpd import MAILBOXES
from tests.servers.ports import free_port
from triaged.config.config import Listener
from triaged.intake import smtp_session
from triaged.intake.keep import Keep
from triaged.intake.smtpd import Listening, listen
from triaged.store import Store

RCPT = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<help@support.example>\r\n"
TO_DATA = b"EHLO a.example\r\n" + RCPT + b"DATA\r\n"


class Slow:
    """The real store, slower."""

    def __init__(self, store: Store) -> None:
        self.store, self.seconds = store, 0.0

    def keep(self, *arguments: Any) -> Any:
        time.sleep(self.seconds)
        return self.store.keep(*arguments)


@pytest.fixture
def slow(store: Store) -> Slow:
    return Slow(store)


@pytest.fixture
def open_door(slow: Slow) -> Iterator[Any]:
    opened: list[Listening] = []

    def open_it(**settings: Any) -> Listening:
        config = Listener(**{"port": free_port(), "protocol": "smtp", **settings})
        opened.append(listen(config, MAILBOXES, Keep(slow, utc_now, lambda: None), 10_000_000))
        eventually(lambda: opened[-1].door.connections == 0)
        return opened[-1]

    yield open_it
    for one in opened:
        one.stop()


def connected(door: Listening, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", door.port), timeout=20, source_address=(source, 0))


def drips(sock: socket.socket, drop: bytes, every: float, most: float = 15) -> float:
    """Say this again and again, reading what is answered; after how many seconds the other side hung up."""
    began = time.monotonic()
    sock.settimeout(0.01)
    while time.monotonic() - began < most:
        try:
            sock.sendall(drop)
            time.sleep(every)
            if not sock.recv(65536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize(
    ("begun", "drop", "most"),
    [
        (b"", b"E", 2.5),  # a command that never ends
        (b"", b"\r\n", 2.5),  # empty lines
        (TO_DATA, b"x", 2.5),  # a line that never ends
        (TO_DATA, b"x\r\n", 2.5),  # a mail that never ends
        (TO_DATA + b"x\r\n.", b"\r", 2.5),
        (b"", b"NOOP\r\n", 6.5),
        (b"HELO a.example\r\n", b"RSET\r\n", 6.5),
        (b"HELO a.example\r\n", RCPT + b"RSET\r\n", 6.5),
    ],
)
def test_who_drips_is_hung_up_on(
    open_door: Any, protocol: str, begun: bytes, drop: bytes, most: float
) -> None:
    door = open_door(timeout_seconds=1, protocol=protocol)
    with connected(door) as sock:
        sock.sendall(begun.replace(b"EHLO", b"LHLO" if protocol == "lmtp" else b"EHLO"))
        assert drips(sock, drop, 0.3) < most
    eventually(lambda: door.door.connections == 0)


def test_who_reads_no_answers_is_cut(open_door: Any) -> None:
    door = open_door(timeout_seconds=1)
    with connected(door) as sock:
        sock.settimeout(0.2)
        try:
            while True:
                sock.sendall(b"HELP\r\n" * 1000)
        except OSError:
            pass
        eventually(lambda: door.door.connections == 0, 10)


@pytest.mark.parametrize(
    ("last", "answer"), [(b"NOOP", b"421 4.7.0 too many commands without a mail"), (b"QUIT", b"221 Bye")]
)
def test_commands_without_a_mail_are_counted_and_who_goes_may_say_so(
    open_door: Any, last: bytes, answer: bytes
) -> None:
    door, most = open_door(), smtp_session.IDLE_COMMANDS
    with connected(door) as sock:
        sock.sendall(b"NOOP\r\n" * most + last + b"\r\n")
        told = b""
        while piece := sock.recv(65536):
            told += piece
    first, *middle, end = told.splitlines()
    assert (first[:4], [line[:4] for line in middle], end) == (b"220 ", [b"250 "] * most, answer)


def test_a_mail_server_that_brings_mail_may_go_on(open_door: Any, store: Store) -> None:
    door = open_door(timeout_seconds=1)
    began = time.monotonic()
    with smtplib.SMTP("127.0.0.1", door.port, timeout=15) as smtp:
        for number in range(14):
            raw = f"Message-ID: <{number}@b.example>\r\n\r\nx\r\n"
            smtp.sendmail("a@b.example", ["help@support.example"], raw)
            for _ in range(30):
                smtp.noop()
            time.sleep(0.5)
    assert time.monotonic() - began > smtp_session.FRUITLESS
    assert len(store.mails()) == 14


def test_a_large_mail_may_take_its_time_if_it_comes(open_door: Any, store: Store) -> None:
    door = open_door(timeout_seconds=1)
    with connected(door) as sock:
        sock.sendall(TO_DATA)
        for _ in range(8):
            sock.sendall(b"Subject: slow but honest\r\n" * 1000)
            time.sleep(0.4)
        sock.sendall(b"\r\n.\r\n")
        eventually(lambda: store.mails())


def test_keeping_takes_our_time_and_not_the_peers(open_door: Any, slow: Slow, store: Store) -> None:
    door, slow.seconds = open_door(timeout_seconds=1), 2.5
    with smtplib.SMTP("127.0.0.1", door.port, timeout=15) as smtp:
        assert smtp.sendmail("a@b.example", ["help@support.example"], "Subject: x\r\n\r\nx\r\n") == {}
    assert len(store.mails()) == 1


def test_one_address_cannot_take_every_conversation(open_door: Any) -> None:
    door = open_door(max_connections=10)
    held = [connected(door) for _ in range(20)]
    eventually(lambda: door.door.connections == 8)
    assert sorted(sock.recv(100)[:3] for sock in held) == [b"220"] * 8 + [b"421"] * 12
    with connected(door, "127.0.0.2") as other:
        assert other.recv(100).startswith(b"220")
    for sock in held:
        sock.close()
    eventually(lambda: door.door.connections == 0)


def test_a_mail_server_on_this_machine_gets_as_many_as_it_usually_opens(open_door: Any) -> None:
    door = open_door()
    held = [connected(door) for _ in range(20)]  # Postfix: default_destination_concurrency_limit
    assert {sock.recv(100)[:3] for sock in held} == {b"220"}
    for sock in held:
        sock.close()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_peer_says_or_breaks_off_leaves_no_traceback(
    open_door: Any, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    gc.collect()  # what another test's server left behind is told of now, and not below
    door, dice = open_door(timeout_seconds=1), random.Random(seed)
    phrases = [
        b"EHLO a.example", RCPT.rstrip(), b"DATA", b".", b"x" * 3000, b"MAIL FROM:<\xff\x00>", b"AUTH PLAIN AAAA",
        b"STARTTLS", b"\x1b[2J \x9b", b"RCPT TO:<" + b"a" * 400 + b"@b>", b"MAIL FROM:<a@b> SIZE=99999999999999999999",
        b"VRFY \xe2\x80\xae", b"MAIL FROM:<=?utf-8?q?=00?=@b.example> SMTPUTF8", b"\r\r\n\n", b"BDAT 5 LAST", b"QUIT",
        b"MAIL FROM:\xc3\x28", b"RCPT TO:<@a,@b:c@d>", b"LHLO", b"HELP x", b"EXPN", bytes(range(256)),
    ]  # fmt: skip
    with caplog.at_level(logging.ERROR):
        for _ in range(40):
            with connected(door) as sock:
                try:
                    for _ in range(dice.randrange(9)):
                        sock.sendall(dice.choice(phrases) + dice.choice([b"\r\n", b"\n", b""]))
                    if dice.random() < 0.5:  # a reset, not a goodbye
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                except OSError:
                    pass
        eventually(lambda: door.door.connections == 0)
    assert "Traceback" not in caplog.text and not [r for r in caplog.records if r.name == "asyncio"]


def test_a_door_that_closes_ends_every_conversation_and_leaves_nothing_for_asyncio_to_tell(
    slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    config = Listener(port=free_port(), protocol="smtp")
    gc.collect()
    with caplog.at_level(logging.ERROR):
        # Let in at the last moment, and reset: one turn in thirty fell between the steps
        for turn in range(150):
            door = listen(config, MAILBOXES, Keep(slow, utc_now, lambda: None), 10_000_000)
            for _ in range(3):
                sock = connected(door)
                sock.sendall(b"EHLO a.example\r\n" * (turn % 4))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()
            time.sleep(turn % 20 / 10_000)
            door.stop()
            assert asyncio.all_tasks(door.loop) == set()
    assert [record for record in caplog.records if record.name == "asyncio"] == []
