"""A letter's text laid out for the mail: lines of 76 columns, and the same text as a plain page. PURE.

Text without wide characters is `format=flowed` (RFC 3676): its lines end softly, so that a narrow screen breaks
them anew. Japanese has no blanks to end a line with, and few mail clients know `delsp`: its lines are cut hard,
none begins with what closes a phrase, none ends with what opens one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

WIDTH = 76
_WIDE = "\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\U0001f300-\U0001faff\U00020000-\U0003fffd"
_OPENS = "「『（［【〈《"
_CLOSES = "」』）］】〉》、。，．・：；！？ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"
_HAS_WIDE = re.compile(f"[{_WIDE}]")
# What a line is never broken inside: a word, a wide character with what clings to it; " :" and "15 h 32" in French.
_PIECE = re.compile(
    rf"[{_OPENS}]*(?:(?![{_OPENS}{_CLOSES}])[{_WIDE}]|[^ {_WIDE}]+)?[{_CLOSES}]*(?: [:;?!»]+(?= |$)| h \d\d)* *"
)
_LINK = re.compile(r"https?://[^\s<>\"'）」、。]+[^\s<>\"'）」、。.,;:!?)]")
_ITEM = re.compile(r"(?:- |・)(?=\S)")
_RULE = re.compile(r"-{10,}")
_ABOVE = re.compile(r"##-[^\n]{0,80}-##")
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<style>:root {{ color-scheme: light dark; }}</style>
</head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 42em;">
{body}
</body>
</html>
"""


def is_flowed(text: str) -> bool:
    """Whether lines of this text may end softly: none of its characters is wide."""
    return text.isascii() or not _HAS_WIDE.search(text)


def wrapped(text: str, *, flowed: bool) -> str:
    """The text in lines of at most 76 columns, a word longer than that left whole; `flowed`: as RFC 3676 marks them."""
    return "\n".join(line for row in text.split("\n") for line in _lines(row, flowed))


def page(text: str, language: str, typed: Callable[[str], str] | None = None) -> str:
    """The text as HTML: paragraphs, lists and links, nothing loaded from elsewhere, no colours of its own.

    `typed`: how a person's own words are laid out instead (rich.py).
    """
    if typed is not None:
        return _PAGE.format(language=escape(language, quote=True), body=typed(text))
    blocks = (block for block in re.split(r"\n{2,}", text.strip("\n")) if block.strip())
    return _PAGE.format(language=escape(language, quote=True), body="\n".join(map(_block, blocks)))


def _lines(row: str, flowed: bool) -> Iterator[str]:
    quote = "> " if row.startswith(">") else ""
    row = row.removeprefix(">").removeprefix(" ") if quote else row
    row = row.rstrip()
    end = " " if flowed else ""
    *cut, last = _cut(row, WIDTH - len(quote)) if _columns(row) > WIDTH - len(quote) else [row]
    for line in cut:
        yield _stuffed(line, flowed, quote) + end
    yield _stuffed(last, flowed, quote)


def _stuffed(line: str, flowed: bool, quote: str) -> str:
    """A flowed line that begins with a blank, a `>` or "From " has a blank put before it."""
    if flowed and not quote and line.startswith((" ", ">", "From ")):
        return " " + line
    return (quote + line).rstrip() if quote else line


def _cut(row: str, width: int) -> list[str]:
    lines, line, used = [], "", 0
    for piece in filter(None, _PIECE.findall(row)):
        columns = _columns(piece.rstrip(" "))
        if line.strip() and used + columns > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0
        line += piece
        used += _columns(piece)
    return [*lines, line.rstrip(" ")]


def _columns(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_HAS_WIDE.findall(text))


def without_mark(text: str) -> str:
    """A letter's text without the mark above which answers by mail are written: on a page there is nothing above it."""
    mark = _ABOVE.match(text)
    return text[mark.end() :].lstrip("\n") if mark else text


def _block(block: str) -> str:
    if _RULE.fullmatch(block.strip()):
        return "<hr>"
    if _ABOVE.fullmatch(block.strip()):
        return f'<p style="font-size: smaller; opacity: 0.7;">{_inline(block.strip())}</p>'
    pieces: list[str] = []
    rows: list[str] = []
    items = False
    for row in block.split("\n"):
        if bool(_ITEM.match(row)) is not items:
            pieces += _piece(rows, items)
            rows, items = [], not items
        rows.append(row)
    return "\n".join([*pieces, *_piece(rows, items)])


def _piece(rows: list[str], items: bool) -> list[str]:
    if not rows:
        return []
    if items:
        inside = "\n".join(f"<li>{_inline(_ITEM.sub('', row, count=1))}</li>" for row in rows)
        return [f"<ul>\n{inside}\n</ul>"]
    return ["<p>" + "<br>\n".join(map(_inline, rows)) + "</p>"]


def _inline(row: str) -> str:
    """Escaped, its links to be clicked, its indent kept."""
    pieces, done = [], 0
    indent = len(row) - len(row.lstrip(" "))
    for link in _LINK.finditer(row):
        address = escape(link.group(), quote=True)
        pieces += [escape(row[done : link.start()]), f'<a href="{address}">{address}</a>']
        done = link.end()
    return "&nbsp;" * indent + "".join([*pieces, escape(row[done:])]).lstrip(" ")
