"""Mails of the spamassassin corpus as partners might have sent them: each its own sender, none automatic."""

from __future__ import annotations

import logging
import re
import tarfile

from tests.corpora import CORPORA
from triaged.reading.read import read
from triaged.reading.values import Door, Surroundings

SUPPORT = "partner-support@zohocorp.com"
# What marks list and automatic mail, what the sender or the recipients were, and other servers' marks.
_DROPPED = re.compile(
    rb"(from|to|cc|reply-to|sender|return-path|errors-to|delivered-to|precedence|auto-submitted|mailing-list"
    rb"|x-mailing-list|x-loop|x-been-there|x-beenthere|x-mailman-version|x-auto[a-z-]*|x-list[a-z-]*|list-[a-z-]+"
    rb"|authentication-results|message-id|x-spam[a-z-]*|feedback-id|x-failed-recipients|content-length|envelope-to"
    rb"|x-original-to|resent-[a-z-]+|x-pyzor|x-egroups-[a-z]+|x-yahoo-[a-z-]+)\s*:",
    re.IGNORECASE,
)


def partner(number: int) -> str:
    """The domain of the sender of a mail."""
    return f"partner-{number:05d}.example"


def as_partner_mail(raw: bytes, number: int) -> bytes:
    """The same mail from a partner of its own to support."""
    text = raw.replace(b"\r\n", b"\n")
    if text.startswith(b"From "):
        text = text.partition(b"\n")[2]
    head, _, body = text.partition(b"\n\n")
    kept = [field for field in re.split(rb"\n(?![ \t])", head) if not _DROPPED.match(field)]
    domain = partner(number)
    ours = (
        f"Authentication-Results: mx.intake.example; dmarc=pass header.from={domain}\n"
        f"From: Staff {number} <staff@{domain}>\nTo: {SUPPORT}\nMessage-ID: <{number}@{domain}>"
    )
    return b"\n".join([ours.encode(), *kept, b"", body]).replace(b"\n", b"\r\n")


def partner_mails(count: int) -> list[bytes]:
    """The first `count` mails that nothing but their headers made automatic; [] without the corpus."""
    archive = CORPORA / "spamassassin" / "ham.tar.gz"
    if not archive.is_file():
        return []
    chosen: list[bytes] = []
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    with tarfile.open(archive) as tar:
        for member in tar:
            held = tar.extractfile(member) if member.isfile() else None
            if held is None:
                continue
            mail = as_partner_mail(held.read(), len(chosen))
            reading = read(mail, Door(), _surroundings())
            if reading.automatic is None and not reading.thanks:  # thanks open a ticket, and get no letter
                chosen.append(mail)
            if len(chosen) == count:
                break
    return chosen


def _surroundings() -> Surroundings:
    return Surroundings(
        support_addresses=frozenset({SUPPORT}), trusted_authserv_ids=frozenset({"mx.intake.example"})
    )


def partners_csv(count: int) -> str:
    """All those partners in the directory's format."""
    rows = [f"{partner(n)},Partner {n},authorised,US," for n in range(count)]
    return "\n".join(["domain,name,tier,region,contacts", *rows, ""])
