"""Whether everybody who reads a From reads the same one address in it. PURE.

Mail servers cut addresses out of From in many ways: some take the first angle brackets, also within quotes or
comments, some the last, some decode first. Where they could differ, our server's word is about somebody else
than the one we read, so such a From proves nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triaged.reading.mime import addresses
from triaged.reading.values import Address

LONGEST = 2_000  # characters of a From that proves somebody

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[():;<>]|[^"\\():;<>]++|\\.|["\\]', re.DOTALL)
_ANGLE = re.compile(r"<\s*+([^<>\s@]*+@[^<>\s]*+)\s*+>")
_ADDRESS = re.compile(r"(?<![^\s<>,])[^\s<>,@]*+@[^\s<>,]*+")
# A name in raw ISO-2022-JP: its bytes look like signs
_JAPANESE = re.compile(r"\x1b\$[@B][^\x1b@]*+\x1b\([BJ]")


def ambiguity(written: Sequence[str], read: Sequence[Address]) -> str:
    """Why these From fields (undecoded) do not name one sender beyond doubt; "" if they do.

    `read` is what the mail's From was read as, names decoded.
    """
    if len(written) != 1:
        return f"{len(written)} From headers" if written else "no From header"
    if len(read) != 1:
        return f"{len(read)} From addresses" if read else "no From address"
    [value] = written
    if len(value) > LONGEST:
        return "a From header without end"
    value = _JAPANESE.sub("", value)
    again = addresses.parse_list(value)
    if [one.address for one in again] != [read[0].address]:
        return "the From header is read in several ways"
    return _odd_form(value, read[0].address)


def _odd_form(value: str, address: str) -> str:
    depth = brackets = at = 0
    plain = list[str]()  # what stands outside quotes and comments
    while at < len(value):
        token = _TOKEN.match(value, at)
        if token is None or token[0] == '"' or token[0][0] == "\\":
            return "quotes of the From header do not match"
        at, text = token.end(), token[0]
        depth += {"(": 1, ")": -1}.get(text, 0)
        if depth < 0:
            break
        if not depth and text not in {")"} and text[0] != '"':
            plain.append(text)
            brackets += text == "<"
    if depth:
        return "comments of the From header do not match"
    if {":", ";"} & set(plain):
        return "From names a group"
    written = [*_ANGLE.findall(value), *_ADDRESS.findall("".join(plain))]
    if brackets > 1 or any(found.lower() != address for found in written):
        return "From can be read as several addresses"
    return ""
