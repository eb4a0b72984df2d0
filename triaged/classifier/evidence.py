"""What of the definitions of severity a text speaks of: one RE2 pattern a meaning, each read once. PURE.

Not one `re2.Set` for all: its automaton has a state for every combination of meanings found so far, and
gives up on ordinary mails.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import re2

from triaged.classifier.evidence_words import EVIDENCE

_MEMORY = 32 << 20


@cache
def _meanings() -> tuple[tuple[str, Any], ...]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_capture = True
    return tuple((name, re2.compile(words, options).search) for name, words in EVIDENCE.items())


def spoken_of(masked: str) -> list[str]:
    """The names of the meanings a masked text speaks of, in the order of the table."""
    text = masked.encode("utf-8", "replace")
    return [name for name, search in _meanings() if search(text)]
