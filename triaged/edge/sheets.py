"""Cells of CSV that a spreadsheet takes for text: what strangers wrote never starts a formula there. PURE."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"\A[\s\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|\A[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")


def cell(value: Any) -> Any:
    """The value; text that a spreadsheet would run has a quote mark before it, which it does not show."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value) or not _FORMULA.match(value):
        return value
    return f"'{value}"
