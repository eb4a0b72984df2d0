"""Which tests run a line, and how long each takes, as a run of the suite under coverage saw it (`make mutants-map`).

Processes that tests start are in it: each is measured under the test that started it. One that is killed tells nothing,
and what is run while a module is loaded belongs to nobody: there the nearest by name are asked (reach.py).
"""

from __future__ import annotations

import ast
import json
from functools import lru_cache
from pathlib import Path

from coverage import CoverageData

from tests.mutants.faults import Fault

PLACE = Path(".mutants")  # below the root; data of coverage, and `durations.*`
_UNKNOWN = 1.0  # seconds of a test whose end nobody wrote down


class Measured:
    """The map below a root. Raises FileNotFoundError where none was made."""

    def __init__(self, root: Path) -> None:
        place = root / PLACE
        self._root = root
        if not (data := place / ".coverage").is_file():
            raise FileNotFoundError(f"{data} is not there: make mutants-map")
        self._data = CoverageData(str(data))
        self._data.read()
        self._files = {_below(file): file for file in self._data.measured_files()}
        self.seconds: dict[str, float] = {}
        for file in place.glob("durations.*"):
            for line in file.read_text("utf-8").splitlines():
                test, seconds = json.loads(line)
                self.seconds[test] = self.seconds.get(test, 0.0) + seconds

    def tests(self, fault: Fault) -> list[str]:
        """Those that run the place of a fault, by file: first those named after its module, then who needs the shortest time."""
        lines = self._lines(fault.file)
        found = set[str]()
        for line in _places((self._root / fault.file).read_bytes(), fault):
            if found := {test for test in lines.get(line, ()) if test}:
                break
        by_file: dict[str, list[str]] = {}
        for test in sorted(found, key=self.cost):
            by_file.setdefault(test.partition("::")[0], []).append(test)
        stem = Path(fault.file).stem

        def rank(file: str) -> tuple[bool, float]:
            return stem not in Path(file).stem, sum(map(self.cost, by_file[file]))

        return [test for file in sorted(by_file, key=rank) for test in by_file[file]]

    def cost(self, test: str) -> float:
        """Its seconds, with what it sets up."""
        return self.seconds.get(test, _UNKNOWN)

    @lru_cache(maxsize=30)  # noqa: B019 - one map a process
    def _lines(self, file: str) -> dict[int, set[str]]:
        measured = self._files.get(file)
        found = self._data.contexts_by_lineno(measured) if measured else {}
        return {line: {_test(context) for context in contexts} for line, contexts in found.items()}


def _test(context: str) -> str:
    """The test of a context: behind `none|` in its own process, `id (call)` in others."""
    test = context.removeprefix("none|")
    for phase in (" (setup)", " (call)", " (teardown)"):
        test = test.removesuffix(phase)
    return test if "::" in test else ""


def _below(file: str) -> str:
    """As faults name it, wherever the tree lay that was measured."""
    return "triaged/" + file.rpartition("/triaged/")[2]


def _places(source: bytes, fault: Fault) -> list[int]:
    """Lines that are run where the fault's is: itself, or where its statement begins."""
    around = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= fault.line <= (node.end_lineno or 0)
    ]
    innermost = sorted(around, key=lambda node: node.lineno, reverse=True)
    functions = [node for node in innermost if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not functions or innermost[0] is functions[0]:
        return []  # run while the module is loaded
    return [fault.line, innermost[0].lineno]
