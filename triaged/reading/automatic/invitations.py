"""Invitations: what a text/calendar part asks, in words. PURE, total, linear."""

from __future__ import annotations

import re

_FOLD = re.compile(r"\n[ \t]")
_FIELD = re.compile(r"^(SUMMARY|DESCRIPTION|LOCATION|METHOD)(?:;[^:\n]{0,200})?:([^\n]{0,4000})", re.MULTILINE | re.IGNORECASE)  # fmt: skip
_FIRST_FIELD = re.compile(rb"^(?:From [^\n]*\n)?(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){2}")


def method(invitation: str) -> str:
    """REQUEST, REPLY, CANCEL …; "" where the calendar names none."""
    return _fields(invitation).get("METHOD", "").strip().upper()[:20]


def words(invitation: str) -> str:
    """Title, place and description, as text."""
    fields = _fields(invitation)
    told = (fields.get(name, "") for name in ("SUMMARY", "LOCATION", "DESCRIPTION"))
    return "\n".join(_unescaped(text) for text in told if text.strip())


def looks_like_mail(data: bytes) -> bool:
    """True if a file begins with header fields, as an .eml file does."""
    return bool(_FIRST_FIELD.match(data[:16_384].replace(b"\r\n", b"\n")))


def _fields(invitation: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in _FIELD.finditer(_FOLD.sub("", invitation)):
        found.setdefault(field[1].upper(), field[2])
    return found


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
