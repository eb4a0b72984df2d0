"""The service field of the template, filled in: behind, below or before its label, or under a header row.

Contract: only a service of the rulebook fills it; guidance ("for example Zoho CRM") does not. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from triaged.reading.identifiers.labels import SERVICE
from triaged.reading.identifiers.passages import Passage
from triaged.reading.services import service_words as words
from triaged.reading.services.service_names import Mention, Names
from triaged.reading.words.automata import compiled

_LONGEST = 90  # characters of a field's value
_LABELS = 60  # labels looked at in one passage
_MOST = 300  # services named in one passage

_SERVICE_LABEL = compiled("|".join(SERVICE))


def filled_in(looked: Sequence[Passage], names: Names) -> list[Mention]:
    """Services in the first filled-in service field, wherever the label stands."""
    for passage in looked:
        for found in islice(_SERVICE_LABEL.finditer(passage.folded), _LABELS):
            mentions = _value(passage, found.start(), found.end(), names)
            if mentions:
                return mentions
    return []


def guidance(passage: Passage) -> list[tuple[int, int]]:
    """The stretches of a passage where the template itself names services: "Service name (e.g. Zoho CRM)"."""
    labels = islice(_SERVICE_LABEL.finditer(passage.folded), _LABELS)
    found = (words.GUIDANCE.match(passage.folded, label.end()) for label in labels)
    return [match.span() for match in found if match]


def _value(passage: Passage, start: int, end: int, names: Names) -> list[Mention]:
    folded = passage.folded
    if words.FIELD_BEFORE.search(folded[max(0, start - 30) : start]):
        shown = words.GUIDANCE.match(folded, end)
        if shown and folded[shown.end() : shown.end() + 1] == "\n":  # no bracket: the value stands below
            end = shown.end()
        separator = words.FIELD_SEPARATOR.match(folded, end, min(len(folded), end + 320))
        if separator:
            return _value_behind(passage, separator.end(), names) or _value_under(passage, start, names)
    return _value_before(passage, start, end, names)


def _value_behind(passage: Passage, place: int, names: Names) -> list[Mention]:
    rest = passage.folded[place : place + 300]
    if not rest[:1].strip():
        rest_of = re.match(r"\s*(?:\([^()]{0,200}\)\s*)?", rest)
        blanks = rest_of.group() if rest_of else ""
        if blanks.count("\n") > 4:
            return []
        place += len(blanks)
    ends = re.search(r"\n|\t| / |;| \| |\. ", passage.folded[place : place + _LONGEST])
    stop = place + (ends.start() if ends else min(_LONGEST, len(passage.folded) - place))
    return [m for m in _inside(passage, names) if place <= m.start < stop and m.start - place <= 30]


def _value_under(passage: Passage, start: int, names: Names) -> list[Mention]:
    """The cell under a header row's "Service"."""
    line_start = passage.folded.rfind("\n", 0, start) + 1
    line_end = passage.folded.find("\n", start)
    if line_end < 0:
        return []
    for parter in ("\t", "|", "  ", ";"):
        header = list(passage.folded[line_start:line_end].split(parter))
        column = passage.folded[line_start:start].count(parter)
        next_end = passage.folded.find("\n", line_end + 1)
        row = passage.folded[line_end + 1 : next_end if next_end >= 0 else len(passage.folded)]
        cells = row.split(parter)
        if len(header) >= 2 and len(header) == len(cells):
            begin = line_end + 1 + sum(len(c) + len(parter) for c in cells[:column])
            return [m for m in _inside(passage, names) if begin <= m.start < begin + len(cells[column])]
    return []


def _value_before(passage: Passage, start: int, end: int, names: Names) -> list[Mention]:
    """ "Zoho Desk  (service)", "Zoho Desk - service"."""
    line_start = passage.folded.rfind("\n", 0, start) + 1
    line_end = passage.folded.find("\n", end)
    tail = passage.folded[end : line_end if line_end >= 0 else len(passage.folded)].strip(" )]*")
    head = passage.folded[line_start:start]
    if tail or not re.search(r"(?:[(\[]|\s[-=:]+>?)\s*$", head) or len(head) > 60:
        return []
    return [m for m in _inside(passage, names) if line_start <= m.start < start]


def _inside(passage: Passage, names: Names) -> list[Mention]:
    return list(islice(names.mentions(passage, any_case=True), _MOST))
