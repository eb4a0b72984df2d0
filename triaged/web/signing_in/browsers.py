"""What a browser calls itself, in two words that a person knows again; all else a browser may say is left out. PURE."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def described(user_agent: str) -> str:
    """`Firefox, Windows`; what says nothing known is "a browser"."""
    names = [
        next((name for mark, name in known if mark in user_agent), None) for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, names)) or "a browser"
