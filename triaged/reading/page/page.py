"""A page being written as text while its elements are opened and closed (html.py walks them). PURE.

`Page` keeps a stack of boxes (boxes.py): a quote, a list item and a table cell each fill their own box of lines,
which is put into the box around it when the element closes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from triaged.reading.page import grids, hidden, links
from triaged.reading.page.boxes import Box

DEEPEST_BOX = 24  # beyond, elements are written into the box around them: copying stays linear
RULE = "-" * 32

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u034f\u180e]+|\u200c(?=[\u00a0\u200c])")
_TOP_BORDER = re.compile(
    r"border-top(?:-style|-width)?\s{0,9}:\s{0,9}(?!none|0|medium none)\S", re.IGNORECASE
)
_NO_BORDER = re.compile(r"border(?:-left)?\s{0,9}:\s{0,9}(?:none|0)", re.IGNORECASE)
_NO_MARGIN = re.compile(r"margin\s{0,9}:\s{0,9}0(?:[a-z]{2})?(?:\s+0(?:[a-z]{2})?\s+\.0001pt|\s{0,9}(?:;|$))", re.IGNORECASE)  # fmt: skip
_KEEPS_BLANKS = re.compile(r"white-space\s{0,9}:\s{0,9}(?:pre|break-spaces)", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s{0,9}:\s{0,9}(?:bold|[6-9]00)", re.IGNORECASE)

# fmt: off
_LINES = frozenset((
    "div", "section", "header", "footer", "article", "aside", "main", "nav", "center", "form", "fieldset",
    "address", "figure", "figcaption", "dt", "dd", "option", "caption", "legend", "details", "summary",
    "tr", "td", "th", "thead", "tbody", "tfoot", "body", "html",
))
_PARAGRAPHS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table", "blockquote",
))
# fmt: on
_STRUCK = frozenset(("s", "del", "strike"))
_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?\s{0,9}:[^;{}]{0,60}\bline-through", re.IGNORECASE)
_Close = Callable[[], None]


def HIDDEN() -> None:
    """What `open` answers for an element that is not seen."""


class Page:
    """What has been written so far, and what is open."""

    def __init__(self, sheet: str) -> None:
        self._hidden = hidden.by_sheet(sheet)
        self._boxes = [Box()]
        self._rows: list[list[list[grids.Cell]]] = []  # of each open table
        self._counters: list[int | None] = []  # of each open list; None for one with bullets
        self._quotes = self._pre = self._bold = 0
        self._linked: list[str] | None = None  # words of the open link
        self.columns_named = False

    def text(self) -> str:
        """The whole text, once every element is closed; no-break blanks as blanks."""
        return "\n".join(self._boxes[0].finished()).replace("\xa0", " ")

    def words(self, text: str) -> None:
        """Text of the page: blanks collapse but in pre; what has no width is dropped."""
        if not text.isascii():
            text = _INVISIBLE.sub("", text)
        if not text:
            return
        box = self._boxes[-1]
        if self._linked is not None:
            self._linked.append(text)
        if self._pre:
            self._raw(box, text)
            return
        text = _BLANKS.sub(" ", text)
        bare = text.strip(" ")
        if not bare:
            box.gap = True
            return
        box.gap = box.gap or text[0] == " "
        box.add(bare)
        box.unmarked = box.unmarked or (not self._bold and bare != "\xa0")
        box.gap = text[-1] == " "

    def open(self, tag: str, node: Any) -> _Close | None:
        """Begin an element; answers what ends it (None: nothing to do), or HIDDEN where it is not seen."""
        attributes: dict[str, str | None] = node.attributes or {}
        style = attributes.get("style") or ""
        if (attributes and self._is_hidden(attributes, style)) and tag not in ("html", "body"):
            return HIDDEN
        special = _SPECIAL.get(tag)
        if special:
            return special(self, attributes, style)
        if tag in _LINES or tag in _PARAGRAPHS:
            return self._block(tag, attributes, style)
        if tag in ("b", "strong") or (style and _BOLD.search(style)):
            self._bold += 1
            return self._unbold
        if tag in _STRUCK or (style and _LINE_THROUGH.search(style)):
            self._boxes[-1].add("~~")
            return self._end_struck
        return None

    def _is_hidden(self, attributes: dict[str, str | None], style: str) -> bool:
        if "hidden" in attributes or (style and hidden.by_style(style)):
            return True
        if not self._hidden:
            return False
        names = ["." + name for name in (attributes.get("class") or "").split()[:20]]
        return not self._hidden.isdisjoint([*names, "#" + (attributes.get("id") or "")])

    def _raw(self, box: Box, text: str) -> None:
        first, *rest = text.replace("\r\n", "\n").split("\n")
        if first:
            box.add(first)
        for line in rest:
            box.end_line()
            if line:
                box.add(line)
        box.unmarked = True

    def _unbold(self) -> None:
        self._bold -= 1

    def _end_struck(self) -> None:
        self._boxes[-1].line.append("~~")

    def _block(self, tag: str, attributes: dict[str, str | None], style: str) -> _Close:
        apart = tag in _PARAGRAPHS
        if tag == "p" and ("Mso" in (attributes.get("class") or "") or _NO_MARGIN.search(style)):
            apart = False
        self._boxes[-1].end_block(apart)
        if tag == "div" and style and _TOP_BORDER.search(style):
            self._boxes[-1].put([RULE])
        keeps = tag == "pre" or bool(style and _KEEPS_BLANKS.search(style))
        bold = tag[0] == "h" and len(tag) == 2
        self._pre += keeps
        self._bold += bold
        return partial(self._end_block, apart, keeps, bold)

    def _end_block(self, apart: bool, keeps: bool, bold: bool) -> None:
        self._boxes[-1].end_block(apart)
        self._pre -= keeps
        self._bold -= bold

    def _break(self, attributes: dict[str, str | None], style: str) -> None:
        self._boxes[-1].end_line()

    def _rule(self, attributes: dict[str, str | None], style: str) -> None:
        self._boxes[-1].put([RULE])

    def _quote(self, attributes: dict[str, str | None], style: str) -> _Close:
        """A quote; Gmail and Outlook write mere indentation as a blockquote without a border."""
        self._boxes[-1].end_block(True)
        cited = attributes.get("type") == "cite" or "quote" in (attributes.get("class") or "")
        indented = not cited and bool(_NO_BORDER.search(style))
        if indented or self._quotes >= 8 or len(self._boxes) > DEEPEST_BOX:
            return partial(self._end_block, True, False, False)
        self._quotes += 1
        self._boxes.append(Box())
        return self._end_quote

    def _end_quote(self) -> None:
        lines = self._boxes.pop().finished()
        self._quotes -= 1
        self._boxes[-1].put([f"> {line}" if line and line[0] != ">" else f">{line}" for line in lines])
        self._boxes[-1].end_block(True)

    def _list(self, attributes: dict[str, str | None], style: str) -> _Close:
        self._boxes[-1].end_block(not self._counters)
        self._counters.append(None)
        return self._end_list

    def _ordered(self, attributes: dict[str, str | None], style: str) -> _Close:
        close = self._list(attributes, style)
        start = attributes.get("start") or "1"
        self._counters[-1] = int(start) if start.isdecimal() and len(start) < 6 else 1
        return close

    def _end_list(self) -> None:
        self._counters.pop()
        self._boxes[-1].end_block(not self._counters)

    def _item(self, attributes: dict[str, str | None], style: str) -> _Close:
        self._boxes[-1].end_block()
        mark = "- "
        if self._counters and (count := self._counters[-1]) is not None:
            mark = f"{count}. "
            self._counters[-1] = count + 1
        if len(self._boxes) > DEEPEST_BOX or len(self._counters) > 8:
            return self._boxes[-1].end_block
        self._boxes.append(Box())
        return partial(self._end_item, mark)

    def _end_item(self, mark: str) -> None:
        lines = self._boxes.pop().finished()
        indent = " " * len(mark)
        self._boxes[-1].put(
            [(indent if at else mark) + line if line else "" for at, line in enumerate(lines)]
        )

    def _table(self, attributes: dict[str, str | None], style: str) -> _Close:
        self._boxes[-1].end_block(not self._rows)
        if len(self._boxes) > DEEPEST_BOX:
            return self._boxes[-1].end_block
        self._rows.append([])
        return self._end_table

    def _end_table(self) -> None:
        lines, named = grids.render(self._rows.pop())
        self.columns_named = self.columns_named or named
        self._boxes[-1].put(lines)
        self._boxes[-1].end_block(not self._rows)

    def _row(self, attributes: dict[str, str | None], style: str) -> _Close:
        self._boxes[-1].end_block()
        if self._rows:
            self._rows[-1].append([])
        return self._boxes[-1].end_block

    def _heading_cell(self, attributes: dict[str, str | None], style: str) -> _Close:
        return self._cell(attributes, style, heading=True)

    def _cell(self, attributes: dict[str, str | None], style: str, heading: bool = False) -> _Close:
        if not self._rows or len(self._boxes) > DEEPEST_BOX:
            self._boxes[-1].end_block()
            return self._boxes[-1].end_block
        if not self._rows[-1]:
            self._rows[-1].append([])
        bold = bool(style and _BOLD.search(style))
        self._bold += bold
        self._boxes.append(Box())
        span = attributes.get("colspan") or "1"
        columns = min(int(span), 20) if span.isdecimal() and len(span) < 4 else 1
        return partial(self._end_cell, heading, bold, max(columns, 1))

    def _end_cell(self, heading: bool, bold: bool, span: int) -> None:
        box = self._boxes.pop()
        self._bold -= bold
        lines = tuple(line.strip(" \xa0") for line in box.finished())
        self._rows[-1][-1].append(grids.Cell(lines, heading or (bool(lines) and not box.unmarked), span))

    def _link(self, attributes: dict[str, str | None], style: str) -> _Close | None:
        target = links.target((attributes.get("href") or "").strip())
        if not target or self._linked is not None:
            return None
        self._linked = []
        return partial(self._end_link, target)

    def _end_link(self, target: str) -> None:
        shown = "".join(self._linked or ()).strip()
        self._linked = None
        if shown and links.bare(target) not in links.bare(shown):
            box = self._boxes[-1]
            trailing, box.gap = box.gap, True
            box.add(f"<{target}>")
            box.gap = trailing


_SPECIAL: dict[str, Callable[[Page, dict[str, str | None], str], _Close | None]] = {
    "br": Page._break,
    "hr": Page._rule,
    "blockquote": Page._quote,
    "ul": Page._list,
    "ol": Page._ordered,
    "li": Page._item,
    "table": Page._table,
    "tr": Page._row,
    "td": Page._cell,
    "th": Page._heading_cell,
    "a": Page._link,
}
