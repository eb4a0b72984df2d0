"""Partner-support mail, triaged: one walk from the door to the reply (docs/flow.md)."""

__version__ = "0.1.0"

from triaged.reading.words import spoken as _spoken


def _shipped_words():  # type: ignore[no-untyped-def]
    from triaged.walk import words_folder

    return words_folder.shipped_words()


_spoken.shipped_by(_shipped_words)
