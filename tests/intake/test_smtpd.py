"""The SMTP and LMTP door, by scripted dialogues (dialogues/*.txt) against the real listener and store.

A script: `-> text` says a line, `<- code` wants the answer to begin so; `lines N`, `long N`, `bare TEXT` say
many lines, one long one, one with bare line feeds; `connection NAME` talks on another connection;
`database away|back`, `hang up`, `closed` (the server hung up); `kept …` is what the ledger must hold now.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.intake.scene import eventually, utc_now
from tests.servers.ports import free_port
from triaged.config.config import Listener, Mailbox
from triaged.errors import Faulty
from triaged.intake.keep import Keep
from triaged.intake.smtpd import Door, Listening, listen, route
from triaged.metrics import Metrics
from triaged.store import Store, Unavailable

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))
MAILBOXES = (
    Mailbox(name="global", address="help@support.example", aliases=("partners@support.example",)),
    Mailbox(name="eu", address="help@eu.support.example"),
)


class Away:
    """The real store, with a switch that takes it away."""

    def __init__(self, store: Store) -> None:
        self.store, self.away = store, False

    def keep(self, *arguments: Any) -> Any:
        if self.away:
            raise Unavailable("the database is away")
        return self.store.keep(*arguments)


@pytest.fixture
def open_door(store: Store) -> Iterator[Callable[..., tuple[Listening, Away]]]:
    opened: list[Listening] = []

    def open_it(metrics: Metrics | None = None, **settings: Any) -> tuple[Listening, Away]:
        switch = Away(store)
        config = Listener(**{"port": free_port(), **settings})
        opened.append(listen(config, MAILBOXES, Keep(switch, utc_now, lambda: None), 100_000, metrics))
        return opened[-1], switch

    yield open_it
    for one in opened:
        one.stop()


class Line:
    """One connection of a script."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=15)
        self.answers = self.sock.makefile("rb")

    def say(self, raw: bytes) -> None:
        self.sock.sendall(raw)

    def answer(self) -> str:
        """The last line of the next answer."""
        while True:
            line = self.answers.readline().decode()
            if line[3:4] != "-":
                return line.rstrip("\r\n")

    def close(self) -> None:
        self.answers.close()
        self.sock.close()


def ledger(store: Store) -> list[str]:
    rows = [store.mail(row.id) for row in reversed(store.mails())]
    return [f"{row.mailbox} {row.door}" for row in rows if row]


@pytest.mark.parametrize("script", DIALOGUES, ids=lambda path: path.stem)
def test_a_dialogue_goes_as_written(script: Path, open_door: Any, store: Store) -> None:
    lines = [line for line in script.read_text("utf-8").splitlines() if not line.startswith("#")]
    settings = {
        word: value if word == "protocol" else int(value)
        for word, _, value in (line.partition(" ") for line in lines)
        if word in ("protocol", "timeout_seconds", "max_connections")
    }
    door, switch = open_door(**settings)
    eventually(lambda: door.door.connections == 0)  # aiosmtpd knocks on its own door when it starts
    talking: dict[str, Line] = {"one": Line(door.port)}
    now, expected = "one", []
    for line in lines:
        word, _, rest = line.partition(" ")
        match word:
            case "->":
                talking[now].say(rest.encode() + b"\r\n")
            case "<-":
                answer = talking[now].answer()
                assert answer.startswith(rest), f"{line}: {answer!r}"
            case "lines":
                talking[now].say((b"x" * 70 + b"\r\n") * int(rest))
            case "long":
                talking[now].say(b"y" * int(rest) + b"\r\n")
            case "bare":
                talking[now].say(rest.encode().replace(b"\\n", b"\n") + b"\r\n")
            case "connection":
                now = rest
                if now not in talking:
                    talking[now] = Line(door.port)
            case "database":
                switch.away = rest == "away"
            case "hang":
                talking[now].close()
                eventually(lambda: door.door.connections == 0)
            case "closed":
                assert talking[now].answers.read() == b""
                eventually(lambda: door.door.connections < len(talking))
            case "kept" if rest == "nothing":
                assert store.mails() == []
            case "kept":
                expected.append(" ".join(rest.split()[:2]))
                (claimed,) = [c for c in envelopes(store) if c.startswith(" ".join(rest.split()[:1]) + " ")]
                assert claimed == rest
    if expected:
        assert sorted(ledger(store)) == sorted(expected)
    for one in talking.values():
        one.close()


def envelopes(store: Store) -> list[str]:
    """Mailbox, door, envelope of everything waiting, without claiming it."""
    from sqlalchemy import select

    from triaged.store.tables import mail as table

    with store._reading() as connection:
        rows = connection.execute(select(table)).all()
    return [f"{r.mailbox} {r.door} {r.envelope_from or '<>'} {','.join(r.envelope_to)}" for r in rows]


def test_the_bytes_kept_are_the_bytes_sent(open_door: Any, store: Store) -> None:
    import smtplib

    door, _ = open_door(protocol="smtp", behind_mta=True)
    raw = b"Subject: \xff\xe4\r\nX: \x80\r\n\r\n.dots\r\n..\r\n\ttabs and 8 bit \xfe\r\n"
    with smtplib.SMTP("127.0.0.1", door.port, timeout=15) as smtp:
        smtp.sendmail("anna@oakbridge.example", ["help@support.example"], raw)
    (row,) = store.mails()
    found = store.mail(row.id)
    assert found is not None and found.raw == raw


@pytest.mark.parametrize("behind", [True, False])
def test_whether_our_mail_server_stands_before_it_is_the_configs_word(
    open_door: Any, store: Store, behind: bool
) -> None:
    import smtplib
    from datetime import timedelta

    door, _ = open_door(protocol="smtp", behind_mta=behind)
    with smtplib.SMTP("127.0.0.1", door.port, timeout=15) as smtp:
        smtp.sendmail("a@oakbridge.example", ["help@support.example"], b"Subject: x\r\n\r\n")
    (claimed,) = store.claim_mail(1, utc_now(), "me", timedelta(minutes=1))
    assert claimed.behind_mta is behind


def test_what_is_turned_away_is_counted(open_door: Any) -> None:
    metrics = Metrics()
    door, _ = open_door(metrics, protocol="smtp")
    line = Line(door.port)
    for said in ("EHLO x.example", "MAIL FROM:<a@b.example>", "RCPT TO:<who@where.example>"):
        line.answer()
        line.say(said.encode() + b"\r\n")
    assert line.answer().startswith("550")
    line.close()
    assert b'triaged_refused_total{door="smtp"} 1.0' in metrics.text()


def test_it_does_not_listen_to_the_world_unless_told(store: Store) -> None:
    keep = Keep(store, utc_now, lambda: None)
    open_config = Listener.model_construct(**(Listener().model_dump() | {"host": "0.0.0.0"}))
    with pytest.raises(Faulty, match="public: true"):
        Listening(Door(open_config, MAILBOXES, keep), 100_000)


def test_a_port_in_use_is_told_in_one_line(open_door: Any, store: Store) -> None:
    door, _ = open_door()
    with pytest.raises(Faulty, match=r"cannot listen on 127\.0\.0\.1:\d+: Address already in use"):
        listen(Listener(port=door.port), MAILBOXES, Keep(store, utc_now, lambda: None), 100_000)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("help@support.example", "global"),
        ("HELP@Support.Example", "global"),
        ("help+anything@support.example", "global"),
        ("partners@support.example", "global"),
        ("help@eu.support.example", "eu"),
        ("help@sub.support.example", None),
        ("help@support.example@evil.example", None),
        ("help", None),
        ("", None),
        ("@support.example", None),
    ],
)
def test_a_recipient_leads_to_its_mailbox(address: str, name: str | None) -> None:
    found = route(address, MAILBOXES)
    assert (found.name if found else None) == name
