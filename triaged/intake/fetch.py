"""Mail taken from a selected folder: in order of UID, in bounded batches, each one in full up to a size.

IMAPClient 4.1 takes lists of ints only; `SEARCH UID n:*` answers the last mail even when it lies below n.
A mail the server cannot give, or gives unreadably, must not hold up those behind it (promise 2): it is
named as refused, and the caller goes on.
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient

MAILS_A_BATCH = 100
BYTES_A_BATCH = 4 * 1024 * 1024
UIDS_A_SEARCH = 50_000  # one answer line must stay under imaplib's megabyte
UIDS_A_LISTING = 1000
OVERSIZE_KEPT = 256 * 1024

BROKEN = (imaplib.IMAP4.abort, OSError)  # the connection is gone; any other error is about a mail
REFUSED = (imaplib.IMAP4.error, ValueError, KeyError, IndexError, AssertionError)


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail to fetch. `size` None: the server would not say."""

    uid: int
    size: int | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail's bytes. `truncated`: it was too large, or the server would not give it whole."""

    uid: int
    raw: bytes
    received_at: datetime | None
    truncated: bool = False


def uids_after(client: IMAPClient, last: int, next_uid: int, exists: int) -> list[int]:
    """Every uid above `last`, ascending. `next_uid`, `exists`: as the folder's selection told them."""
    first, found = last + 1, []
    if exists > UIDS_A_SEARCH:
        while first + UIDS_A_SEARCH < next_uid:
            found += client.search(["UID", f"{first}:{first + UIDS_A_SEARCH - 1}"])
            first += UIDS_A_SEARCH
    found += client.search(["UID", f"{first}:*"])
    return sorted({uid for uid in found if uid > last})


def listing(client: IMAPClient, uids: Sequence[int]) -> list[Listed]:
    """Size and INTERNALDATE of mails, in order; those gone meanwhile are left out."""
    items = ["RFC822.SIZE", "INTERNALDATE"]
    told = _ask(client, uids, items)
    silent = [uid for uid in uids if b"RFC822.SIZE" not in told.get(uid, {})]
    for uid in silent:
        told.update(_ask(client, [uid], items))
    there = _still_there(client, [uid for uid in silent if b"RFC822.SIZE" not in told.get(uid, {})])
    return [
        Listed(uid, told.get(uid, {}).get(b"RFC822.SIZE"), told.get(uid, {}).get(b"INTERNALDATE"))
        for uid in uids
        if b"RFC822.SIZE" in told.get(uid, {}) or uid in there
    ]


def batches(listed: Sequence[Listed], most: int = MAILS_A_BATCH) -> Iterator[list[Listed]]:
    """Up to `most` mails and BYTES_A_BATCH together; a larger mail goes alone."""
    batch: list[Listed] = []
    weight = 0
    for one in listed:
        size = BYTES_A_BATCH if one.size is None else one.size
        if batch and (len(batch) >= most or weight + size > BYTES_A_BATCH):
            yield batch
            batch, weight = [], 0
        batch.append(one)
        weight += size
    if batch:
        yield batch


def bodies(client: IMAPClient, batch: Sequence[Listed], cap: int) -> tuple[list[Fetched], list[int]]:
    """The mails of a batch, in order, those over `cap` bytes cut; and the uids the server refused to give.

    Mails that are gone meanwhile are in neither.
    """
    small = [one.uid for one in batch if one.size is not None and one.size <= cap]
    told = _ask(client, small, ["BODY.PEEK[]"])
    fetched, refused = [], []
    for one in batch:
        found = _taken(client, one, cap, told.get(one.uid, {}).get(b"BODY[]"))
        if found is not None:
            fetched.append(found)
        else:
            refused.append(one.uid)
    return fetched, sorted(_still_there(client, refused))


def _taken(client: IMAPClient, one: Listed, cap: int, raw: bytes | None) -> Fetched | None:
    """A mail as it came in its batch, or asked for by itself, or cut; None if the server gives nothing."""
    if raw is None and (one.size is None or one.size <= cap):
        raw = _ask(client, [one.uid], ["BODY.PEEK[]"]).get(one.uid, {}).get(b"BODY[]")
    if raw is not None:
        return Fetched(one.uid, raw, one.received_at)
    if one.size is not None and one.size > cap:
        found = cut(client, one)
        return found if found.raw else None
    return None


def cut(client: IMAPClient, one: Listed) -> Fetched:
    """The header and the first part of the body; empty where the server gives not even that."""
    header = _piece(client, one.uid, "HEADER")
    text = _piece(client, one.uid, "TEXT") if header else b""
    return Fetched(one.uid, header + text, one.received_at, truncated=True)


def _piece(client: IMAPClient, uid: int, what: str) -> bytes:
    told = _ask(client, [uid], [f"BODY.PEEK[{what}]<0.{OVERSIZE_KEPT}>"]).get(uid, {})
    return next((v or b"" for k, v in told.items() if k.startswith(f"BODY[{what}]".encode())), b"")


def _ask(client: IMAPClient, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
    """FETCH; {} where the server refuses or answers what cannot be read. A broken connection raises."""
    try:
        return dict(client.fetch(list(uids), items)) if uids else {}
    except BROKEN:
        raise
    except REFUSED:
        return {}


def _still_there(client: IMAPClient, uids: Sequence[int]) -> set[int]:
    return set(client.search(["UID", ",".join(map(str, uids))])) if uids else set()
