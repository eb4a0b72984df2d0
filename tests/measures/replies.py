"""New text on the reply corpora of five libraries: `python -m tests.measures replies`.

The corpora speak of fragments. What is compared is what a person would call the sender's own visible text:
for "first fragment" the first run of own words, for "visible" all of them, both without signature and
without blanks at line ends. Where an expectation pins its library's own mistake or contradicts the other
corpora it stands in `PINNED`, with the reason, and counts as missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.corpora import CORPORA
from tests.measures import Figure
from triaged.reading.new_text import quotes, signatures
from triaged.reading.values import NewText

_NAME_LINE = "'-Abhishek Kona' is visible here, but a signature in mailparserreply and for us"
_RULE_LEFT = "the rule above Outlook's header block is left in the body"
PINNED = {
    ("reply-crisp", "email_1.txt"): _NAME_LINE,
    ("reply-crisp", "email_3.txt"): _NAME_LINE,
    (
        "reply-crisp",
        "email_emoji.txt",
    ): "the em-dash signature below the text is left visible by that library",
    ("reply-mailparserreply", "email_2_1.txt"): _RULE_LEFT,
    ("reply-mailparserreply", "email_nl_1_2.txt"): _RULE_LEFT,
    ("reply-mailparserreply", "email_1_3.txt"): "an attribution inside the quote ends that reply at 'Hi,'",
    (
        "reply-mailparserreply",
        "email_swedish_1.txt",
    ): "a closing in the body, which its other files call signature",
}


def figures() -> Iterator[Figure]:
    """One figure a corpus; the misses are named in the value."""
    if not CORPORA.is_dir():
        return
    yield _crisp()
    yield _mailparserreply()
    yield from (_whole(name) for name in ("reply-github", "reply-zapier", "reply-willdurand"))


def _crisp() -> Figure:
    folder = CORPORA / "reply-crisp"
    right, wrong = 0, []
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        text = _read(folder / name)
        for key, got in (
            ("first_fragment_equals", first_run(text)),
            ("visible_equals", quotes.cut(text).own),
        ):
            if key in expected and _tidy(got) == _tidy(expected[key]):
                right += 1
            elif key in expected:
                wrong.append(name)
    return Figure(
        "reply-crisp exact",
        f"{right} of {right + len(wrong)}{_named(folder.name, wrong)}",
        ">= 42",
        right >= 42,
    )


def _mailparserreply() -> Figure:
    folder = CORPORA / "reply-mailparserreply"
    right, wrong = 0, []
    for name, tests in json.loads((folder / "expected.json").read_text()).items():
        text = _read(folder / name)
        for reply, part, how, wanted in (check for test in tests for check in test.get("checks", [])):
            if _holds(text, reply, part, how, wanted):
                right += 1
            else:
                wrong.append(name)
    shown = f"{right} of {right + len(wrong)} checks{_named(folder.name, wrong)}"
    return Figure("reply-mailparserreply", shown, ">= 70", right >= 70)


def _holds(text: str, reply: int, part: str, how: str, wanted: str) -> bool:
    """A check on the newest reply speaks of own words and signature; on an older one, of what is quoted."""
    cut = quotes.cut(text)
    got = _older(cut, part, reply) if reply else _newest(cut, part)
    if how == "equals":
        return _tidy(got) == _tidy(wanted)
    return (_tidy(wanted) in _tidy(got)) is (how == "contains")


def _newest(cut: NewText, part: str) -> str:
    said = cut.new  # a mail that begins with a header block is a pasted mail: new, though not own
    parts = {"body": said, "signatures": cut.signature, "content": f"{said}\n{cut.signature}", "headers": ""}
    return parts[part]


def _older(cut: NewText, part: str, reply: int) -> str:
    """Older replies, as the same scanner sees them inside the quote: the quote's first lines are its header."""
    rows = cut.quoted.split("\n")
    if part == "content":
        return cut.quoted
    head = _head_length(rows)
    if part == "headers":
        return "\n".join(rows[:head])
    inner = "\n".join(rows[head:])
    if reply > 1:
        nested = quotes.cut("\n".join(row.removeprefix(">").removeprefix(" ") for row in inner.split("\n")))
        return _older(nested, part, reply - 1)
    bare = "\n".join(row.removeprefix(">").removeprefix(" ") for row in inner.split("\n"))
    parts = quotes.cut(bare)
    return parts.own if part == "body" else parts.signature


def _head_length(rows: list[str]) -> int:
    """How many lines of a quote say who wrote it."""
    from triaged.reading.new_text import attributions, forwards
    from triaged.reading.new_text.separators import line, unquoted

    lines = [unquoted(line(row)) for row in rows]
    start = next((index for index, one in enumerate(lines) if not one.blank), 0)
    if start >= len(lines):
        return 0
    if found := attributions.at(lines, start):
        return start + found.length
    head = forwards.head_at(lines, start)
    return head.end if head else 0


def _whole(name: str) -> Figure:
    """Corpora without transcribed expectations: nothing quoted in `>` may stand in the new text."""
    folder = CORPORA / name
    names = sorted(path.name for path in folder.glob("*.txt"))
    wrong = [file for file in names if _leaks(_read(folder / file))]
    return Figure(
        f"{name} without quotes left",
        f"{len(names) - len(wrong)} of {len(names)}{_named(name, wrong)}",
        "all",
        not wrong,
    )


def _leaks(text: str) -> bool:
    own = quotes.cut(text).own.split("\n")
    return any(row.startswith(">") for row in own)


def first_run(text: str) -> str:
    """The sender's first run of words, signature off."""
    for piece in quotes.runs(text):
        if piece.kind == "own":
            return "\n".join(signatures.split(piece.lines).kept)
    return ""


def _tidy(text: str) -> str:
    return "\n".join(row.rstrip().removeprefix("> ").rstrip(">") for row in text.strip().split("\n")).strip()


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _named(corpus: str, wrong: list[str]) -> str:
    told = [
        f"{name} ({PINNED[corpus, name]})" if (corpus, name) in PINNED else name
        for name in dict.fromkeys(wrong)
    ]
    return f"; not: {'; '.join(told)}" if told else ""
