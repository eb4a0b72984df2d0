"""What a part says of itself: type, charset, name, disposition, encoding, with all parameters decoded.

Own parser, since the standard library loses raw 8-bit names, raises on mixed RFC 2231 sections and
keeps folds within values. Contract: total, linear, bounded by the length of a field. PURE.
"""

from __future__ import annotations

import re
from email.message import Message as Part
from urllib.parse import unquote_to_bytes

from triaged.frozen import frozen
from triaged.reading.mime import charsets, headers

MOST_PARAMETERS = 100

# A value is quoted (an unclosed quote ends at the field's end) or runs to the next semicolon.
_PARAMETER = re.compile(
    r'(?:;\s*+|(?<!\s)\s++)([^\s=;"]{1,80})\s*+=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+)', re.DOTALL
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"^([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_TYPE = re.compile(r"^[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}$")


@frozen
class Mime:
    """The MIME fields of a part. Everything lower case but the name; "" where the part says nothing."""

    type: str
    charset: str
    name: str  # of Content-Disposition's filename, else Content-Type's name; decoded, not yet safe
    disposition: str
    encoding: str
    content_id: str
    parameters: dict[str, str]

    @property
    def main(self) -> str:
        """The part of the type before the slash."""
        return self.type.partition("/")[0]


def of(part: Part) -> Mime:
    """The MIME fields of a parsed part; missing and malformed types are the default type."""
    fields = _fields(part)
    declared, parameters = parse(fields.get("content-type", ""))
    disposition, more = parse(fields.get("content-disposition", ""))
    return Mime(
        type=_known(declared) or part.get_default_type(),
        charset=parameters.get("charset", "").lower(),
        name=more.get("filename") or parameters.get("name") or more.get("name", ""),
        disposition=disposition,
        encoding=fields.get("content-transfer-encoding", "").partition(";")[0].strip(" \t\"'").lower(),
        content_id=fields.get("content-id", "").strip(" <>"),
        parameters=parameters,
    )


def parse(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="x"` -> ("text/plain", {"charset": "x"}); the first of repeated parameters counts."""
    main = value.partition(";")[0].strip().lower()
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for found, match in enumerate(_PARAMETER.finditer(value)):
        section = _SECTION.match(match[1].lower())
        if section and found < MOST_PARAMETERS:
            pieces = sections.setdefault(section[1], {})
            encoded = section[3] is not None
            # a plain `filename` beside `filename*`: the extended one is meant (RFC 6266)
            at = int(section[2]) if section[2] else -1 if encoded else 1000
            pieces.setdefault(at, (_unquoted(match[2]), encoded))
    return main.split(" ")[0], {name: _joined(pieces) for name, pieces in sections.items()}


def _fields(part: Part) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, raw in headers.raw_items(part):
        if name[:8].lower() == "content-":
            fields.setdefault(name.lower(), headers.plain_value(raw))
    return fields


def _known(declared: str) -> str:
    if _TYPE.match(declared):
        return declared
    # RFC 1049 and careless programs write the main type alone
    return {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}.get(declared, "")


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        return _QUOTED_PAIR.sub(r"\1", value[1:].removesuffix('"'))
    return value.partition(" (")[0].strip()


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 sections in order as one text; a value in one piece may hold RFC 2047 words instead."""
    ordered = sorted(pieces)
    if ordered[0] == -1:
        ordered = ordered[:1]
    elif len(ordered) > 1:
        ordered = [at for at in ordered if at != 1000]
    chosen = [pieces[at] for at in ordered]
    if not any(encoded for _, encoded in chosen):
        return headers.decode_words("".join(text for text, _ in chosen)).strip()
    charset, first = _split_charset(*chosen[0])
    chosen[0] = (first, chosen[0][1])
    data = b"".join(unquote_to_bytes(text) if encoded else text.encode() for text, encoded in chosen)
    return charsets.decode(data, charset or None).text.strip()


def _split_charset(text: str, encoded: bool) -> tuple[str, str]:
    charset, mark, rest = text.partition("'")
    _, second, value = rest.partition("'")
    return (charset, value) if encoded and mark and second else ("", text)
