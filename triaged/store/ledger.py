"""Rows of the ledger turned into values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, Select, case, func, select

from triaged.store.kept import packing, unpack
from triaged.store.rows import ClaimedMail, LedgerMail
from triaged.store.tables import mail, raw

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


def claimed_mail(row: Row[Any], raw: bytes, size: int) -> ClaimedMail:
    """A claimed row of `mail` with its bytes, or their beginning, and how many they are."""
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
        size=size,
        ticket_id=row.ticket_id,
        former_kind=row.kind,
    )


def raws(
    connection: Connection, hashes: Sequence[str], most: int | None = None
) -> dict[str, tuple[bytes, int]]:
    """The mails' bytes and sizes by SHA-256; with `most`, of a larger one no more is fetched than its first bytes."""
    if not hashes:
        return {}
    whole: ColumnElement[Any] = raw.c.packed
    if most is not None:
        beginning = func.substr(raw.c.packed, 1, packing(most), type_=LargeBinary)
        whole = case((raw.c.size > most, beginning), else_=raw.c.packed)
    rows = connection.execute(
        select(raw.c.sha256, raw.c.size, whole.label("packed")).where(raw.c.sha256.in_(hashes))
    )
    return {
        row.sha256: (unpack(row.packed, most if most is not None and row.size > most else None), row.size)
        for row in rows
    }
