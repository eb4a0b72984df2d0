"""What is wrong with a mail's structure and fields, by class of fault.

Contract: `of` never raises and answers sorted names. Faults of the tree are the standard library's, those
of dates and addresses mail-parser's judgement. Only this is asked of mail-parser: dissecting every field
and decoding every body, as its `MailParser` does at once, costs as much as everything else that reads a
mail's form, and bodies must be decoded by charsets.py anyhow (libraries.md, section 1). PURE.
"""

from __future__ import annotations

import re
from email.message import Message as Part
from typing import Final

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

_ADDRESSES: Final = frozenset({"from", "to", "cc", "bcc", "reply-to", "delivered-to"})
_DATES: Final = frozenset({"date", "resent-date"})
_MIME: Final = frozenset({"content-type", "content-disposition", "content-id", "content-transfer-encoding"})
_ATOMS = r"[A-Za-z0-9_+-]++(?:\.[A-Za-z0-9_+-]++)*+"
_MAILBOX = rf"""(?>(?:"[A-Za-z0-9 ._'-]*+"|[A-Za-z0-9_ '-]*+) ?<{_ATOMS}@{_ATOMS}>|{_ATOMS}@{_ATOMS})"""
_FAULTLESS = re.compile(rf"\A{_MAILBOX}(?:,(?: |\r?\n[ \t]){_MAILBOX})*+")


def of(mail: Part) -> list[str]:
    """The faults of a parsed mail, each once."""
    try:
        return sorted(_of_parts(mail) | _of_fields(mail))
    except Exception as broken:  # ValueError, TypeError, its own … on hostile fields
        return [f"unreadable ({type(broken).__name__})"]


def _of_parts(mail: Part) -> set[str]:
    found = set[str]()
    for part in mail.walk():
        found.update(type(defect).__name__ for defect in part.defects)
        if any(name.lower() in _MIME and _is_mangled(str(raw)) for name, raw in part.raw_items()):
            found.add("MimeHeaderDefect")
    return found


def _is_mangled(raw: str) -> bool:
    """Bytes that are no UTF-8."""
    return not raw.isascii() and "\ufffd" in raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _of_fields(mail: Part) -> set[str]:
    found = set[str]()
    for name, raw in mail.raw_items():
        field = name.lower()
        if field in _ADDRESSES and _has_faulty_addresses(mail, name, str(raw)):
            found.add("AddressHeaderDefect")
        elif field in _DATES and _has_faulty_date(str(raw)):
            found.add("DateHeaderDefect")
    return found


def _has_faulty_date(raw: str) -> bool:
    return bool(parse_mail_date(raw).reasons)  # type: ignore[no-untyped-call]


def _has_faulty_addresses(mail: Part, name: str, raw: str) -> bool:
    """The plainest lists, which most are, need no asking."""
    if _FAULTLESS.fullmatch(raw):
        return False
    told: list[object] = []
    get_addresses(mail.policy.header_fetch_parse(name, raw), defects=told, decode_names=True)
    return bool(told)
