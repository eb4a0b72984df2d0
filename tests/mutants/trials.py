"""A fault is tried in a copy of the tree, with a temporary folder and processes of its own."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import Fault
from tests.mutants.reach import ON_BOTH_DATABASES, tests_for

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.pyc", ".mypy_cache", ".ruff_cache")
OVER = "time is over"
HANGS = 600.0  # seconds without a word: longer than any test of the sound tree, on a machine with much to do
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: who noticed it, or nobody."""

    number: int
    fault: Fault
    noticed: bool
    by: str  # a test, `loading`, `a test that hangs`; where nobody did, whether OVER
    seconds: float


class Tree:
    """A copy of the project. One fault at a time is made in it and taken back."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder, self.sound = folder / "tree", folder / "sound"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        for copy in (self.folder, self.sound):
            shutil.copytree(root, copy, ignore=_LEFT_OUT, symlinks=True)
        folder.chmod(0o755)  # PostgreSQL runs as somebody else

    def tried(self, fault: Fault, seconds: float) -> tuple[bool, str]:
        """Whether tests notice the fault, and which. A test that fails without it too is not believed."""
        path = self.folder / fault.file
        source = path.read_bytes()
        path.write_bytes(fault.made_in(source))
        try:
            return self._asked(fault, seconds)
        finally:
            path.write_bytes(source)

    def _asked(self, fault: Fault, seconds: float) -> tuple[bool, str]:
        """The nearest tests first, by themselves: most faults are noticed there, and collecting takes its time too."""
        nearest, others = tests_for(
            self.folder, fault.file, fault.room, within(self.sound / fault.file, fault.line)
        )
        both, until = fault.room in ON_BOTH_DATABASES, time.monotonic() + seconds
        for files in filter(None, (nearest, others)):
            unbelieved = list[str]()
            while witness := self._run(self.folder, files, unbelieved, both, until):
                if witness == OVER:
                    return False, OVER
                if "::" not in witness or self._run(self.sound, [witness], [], True, until + 600) is None:
                    return True, witness
                unbelieved.append(witness)
        return False, ""

    def _run(self, tree: Path, tests: list[str], without: list[str], both: bool, until: float) -> str | None:
        """The first test that failed, `loading`, `a test that hangs`, OVER; None if all is well."""
        command = [sys.executable, "-u", "-m", "pytest", "-o", "addopts=", "-v", "-x", "--tb=no", "-rfE"]
        command += ["--import-mode=importlib", "-p", "no:cacheprovider", *tests]
        command += [part for one in without for part in ("--deselect", one)]
        command += [] if both else ["-k", "not postgresql"]
        env = {
            **os.environ,
            "PYTHONPATH": str(tree),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        log = self.folder.with_name("log")
        with log.open("wb") as out:
            running = subprocess.Popen(
                command, cwd=tree, env=env, stdout=out, stderr=out, start_new_session=True
            )
        try:
            told, since = 0, time.monotonic()
            while running.poll() is None:
                time.sleep(0.2)
                if log.stat().st_size != told:
                    told, since = log.stat().st_size, time.monotonic()
                if time.monotonic() - since > HANGS:
                    return "a test that hangs"
                if time.monotonic() > until:
                    return OVER
        finally:
            self._end(running)
        if running.returncode in (0, 5):
            return None
        failed = _FAILED.search(log.read_text("utf-8", errors="replace"))
        return failed[1] if failed and "::" in failed[1] else "loading"

    def _end(self, running: subprocess.Popen[bytes]) -> None:
        """Whatever was started with our temporary folder ends, and what it wrote goes."""
        if running.poll() is None:
            running.send_signal(signal.SIGINT)  # pytest stops the servers it started
            with suppress(subprocess.TimeoutExpired):
                running.wait(20)
        mark = f"TMPDIR={self.temporary}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
        running.wait()
        for left in self.temporary.iterdir():
            shutil.rmtree(left, ignore_errors=True)


def within(path: Path, line: int) -> tuple[str, ...]:
    """The names of the classes and functions around a line, but those that tests of anything may speak of."""
    around = (
        node.name
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if node.lineno <= line <= (node.end_lineno or 0)
    )
    return tuple(name for name in around if len(name) > 5 and not name.startswith("__"))
