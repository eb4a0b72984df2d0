"""Mails as raw RFC 5322 bytes, as our mail server would hand them over: its verdict on top."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from triaged.simulation.postman import Delivered
from triaged.simulation.town import AUTHSERV


def write(
    sender: tuple[str, str],
    to: Sequence[str],
    subject: str,
    body: str,
    at: datetime,
    message_id: str,
    *,
    cc: Sequence[str] = (),
    answers: Sequence[str] = (),
) -> bytes:
    """A plain mail. `sender`: name and address; `answers`: ids of the thread, nearest last."""
    mail = EmailMessage(policy=SMTP)
    name, address = sender
    domain = address.rpartition("@")[2]
    mail["Authentication-Results"] = f"{AUTHSERV}; dmarc=pass header.from={domain}"
    mail["From"] = f"{name} <{address}>" if name.isascii() else address
    mail["To"] = ", ".join(to)
    if cc:
        mail["Cc"] = ", ".join(cc)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    if answers:
        mail["In-Reply-To"] = answers[-1]
        mail["References"] = " ".join(answers)
    mail.set_content(body)
    return mail.as_bytes()


def absence(letter: Delivered, person: tuple[str, str], body: str, at: datetime, message_id: str) -> bytes:
    """An absence note of somebody who got a letter; only its words tell that it is one."""
    subject = f"Automatic reply: {letter.subject}"
    return write(person, [letter.sender], subject, body, at, message_id, answers=[letter.message_id])


def marked(raw: bytes) -> bytes:
    """The same with the marks of a machine (RFC 3834)."""
    return b"Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\n" + raw


def bounce(
    address: str, support: str, at: datetime, message_id: str, letter: str, returned: bytes = b""
) -> bytes:
    """A delivery status notification (RFC 3464): `address` does not exist.

    `letter`: the Message-ID of what comes back; `returned`: its bytes, of which the header is given back.
    """
    head = returned.partition(b"\r\n\r\n")[0].decode("ascii") or f"Message-ID: {letter}\r\nSubject: yours"
    return (
        f"From: Mail Delivery System <mailer-daemon@{AUTHSERV}>\r\n"
        f"To: {support}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {format_datetime(at)}\r\n"
        f"Message-ID: {message_id}\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r\n\r\n'
        "--b1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        "Your message could not be delivered to one recipient.\r\n\r\n"
        f"<{address}>: host mx.example said: 550 5.1.1 mailbox unavailable\r\n\r\n"
        "--b1\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; {AUTHSERV}\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 mailbox unavailable\r\n\r\n"
        f"--b1\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n\r\n--b1--\r\n"
    ).encode("ascii")
