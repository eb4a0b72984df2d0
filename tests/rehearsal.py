"""`make rehearse`: an admin's life with the package, from nothing: install, first mail, backup, upgrade, rollback, removal.

Run as root: `python -m tests.rehearsal dist/triaged_*.deb [ROOT]`. ROOT is a bare Debian 12
(`mmdebstrap --variant=apt bookworm ROOT`), into which apt brings what the package depends on; without it a throw-away
overlay of this machine's own root is used, so nothing here is changed. The units' own commands are run by hand, as their
user, with the notify socket and the credentials that systemd would hand over; where ROOT is given and systemd-nspawn is
there, the units then run under the root's own systemd too (tests/rehearsal_booted.py).
Dovecot and an SMTP server stand beside it on loopback.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.rehearsal_booted import booted, possible, rehearse_booted
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import Sink

SECONDS = 180  # for what takes two on an idle machine
AS_DAEMON = ("runuser", "-u", "triaged", "--")
EXEC_AS_DAEMON = (
    "setpriv",
    "--reuid=triaged",
    "--regid=triaged",
    "--init-groups",
    "--no-new-privs",
)  # no parent in between
NEWER = "9999"

MIGRATION = f'''
"""A later version's change, for the rehearsal."""
from alembic import op
import sqlalchemy as sa
revision = "{NEWER}"
down_revision = "@LAST@"
branch_labels = depends_on = None
def upgrade() -> None:
    op.create_table("rehearsal", sa.Column("id", sa.Integer, primary_key=True))
'''


class Root:
    """A Debian's root folder in which commands run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mounted: list[Path] = []

    def run(self, *command: str, status: int = 0, **environment: str) -> str:
        """A command's output, in the root; another exit status ends the rehearsal."""
        done = subprocess.run(
            ["chroot", str(self.folder), *command], env=self.environment(**environment), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="", flush=True)
        assert done.returncode == status, f"{' '.join(command)}: exit status {done.returncode}"
        return done.stdout

    def environment(self, **more: str) -> dict[str, str]:
        """A bare one: nothing of this checkout's reaches the package."""
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **more,
        }

    def path(self, inside: str) -> Path:
        """A path of the root, as seen from here."""
        return self.folder / inside.lstrip("/")

    def schema(self) -> str:
        """What the database says its schema is."""
        import sqlite3

        with closing(sqlite3.connect(self.path("/var/lib/triaged/triaged.db"))) as database:
            [[found]] = database.execute("select version_num from alembic_version")
        return str(found)


@contextmanager
def overlay() -> Iterator[Path]:
    """This machine's root, with all changes thrown away at the end; in a mount namespace of our own (`main`)."""
    with tempfile.TemporaryDirectory(prefix="triaged-rehearsal-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
        for name in ("upper", "work", "root"):
            (Path(folder) / name).mkdir()
        layers = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, f"{folder}/root"], check=True)
        try:
            yield Path(folder) / "root"
        finally:
            subprocess.run(["umount", "-l", f"{folder}/root"], check=False)
            subprocess.run(["umount", "-l", folder], check=False)


class Daemon:
    """What triaged.service runs, by hand: its ExecStart, its user, its credentials, its notify socket."""

    def __init__(self, root: Root) -> None:
        self.root = root
        unit = root.path("/lib/systemd/system/triaged.service").read_text("utf-8")
        [command] = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
        credentials = root.path("/run/triaged-credentials")
        shutil.rmtree(credentials, ignore_errors=True)
        shutil.copytree(root.path("/etc/triaged/secrets"), credentials)
        root.run("chown", "-R", "triaged:", "/run/triaged-credentials")
        notify = root.path("/run/triaged-notify")
        notify.unlink(missing_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(SECONDS)
        here = Path.cwd()
        os.chdir(notify.parent)  # a socket's path is at most 108 bytes
        self.notify.bind(notify.name)
        os.chdir(here)
        notify.chmod(0o777)
        self.process = subprocess.Popen(
            ["chroot", str(root.folder), *EXEC_AS_DAEMON, *command.split()],
            env=root.environment(NOTIFY_SOCKET="/run/triaged-notify", CREDENTIALS_DIRECTORY="/run/triaged-credentials"),
            start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> Daemon:
        while b"READY=1" not in self.notify.recv(4096):
            pass
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.notify.close()


def step(text: str) -> None:
    print(f"== {text}", flush=True)


def mail(number: int) -> bytes:
    """A partner's question."""
    return (
        f"Authentication-Results: mx.company.example; dmarc=pass header.from=oakbridge.example\r\n"
        f"From: Anna <anna@oakbridge.example>\r\nTo: partner-support@company.example\r\n"
        f"Message-ID: <rehearsal-{number}@oakbridge.example>\r\nSubject: Question {number}\r\n\r\n"
        "SuperAdmin: it@alder.example\r\nService: Zoho CRM\r\nHow do I add a field?\r\n"
    ).encode()


def acknowledged(dovecot: Dovecot, sink: Sink, number: int) -> None:
    """A partner writes and is answered. Raises AssertionError where he is not."""
    dovecot.append("support", mail(number))
    until = time.monotonic() + SECONDS
    wanted = f"Question {number}".encode()
    while not any("anna@oakbridge.example" in one.rcpt_to and wanted in one.raw for one in list(sink.taken)):
        assert time.monotonic() < until, (
            f"mail {number} was not acknowledged: {[t.rcpt_to for t in sink.taken]}"
        )
        time.sleep(0.5)
    print(f"    mail {number} is acknowledged", flush=True)


def newer(package: Path, folder: Path) -> Path:
    """The same package as a later version, with a schema that this one does not know."""
    subprocess.run(["dpkg-deb", "-R", str(package), str(folder)], check=True)
    ours = next(folder.glob("opt/triaged/lib/python3.11/site-packages/triaged"))
    schema = ours / "store" / "schema.py"
    text = schema.read_text("utf-8")
    last = re.findall(r'^    "(\d{4})",$', text, re.MULTILINE)[-1]
    schema.write_text(text.replace(f'    "{last}",\n', f'    "{last}",\n    "{NEWER}",\n'), "utf-8")
    versions = ours / "store" / "migrations" / "versions"
    (versions / f"{NEWER}_rehearsal.py").write_text(MIGRATION.replace("@LAST@", last), "utf-8")
    start = ours / "__init__.py"
    start.write_text(
        re.sub(r'__version__ = "(.+)"', r'__version__ = "\1+later"', start.read_text("utf-8")), "utf-8"
    )
    control = folder / "DEBIAN" / "control"
    control.write_text(
        re.sub(r"(?m)^Version: (.+)$", r"Version: \1+later", control.read_text("utf-8")), "utf-8"
    )
    made = folder.with_suffix(".deb")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "-b", str(folder), str(made)], check=True
    )
    return made


def install(root: Root, package: Path) -> None:
    shutil.copy(package, root.path("/tmp/triaged.deb"))
    root.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "/tmp/triaged.deb")
    root.path("/tmp/triaged.deb").unlink()


def configure(root: Root, imap_port: int, smtp_port: int, password: str) -> None:
    """What the guide tells an admin to do, on servers of this machine."""
    servers = ("--imap", f"127.0.0.1:{imap_port}", "--smtp", f"127.0.0.1:{smtp_port}", "--user", "support")
    root.run("triaged", "init", "/etc/triaged", "--yes", *servers)
    config = root.path("/etc/triaged/config.yaml")
    text = re.sub(r"(?m)^(      tls: )(implicit|starttls)", r"\1none    ", config.read_text("utf-8"))
    text = text.replace("listen: 127.0.0.1:8080", "listen: 127.0.0.1:0").replace(
        "sent_folder: Sent", "#sent_folder: Sent"
    )
    config.write_text(text.replace("poll_seconds: 60", "poll_seconds: 1 "), "utf-8")
    for name in ("imap-support", "smtp-support"):
        root.path(f"/etc/triaged/secrets/{name}").write_text(password + "\n", "utf-8")
    root.run(*AS_DAEMON, "triaged", "db", "upgrade")


def rehearse(root: Root, package: Path, dovecot: Dovecot, sink: Sink) -> None:
    step("install")
    install(root, package)
    root.run("id", "triaged")
    assert root.path("/var/lib/triaged").stat().st_mode & 0o777 == 0o700
    version = root.run("triaged", "--version").split()[-1]

    step("configure")
    configure(root, dovecot.port, sink.port, dovecot.password)
    root.run("triaged", "check", "--connect", CREDENTIALS_DIRECTORY="/etc/triaged/secrets")
    assert root.run("stat", "-c", "%U %a", "/etc/triaged/secrets/imap-support").split() == ["root", "600"]

    step("first mail, backup")
    with Daemon(root):
        acknowledged(dovecot, sink, 1)
        unit = root.path("/lib/systemd/system/triaged-backup.service").read_text("utf-8")
        [command] = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
        root.run(*AS_DAEMON, "mkdir", "-p", "-m", "700", "/var/lib/triaged/backup")
        root.run(*AS_DAEMON, *command.split())
        root.run(*AS_DAEMON, "triaged", "status")
    before = root.schema()

    step("upgrade")
    with tempfile.TemporaryDirectory() as folder:
        install(root, newer(package, Path(folder) / "newer"))
    assert root.run("triaged", "--version").split()[-1] == f"{version}+later"
    assert root.schema() == NEWER
    assert root.path("/var/lib/triaged/backup/before-upgrade.db").is_file()
    with Daemon(root):
        acknowledged(dovecot, sink, 2)

    step("rollback")
    root.run("triaged-rollback", "--yes")
    assert root.run("triaged", "--version").split()[-1] == version
    assert root.schema() == before
    assert root.path("/var/lib/triaged/backup/before-rollback.db").is_file()
    assert "Question 1" in root.run(*AS_DAEMON, "triaged", "tickets", "list")
    with Daemon(root):
        acknowledged(dovecot, sink, 3)

    step("remove, purge")
    root.run("dpkg", "-r", "triaged")
    assert not root.path("/opt/triaged").exists() and root.path("/etc/triaged/config.yaml").exists()
    root.run("dpkg", "-P", "triaged")
    assert not root.path("/etc/triaged").exists() and root.path("/var/lib/triaged/triaged.db").exists()
    step("all of it went as it should")


def main(package: str, folder: str | None = None) -> None:
    if os.geteuid() != 0:
        sys.exit("run it as root: it installs a package into a root of its own")
    if "REHEARSAL_APART" not in os.environ:  # mounts of ours end with us
        apart = ["unshare", "-m", sys.executable, "-m", "tests.rehearsal", *sys.argv[1:]]
        os.execvpe("unshare", apart, {**os.environ, "REHEARSAL_APART": "1"})
    with ExitStack() as stack:
        root = Root(Path(folder) if folder else stack.enter_context(overlay()))
        dovecot = Dovecot().start()
        stack.callback(dovecot.stop)
        sink = Sink(user="support", password=dovecot.password).start()
        stack.callback(sink.stop)
        with mounted(root):
            if folder:  # a fresh bootstrap has no lists of packages, and no name servers
                shutil.copy("/etc/resolv.conf", root.path("/etc/resolv.conf"))
                root.run("apt-get", "update", "-qq")
            rehearse(root, Path(package).resolve(), dovecot, sink)
            if not folder or not possible():
                return
            step("install again, under systemd itself")
            install(root, Path(package).resolve())
            configure(root, dovecot.port, sink.port, dovecot.password)
        with booted(root.folder) as inside:
            rehearse_booted(inside, lambda number: acknowledged(dovecot, sink, 3 + number))
        step("all of it went as it should, under systemd too")


@contextmanager
def mounted(root: Root) -> Iterator[None]:
    """What commands in a root expect to find; a container's systemd brings its own."""
    with ExitStack() as stack:
        for how, place in (
            (("-t", "proc", "none"), "proc"),
            (("-t", "tmpfs", "none"), "run"),
            (("--rbind", "/dev"), "dev"),
        ):
            subprocess.run(["mount", *how, str(root.path(place))], check=True)
            stack.callback(subprocess.run, ["umount", "-l", str(root.path(place))], check=False)
        yield


if __name__ == "__main__":
    main(*sys.argv[1:])
