"""HTML mail -> text that reads like the page: `to_text`.

Contract: total, linear, one pass without recursion. Lines as blocks, tables as rows (grids.py),
links as `text <url>` where the url says more than the text (ids stand in urls), quotes behind `> `,
dividers as a line of dashes (a quoted mail's header block stands below them), hidden text left out.
Parsing nested elements is quadratic in the parser, hence the guard on depth. PURE.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from triaged.reading.mime.charsets import without_surrogates
from triaged.reading.page.page import HIDDEN, Page

LONGEST = 512 * 1024  # characters of markup
DEEPEST = 2000  # block elements left open

_TAG = re.compile(r"<[^<>]{0,4000}>|<[^<>]*$")
_DROPPED = re.compile(r"<(script|style|head|title)\b[^>]{0,1000}+>", re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]{0,20}+)", re.IGNORECASE)
_UNCLOSED = re.compile(r"<(?:title|noscript|select|iframe|textarea)\b", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote|hr)\b[^<>]{0,1000}>", re.IGNORECASE)
# fmt: off
_NEVER_DEEP = frozenset((  # empty ones, and those that end where the next one begins
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "td", "th", "tr", "option", "tbody", "thead", "tfoot", "html", "body", "head",
))
_SKIPPED = frozenset((
    "-comment", "script", "style", "head", "title", "template", "noscript", "object", "embed", "iframe",
    "svg", "math", "map", "audio", "video", "select", "datalist",
))
# fmt: on


class Shown(NamedTuple):
    """A page as text; `columns_named`: it holds a table whose first row names the columns."""

    text: str
    columns_named: bool


def to_text(html: str) -> str:
    """The text a person sees on the page."""
    return read(html).text


def read(html: str) -> Shown:
    """The text a person sees on the page, and what is known of its tables."""
    html = without_surrogates(html[:LONGEST]).replace("\0", "")
    if _too_deep(html):
        return Shown(_stripped(html), False)
    try:
        document = LexborHTMLParser(html)
        page = Page(
            "\n".join(style.text() for style in document.css("style")) if "<style" in html.lower() else ""
        )
        _walk(document.body or document.root, page)
    except Exception:  # a parser in C on hostile bytes: text without structure beats none
        return Shown(_stripped(html), False)
    text = page.text()
    if not text and _UNCLOSED.search(html):  # an unclosed <title> swallows the whole page
        text = _stripped(html)
    return Shown(text, page.columns_named)


def _walk(root: Any, page: Page) -> None:
    """Every node in document order, each element opened before its children and closed after them."""
    node = root.child if root is not None else None
    above: list[tuple[Any, Any]] = []  # (element, what closes it)
    while node is not None:
        tag = node.tag
        if tag == "-text":
            page.words(node.text_content or "")
        elif tag not in _SKIPPED:
            close = page.open(tag, node)
            child = node.child if close is not HIDDEN else None
            if child is not None:
                above.append((node, close))
                node = child
                continue
            if close is not HIDDEN and close is not None:
                close()
        following = node.next
        while following is None and above:
            node, close = above.pop()
            if close is not None:
                close()
            following = node.next
        node = following


def _too_deep(html: str) -> bool:
    """Whether more elements than DEEPEST stand within each other, as far as tags alone tell."""
    if html.count("<") <= DEEPEST:
        return False
    depth = 0
    for closes, tag in _ELEMENT.findall(html):
        if tag.lower() in _NEVER_DEEP:
            continue
        depth = max(depth - 1, 0) if closes else depth + 1
        if depth > DEEPEST:
            return True
    return False


def _stripped(html: str) -> str:
    """The text with tags cut out by pattern: for pages too deep to parse."""
    html = _BREAK.sub("\n", _without_dropped(html))
    lines = (" ".join(line.split()) for line in unescape(_TAG.sub(" ", html)).split("\n"))
    return without_surrogates("\n".join(line for line in lines if line))


def _without_dropped(html: str) -> str:
    """The page without scripts, styles and titles; what is never closed stays."""
    low, kept, at = html.lower(), list[str](), 0
    if len(low) != len(html):  # a few letters grow in lower case
        low = html
    endless: set[str] = set()
    for found in _DROPPED.finditer(html):
        tag = found[1].lower()
        if found.start() < at or tag in endless:
            continue
        end = low.find(f"</{tag}", found.end())
        if end < 0:
            endless.add(tag)
            continue
        kept += [html[at : found.start()], " "]
        at = low.find(">", end) + 1 or len(html)
    return "".join([*kept, html[at:]])
