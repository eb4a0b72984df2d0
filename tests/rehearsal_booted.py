"""The rehearsal's last part: the units under a real systemd, in a container of a bare Debian 12 (systemd-nspawn).

What running the units' commands by hand cannot show: the sandbox, the credentials as systemd hands them over, reloading,
the restart after `kill -9`, the timer's service, and the pages' unit beside it. The container shares this machine's network,
so Dovecot and the SMTP server of the rehearsal are at hand.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.intake.scene import eventually
from tests.servers.ports import free_port

SECONDS = 180  # for what takes two on an idle machine
DROP_IN = "/etc/systemd/system/triaged.service.d/secrets.conf"


def possible() -> bool:
    """Whether this machine can boot a container."""
    return shutil.which("systemd-nspawn") is not None and Path("/sys/fs/cgroup").is_dir()


class Booted:
    """A running container: commands in it, by its namespaces."""

    def __init__(self, folder: Path, leader: int) -> None:
        self.folder = folder
        self._enter = ["nsenter", "-t", str(leader), "-m", "-u", "-i", "-p", "-C", "env", "-i",
                       "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]  # fmt: skip

    def said(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command's exit status and output, shown to nobody."""
        return subprocess.run([*self._enter, *command], capture_output=True, text=True, check=False)

    def run(self, *command: str) -> str:
        """A command's output; another exit status than 0 ends the rehearsal."""
        done = self.said(*command)
        told = done.stdout + done.stderr
        print("".join(f"    {line}\n" for line in told.splitlines()), end="", flush=True)
        assert done.returncode == 0, f"{' '.join(command)}: exit status {done.returncode}"
        return told

    def log(self) -> str:
        """The daemon's journal."""
        return self.said("journalctl", "-u", "triaged", "--no-pager", "-o", "cat").stdout


@contextmanager
def booted(folder: Path) -> Iterator[Booted]:
    """The root's own systemd, until it runs; powered off at the end."""
    command = [
        "systemd-nspawn",
        "-q",
        "-D",
        str(folder),
        "-b",
        "--register=no",
        "--keep-unit",
        "--console=read-only",
    ]
    nowhere = subprocess.DEVNULL
    container = subprocess.Popen(command, stdin=nowhere, stdout=nowhere)
    try:
        leader = int(eventually(lambda: _child(container.pid), SECONDS))
        inside = Booted(folder, leader)
        eventually(lambda: inside.said("systemctl", "is-system-running").stdout == "running\n", SECONDS)
        yield inside
    finally:
        container.terminate()  # nspawn asks the container to power off
        container.wait(SECONDS)


def _child(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split(" ")[0]


def rehearse_booted(inside: Booted, acknowledged: Callable[[int], None]) -> None:
    """Start, mail, reload, kill, backup, pages, stop, with the units as they are shipped and the drop-in of the guide."""
    names = ("imap-support", "smtp-support")
    drop_in = inside.folder / DROP_IN.lstrip("/")
    drop_in.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"LoadCredential={name}:/etc/triaged/secrets/{name}\n" for name in names)
    drop_in.write_text(f"[Service]\n{lines}", "utf-8")
    config = inside.folder / "etc/triaged/config.yaml"
    port = free_port()
    pages = f'\nweb: {{public_url: "http://127.0.0.1:{port}", listen: "127.0.0.1:{port}"}}\n'
    config.write_text(config.read_text("utf-8") + pages, "utf-8")
    inside.run("systemctl", "daemon-reload")

    inside.run("systemctl", "start", "triaged")  # Type=notify: returns when it is ready
    acknowledged(1)
    inside.run("systemctl", "reload", "triaged")
    eventually(lambda: "daemon.reloaded" in inside.log(), SECONDS)
    inside.run("systemctl", "kill", "-s", "KILL", "triaged")
    eventually(lambda: inside.log().count("daemon.ready") >= 2, SECONDS)
    acknowledged(2)
    inside.run("systemctl", "start", "triaged-backup.service")
    assert list((inside.folder / "var/lib/triaged/backup").glob("*.db"))
    inside.run("systemctl", "start", "triaged-web")
    eventually(lambda: _answers(f"http://127.0.0.1:{port}/sign-in"), SECONDS)
    for unit in ("triaged", "triaged-web"):
        told = inside.run("systemd-analyze", "security", "--no-pager", unit).splitlines()[-1]
        [exposure] = re.findall(r"([\d.]+) OK", told)
        assert float(exposure) < 2, told
    inside.run("systemctl", "stop", "triaged-web", "triaged")
    assert inside.run("systemctl", "--failed", "--no-legend").strip() == ""


def _answers(url: str) -> bool:
    try:
        with closing(urllib.request.urlopen(url, timeout=5)) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
