"""Mails with what is right of them (`expect.jsonl` beside them), judged by `explain --json` as users call it.

The folder is named by `TRIAGED_FIELD`, else it is `../shared/field`; without it nothing is measured, and said so.
A case is right when all its checks `[path, operator, value]` hold. A path names a field of the answer; over a
list that field of all its items, and `letters[review].to` that of the items of one kind.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.measures import Figure

FOLDER = Path(os.environ.get("TRIAGED_FIELD", Path(__file__).parents[3] / "shared" / "field"))
BOUND = 0.97
_STEP = re.compile(r"(\w+)\[(\w+)\]")


def figures() -> Iterator[Figure]:
    """The share of cases that are right, over all and by kind of trouble."""
    if not (FOLDER / "expect.jsonl").is_file():
        print(f"  no expectations at {FOLDER} (set TRIAGED_FIELD)")
        return
    cases = [json.loads(line) for line in (FOLDER / "expect.jsonl").read_text("utf-8").splitlines() if line]
    answers = _explained([str(FOLDER / case["file"]) for case in cases])
    of, right = Counter[str](), Counter[str]()
    for case, answer in zip(cases, answers, strict=True):
        wrong = [check for check in case["checks"] if not holds(answer, *check)]
        of[case["kind_of_trouble"]] += 1
        right[case["kind_of_trouble"]] += not wrong
        for path, operator, *wanted in wrong:
            print(f"  {case['file']}: {path} {operator} {wanted}, is {_at(answer, path)!r}")
    for kind in sorted(of):
        yield Figure(kind, f"{right[kind]} of {of[kind]}", "told", True)
    share = right.total() / of.total()
    yield Figure("all kinds", f"{right.total()} of {of.total()}", f">= {BOUND}", share >= BOUND)


def _explained(files: list[str]) -> list[Any]:
    call = [sys.executable, "-m", "triaged", "--config", str(FOLDER / "config.yaml"), "explain", "--json"]
    told = subprocess.run([*call, *files], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in told.stdout.splitlines()]


def holds(answer: Any, path: str, operator: str, wanted: Any = None) -> bool:
    """Whether one check holds; letter case, width and white space never count."""
    return _OPERATORS[operator](_folded(_at(answer, path)), _folded(wanted))


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in wanted,
    "set_eq": lambda value, wanted: sorted(value or []) == sorted(wanted),
    "is_empty": lambda value, _: not value,
    "not_empty": lambda value, _: bool(value),
    "contains": lambda value, wanted: wanted in (value or ""),
    "not_contains": lambda value, wanted: wanted not in (value or ""),
}


def _at(answer: Any, path: str) -> Any:
    for step in path.split("."):
        if chosen := _STEP.fullmatch(step):
            answer = [item for item in answer.get(chosen[1]) or [] if item.get("kind") == chosen[2]]
        elif isinstance(answer, list):
            found = [item.get(step) for item in answer]
            answer = [x for one in found for x in (one if isinstance(one, list) else [one])]
        else:
            answer = answer.get(step) if answer is not None else None
    return answer


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFKC", value).split()).casefold()
    return [_folded(item) for item in value] if isinstance(value, list) else value
