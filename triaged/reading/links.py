"""Where a link of a page leads, and whether its text says so already. PURE, total, linear."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

LONGEST_LINK = 1000  # characters; longer ones only track


def target(href: str) -> str:
    """Where a link leads: web and mail addresses; "" for others. Mail filters' wrapping is taken off."""
    low = href[:10].lower()
    if low.startswith("mailto:"):
        return unquote(href[7:].partition("?")[0])[:320]
    if not low.startswith(("http:", "https:", "ftp:")):
        return ""
    if "safelinks.protection.outlook.com" in href[:120].lower():
        href = _unwrapped(href)
    return href if len(href) <= LONGEST_LINK else ""


def _unwrapped(href: str) -> str:
    try:
        return parse_qs(urlsplit(href).query).get("url", [href])[0]
    except ValueError:
        return href


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
