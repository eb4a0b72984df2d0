"""bytes -> Reading: everything one mail says, composed from the modules of this room.

Contract: `read` never raises on any mail and always answers with a whole Reading. A step that fails
leaves its part empty and its reason in `defects`; the steps behind it still run. PURE.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import field, replace
from typing import TypeVar

from triaged.frozen import frozen
from triaged.reading.automatic import automatic
from triaged.reading.identifiers import identifiers
from triaged.reading.language import language
from triaged.reading.mime import message
from triaged.reading.mime.message import Message
from triaged.reading.new_text import quotes
from triaged.reading.new_text.separators import subject_kind
from triaged.reading.sender import authenticity, groups, handed_over
from triaged.reading.services import services
from triaged.reading.services.services import ServiceFind
from triaged.reading.values import (
    Authentication,
    Automatic,
    Door,
    Identifiers,
    NewText,
    Reading,
    Surroundings,
)
from triaged.reading.words.spoken import speaking
from triaged.vocabulary import Kind

_T = TypeVar("_T")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))  # escape shifts Japanese charsets
_MOST_CONTROLS = 0.05  # share of control bytes above which bytes are no text

_ENOUGH = 1000  # characters that tell a language; more only cost

_CUT = "mail is beyond the hard limit, only its beginning is kept; the whole lies on the mail server"
_NOTHING = NewText(new="", own="", forwarded="")
_UNCHECKED = Authentication("unknown", "not checked: the mail could not be read")
_NO_SERVICE = ServiceFind(None, "the mail could not be read")
_NOT_ASKED = ServiceFind(None, "not looked for: a machine wrote the mail")


@frozen
class _Findings:
    """What the steps over a parsed mail have found; as it stands here, nothing."""

    text: NewText = _NOTHING
    authentication: Authentication = _UNCHECKED
    automatic: Automatic | None = None
    thanks: bool = False
    language: str | None = None
    identifiers: Identifiers = field(default_factory=Identifiers)
    service: ServiceFind = _NO_SERVICE
    inward: bool = False


def read(raw: bytes, door: Door, surroundings: Surroundings) -> Reading:
    """The mail, understood as far as the mail itself goes, by the words of its surroundings."""
    with speaking(surroundings.words):
        return _read(raw, door, surroundings)


def headers_only(raw: bytes, door: Door, surroundings: Surroundings, *why: str) -> Reading:
    """What the headers alone say, of a mail whose body must not be touched again; `why` in its defects."""
    with speaking(surroundings.words):
        return _headers_only(raw, door, surroundings, *why)


def _read(raw: bytes, door: Door, surroundings: Surroundings) -> Reading:
    defects = [_CUT] if door.cut else []
    mail = _step("message", lambda: message.parse(raw, surroundings.limits, door.size), None, defects)
    if mail is None:
        return _headers_only(raw, door, surroundings, *defects)
    return _understood(raw, mail, door, surroundings, defects)


def _headers_only(raw: bytes, door: Door, surroundings: Surroundings, *why: str) -> Reading:
    defects = list(why)
    top, size = raw[: message.TRUNCATED], max(door.size or 0, len(raw))
    mail = _step("headers", lambda: message.of_headers(top, size), Message(raw_size=size), defects)
    return _understood(raw, mail, door, surroundings, defects)


def bare(raw: bytes, *why: str) -> Reading:
    """The least that can be said of a mail: its headers as they stand, nothing concluded from them."""
    defects = list(why)
    mail = _step(
        "headers", lambda: message.of_headers(raw[:16_384], len(raw)), Message(raw_size=len(raw)), defects
    )
    return _composed(raw, mail, _Findings(), defects)


def _understood(
    raw: bytes, mail: Message, door: Door, surroundings: Surroundings, defects: list[str]
) -> Reading:
    """Every step over a parsed mail, each guarded."""
    authentication = _step(
        "authenticity", lambda: authenticity.check(mail, surroundings, door), _UNCHECKED, defects
    )
    inward = handed_over.is_inward(mail, surroundings)
    given = _step("group", lambda: handed_over.by_group(mail, surroundings), None, defects)
    mail, authentication = handed_over.in_his_name(mail, authentication, given)
    whole = NewText(new=mail.text, own=mail.text, forwarded="", whole=True)
    text = whole
    if not door.taken_down:
        uncut = replace(whole, whole=False)
        text = _step("new text", lambda: _cut(mail, surroundings), uncut, defects)
    if not door.sent_folder:
        given = _step("colleague", lambda: handed_over.by_colleague(mail, text, surroundings), None, defects)
        mail, authentication = handed_over.in_his_name(mail, authentication, given)
    sent_by_machine = _step(
        "automatic mail", lambda: _automatic(raw, mail, text, surroundings, door), None, defects
    )
    found, service = Identifiers(), _NOT_ASKED
    if sent_by_machine is None:  # what a machine writes is about nobody's case
        found = _step("identifiers", lambda: identifiers.find(mail, text, surroundings), found, defects)
        service = _step(
            "service", lambda: services.which(mail.subject, text, surroundings.services), _NO_SERVICE, defects
        )
    thanks = not door.taken_down and sent_by_machine is None
    thanks = thanks and not text.forwarded.strip() and not mail.attachments
    thanks = thanks and _step(
        "thanks",
        lambda: automatic.is_thanks(text.own, mail.subject, answers=_answers(mail, text)),
        False,
        defects,
    )
    spoken = _step("language", lambda: _language(mail, text), None, defects)
    findings = _Findings(text, authentication, sent_by_machine, thanks, spoken, found, service, inward)
    return _composed(raw, mail, findings, defects)


def _cut(mail: Message, surroundings: Surroundings) -> NewText:
    """The sender's own words, forwards and quotes apart."""
    reported = bool(mail.report_type)  # a report's returned mail is nobody's forward
    return quotes.cut(
        mail.text,
        subject=mail.subject,
        attached=() if reported else mail.attached,
        support_addresses=surroundings.support_addresses,
        senders=mail.from_,
        forms=surroundings.forms,
    )


def _composed(raw: bytes, mail: Message, findings: _Findings, defects: list[str]) -> Reading:
    return Reading(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=mail.raw_size,
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        subject=mail.subject,
        from_=mail.from_,
        to=mail.to,
        cc=mail.cc,
        reply_to=mail.reply_to,
        date=mail.date,
        text=mail.text,
        parts=findings.text,
        attachments=mail.attachments,
        authentication=findings.authentication,
        automatic=findings.automatic,
        thanks=findings.thanks,
        language=findings.language,
        identifiers=findings.identifiers,
        service=findings.service.name,
        service_why=findings.service.why,
        guess=None,
        defects=(*mail.defects, *defects),
        delivered_to=mail.delivered_to,
        encrypted=mail.encrypted,
        groups=groups.list_addresses(mail.headers),
        inward=findings.inward,
        answers=subject_kind(mail.subject) == "reply",
        invitation_reply=mail.invitation_reply,
    )


def _step(name: str, work: Callable[[], _T], otherwise: _T, defects: list[str]) -> _T:
    try:
        return work()
    except Exception as broken:  # a fault of ours on one mail must never stop the mails behind it
        defects.append(f"{name}: {type(broken).__name__}: {str(broken)[:200]}")
        return otherwise


def _automatic(
    raw: bytes, mail: Message, text: NewText, surroundings: Surroundings, door: Door
) -> Automatic | None:
    if door.vouched:
        return None  # a person typed it, or said it
    why = _unreadable(raw, mail)
    return Automatic(Kind.UNREADABLE, why) if why else automatic.detect(mail, text, surroundings, door)


def _unreadable(raw: bytes, mail: Message) -> str:
    """Why nothing can be made out; "" where headers or a text are there."""
    if mail.from_ or mail.subject or mail.message_id or mail.date or mail.to:
        return ""
    if not raw.strip():
        return "the mail is empty"
    sample = raw[:4096]
    if (
        not mail.text.strip()
        or len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) * _MOST_CONTROLS
    ):
        return "neither headers nor a text can be made out"
    return ""


def _answers(mail: Message, text: NewText) -> bool:
    """The mail answers another, by its headers, its subject or what it quotes."""
    return bool(mail.in_reply_to or mail.references or text.is_reply or subject_kind(mail.subject) == "reply")


def _language(mail: Message, text: NewText) -> str | None:
    """Of the sender's own words; of the forward where there are none, of the subject where there is no body."""
    subject = "" if mail.encrypted else mail.subject  # a word or two beside an envelope tell no language
    for words in (text.own, text.new, subject):
        spoken = language.of(words[:_ENOUGH]) if words.strip() else None
        if spoken:
            return spoken
    return None
