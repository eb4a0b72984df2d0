"""The image at work, by hand: `python -m tests.rehearsal_contained [IMAGE]`, with podman, as root.

`init` into two folders, `check`, `db upgrade`, then the daemon as the compose example runs it: nothing of the image can
be written, no capabilities, its own user. Dovecot and an SMTP server stand beside it on loopback. PODMAN="podman
--runtime runc" and the like name the program; where no Debian can be fetched, `podman import` makes the base of a bare root.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing, suppress
from pathlib import Path

import yaml

from tests.e2e.town import mail
from tests.intake.scene import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.smtp_sink import Sink

PODMAN = shlex.split(os.environ.get("PODMAN", "podman"))
NAME, USER, DESK = "triaged-rehearsal", 990, "support@desk.example"
SAFE = "--read-only --tmpfs /tmp --cap-drop all --security-opt no-new-privileges --network host --ulimit nofile=1000:1000 --ulimit nproc=1000:1000"
SECONDS = 120


class Place:
    """The two folders of an installation, and commands run on them."""

    def __init__(self, image: str) -> None:
        self.image, self.folder = image, Path(tempfile.mkdtemp(prefix="triaged-contained-"))
        self.folder.chmod(0o755)
        self.etc, self.data = self.folder / "etc", self.folder / "data"
        for one in (self.etc, self.data):
            one.mkdir()
            os.chown(one, USER, USER)

    def line(self, *arguments: str, writable: bool = False, named: bool = False) -> list[str]:
        """A command in a container of its own."""
        etc = f"{self.etc}:/etc/triaged" + ("" if writable else ":ro")
        volumes = ["-v", etc, "-v", f"{self.data}:/var/lib/triaged"]
        secrets = ["-e", "CREDENTIALS_DIRECTORY=/etc/triaged/secrets"]
        name = ["--name", NAME] if named else []
        return [*PODMAN, "run", "--rm", *name, *SAFE.split(), *secrets, *volumes, self.image, *arguments]

    def runs(self, *arguments: str, writable: bool = False) -> str:
        """What it says, once it has ended well."""
        done = subprocess.run(self.line(*arguments, writable=writable), capture_output=True, text=True)
        print(f"== {' '.join(arguments)}\n{done.stdout}{done.stderr}", flush=True)
        done.check_returncode()
        return done.stdout

    def keep(self, name: str, text: str) -> None:
        """A file that the daemon alone reads."""
        file = self.etc / name
        file.write_text(text, "utf-8")
        file.chmod(0o600)
        os.chown(file, USER, USER)


def main(image: str) -> None:
    """Each step, or the first that failed."""
    place, sink = Place(image), Sink().start()
    dovecot = Dovecot().start()
    try:
        dovecot.make("support", "Sent")
        servers = ["--imap", f"127.0.0.1:{dovecot.port}", "--smtp", f"127.0.0.1:{sink.port}"]
        asked = ["--yes", "--address", DESK, "--user", "support", "--alert", "leads@desk.example"]
        place.runs("init", *asked, *servers, "/etc/triaged", writable=True)
        port = _as_here(place, dovecot.password)
        place.runs("check")
        place.runs("db", "upgrade")
        _works(place, port, dovecot, sink)
    finally:
        dovecot.stop()
    print("== all of it went as it should")


def _as_here(place: Place, password: str) -> int:
    """Servers without TLS, and a port that is free; answers it."""
    port, config = free_port(), yaml.safe_load((place.etc / "config.yaml").read_text("utf-8"))
    (box,) = config["mailboxes"]
    box["imap"]["tls"] = box["smtp"]["tls"] = "none"
    del box["smtp"]["user"], box["smtp"]["password_credential"]
    config["http"] = {"listen": f"127.0.0.1:{port}"}
    place.keep("config.yaml", yaml.safe_dump(config))
    place.keep("secrets/imap-support", password)
    return port


def _works(place: Place, port: int, dovecot: Dovecot, sink: Sink) -> None:
    running = subprocess.Popen(place.line("run", named=True))
    try:
        eventually(lambda: _is_well(port) or running.poll() is not None, SECONDS)
        dovecot.append("support", mail("anna@oakbridge.example", "Export", "The export fails.", to=DESK))
        eventually(lambda: [one for one in sink.taken if "anna@oakbridge.example" in one.rcpt_to], SECONDS)
        told = subprocess.run(
            [*PODMAN, "exec", NAME, "triaged", "--config", "/etc/triaged/config.yaml", "status"],
            capture_output=True,
            text=True,
            check=True,
        )
        print(told.stdout)
        owner = {path.stat().st_uid for path in place.data.iterdir()}
        assert owner == {USER}, owner
    finally:
        began = time.monotonic()
        subprocess.run([*PODMAN, "stop", "-t", "60", NAME], check=False)
        assert running.wait(70) == 0
        print(f"stopped in {time.monotonic() - began:.1f} s")


def _is_well(port: int) -> bool:
    with (
        suppress(OSError),
        closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)) as answer,
    ):
        return bool(answer.status == 200)
    return False


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "triaged")
