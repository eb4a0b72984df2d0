"""What a person typed, as HTML: bold, lists and links, and everything else as it was typed. PURE.

A small part of Markdown, chosen so that pasted logs, paths and ids stay letter by letter: `**bold**` only where its
marks stand at the edges of words and on one line, `[words](address)` and bare addresses only of the web and of mail,
lists by `- `, `* ` or `1. ` at the beginning of a line. No mark is taken inside a fenced (```) or indented block. What
is not taken stays text, escaped; the source itself is the text part of a mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

LONGEST = 20_000  # characters that one person may write at once
ROOM = 6  # times as much is kept of a draft: what is too long to be sent is not cut off while he shortens it
LONGEST_KEPT = ROOM * LONGEST

_BOLD = re.compile(r"(?<![\w*\\/])\*\*(?=[^\s*])([^*\n]{1,1000}?)(?<=[^\s*])\*\*(?![\w*])")
_LINK = re.compile(
    r"\[(?P<words>[^\[\]\n]{1,300})\]\((?P<to>(?:https?://|mailto:)[^\s()<>\"]{1,1000})\)"
    r"|(?P<bare>https?://[^\s<>\"'）」、。]{1,1000}[^\s<>\"'）」、。.,;:!?)\]])"
)
# `* * * * *` is a line of a crontab
_ITEM = re.compile(r"[ ]{0,3}(?:[-*]|(?P<number>\d{1,2})[.)])[ ]+(?=\S)(?![-*] )")
_FENCE = "```"


def page(text: str) -> str:
    """A safe fragment of HTML: paragraphs, lists, blocks as typed."""
    return "\n".join(_blocks(text.replace("\r\n", "\n").replace("\r", "\n")[: 10 * LONGEST].split("\n")))


def _blocks(lines: list[str]) -> Iterator[str]:
    for kind, rows in _kinds(lines):
        if kind == "as typed":
            yield f"<pre>{escape(chr(10).join(rows))}</pre>"
        elif kind in ("ul", "ol"):
            yield f"<{kind}>{''.join(_items(rows))}</{kind}>"
        elif kind == "text":
            yield "<p>" + "<br>\n".join(map(_row, rows)) + "</p>"


def _kinds(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Rows that belong together, with what they are."""
    told: list[tuple[str, str]] = []
    fenced = False
    for line in lines:
        if line.startswith(_FENCE):
            fenced = not fenced
            told.append(("gap", ""))
        else:
            told.append(("as typed" if fenced else _kind(line), line))
    for kind, group in groupby(told, lambda one: one[0]):
        yield kind, [line for _, line in group]


def _kind(line: str) -> str:
    if not line.strip():
        return "gap"
    if line.startswith(("    ", "\t")):
        return "as typed"
    item = _ITEM.match(line)
    if item is None:
        return "text"
    return "ol" if item["number"] else "ul"


def _items(rows: list[str]) -> Iterator[str]:
    """Each with the number that was typed, where it is not the next."""
    after = 1
    for row in rows:
        item = _ITEM.match(row)
        number = int(item["number"]) if item and item["number"] else after
        value = f' value="{number}"' if number != after else ""
        after = number + 1 if item and item["number"] else after
        yield f"<li{value}>{_inline(_ITEM.sub('', row, count=1))}</li>"


def _row(row: str) -> str:
    indent = len(row) - len(row.lstrip(" "))
    return "&nbsp;" * indent + _inline(row.lstrip(" "))


def _inline(row: str) -> str:
    if "://" not in row and "](" not in row:
        return _bold(row)
    pieces, done = [], 0
    for link in _LINK.finditer(row):
        words, to = link["words"] or link["bare"], link["to"] or link["bare"]
        anchor = f'<a href="{escape(to, quote=True)}" rel="noopener noreferrer nofollow">{_bold(words)}</a>'
        pieces += [_bold(row[done : link.start()]), anchor]
        done = link.end()
    return "".join([*pieces, _bold(row[done:])])


def _bold(text: str) -> str:
    if "**" not in text:
        return escape(text)
    pieces, done = [], 0
    for mark in _BOLD.finditer(text):
        pieces += [escape(text[done : mark.start()]), f"<strong>{escape(mark[1])}</strong>"]
        done = mark.end()
    return "".join([*pieces, escape(text[done:])])
