"""Delivery notices as JSON, the way Amazon's mail service sends them through its notification service. PURE."""

from __future__ import annotations

import json
from typing import Any

from triaged.reading.values import Automatic, FailedRecipient
from triaged.vocabulary import Kind

LONGEST = 65_536
_LENIENT = json.JSONDecoder(strict=False)  # mail folds long lines within strings
MOST_RECIPIENTS = 50


def delivery(text: str) -> Automatic | None:
    """What a JSON notice says of a letter: given back, complained about, delivered; None if it is none."""
    if not text.lstrip().startswith("{") or "notificationType" not in text[:LONGEST]:
        return None
    try:
        told = _first_object(text)
        inner = told.get("Message")  # the notification service wraps the notice, as JSON in a string
        return _notice(_first_object(inner) if isinstance(inner, str) else told)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _first_object(text: str) -> dict[str, Any]:
    found, _ = _LENIENT.raw_decode(text.lstrip()[:LONGEST])
    return found if isinstance(found, dict) else {}


def _notice(told: dict[str, Any]) -> Automatic | None:
    original = _original(told.get("mail") or {})
    match told.get("notificationType"):
        case "Bounce":
            bounce = told.get("bounce") or {}
            hard = bounce.get("bounceType") == "Permanent"
            people = (bounce.get("bouncedRecipients") or [])[:MOST_RECIPIENTS]
            failed = tuple(_failed(person, hard) for person in people)
            return Automatic(Kind.BOUNCE, "delivery notice (JSON): failed", failed, False, original)
        case "Complaint":
            return Automatic(Kind.ABUSE, "delivery notice (JSON): complaint", original_message_id=original)
        case "Delivery":
            return Automatic(Kind.RECEIPT, "delivery notice (JSON): delivered", original_message_id=original)
    return None


def _failed(person: dict[str, Any], hard: bool) -> FailedRecipient:
    status = person.get("status")
    return FailedRecipient(
        str(person.get("emailAddress", "")).strip("<>").lower()[:320],
        hard,
        str(status)[:20] if status else None,
        str(person.get("diagnosticCode", ""))[:500],
    )


def _original(mail: dict[str, Any]) -> str | None:
    headers = mail.get("commonHeaders") or {}
    found = headers.get("messageId")
    return str(found)[:900] if found else None
