"""Tables in plain text whose labels stand in a row of their own above the values.

Contract: cells are parted by tabs, bars, semicolons or two blanks and more; a header row has two
labels or more, no value, and data rows have as many cells as it. PURE, linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triaged.reading.identifiers.kinds import LABELLED
from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage

_PARTERS = (
    re.compile(r"\t+"),
    re.compile(r"(?:(?<! ) ++)?\| *+"),
    re.compile(r"(?:(?<! ) ++)?; *+"),
    re.compile(r"(?:(?<! ) ++)?, *+"),
    re.compile(r" {2,}"),
)
_ROWS = 30  # data rows under one header
_RULE = re.compile(r"\A[\s|:+=\-]*+$")
_LABELS = frozenset((*LABELLED, "service", "other", "org"))

Cell = tuple[int, int]


def header_rows(passage: Passage, marks: list[Mark]) -> Iterator[tuple[Mark, Mark]]:
    """(label of the column, value in it) for every value that stands under a header row."""
    lines = _lines_with_marks(passage, marks)
    for start, here in lines.items():
        kinds = [mark.kind for mark in here]
        if sum(kind in _LABELS for kind in kinds) < 2 or {"number", "address"} & set(kinds):
            continue
        yield from _under(passage, start, here, lines)


def _lines_with_marks(passage: Passage, marks: list[Mark]) -> dict[int, list[Mark]]:
    lines: dict[int, list[Mark]] = {}
    for mark in marks:
        lines.setdefault(passage.text.rfind("\n", 0, mark.start) + 1, []).append(mark)
    return lines


def _under(
    passage: Passage, start: int, labels: list[Mark], lines: dict[int, list[Mark]]
) -> Iterator[tuple[Mark, Mark]]:
    header = _line(passage, start)
    parter = next(
        (p for p in _PARTERS if len(_cells(header, start, p)) >= 2 and _one_each(header, start, p, labels)),
        None,
    )
    if parter is None:
        return
    columns = _cells(header, start, parter)
    place = start + len(header) + 1
    for _ in range(_ROWS):
        row = _line(passage, place)
        # Some programs leave a blank line under each
        if not row.strip():
            place += len(row) + 1
            row = _line(passage, place)
        cells = _cells(row, place, parter)
        if len(cells) == len(columns):
            yield from _matched(columns, cells, labels, lines.get(place, []))
        elif not (row.strip() and _RULE.match(row)):
            return
        place += len(row) + 1


def _one_each(header: str, start: int, parter: re.Pattern[str], labels: list[Mark]) -> bool:
    """At least two cells hold a label, and the labels are most of what they say."""
    cells = _cells(header, start, parter)
    holding = [
        c
        for c in cells
        if any(c[0] <= m.start and m.end <= c[1] and (m.end - m.start) * 3 >= c[1] - c[0] for m in labels)
    ]
    return len(holding) >= 2 and all(end - begin <= 60 for begin, end in cells)


def _matched(
    columns: list[Cell], cells: list[Cell], labels: list[Mark], values: list[Mark]
) -> Iterator[tuple[Mark, Mark]]:
    for (left, right), (begin, end) in zip(columns, cells, strict=True):
        inside = [m for m in labels if left <= m.start and m.end <= right]
        named = next(
            (m for m in inside if m.kind in LABELLED),
            inside[0] if inside else None,
        )
        for value in values:
            if named and value.kind in ("number", "address") and begin <= value.start and value.end <= end:
                yield named, value


def _line(passage: Passage, start: int) -> str:
    end = passage.folded.find("\n", start)
    return passage.folded[start : len(passage.folded) if end < 0 else end][:1_000]


def _cells(line: str, start: int, parter: re.Pattern[str]) -> list[Cell]:
    """Places of the cells of a line; behind a bar at its end an empty one."""
    body = line.strip(" ")
    offset = start + line.find(body) if body else start
    cells, begun = [], 0
    for found in parter.finditer(body):
        cells.append((offset + begun, offset + found.start()))
        begun = found.end()
    return [*cells, (offset + begun, offset + len(body))]
