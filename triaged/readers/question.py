"""What the classifier is asked about a mail. Small, since it crosses a pipe."""

from __future__ import annotations

from triaged.reading.values import Reading

Question = tuple[str, str, str | None]  # subject, new text, language
MOST_ASKED = 8_000  # characters; the classifier looks at fewer


def question_of(reading: Reading) -> Question | None:
    """What the classifier is asked about a mail: nothing if it is automatic."""
    if reading.automatic is not None:
        return None
    return reading.subject, reading.parts.new[:MOST_ASKED], reading.language
