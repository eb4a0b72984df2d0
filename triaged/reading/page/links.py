"""Where a link leads, also one that a mail filter has wrapped, and whether its text says so. PURE, total, linear.

Filters put the true address into a parameter, into the path, percent-encoded, in base64 or in a spelling of
their own (Proofpoint). What cannot be opened without asking the filter stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST_LINK = 1000  # characters; longer ones only track
LONGEST_WRAPPED = 8_000
_DEEPEST = 3  # wrappings in wrappings: a mail passes more than one filter

_FILTERS = re.compile(
    r"(?i)^https?://(?:[\w.-]{1,80}\.)?(?:safelinks\.protection\.(?:outlook\.(?:com|de)|office365\.us|partner\.outlook\.cn)|urldefense\.(?:com|us|proofpoint\.com)"
    r"|cudasvc\.com|trendmicro\.com|exclaimer\.net|protection\.sophos\.com|secure-web\.cisco\.com|fireeye\.com|symantec\.com|avanan\.click"
    r"|checkpoint\.com|mimecast(?:protect)?\.com|emailprotection\.link|fortimail\.com|hornetsecurity\.com|retarus\.com|slack-redir\.net|perception-point\.io|google\.[a-z.]{2,6}/url)[/:?]"
)
_V2 = re.compile(r"(?i)//[\w.-]{0,80}urldefense[\w.-]{0,40}/v2/url\?(?:[^#]{0,2000}&)?u=([^&]{1,4000})")
_V3 = re.compile(r"(?i)//[\w.-]{0,80}urldefense[\w.-]{0,40}/v3/__(.{1,4000}?)__;([\w=-]{0,2000})!")
_BETWEEN_LINES = re.compile(r"___(https?:.{1,4000}?)___")  # Avanan, Check Point
_STARS = re.compile(r"\*(\*[\w-])?")
_HEX = re.compile(r"-([0-9A-Fa-f]{2})")
_BASE64 = re.compile(r"[\w+/-]{16,4000}={0,2}")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def target(href: str) -> str:
    """Where a link leads: web and mail addresses; "" for others. Mail filters' wrapping is taken off."""
    low = href[:10].lower()
    if low.startswith("mailto:"):
        return unquote(href[7:].partition("?")[0])[:320]
    if not low.startswith(("http:", "https:", "ftp:")):
        return ""
    for _ in range(_DEEPEST):
        if len(href) > LONGEST_WRAPPED or not _FILTERS.match(href[:200]):
            break
        href = next(_within(href), href)
    return href if len(href) <= LONGEST_LINK else ""


def inner(url: str) -> tuple[str, ...]:
    """Every address a link carries within itself, of any wrapping, nearest first."""
    found: list[str] = []
    waiting = [url[:LONGEST_WRAPPED]]
    for _ in range(_DEEPEST):
        waiting = [one for each in waiting for one in _within(each) if one not in found][:5]
        found += waiting
    return tuple(found)


def _within(url: str) -> Iterator[str]:
    if second := _V2.search(url):
        yield unquote(_HEX.sub(r"%\1", second[1]).replace("_", "/"))
    if third := _V3.search(url):
        yield _restored(third[1], third[2])
    if lined := _BETWEEN_LINES.search(url):
        yield lined[1]
    for value in _values(url):
        if value[:8].lower().startswith(("http://", "https://")):
            yield value
        elif (decoded := _from_base64(value)).lower().startswith(("http://", "https://")):
            yield decoded


def _values(url: str) -> list[str]:
    """The values of a link's parameters, and the pieces of its path."""
    try:
        parts = urlsplit(url)
        return [value for _, value in parse_qsl(parts.query)[:30]] + [
            unquote(piece) for piece in parts.path.split("/")[:30]
        ]
    except ValueError:
        return []


def _restored(url: str, signs: str) -> str:
    """Proofpoint's third spelling: a star stands for a sign kept in base64, two stars for a run of them."""
    kept = iter(_from_base64(signs, least=0))

    def sign(star: re.Match[str]) -> str:
        run = _RUNS.index(star[1][1]) + 2 if star[1] else 1
        return "".join(next(kept, "") for _ in range(run)) or star[0]

    return _STARS.sub(sign, url)


def _from_base64(value: str, least: int = 16) -> str:
    if len(value) < least or (least and not _BASE64.fullmatch(value)):
        return ""
    try:
        plain = value.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "ignore")
    except (binascii.Error, ValueError):
        return ""


def bare(url: str) -> str:
    """A url as people write it: no scheme, no www, no slash at the end."""
    low = "".join(url.lower().split())
    return (
        low.removeprefix("mailto:")
        .removeprefix("https://")
        .removeprefix("http://")
        .removeprefix("www.")
        .rstrip("/")
    )
