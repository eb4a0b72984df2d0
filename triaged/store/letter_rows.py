"""Rows of the outbox as they are written: a new letter, and whom it is for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select

from triaged.letters import kinds
from triaged.store.columns import EPOCH, Words
from triaged.store.deferred import Later
from triaged.store.rows import LetterState
from triaged.store.tables import letter, recipient
from triaged.tickets.ticket import Letter

LETTERS = Later(
    letter,
    (
        *(
            "ticket_id",
            "kind",
            "key",
            "audience",
            "mailbox",
            "to",
            "cc",
            "subject",
            "message_id",
            "raw",
            "state",
        ),
        *("ready_at", "refused", "written_at", "not_before", "expires", "unverified"),
    ),
)


def _by_message_id(_dialect: str, table: Table) -> Any:
    """A recipient of the letter with this Message-ID: the letter's number need not be known yet."""
    told = {
        name: bindparam(name, type_=recipient.c[name].type) for name in ("address", "written_at", "mailbox")
    }
    row = select(letter.c.id, *told.values()).where(
        letter.c.message_id == bindparam("message_id", type_=Words)
    )
    return insert(table).from_select(["letter_id", *told], row)


RECIPIENTS = Later(recipient, ("address", "written_at", "mailbox", "message_id"), _by_message_id)


def letter_row(
    one: Letter, ticket_id: int | None, message_id: str, raw: bytes, now: datetime
) -> dict[str, Any]:
    """A letter just written, waiting to leave; `now` in UTC."""
    return {
        "ticket_id": ticket_id,
        "kind": one.kind,
        "key": one.key,
        "audience": one.audience,
        "mailbox": one.mailbox,
        "to": one.to,
        "cc": one.cc,
        "subject": one.subject,
        "message_id": message_id,
        "raw": raw,
        "state": LetterState.WAITING,
        "ready_at": _ready_at(one, now),
        "refused": (),
        "written_at": now,
        "not_before": one.not_before,
        "expires": one.expires,
    }


def _ready_at(one: Letter, now: datetime) -> datetime:
    """When it may leave. Claims take the oldest: what leaves before all others is older than any."""
    if kinds.of(one.kind).first:
        return EPOCH
    return max(now, one.not_before) if one.not_before else now
