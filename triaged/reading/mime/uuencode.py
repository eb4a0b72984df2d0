"""Files written into a text body between `begin 644 name` and `end`, as old mailers still do.

Contract: linear; text that only mentions "begin" stays as it is. PURE.
"""

from __future__ import annotations

import re

from triaged.reading.mime import attachments, transfer
from triaged.reading.values import Attachment

_BEGIN = re.compile(r"^begin [0-7]{3,4} (\S.{0,200})$")
_PADDED = 4  # characters that mailers put behind a line of data, or lose there


def cut_out(text: str, *, content: bool = False) -> tuple[str, list[Attachment]]:
    """The text without its uuencoded files, and the files."""
    if "begin " not in text:
        return text, []
    kept: list[str] = []
    files: list[Attachment] = []
    block: list[str] = []
    name = ""
    for line in text.split("\n"):
        begins = _BEGIN.match(line.rstrip()[:300]) if not block else None
        if begins:
            name, block = begins[1], [line]
        elif not block:
            kept.append(line)
        elif line.rstrip() == "end" or not _is_data(line):
            block.append(line)
            _settle(name, block, kept, files, content)
            block = []
        else:
            block.append(line)
    if block:
        _settle(name, block, kept, files, content)
    return "\n".join(kept), files


def _is_data(line: str) -> bool:
    """A line of uuencoded data, of which blanks at its end may be lost."""
    return _over(line) <= _PADDED


def _over(line: str) -> int:
    """How many characters a line has beyond those its first one tells of; one in other letters has too many."""
    line = line.rstrip()
    if not line:
        return 0
    told = ((ord(line[0]) - 32 & 63) * 4 + 2) // 3
    return len(line) - 1 - told if line.isascii() else _PADDED + 1


def _settle(name: str, block: list[str], kept: list[str], files: list[Attachment], content: bool) -> None:
    """Take the block for a file if it decodes to something, else give its lines back to the text."""
    ended = block[-1].rstrip() == "end"
    # A last line that is no whole line of data is text.
    behind = [] if ended or abs(_over(block[-1])) <= _PADDED else block[-1:]
    lines = block[: len(block) - len(behind)]
    data = transfer.uu("\n".join(lines).encode("utf-8", "replace"))
    if data and (ended or len(block) > 3):
        files.append(attachments.describe(data, name, "application/octet-stream", content=content))
        kept.extend(behind)
    else:
        kept.extend(block)
