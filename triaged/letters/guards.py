"""What an answer of staff is asked about before it leaves: leftovers, internal words, a file promised and missing. PURE."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LEFTOVERS = (
    (re.compile(r"\{\{.{0,60}?\}\}|\{%.{0,60}?%\}|\$\{\w{1,40}\}|%\(\w{1,40}\)s|<<\w{1,40}>>"), "a placeholder"),
    (re.compile(r"\[(?:your |customer |partner |first |last |insert )?(?:name|date|time|link|reference|product|xxx?)\]", re.I), "a placeholder"),
    (re.compile(r"\[(?:名前|お名前|氏名|日時|Name|Datum|nom|nombre|fecha)\]", re.I), "a placeholder"),
    (re.compile(r"(?<![\w-])(?:TODO|FIXME|TBD|XXX+|lorem ipsum)(?![\w-])"), "a reminder to oneself"),
)  # fmt: skip
_INTERNAL = re.compile(
    r"(?<!\w)(?:internal only|do not (?:share|forward)|not for (?:the )?(?:customer|partner)|between us|large user account"
    r"|nur intern|社内限り|社外秘|usage interne|uso interno|tickets note|triaged (?:tickets|mail|rules))(?!\w)",
    re.I,
)
_PROMISED = re.compile(
    r"(?<!\w)(?:attached(?! to (?:the|your) account)|(?:see|in|find) (?:the )?attachment|enclosed|im Anhang|anbei|angehängt"
    r"|ci-joint\w{0,2}|en pièce jointe|adjunt[oa]s?|en el adjunto)(?!\w)|添付(?:いたし|致し|し|の)",
    re.I,
)
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)


def doubts(text: str, files: int) -> tuple[str, ...]:
    """Each thing that is probably not meant, in a line; quoted lines are others' words. `files`: how many come with it."""
    return tuple(dict.fromkeys(_doubts(_QUOTED.sub("", text), files)))


def _doubts(text: str, files: int) -> Iterator[str]:
    for pattern, what in _LEFTOVERS:
        if found := pattern.search(text):
            yield f"{what} is left in it: {found[0]}"
    if found := _INTERNAL.search(text):
        yield f"it says “{found[0]}”, which is a word among ourselves"
    if not files and (found := _PROMISED.search(text)):
        yield f"it says “{found[0].strip()}”, and no file is attached"
