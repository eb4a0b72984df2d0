"""Text of strangers made harmless for eyes and terminals: the one place that knows which characters do harm.

Control characters (C0, C1) drive a terminal; marks of direction and invisible characters show a line as
something it is not; line separators and lone surrogates forge or break lines. All are written as JSON writes
them (`\\u202e`), so that what was meant can still be read, and a JSON text keeps its value. PURE.
"""

from __future__ import annotations

import json
import re
from typing import Any

_HARMFUL = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff"
)
_EVERY = re.compile(f"[{_HARMFUL}]")
_BUT_LAYOUT = re.compile(f"(?![\n\t])[{_HARMFUL}]")


def escaped(text: str) -> str:
    """One line, whatever stood in it."""
    return _EVERY.sub(_escape, text)


def on_screen(text: str) -> str:
    """The same with our own line breaks and tabs left standing."""
    return _BUT_LAYOUT.sub(_escape, text)


def as_json(value: Any) -> str:
    """A JSON text on one line, readable as it is but for what does harm. What JSON does not know is its `str`."""
    return escaped(json.dumps(value, ensure_ascii=False, default=str))


def _escape(found: re.Match[str]) -> str:
    return "".join(f"\\u{unit:04x}" for unit in _units(ord(found[0])))


def _units(point: int) -> tuple[int, ...]:
    """A code point in UTF-16, as JSON writes it."""
    if point < 0x10000:
        return (point,)
    return 0xD800 + ((point - 0x10000) >> 10), 0xDC00 + ((point - 0x10000) & 0x3FF)
