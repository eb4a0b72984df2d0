"""The faults that `make mutants` makes: each can be loaded, each is another, and a seed is always the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants import reach
from tests.mutants.faults import chosen, faults_of
from tests.mutants.reach import REACH
from tests.mutants.trials import under_way

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("x = a < b", {"x = (a <= b)", "x = (a >= b)"}),
        ("x = a in b", {"x = (a not in b)"}),
        ("x = a and b", {"x = ((a) or (b))"}),
        ("x = not a", {"x = (a)"}),
        ("x = 7", {"x = 8"}),
        ("x = True", {"x = False"}),
        ("x = a - b", {"x = (a + b)"}),
        ("if a:\n    b()", {"if False:\n    b()", "if True:\n    b()", "if a:\n    pass"}),
        ("while a:\n    break", {"while False:\n    break", "while a:\n    pass"}),
        ("def f():\n    return [1]", {"def f():\n    return []", "def f():\n    return [2]"}),
        ("def f(x: 'é') -> 3:\n    x.y = z", {"def f(x: 'é') -> 3:\n    pass"}),
        ("raise a", {"pass"}),
        ("if TYPE_CHECKING:\n    x = 1", set()),
        ("'words'", set()),
    ],
)
def test_a_fault_changes_what_it_says(source: str, made: set[str]) -> None:
    raw = source.encode()
    assert {fault.made_in(raw).decode() for fault in faults_of(raw, "triaged/x.py")} == made


def test_a_seed_chooses_the_same_faults_all_of_which_are_python() -> None:
    rooms = frozenset({"daemon", "outbox"})
    faults = chosen(ROOT, 7, 60, rooms)
    assert faults == chosen(ROOT, 7, 60, rooms) != chosen(ROOT, 8, 60, rooms)
    assert {fault.room for fault in faults} == rooms
    for fault in faults:
        source = (ROOT / fault.file).read_bytes()
        broken = ast.parse(fault.made_in(source))
        assert ast.dump(broken) != ast.dump(ast.parse(source)), fault


def test_every_room_has_tests_that_are_there() -> None:
    rooms = {path.name for path in (ROOT / "triaged").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert rooms | {"top"} == set(REACH)
    for room, places in REACH.items():
        for place in places:
            assert list(ROOT.glob(place)), f"{room}: {place} is not there"
        nearest, others = reach.tests_for(ROOT, f"triaged/{room}/x.py", room)
        assert nearest + others and not set(nearest) & set(others)


@pytest.mark.parametrize(
    ("told", "test"),
    [
        ("collecting ... collected 2 items\n\n", ""),
        ("collected 2 items\n\ntests/a/test_b.py::test_one PASSED [ 50%]\n", ""),
        (
            "\ntests/a/test_b.py::test_one PASSED [ 50%]\ntests/a/test_b.py::test_two ",
            "tests/a/test_b.py::test_two",
        ),
        ("\ntests/a/test_b.py::test_two[a b-PASSED] ", "tests/a/test_b.py::test_two[a b-PASSED]"),
    ],
)
def test_the_test_under_way_is_the_one_named_last_without_an_outcome(told: str, test: str) -> None:
    assert under_way(told) == test


@pytest.mark.parametrize("file", ["page_tables.py", "tables.py", "migrations/versions/0009_visits.py"])
def test_who_compares_tables_with_migrations_is_asked_first(file: str) -> None:
    assert reach.first_of(f"triaged/store/{file}") == ("tests/store/test_schema.py",)


def test_nobody_is_asked_before_all_others_elsewhere() -> None:
    assert reach.first_of("triaged/store/tickets.py") == ()
