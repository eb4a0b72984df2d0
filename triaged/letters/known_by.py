"""The sentences by which our own letters are known when they come back without their headers. PURE.

Worked out of the rulebook's own templates: what stands around the reference in a letter and stays the same
whatever else it tells. So a letter that support ops reword is known all the same (reading/automatic/own_letters.py asks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from triaged.letters import samples
from triaged.letters.context import Context, Labelled, MeetingTold, Promise
from triaged.letters.templates import Letters
from triaged.reading.words.phrases import fold

REFERENCE = "ps-#"
AROUND = 40  # characters on each side of the reference that are looked at
ENOUGH = 12  # letters beside the reference, below which a sentence could be anybody's
_REFERENCE = re.compile(r"ps-[1-9]\d{0,9}")
_ENOUGH_WIDE = 5  # where each is a word of its own: Han, kana


def sentences(letters: Letters) -> tuple[str, ...]:
    """Every such sentence in lower case, the reference as `ps-#`, without blanks."""
    found: dict[str, None] = {}
    pairs = [(sample.names(), _told_otherwise(sample).names()) for sample in samples.ALL]
    for language, templates in letters.templates.items():
        for kind in templates:
            told: set[str] = set()
            for names, others in pairs:
                body = letters.body(kind, language, names)
                if body in told:  # most letters say the same of several samples
                    continue
                told.add(body)
                rows = _rows(body)
                if any(REFERENCE in row for row in rows):
                    found |= dict.fromkeys(_around(rows, _rows(letters.body(kind, language, others))))
    return tuple(found)


def squeezed(text: str) -> str:
    """Text as these sentences are compared: mail programs wrap, and set blanks as they like."""
    return _REFERENCE.sub(REFERENCE, "".join(fold(text).split()))


def _around(told: list[str], otherwise: list[str]) -> Iterator[str]:
    """What stays the same around each reference, whatever else the letter tells."""
    for row, twin in zip(told, otherwise, strict=False):
        pieces, twins = row.split(REFERENCE), twin.split(REFERENCE)
        if len(pieces) != len(twins):
            continue
        for before, after, before_too, after_too in zip(pieces, pieces[1:], twins, twins[1:], strict=False):
            start = _common(before[::-1], before_too[::-1])[::-1]
            end = _common(after, after_too)
            if _is_enough(start + end):
                yield f"{start}{REFERENCE}{end}"


def _rows(body: str) -> list[str]:
    return [_squeezed_once(row) for row in body.splitlines()]


_squeezed_once = lru_cache(maxsize=8192)(squeezed)  # of samples: most letters share most of their rows


def _common(one: str, other: str) -> str:
    """What both begin with, at most so much as is looked at."""
    pairs = enumerate(zip(one, other, strict=False))
    end = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    return one[: min(end, AROUND)]


def _told_otherwise(sample: Context) -> Context:
    """The same letter about something else: each text that it tells is another, none comes or goes."""
    others: dict[str, Any] = {
        f.name: _other(getattr(sample, f.name)) for f in fields(Context) if f.name not in _STAYS
    }
    return replace(sample, **others)


_STAYS = frozenset({"reference", "other", "thread", "write_above", "form"})


def _other(value: object) -> object:
    if isinstance(value, str):
        return value and f"{len(value)}\N{WHITE SQUARE}"
    if isinstance(value, Labelled):
        return Labelled(str(_other(value.label)), str(_other(value.value)))
    if isinstance(value, Promise):
        return replace(value, due=str(_other(value.due)))
    if isinstance(value, MeetingTold):
        changed: dict[str, Any] = {
            f.name: _other(getattr(value, f.name)) for f in fields(value) if f.name != "state"
        }
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(map(_other, value))
    return value


def _is_enough(words: str) -> bool:
    letters = [c for c in words if c.isalpha()]
    wide = sum(c > "\u2e80" for c in letters)
    return wide >= _ENOUGH_WIDE or len(letters) >= ENOUGH
