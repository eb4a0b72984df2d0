"""Words every room shares: severities, kinds of mail, and how things are counted. PURE: imports nothing of the house."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How serious a case is, S1 worst (domain page, "Severity")."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class Kind(StrEnum):
    """What a mail is (design page, `kind` of `explain --json`)."""

    REQUEST = "request"
    THANKS = "thanks"
    STAFF = "staff"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    CALENDAR = "calendar"
    LIST = "list"
    SPAM = "spam"
    SPOOF = "spoof"
    ABUSE = "abuse"
    REACTION = "reaction"
    RECALL = "recall"
    UNREADABLE = "unreadable"


EVERY_CHANNEL = ("mail", "web", "phone", "chat", "session")  # how a ticket came


def counted(number: int, thing: str) -> str:
    """So many of a thing, as English says it: "1 mail", "2 mails"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
