"""Which tests run a line, and how long each takes, as a run of the suite under coverage saw it (`make mutants-map`).

Processes that tests start are in it: each is measured under the test that started it, or under all of its file where
they share it. One that is killed tells nothing,
and what is run while a module is loaded belongs to nobody: there the nearest by name are asked (reach.py), and after
them those that run a line which uses the name it gets (a limit, a table, a field's default).
"""

from __future__ import annotations

import ast
import json
import math
from functools import lru_cache
from pathlib import Path

from coverage import CoverageData

from tests.mutants.faults import Fault

PLACE = Path(".mutants")  # below the root; data of coverage, and `durations.*`
ALL = "::*"  # behind a file: what was run in a server or a world that all its tests share
_PHASES = (" (setup)", " (call)", " (teardown)")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
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
        self._longest: dict[str, float] = {}
        for test, seconds in self.seconds.items():
            of = test.partition("::")[0]
            self._longest[of] = max(seconds, self._longest.get(of, 0.0))

    def tests(self, fault: Fault) -> list[str]:
        """Those that run the place of a fault, by file: first those named after its module, then its room's, then who needs the shortest time."""
        source = (self._root / fault.file).read_bytes()
        places = _places(source, fault)
        found = self._first_run(fault.file, places) if places else self._users(source, fault)
        files = tuple(one.removesuffix("*") for one in found if one.endswith(ALL))
        found = {one for one in found if not one.endswith(ALL)} | {
            test for test in self.seconds if test.startswith(files)
        }
        by_file: dict[str, list[str]] = {}
        for test in sorted(found, key=self.cost):
            by_file.setdefault(test.partition("::")[0], []).append(test)
        stem = Path(fault.file).stem

        def rank(file: str) -> tuple[bool, bool, float]:
            other = stem not in Path(file).stem
            return other, fault.room not in Path(file).parts, sum(map(self.cost, by_file[file]))

        return [test for file in sorted(by_file, key=rank) for test in by_file[file]]

    def at_load(self, fault: Fault) -> bool:
        """Whether its place is run while the module is loaded, so that its tests are but those that use what comes of it."""
        return not _places((self._root / fault.file).read_bytes(), fault)

    def _first_run(self, file: str, places: list[int]) -> set[str]:
        """Those of the first of some lines that anybody runs."""
        lines = self._lines(file)
        ran = ({test for test in lines.get(line, ()) if test} for line in places)
        return next(filter(None, ran), set())

    def _users(self, source: bytes, fault: Fault) -> set[str]:
        """Those that run a line which uses what is loaded at a fault's place: in its own file if there are such."""
        names = _loaded(source, fault)
        if found := self._using(fault.file, names):
            return found
        files = sorted(str(path.relative_to(self._root)) for path in (self._root / "triaged").rglob("*.py"))
        return {test for file in files for test in self._using(file, names)}

    def _using(self, file: str, names: frozenset[str]) -> set[str]:
        if not (used := _uses((self._root / file).read_bytes(), names)):
            return set()
        lines = self._lines(file)
        return {test for line in used for test in lines.get(line, ()) if test}

    def cost(self, test: str) -> float:
        """Its seconds, with what it sets up."""
        return self.seconds.get(test, _UNKNOWN)

    def longest(self, file: str) -> float:
        """The most that a test of a file took."""
        return self._longest.get(file, _UNKNOWN)

    @lru_cache(maxsize=30)  # noqa: B019 - one map a process
    def _lines(self, file: str) -> dict[int, set[str]]:
        measured = self._files.get(file)
        found = self._data.contexts_by_lineno(measured) if measured else {}
        return {line: {_test(context) for context in contexts} for line, contexts in found.items()}


def _test(context: str) -> str:
    """The test of a context: behind `none|` in its own process, `id (call)` in others."""
    test = context.removeprefix("none|")
    for phase in _PHASES:
        test = test.removesuffix(phase)
    return test if "::" in test else ""


def _below(file: str) -> str:
    """As faults name it, wherever the tree lay that was measured."""
    return "triaged/" + file.rpartition("/triaged/")[2]


def _places(source: bytes, fault: Fault) -> list[int]:
    """Lines that are run where the fault's is: itself, or where its statement begins; none while the module is loaded."""
    around = _around(source, fault)
    if not (functions := [node for node in around if isinstance(node, _FUNCTIONS)]):
        return []
    if around[0] is functions[0]:  # a parameter's default
        return [node.lineno for node in functions[0].body]
    return [fault.line, around[0].lineno]


def _loaded(source: bytes, fault: Fault) -> frozenset[str]:
    """The names that what stands at the fault's place gets: of its statement, else of its class."""
    found = (_bound(node) for node in _around(source, fault))
    return next(filter(None, found), frozenset())


def _bound(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.ClassDef):
        return frozenset({node.name})
    targets = (
        node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None) or ast.Tuple([])]
    )
    return frozenset(one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))


def _uses(source: bytes, names: frozenset[str]) -> set[int]:
    """Lines, and the beginnings of their statements, in functions that name one of these, or what at the top is made of one."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.Assign) and _named(node.value, names):
            names |= _bound(node)
    used = set[int]()
    for function in (one for one in ast.walk(tree) if isinstance(one, _FUNCTIONS)):
        for part in (one for one in ast.walk(function) if isinstance(one, ast.stmt) and one is not function):
            inside = part.body[0].lineno if isinstance(getattr(part, "body", None), list) else math.inf
            if lines := {line for line in _named(part, names) if line < inside}:
                used |= {part.lineno, *lines}
    return used


def _named(node: ast.AST, names: frozenset[str]) -> set[int]:
    """The lines on which one of the names stands, by itself or behind a dot."""
    return {
        one.lineno
        for one in ast.walk(node)
        if (isinstance(one, ast.Name) and one.id in names)
        or (isinstance(one, ast.Attribute) and one.attr in names)
    }


def _around(source: bytes, fault: Fault) -> list[ast.stmt]:
    """The statements around a fault, the innermost first."""
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= fault.line <= (node.end_lineno or 0)
    ]
    return sorted(found, key=lambda node: node.lineno, reverse=True)
