"""The bytes of a leaf: its transfer encoding undone, leniently where mailers err.

Contract: never raises; what cannot be decoded is given as it stands. PURE.
"""

from __future__ import annotations

import binascii
import quopri
import re
from email.message import Message as Part

from triaged.reading.mime.headers import b64

_BLANKS = re.compile(rb"[ \t\r\n]+")
_B64_LINE = re.compile(rb"^[A-Za-z0-9+/]+={0,2}$")


def payload(part: Part) -> bytes:
    """The bytes as they stand in the mail, before the transfer encoding is undone."""
    held = part.get_payload() if part.is_multipart() else part._payload  # type: ignore[attr-defined]
    # get_payload() would decode by the charset, and lose what does not fit
    return held.encode("utf-8", "surrogateescape") if isinstance(held, str) else b""


def decoded(part: Part, encoding: str) -> bytes:
    """The leaf's bytes; `encoding` as parameters.of gives it (lower case, no blanks)."""
    data = payload(part)
    if encoding == "base64":
        return base64(data)
    if encoding in ("quoted-printable", "quoted_printable", "quotedprintable", "qp"):
        return quopri.decodestring(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return uu(data)
    return data


def base64(data: bytes) -> bytes:
    """Base64 decoded; text a mailing list put behind it is left out, several padded runs are joined."""
    try:
        return binascii.a2b_base64(_BLANKS.sub(b"", data), strict_mode=True)
    except binascii.Error:
        pass
    runs = [bytearray()]  # growing bytes would be copied at every line: minutes for a large, cut attachment
    for line in data.splitlines():
        line = line.strip()
        if _B64_LINE.match(line):
            runs[-1] += line
        elif b" " in line and (len(line.split()) > 2 if runs[-1] else len(runs) > 1):
            break  # a footer, right behind the padding or of some words
        else:
            runs[-1] += line
        if line.endswith(b"="):
            runs.append(bytearray())
    return b"".join(b64(bytes(run)) for run in runs)


def uu(data: bytes) -> bytes:
    """Uuencoded data between `begin` and `end`; broken lines are read as far as they go."""
    out = bytearray()
    lines = iter(data.splitlines())
    for line in lines:
        if line.startswith(b"begin "):
            break
    for line in lines:
        if line.rstrip() == b"end":
            break
        out += _uu_line(line)
    return bytes(out)


def _uu_line(line: bytes) -> bytes:
    # binascii makes 32 NULs of an empty line
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        try:  # Outlook pads lines wrongly: trust the length in the first character
            return binascii.a2b_uu(line[: ((line[0] - 32 & 63) * 4 + 5) // 3])
        except binascii.Error:
            return b""
