"""A letter as the bytes of a mail. PURE.

The standard library folds and encodes every header; what could end a header line is refused by it and
taken out by us before. Every letter says that a program wrote it, and asks not to be answered by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from triaged.letters.wording import LONGEST_SUBJECT, one_line
from triaged.tickets.values import Letter

MOST_REFERENCES = 20
LONGEST_ID = 900
REPLIES = frozenset(
    {"acknowledgment", "acknowledgment_unverified", "missing_information", "details_received"}
)


def render(letter: Letter, *, from_address: str, from_name: str, message_id: str, date: datetime) -> bytes:
    """The mail of a letter, CRLF, UTF-8. `date` is aware; `message_id` with angle brackets.

    Raises ValueError for an address that is none.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = HeaderAddress(one_line(from_name, 100), addr_spec=from_address)
    mail["To"] = _addresses(letter.to)
    if letter.cc:
        mail["Cc"] = _addresses(letter.cc)
    mail["Reply-To"] = HeaderAddress(one_line(from_name, 100), addr_spec=from_address)
    mail["Subject"] = one_line(letter.subject, LONGEST_SUBJECT)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    _thread(mail, letter)
    mail["Auto-Submitted"] = "auto-replied" if letter.kind in REPLIES else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Triaged-Letter"] = letter.kind
    mail["Content-Language"] = letter.language
    _body(mail, letter.body)
    return mail.as_bytes()


def _thread(mail: EmailMessage, letter: Letter) -> None:
    """In-Reply-To and References, bounded: the first id and the nearest ones."""
    answered = _id(letter.in_reply_to or "")
    before = dict.fromkeys(i for i in map(_id, letter.references) if i and i != answered)
    chain = [*before, answered] if answered else [*before]
    if len(chain) > MOST_REFERENCES:
        chain = [chain[0], *chain[1 - MOST_REFERENCES :]]
    if answered:
        mail["In-Reply-To"] = answered
    if chain:
        mail["References"] = " ".join(chain)


def _id(text: str) -> str:
    """A Message-ID fit for a header, or nothing: foreign ids may hold anything."""
    text = text.strip()
    if not text or len(text) > LONGEST_ID or any(c.isspace() or not 32 < ord(c) < 127 for c in text):
        return ""
    return text if text.startswith("<") and text.endswith(">") else f"<{text.strip('<>')}>"


def _addresses(addresses: Iterable[str]) -> tuple[HeaderAddress, ...]:
    try:
        return tuple(HeaderAddress(addr_spec=address) for address in addresses)
    except Exception as error:  # the header parser raises IndexError and its own errors too
        raise ValueError(f"{addresses!r}: no address: {error}") from None


def _body(mail: EmailMessage, body: str) -> None:
    """Plain text in the encoding that reads best: 7bit for English, quoted-printable, base64 for Japanese."""
    text = body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be sent
    mail.set_content(text, subtype="plain", charset="utf-8", cte=_encoding(text))


def _encoding(text: str) -> str:
    lines = text.split("\n")
    if text.isascii() and max(map(len, lines)) <= 990:
        return "7bit"
    foreign = sum(not c.isascii() for c in text)
    return "base64" if foreign * 6 > len(text) else "quoted-printable"
