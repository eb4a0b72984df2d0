"""Which text a person would read: the choice among alternatives, and fragments made one text.

Plain text is preferred, since nothing is guessed in it, unless it is empty, only says "view this in
HTML", is HTML itself, or holds far less than the HTML does. HTML is turned to text only where it
decides or is chosen: that is the dear step. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from triaged.reading.page import html as pages

_FEW = 400  # characters of plain text below which the HTML is looked at too

_COMMAND = re.compile(r"<<|<param>[^<]{0,400}</param>|</?[A-Za-z-]{1,40}>", re.IGNORECASE)
_BOILERPLATE = re.compile(
    r"(?:html|browser|mail (?:client|program|reader)|navigateur|navigateur web|e-mail-programm|ブラウザ|メールソフト)",
    re.IGNORECASE,
)
_SAYS_VIEW = re.compile(
    r"(?:view|display|support|enable|read|see|open|multi-?part|darstell|anzeigen|angezeigt|unterst|affich|visual|ver este|表示|対応)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</(?:p|div|table|span|body|html|font|td)>|<br ?/?>", re.IGNORECASE)
_TABLE = re.compile(r"<t[hr][\s>]", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W_]+")


class Fragment(NamedTuple):
    """A piece of body; `html` is still markup."""

    text: str
    html: bool


def best(alternatives: Sequence[Sequence[Fragment]]) -> list[Fragment]:
    """The alternative a person would read, of those a multipart/alternative offers (its children)."""
    rich = [list(fragments) for fragments in alternatives if any(f.html for f in fragments)]
    plain = [
        list(fragments) for fragments in alternatives if fragments and not any(f.html for f in fragments)
    ]
    plain = [fragments for fragments in plain if any(f.text.strip() for f in fragments)]
    if not rich or not plain:
        return (rich or plain or [[]])[-1 if rich else 0]
    text = one_text(plain[0])
    if not _is_doubtful(text, rich[-1]):
        return plain[0]
    shown, columns_named = _shown(rich[-1])
    return [Fragment(shown, False)] if _is_poorer(text, shown, columns_named) else plain[0]


def one_text(fragments: Sequence[Fragment]) -> str:
    """The fragments as one text, HTML turned to text; one that repeats another is left out."""
    texts = [pages.to_text(f.text) if f.html else _maybe_markup(f.text) for f in fragments]
    if len(texts) > 1 and any(f.html for f in fragments) and not all(f.html for f in fragments):
        texts = _without_repeats(texts)
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def without_commands(text: str) -> str:
    """text/enriched (RFC 1896) without its commands and their parameters; `<<` is a `<` that is meant."""
    return _COMMAND.sub(lambda found: "<" if found[0] == "<<" else "", text)


def _shown(fragments: Sequence[Fragment]) -> tuple[str, bool]:
    """The text of HTML fragments, and whether it holds a table with named columns."""
    pages_read = [pages.read(f.text) if f.html else pages.Shown(f.text, False) for f in fragments]
    text = one_text([Fragment(page.text, False) for page in pages_read])
    return text, any(page.columns_named for page in pages_read)


def _maybe_markup(text: str) -> str:
    """Plain text that is HTML in truth, as broken form mailers send it."""
    start = text[:2000].lstrip()[:20].lower()
    if start.startswith(("<html", "<!doctype html", "<body", "<div", "<table", "<p>")) and _MARKUP.search(
        text
    ):
        return pages.to_text(text)
    return text


def _is_doubtful(text: str, rich: Sequence[Fragment]) -> bool:
    """The plain text may be less than the mail: short beside the markup, or a table flattened."""
    markup = sum(len(f.text) for f in rich if f.html)
    return len(text) < _FEW or markup > 40 * len(text) or any(f.html and _TABLE.search(f.text) for f in rich)


def _is_poorer(text: str, shown: str, columns_named: bool) -> bool:
    """The plain text lacks what the page says: it is a notice only, a fraction, or lost a table's columns."""
    plain, rich = _weight(text), _weight(shown)
    if not plain:
        return rich > 0
    if rich > plain * 1.2 and len(text) < _FEW and _BOILERPLATE.search(text) and _SAYS_VIEW.search(text):
        return True
    return rich > 2 * plain + 60 or (columns_named and rich > plain * 0.9)


def _weight(text: str) -> int:
    return sum(map(len, _LETTERS.findall(text)))


def _without_repeats(texts: list[str]) -> list[str]:
    """Siblings that are a plain and an HTML form of the same words, sent as parts of a mixed mail."""
    bare = ["".join(_LETTERS.findall(text)) for text in texts]
    return [
        text
        for at, text in enumerate(texts)
        if not any(
            bare[at] and bare[at] in other
            for i, other in enumerate(bare)
            if i != at and (len(other) > len(bare[at]) or i < at)
        )
    ]
