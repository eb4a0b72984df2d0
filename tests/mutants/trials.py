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
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import Fault
from tests.mutants.measured import Measured
from tests.mutants.reach import ON_BOTH_DATABASES, first_of, tests_for

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".mutants", "__pycache__", "*.pyc", ".mypy_cache", ".ruff_cache"
)
OVER = "time is over"
HANGING = "a test that hangs"
HANGS = 600.0  # seconds without a word: longer than any test of the sound tree, on a machine with much to do
_QUIET = 60.0  # seconds without a word that are no sign of anything
_UNDER_WAY = re.compile(r"^(tests/.+?::.+?) *\Z", re.MULTILINE)  # its outcome would stand behind it
_FAILED = re.compile(r"^(tests/.+?) (?:FAILED|ERROR) +\[ *\d+%\]", re.MULTILINE)  # some ids hold blanks
_SUMMED_UP = re.compile(r"^(?:FAILED|ERROR) (tests/.+?::.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """Files or single tests, of them `only` some where that is known; `both`: on PostgreSQL too.

    `hangs`: the seconds after which a test under way, "" for the loading, is taken to go on for ever.
    """

    tests: tuple[str, ...]
    both: bool
    only: tuple[str, ...] = ()
    hangs: Callable[[str], float] = lambda _test: HANGS


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: who noticed it, or nobody."""

    number: int
    fault: Fault
    noticed: bool
    by: str  # a test, `loading`, HANGING; where nobody did, whether OVER
    seconds: float


class Tree:
    """A copy of the project. One fault at a time is made in it and taken back."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder, self.sound = folder / "tree", folder / "sound"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        for copy in (self.folder, self.sound):
            shutil.copytree(root, copy, ignore=_LEFT_OUT, symlinks=True)
        self._only = folder / "only"
        try:
            self._measured: Measured | None = Measured(root)
        except FileNotFoundError:
            self._measured = None
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
        """Those that run its place where that was measured; else the nearest first: most faults are noticed there.

        One that is not believed is left out, and the others are asked again.
        """
        until = time.monotonic() + seconds
        for asked in self._rounds(fault):
            unbelieved = list[str]()
            while witness := self._run(self.folder, asked, unbelieved, until):
                if witness == OVER:
                    return False, OVER
                if self._is_believed(witness, asked, unbelieved, until + 600):
                    return True, witness
                unbelieved.append(witness.removeprefix(f"{HANGING}: "))
        return False, ""

    def _is_believed(self, witness: str, asked: Asked, without: list[str], until: float) -> bool:
        """Not where the test fails or hangs on the sound tree too, in the same company, nor where it hung once and ends when asked again."""
        if "::" not in witness:
            return True
        again = _before(witness.removeprefix(f"{HANGING}: "), asked)
        if not witness.startswith(HANGING):
            return self._run(self.sound, again, without, until) != witness
        return self._run(self.folder, again, without, until) is not None and (
            self._run(self.sound, again, without, until) is None
        )

    def _rounds(self, fault: Fault) -> Iterator[Asked]:
        """Who runs its place. While a module is loaded nobody does: then the nearest by name, who uses what comes of it, and the room's others."""
        tests = self._measured.tests(fault) if self._measured else []
        at_load = self._measured is not None and self._measured.at_load(fault)
        nearest, others = list[str](), list[str]()
        if first := first_of(fault.file):
            yield Asked(first, False)
        if at_load or not tests:
            around = within(self.sound / fault.file, fault.line)
            nearest, others = tests_for(self.folder, fault.file, fault.room, around)
        if nearest:
            yield Asked(tuple(nearest), fault.room in ON_BOTH_DATABASES)
        if tests:
            files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
            yield Asked(tuple(files), False, tuple(tests), self._hangs)
        if others:
            yield Asked(tuple(others), fault.room in ON_BOTH_DATABASES)

    def _hangs(self, test: str) -> float:
        """Ten times the longest of its file, whose world it may have to set up, and a minute: so the first quick test that meets an endless loop tells of it."""
        if not self._measured or not test:
            return HANGS
        return _QUIET + 10 * self._measured.longest(test.partition("::")[0])

    def _run(self, tree: Path, asked: Asked, without: list[str], until: float) -> str | None:
        """The first test that failed, `loading`, HANGING, OVER; None if all is well."""
        command = [sys.executable, "-u", "-m", "pytest", "-o", "addopts=", "-v", "-x", "--tb=no", "-rfE"]
        command += ["--import-mode=importlib", "-p", "no:cacheprovider", *asked.tests]
        command += [part for one in without for part in ("--deselect", one)]
        command += [] if asked.both else ["-k", "not postgresql"]
        if asked.only:
            self._only.write_text("\n".join(asked.only), "utf-8")
            command += ["-p", "tests.mutants.only"]
        env = {
            **os.environ,
            "PYTHONPATH": str(tree),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MUTANTS_ONLY": str(self._only),
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
                silent = time.monotonic() - since
                if silent > _QUIET:
                    test = under_way(log.read_text("utf-8", errors="replace"))
                    if silent > asked.hangs(test):
                        return f"{HANGING}: {test}"
                if time.monotonic() > until:
                    return OVER
        finally:
            self._end(running)
        if running.returncode in (0, 5):
            return None
        told_by = log.read_text("utf-8", errors="replace")
        failed = _FAILED.search(told_by) or _SUMMED_UP.search(told_by)
        return failed[1] if failed else "loading"

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


def under_way(told: str) -> str:
    """The test that pytest has named last, if it has not ended; else ""."""
    found = _UNDER_WAY.search(told)
    return found[1] if found else ""


def _before(witness: str, asked: Asked) -> Asked:
    """The witness again, after those of its file that were asked with it: some tests share a world."""
    file = witness.partition("::")[0]
    of_file = tuple(test for test in asked.only if test.partition("::")[0] == file)
    return Asked((file,), True, of_file or (witness,), asked.hangs)


def within(path: Path, line: int) -> tuple[str, ...]:
    """The names of the classes and functions around a line, but those that tests of anything may speak of."""
    around = (
        node.name
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if node.lineno <= line <= (node.end_lineno or 0)
    )
    return tuple(name for name in around if len(name) > 5 and not name.startswith("__"))
