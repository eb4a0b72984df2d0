"""Sizes of files as people write them in YAML: `500KB`, `10MB`, `800 B`; 1 KB is 1024 bytes. PURE."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

_UNITS = {"B": 1, "KB": 1024, "MB": 1024 * 1024}
_SIZE = re.compile(r"(\d{1,6}) ?(B|KB|MB)", re.IGNORECASE)


def parse(text: str) -> int:
    """The bytes that `text` writes. Raises ValueError with the remedy."""
    found = _SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"{text!r} is not a size; write for example 500KB or 10MB")
    return int(found[1]) * _UNITS[found[2].upper()]


def show(size: int) -> str:
    """The shortest writing of a size: `500 KB`, `1.5 MB`."""
    for unit in ("MB", "KB"):
        if size >= _UNITS[unit]:
            return f"{size / _UNITS[unit]:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} B"


def _validate(value: Any) -> int:
    return value if type(value) is int else parse(value)


Size = Annotated[int, BeforeValidator(_validate, json_schema_input_type=str)]
"""A pydantic field that takes `500KB` and the like; bytes."""
