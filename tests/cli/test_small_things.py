"""What an admin meets on a bad day, and how it is told: clocks apart, odd terminals, disks that fell read-only."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Run
from tests.nobody import nobody
from triaged.cli import output, status
from triaged.config.yaml_folder import read_texts
from triaged.edge import harmless
from triaged.errors import Faulty
from triaged.store import Store
from triaged.store.rows import Note

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(seconds=5), "5s ago"),
        (timedelta(seconds=-1), "0s ago"),
        (timedelta(seconds=-59), "0s ago"),
        (timedelta(hours=-2), "2h ahead of this machine's clock"),
        (timedelta(days=3), "3d ago"),
    ],
)
def test_a_moment_of_another_machines_clock_is_told_without_nonsense(away: timedelta, said: str) -> None:
    assert output.ago(NOW - away, NOW) == said
    assert output.ago(None, NOW) == "never"


def test_status_sees_a_daemon_of_a_clock_a_little_ahead(run: Run, desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    store.note("daemon.here:1:a", {}, datetime.now(UTC) + timedelta(seconds=20))
    store.note_poll("europe", True, None, datetime.now(UTC) + timedelta(seconds=20))
    store.close()
    told = run("status").out
    assert "daemon    here:1:a seen 0s ago" in told and "last good poll 0s ago" in told


def coloured(notes: dict[str, Note], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    said: list[tuple[str, str | None]] = []
    monkeypatch.setattr(output, "say", lambda text="", **style: said.append((text, style.get("fg"))))
    status._daemons(status.of_daemons(notes, {}, NOW), NOW)
    return said


def daemon(name: str, **ago: float) -> tuple[str, Note]:
    return f"daemon.{name}", Note(f"daemon.{name}", {}, NOW - timedelta(**ago))


def test_a_killed_daemon_is_red_only_while_nobody_does_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    both = dict([daemon("a:1", seconds=5), daemon("b:2", minutes=20)])
    assert coloured(both, monkeypatch) == [
        ("daemon    a:1 seen 5s ago", None),
        ("daemon    b:2 seen 20m ago: killed, or stuck", None),
    ]
    later = dict([daemon("a:1", seconds=5), daemon("b:2", hours=2)])
    assert coloured(later, monkeypatch) == [("daemon    a:1 seen 5s ago", None)]
    alone = dict([daemon("b:2", hours=2)])
    assert coloured(alone, monkeypatch) == [
        ("daemon    none is running", "red"),
        ("daemon    b:2 seen 2h ago: killed, or stuck", "red"),
    ]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("text", ["日本語 für – 😀", '{"subject": "日本語 für 😀"}'])
def test_a_terminal_that_lacks_a_character_gets_it_as_json_writes_it(
    encoding: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    output.write_anywhere()
    output.say(text)
    stream.flush()
    written = raw.getvalue().decode(encoding)
    assert "\\u65e5" in written
    if text.startswith("{"):
        assert json.loads(written) == {"subject": "日本語 für 😀"}, "still the same JSON"


def test_no_command_ends_in_a_traceback_there(desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    store.note("letters:staff", "接続できません 😀", datetime.now(UTC))
    store.close()
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "triaged", "--config", str(desk / "config.yaml"), "status"]
    for more in ([], ["--json"]):
        done = subprocess.run([*command, *more], capture_output=True, env=environ, text=True)
        assert (done.returncode, done.stderr) == (0, "") and "\\u63a5" in done.stdout


def test_errors_of_other_kinds_are_not_swallowed() -> None:
    harmless.register()
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", harmless.AS_JSON)


def test_status_watches_until_it_is_interrupted(desk: Path) -> None:
    command = [sys.executable, "-m", "triaged", "--config", str(desk / "config.yaml"), "status", "--json"]
    # Whoever starts the tests in the background has SIGINT ignored, and children inherit that.
    default = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    watching = subprocess.Popen(
        [*command, "--watch", "--every", "0.2"], stdout=subprocess.PIPE, text=True, preexec_fn=default
    )
    assert watching.stdout is not None
    first, second = json.loads(watching.stdout.readline()), None
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    store.note_poll("europe", True, None, NOW)
    store.close()
    for _ in range(50):
        second = json.loads(watching.stdout.readline())
        if second["mailboxes"]:
            break
    assert first["mailboxes"] == [] and second and second["mailboxes"][0]["mailbox"] == "europe"
    watching.send_signal(signal.SIGINT)
    assert watching.wait(20) == 130


# -- a disk that fell read-only -----------------------------------------------------------------------


@pytest.fixture
def read_only(desk: Path, tmp_path: Path) -> Iterator[Path]:
    """The desk's database on a disk that may only be read, as a kernel makes it when one fails."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk of its own")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(place)], capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount a disk of its own")
    (place / "triaged.db").write_bytes((desk / "triaged.db").read_bytes())
    config = desk / "config.yaml"
    config.write_text(config.read_text().replace("sqlite:///triaged.db", f"sqlite:///{place}/triaged.db"))
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("command", [["status"], ["tickets", "list"], ["mail", "list"], ["outbox", "list"]])
def test_a_disk_that_fell_read_only_can_still_be_looked_at(
    run: Run, read_only: Path, command: list[str]
) -> None:
    done = run(*command)
    assert (done.status, done.err) == (0, "") and done.out


def test_what_wants_to_write_there_says_so(run: Run, read_only: Path) -> None:
    done = run("tickets", "note", "PS-1001", "x")
    assert done.status == 1 and len(done.err.splitlines()) == 1 and "Traceback" not in done.err


# -- folders and certificates -------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o000, 0o300, 0o600])
def test_a_folder_that_cannot_be_read_is_not_told_as_empty(tmp_path: Path, mode: int) -> None:
    for above in (tmp_path, *tmp_path.parents):
        with suppress(OSError):
            above.chmod(above.stat().st_mode | 0o055)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "10.yaml").write_text("rules: []\n")
    folder.chmod(mode)
    try:
        with nobody(), pytest.raises(Faulty) as told:
            read_texts(folder, "rulebook folder")
    finally:
        folder.chmod(0o755)
    assert "cannot be read: Permission denied" in str(told.value) and "no *.yaml" not in str(told.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    for above in (tmp_path, *tmp_path.parents):
        with suppress(OSError):
            above.chmod(above.stat().st_mode | 0o055)
    (tmp_path / "10.yaml").write_text("rules: []\n")
    (tmp_path / "10.yaml").chmod(0)
    with nobody(), pytest.raises(Faulty, match=r"10\.yaml: cannot be read: Permission denied"):
        read_texts(tmp_path, "rulebook folder")


def certificate(folder: Path, begins: datetime, ends: datetime, name: str) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(
    ("begins", "ends", "name", "remedy"),
    [
        (-60, -1, "localhost", "has expired; it must be renewed on the server"),
        (1, 60, "localhost", "not yet valid; look at the clock of this machine"),
        (-1, 60, "mail.other.example", "write as host the name it is made out to, instead of localhost"),
    ],
)
@pytest.mark.parametrize("door", ["imap", "smtp"])
def test_each_fault_of_a_certificate_has_its_own_remedy(
    run: Run, desk: Path, begins: int, ends: int, name: str, remedy: str, door: str
) -> None:
    now = datetime.now(UTC)
    cert, key = certificate(desk, now + timedelta(days=begins), now + timedelta(days=ends), name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                with suppress(OSError):
                    context.wrap_socket(listening.accept()[0], server_side=True).close()
                if listening.fileno() < 0:
                    return

    threading.Thread(target=serve, daemon=True).start()
    (desk / "secret").write_text("x")
    port = listening.getsockname()[1]
    server = (
        f"{{host: localhost, port: {port}, tls: implicit, user: u, password_file: secret, ca_file: cert.pem}}"
    )
    config = desk / "config.yaml"
    config.write_text(config.read_text().replace("regions: [EU, UK]", f"regions: [EU, UK], {door}: {server}"))
    done = run("check", "--connect")
    listening.close()
    [line] = [one for one in done.err.splitlines() if one.startswith(door)]
    assert remedy in line and line.count(";") == 1


def test_a_click_usage_error_still_is_one(run: Run) -> None:
    assert click.__name__ and run("status", "--every", "0").status == 2
