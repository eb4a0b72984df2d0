"""Mail made durable before anything else happens to it (promise 1), and how far folders were read.

A mail's bytes lie once per SHA-256; the ledger has a row per arrival. Keeping the same uid of the same
folder again changes nothing, so a door may always start over after a crash.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, select, update

from triaged.store.connected import Connected, pieces
from triaged.store.inserts import insert_once, upsert
from triaged.store.leases import still_held
from triaged.store.rows import Arrival, Cursor, Fate, Fenced, KeptMail
from triaged.store.tables import folder_cursor, mail, raw

_PACKING = 1  # zlib level: a mail's worth of text at disk speed
_PLACE = (mail.c.mailbox, mail.c.folder, mail.c.uidvalidity, mail.c.uid)


def body_sha256(raw_mail: bytes) -> str:
    """SHA-256 of what follows the header, line ends and closing blanks apart: the same by every door."""
    text = raw_mail.replace(b"\r\n", b"\n")
    head, gap, body = text.partition(b"\n\n")
    return hashlib.sha256((body if gap else head).strip()).hexdigest()


def pack(raw_mail: bytes) -> bytes:
    """The bytes as they lie in the database."""
    return zlib.compress(raw_mail, _PACKING)


def unpack(packed: bytes, most: int | None = None) -> bytes:
    """What `pack` was given; with `most` its first bytes, of which `packed` need then be no more than `packing`.

    Nothing of what was forgotten.
    """
    if not packed:
        return b""
    return zlib.decompress(packed) if most is None else zlib.decompressobj().decompress(packed, most)


def packing(most: int) -> int:
    """How many packed bytes surely hold the first `most`: zlib adds five bytes to 16 KB it cannot pack."""
    return most + most // 1000 + 1024


class Keeping(Connected):
    """What IMAP, SMTP and LMTP ask of the store."""

    def keep(
        self, arrivals: Sequence[Arrival], cursor: Cursor | None = None, now: datetime | None = None
    ) -> list[KeptMail]:
        """Durable when it returns, all or nothing; one KeptMail an arrival, in order.

        `cursor` moves in the same transaction. `now` None: the clock. Raises Unavailable; Fenced, with nothing kept,
        where the lease by which the cursor moves is somebody else's now.
        """
        at = now or datetime.now(UTC)
        hashes = [hashlib.sha256(arrival.raw).hexdigest() for arrival in arrivals]
        raws = {
            sha256: {"sha256": sha256, "size": len(arrival.raw), "packed": pack(arrival.raw)}
            for sha256, arrival in zip(hashes, arrivals, strict=True)
        }
        rows = [_ledger_row(arrival, sha256, at) for sha256, arrival in zip(hashes, arrivals, strict=True)]
        with self._writing() as connection:
            if raws:
                connection.execute(_keep_raws(connection), list(raws.values()))
            kept = _keep_rows(connection, rows)
            if cursor is not None:
                _move(connection, cursor, at)
        return kept

    def cursor(self, mailbox: str, folder: str) -> Cursor | None:
        """How far this folder has been read; None at first contact."""
        query = select(folder_cursor.c.uidvalidity, folder_cursor.c.last_uid).where(
            folder_cursor.c.mailbox == mailbox, folder_cursor.c.folder == folder
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Cursor(mailbox, folder, row.uidvalidity, row.last_uid) if row else None

    def move_cursor(self, mailbox: str, folder: str, uidvalidity: int, last_uid: int, now: datetime) -> None:
        """Read up to `last_uid`. Never moves back within one UIDVALIDITY."""
        with self._writing() as connection:
            _move(connection, Cursor(mailbox, folder, uidvalidity, last_uid), now)

    def unmoved(self, mailbox: str, folder: str, uidvalidity: int) -> list[int]:
        """Uids kept, yet still to be flagged or moved on the server: what a crash in between left."""
        query = (
            select(mail.c.to_move)
            .where(mail.c.mailbox == mailbox, mail.c.folder == folder, mail.c.uidvalidity == uidvalidity)
            .where(mail.c.to_move.is_not(None))
            .order_by(mail.c.to_move)
        )
        with self._reading() as connection:
            return list(connection.scalars(query))

    def moved(self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> None:
        """These are flagged or moved on the server, or are there no more."""
        place = and_(mail.c.mailbox == mailbox, mail.c.folder == folder, mail.c.uidvalidity == uidvalidity)
        with self._writing() as connection:
            for piece in pieces(uids):
                connection.execute(update(mail).where(place, mail.c.to_move.in_(piece)).values(to_move=None))

    def forget_moves(self, mailbox: str, folder: str, uidvalidity: int) -> None:
        """The folder was made anew under `uidvalidity`: what its former mails still had to be moved is gone."""
        former = and_(mail.c.mailbox == mailbox, mail.c.folder == folder, mail.c.uidvalidity != uidvalidity)
        with self._writing() as connection:
            connection.execute(update(mail).where(former, mail.c.to_move.is_not(None)).values(to_move=None))


def _keep_raws(connection: Connection) -> Any:
    """Bytes that came before are kept already, unless they have been forgotten since: the mail wants them again."""
    row = upsert(connection, raw)
    packed = {"packed": row.excluded.packed}
    return row.on_conflict_do_update(
        index_elements=["sha256"], set_=packed, where=func.length(raw.c.packed) == 0
    )


def _ledger_row(arrival: Arrival, sha256: str, now: datetime) -> dict[str, Any]:
    skipped = arrival.history == "skip"
    to_move = None if arrival.moved or arrival.sent_folder else arrival.uid
    return {
        "sha256": sha256,
        "body_sha256": body_sha256(arrival.raw),
        "mailbox": arrival.mailbox,
        "door": arrival.door,
        "folder": arrival.folder,
        "uidvalidity": arrival.uidvalidity,
        "uid": arrival.uid,
        "to_move": to_move,
        "received_at": arrival.received_at,
        "kept_at": now,
        "envelope_from": arrival.envelope_from,
        "envelope_to": arrival.envelope_to,
        "behind_mta": arrival.behind_mta,
        "sent_folder": arrival.sent_folder,
        "truncated": arrival.truncated,
        "history": arrival.history,
        # oldest first over all mailboxes; never later than now, or a server's fast clock would hold it up
        "ready_at": None if skipped else min(arrival.received_at, now),
        "fate": Fate.SKIPPED if skipped else Fate.WAITING,
        "why": "came as history" if skipped else "",
        "finished_at": now if skipped else None,
    }


def keep_one(connection: Connection, arrival: Arrival, now: datetime) -> int:
    """One mail within somebody's transaction; answers its number."""
    sha256 = hashlib.sha256(arrival.raw).hexdigest()
    bytes_of = {"sha256": sha256, "size": len(arrival.raw), "packed": pack(arrival.raw)}
    connection.execute(_keep_raws(connection), [bytes_of])
    return _keep_rows(connection, [_ledger_row(arrival, sha256, now)])[0].id


def _keep_rows(connection: Connection, rows: list[dict[str, Any]]) -> list[KeptMail]:
    """Ledger rows; those of a uid kept before are looked up instead."""
    placed = [row for row in rows if row["uid"] is not None]
    new = {}
    if placed:
        returned = connection.execute(
            upsert(connection, mail).on_conflict_do_nothing().returning(mail.c.id, *_PLACE), placed
        )
        new = {tuple(row[1:]): row[0] for row in returned}
    old = _kept_before(connection, [row for row in placed if _place(row) not in new])
    return [_keep_row(connection, row, new, old) for row in rows]


def _keep_row(connection: Connection, row: dict[str, Any], new: Any, old: Any) -> KeptMail:
    """What became of one row. Mail without a uid is always new: its door answers for it only once."""
    if row["uid"] is None:
        return KeptMail(
            connection.execute(insert_once(connection, mail), row).scalar_one(), row["sha256"], True
        )
    if _place(row) in new:
        return KeptMail(new[_place(row)], row["sha256"], True, row["uid"])
    before = old[_place(row)]
    return KeptMail(before.id, before.sha256, False, row["uid"])


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["mailbox"], row["folder"], row["uidvalidity"], row["uid"])


def _kept_before(connection: Connection, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], Any]:
    """Rows of the ledger by mailbox, folder, UIDVALIDITY and uid; a batch is of few folders."""
    uids: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        uids.setdefault(_place(row)[:3], []).append(row["uid"])
    found = {}
    for (mailbox, folder, uidvalidity), some in uids.items():
        query = select(mail.c.id, mail.c.sha256, *_PLACE).where(
            mail.c.mailbox == mailbox,
            mail.c.folder == folder,
            mail.c.uidvalidity == uidvalidity,
            mail.c.uid.in_(some),
        )
        found.update({tuple(row[2:]): row for row in connection.execute(query)})
    return found


def _move(connection: Connection, cursor: Cursor, now: datetime) -> None:
    if cursor.held is not None and not still_held(connection, cursor.held):
        raise Fenced(f"{cursor.held.name} is no longer ours")
    insert = upsert(connection, folder_cursor).values(
        mailbox=cursor.mailbox,
        folder=cursor.folder,
        uidvalidity=cursor.uidvalidity,
        last_uid=cursor.last_uid,
        at=now,
    )
    new, old = insert.excluded, folder_cursor.c
    same = old.uidvalidity == new.uidvalidity
    greatest = func.greatest if connection.dialect.name == "postgresql" else func.max
    furthest = case((same, greatest(old.last_uid, new.last_uid)), else_=new.last_uid)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["mailbox", "folder"],
            set_={"uidvalidity": new.uidvalidity, "last_uid": furthest, "at": new.at},
        )
    )
