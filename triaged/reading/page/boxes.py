"""A box of lines of a page being written: the whole page, a quote, a list item, a table cell. PURE."""

from __future__ import annotations


class Box:
    """Lines being filled: `gap` a blank before the next word, `apart` an empty line before the next line."""

    __slots__ = ("apart", "gap", "line", "lines", "unmarked")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.gap = False
        self.apart = False
        self.unmarked = False  # holds words that are not bold

    def add(self, text: str) -> None:
        """Put inline text to the line; blanks are as they stand."""
        if not self.line:
            self._part()
        elif self.gap:
            self.line.append(" ")
        self.gap = False
        self.line.append(text)

    def end_line(self) -> None:
        """`<br>`: the line is done, empty or not."""
        if not self.line:
            self._part()
        self.lines.append("".join(self.line).rstrip())
        self.line, self.gap = [], False

    def end_block(self, apart: bool = False) -> None:
        """A block begins or ends: what follows starts on its own line, `apart` by an empty one."""
        if self.line:
            self.end_line()
        self.gap = False
        self.apart = self.apart or apart

    def put(self, lines: list[str]) -> None:
        """Put finished lines below."""
        self.end_block()
        if lines:
            self._part()
            self.lines += lines

    def finished(self) -> list[str]:
        """All lines, without empty ones at either end."""
        self.end_block()
        first, last = 0, len(self.lines)
        while first < last and not self.lines[first].strip():
            first += 1
        while last > first and not self.lines[last - 1].strip():
            last -= 1
        return self.lines[first:last]

    def _part(self) -> None:
        if self.apart and self.lines and self.lines[-1].strip():
            self.lines.append("")
        self.apart = False
