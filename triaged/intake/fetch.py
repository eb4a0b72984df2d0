"""What lies in a selected folder: found and listed, in order of UID, in bounded batches (whole.py takes it).

IMAPClient 4.1 takes lists of ints only; `SEARCH UID n:*` answers the last mail even when it lies below n.
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from imapclient import IMAPClient

from triaged.frozen import frozen
from triaged.intake.imap import said

MAILS_A_BATCH = 100
BYTES_A_BATCH = 4 * 1024 * 1024
UIDS_A_SEARCH = 50_000  # one answer line must stay under imaplib's megabyte
UIDS_A_LISTING = 1000
MOST_REFUSALS = 10  # mails refused in a row, after which the server is taken to refuse everything just now

BROKEN = (imaplib.IMAP4.abort, OSError)  # the connection is gone; any other error is about a mail
REFUSED = (imaplib.IMAP4.error, ValueError, KeyError, IndexError, AssertionError)


@frozen
class Listed:
    """A mail to fetch. `size` None: the server would not say."""

    uid: int
    size: int | None
    received_at: datetime | None


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
    """Size and INTERNALDATE of mails, in order; those gone meanwhile are left out.

    A server that refuses them all is asked for a few alone and believed: the mails' fetching will tell.
    """
    items = ["RFC822.SIZE", "INTERNALDATE"]
    told = dict(ask(client, uids, items)[0])
    silent = [uid for uid in uids if b"RFC822.SIZE" not in told.get(uid, {})]
    for asked, uid in enumerate(silent):
        if asked == MOST_REFUSALS and not any(uid in told for uid in silent[:asked]):
            break
        told.update(ask(client, [uid], items)[0])
    there = still_there(client, [uid for uid in silent if b"RFC822.SIZE" not in told.get(uid, {})])
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


def ask(
    client: IMAPClient, uids: Sequence[int], items: list[str]
) -> tuple[Mapping[int, Mapping[bytes, Any]], str]:
    """FETCH, and "" or what the server said instead: {} where it refuses or answers what cannot be read.

    Raises one of BROKEN where the connection is gone.
    """
    try:
        return (client.fetch(list(uids), items) if uids else {}), ""
    except BROKEN:
        raise
    except REFUSED as error:
        return {}, said(error)


def still_there(client: IMAPClient, uids: Sequence[int]) -> set[int]:
    """Which of these the folder still holds, after the server had a chance to tell what was expunged."""
    if not uids:
        return set()
    client.noop()
    return set(client.search(["UID", ",".join(map(str, uids))]))
