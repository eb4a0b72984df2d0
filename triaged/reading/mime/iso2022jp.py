"""ISO-2022-JP as Japanese mail really is: vendor characters, half-width kana, JIS X 0212 and 0213.

Contract: `decode` never raises; what no character set knows becomes U+FFFD. Python's five codecs
lose ①, ㈱ and 髙, which stand in names and addresses of companies; here every JIS pair is read
through CP932, which has them (libraries.md, section 1). PURE.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SHIFT = re.compile(rb"(\x1b(?:\([A-Z]|\$\([A-Z]|\$[@A-Z]|&@|\.[A-Z]|N)|[\x0e\x0f])")


def decode(data: bytes) -> str:
    """The text of `data`; every line starts in ASCII again (RFC 1468), so a lost escape costs one line."""
    return "".join(_line(line) for line in data.splitlines(keepends=True))


def looks_like(data: bytes) -> bool:
    """True if the bytes shift character sets the way ISO-2022-JP does."""
    return b"\x1b$" in data or b"\x1b(I" in data or b"\x1b(J" in data


def _line(line: bytes) -> str:
    if b"\x1b" not in line and b"\x0e" not in line:
        return _ascii(line)
    reader: Callable[[bytes], str] = _ascii
    pieces = _SHIFT.split(line)
    out = [reader(pieces[0])]
    for shift, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        reader = _READERS.get(shift, reader)
        out.append(reader(piece))
    return "".join(out)


def _ascii(piece: bytes) -> str:
    try:
        return piece.decode("ascii")
    except UnicodeDecodeError:  # 8-bit bytes between the escapes: Shift_JIS mixed in
        return piece.decode("cp932", "replace")


def _pairs(to_bytes: Callable[[int, int], bytes], codec: str) -> Callable[[bytes], str]:
    """A reader of two-byte characters: each pair turned into `codec`'s bytes, the rest left as ASCII."""

    def read(piece: bytes) -> str:
        body = piece.rstrip(b"\r\n")
        out = bytearray()
        at, end = 0, len(body)
        while at < end:
            first = body[at] & 0x7F
            if first < 0x21 or at + 1 == end:  # blanks and controls stand single
                out.append(first)
                at += 1
            else:
                out += to_bytes(first, body[at + 1] & 0x7F)
                at += 2
        return out.decode(codec, "replace") + piece[len(body) :].decode("ascii")

    return read


def _cp932(row: int, cell: int) -> bytes:
    lead = ((row - 0x21) >> 1) + 0x81
    if lead > 0x9F:
        lead += 0x40
    trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes((lead, trail & 0xFF))


def _high(row: int, cell: int) -> bytes:
    return bytes((row | 0x80, cell | 0x80))


def _plane2(row: int, cell: int) -> bytes:
    return bytes((0x8F, row | 0x80, cell | 0x80))


def _halfwidth(piece: bytes) -> str:
    return bytes(b | 0x80 if 0x21 <= b <= 0x5F else b for b in piece).decode("cp932", "replace")


_jis = _pairs(_cp932, "cp932")
_READERS: dict[bytes, Callable[[bytes], str]] = {
    b"\x1b(B": _ascii,
    b"\x1b(J": _ascii,  # JIS Roman: its ¥ and ‾ are meant as \ and ~ in mail
    b"\x1b(H": _ascii,  # a common mistake for (J
    b"\x0f": _ascii,
    b"\x1b(I": _halfwidth,
    b"\x0e": _halfwidth,
    b"\x1b$@": _jis,
    b"\x1b$B": _jis,
    b"\x1b$(B": _jis,
    b"\x1b$(@": _jis,
    b"\x1b$(D": _pairs(_plane2, "euc_jp"),  # JIS X 0212
    b"\x1b$(O": _pairs(_high, "euc_jisx0213"),
    b"\x1b$(Q": _pairs(_high, "euc_jis_2004"),
    b"\x1b$(P": _pairs(_plane2, "euc_jis_2004"),
    b"\x1b$A": _pairs(_high, "gb2312"),
    b"\x1b$(A": _pairs(_high, "gb2312"),  # as Python writes it
    b"\x1b$(C": _pairs(_high, "euc_kr"),
}
