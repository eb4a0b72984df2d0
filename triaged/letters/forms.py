"""What our letters ask and how they print it, for whoever reads the answers. PURE.

Worked out of the templates themselves, so that a letter reworded by support ops is still understood when it
comes back filled in (reading/answers/filled_in.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from triaged.letters import kinds, samples
from triaged.letters.context import Context
from triaged.letters.templates import Letters
from triaged.reading.values import Form

_LONG = 24  # letters of a line that stands in no other mail than ours
_MARK = "\u00a4\u00a4\u00a4"
_ASKED = ("superadmin_email", "zoid", "zuid", "service")
_LABEL = re.compile(r"^\s*+[-*•・]?\s*+((?:[^:：()（）\n]++|[(（][^()（）\n]{0,300}+[)）])++)[:：]")
_OTHERWISE = replace(
    samples.BARE, reference="PS-2002", thread="[PS-2002] Re: another", salutation="Dear Sir,", desk="Desk",
    address="desk@other.example", severity="S2", severity_words="high", form="Another form:",
)  # fmt: skip


def forms(letters: Letters) -> tuple[Form, ...]:
    """The questions of every language: the form partners fill in, and the list of what would help."""
    return tuple(form for language in letters.words_by_language for form in _of(letters, language))


def _of(letters: Letters, language: str) -> Iterator[Form]:
    words = letters.words(language)
    rows = [row.strip() for row in words.form.splitlines() if row.strip()]
    labels = [found[1].strip() for row in rows if (found := _LABEL.match(row))]
    bare = {row for row in rows if not row.rstrip().endswith((":", "："))}
    yield Form(tuple(labels), tuple(bare), _sentences(letters, language))
    heading = _heading(letters, language)
    if heading:
        yield Form(tuple(words.identifiers[n] for n in _ASKED if n in words.identifiers), heading=heading)


def _sentences(letters: Letters, language: str) -> tuple[str, ...]:
    """Lines that a question always has, whoever gets it, and that no letter has which only tells."""
    always: dict[str, None] = {}
    elsewhere = {
        row
        for kind in letters.templates.get(language, {})
        if kinds.of(kind).tells_identifiers
        for context in samples.ALL
        for row in _rows(letters, kind, language, context)
    }
    for kind in kinds.asking_for_identifiers():
        if kind in letters.templates.get(language, {}):
            one, other = (_rows(letters, kind, language, c) for c in (samples.BARE, _OTHERWISE))
            always |= dict.fromkeys(row for row in one if row in other and len(row) >= _LONG // _width(row))
    return tuple(row for row in always if row not in elsewhere)


def _width(row: str) -> int:
    """A Japanese letter says as much as two Latin ones."""
    return 1 if row.isascii() or sum(ord(c) > 0x2E80 for c in row) * 2 < len(row) else 2


def _heading(letters: Letters, language: str) -> str:
    """The line over the list of what would help."""
    if "acknowledgment" not in letters.templates.get(language, {}):
        return ""
    rows = _rows(letters, "acknowledgment", language, replace(samples.BARE, missing=(_MARK,)))
    at = next((n for n, row in enumerate(rows) if _MARK in row), 0)
    return rows[at - 1] if at else ""


def _rows(letters: Letters, kind: str, language: str, context: Context) -> list[str]:
    body = letters.write(kind, language, context).body
    return [row.strip() for row in body.splitlines() if row.strip()]
