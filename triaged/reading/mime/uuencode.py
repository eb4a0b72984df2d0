"""Files written into a text body between `begin 644 name` and `end`, as old mailers still do.

Contract: linear; text that only mentions "begin" stays as it is. PURE.
"""

from __future__ import annotations

import re

from triaged.reading.mime import attachments, transfer
from triaged.reading.values import Attachment

_BEGIN = re.compile(r"^begin(?:-base64)? [0-7]{3,4} (\S.{0,200})$")


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
    """A line of uuencoded data: its first character tells the length of the rest."""
    line = line.rstrip("\r\n")
    if not line or not line.isascii():
        return line == ""
    expected = ((ord(line[0]) - 32 & 63) * 4 + 2) // 3
    return abs(len(line.rstrip()) - 1 - expected) <= 4 or len(line.rstrip()) - 1 < expected


def _settle(name: str, block: list[str], kept: list[str], files: list[Attachment], content: bool) -> None:
    """Take the block for a file if it decodes to something, else give its lines back to the text."""
    ended = block[-1].rstrip() == "end"
    data = transfer.uu("\n".join(block).encode("utf-8", "replace"))
    if data and (ended or len(block) > 3):
        files.append(attachments.describe(data, name, "application/octet-stream", content=content))
        if not ended:
            kept.append(block[-1])
    else:
        kept.extend(block)
