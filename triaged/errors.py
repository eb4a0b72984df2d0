"""The failures that cross rooms. At the edges there are two (promise 8): Temporary and Permanent.

What is neither is treated as Temporary: tried again with backoff, bounded, then a human is told.
"""

from __future__ import annotations


class Faulty(Exception):
    """Something given to us is wrong; `lines` say what, where and the remedy, one line each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Temporary(Exception):
    """The other side may take it later: try again."""


class Permanent(Exception):
    """Trying again cannot help: tell a human."""
