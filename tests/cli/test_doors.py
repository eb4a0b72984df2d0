"""`triaged check --connect`: each door that does not open is one line with host, reason and remedy."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.smtp_sink import Sink
from triaged.cli import connections
from triaged.config.servers import Smtp
from triaged.errors import Faulty


def told(run: Run, desk: Path, **sections: str) -> list[str]:
    """What `check --connect` says of these sections, `key: {...}` of the mailbox."""
    config = desk / "config.yaml"
    given = "".join(f", {name}: {{{text}}}" for name, text in sections.items())
    config.write_text(
        config.read_text("utf-8").replace("regions: [EU, UK]", "regions: [EU, UK]" + given), "utf-8"
    )
    (desk / "secret").write_text("wrong\n", "utf-8")
    return faults(run)


def faults(run: Run) -> list[str]:
    """What `check --connect` says, but for warnings."""
    told = run("check", "--connect")
    assert told.status == 1
    return [line for line in told.err.splitlines() if not line.startswith("warning: ")]


def test_a_refused_connection_names_server_and_user(run: Run, desk: Path) -> None:
    port = free_port()
    lines = told(run, desk, imap=f"host: 127.0.0.1, port: {port}, user: help, password_file: secret")
    assert lines == [
        f"imap europe (127.0.0.1:{port}, user help): "
        "the connection is refused; look at port and at whether the server runs"
    ]


def test_a_server_without_tls_at_once_is_told_with_its_remedy(run: Run, desk: Path, sink: Sink) -> None:
    where = f"host: 127.0.0.1, port: {sink.port}, tls: implicit, user: help, password_file: secret"
    lines = told(run, desk, imap=where, smtp=where)
    at = f"europe (127.0.0.1:{sink.port}, user help): the server speaks no TLS at once; try tls: starttls"
    assert lines == [f"imap {at}", f"smtp {at}"]


def test_a_missing_file_is_named(run: Run, desk: Path, sink: Sink) -> None:
    server = f"host: 127.0.0.1, port: {sink.port}, tls: none"
    lines = told(
        run, desk,
        imap="host: 127.0.0.1, user: help, password_file: secret, ca_file: nope.pem",
        smtp=f"{server}, user: help, password_file: nope",
    )  # fmt: skip
    assert len(lines) == 2
    assert re.search(r"ca_file \S*nope\.pem cannot be read: No such file or directory; ", lines[0])
    assert re.search(r"password_file \S*nope cannot be read: No such file or directory; ", lines[1])


def test_a_login_refused_and_a_folder_that_is_missing(run: Run, desk: Path, dovecot: Dovecot) -> None:
    server = f"host: 127.0.0.1, port: {dovecot.port}, tls: none, user: doors"
    [line] = told(run, desk, imap=f"{server}, password_file: secret")
    assert line.startswith(
        f"imap europe (127.0.0.1:{dovecot.port}, user doors): refuses the login of doors: "
    )
    assert line.endswith("; look at user and password")
    config = desk / "config.yaml"
    config.write_text(
        config.read_text("utf-8").replace("user: doors", "user: doors, sent_folder: Gone"), "utf-8"
    )
    (desk / "secret").write_text(dovecot.password, "utf-8")
    assert faults(run) == [
        f"imap europe (127.0.0.1:{dovecot.port}, user doors): "
        "the server has no folder 'Gone'; create it or change sent_folder"
    ]


def test_a_certificate_that_nobody_knows(run: Run, desk: Path, dovecot: Dovecot) -> None:
    server = f"host: 127.0.0.1, port: {dovecot.tls_port}, user: doors, password_file: secret"
    [line] = told(run, desk, imap=server)
    assert "its certificate is not trusted: " in line
    assert "; give its CA as ca_file" in line


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the host name is not known; "),
        (TimeoutError("timed out"), "no answer in time; "),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "try tls: implicit"),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 no"), "refuses the login of help: 535 5.7.8 no; "),
        (smtplib.SMTPNotSupportedError("SMTP AUTH extension not supported"), "the server offers no login; "),
        (OSError(113, "No route to host"), "No route to host; "),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "try tls: starttls"),
        (Faulty("password_env: PW is not set in the environment"), "; correct it"),
        (ValueError(""), "no reason was given; "),
    ],
)
def test_every_failure_is_a_reason_and_a_remedy(error: Exception, words: str) -> None:
    said = connections.reason(error, Smtp(host="smtp.example", user="help", password_env="PW"))
    assert words in said
    assert ";" in said and type(error).__name__ not in said and "\n" not in said
