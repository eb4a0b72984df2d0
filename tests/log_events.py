"""The page of log events, made from triaged/maillog.py: `python -m tests.log_events > docs/log-events.md`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class LogEvent:
    """One event as the code tells it."""

    name: str
    level: str
    fields: tuple[str, ...]
    means: str


def events() -> Iterator[LogEvent]:
    """Every event of the mail log, in the order of the code."""
    tree = ast.parse((ROOT / "triaged" / "maillog.py").read_text("utf-8"))
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_say":
                level, name = call.args[0], call.args[1]
                assert isinstance(name, ast.Constant)
                fields = tuple(one.arg if one.arg else "…" for one in call.keywords)
                means = " ".join((ast.get_docstring(function) or "").split())
                yield LogEvent(str(name.value), _level(level), fields, means)


def _level(given: ast.expr) -> str:
    """`warning`, or `warning or info` where the code chooses between two."""
    if isinstance(given, ast.IfExp):
        return f"{_level(given.body)} or {_level(given.orelse)}"
    assert isinstance(given, ast.Attribute)
    return given.attr.lower()


def page() -> str:
    """The whole page."""
    lines = [
        "# Log events",
        "",
        "Made from `triaged/maillog.py` by `python -m tests.log_events`; a test keeps the two in step. What to do about each stands in",
        "[How to operate](how-to/operate.md#what-each-log-event-means).",
        "",
        "| event | level | carries | means |",
        "|---|---|---|---|",
    ]
    for one in sorted(events(), key=lambda event: event.name):
        carried = ", ".join(f"`{name}`" for name in one.fields) or "nothing"
        lines.append(f"| `{one.name}` | {one.level} | {carried} | {one.means.replace('|', '&#124;')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
