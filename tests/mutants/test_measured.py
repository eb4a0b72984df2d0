"""The map of `make mutants-map`: who runs a line is asked about it, whoever needs the shortest time first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from coverage import CoverageData

from tests.mutants.faults import Fault
from tests.mutants.measured import PLACE, Measured

ROOT = Path(__file__).parents[2]
SOURCE = '''\
"""Words."""

LIMIT = 3


def f(a):
    if (
        a
        < LIMIT
    ):
        return g(a)
    return None


def never():
    return 1


class Kept:
    days: int = 4


TWICE = {1: LIMIT}


def h(kept, most=5):
    """How long."""
    return kept.days
    never()
'''
RUNS = {  # the context in which lines were run
    "none|tests/slow/test_a.py::test_long[x y|z]": (7, 8, 11),
    "none|tests/quick/test_b.py::test_two": (7, 8, 11),
    "none|tests/quick/test_b.py::test_one": (7, 8, 12),
    "tests/e2e/test_c.py::test_in_a_process (call)": (7, 8, 12),
    "none|tests/quick/test_b.py::test_kept": (28,),
    "tests/quick/test_b.py::*": (16,),
    "none": (1, 3, 6, 15, 19, 20, 23, 26),
}
SECONDS = {
    "tests/slow/test_a.py::test_long[x y|z]": 60.0,
    "tests/quick/test_b.py::test_two": 0.2,
    "tests/quick/test_b.py::test_one": 0.1,
    "tests/e2e/test_c.py::test_in_a_process": 5.0,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "triaged").mkdir()
    (tmp_path / "triaged" / "x.py").write_text(SOURCE)
    (tmp_path / PLACE).mkdir()
    data = CoverageData(str(tmp_path / PLACE / ".coverage"))
    for context, lines in RUNS.items():
        data.set_context(context)
        data.add_lines({"/elsewhere/triaged/x.py": lines})
    data.write()
    told = [json.dumps([test, part / 2]) for test, part in SECONDS.items() for _ in range(2)]
    (tmp_path / PLACE / "durations.7").write_text("\n".join(told) + "\n")
    return tmp_path


def fault(line: int) -> Fault:
    return Fault("triaged/x.py", line, 0, 0, "", "")


ALL = [
    "tests/quick/test_b.py::test_one",
    "tests/quick/test_b.py::test_two",
    "tests/e2e/test_c.py::test_in_a_process",
    "tests/slow/test_a.py::test_long[x y|z]",
]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        (7, ALL),
        (8, ALL),
        (9, ALL),  # no line of its own: the statement's
        (11, [ALL[1], ALL[3]]),
        (12, [ALL[0], ALL[2]]),
        (3, ALL),  # while it is loaded: who uses the name
        (20, ["tests/quick/test_b.py::test_kept"]),
        (23, []),  # nobody's
        (26, ["tests/quick/test_b.py::test_kept"]),  # a default: who runs the function
        (16, ALL[:2]),  # in what a file's tests share
        (29, []),
    ],
)
def test_who_runs_a_line_is_asked_the_shortest_first(root: Path, line: int, asked: list[str]) -> None:
    assert Measured(root).tests(fault(line)) == asked


def test_a_file_of_the_modules_name_comes_first(root: Path) -> None:
    (root / "triaged" / "x.py").rename(root / "triaged" / "test_a.py")
    data = CoverageData(str(root / PLACE / ".coverage"))
    for context, lines in RUNS.items():
        data.set_context(context)
        data.add_lines({"/elsewhere/triaged/test_a.py": lines})
    data.write()
    assert Measured(root).tests(Fault("triaged/test_a.py", 8, 0, 0, "", "")) == [ALL[3], *ALL[:3]]


def test_how_long_a_test_takes_is_the_sum_of_its_parts_and_a_second_where_nobody_knows(root: Path) -> None:
    measured = Measured(root)
    assert measured.cost(ALL[0]) == pytest.approx(0.1) and measured.cost("tests/x.py::test_new") == 1.0


def test_a_files_longest_is_what_any_of_its_tests_may_need_to_set_up(root: Path) -> None:
    found = Measured(root)
    files = "tests/quick/test_b.py", "tests/quick/test_b", "tests/none.py"
    assert [found.longest(file) for file in files] == [pytest.approx(0.2), 1.0, 1.0]


def test_without_a_map_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make mutants-map"):
        Measured(tmp_path)


def test_files_come_in_the_order_asked_and_the_tests_of_a_file_in_their_own(tmp_path: Path) -> None:
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text("def test_one(): pass\ndef test_two(): pass\ndef test_three(): pass\n")
    asked = ["test_b.py::test_two", "test_b.py::test_one", "test_a.py::test_three", "test_a.py::test_gone"]
    (tmp_path / "only").write_text("\n".join(asked))
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "tests.mutants.only", "test_a.py", "test_b.py"],
        cwd=tmp_path,
        env={**os.environ, "MUTANTS_ONLY": str(tmp_path / "only"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    ran = [line.partition(" ")[0] for line in told.stdout.splitlines() if " PASSED" in line]
    assert ran == ["test_b.py::test_one", "test_b.py::test_two", "test_a.py::test_three"], told.stdout
