"""bytes -> Message: a mail's headers, body text, attachments and reports, however broken it is.

Contract: `parse` never raises and always answers with a whole Message; what was wrong stands in
`defects`. Structure and headers come through mail-parser, bodies are decoded by charsets.py, since
mail-parser loses Japanese bodies (libraries.md, section 1). PURE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triaged.reading.headers import Headers
from triaged.reading.values import Address, Attachment


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, decoded. Addresses and message ids as the headers give them; text as a person sees it."""

    raw_size: int = 0
    headers: Headers = field(default_factory=Headers)  # decoded; .get(name) -> str ("" if absent), .get_all
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
    defects: tuple[str, ...] = ()
