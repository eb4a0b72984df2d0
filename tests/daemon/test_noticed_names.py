"""No event and no figure without a test that causes it: admins grep and graph these names, so they are contracts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FIGURE = re.compile(r"^triaged_[a-z_]+$")


def events() -> set[str]:
    """The names that triaged/maillog.py tells."""
    tree = ast.parse((ROOT / "triaged" / "maillog.py").read_text("utf-8"))
    return {
        str(call.args[1].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "_say"
        and isinstance(call.args[1], ast.Constant)
    }


def figures() -> set[str]:
    """The names of all figures, as they are written anywhere below triaged/."""
    return {
        node.value
        for path in (ROOT / "triaged").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _FIGURE.match(node.value)
    }


def asserted(pattern: str) -> set[str]:
    """What tests ask for by name."""
    return {
        name
        for path in (ROOT / "tests").rglob("test_noticed_*.py")
        for name in re.findall(pattern, path.read_text("utf-8"))
    }


def test_there_are_events_and_figures() -> None:
    assert {"mail.kept", "letter.sent", "daemon.ready"} <= events()
    assert {"triaged_mails", "triaged_owed_mails", "triaged_database_up"} <= figures()


def test_every_event_is_asserted_by_its_name() -> None:
    assert events() - asserted(r'\.of\("([a-z._]+)"\)') == set(), "no test_noticed_… causes and asserts these"


def test_every_figure_has_a_value_asserted() -> None:
    said = asserted(r'"(triaged_[a-z_]+)"')
    assert {name for name in figures() if not said & {name, f"{name}_total"}} == set(), (
        "no test_noticed_… does"
    )
