"""Everything in a passage that can name or be an identifier, with its place: labels, numbers,
addresses, and ids inside links.

Contract: `find` is linear, total, and answers marks in the order of the text. What stands inside a
link or an address is no number and no label of its own. PURE.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from triaged.frozen import frozen
from triaged.reading.identifiers.kinds import DIGITS
from triaged.reading.identifiers.labels import LABELS, OTHERS
from triaged.reading.identifiers.numbers import ids_of_run
from triaged.reading.identifiers.passages import Passage
from triaged.reading.page import links
from triaged.reading.words.automata import compiled

MOST = 1_500  # marks in one passage; a mail with more is no mail of a person


@frozen
class Mark:
    """Something found: `kind` is a label's kind, "number", "address", or "url:zoid" and the like."""

    kind: str
    start: int
    end: int
    value: str = ""


_LINK = compiled(
    r"(?i)(?:https?://|www\.)[!#-;=?-~]+|\b[a-z0-9.-]*zoho[a-z0-9-]*(?:\.[a-z0-9-]+)+/[!#-;=?-~]+"
    r"|(?:/[a-z0-9_-]+){0,3}/org\d{5,20}[!#-;=?-~]*"
)
_MAY_LINK = re.compile(r"/|www\.", re.IGNORECASE)
_ADDRESS = compiled(
    r"(?i)[a-z0-9\x{00C0}-\x{024F}._%+'-]+@[a-z0-9\x{00C0}-\x{024F}-]+(?:\.[a-z0-9\x{00C0}-\x{024F}-]+)+"
)
_LONGEST_ADDRESS = 254  # RFC 5321
_IDS_IN_LINK = compiled(
    r"(?i)/org(?P<path>\d{5,20})(?:[/?#&\s]|$)"
    r"|[?&#;/](?P<name>org(?:ani[sz]ation)?_?id|zoid|zgid|group_?id|zuid|user_?id)=(?:org)?(?P<value>\d{5,20})(?:[&#;/\s]|$)"
    r"|//(?:books|inventory|expense|invoice|billing|subscriptions|checkout|payroll|practice|commerce)\.[^/]*zoho[^/]*/app/(?P<app>\d{5,20})(?:[/?#\s]|$)"
)
_GLUED = re.compile(r"(?:e-?mail|mail|address|admin)-(?=[^@])", re.IGNORECASE)
_LABELLED = re.compile(
    r"\b(?:customer|primary|admin|contact|user|kunden?|client|cliente)[ \t]$", re.IGNORECASE
)
_NUMBERS = compiled(r"\d+(?:[ ,.'-]\d+)*")


def find(passage: Passage) -> list[Mark]:
    """All marks of the passage, by place."""
    # What cannot stand in it is not looked for: most passages have no link and no address
    text = passage.text
    spans = [(m.start(), m.end()) for m in _LINK.finditer(text)][:MOST] if _MAY_LINK.search(text) else []
    marks = [mark for link in spans for mark in _ids_in_link(passage, *link)]
    covered = list(spans)
    for found in _ADDRESS.finditer(_blotted(text, spans)) if "@" in text else ():
        start, value = _unglued(text, *_trimmed(found.group(), found.start()))
        if len(value) > _LONGEST_ADDRESS or value.startswith("@"):
            continue
        covered.append((start, start + len(value)))
        marks.append(Mark("address", start, start + len(value), value.lower()))
    plain = _blotted(passage.folded, covered)
    labels = _labels(plain)
    marks += labels
    glued = {mark.end for mark in marks if mark.kind in (*DIGITS, "org")}
    for run in _NUMBERS.finditer(plain):
        for start, end, digits in ids_of_run(plain, run.start(), run.end(), glued):
            marks.append(Mark("number", start, end, digits))
    if any(mark.kind in ("number", "address") for mark in marks):  # else there is nothing to tell apart
        marks += _others(plain, labels)
    return sorted(marks, key=lambda mark: (mark.start, mark.end))[:MOST]


def _unglued(text: str, start: int, value: str) -> tuple[int, str]:
    """ "Primary Customer Email-hello@b.example": the label's last word, glued on by a hyphen, is no address."""
    label = _GLUED.match(value)
    if label and _LABELLED.search(text[max(0, start - 30) : start]):
        return start + label.end(), value[label.end() :]
    return start, value


def _blotted(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the spans made unreadable, every other character in its old place."""
    pieces, done = [], 0
    for start, end in sorted(spans):
        if start >= done:
            pieces += [text[done:start], "\x01" * (end - start)]
            done = end
    return "".join([*pieces, text[done:]])


def _trimmed(address: str, start: int) -> tuple[int, str]:
    """An address without the punctuation of the sentence around it."""
    while address and address[0] in "'._%+&=~-":
        address, start = address[1:], start + 1
    address = address.rstrip(".-'_")
    head, _, last = address.rpartition(".")
    if last[:1].isupper() and last[1:].islower() and head.islower() and "." in head.partition("@")[2]:
        address = head  # "…it@alder.example.Please call"
    return start, address


def _labels(plain: str) -> list[Mark]:
    marks = []
    for found in LABELS.finditer(plain):
        start, end = found.span()
        if not _cut_out_of_a_word(plain, start, end):
            marks.append(Mark(str(found.lastgroup), start, end, found.group()))
    return marks


def _others(plain: str, labels: list[Mark]) -> list[Mark]:
    """Words that say "this number is something else", where no label stands."""
    marks = []
    taken = bytearray(len(plain))
    for mark in labels:
        if mark.kind != "service":
            taken[mark.start : mark.end] = b"\x01" * (mark.end - mark.start)
    for found in OTHERS.finditer(plain):
        start, end = found.span()
        if not any(taken[start:end]) and not _cut_out_of_a_word(plain, start, end):
            marks.append(Mark("other", start, end, found.group()))
    return marks


def _cut_out_of_a_word(plain: str, start: int, end: int) -> bool:
    """`zoid` in "zoidberg", "group no" in "group note": the pattern ended inside a longer word."""
    return plain[end - 1].isascii() and plain[end - 1].isalpha() and _is_latin(plain[end : end + 1])


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _ids_in_link(passage: Passage, start: int, end: int) -> list[Mark]:
    """Ids a link carries, also one wrapped in another link (safe links, trackers)."""
    written = passage.text[start:end]
    link = " ".join(unquote(unquote(one))[:4_000] for one in (written, *links.inner(written)))
    marks: dict[tuple[str, str], Mark] = {}
    for found in _IDS_IN_LINK.finditer(link):
        name = (found.group("name") or "org").lower()
        kind = (
            "zuid"
            if name.startswith(("zuid", "user"))
            else "zgid"
            if name[0] in "zg" and "g" in name[:2]
            else "zoid"
        )
        digits = found.group("path") or found.group("value") or found.group("app")
        marks.setdefault((kind, digits), Mark(f"url:{kind}", start, end, digits))
    return list(marks.values())
