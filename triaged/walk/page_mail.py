"""A mail that our own house makes for a person: what he wrote on a page, or told us by phone or chat.

It has the form of any mail, so that all that reads, keeps, shows and replays mail takes it; that it is his is told by
the door it is kept by, never by a header (reading/sender/authenticity.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from typing import Literal

from triaged.config.config import Mailbox
from triaged.frozen import frozen
from triaged.letters import mime
from triaged.letters.wording import LONGEST_SUBJECT, one_line, thread_subject
from triaged.store.rows import Arrival
from triaged.tickets.ticket import Attached, Ticket

_POLICY = policy.SMTP.clone(cte_type="7bit", max_line_length=78)
Channel = Literal["web", "phone", "chat"]


@frozen
class Written:
    """Somebody's words, before they are a mail. `address` is proven, or vouched for by staff."""

    address: str
    name: str
    subject: str
    text: str
    files: Sequence[Attached] = ()
    channel: Channel = "web"


def arrival(
    written: Written, mailbox: Mailbox, now: datetime, ticket: Ticket | None = None, cc: Sequence[str] = ()
) -> Arrival:
    """The mail, as it is kept. On a ticket it has its subject and stands in its thread; `cc`: others of his house."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(written.name, written.address)
    mail["To"] = mailbox.address
    if cc:
        mail["Cc"] = ", ".join(filter(mime.can_hold, cc))
    subject = thread_subject(ticket.reference, ticket.subject) if ticket else written.subject
    mail["Subject"] = one_line(subject, LONGEST_SUBJECT)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{written.channel}.{secrets.token_hex(16)}@{mailbox.address.rpartition('@')[2]}>"
    if ticket is not None and (answered := _plain_id(ticket.last_message_id or "")):
        mail["In-Reply-To"] = answered
        chain = dict.fromkeys(i for i in map(_plain_id, (*ticket.references[-20:], answered)) if i)
        mail["References"] = " ".join(chain)
    mail.set_content(
        written.text.replace("\r\n", "\n").replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    )
    for file in written.files:
        main, _, sub = file.type.partition("/")
        mail.add_attachment(
            file.content, maintype=main or "application", subtype=sub or "octet-stream", filename=file.name
        )
    return Arrival(
        raw=mail.as_bytes(),
        mailbox=mailbox.name,
        door=written.channel,
        folder=None,
        uidvalidity=None,
        uid=None,
        received_at=now,
        envelope_from=written.address,
        envelope_to=(mailbox.address,),
        behind_mta=False,
    )


def files_of(raw: bytes) -> tuple[Attached, ...]:
    """The files of a mail made here."""
    return attached_to(BytesParser(_class=EmailMessage, policy=policy.SMTP).parsebytes(raw))


def attached_to(mail: EmailMessage) -> tuple[Attached, ...]:
    """The attachments of a mail or letter that our own house wrote."""
    return tuple(
        Attached(
            part.get_filename() or "file",
            part.get_content_type(),
            bytes(part.get_payload(decode=True) or b""),
        )
        for part in mail.iter_attachments()
    )


def _address(name: str, address: str) -> Address:
    return Address(one_line(name, 100), addr_spec=address)


def _plain_id(message_id: str) -> str:
    """An id fit for a header of ours; foreign ones may hold anything."""
    fit = (
        message_id.isascii() and message_id.isprintable() and len(message_id) < 400 and " " not in message_id
    )
    return message_id if fit and message_id.startswith("<") and message_id.endswith(">") else ""
