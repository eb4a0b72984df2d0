"""bytes -> Message: a mail's headers, body text, attachments and reports, however broken it is.

Contract: `parse` never raises and always answers with a whole Message; what was wrong stands in
`defects`. The tree is the standard library's, its faults are told by faults.py (mail-parser), bodies are
decoded by charsets.py, since mail-parser loses Japanese bodies (libraries.md, section 1). PURE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import Message as Part
from email.parser import BytesHeaderParser
from email.utils import parsedate_tz

from triaged.frozen import frozen
from triaged.reading import invitation_reply
from triaged.reading.automatic import invitations
from triaged.reading.mime import (
    addresses,
    bodies,
    encryption,
    faults,
    header_block,
    headers,
    parameters,
    parts,
    transfer,
)
from triaged.reading.mime.header_block import HeaderBlock
from triaged.reading.mime.headers import Headers
from triaged.reading.values import Address, Attachment, InvitationReply, Limits

TRUNCATED = 256 * 1024  # bytes looked at where only the headers are read
_CALENDARS = 5  # calendar parts asked for an answer to an invitation

_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")
_IDS = re.compile(r"<([^<>]{1,998})>")
_FOLDED_BOUNDARY = re.compile(rb'(?i)(boundary="[^"\r\n]{0,200})\r?\n(?=[ \t][^"\r\n]{0,200}")')
_ADDRESS_HEADERS = ("from", "to", "cc", "reply-to", "sender")
_DELIVERY_HEADERS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@frozen
class Message:
    """A mail, decoded. Addresses and message ids as the headers give them; text as a person sees it."""

    raw_size: int = 0
    headers: Headers = field(default_factory=Headers)  # .get(name) -> str ("" if absent), .get_all
    block: HeaderBlock = field(default_factory=HeaderBlock)  # as mail servers saw it: what trust rests on
    from_: tuple[Address, ...] = ()  # of all From headers; count headers.get_all("from") for repeats
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()  # Delivered-To, X-Original-To, Envelope-To; lower case
    subject: str = ""
    message_id: str | None = None  # with its angle brackets
    in_reply_to: tuple[str, ...] = ()  # every id in it, with angle brackets, in order
    references: tuple[str, ...] = ()
    date: datetime | None = None  # aware UTC; None if absent or unreadable
    text: str = ""  # body: the best alternative, HTML as text, format=flowed unfolded
    html_seen: bool = False  # the mail has an HTML body (the text may come from it)
    content_type: str = "text/plain"  # of the whole mail, lower case, no parameters
    report_type: str = ""  # of multipart/report: "delivery-status", "disposition-notification", …
    report: tuple[Mapping[str, str], ...] = ()  # blocks of delivery-status, MDN and ARF parts; keys lower
    original_headers: Headers | None = None  # of the returned mail (message/rfc822, text/rfc822-headers)
    attachments: tuple[Attachment, ...] = ()
    attached: tuple[Message, ...] = ()  # attached mails (message/rfc822): a forward, or a returned mail
    has_calendar: bool = False  # a text/calendar part or an .ics attachment
    calendar_method: str = ""  # REQUEST, REPLY, CANCEL … upper case
    invitation_reply: InvitationReply | None = None
    encrypted: str = ""  # how what could not be read is encrypted, "" if nothing is
    reacted: bool = False  # it carries the part of a mail program's reaction
    defects: tuple[str, ...] = ()


def parse(raw: bytes, limits: Limits | None = None, size: int | None = None) -> Message:
    """The mail, decoded. Of one over `limits.size` bytes so many are read; `size`: the whole, if `raw` is less."""
    limits = limits or Limits()
    whole, data, defects = max(size or 0, len(raw)), raw[: limits.size], []
    if whole > len(data):
        defects = [f"mail of {whole} bytes is over the limit, its first {len(data)} bytes are read"]
    part, found = _structure(_repaired(data))
    mail = _message(part, parts.Contents(limits), 0, whole, defects + found)
    return replace(mail, block=header_block.of(raw))


def of_headers(top: bytes, size: int) -> Message:
    """The headers of a mail alone, `top` its first bytes; the text stays empty."""
    part = BytesHeaderParser().parsebytes(_repaired(top))
    part.set_payload("")
    del part["content-type"], part["content-transfer-encoding"]
    mail = _message(part, parts.Contents(Limits()), 0, size, ["only the headers are read"])
    return replace(mail, block=header_block.of(top, cut=size > len(top)))


def leaves(raw: bytes) -> list[bytes]:
    """The decoded bytes of every leaf in the order of the tree, those of attached mails too."""
    part, _ = _structure(_repaired(raw))
    found: list[bytes] = []
    todo = [part]
    while todo:
        part = todo.pop()
        encoding = parameters.of(part).encoding
        if not part.is_multipart():
            found.append(transfer.decoded(part, encoding))
            continue
        children = [child for child in part.get_payload() if isinstance(child, Part)]
        if part.get_content_maintype() == "message" and encoding in ("base64", "quoted-printable"):
            children = [parts.parsed(transfer.decoded(child, encoding)) for child in children]
        todo.extend(reversed(children))
    return found


def _structure(data: bytes) -> tuple[Part, list[str]]:
    """The tree of parts and what was wrong with it; a mail that cannot be parsed is headers and a text."""
    part = parts.parsed(data)
    return part, [f"structure: {fault}" for fault in faults.of(part)]


def _repaired(data: bytes) -> bytes:
    """The mail without what stands before its headers, and with folded boundaries on one line."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    # the standard library keeps the fold within the boundary, and so finds no part
    return _FOLDED_BOUNDARY.sub(rb"\1", data) if b"boundary=" in data.lower() else data


def _message(part: Part, contents: parts.Contents, depth: int, size: int, defects: list[str]) -> Message:
    """A parsed mail as a Message; `contents` carries the bounds it shares with the mails around it."""
    text, html_seen = _body(part, contents, depth)
    text, armoured = encryption.without_armour(text)
    encrypted = contents.encrypted or (encryption.PGP_INLINE if armoured else "")
    if encrypted:
        contents.note(f"encrypted ({encrypted}): what it says could not be read")
    raws = headers.raw_items(part)
    decoded = Headers((name, headers.value_of(name, raw)) for name, raw in raws)
    lists = _addresses(raws)
    attached = tuple(
        _message(mail, parts.Contents(contents.limits, contents.count), below, 0, [])
        for mail, below in contents.mails
        if below <= contents.limits.depth and contents.count[0] <= contents.limits.parts
    )
    return Message(
        raw_size=size,
        headers=decoded,
        from_=lists["from"],
        to=lists["to"],
        cc=lists["cc"],
        reply_to=lists["reply-to"],
        sender=lists["sender"],
        delivered_to=_delivered_to(decoded),
        subject=" ".join(decoded.get("subject").split()),
        message_id=_message_id(decoded.get("message-id")),
        in_reply_to=_ids(decoded.get_all("in-reply-to")),
        references=_ids(decoded.get_all("references")),
        date=_date(decoded.get("date")),
        text=text[: contents.limits.text],
        html_seen=html_seen,
        content_type=parameters.of(part).type,
        report_type=contents.report_type,
        report=tuple(contents.report),
        original_headers=contents.original_headers,
        attachments=tuple(contents.attachments),
        attached=attached,
        has_calendar=bool(contents.invitations),
        calendar_method=next((m for m in map(invitations.method, contents.invitations) if m), ""),
        invitation_reply=next(
            filter(None, map(invitation_reply.read, contents.invitations[:_CALENDARS])), None
        ),
        encrypted=encrypted,
        reacted=contents.reacted,
        defects=tuple(defects + contents.defects),
    )


def _body(part: Part, contents: parts.Contents, depth: int) -> tuple[str, bool]:
    """The text a person would read, and whether HTML was among what they were offered."""
    fragments = contents.walk(part, depth)
    text = bodies.one_text(fragments)
    if not text.strip():
        text = _instead(contents)
    return text, contents.html_seen


def _instead(contents: parts.Contents) -> str:
    """The text of a mail without a body: what its program shows in place, or what it reports or invites to."""
    held = contents.spare or (contents.attached_texts if contents.report else [])
    text = bodies.one_text(held[:1] if held and not held[0].html else held[:2])
    return text or "\n\n".join(map(invitations.words, contents.invitations))


def _addresses(raws: list[tuple[str, str]]) -> dict[str, tuple[Address, ...]]:
    """The addresses of each address field, of its first twenty occurrences."""
    values: dict[str, list[str]] = {name: [] for name in _ADDRESS_HEADERS}
    for written, raw in raws:
        name = written.lower()
        if name in values and len(values[name]) < 20:
            values[name].append(headers.plain_value(raw))
    return {name: tuple(a for value in held for a in _listed(value)) for name, held in values.items()}


def _listed(value: str) -> tuple[Address, ...]:
    try:
        return addresses.parse_list(value)
    except Exception:  # a name encoded in no known charset must not cost the address
        return addresses.parse_list(headers.without_words(value))


def _delivered_to(decoded: Headers) -> tuple[str, ...]:
    values = [value for name in _DELIVERY_HEADERS for value in decoded.get_all(name)[:20]]
    found = [address.address for value in values for address in _listed(value)]
    return tuple(dict.fromkeys(found))


def _message_id(value: str) -> str | None:
    """The id in angle brackets; one written without them gets them, blanks within are dropped."""
    found = _ID.search(value)
    bare = found[1] if found else "".join(value.split()).strip("<>")[:998]
    return f"<{bare}>" if bare else None


def _ids(values: tuple[str, ...]) -> tuple[str, ...]:
    """Every id in In-Reply-To or References, in order, each once; blanks in the brackets come from folding.

    Without brackets only what is nothing but ids counts: old programs write prose into In-Reply-To
    (`anna@oak.example's message of "Mon, 9 Nov 2026"`), and an address is no id.
    """
    found: list[str] = []
    for value in values[:20]:
        bare = value[:8192].replace(",", " ").split()
        ids = _IDS.findall(value) or (bare if all("@" in word for word in bare) else [])
        found += ["".join(inner.split())[:998] for inner in ids]
    return tuple(dict.fromkeys(f"<{inner}>" for inner in found if inner))


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_tz(value[:200])
        if parsed is None:
            return None
        zone = timezone(timedelta(seconds=parsed[9] or 0))
        return datetime(*parsed[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
