"""Who is believed to have noticed a fault."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.mutants import only, trials
from tests.mutants.trials import HANGING, Asked, Tree

TESTS = """
import time
from pathlib import Path


def wait_unless(known):
    if not known.exists():
        known.touch()
        time.sleep(60)


def test_quick():
    pass


def test_hangs_once():
    wait_unless(Path(__file__).with_name("known"))


def test_hangs():
    time.sleep(60)
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A house of one room that no test needs, and nobody is silent for more than two seconds."""
    root = tmp_path / "root"
    (root / "triaged").mkdir(parents=True)
    (root / "tests" / "mutants").mkdir(parents=True)
    (root / "tests" / "test_quick.py").write_text(TESTS)
    shutil.copy(only.__file__, root / "tests" / "mutants")
    monkeypatch.setattr(trials, "_QUIET", 0.0)
    return Tree(root, tmp_path)


def asked_of(*tests: str) -> Asked:
    names = tuple(f"tests/test_quick.py::{one}" for one in tests)
    return Asked(("tests/test_quick.py",), False, names, lambda test: 2.0 if test else 60.0)


def hung(tree: Tree, asked: Asked, test: str) -> str:
    witness = tree._run(tree.folder, asked, [], time.monotonic() + 60)
    assert witness == f"{HANGING}: tests/test_quick.py::{test}"
    return witness


def test_who_hangs_by_the_fault_is_believed(tree: Tree) -> None:
    asked = asked_of("test_quick", "test_hangs")
    sound = tree.sound / "tests" / "test_quick.py"
    sound.write_text(TESTS.replace("time.sleep", "id"))
    assert tree._is_believed(hung(tree, asked, "test_hangs"), asked, [], time.monotonic() + 60)


def test_who_hangs_without_a_fault_is_not(tree: Tree) -> None:
    asked = asked_of("test_quick", "test_hangs")
    assert not tree._is_believed(hung(tree, asked, "test_hangs"), asked, [], time.monotonic() + 60)


def test_who_hangs_once_and_never_again_is_not(tree: Tree) -> None:
    asked = asked_of("test_quick", "test_hangs_once")
    assert not tree._is_believed(hung(tree, asked, "test_hangs_once"), asked, [], time.monotonic() + 60)
