"""docs/flow.md and the code tell the same walk: the same files, the same steps, in the same order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
PACKAGE = HOME / "triaged"
PAGE = (HOME / "docs/flow.md").read_text("utf-8").partition("\n## ")[0]
MOST_FILES = 15
STEPS = dict(re.findall(r"\*\*([^*]+)\*\* (\(`.*?)(?=\n\d+\. \*\*|\n   - \*\*|\Z)", PAGE, re.DOTALL))
CHAIN = re.compile(r"`\w+`(?:\s+→\s+`\w+`)+")
WALK = ("begin", "finish", "_write", "decide")  # of triage.py, in the order of a batch


def files_of(text: str) -> list[str]:
    return [one for one in re.findall(r"`([\w/]+\.py)`", text) if not one.startswith("tests/")]


def tree_of(file: str) -> ast.Module:
    return ast.parse((PACKAGE / file).read_text("utf-8"))


def functions(file: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef)}


def calls(node: ast.AST, within: dict[str, ast.FunctionDef] | None = None) -> Iterator[ast.Call]:
    """Every call in the order in which it is made; those to functions of `within` with their own calls first."""
    for child in ast.iter_child_nodes(node):
        yield from calls(child, within)
    if isinstance(node, ast.Call):
        if within and name_of(node) in within:
            yield from calls(within[name_of(node)], within)
        yield node


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def comes_in_order(wanted: list[str], made: list[str]) -> bool:
    rest = iter(made)
    return all(one in rest for one in wanted)


def chains(step: str) -> list[list[str]]:
    return [re.findall(r"`(\w+)`", chain) for chain in CHAIN.findall(STEPS[step])]


def test_following_one_mail_takes_at_most_fifteen_files_and_each_is_there() -> None:
    named = files_of(PAGE)
    assert all((PACKAGE / one).is_file() for one in named)
    assert len(set(named)) <= MOST_FILES
    assert named[0] == "intake/keep.py" and named[-2:] == ["outbox/sending.py", "outbox/smtp.py"]


@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_names_is_in_the_house(step: str) -> None:
    named = {name for name in re.findall(r"`(\w+)`", STEPS[step]) if not name[0].isupper()}
    assert named - {"defects", "explain", "backtest"} <= _defined()


@cache
def _defined() -> set[str]:
    trees = (ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py"))
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_steps_stand_in_the_order_in_which_triage_takes_them() -> None:
    of_triage = functions("walk/triage.py")
    within = {name: of_triage[name] for name in WALK if name not in ("begin", "finish")}
    made = [name_of(one) for part in ("begin", "finish") for one in calls(of_triage[part], within)]
    told = ["_claim", "submit", "_read", "expect", "who", "same_as", "candidates", "place", "about", "apart"]
    told += ["judge", "plan_for", "write", "_tell"]
    assert comes_in_order(told, made), made
    # … and the page names them in that order.
    order = [name for name in re.findall(r"`(\w+)`", PAGE) if name in told]
    assert comes_in_order([one for one in told if one != "_read"], order), order


def test_readings_own_steps_stand_in_the_order_in_which_read_takes_them() -> None:
    of_read = functions("reading/read.py")
    steps = [
        one.args[0].value
        for part in ("_read", "_understood")
        for one in sorted(calls(of_read[part]), key=lambda call: call.lineno)
        if name_of(one) == "_step" and isinstance(one.args[0], ast.Constant)
    ]
    listed = re.search(r"Reading's own steps: (.*?);", STEPS["Read"], re.DOTALL)
    assert listed is not None and re.split(r"\s+→\s+", listed[1].strip()) == steps


@pytest.mark.parametrize(
    ("step", "function"),
    [("Judge", "judge"), ("Of the partner's side", "opens"), ("Write", "write")],
)
def test_a_steps_own_steps_stand_in_the_order_in_which_they_are_taken(step: str, function: str) -> None:
    (file,) = files_of(STEPS[step])
    made = [name_of(one) for one in calls(functions(file)[function])]
    (chain,) = chains(step)
    assert comes_in_order(chain, made), made
