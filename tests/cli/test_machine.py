"""`triaged check --connect` sees the machine as the daemon will: ports, secrets, disk, files, certificates, rights, clocks."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.nobody import nobody
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres
from triaged.cli import connections, machine
from triaged.config import config as configs
from triaged.store import Store, rights, upgrade

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")


@pytest.fixture
def quiet(desk: Path) -> Path:
    """The desk's config, its listener on a port that is free."""
    change(desk, "protocol: lmtp", f"protocol: lmtp, port: {free_port()}")
    return desk


def change(desk: Path, old: str, new: str) -> None:
    config = desk / "config.yaml"
    text = config.read_text("utf-8")
    assert old in text
    config.write_text(text.replace(old, new), "utf-8")


def found(desk: Path) -> list[machine.Finding]:
    return list(machine.findings(configs.load(desk / "config.yaml"), desk / "config.yaml"))


def test_on_a_machine_in_order_nothing_is_found(run: Run, quiet: Path) -> None:
    assert found(quiet) == []
    told = run("check", "--connect")
    assert (told.status, told.err) == (
        0,
        "warning: mailbox europe has no smtp: its letters wait in the outbox\n",
    )


@pytest.mark.parametrize("key", ["listener", "http"])
def test_a_port_that_another_holds_is_a_fault(run: Run, quiet: Path, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        if key == "http":
            (quiet / "config.yaml").open("a").write(f"http: {{listen: 127.0.0.1:{port}}}\n")
        else:
            change(quiet, "protocol: lmtp, port: ", f"protocol: lmtp, port: {port} #")
            text = (quiet / "config.yaml").read_text("utf-8")
            (quiet / "config.yaml").write_text(
                "\n".join(
                    f"listener: {{protocol: lmtp, port: {port}, behind_mta: true}}"
                    if line.startswith("listener")
                    else line
                    for line in text.splitlines()
                ),
                "utf-8",
            )
        told = run("check", "--connect")
    assert told.status == 1
    assert f"127.0.0.1:{port} cannot be listened on: it is in use; " in told.err


def test_a_secret_open_to_others_is_told_with_the_remedy(quiet: Path) -> None:
    change(
        quiet,
        "regions: [EU, UK]",
        "regions: [EU, UK], imap: {host: imap.example, user: u, password_file: secret}",
    )
    (quiet / "secret").write_text("x\n", "utf-8")
    for mode, is_open in (
        (0o644, True),
        (0o604, True),
        (0o660, True),
        (0o640, False),
        (0o600, False),
        (0o400, False),
    ):
        (quiet / "secret").chmod(mode)
        texts = [one.text for one in found(quiet)]
        assert any(f"chmod 600 {quiet / 'secret'}" in text for text in texts) is is_open, oct(mode)


def test_a_disk_that_is_nearly_full_is_told(quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SCARCE", 1 << 62)
    assert [one.text for one in found(quiet) if "MiB are free" in one.text]


@ROOT_ONLY
def test_the_check_looks_as_the_daemons_user_where_root_asks(quiet: Path) -> None:
    """A rulebook and a config for root alone, a lock file that root made: the daemon would find them shut."""
    quiet.chmod(0o755)
    for above in quiet.parents:
        if above.stat().st_mode & 0o005 != 0o005 and "pytest" in str(above):
            above.chmod(0o755)
    os.chown(quiet, 65534, 65534)
    for file in quiet.iterdir():
        os.chown(file, 65534, 65534)
    assert [one for one in found(quiet) if one.fault] == []
    (quiet / "triaged.db-recording").touch(mode=0o600)
    os.chown(quiet / "triaged.db-recording", 0, 0)
    (quiet / "triaged.db-recording").chmod(0o600)
    os.chown(quiet / "accounts.csv", 0, 0)
    (quiet / "accounts.csv").chmod(0o600)
    texts = {one.text for one in found(quiet) if one.fault}
    assert texts == {
        f"{quiet / 'accounts.csv'}: cannot be read; give its group the right, and its folders (as nobody)",
        f"{quiet / 'triaged.db-recording'}: cannot be written to; root made it? chown it to the daemon's user (as nobody)",
    }
    assert os.geteuid() == 0


def test_without_another_user_one_looks_oneself() -> None:
    assert machine.as_daemon(None, lambda: [machine.Finding("x")]) == [machine.Finding("x")]


@ROOT_ONLY
def test_what_the_child_cannot_tell_is_no_silence() -> None:
    [told] = machine.as_daemon(pwd.getpwnam("nobody"), lambda: [1 / 0])  # type: ignore[list-item]
    assert "could not look as the user nobody" in told.text


def test_nobody_can_be_trusted_by_a_door_that_believes_nothing(run: Run, quiet: Path) -> None:
    change(quiet, ", behind_mta: true", "")
    assert "no sender can ever be trusted" in run("check", "--connect").err
    config = configs.load(quiet / "config.yaml")
    assert any("has no partner" in told for told in machine.nobody_can_be_trusted(config, 0))


def test_a_certificate_that_ends_within_a_fortnight_is_told(tmp_path: Path) -> None:
    def certificate(days: int) -> list[str]:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days),
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        return handshake(tmp_path)

    [told] = certificate(5)
    assert "its certificate ends in 4 days" in told
    assert certificate(30) == []


def handshake(folder: Path) -> list[str]:
    """What is said of a TLS connection to a server with that certificate."""
    import ssl
    import threading

    ours, theirs = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    client = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    thread = threading.Thread(target=lambda: server.wrap_socket(theirs, server_side=True))
    thread.start()
    with client.wrap_socket(ours, server_hostname="localhost") as connected:
        told = list(connections._expiring(connected))
    thread.join()
    return told


def test_folders_and_clocks_of_the_mail_server(run: Run, quiet: Path, dovecot: Dovecot) -> None:
    (quiet / "secret").write_text(dovecot.password, "utf-8")
    (quiet / "secret").chmod(0o600)
    door = f"host: 127.0.0.1, port: {dovecot.port}, tls: none, user: machine, password_file: secret"
    change(quiet, "regions: [EU, UK]", f"regions: [EU, UK], imap: {{{door}, after: {{move_to: Done}}}}")
    dovecot.append("machine", b"Subject: x\r\n\r\nx\r\n", at=datetime.now(UTC) + timedelta(hours=2))
    told = run("check", "--connect")
    assert told.status == 0, told.err
    assert "there is no folder 'Done' yet; the first mail makes it" in told.err
    assert "came 7" in told.err and "look at both machines' time service" in told.err
    dovecot.make("machine", "Done")
    assert "no folder" not in run("check", "--connect").err


def test_rights_that_a_postgresql_user_lacks_are_named(postgres: Postgres) -> None:
    from sqlalchemy import create_engine, text

    url = postgres.fresh(upgrade)
    try:
        lacking, seconds = rights.on_postgresql(url, None)
        assert lacking == [] and abs(seconds) < machine.SKEW_SECONDS
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as connection:
            connection.execute(text("DROP ROLE IF EXISTS poor"))
            connection.execute(text("CREATE ROLE poor LOGIN"))
            connection.execute(
                text(
                    "GRANT USAGE ON SCHEMA public TO poor; GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor"
                )
            )
        engine.dispose()
        from sqlalchemy import make_url

        poor = make_url(url).set(username="poor").render_as_string(hide_password=False)
        lacking, _ = rights.on_postgresql(poor, None)
        assert "INSERT, UPDATE, DELETE on the table ticket" in lacking
        assert lacking[0].startswith("CREATE on the schema")
    finally:
        postgres.drop(url)


# -- whose eyes it looks with --------------------------------------------------------------------------


@ROOT_ONLY
def test_root_looks_as_the_owner_of_the_databases_folder_or_as_the_service(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, file = configs.load(quiet / "config.yaml"), quiet / "config.yaml"

    def who() -> str | None:
        user = machine.daemon_user(config, file)
        return user.pw_name if user else None

    os.chown(quiet, 0, 0)
    assert who() is None
    monkeypatch.setattr(machine, "SERVICE_CONFIG", quiet)
    monkeypatch.setattr(machine, "SERVICE_USER", "nobody")
    assert who() == "nobody"
    monkeypatch.setattr(machine, "SERVICE_USER", "no-such-user-here")
    assert who() is None
    os.chown(quiet, 65534, 65534)
    assert who() == "nobody"
    with nobody():
        assert machine.daemon_user(config, file) is None


@ROOT_ONLY
def test_everything_the_daemons_user_needs_and_has_no_right_to_is_told(quiet: Path) -> None:
    with (quiet / "config.yaml").open("a") as config:
        config.write("models: models\nreading_words: words\n")
    for folder in ("models", "words"):
        (quiet / folder).mkdir()
        (quiet / folder).chmod(0o755)
    for above in (quiet, *quiet.parents):
        if above.stat().st_mode & 0o005 != 0o005:
            above.chmod(0o755)
    for file in quiet.iterdir():
        file.chmod(0o755 if file.is_dir() else 0o644)
    (quiet / "accounts.csv").chmod(0o600)
    (quiet / "words").chmod(0o744)
    loaded = configs.load(quiet / "config.yaml")
    look = partial(machine._reachable, loaded, quiet / "config.yaml")
    found = machine.as_daemon(pwd.getpwnam("nobody"), lambda: list(look()))
    assert {(one.text.removesuffix(" (as nobody)"), one.fault) for one in found} == {
        (f"{quiet / 'accounts.csv'}: cannot be read; give its group the right, and its folders", True),
        (f"{quiet / 'words'}: cannot be read; give its group the right, and its folders", True),
        (f"{quiet}: cannot be written to; SQLite makes files beside the database", True),
        *(
            (f"{quiet / name}: cannot be written to; root made it? chown it to the daemon's user", True)
            for name in ("triaged.db", "triaged.db-recording", "triaged.db-next")
        ),
        (f"{quiet / 'models'}: cannot be written to; `triaged train` and learning by itself need it", False),
    }


@ROOT_ONLY
def test_a_port_that_only_root_may_hold_is_left_to_systemd() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if lowest < 2:
        pytest.skip("anybody may listen on any port here")
    with nobody():
        assert machine.not_bound("127.0.0.1", 1) == ""


def test_a_port_is_told_as_taken_though_the_database_is_not_there(run: Run, quiet: Path) -> None:
    """Whose it is cannot be asked: then it is somebody else's."""
    (quiet / "triaged.db").unlink()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (quiet / "config.yaml").open("a").write(f"http: {{listen: 127.0.0.1:{port}}}\n")
        [told] = found(quiet)
        assert told.fault and told.text.startswith(f"http.listen: 127.0.0.1:{port} cannot be listened on: ")
        lines = run("check", "--connect").err.splitlines()
    assert [line for line in lines if line.startswith("database: ")] != []


def test_the_ports_of_a_daemon_that_runs_are_its_own(quiet: Path) -> None:
    store = Store.open(f"sqlite:///{quiet}/triaged.db")
    store.inherit("here:1:a", datetime.now(UTC))
    with socket.create_server(("127.0.0.1", 0)) as other:
        (quiet / "config.yaml").open("a").write(f"http: {{listen: 127.0.0.1:{other.getsockname()[1]}}}\n")
        running = found(quiet)
    store.close()
    assert running == []


def test_where_the_database_will_lie_in_a_folder_that_is_not_there_yet_no_disk_is_looked_at(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "SCARCE", 1 << 62)
    change(quiet, "sqlite:///triaged.db", "sqlite:///nowhere/triaged.db")
    assert [one for one in found(quiet) if "MiB are free" in one.text] == []


def test_the_passwords_file_of_the_database_is_looked_at_too(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(quiet, "directory:", "database_password_file: secret\ndirectory:")
    change(quiet, "database: sqlite:///triaged.db", "database: postgresql://nobody@127.0.0.1:1/none")
    (quiet / "secret").write_text("x\n")
    (quiet / "secret").chmod(0o644)
    [told] = found(quiet)
    assert told.text.startswith(f"database_password_file {quiet / 'secret'} is open to others (mode 0644): ")
    (quiet / "secret").chmod(0o600)
    assert found(quiet) == [], "a database that is away is told of as a door"


def test_what_the_databases_user_lacks_is_a_fault_and_a_clock_apart_a_warning(
    quiet: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = (["INSERT on the table ticket", "CREATE on the schema public"], -7.4)
    monkeypatch.setattr(rights, "on_postgresql", lambda url, password: lacking)
    url = postgres.fresh(upgrade)
    try:
        change(quiet, "sqlite:///triaged.db", url)
        told = [(one.text, one.fault) for one in found(quiet)]
    finally:
        postgres.drop(url)
    assert told == [
        ("database: the user lacks INSERT on the table ticket", True),
        ("database: the user lacks CREATE on the schema public", False),
        ("database: its server's clock differs from this machine's by -7 s; look at both machines' time service", False),
    ]  # fmt: skip


def test_a_name_that_no_mail_server_writes_is_told(quiet: Path) -> None:
    change(quiet, "[mx.intake.example]", "[mx.intake.example, a@b, a/b, 'a b']")
    config = configs.load(quiet / "config.yaml")
    told = list(machine.nobody_can_be_trusted(config, 1))
    assert [line.split("'")[1] for line in told] == ["a@b", "a/b", "a b"]
    assert all(line.startswith("trusted_authserv_ids: ") for line in told)
