"""One selected folder of a mailbox, read from its bookmark on: fetch, keep, then move or flag.

The order is the promise: a mail's bytes and the bookmark are durable in one transaction before the server
is told to move it. What a crash leaves between the two is moved at the next selection. What the server did
not give whole stays where it is, neither flagged nor moved: it is owed (bookmark.py) and asked for again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from imapclient.exceptions import IMAPClientError

from triaged import maillog
from triaged.config.config import Mailbox
from triaged.config.servers import Imap
from triaged.edge.backoff import Backoff
from triaged.errors import Temporary
from triaged.intake import contact, fetch
from triaged.intake.after import Mover
from triaged.intake.bookmark import Bookmark
from triaged.intake.contact import Contact
from triaged.intake.imap import Client, said
from triaged.intake.keep import Clock, Keep
from triaged.intake.whole import Fetched, Lacking, Sizes, Taking
from triaged.store.rows import Arrival, Cursor, Held, Note, OwedMail

OWED = Backoff(first=5, cap=300)  # between two tries of a mail the server did not give
BROKE_OFF = "the connection broke"  # how the reason begins where nothing but that is known
_SETTLE_AGAIN_SECONDS = 60
_EMPTY_TRIES, _EMPTY_TIME = 5, timedelta(hours=1)  # after which a mail of 0 bytes is one


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

    def forget_moves(self, mailbox: str, folder: str, uidvalidity: int) -> None:
        """Nothing of a former UIDVALIDITY can be moved any more."""

    def owe(self, mails: Sequence[OwedMail]) -> None:
        """Asked for in vain."""

    def owed(self, mailbox: str | None = None) -> list[OwedMail]:
        """What was asked for in vain."""

    def owed_no_more(self, mailbox: str, folder: str, uidvalidity: int, uids: Collection[int]) -> None:
        """Kept, or gone."""

    def owed_only_in(self, mailbox: str, folder: str, uidvalidity: int) -> None:
        """Nothing of a former UIDVALIDITY is owed any more."""

    def note(self, name: str, value: Any, now: datetime) -> None:
        """Remember."""

    def note_of(self, name: str) -> Note | None:
        """What was remembered."""


@dataclass(frozen=True)
class Door:
    """What every folder of one mailbox shares. `largest`: bytes of a mail; `go_on`: False when to stop in between."""

    mailbox: Mailbox
    imap: Imap
    store: Ledger
    keep: Keep
    clock: Clock
    largest: int
    go_on: Callable[[], bool]
    held: Callable[[], Held | None] = lambda: None  # by what we read it
    sizes: Sizes = field(default_factory=Sizes)


class Refuses(Temporary):
    """The server refuses one mail after the other: it is the server, not the mails."""


def absent(door: Door, name: str) -> None:
    """Remember that a folder of the config was looked for in vain: whatever lies in it one day came after us."""
    place = f"absent:{door.mailbox.name}/{name}"
    if door.store.note_of(place) is None:
        now = door.clock()
        door.store.note(place, Contact(0, 1, now, now).as_note(), now)


class Folder:
    """A folder as selected on this connection, by the server's name; `called`: by the config's.

    `bookmarks` outlive connections: they know what broke them. `mover`: None where nothing is moved or flagged.
    """

    def __init__(
        self,
        door: Door,
        client: Client,
        name: str,
        bookmarks: dict[tuple[str, int], Bookmark],
        *,
        sent: bool,
        called: str = "",
        mover: Mover | None = None,
    ) -> None:
        self.door, self.client, self.name, self.sent = door, client, name, sent
        self.called, self.mover = called or name, mover
        self.unsettled = ""  # why kept mail could not be moved or flagged
        self._settle_at = 0.0
        self._highest = 0  # of the uids found so far
        told = client.select_folder(name, readonly=mover is None)
        self.exists = int(told[b"EXISTS"])
        self.uidvalidity = int(told[b"UIDVALIDITY"])
        self.next_uid = int(told.get(b"UIDNEXT") or client.folder_status(name, ["UIDNEXT"])[b"UIDNEXT"])
        self.taking = Taking(client, door.largest, door.sizes, door.go_on)
        self.contact = self._meet()
        for former in [key for key in bookmarks if key[0] == name and key[1] != self.uidvalidity]:
            del bookmarks[former]
        self.bookmark = bookmarks.setdefault((name, self.uidvalidity), Bookmark(0))
        self.bookmark.found(self._start(), self._owed())

    def read(self, *, all_owed: bool = False) -> int:
        """Keep everything above the bookmark, until nothing new comes; how many mails were new to us.

        Then what is owed and due, or `all_owed`. Raises Refuses where the server gives nothing at all.
        """
        self.taking.begin()
        if self.mover is not None and time.monotonic() >= self._settle_at:
            self._settle_at = float("inf")
            left = self.door.store.unmoved(self.door.mailbox.name, self.name, self.uidvalidity)
            self._settle(left, again=True)
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
        return count + self._ask_again(all_owed)

    @property
    def owed(self) -> list[OwedMail]:
        """What the server did not give whole."""
        return sorted(self.bookmark.owed.values(), key=lambda one: (one.since, one.uid))

    def _ask_again(self, all_owed: bool) -> int:
        """For what is owed, one by one; when one comes, the server has recovered and all are asked for."""
        self._passed(set(self.bookmark.owed) - fetch.still_there(self.client, list(self.bookmark.owed)))
        count, asked = 0, set[int]()
        while self.door.go_on():
            due = self.bookmark.due(None if all_owed else self.door.clock())
            left = [uid for uid in due if uid not in asked]
            if not left:
                break
            asked.add(left[0])
            count += self._take_some(left[:1])
            all_owed = all_owed or left[0] not in self.bookmark.owed
        return count

    def _passed(self, uids: set[int]) -> None:
        """These are kept or gone: nothing of them is owed."""
        owed = uids & self.bookmark.owed.keys()
        self.bookmark.kept(uids)
        if owed:
            self.door.store.owed_no_more(self.door.mailbox.name, self.name, self.uidvalidity, owed)

    def _owed(self) -> list[OwedMail]:
        """What the store knows to be owed here; what was owed by a folder that was made anew is forgotten."""
        mailbox, store = self.door.mailbox.name, self.door.store
        owed = [one for one in store.owed(mailbox) if one.folder == self.name]
        if any(one.uidvalidity != self.uidvalidity for one in owed):
            store.owed_only_in(mailbox, self.name, self.uidvalidity)
        return [one for one in owed if one.uidvalidity == self.uidvalidity]

    def _search(self) -> list[int]:
        self.client.announced()  # what was told before this search, the search will find
        found = fetch.uids_after(self.client, self.bookmark.last_uid, self.next_uid, self.exists)
        return self.bookmark.wanted(self._noted(found))

    def _meet(self) -> Contact:
        """First contact, told to the store before any mail of the folder is kept."""
        mailbox, store, now = self.door.mailbox.name, self.door.store, self.door.clock()
        place = f"contact:{mailbox}/{self.name}"
        note = store.note_of(place) or store.note_of(f"absent:{mailbox}/{self.called}")
        known = contact.from_note(note.value) if note else None
        met = contact.meet(known, self.uidvalidity, self.next_uid, now)
        if met is not known:
            store.note(place, met.as_note(), now)
            store.forget_moves(mailbox, self.name, self.uidvalidity)
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
        """The sound ones in batches; those under way when the connection broke, last and alone."""
        count, sound = 0, self.bookmark.sound(uids)
        for start in range(0, len(sound), fetch.UIDS_A_LISTING):
            count += self._take_some(sound[start : start + fetch.UIDS_A_LISTING])
        for uid in self.bookmark.suspects(uids):
            count += self._take_some([uid])
        return count

    def _take_some(self, uids: list[int], *, newcomers: bool = True) -> int:
        if not self.door.go_on():
            return 0
        try:
            listed = fetch.listing(self.client, uids)
        except fetch.BROKEN as error:
            self._broke_off([fetch.Listed(uid, None, None) for uid in uids], error)
            raise
        self._passed(set(uids) - {one.uid for one in listed})  # gone since the search
        count = 0
        for batch in fetch.batches(listed):
            if not self.door.go_on():
                break
            count += self._take_batch(batch)
            if newcomers and (fresh := self._newcomers()):
                count += self._take_some(fresh, newcomers=False)
        return count

    def _newcomers(self) -> list[int]:
        """What came while older mail is taken: it goes first, somebody may wait for an answer."""
        if not self.client.announced():
            return []
        found = fetch.uids_after(self.client, self._highest, self.next_uid, self.exists)
        return self.bookmark.also(self._noted(found))

    def _noted(self, found: list[int]) -> list[int]:
        self._highest = max([self._highest, *found])
        return found

    def _take_batch(self, batch: list[fetch.Listed]) -> int:
        """Fetch, keep together with the bookmark, then move. What the server does not give becomes owed."""
        try:
            given = self.taking.take(batch)
        except fetch.BROKEN as error:
            self._broke_off(batch, error)
            raise
        empty = [one for one in given.lacking if self._truly_empty(one)]
        mails = given.mails + [Fetched(one.listed.uid, b"", one.listed.received_at) for one in empty]
        self._owe([(one.listed, one.why) for one in given.lacking if one not in empty])
        arrivals = [self._arrival(one) for one in mails if self._concerns_us(one)]
        done = [one.uid for one in mails] + given.gone
        reached, held = self.bookmark.reached(done), self.door.held()
        cursor = Cursor(self.door.mailbox.name, self.name, self.uidvalidity, reached, held)
        kept = self.door.keep(arrivals, cursor)
        self._passed(set(done))
        self._settle([a.uid for a in arrivals if a.uid is not None and not a.moved])
        if given.refuses:
            raise Refuses(f"the server refuses one mail of {self.name} after the other: {given.refuses}")
        return sum(row.new for row in kept)

    def _broke_off(self, batch: list[fetch.Listed], error: BaseException) -> None:
        """The connection broke while these were fetched: one is owed, more are in doubt."""
        if len(batch) == 1:
            self._owe([(batch[0], f"{BROKE_OFF}: {said(error)}")])
        else:
            self.bookmark.broke_off([one.uid for one in batch])

    def _owe(self, lacking: Sequence[tuple[fetch.Listed, str]]) -> None:
        """Remember durably what was not given, and when it is asked for again."""
        now, owed = self.door.clock(), []
        for listed, why in lacking:
            before = self.bookmark.owed.get(listed.uid)
            failures = before.failures + 1 if before else 1
            wait = timedelta(seconds=OWED.seconds(failures, random.random()))
            owed.append(
                OwedMail(
                    mailbox=self.door.mailbox.name,
                    folder=self.name,
                    uidvalidity=self.uidvalidity,
                    uid=listed.uid,
                    size=listed.size if listed.size is not None or not before else before.size,
                    received_at=listed.received_at or (before.received_at if before else None),
                    failures=failures,
                    since=before.since if before else now,
                    retry_at=now + wait,
                    error=why,
                    told_at=before.told_at if before else None,
                )
            )
            maillog.owed(self.door.mailbox.name, self.name, listed.uid, why, failures)
        self.door.store.owe(owed)
        self.bookmark.owes(owed)

    def _truly_empty(self, one: Lacking) -> bool:
        """Whether a mail has 0 bytes for good: the server has said so for an hour, and in its size too."""
        before = self.bookmark.owed.get(one.listed.uid)
        if not one.empty or before is None or before.failures < _EMPTY_TRIES:
            return False
        return self.door.clock() - before.since >= _EMPTY_TIME

    def _concerns_us(self, one: Fetched) -> bool:
        if not self.sent or one.received_at is None:
            return True
        return contact.after_contact(self.contact, one.received_at)

    def _arrival(self, one: Fetched) -> Arrival:
        now, mailbox, owed = self.door.clock(), self.door.mailbox, self.bookmark.owed.get(one.uid)
        told = one.received_at or (owed.received_at if owed else None)
        received = min(told or now, now)  # a server's fast clock must not date mail to the future
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
            # So does an empty mail: should the server find its bytes after all, people find it there.
            moved=self.mover is None or past == "skip" or not one.raw,
        )

    def _settle(self, uids: list[int], *, again: bool = False) -> None:
        """Move or flag kept mail. A server that refuses this loses nothing and holds up nobody: later again."""
        if not uids or self.mover is None:
            return
        try:
            done = self.mover.settle(uids, _Left(self), again=again)
        except fetch.BROKEN:
            raise
        except IMAPClientError as error:
            self._settle_at = time.monotonic() + _SETTLE_AGAIN_SECONDS
            self.unsettled = said(error)
            maillog.move_failed(self.door.mailbox.name, self.unsettled)
            return
        self.unsettled = ""
        self.door.store.moved(self.door.mailbox.name, self.name, self.uidvalidity, done)


class _Left:
    """What is copied and marked \\Deleted on a server without MOVE (after.py), as a note of the store."""

    def __init__(self, folder: Folder) -> None:
        self._door, self._uidvalidity = folder.door, folder.uidvalidity
        self._name = f"deleted:{folder.door.mailbox.name}/{folder.name}"

    def get(self) -> set[int]:
        """Of this UIDVALIDITY; under another the uids mean other mails."""
        note = self._door.store.note_of(self._name)
        return set(note.value["uids"]) if note and note.value["uidvalidity"] == self._uidvalidity else set()

    def put(self, uids: set[int]) -> None:
        """None: the note goes."""
        value = {"uidvalidity": self._uidvalidity, "uids": sorted(uids)} if uids else None
        self._door.store.note(self._name, value, self._door.clock())
