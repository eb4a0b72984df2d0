"""Authentication-Results (RFC 8601), read undecoded and to the letter. PURE.

Contract: total and linear. What cannot be read, or can be read in two ways, becomes a `fault`, never a guess:
our server writes what strangers said (MAIL FROM, HELO, DKIM identities) into this field, quoted well or badly.
Tolerated is only what servers write and nobody can misread: `smtp.mailfrom=<>`, `action=none`, a `;` at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field

from triaged.frozen import frozen
from triaged.reading.mime.header_block import is_printable

LONGEST = 16_384  # characters of a field that are read

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[ \t]++|[();]|[^ \t"();\\]++|\\.|["\\]', re.DOTALL)
_IN_COMMENT = re.compile(r'"[^"()\\]*+"|[()]|[^"()\\]++')
_METHOD = re.compile(r"([a-z][a-z0-9-]*+)(?:/([0-9]++))?+", re.ASCII)
_KEY = re.compile(r"[a-z0-9_-]++(?:\.[a-z0-9_.-]++)?+", re.ASCII)
_METHODS = frozenset({"arc", "auth", "compauth", "dkim", "dmarc", "domainkeys", "iprev", "smime", "spf"})


@frozen
class Result:
    """What one method said: `dmarc=pass header.from=oakbridge.example`, in lower case but for the values."""

    method: str
    said: str
    properties: Mapping[str, str] = field(default_factory=dict)


@frozen
class Results:
    """One Authentication-Results. `authserv_id` in lower case, "" where none can be made out."""

    authserv_id: str = ""
    results: tuple[Result, ...] = ()
    fault: str = ""
    id_less: bool = False  # written without an id, as Microsoft's server does


class _Unreadable(Exception):
    """Why a field says nothing."""


def parse(value: str, id_less: str = "") -> Results:
    """The field's results; one written without an authserv-id (Microsoft's) is taken as of `id_less`."""
    sections: list[list[str]] = []
    fault = ""
    try:
        sections.extend(_sections(value))
    except _Unreadable as why:
        fault = str(why)
    has_none = bool(sections) and any("=" in word for word in sections[0])
    authserv_id = id_less
    if not has_none:
        authserv_id, wrong = _authserv_id(sections.pop(0) if sections else [])
        fault = fault or wrong
    try:
        return Results(authserv_id, tuple(_results(sections)), fault, has_none)
    except _Unreadable as why:
        return Results(authserv_id, (), fault or str(why), has_none)


def _sections(value: str) -> Iterator[list[str]]:
    """The words between semicolons that stand outside quotes and comments; comments part words."""
    if len(value) > LONGEST or not is_printable(value):
        raise _Unreadable("it is too long" if len(value) > LONGEST else "it holds control characters")
    words, at, apart = list[str](), 0, True
    while at < len(value):
        token = _TOKEN.match(value, at)
        if token is None or token[0] in {")", '"'} or token[0][0] == "\\":
            raise _Unreadable("quotes or comments do not match")
        at, text = token.end(), token[0]
        if text == "(":
            at = _behind_comment(value, at)
        if text == ";":
            yield _joined(words)
            words = []
        elif text[0] in "( \t":
            apart = True
            continue
        elif words and not apart:
            words[-1] += text
        else:
            words.append(text)
        apart = text == ";"
    yield _joined(words)


def _behind_comment(value: str, at: int) -> int:
    """Where a comment ends. Brackets in quotes and backslashes are read in two ways, so not at all."""
    depth = 1
    while depth:
        token = _IN_COMMENT.match(value, at)
        if token is None:
            raise _Unreadable("a comment does not end, or can be read in two ways")
        at = token.end()
        depth += {"(": 1, ")": -1}.get(token[0], 0)
    return at


def _joined(words: list[str]) -> list[str]:
    """`header . from = x` is one word (blanks and comments may stand around its signs)."""
    joined: list[str] = []
    for word in words:
        before = joined[-1] if joined else "="
        is_open = before[-1] in "./" if "=" not in before else before.find("=") == len(before) - 1 > 0
        if joined and ((is_open and "=" not in word[1:]) or ("=" not in before and word[0] in "=./")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _authserv_id(words: list[str]) -> tuple[str, str]:
    """The id and what is wrong with it; its version can only be 1."""
    if len(words) not in (1, 2):
        return "", "it names no server"
    wrong = "" if words[1:] in ([], ["1"]) else f"its version is {words[1][:20]}"
    return _unquoted(words[0]).lower(), wrong


def _results(sections: list[list[str]]) -> Iterator[Result]:
    if not sections:
        raise _Unreadable("it holds no result")
    if sections[-1] == []:  # many servers end with a semicolon
        sections = sections[:-1]
    if len(sections) == 1 and [word.lower() for word in sections[0]] == ["none"]:
        return
    for words in sections:
        yield _result(words)


def _result(words: list[str]) -> Result:
    """`method=result reason="…" ptype.property=value …`."""
    if not words:
        raise _Unreadable("a result is empty")
    name, equals, said = words[0].partition("=")
    method = _METHOD.fullmatch(name.lower())
    if method is None or not equals or not _KEY.fullmatch(said.lower()) or method[2] not in (None, "1"):
        raise _Unreadable(f"{words[0][:40]!r} is not a result")
    properties: dict[str, str] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        key = key.lower()
        if not equals or not _KEY.fullmatch(key) or key in _METHODS:
            raise _Unreadable(f"{word[:40]!r} is not a property of a result")
        if properties.setdefault(key, value) != value:
            raise _Unreadable(f"it contradicts itself: two values of {key}")
    return Result(method[1], said.lower(), {key: _unquoted(value) for key, value in properties.items()})


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
