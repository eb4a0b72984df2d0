"""Partner-support mail, triaged: one walk from the door to the reply (docs/flow.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triaged.reading.words import spoken

if TYPE_CHECKING:
    from triaged.reading.words.words import Words

__version__ = "0.1.0"


def _shipped_words() -> Words:
    """Read when first asked for; handed in here, since reading itself reads no file."""
    from triaged.walk import words_folder

    return words_folder.shipped_words()


spoken.shipped_by(_shipped_words)
