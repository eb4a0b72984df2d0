"""Tables of an HTML mail as lines of text, so that every label stays beside its value.

A table whose first row names its columns is written as records (`ZOID: 60031122334`, one line a cell,
a blank line between rows); another table of data as rows of cells parted by tabs; a table that only
lays out the page as its cells one after another. (Tables typed into plain text: identifiers/tables.py.) PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triaged.frozen import frozen

MOST_RECORDS = 50  # rows: beyond, repeating the labels would only swell the text
_LONGEST_LABEL = 60

_VALUE = re.compile(r"@|\d{3}|[０-９]{3}|^\d+$")
_NAMES_ID = re.compile(
    r"(?:zoid|zuid|zgid|\bids?\b|e-?mail|address|service|product|admin|domain|user|org|customer|account"
    r"|組織|ユーザー|ユーザ|メール|アドレス|サービス|管理者|顧客|dienst|benutzer|kunde|produkt"
    r"|utilisateur|client|servicio|usuario|cliente|correo|courriel|adresse)",
    re.IGNORECASE,
)


@frozen
class Cell:
    """A cell's lines; `heading`: marked as one (th, or bold throughout); `span`: columns it covers."""

    lines: tuple[str, ...]
    heading: bool = False
    span: int = 1

    @property
    def text(self) -> str:
        """The cell as one line."""
        return " ".join(line for line in self.lines if line)


def render(rows: Sequence[Sequence[Cell]]) -> tuple[list[str], bool]:
    """The table as lines, and whether its columns are named by a heading row."""
    rows = [row for row in rows if any(cell.text for cell in row)]
    at = _heading_row(rows)
    if at is None:
        return [line for row in rows for line in _row(row)], False
    heads = _columns(rows[at])
    lines = [line for row in rows[:at] for line in _row(row)]
    for row in rows[at + 1 :]:
        lines += _record(heads, row)
        lines.append("")
    return lines[:-1] if lines and not lines[-1] else lines, True


def _row(row: Sequence[Cell]) -> list[str]:
    cells = [cell for cell in row if cell.text]
    if all(len(cell.lines) == 1 for cell in cells):
        return ["\t".join(_with_colons([cell.text for cell in cells]))] if cells else []
    if len(cells) == 2 and len(cells[0].lines) == 1 and len(cells[0].text) <= _LONGEST_LABEL:
        return [f"{cells[0].text}\t{cells[1].lines[0]}", *cells[1].lines[1:]]
    return [line for cell in cells for line in (*cell.lines, "")]


def _with_colons(texts: list[str]) -> list[str]:
    """`ZOID | : | 600` has its colon in a cell of its own: put it to the label."""
    out: list[str] = []
    for text in texts:
        if text in (":", "：") and out:
            out[-1] += ":"
        else:
            out.append(text)
    return out


def _record(heads: Sequence[str], row: Sequence[Cell]) -> list[str]:
    lines: list[str] = []
    column = 0
    for cell in row:
        head = heads[column] if column < len(heads) else ""
        column += cell.span
        if not cell.text:
            continue
        label = head.rstrip(" :：")
        lines.append(f"{label}: {cell.lines[0]}" if label else cell.lines[0])
        lines += cell.lines[1:]
    return lines


def _columns(row: Sequence[Cell]) -> list[str]:
    return [head for cell in row for head in [cell.text] + [""] * (cell.span - 1)]


def _heading_row(rows: Sequence[Sequence[Cell]]) -> int | None:
    """Index of the row that names the columns: the first, or the second below a title over all columns."""
    if not 2 <= len(rows) <= MOST_RECORDS + 2:
        return None
    at = 1 if _filled(rows[0]) == 1 and len(rows) > 2 and _filled(rows[1]) > 1 else 0
    head, data = rows[at], rows[at + 1 :]
    if not _could_name_columns(head, data) or _names_rows(head, data):
        return None
    marked = all(cell.heading for cell in head if cell.text)
    own_labels = [row for row in data if row and row[0].heading and not all(c.heading for c in row if c.text)]
    if marked and len(own_labels) < len(data):
        return at
    return at if _names_by_contrast(head, data) else None


def _filled(row: Sequence[Cell]) -> int:
    return sum(1 for cell in row if cell.text)


def _could_name_columns(head: Sequence[Cell], data: Sequence[Sequence[Cell]]) -> bool:
    names = [cell.text for cell in head if cell.text]
    return (
        len(names) >= 2
        and all(len(name) <= _LONGEST_LABEL and not _VALUE.search(name) for name in names)
        and len({name.lower() for name in names}) == len(names)
        and not names[0].endswith((":", "："))
        and all(sum(c.span for c in row) <= sum(c.span for c in head) for row in data)
        and any(len(row) >= 2 for row in data)
        and all(len(cell.lines) <= 6 and len(cell.text) <= 400 for row in data for cell in row)
    )


def _names_rows(head: Sequence[Cell], data: Sequence[Sequence[Cell]]) -> bool:
    """`Field | Value` over `ZOID | 600`: the labels are the first cells of the rows below."""
    if any(_NAMES_ID.search(cell.text) for cell in head):
        return False
    firsts = [row[0].text for row in data if row]
    labels = [text for text in firsts if _NAMES_ID.search(text) and not _VALUE.search(text)]
    return len(labels) * 2 >= len(firsts) and len(labels) >= 2


def _names_by_contrast(head: Sequence[Cell], data: Sequence[Sequence[Cell]]) -> bool:
    """An unmarked first row names the columns if it alone holds labels: `Email | ZOID` over `a@b | 600`."""
    named = sum(1 for cell in head if _NAMES_ID.search(cell.text))
    labels_below = any(
        row and _NAMES_ID.search(row[0].text) and not _VALUE.search(row[0].text) for row in data
    )
    values = all(any(_VALUE.search(cell.text) for cell in row) for row in data)
    return named * 2 > len([cell for cell in head if cell.text]) and not labels_below and values
