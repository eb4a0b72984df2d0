"""`triaged check --connect`: each door that does not open is one line with host, reason and remedy."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.smtp_sink import Sink
from triaged.cli import connections
from triaged.config.servers import Smtp
from triaged.errors import Faulty, Permanent


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
        (Permanent("smtp.example offers no login"), "smtp.example offers no login; try tls: implicit"),
        (ValueError("no STARTTLS there"), "no STARTTLS there; try tls: implicit"),
        (ValueError(""), "no reason was given; "),
    ],
)
def test_every_failure_is_a_reason_and_a_remedy(error: Exception, words: str) -> None:
    said = connections.reason(error, Smtp(host="smtp.example", user="help", password_env="PW"))
    assert words in said
    assert ";" in said and type(error).__name__ not in said and "\n" not in said


def test_a_database_that_is_not_there_or_old_is_one_line(run: Run, desk: Path) -> None:
    (desk / "triaged.db").unlink()
    [line] = [one for one in faults(run) if one.startswith("database")]
    assert line.startswith("database: ") and "triaged db upgrade" in line


def test_a_file_that_holds_no_certificate_is_named(run: Run, desk: Path, sink: Sink) -> None:
    (desk / "ca.pem").write_text("nothing of the kind")
    where = f"host: 127.0.0.1, port: {sink.port}, tls: starttls, user: help, password_file: secret, ca_file: ca.pem"
    at = f"europe (127.0.0.1:{sink.port}, user help)"
    said = f"ca_file {desk / 'ca.pem'} holds no certificate; give the CA's in PEM form"
    assert told(run, desk, imap=where, smtp=where) == [f"imap {at}: {said}", f"smtp {at}: {said}"]


def test_a_ca_file_is_of_no_matter_where_nothing_is_encrypted(run: Run, desk: Path, sink: Sink) -> None:
    sink.user, sink.password = "help", "wrong"
    given = f"host: 127.0.0.1, port: {sink.port}, tls: none, user: help, password_file: secret, ca_file: nowhere.pem"
    config = desk / "config.yaml"
    text = config.read_text("utf-8").replace("regions: [EU, UK]", f"regions: [EU, UK], smtp: {{{given}}}")
    config.write_text(text.replace("protocol: lmtp", f"protocol: lmtp, port: {free_port()}"), "utf-8")
    (desk / "secret").write_text("wrong\n", "utf-8")
    done = run("check", "--connect")
    assert done.status == 0 and "smtp europe: ok" in done.out, done.err


def test_mail_is_not_moved_to_where_it_is_read_from(run: Run, desk: Path, dovecot: Dovecot) -> None:
    (desk / "secret").write_text(dovecot.password, "utf-8")
    (desk / "secret").chmod(0o600)
    door = f"host: 127.0.0.1, port: {dovecot.port}, tls: none, user: doors2, password_file: secret"
    config = desk / "config.yaml"
    text = config.read_text("utf-8").replace("protocol: lmtp", f"protocol: lmtp, port: {free_port()}")
    config.write_text(
        text.replace("regions: [EU, UK]", f"regions: [EU, UK], imap: {{{door}, after: {{move_to: INBOX}}}}"),
        "utf-8",
    )
    done = run("check", "--connect")
    assert (done.status, "after moves mail to 'INBOX', where it is read from" in done.err) == (0, True), (
        done.err
    )


def test_the_pages_are_looked_at_among_the_doors(run: Run, desk: Path) -> None:
    port = free_port()
    config = desk / "config.yaml"
    text = config.read_text("utf-8").replace("protocol: lmtp", f"protocol: lmtp, port: {free_port()}")
    config.write_text(
        f"{text}web: {{public_url: 'http://127.0.0.1:{port}', listen: '127.0.0.1:{port}'}}\n", "utf-8"
    )
    done = run("check", "--connect")
    assert done.status == 0, done.err
    assert [line for line in done.out.splitlines() if line.startswith("web ")] == [
        "web listen: ok", "web public_url: ok", "web cookie: ok", "web proxies: ok",
    ]  # fmt: skip
    assert (
        f"warning: web public_url (http://127.0.0.1:{port}): nothing listens on 127.0.0.1:{port}" in done.err
    )


def test_a_tls_that_breaks_off_is_told_by_its_reason(run: Run, desk: Path) -> None:
    refusing = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        for _ in range(2):
            one, _ = refusing.accept()
            one.recv(65536)
            one.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # the alert of a handshake that fails
            one.close()

    threading.Thread(target=refuse, daemon=True).start()
    port = refusing.getsockname()[1]
    where = f"host: 127.0.0.1, port: {port}, tls: implicit, user: help, password_file: secret"
    lines = told(run, desk, imap=where, smtp=where)
    refusing.close()
    said = r"europe \(127.0.0.1:\d+, user help\): TLS failed: [a-z0-9 ]*handshake failure; look at port and tls, now implicit"
    assert [
        bool(re.fullmatch(f"{door} {said}", line)) for door, line in zip(("imap", "smtp"), lines, strict=True)
    ] == [True, True]
