"""A mail's header block as mail servers saw it: byte for byte, in order, nothing decoded, nothing repaired. PURE.

Whom a mail is from is proven by comparing what our own server tested with what we read; so both must have
read the same. `fault` names what programs read differently: a bare CR, a NUL, mixed line ends, a line that is
no field, a block that is cut or has no end. Trust rests on a block without fault only; everything else is read
from the repaired mail (message.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triaged.frozen import frozen

LONGEST = 256 * 1024  # bytes of a header block that is judged

_ENOUGH_FOR_FROM = 32 * 1024  # bytes
_AROUND = re.compile(r"[\s>]++|(?<=[^+@])\+[^@]{0,64}+(?=@)")  # `x+1@` and `x+2@` are one mailbox

_PROOFS = frozenset({"authentication-results", "received", "from"})
_NAME = re.compile(rb"\A([\x21-\x39\x3b-\x7e]++)([ \t]*+):")
_ENVELOPE = re.compile(rb"From [^\s:]++ ")  # of an mbox file; only a first line can be one
_BARE_LF = re.compile(rb"(?<!\r)\n(?![ \t])")  # a new line for some, within a line for others
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")


@frozen
class HeaderBlock:
    """The fields that prove something, as (name in lower case, undecoded value on one line), topmost first."""

    proofs: tuple[tuple[str, str], ...] = ()
    fault: str = ""  # why servers may have read another mail than we do; "" if they cannot

    def all_of(self, name: str) -> list[str]:
        """The values of one of those fields."""
        return [value for field, value in self.proofs if field == name]


def of(raw: bytes, *, cut: bool = False) -> HeaderBlock:
    """The header block of a mail; `cut` where more of the mail was not at hand."""
    top = raw[:LONGEST]
    lines, end = _lines(top)
    faults = list(_byte_faults(b"".join([*lines, end])))
    if not end:
        faults.append(
            "the header block is cut" if cut or len(raw) > len(top) else "the header block has no end"
        )
    fields: list[tuple[str, list[bytes]]] = []
    for number, line in enumerate(lines):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        elif found := _NAME.match(line):
            if found[2]:
                faults.append("a field with a blank before its colon")
            fields.append((found[1].decode("ascii").lower(), [line[found.end() :]]))
        elif number or not _ENVELOPE.match(line):
            faults.append("a line that is not a header field")
    proofs = tuple((name, _unfolded(value)) for name, value in fields if name in _PROOFS)
    return HeaderBlock(proofs, faults[0] if faults else "")


def author(raw: bytes) -> str:
    """Who says he wrote a mail, without reading it: the first From as written, lower case; "" where there is none."""
    written = of(raw[:_ENOUGH_FOR_FROM]).all_of("from")
    return _AROUND.sub("", written[0].rpartition("<")[2].lower()) if written else ""


def is_printable(value: str) -> bool:
    """Whether a value has no control characters, and no bytes that are no UTF-8."""
    return _CONTROLS.search(value) is None


def _lines(top: bytes) -> tuple[list[bytes], bytes]:
    """The lines before the first empty one, with their ends, and that empty one; b"" if there is none."""
    lines: list[bytes] = []
    for line in _each_line(top):
        if line in (b"\n", b"\r\n"):
            return lines, line
        lines.append(line)
    return lines, b""


def _each_line(top: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(top):
        end = top.find(b"\n", start) + 1 or len(top)
        yield top[start:end]
        start = end


def _byte_faults(block: bytes) -> Iterator[str]:
    pairs = block.count(b"\r\n")
    if block.count(b"\r") != pairs:
        yield "a bare CR in the header block"
    if b"\0" in block:
        yield "a NUL in the header block"
    if pairs and _BARE_LF.search(block):
        yield "mixed line ends in the header block"


def _unfolded(lines: list[bytes]) -> str:
    """The value on one line, a fold being the blank it began with; bytes that are no UTF-8 as surrogates."""
    whole = b"".join(line.rstrip(b"\r\n") for line in lines)
    return whole.decode("utf-8", "surrogateescape").strip(" \t")
