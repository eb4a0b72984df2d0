"""What an HTML mail hides from its reader: preview texts, trackers' words, text for other programs. PURE."""

from __future__ import annotations

import re

LONGEST_SHEET = 100_000

_STYLE = re.compile(
    r"display\s{0,9}:\s{0,9}none"
    r"|visibility\s{0,9}:\s{0,9}(?:hidden|collapse)"
    r"|mso-hide\s{0,9}:\s{0,9}all"
    r"|font-size\s{0,9}:\s{0,9}0(?:\.0+)?(?:px|pt|em|rem|%)?\s{0,9}(?:;|!|$|\})"
    r"|opacity\s{0,9}:\s{0,9}0(?:\.0+)?\s{0,9}(?:;|!|$|\})"
    r"|max-height\s{0,9}:\s{0,9}0(?:px)?\s{0,9}(?:;|!|$|\})"
    r"|text-indent\s{0,9}:\s{0,9}-\d{3,}",
    re.IGNORECASE,
)
_ZERO_BOX = re.compile(
    r"(?:^|[;\s{])(?:height|width)\s{0,9}:\s{0,9}0(?:px)?\s{0,9}(?:;|!|$|\})", re.IGNORECASE
)
_OVERFLOW = re.compile(r"overflow\s{0,9}:\s{0,9}hidden", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,400}+)\{([^{}]{0,2000}+)\}")
_SELECTOR = re.compile(r"^(?:[a-z][a-z0-9]{0,10})?([.#][A-Za-z_][\w-]{0,80})$")
_COMMENT = re.compile(r"/\*[^*]{0,2000}\*/|<!--|-->")


def by_style(style: str) -> bool:
    """True if an inline style (or a rule's body) takes the element from sight."""
    style = style[:2000]
    return bool(_STYLE.search(style) or (_ZERO_BOX.search(style) and _OVERFLOW.search(style)))


def by_sheet(sheet: str) -> frozenset[str]:
    """The `.class` and `#id` selectors a style sheet hides everywhere (not within `@media`: phones, print)."""
    if len(sheet) > LONGEST_SHEET or not (_STYLE.search(sheet) or _OVERFLOW.search(sheet)):
        return frozenset()
    hidden: set[str] = set()
    for selectors, body in _RULE.findall(_outside_media(_COMMENT.sub("", sheet))):
        found = (_SELECTOR.match(selector.strip()) for selector in selectors.split(","))
        names = {match[1] for match in found if match}
        if by_style(body):
            hidden |= names
        elif "display" in body:
            hidden -= names
    return frozenset(hidden)


def _outside_media(sheet: str) -> str:
    """The sheet without its @media blocks."""
    kept: list[str] = []
    pieces = sheet.split("@media")
    kept.append(pieces[0])
    for piece in pieces[1:]:
        depth = 0
        for at, char in enumerate(piece):
            depth += (char == "{") - (char == "}")
            if char == "}" and depth <= 0:
                kept.append(piece[at + 1 :])
                break
    return "".join(kept)
