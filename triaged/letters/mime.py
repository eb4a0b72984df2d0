"""A letter as the bytes of a mail. PURE.

The standard library folds and encodes every value (`email.header`, `email.utils`, `quoprimime`); the lines
are put together here, since an `EmailMessage` costs four times as much for the same bytes. Nothing that
could end a line gets as far as a header: text goes through `one_line`, addresses and ids through patterns.
Every letter says that a program wrote it, and asks not to be answered by one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime, formataddr
from functools import lru_cache
from urllib.parse import quote

from triaged.letters import kinds, layout, rich
from triaged.letters.wording import LONGEST_SUBJECT, one_line
from triaged.tickets.ticket import Attached, Letter

MOST_REFERENCES = 20
LONGEST_ID = 900
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_ADDRESS = re.compile(rf"\A{_ATOM}(?:\.{_ATOM})*+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+")
_LONGEST_ADDRESS = 320
_VISIBLE = re.compile(r"[!-~]+")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}")
_CALENDAR = re.compile(r"text/calendar; method=(REQUEST|CANCEL)")  # letters/invitation.py
_TOKEN = re.compile(r"[A-Za-z0-9_.:@/-]{1,80}")
_LONGEST_LINE = 990  # RFC 5322 allows 998
_SHORT = 60  # characters of a subject that fits its line


def render(
    letter: Letter, *, from_address: str, from_name: str, message_id: str, date: datetime, mark: str = ""
) -> bytes:
    """The mail of a letter, CRLF, UTF-8. `date` is aware; `message_id` with angle brackets.

    `mark`: proves that whoever gives the letter back had got it (reading/our_ids.py).
    Raises ValueError for an address or a Message-ID that is none.
    """
    sender = _named(from_name, from_address)
    author = _named(f"{one_line(letter.author, 60)} ({from_name})", from_address) if letter.author else sender
    answers = ",\r\n ".join([sender, *map(_checked, letter.answer_to)])
    text = letter.body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be sent
    own_id = _own_id(message_id)
    content, body = _content(text, letter, own_id)
    answered, chain = _thread(letter)
    headers = (
        ("From", author),
        ("To", _addresses(letter.to)),
        ("Cc", _addresses(letter.cc)),
        ("Reply-To", answers),
        ("Subject", _subject(letter.subject)),
        ("Date", format_datetime(date)),
        ("Message-ID", own_id),
        ("In-Reply-To", answered),
        ("References", "\r\n ".join(chain)),
        ("Auto-Submitted", _automatic(letter)),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Triaged-Letter", _token(letter.kind)),
        ("X-Triaged-Mark", mark),
        ("Content-Language", _token(letter.language)),
        ("MIME-Version", "1.0"),
        *content,
    )
    return _head(headers) + b"\r\n" + body


def _automatic(letter: Letter) -> str:
    """What a person of ours wrote is no machine's, and says nothing."""
    kind = kinds.of(letter.kind)
    if kind.typed and not kind.copies:
        return ""
    return "auto-replied" if kind.replies else "auto-generated"


Part = tuple[tuple[tuple[str, str], ...], bytes]  # its headers and its body


def _content(text: str, letter: Letter, own_id: str) -> Part:
    """The body's headers and the body, with the letter's files behind it."""
    said = _said(text, letter, own_id)
    if not letter.files:
        return said
    return _together("mixed", own_id, [said, *map(_file, letter.files)])


def _together(how: str, own_id: str, parts: Iterable[Part]) -> Part:
    # No encoding of a body makes "=_".
    boundary = "=_" + hashlib.sha256(f"{how}{own_id}".encode()).hexdigest()[:24]
    mark = f"--{boundary}".encode()
    pieces = [mark + b"\r\n" + _head(head) + b"\r\n" + body + b"\r\n" for head, body in parts]
    content_type = f'multipart/{how}; boundary="{boundary}"'
    return (("Content-Type", content_type),), b"".join([*pieces, mark + b"--\r\n"])


def _file(file: Attached) -> Part:
    """A file as it is, under its name (RFC 2231 where that is not plain ASCII)."""
    name = one_line(file.name, 120).replace('"', "'").replace("\\", "_") or "file"
    named = f'filename="{name}"' if name.isascii() else f"filename*=utf-8''{quote(name, safe='')}"
    kind = file.type if _MEDIA_TYPE.fullmatch(file.type) else "application/octet-stream"
    if _CALENDAR.fullmatch(file.type):
        kind = "application/ics"  # a second text/calendar part would be a second invitation
    head = (
        ("Content-Type", kind),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f"attachment;\r\n {named}"),
    )
    return head, _in_base64(file.content)


def _said(text: str, letter: Letter, own_id: str) -> Part:
    """To partners also as a page; staff get text, with its tables and quotes. A meeting also as an invitation."""
    flowed = layout.is_flowed(text)
    kind = f'text/plain; charset="utf-8"{"; format=flowed" if flowed else ""}'
    ways = [_part(kind, layout.wrapped(text, flowed=flowed))]
    if letter.audience == "partner":
        typed = kinds.of(letter.kind).typed
        page = layout.page(text, _token(letter.language), rich.page if typed else None)
        ways.append(_part('text/html; charset="utf-8"', page))
    ways += [_invitation(file) for file in letter.files if _CALENDAR.fullmatch(file.type)][:1]
    return ways[0] if len(ways) == 1 else _together("alternative", own_id, ways)


def _invitation(file: Attached) -> Part:
    """A calendar object as one more way to show the letter: what Outlook, Gmail and Apple give buttons to.

    It is attached as well (`_file`): for clients that show no such part.
    """
    head = (
        ("Content-Type", f"{file.type}; charset=utf-8"),
        ("Content-Transfer-Encoding", "base64"),
    )
    return head, _in_base64(file.content)


def _part(content_type: str, text: str) -> Part:
    encoding, body = _encoded(text, text.encode())
    return (("Content-Type", content_type), ("Content-Transfer-Encoding", encoding)), body


def _head(headers: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers if value).encode("ascii")


@lru_cache(64)  # the mailboxes' own
def _named(name: str, address: str) -> str:
    return _folded(formataddr((one_line(name, 100), _checked(address))))


def _folded(value: str) -> str:
    """A long encoded name is folded where an encoded word ends."""
    return value.replace("?= =?", "?=\r\n =?").replace("\n ", "\r\n ").replace("\r\r", "\r")


def _addresses(addresses: Iterable[str]) -> str:
    return ",\r\n ".join(map(_checked, addresses))


def can_hold(address: str) -> bool:
    """Whether a letter can be addressed so: quoted or non-ASCII local parts and stray dots cannot."""
    return len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) is not None


def _checked(address: str) -> str:
    if not can_hold(address):
        raise ValueError(f"{address!r} is not an address to write to")
    return address


def _subject(subject: str) -> str:
    """Folded at blanks, encoded where it is not plain ASCII or only looks encoded."""
    line = one_line(subject, LONGEST_SUBJECT)
    plain = line.isascii() and "=?" not in line
    if plain and len(line) <= _SHORT:
        return line  # what Header would answer, for a tenth of its time
    charset = "us-ascii" if plain else "utf-8"
    return Header(line, charset, header_name="Subject").encode(linesep="\r\n")


def _own_id(message_id: str) -> str:
    if not _id(message_id):
        raise ValueError(f"{message_id!r} is not a Message-ID")
    return _id(message_id)


def _token(word: str) -> str:
    return word if _TOKEN.fullmatch(word) else "other"


def _thread(letter: Letter) -> tuple[str, list[str]]:
    """In-Reply-To and References, bounded: the first id and the nearest ones."""
    answered = _id(letter.in_reply_to or "")
    before = dict.fromkeys(i for i in map(_id, letter.references) if i and i != answered)
    chain = [*before, answered] if answered else [*before]
    if len(chain) > MOST_REFERENCES:
        chain = [chain[0], *chain[1 - MOST_REFERENCES :]]
    return answered, chain


def _id(text: str) -> str:
    """A Message-ID fit for a header, or nothing: foreign ids may hold anything."""
    text = text.strip()
    if len(text) > LONGEST_ID or not _VISIBLE.fullmatch(text):
        return ""
    return text if text.startswith("<") and text.endswith(">") else f"<{text.strip('<>')}>"


def _encoded(text: str, payload: bytes) -> tuple[str, bytes]:
    """Plain English as it is, mostly Latin text quoted-printable, Japanese in base64: what reads best raw."""
    if text.isascii() and max(map(len, text.split("\n"))) <= _LONGEST_LINE:
        return "7bit", text.replace("\n", "\r\n").encode("ascii")
    if (len(payload) - len(text)) * 4 > len(text):
        return "base64", _in_base64(payload.replace(b"\n", b"\r\n"))
    quoted = body_encode(payload.decode("latin-1"), eol="\r\n")
    return "quoted-printable", quoted.encode("ascii")


def _in_base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
