"""Large alternations of words for RE2. PURE."""

from __future__ import annotations

from typing import Any

import re2


def compiled(pattern: str) -> Any:
    """RE2 with room for a large automaton; with the default 8 MB it falls back to its slow engine."""
    options = re2.Options()
    options.max_mem = 256 << 20
    options.log_errors = False
    return re2.compile(pattern, options)
