"""A private PostgreSQL for tests: own folder, own socket, thrown away at the end of the session.

    the session fixture `postgres` (tests/conftest.py)

Skips visibly where no server is installed; where `CI` is set that is a failure, not a skip.
"""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 30.0  # until it must have started
_ROLE = "triaged"
# Thrown away anyway
_SETTINGS = (
    "-c",
    "max_connections=200",
    "-c",
    "shared_buffers=32MB",
    "-c",
    "fsync=off",
)


def binaries() -> Path | None:
    """The newest installed server's folder of programs, or that of `initdb` on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Postgres:
    """One server. `start` and `stop` as often as a test likes; `fresh` databases cost some 50 ms."""

    def __init__(self, programs: Path, settings: tuple[str, ...] = ()) -> None:
        self._programs = programs
        self._settings = (*_SETTINGS, *settings)
        self.folder = Path(tempfile.mkdtemp(prefix="triaged-pg-", dir="/tmp"))
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()
        self._as = _unprivileged()
        if self._as:
            shutil.chown(self.folder, self._as["user"], self._as["group"])
        flags = ["--auth=trust", f"--username={_ROLE}", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", "-D", str(self._data), *flags)

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = (self.folder / "log").open("ab")
        command = [
            self._programs / "postgres",
            "-D",
            self._data,
            "-k",
            self.folder,
            "-c",
            "listen_addresses=",
        ]
        self._process = subprocess.Popen(
            [*command, *self._settings],
            stdout=log,
            stderr=log,
            cwd=self.folder,
            start_new_session=True,  # a Ctrl-C for pytest is not one for the server
            **self._as,
        )
        log.close()
        end = time.monotonic() + _SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self, *, hard: bool = False) -> None:
        """Stop it, as an operator would; `hard`: as a crash would."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT if hard else signal.SIGINT)
            self._process.wait(timeout=30)

    def remove(self) -> None:
        """Stop it and throw everything away."""
        self.stop(hard=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The URL that `Store.open` takes."""
        return f"postgresql://{_ROLE}@/{database}?host={self.folder}"

    def empty(self) -> str:
        """URL of a new database without tables."""
        return self._create(None)

    def fresh(self, prepare: Callable[[str], Any]) -> str:
        """URL of a new database as `prepare(url)` leaves one; prepared once, then copied."""
        template = f"template_{prepare.__module__}_{prepare.__qualname__}".replace(".", "_").lower()
        if template not in self._templates:
            self.query(f'CREATE DATABASE "{template}"')
            prepare(self.url(template))
            self._templates.add(template)
        return self._create(template)

    def drop(self, url: str) -> None:
        """Throw a database away, whoever is connected to it: each takes 7 MB."""
        self.query(f'DROP DATABASE "{_name(url)}" WITH (FORCE)')

    def query(self, sql: str, database: str = "postgres") -> str:
        """What `psql` answers, unaligned and without headings."""
        return self._run("psql", "-h", str(self.folder), "-U", _ROLE, "-d", database, "-XAtqc", sql)

    def dump_schema(self, url: str) -> str:
        """The tables as `pg_dump` writes them."""
        return self._run("pg_dump", "-h", str(self.folder), "-U", _ROLE, "--schema-only", _name(url))

    def _create(self, template: str | None) -> str:
        name = f"test_{next(self._numbers)}"
        self.query(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return self.url(name)

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            return self.query("SELECT 1").strip() == "1"
        return False

    def _run(self, program: str, *arguments: str) -> str:
        return subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            capture_output=True,
            text=True,
            cwd=self.folder,
            **self._as,
        ).stdout


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: somebody else then."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names)
    group = pwd.getpwnam(user).pw_gid
    return {"user": user, "group": grp.getgrgid(group).gr_name, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server for the whole session."""
    programs = binaries()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed (apt-get install postgresql)")
        pytest.skip("PostgreSQL is not installed")
    server = Postgres(programs)
    try:
        server.start()
        yield server
    finally:
        server.remove()
