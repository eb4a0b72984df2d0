"""The tree of a mail, walked once: what is body, what is attached, what a report or invitation says.

Contract: total and bounded by `Limits` (depth, parts, text); whatever goes over a bound is left out
with a defect. Bodies are kept as fragments until somebody chooses among alternatives (bodies.py). PURE.
"""

from __future__ import annotations

import email
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message as Part
from email.parser import BytesHeaderParser

from triaged.reading.automatic import invitations
from triaged.reading.mime import (
    attachments,
    bodies,
    charsets,
    encryption,
    flowed,
    parameters,
    smime,
    tnef,
    transfer,
    uuencode,
)
from triaged.reading.mime.bodies import Fragment
from triaged.reading.mime.headers import Headers, from_part
from triaged.reading.mime.parameters import Mime
from triaged.reading.values import Attachment, Limits

_MAILS = {"message/rfc822", "message/global", "message/news"}
_REPORTS = re.compile(r"^message/(?:global-)?(?:delivery-status|disposition-notification|feedback-report)$")
_HEADERS = {"text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers"}
_TEXTS = {
    "text/plain",
    "text/html",
    "text/enriched",
    "text/richtext",
    "text/markdown",
    "text/x-markdown",
    "text",
}
_REACTION = "text/vnd.google.email-reaction+json"
_PREAMBLE = re.compile(rb"(?i)multi-?part message|mime[- ](?:encapsulated|format)")
_BOUNDARY = re.compile(rb"^--([^\r\n]{1,70}?)[ \t]*\r?\n(?:Content|MIME)-[A-Za-z-]{1,40}:", re.MULTILINE | re.IGNORECASE)  # fmt: skip
_BETWEEN_BLOCKS = re.compile(rb"\n[ \t\r]*+\n")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{2,40})""", re.IGNORECASE)
_CONTROL_BYTES = bytes({*range(32), 127} - set(b"\t\n\r\x0c"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")


@dataclass(slots=True)
class Contents:
    """What a walk has gathered; `count` is shared with the mails attached to this one."""

    limits: Limits
    count: list[int] = field(default_factory=lambda: [0])
    attachments: list[Attachment] = field(default_factory=list)
    mails: list[tuple[Part, int]] = field(default_factory=list)  # attached mails and their depth
    report_type: str = ""
    report: list[Mapping[str, str]] = field(default_factory=list)
    original_headers: Headers | None = None
    invitations: list[str] = field(default_factory=list)
    spare: list[Fragment] = field(default_factory=list)  # named inline texts: the body where nothing else is
    attached_texts: list[Fragment] = field(default_factory=list)
    html_seen: bool = False
    encrypted: str = ""  # how, of what could not be read for that
    reacted: bool = False  # a mail program's reaction, by its own part
    defects: list[str] = field(default_factory=list)

    def walk(self, part: Part, depth: int = 0) -> list[Fragment]:
        """The body fragments of a part, in order; everything else is gathered here."""
        self.count[0] += 1
        if self.count[0] > self.limits.parts or depth > self.limits.depth:
            self.note("too many parts" if depth <= self.limits.depth else "parts nested too deep")
            return []
        mime = parameters.of(part)
        if not part.is_multipart():
            return self._leaf(part, mime, depth)
        if mime.main == "message":
            return self._enclosed(part, mime, depth)
        return self._multipart(part, mime, depth)

    def note(self, defect: str) -> None:
        """Keep a defect, once."""
        if defect not in self.defects and len(self.defects) < 50:
            self.defects.append(defect)

    def _multipart(self, part: Part, mime: Mime, depth: int) -> list[Fragment]:
        children = _children(part)
        self._seal(encryption.of_part(mime.type, ""))
        if mime.type == "multipart/report":
            self.report_type = self.report_type or mime.parameters.get("report-type", "").lower()
        if mime.type == "multipart/related":
            children = _root_first(children, mime.parameters.get("start", "").strip("<> "))
        found = [self.walk(child, depth + 1) for child in children]
        if mime.type == "multipart/alternative":
            return bodies.best(found)
        return [fragment for fragments in found for fragment in fragments]

    def _enclosed(self, part: Part, mime: Mime, depth: int) -> list[Fragment]:
        """message/*: an attached mail, a report's blocks, or a kind of wrapping."""
        if _REPORTS.match(mime.type):
            return self._reported(part, mime)
        inner = _children(part)
        if mime.type in _HEADERS and inner:
            self.original_headers = from_part(inner[0])
            return []
        if mime.type not in _MAILS:
            return [fragment for child in inner for fragment in self.walk(child, depth + 1)]
        for mail in inner:
            if mime.encoding in ("base64", "quoted-printable"):  # forbidden, and done by several clients
                mail = parsed(transfer.decoded(mail, mime.encoding))
            self._attach_mail(mail, mime.name, depth)
        return []

    def _reported(self, part: Part, mime: Mime) -> list[Fragment]:
        """The blocks of fields of a report; words put where fields should stand are text."""
        self.report_type = self.report_type or mime.type.rpartition("/")[2].removeprefix("global-")
        words: list[Fragment] = []
        for block in _blocks(part, mime, self.limits.parts)[: self.limits.parts]:
            fields = {name.lower(): value for name, value in from_part(block).items()}
            if fields:
                self.report.append(fields)
            elif not block.is_multipart():
                words.append(self._fragment(transfer.payload(block), mime))
        return words

    def _attach_mail(self, mail: Part, name: str, depth: int) -> None:
        if self.original_headers is None:
            self.original_headers = from_part(mail)
        self.mails.append((mail, depth + 1))
        content = _bytes(mail) if self.limits.contents else b""
        shown = Attachment(attachments.safe_name(name), "message/rfc822", _length(mail), content=content)
        self.attachments.append(shown)

    def _leaf(self, part: Part, mime: Mime, depth: int) -> list[Fragment]:
        if mime.main == "multipart" or (depth == 0 and "content-type" not in part):
            recovered = self._without_boundary(part, mime, depth)
            if recovered is not None:
                return recovered
        if mime.type in _HEADERS:
            self.original_headers = from_part(parsed(transfer.decoded(part, mime.encoding)))
            return []
        if mime.type == _REACTION:
            self.reacted = True
            return []
        if mime.type in _TEXTS or mime.main == "multipart" or (mime.main == "text" and _is_shown(mime)):
            return self._text(part, mime, depth)
        signed = self._opened(part, mime, depth)
        if signed is not None:
            return self.walk(parsed(signed), depth + 1)
        self._file(part, mime, depth)
        return []

    def _opened(self, part: Part, mime: Mime, depth: int) -> bytes | None:
        """The mail within an S/MIME signature; of what is encrypted it is noted how.

        Some mail programs and servers type it application/octet-stream: then its name tells, or that it is all.
        """
        self._seal(encryption.of_part(mime.type, mime.name))
        named = mime.name.lower().endswith(smime.NAMES)
        if not (mime.type in smime.TYPES or (mime.main == "application" and (named or not depth))):
            return None
        data = transfer.decoded(part, mime.encoding)
        if smime.is_encrypted(data):
            self._seal(encryption.SMIME)
        elif not depth and encryption.is_armoured(data):
            self._seal(encryption.PGP_MIME)
        is_mail = mime.type in smime.TYPES or not depth or mime.name.lower().startswith("smime")
        return smime.content(data) if is_mail else None

    def _seal(self, how: str) -> None:
        self.encrypted = self.encrypted or how

    def _without_boundary(self, part: Part, mime: Mime, depth: int) -> list[Fragment] | None:
        """A multipart whose boundary is missing or wrong: the one its parts stand behind is used."""
        data = transfer.payload(part)
        found = _BOUNDARY.search(data)
        if not found or b"\n" + found[0] not in b"\n" + data[:4096] or depth > 3:
            return None
        before = data[: found.start()].strip()
        if mime.main != "multipart" and before and not _PREAMBLE.search(before[:120]):
            return None  # a text that quotes a mail with parts, as returned letters do: it begins before them
        self.note("boundary missing, the one in the text is used")
        kind = mime.type.encode() if mime.main == "multipart" else b"multipart/mixed"
        head = b'Content-Type: %s; boundary="%s"\n\n' % (kind, found[1].replace(b'"', b""))
        again = parsed(head + data)
        return self.walk(again, depth + 1) if again.is_multipart() else None

    def _text(self, part: Part, mime: Mime, depth: int) -> list[Fragment]:
        fragment = self._fragment(transfer.decoded(part, mime.encoding), mime)
        if mime.disposition != "attachment" and not (mime.name and depth):
            return [fragment]
        self._file(part, mime, depth)
        shown = mime.disposition != "attachment" or not depth
        (self.spare if shown else self.attached_texts).append(fragment)
        return []

    def _fragment(self, data: bytes, mime: Mime) -> Fragment:
        html = mime.type == "text/html"
        most = self.limits.html if html else self.limits.text * 4
        if len(data) > most:
            self.note("body longer than the limit, its beginning is read")
        declared = mime.charset or (_meta_charset(data) if html else "")
        text, _, defect = charsets.decode(data[:most], declared or None)
        if defect:
            self.note(defect)
        text = clean(text)
        if html:
            self.html_seen = True
            return Fragment(text, True)
        if mime.parameters.get("format", "").lower() == "flowed":
            text = flowed.unfold(text, mime.parameters.get("delsp", "").lower() == "yes")
        if mime.type in ("text/enriched", "text/richtext"):
            text = bodies.without_commands(text)
        text, files = uuencode.cut_out(text, content=self.limits.contents)
        self.attachments.extend(files)
        return Fragment(text, False)

    def _file(self, part: Part, mime: Mime, depth: int) -> None:
        data = transfer.decoded(part, mime.encoding)
        if mime.type == "text/calendar" or mime.name.lower().endswith(".ics"):
            self.invitations.append(
                clean(charsets.decode(data[: self.limits.text], mime.charset or None).text)
            )
        if mime.type in ("application/ms-tnef", "application/vnd.ms-tnef"):
            return self._tnef(data)
        if mime.type in _MAILS or (mime.name.lower().endswith(".eml") and invitations.looks_like_mail(data)):
            return self._attach_mail(parsed(data), mime.name, depth)
        inline = mime.disposition == "inline" or (bool(mime.content_id) and mime.disposition != "attachment")
        shown = attachments.describe(data, mime.name, mime.type, inline=inline, content=self.limits.contents)
        self.attachments.append(replace(shown, content_id=mime.content_id) if self.limits.contents else shown)
        return None

    def _tnef(self, data: bytes) -> None:
        held = tnef.unwrap(data, content=self.limits.contents)
        self.attachments.extend(held.files)
        if held.defect:
            self.note(held.defect)
            self.attachments.append(
                attachments.describe(data, "winmail.dat", "application/ms-tnef", content=self.limits.contents)
            )
        for text, html in ((held.text, False), (held.html, True)):
            if text.strip():
                self.spare.append(Fragment(clean(text), html))


def _bytes(mail: Part) -> bytes:
    try:
        return mail.as_bytes()
    except UnicodeEncodeError:  # eight bits where its boundary is missing
        head = "".join(f"{name}: {value}\n" for name, value in mail.raw_items())
        return head.encode("utf-8", "surrogateescape") + b"\n" + transfer.payload(mail)
    except Exception:  # the generator of the standard library raises many kinds for what it could parse
        return b""


def parsed(data: bytes) -> Part:
    """The tree of a mail by the standard library; of one nested too deep, its headers and the rest as text."""
    try:
        return email.message_from_bytes(data)
    except Exception:  # RecursionError on a thousand nested multiparts
        return BytesHeaderParser().parsebytes(data)


def clean(text: str) -> str:
    """Line ends as \\n, no controls but tab and newline: what the terminal and the database bear."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x0c", "\n")
    if not text.isascii():
        text = _CONTROLS.sub("", text)
    elif not text.isprintable():
        text = text.encode().translate(None, _CONTROL_BYTES).decode()
    return text.removeprefix("\ufeff")


def _children(part: Part) -> list[Part]:
    held = part.get_payload()
    return [child for child in held if isinstance(child, Part)] if isinstance(held, list) else []


def _blocks(part: Part, mime: Mime, most: int) -> list[Part]:
    """The blocks of a report; the standard library parts those of message/delivery-status alone (RFC 6533)."""
    blocks = _children(part)
    if mime.type != "message/global-delivery-status" or not blocks:
        return blocks
    behind = _BETWEEN_BLOCKS.split(transfer.payload(blocks[0]), most)[:most]
    return blocks + [parsed(block + b"\n") for block in behind if block.strip()]


def _root_first(children: list[Part], start: str) -> list[Part]:
    """multipart/related: the root (named by `start`, else the first) before what it refers to."""
    if not start:
        return children
    return sorted(children, key=lambda child: str(child.get("content-id", "")).strip("<> ") != start)


def _is_shown(mime: Mime) -> bool:
    """Text types a mail program shows in place: unnamed, and no data format."""
    hidden = ("text/calendar", "text/csv", "text/css", "text/vcard", "text/x-vcard", "text/directory", "text/x-amp-html", "text/watch-html")  # fmt: skip
    return not mime.name and mime.type not in hidden


def _meta_charset(data: bytes) -> str:
    found = _META.search(data[:2048])
    return found[1].decode("ascii") if found else ""


def _length(mail: Part) -> int:
    """Size of an attached mail, nearly: its headers and bodies without the boundaries."""
    total, todo = 0, [mail]
    while todo:
        part = todo.pop()
        total += sum(len(name) + len(str(value)) + 4 for name, value in part.raw_items())
        held = part.get_payload() if part.is_multipart() else part._payload  # type: ignore[attr-defined]
        if isinstance(held, str):
            total += len(held)
        todo.extend(_children(part))
    return total
