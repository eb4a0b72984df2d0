"""A private Dovecot 2.3 (Debian's) for tests: own config, own folder, static passwords, TLS with a certificate of its own.

`Dovecot().start()`; every user name exists, the password is `PASSWORD`. `kill()` is a power cut, `start()`
brings it back on the same ports with the same mail, `stop()` ends it and removes its folder.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.servers.ports import free_port

PASSWORD = "open_sesame"

_OPENSSL = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
    " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
)

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
imap_idle_notify_interval = 2 mins
mail_max_userip_connections = 100
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = {imaps}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{oauth2}passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
{special_use}}}
{more}"""


def binary() -> str:
    """Where dovecot is; skips the test without it, fails it where CI promises it."""
    found = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("Dovecot is missing: apt-get install dovecot-imapd")
    pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd)")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-made certificate for localhost and 127.0.0.1, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    if not cert.exists():
        subprocess.run(
            [*_OPENSSL.split(), "-keyout", str(key), "-out", str(cert)],
            check=True,
            capture_output=True,
        )
    return cert, key


def _alive(group: int) -> bool:
    """Whether a process of the group still runs; those that only wait to be reaped do not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


class Dovecot:
    """One server; `tls=False` offers no TLS.

    `prefix` and `separator` of its folders; `special_use`: folder -> mark; `capability`: all it admits to.
    `introspection`: where it asks whether an OAuth 2.0 token is good; it is offered by `mechanisms`.
    """

    def __init__(
        self,
        *,
        tls: bool = True,
        password: str = PASSWORD,
        prefix: str = "",
        separator: str = "/",
        special_use: Mapping[str, str] | None = None,
        capability: str = "",
        introspection: str = "",
        mechanisms: str = "xoauth2 oauthbearer",
    ) -> None:
        self.layout = {
            "prefix": prefix,
            "separator": separator,
            "special_use": "".join(
                f'  mailbox "{name}" {{\n    special_use = \\{use}\n    auto = create\n  }}\n'
                for name, use in (special_use or {}).items()
            ),
            "more": f"imap_capability = {capability}\n" if capability else "",
        }
        self._oauth2 = introspection, mechanisms if introspection else ""
        self.program = binary()
        # Not under pytest's folder: every pytest session closes that to all but its own user again, and
        # Dovecot's mail processes, which run as "mail" when we are root, could not walk in any more.
        self.folder = Path(tempfile.mkdtemp(prefix="triaged-dovecot-"))
        self.folder.chmod(0o755)
        (self.folder / "mail").mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder / "mail", "mail", "mail")
        self.port, self.tls_port = free_port(), free_port()
        self.tls, self.password = tls, password
        self.process: subprocess.Popen[bytes] | None = None
        self.cert, key = certificate(self.folder)
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(self._config(key), "utf-8")

    def _config(self, key: Path) -> str:
        root = os.geteuid() == 0
        user = getpass.getuser()
        return _CONFIG.format(
            folder=self.folder,
            internal="dovecot" if root else user,
            login="dovenull" if root else user,
            group="dovecot" if root else "",
            uid="mail" if root else os.getuid(),
            gid="mail" if root else os.getgid(),
            ssl="yes" if self.tls else "no",
            imaps="yes" if self.tls else "no",
            certificate=f"ssl_cert = <{self.cert}\nssl_key = <{key}" if self.tls else "",
            port=self.port,
            tls_port=self.tls_port,
            password=self.password,
            oauth2=self._introspecting(),
            mechanisms=f" {self._oauth2[1]}",
            **self.layout,
        )

    def _introspecting(self) -> str:
        url, mechanisms = self._oauth2
        if not url:
            return ""
        args = self.folder / "oauth2.conf"
        args.write_text(
            f"introspection_mode = post\nintrospection_url = {url}\nusername_attribute = email\n"
            "active_attribute = active\nactive_value = true\n"
        )
        args.chmod(0o644)
        return f"passdb {{\n  driver = oauth2\n  mechanisms = {mechanisms}\n  args = {args}\n}}\n"

    def start(self) -> Dovecot:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("ab"),
            start_new_session=True,
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as sock:
                    if sock.recv(64).startswith(b"* OK"):
                        return self
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"dovecot did not start: {self._told()}")

    def _told(self) -> str:
        files = [self.folder / name for name in ("stderr", "log")]
        return " | ".join(f.read_text()[-2000:] for f in files if f.exists())

    def stop(self) -> None:
        """The end, for good."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """The power is cut: every process of it, at once."""
        if self.process is None:
            return
        group = self.process.pid  # it leads a session of its own
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self.process.wait(20)
        self.process = None
        until = time.monotonic() + 20
        while _alive(group) and time.monotonic() < until:
            time.sleep(0.01)
        # Dovecot breaks a lock whose holder is gone. Where nobody reaps the killed (PID 1 of many a container) its
        # holder seems to live, and the next server waits two minutes for it.
        for lock in (self.folder / "mail").rglob("*.lock"):
            lock.unlink(missing_ok=True)

    def client(self, user: str) -> IMAPClient:
        """A logged-in client for the test's own hand."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        client.plain_login(user, self.password)
        return client

    def append(self, user: str, *mails: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Put mails into a folder, as a delivery would."""
        client = self.client(user)
        try:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail, msg_time=at)
        finally:
            client.logout()

    def make(self, user: str, folder: str) -> None:
        """An empty folder, unless there is one."""
        client = self.client(user)
        try:
            if not client.folder_exists(folder):
                client.create_folder(folder)
        finally:
            client.logout()

    def deliver_many(self, user: str, mails: Sequence[bytes], at: datetime) -> None:
        """Many mails at once, all of one INTERNALDATE, by writing the Maildir itself: quick."""
        self.lay_down(user, mails, at)()

    def lay_down(self, user: str, mails: Sequence[bytes], at: datetime) -> Callable[[], None]:
        """Write them where nobody looks yet; calling what this answers makes them all appear."""
        maildir = self.folder / "mail" / user / "Maildir"
        self.contents(user)  # makes the folders, with their right owner
        names = [f"{int(at.timestamp())}.M{number}P1.localhost" for number in range(len(mails))]
        for name, mail in zip(names, mails, strict=True):
            path = maildir / "tmp" / name
            path.write_bytes(mail)
            if os.geteuid() == 0:
                shutil.chown(path, "mail", "mail")
            os.utime(path, (at.timestamp(), at.timestamp()))

        def appear() -> None:
            for name in names:
                (maildir / "tmp" / name).rename(maildir / "new" / name)

        return appear

    def contents(self, user: str, folder: str = "INBOX") -> dict[int, bytes]:
        """UID -> bytes of everything in a folder; {} if there is no such folder."""
        client = self.client(user)
        try:
            if not client.folder_exists(folder):
                return {}
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
            return {uid: data[b"BODY[]"] for uid, data in found.items()}
        finally:
            client.logout()
