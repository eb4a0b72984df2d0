"""Two rulebooks file by file and line by line, as people read a difference. PURE."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Literal

from triaged.frozen import frozen

_MOST_LINES = 20_000  # of a file that is compared line by line: beyond, it takes too long
_SHOWN = 2_000  # lines of a difference


@frozen
class FileDifference:
    """One file that differs. `lines` begin with `+`, `-`, a blank (they stand in both) or `@@` (a place)."""

    name: str
    what: Literal["added", "removed", "changed"]
    lines: tuple[str, ...]
    cut: bool = False


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[FileDifference, ...]:
    """Every file that differs, by name."""
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return tuple(_difference(name, old.get(name), new.get(name)) for name in names)


def _difference(name: str, old: str | None, new: str | None) -> FileDifference:
    what: Literal["added", "removed", "changed"] = (
        "added" if old is None else "removed" if new is None else "changed"
    )
    before, after = (old or "").splitlines(), (new or "").splitlines()
    if max(len(before), len(after)) > _MOST_LINES:
        return FileDifference(name, what, (f"@@ {len(before)} lines before, {len(after)} now @@",), cut=True)
    lines = tuple(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
    return FileDifference(name, what, lines[:_SHOWN], cut=len(lines) > _SHOWN)


def lines(found: tuple[FileDifference, ...]) -> Iterator[str]:
    """For a terminal."""
    for one in found:
        yield f"{one.what} {one.name}"
        yield from one.lines
        if one.cut:
            yield "…"
