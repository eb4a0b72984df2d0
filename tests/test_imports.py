"""Direction of imports: doors and cli -> walk -> hands and pure rooms; pure rooms import only pure rooms.

Read from the source, so that an import hidden in a function counts too.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "triaged"
PURE_ROOMS = {"reading", "judging", "tickets", "letters"}
PURE_MODULES = {"values", "model_faults", "durations", "suggest", "errors", "strict_yaml", "regexes"}
UNCLEAN = {
    "os",
    "io",
    "socket",
    "subprocess",
    "threading",
    "logging",
    "time",
    "random",
    "sqlalchemy",
    "pathlib",
}
CLOCK_CALLS = {"now", "utcnow", "today", "open"}


def modules(rooms: set[str]) -> list[Path]:
    return [path for room in sorted(rooms) for path in sorted((PACKAGE / room).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", modules(PURE_ROOMS), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_pure_room_imports_only_pure_rooms(path: Path) -> None:
    for name in imported(path):
        if name.startswith("triaged."):
            assert name.split(".")[1] in PURE_ROOMS | PURE_MODULES, f"{name} is not pure"


@pytest.mark.parametrize("path", modules(PURE_ROOMS), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_pure_room_reads_no_clock_file_or_socket(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(path)}
    assert roots & UNCLEAN <= ({"io"} if "io." in path.read_text() else set())
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            owner = getattr(getattr(function, "value", None), "id", "")
            if name in CLOCK_CALLS:
                assert (name, owner) not in {
                    ("now", "datetime"),
                    ("utcnow", "datetime"),
                    ("today", "date"),
                    ("open", ""),
                    ("open", "io"),
                }, f"line {node.lineno}: {owner}.{name}()"


def test_only_the_store_knows_sqlalchemy() -> None:
    knowing = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if any(name.partition(".")[0] in {"sqlalchemy", "alembic"} for name in imported(path))
    }
    assert knowing == {"store"}


def test_nothing_imports_the_command_line_but_itself() -> None:
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).parts[0]
        if inside not in {"cli", "__main__.py"}:
            assert not any(name.startswith("triaged.cli") for name in imported(path)), path


def test_only_learning_imports_scikit_learns_trainers() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] != "learning":
            assert not any(name.startswith("sklearn.") for name in imported(path)), path
