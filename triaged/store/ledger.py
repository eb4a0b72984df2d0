"""Rows of the ledger turned into values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from triaged.store.keep import unpack
from triaged.store.tables import mail, raw
from triaged.store.values import ClaimedMail, LedgerMail

_SHOWN = [
    mail.c[name]
    for name in (
        *("id", "sha256", "mailbox", "door", "folder", "uidvalidity", "uid", "received_at", "kept_at"),
        *("fate", "kind", "ticket_id", "duplicate_of", "why", "subject", "sender", "message_id"),
        *("runs", "error", "finished_at", "ready_at", "sent_folder", "history", "truncated", "to_move"),
    )
]


def ledger(*more: ColumnElement[Any]) -> Select[Any]:
    """The ledger with each mail's size, for `ledger_mail`."""
    return select(*_SHOWN, raw.c.size, *more).join(raw, raw.c.sha256 == mail.c.sha256)


def ledger_mail(
    row: Row[Any], raw: bytes | None = None, reading: Mapping[str, Any] | None = None
) -> LedgerMail:
    """A row of `ledger` as a value."""
    shown = {column.name: getattr(row, column.name) for column in _SHOWN if column.name != "to_move"}
    return LedgerMail(**shown, size=row.size, moved=row.to_move is None, raw=raw, reading=reading or {})


def claimed_mail(row: Row[Any], raw: bytes) -> ClaimedMail:
    """A claimed row of `mail` with its bytes."""
    return ClaimedMail(
        id=row.id,
        raw=raw,
        sha256=row.sha256,
        body_sha256=row.body_sha256,
        mailbox=row.mailbox,
        door=row.door,
        folder=row.folder,
        received_at=row.received_at,
        kept_at=row.kept_at,
        envelope_from=row.envelope_from,
        envelope_to=tuple(row.envelope_to),
        behind_mta=row.behind_mta,
        sent_folder=row.sent_folder,
        truncated=row.truncated,
        history=row.history,
        runs=row.runs,
        ticket_id=row.ticket_id,
        former_kind=row.kind,
    )


def raws(connection: Connection, hashes: Sequence[str]) -> dict[str, bytes]:
    """The mails' bytes by SHA-256."""
    if not hashes:
        return {}
    rows = connection.execute(select(raw.c.sha256, raw.c.packed).where(raw.c.sha256.in_(hashes)))
    return {row.sha256: unpack(row.packed) for row in rows}
