"""Every complaint P1 to P47 of users of such pages has its tests, found by its number in a test's name or docstring."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
COMPLAINTS = range(1, 48)


def test_every_complaint_has_a_test_that_names_it() -> None:
    named: dict[int, list[str]] = {number: [] for number in COMPLAINTS}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if not re.search(r"[pP]\d", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                told = f"{node.name.replace('_', ' ')} {(ast.get_docstring(node) or '')}"
                for number in set(map(int, re.findall(r"\b[pP](\d{1,2})\b", told))) & named.keys():
                    named[number].append(f"{path.name}:{node.name}")
    assert [number for number, tests in named.items() if not tests] == []
