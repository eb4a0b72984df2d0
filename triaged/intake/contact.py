"""First contact with a folder: what lay there before us is history and gets no acknowledgment (promise 11).

Remembered in the store before the first mail is kept. Otherwise a restart half way through ten years of
old mail would take the rest for new, and write to everybody. PURE.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from triaged.frozen import frozen

History = Literal["none", "quiet", "skip"]

_CLOCKS_APART = timedelta(days=1)  # the server's clock and ours, at the very worst


@frozen
class Contact:
    """When we first saw a folder under this UIDVALIDITY (`at`), and under any (`first_at`).

    Uids below `next_uid` were there already.
    """

    uidvalidity: int
    next_uid: int
    at: datetime
    first_at: datetime

    def as_note(self) -> dict[str, Any]:
        """Plain JSON for the store."""
        return {
            "uidvalidity": self.uidvalidity,
            "next_uid": self.next_uid,
            "at": self.at.isoformat(),
            "first_at": self.first_at.isoformat(),
        }


def from_note(value: Mapping[str, Any]) -> Contact:
    """What `as_note` wrote."""
    return Contact(
        value["uidvalidity"],
        value["next_uid"],
        datetime.fromisoformat(value["at"]),
        datetime.fromisoformat(value["first_at"]),
    )


def meet(known: Contact | None, uidvalidity: int, next_uid: int, now: datetime) -> Contact:
    """The contact that holds now: the known one, or a new one if the folder is new or was rebuilt."""
    if known is not None and known.uidvalidity == uidvalidity:
        return known
    return Contact(uidvalidity, next_uid, now, known.first_at if known else now)


def history(
    contact: Contact, uid: int, received_at: datetime, within: timedelta, setting: Literal["quiet", "skip"]
) -> History:
    """How to treat a mail: as new ("none"), or as history in one of the two ways.

    `within` is the mailbox's `acknowledge_within`. After a UIDVALIDITY change everything is read again;
    what is old by now but came after the very first contact may never have been seen, so it is never skipped.
    """
    if uid >= contact.next_uid or received_at >= contact.at - within:
        return "none"
    return setting if received_at < contact.first_at - within else "quiet"


def after_contact(contact: Contact, received_at: datetime) -> bool:
    """Whether a mail of the Sent folder, read again after a UIDVALIDITY change, can concern us."""
    return received_at >= contact.first_at - _CLOCKS_APART
