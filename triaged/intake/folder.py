"""One selected folder of a mailbox, read from its bookmark on: fetch, keep, then move or flag.

The order is the promise: a mail's bytes and the bookmark are durable in one transaction before the server
is told to move it. What a crash leaves between the two is moved at the next selection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from imapclient.exceptions import IMAPClientError

from triaged import maillog
from triaged.config import Imap, Mailbox
from triaged.intake import contact, fetch
from triaged.intake.after import settle
from triaged.intake.bookmark import STRIKES, Bookmark
from triaged.intake.contact import Contact
from triaged.intake.imap import Client, said
from triaged.intake.keep import Clock, Keep
from triaged.store.values import Arrival, Cursor, Note

_SETTLE_AGAIN_SECONDS = 60


class Ledger(Protocol):
    """What a folder asks of the store, beside keeping."""

    def cursor(self, mailbox: str, folder: str) -> Cursor | None:
        """How far it was read."""

    def move_cursor(self, mailbox: str, folder: str, uidvalidity: int, last_uid: int, now: datetime) -> None:
        """Read up to here."""

    def unmoved(self, mailbox: str, folder: str, uidvalidity: int) -> list[int]:
        """Kept, not moved yet."""

    def moved(self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> None:
        """Moved."""

    def note(self, name: str, value: Any, now: datetime) -> None:
        """Remember."""

    def notes(self) -> Mapping[str, Note]:
        """What was remembered."""


@dataclass(frozen=True)
class Door:
    """What every folder of one mailbox shares. `go_on`: False when to stop between two batches."""

    mailbox: Mailbox
    imap: Imap
    store: Ledger
    keep: Keep
    clock: Clock
    mail_size: int
    go_on: Callable[[], bool]


def absent(door: Door, name: str) -> None:
    """Remember that a folder was looked for in vain: whatever lies in it one day came after us."""
    if _place(door, name) not in door.store.notes():
        now = door.clock()
        door.store.note(_place(door, name), Contact(0, 1, now, now).as_note(), now)


def _place(door: Door, name: str) -> str:
    return f"contact:{door.mailbox.name}/{name}"


class Folder:
    """A folder as selected on this connection. `bookmarks` outlive connections: they know who failed."""

    def __init__(
        self, door: Door, client: Client, name: str, bookmarks: dict[tuple[str, int], Bookmark], *, sent: bool
    ) -> None:
        self.door, self.client, self.name, self.sent = door, client, name, sent
        self._settle_at = 0.0
        told = client.select_folder(name, readonly=self._untouched)
        self.exists = int(told[b"EXISTS"])
        self.uidvalidity = int(told[b"UIDVALIDITY"])
        self.next_uid = int(told.get(b"UIDNEXT") or client.folder_status(name, ["UIDNEXT"])[b"UIDNEXT"])
        self.contact = self._meet()
        self.bookmark = bookmarks.setdefault((name, self.uidvalidity), Bookmark(0))
        self.bookmark.found(self._start())

    def read(self) -> int:
        """Keep everything above the bookmark, until nothing new comes; how many mails were new to us."""
        if not self._untouched and time.monotonic() >= self._settle_at:
            self._settle_at = float("inf")
            self._settle(self.door.store.unmoved(self.door.mailbox.name, self.name, self.uidvalidity))
        count, tried, searched_again = 0, set[int](), False
        while self.door.go_on():
            uids = [uid for uid in self._search() if uid not in tried]
            if uids:
                tried.update(uids)
                count += self._take(uids)
            elif self.client.announced() and not searched_again:
                searched_again = True  # it came during the search: Dovecot tells of it, but does not find it
            else:
                break
        return count

    def _search(self) -> list[int]:
        self.client.announced()  # what was told before this search, the search will find
        found = fetch.uids_after(self.client, self.bookmark.last_uid, self.next_uid, self.exists)
        return self.bookmark.wanted(found)

    @property
    def _untouched(self) -> bool:
        return self.sent or self.door.imap.after.action == "leave"

    def _meet(self) -> Contact:
        """First contact, told to the store before any mail of the folder is kept."""
        place, store, now = _place(self.door, self.name), self.door.store, self.door.clock()
        note = store.notes().get(place)
        known = contact.from_note(note.value) if note else None
        met = contact.meet(known, self.uidvalidity, self.next_uid, now)
        if met is not known:
            store.note(place, met.as_note(), now)
        return met

    def _start(self) -> int:
        """The last uid kept before. After a changed UIDVALIDITY: 0, the duplicate check sorts it out."""
        mailbox, store = self.door.mailbox.name, self.door.store
        cursor = store.cursor(mailbox, self.name)
        met_just_now = self.contact.first_at == self.contact.at
        if cursor is None and self.sent and met_just_now:  # what staff sent before us is no business of ours
            store.move_cursor(
                mailbox, self.name, self.uidvalidity, self.contact.next_uid - 1, self.door.clock()
            )
            return self.contact.next_uid - 1
        return cursor.last_uid if cursor and cursor.uidvalidity == self.uidvalidity else 0

    def _take(self, uids: list[int]) -> int:
        """The sound ones in batches; those that failed before, last and alone."""
        count, sound = 0, self.bookmark.sound(uids)
        for start in range(0, len(sound), fetch.UIDS_A_LISTING):
            count += self._take_some(sound[start : start + fetch.UIDS_A_LISTING])
        for uid in self.bookmark.suspects(uids):
            count += self._take_some([uid])
        return count

    def _take_some(self, uids: list[int]) -> int:
        if not self.door.go_on():
            return 0
        listed = fetch.listing(self.client, uids)
        self.bookmark.kept(set(uids) - {one.uid for one in listed})  # gone since the search
        count = 0
        for batch in fetch.batches(listed):
            if not self.door.go_on():
                break
            count += self._take_batch(batch)
        return count

    def _take_batch(self, batch: list[fetch.Listed]) -> int:
        """Fetch, keep together with the bookmark, then move. What the server refuses waits for another try."""
        uids = [one.uid for one in batch]
        try:
            mails, refused = self._fetched(batch)
        except fetch.BROKEN:
            self.bookmark.failed(uids, self.door.clock())
            raise
        done = [uid for uid in uids if uid not in refused]
        arrivals = [self._arrival(one) for one in mails if self._concerns_us(one)]
        cursor = Cursor(self.door.mailbox.name, self.name, self.uidvalidity, self.bookmark.reached(done))
        kept = self.door.keep(arrivals, cursor)
        self.bookmark.kept(done)
        for uid in refused:
            self.bookmark.failed([uid], self.door.clock())
        self._settle([a.uid for a in arrivals if a.uid is not None and not a.moved])
        return sum(row.new for row in kept)

    def _fetched(self, batch: list[fetch.Listed]) -> tuple[list[fetch.Fetched], list[int]]:
        if len(batch) == 1 and self.bookmark.hopeless(batch[0].uid, self.door.clock()):
            return [self._given_up(batch[0])], []
        return fetch.bodies(self.client, batch, self.door.mail_size)

    def _given_up(self, one: fetch.Listed) -> fetch.Fetched:
        """What can be had of a hopeless mail: its header, or, where even asking for that kills us, its place."""
        maillog.refused("imap", f"{self.door.mailbox.name}: {self.name} uid {one.uid} cannot be fetched")
        if self.bookmark.strikes(one.uid) >= 2 * STRIKES:
            return fetch.Fetched(one.uid, b"", one.received_at, truncated=True)
        return fetch.cut(self.client, one)

    def _concerns_us(self, one: fetch.Fetched) -> bool:
        if not self.sent or one.received_at is None:
            return True
        return contact.after_contact(self.contact, one.received_at)

    def _arrival(self, one: fetch.Fetched) -> Arrival:
        now, mailbox = self.door.clock(), self.door.mailbox
        received = min(one.received_at or now, now)  # a server's fast clock must not date mail to the future
        past = contact.history(self.contact, one.uid, received, mailbox.acknowledge_within, mailbox.history)
        return Arrival(
            raw=one.raw,
            mailbox=mailbox.name,
            door="imap",
            folder=self.name,
            uidvalidity=self.uidvalidity,
            uid=one.uid,
            received_at=received,
            sent_folder=self.sent,
            truncated=one.truncated,
            history="none" if self.sent else past,
            # Skipped history stays where it lies: we did nothing with it, somebody may be at work on it.
            moved=self._untouched or past == "skip",
        )

    def _settle(self, uids: list[int]) -> None:
        """Move or flag kept mail. A server that refuses this loses nothing and holds up nobody: later again."""
        if not uids:
            return
        try:
            settle(self.client, uids, self.door.imap.after)
        except fetch.BROKEN:
            raise
        except IMAPClientError as error:
            self._settle_at = time.monotonic() + _SETTLE_AGAIN_SECONDS
            maillog.move_failed(self.door.mailbox.name, said(error))
            return
        self.door.store.moved(self.door.mailbox.name, self.name, self.uidvalidity, uids)
