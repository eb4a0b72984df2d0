"""A mail for the eyes: its whole text, and its original HTML cleaned so that nothing in it runs, calls or leads astray. PURE.

nh3 takes out scripts, forms, frames and styles that hide or call; pictures stay only as parts of the mail itself, and
lie within the page: a sandboxed frame is of no origin, so no browser would give it a picture of ours, or our cookie.
Its own policy allows no request anywhere.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from email.message import Message as Part
from urllib.parse import unquote

import nh3

from triaged.frozen import frozen
from triaged.reading.mime import charsets, message, parameters, parts, transfer
from triaged.reading.mime.message import Message
from triaged.reading.values import Limits
from triaged.tickets.ticket import Attached
from triaged.web.files.kinds import PICTURES

_LARGEST_PAGE = 2 * 1024 * 1024
_LARGEST_PICTURES = 8 * 1024 * 1024  # bytes of all pictures that lie within the page
_MOST_PARTS, _MOST_PICTURES, _DEEPEST = 300, 100, 30
_STYLES = frozenset(
    [
        "color",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "line-height",
        "text-align",
        "text-decoration",
        "vertical-align",
        "white-space",
        "width",
        "height",
        "max-width",
        "min-width",
        "margin",
        "margin-left",
        "margin-right",
        "margin-top",
        "margin-bottom",
        "padding",
        "padding-left",
        "padding-right",
        "padding-top",
        "padding-bottom",
        "border",
        "border-collapse",
        "border-color",
        "border-style",
        "border-width",
        "border-top",
        "border-bottom",
        "border-left",
        "border-right",
        "border-spacing",
    ]
)
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "center",
        "cite",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "caption",
        "col",
        "colgroup",
    ]
)
_DROPPED_WHOLE = frozenset(
    [
        "script",
        "style",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "applet",
        "form",
        "select",
        "textarea",
        "video",
        "audio",
    ]
)
_ATTRIBUTES = {
    "*": {"style", "dir", "align", "valign", "title", "lang"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size", "face"},
    "td": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "ol": {"start", "type"},
}
_BASE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><meta name='color-scheme' content='light'>"
    "<base target='_blank'><style>html{background:#fff;color:#000;font:16px/1.5 sans-serif}"
    "body{margin:8px;overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}</style>"
    "<title>mail</title></head><body>"
)


@frozen
class WholeMail:
    """What of a mail is shown. `pictures`: raster parts by their Content-ID (or none), in order."""

    subject: str
    from_: str
    to: str
    cc: str
    date: datetime | None
    text: str
    html: str
    pictures: tuple[tuple[str, Attached], ...]


def read(raw: bytes) -> WholeMail:
    """The mail, as far as the limits of reading go."""
    limits = Limits()
    data = raw[: limits.size]
    known: Message = message.parse(data, limits)
    html, pictures = _rich(parts.parsed(data))
    shown = known.headers.get
    return WholeMail(
        known.subject, shown("from"), shown("to"), shown("cc"), known.date, known.text, html, pictures
    )


def cleaned(mail: WholeMail) -> str:
    """The page for the frame."""
    within = _within(mail)

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style" and ("(" in value or "\\" in value or "/*" in value):
            return None  # url(), expression(), and what may be made to look like neither
        if (tag, name) != ("img", "src"):
            return value
        return within(value.removeprefix("cid:")) if value.startswith("cid:") else None

    body = nh3.clean(
        mail.html[:_LARGEST_PAGE],
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=attribute,
        filter_style_properties=set(_STYLES),
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
    )
    return f"{_BASE}{body}</body></html>"


def _within(mail: WholeMail) -> Callable[[str], str | None]:
    """What stands for a picture by its Content-ID; None where there is none, or where the page is full of them."""
    pictures = {cid: picture for cid, picture in mail.pictures if cid}
    left = _LARGEST_PICTURES

    def address(cid: str) -> str | None:
        nonlocal left
        found = pictures.get(unquote(cid))
        if found is None or len(found.content) > left:
            return None
        left -= len(found.content)
        return f"data:{found.type};base64,{base64.b64encode(found.content).decode()}"

    return address


def _rich(top: Part) -> tuple[str, tuple[tuple[str, Attached], ...]]:
    """The HTML of the mail itself (not of mails attached to it), and its raster pictures."""
    pages: list[str] = []
    pictures: list[tuple[str, Attached]] = []
    todo, seen = [(top, 0)], 0
    while todo and seen < _MOST_PARTS:
        part, depth = todo.pop()
        seen += 1
        mime = parameters.of(part)
        if part.is_multipart():
            if mime.main != "message" and depth < _DEEPEST:
                children = [child for child in part.get_payload() if isinstance(child, Part)]
                todo.extend((child, depth + 1) for child in reversed(children))
        elif mime.type == "text/html" and not mime.name:
            pages.append(_decoded(part, mime))
        elif len(pictures) < _MOST_PICTURES and (found := _picture(part, mime)):
            pictures.append(found)
    return "\n<hr>\n".join(pages[:10]), tuple(pictures)


def _picture(part: Part, mime: parameters.Mime) -> tuple[str, Attached] | None:
    if mime.main != "image":
        return None
    content = transfer.decoded(part, mime.encoding)
    type_ = next((name for name, fits in PICTURES.items() if fits(content)), "")
    return (mime.content_id.strip("<> "), Attached(mime.name or "picture", type_, content)) if type_ else None


def _decoded(part: Part, mime: parameters.Mime) -> str:
    return charsets.decode(transfer.decoded(part, mime.encoding), mime.charset or None).text
