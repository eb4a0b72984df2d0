"""One line to an SMTP server, word by word: what is said for a letter that is not plain, and what odd answers mean."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest

from triaged.config.credentials import Secret
from triaged.config.servers import Smtp
from triaged.errors import Permanent
from triaged.outbox.smtp import Line, Lost, Outage

ME, ANNA = "help@support.example", "anna@oakbridge.example"
GONE = ""


class Words:
    """A server that says what it is told to: the answer to a word, or `GONE` (it hangs up). `heard`: each line."""

    def __init__(self, offers: tuple[str, ...], answers: dict[str, str]) -> None:
        self.ehlo = "\r\n".join([*(f"250-{one}" for one in ("here", *offers)), "250 HELP"])
        self.answers, self.heard = answers, list[bytes]()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                one, _ = self.door.accept()
                with suppress(OSError), closing(one):
                    self.talk(one)

    def talk(self, one: socket.socket) -> None:
        one.sendall(b"220 here\r\n")
        lines, in_data = one.makefile("rb"), False
        for line in lines:
            if in_data and line != b".\r\n":
                continue
            verb = "." if in_data else line.split()[0].decode().upper()
            self.heard.append(line)
            told = self.answers.get(
                verb, {"EHLO": self.ehlo, "DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
            )
            if told == GONE:
                return
            one.sendall(f"{told}\r\n".encode())
            in_data = verb == "DATA" and told.startswith("354")
            if verb == "QUIT":
                return

    def said(self, verb: bytes) -> list[bytes]:
        return [line.strip() for line in self.heard if line.upper().startswith(verb)]


Make = Callable[..., tuple[Line, Words]]


@pytest.fixture
def servers() -> Iterator[list[Words]]:
    made: list[Words] = []
    yield made
    for one in made:
        one.door.close()


@pytest.fixture
def talk(servers: list[Words]) -> Make:
    def made(*offers: str, secret: Any = None, user: str | None = None, **answers: str) -> tuple[Line, Words]:
        words = {("." if verb == "END" else verb): told for verb, told in answers.items()}
        tls = words.pop("tls", "none")
        server = Words(offers, words)
        servers.append(server)
        signing = {"user": user, "password_env": "P"} if user else {}
        settings = {"host": "127.0.0.1", "port": server.port, "tls": tls, "timeout_seconds": 10, **signing}
        return Line(Smtp.model_validate(settings), secret or (lambda credential, anew: Secret("x"))), server

    return made


def send(line: Line, to: str = ANNA, raw: bytes = b"Subject: x\r\n\r\nx\r\n") -> Any:
    return line.send(ME, [to], [], raw, patient=True)


@pytest.mark.parametrize(
    ("offers", "to", "raw", "said"),
    [
        ((), ANNA, b"x\r\n", f"mail FROM:<{ME}>"),
        (("8BITMIME", "SIZE 1000"), ANNA, b"x\r\n", f"mail FROM:<{ME}> SIZE=3"),
        (("8BITMIME",), ANNA, "ü\r\n".encode(), f"mail FROM:<{ME}> BODY=8BITMIME"),
        (("SIZE 1000",), ANNA, "ü\r\n".encode(), f"mail FROM:<{ME}> SIZE=4"),
        (("SMTPUTF8", "8BITMIME"), "jörg@oakbridge.example", b"x\r\n", f"mail FROM:<{ME}> SMTPUTF8"),
        (("SMTPUTF8", "8BITMIME"), ANNA, b"x\r\n", f"mail FROM:<{ME}>"),
    ],
)  # fmt: skip
def test_what_a_letter_needs_is_asked_for_where_the_server_offers_it(
    talk: Make, offers: tuple[str, ...], to: str, raw: bytes, said: str
) -> None:
    line, server = talk(*offers)
    assert send(line, to, raw) == {}
    assert server.said(b"MAIL") == [said.encode()]
    assert server.said(b"RCPT") == [f"rcpt TO:<{to}>".encode()]
    assert not line.worn and line.carried == 1


def test_an_address_beyond_ascii_is_refused_for_good_where_the_server_cannot_and_the_line_lives(
    talk: Make,
) -> None:
    line, server = talk("8BITMIME")
    with pytest.raises(Permanent, match="SMTPUTF8"):
        send(line, "jörg@oakbridge.example")
    assert server.said(b"MAIL") == [] and not line.worn
    assert send(line) == {}


def test_a_server_that_hangs_up_at_the_reset_costs_only_the_line(talk: Make) -> None:
    line, _ = talk(RCPT="550 5.1.1 no such user", RSET=GONE)
    with pytest.raises(Permanent, match=r"^550 5\.1\.1 no such user$"):
        send(line)
    assert line.worn
    line.close()


@pytest.mark.parametrize(
    ("told", "error"),
    [("199 hm", Lost), ("250 ok", None), ("550 no", Permanent), (GONE, Lost)],
)
def test_an_answer_that_makes_no_sense_after_the_letter_leaves_its_fate_unknown(
    talk: Make, told: str, error: type[Exception] | None
) -> None:
    line, _ = talk(END=told)
    if error is None:
        assert send(line) == {}
    else:
        with pytest.raises(error):
            send(line)
    assert line.worn is (error is Lost)


def test_a_server_that_hangs_up_at_the_goodbye_hurts_nobody(talk: Make) -> None:
    line, server = talk(QUIT=GONE)
    send(line)
    line.close()
    assert server.said(b"QUIT") == [b"quit"] and line.socket is None


def test_a_starttls_that_is_refused_is_no_reason_to_go_on_in_the_clear(talk: Make) -> None:
    with pytest.raises(Outage, match=r"^SMTPResponseException: 454 not now$"):
        talk("STARTTLS", "AUTH PLAIN", tls="starttls", user="u", STARTTLS="454 not now")


def blob(server: Words) -> str:
    [said] = server.said(b"AUTH")
    return base64.b64decode(said.split()[-1]).decode()


@pytest.mark.parametrize(("user", "password"), [("jörg", "geheim"), ("help", "geheimnüs")])
def test_a_password_beyond_ascii_is_given_as_utf8_and_a_refusal_does_not_quote_it(
    talk: Make, user: str, password: str
) -> None:
    secret = lambda credential, anew: Secret(password)  # noqa: E731
    _, server = talk("AUTH PLAIN", secret=secret, user=user, AUTH="235 welcome")
    assert blob(server) == f"\0{user}\0{password}"
    with pytest.raises(Outage, match=r"^SMTPAuthenticationError: 535 5\.7\.8 no$") as told:
        talk("AUTH PLAIN", secret=secret, user=user, AUTH="535 5.7.8 no")
    assert password not in str(told.value)


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        ("XOAUTH2 OAUTHBEARER", "user=a=b,c\1auth=Bearer t\1\1"),
        ("OAUTHBEARER", "n,a=a=3Db=2Cc,\1host=127.0.0.1\1port={port}\1auth=Bearer t\1\1"),
    ],
)
def test_a_token_is_given_as_the_server_understands_it(talk: Make, offered: str, said: str) -> None:
    secret = lambda credential, anew: Secret("t", token=True)  # noqa: E731
    _, server = talk(f"AUTH {offered}", secret=secret, user="a=b,c", AUTH="235 welcome")
    assert blob(server) == said.format(port=server.port)


@pytest.mark.parametrize(("second", "asked"), [("t1", 1), ("t2", 2)])
def test_a_token_that_is_refused_is_had_anew_once_and_never_shown_twice(
    talk: Make, servers: list[Words], second: str, asked: int
) -> None:
    anew: list[bool] = []

    def secret(credential: Any, fresh: bool) -> Secret:
        anew.append(fresh)
        return Secret(second if fresh else "t1", token=True)

    with pytest.raises(Outage, match=re.escape("535 5.7.8 no")):
        talk("AUTH XOAUTH2", secret=secret, user="u", AUTH="535 5.7.8 no")
    assert anew == [False, True] and len(servers[0].said(b"AUTH")) == asked
