"""The house as it is drawn (design page, docs/decisions.md): rooms in their order, pure rooms pure, nothing too big.

Read from the source, so that an import hidden in a function or under TYPE_CHECKING counts too.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "triaged"
# From top to bottom: a room imports only from rooms below it.
ORDER = (
    "cli", "simulation", "demo", "daemon", "web", "learning", "walk", "alerts", "outbox", "intake", "readers", "grants",
    "store", "maillog", "metrics", "edge", "followups", "letters", "meetings", "promises", "tickets", "judging", "rulebook",
    "classifier", "reading", "config", "spec", "vocabulary", "errors", "frozen",
)  # fmt: skip
PURE = frozenset(
    {
        *(
            "followups",
            "letters",
            "meetings",
            "promises",
            "tickets",
            "judging",
            "rulebook",
            "classifier",
            "reading",
        ),
        *("spec", "vocabulary", "errors", "frozen"),
    }
)
PURE_OF_WALK = frozenset(
    {
        *(
            "judge.py",
            "plan.py",
            "plan_for.py",
            "explain.py",
            "answering.py",
            "tickets_from_mail.py",
            "trials.py",
        ),
        *(
            "judged.py",
            "partner.py",
            "staff.py",
            "machine.py",
            "due_steps.py",
            "orders.py",
            "by_account.py",
            "said.py",
            "page_acts.py",
            "answers.py",
            "marks.py",
            "news.py",
            "meeting_orders.py",
            "meeting_acts.py",
            "calendar_answers.py",
        ),
    }
)
VALUES_OF_STORE = frozenset(
    {"triaged.store.rows", "triaged.store.meeting_rows"}
)  # what pure plans are made of
UNCLEAN = frozenset(
    {"os", "io", "socket", "subprocess", "threading", "logging", "time", "random", "sqlalchemy", "pathlib"}
)
CLOCKS = frozenset(
    {("now", "datetime"), ("utcnow", "datetime"), ("today", "date"), ("open", ""), ("open", "io")}
)
LONGEST_FUNCTION, LONGEST_FILE, MOST_PARAMETERS = 60, 400, 8

FILES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    return ".".join(("triaged", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def shown(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


MODULES = {name_of(path): path for path in FILES}
PURE_FILES = [p for p in FILES if room_of(p) in PURE or (room_of(p) == "walk" and p.name in PURE_OF_WALK)]


WALKS = frozenset({"triaged.walk", "triaged.walk.plans"})


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module a file imports, wherever in it; names of our own house as modules."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            ours = whole & MODULES.keys()
            found |= ours
            if len(ours) < len(whole):
                found.add(node.module)
    return frozenset(found)


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {room_of(path) for path in FILES} - {"__init__", "__main__"}
    assert rooms == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_a_room_imports_only_from_rooms_below_it(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    here = ORDER.index(room)
    for name in imported(path):
        if name.startswith("triaged."):
            other = name.split(".")[1]
            assert other == room or ORDER.index(other) > here, f"{name} stands above {room}"


def test_no_modules_import_one_another_in_a_circle() -> None:
    uses = {name: {m for m in imported(path) if m in MODULES and m != name} for name, path in MODULES.items()}
    left = dict(uses)
    while free := [name for name, used in left.items() if not used & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"a circle runs through {sorted(left)}"


@pytest.mark.parametrize("path", PURE_FILES, ids=shown)
def test_a_pure_room_imports_only_pure_rooms(path: Path) -> None:
    for name in imported(path):
        if name.startswith("triaged.") and name not in VALUES_OF_STORE:
            ours = name in MODULES and MODULES[name] in PURE_FILES
            assert ours or name.split(".")[1] in PURE or name in WALKS, f"{name} is not pure"


@pytest.mark.parametrize("path", PURE_FILES, ids=shown)
def test_a_pure_room_reads_no_clock_file_or_socket(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(path)}
    assert roots & UNCLEAN <= ({"io"} if "io." in path.read_text("utf-8") else set())
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            owner = getattr(getattr(function, "value", None), "id", "")
            assert (name, owner) not in CLOCKS, f"line {node.lineno}: {owner}.{name}()"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_nothing_is_too_big_to_be_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            own = given[1:] if given and given[0].arg in ("self", "cls") else given
            if not _is_command(node):
                assert len(own) <= MOST_PARAMETERS, node.name


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """click calls it with a parameter for each option."""
    return any("command" in ast.unparse(one) for one in node.decorator_list)


def test_only_the_store_knows_sqlalchemy() -> None:
    knowing = {
        room_of(path)
        for path in PACKAGE.rglob("*.py")
        if any(name.partition(".")[0] in {"sqlalchemy", "alembic"} for name in imported(path))
    }
    assert knowing == {"store"}


def test_only_learning_imports_scikit_learns_trainers() -> None:
    for path in FILES:
        if room_of(path) != "learning":
            assert not any(name.startswith("sklearn.") for name in imported(path)), path
