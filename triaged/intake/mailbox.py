"""The IMAP door: one thread and one connection per mailbox, which never waits for another mailbox.

A poll: hold the mailbox's lease, be connected, read the inbox and what is new in the Sent folder
(triaged/intake/folder.py). Between polls: IDLE. Whatever goes wrong, the connection is given up and built
anew after a growing pause, for ever: no fault disables a mailbox, and starting over anywhere loses and
doubles nothing. Where a poll did all but something (a mail the server does not give, a folder it does not
have, mail it will not move), it counts as failed, but the connection stays and the others go on.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from triaged import maillog
from triaged.config.config import Mailbox
from triaged.config.credentials import Fetch, plainly
from triaged.edge import steady
from triaged.edge.backoff import Backoff
from triaged.errors import Permanent, Temporary
from triaged.frozen import frozen
from triaged.intake import filing, folder, imap, places
from triaged.intake.after import Mover
from triaged.intake.bookmark import Bookmark
from triaged.intake.folder import Door, Folder
from triaged.intake.imap import said
from triaged.intake.keep import Clock, Keep
from triaged.intake.places import Places
from triaged.store.rows import Fenced, Held, OwedMail

RECONNECT_SECONDS = 25 * 60  # before the 29 minutes after which servers end an IDLE
IDLE_SECONDS = 60
LEASE_SECONDS = 180  # of a daemon that has the database to itself
BACKOFF = Backoff(first=1, cap=120)
_PAUSE_SLICE = 2.0
_PATIENT_WAKES = 3
_NAMED = 5  # owed mails named in a poll's reason


class Incomplete(Temporary):
    """A poll that did all but something; `count` mails were new. It is tried again by itself."""

    def __init__(self, faults: Sequence[str], count: int) -> None:
        super().__init__("; ".join(faults))
        self.count = count


class Ledger(folder.Ledger, filing.Ledger, Protocol):
    """What a mailbox asks of the store, beside keeping."""

    def owed_only_of(self, mailbox: str, folders: Collection[str]) -> None:
        """Nothing is owed in other folders any more."""

    def note_poll(self, mailbox: str, ok: bool, error: str | None, now: datetime) -> None:
        """A poll went well or badly."""

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> int | None:
        """Ours, or None."""

    def renew_lease(self, name: str, owner: str, epoch: int, now: datetime, seconds: float) -> bool:
        """Still ours."""

    def drop_lease(self, name: str, owner: str, epoch: int) -> bool:
        """Somebody else's turn."""


@frozen(kw_only=True)
class Means:
    """What the mailboxes of one daemon share. `owner`: its name, unique in the world; `largest`: bytes of a mail.

    `held`: whether somebody renews the lease of that name and epoch for us (triaged/daemon/heart.py); what he does not,
    the mailbox renews itself. `lease_seconds` None: LEASE_SECONDS.
    """

    store: Ledger
    keep: Keep
    clock: Clock
    stop: threading.Event
    owner: str
    largest: int = 150 * 1024 * 1024
    fetch: Fetch = plainly
    lease_seconds: float | None = None
    held: Callable[[str, int], bool] = lambda _name, _epoch: False


class MailboxLoop:
    """Reads one mailbox, turn by turn until `stop` is set; or `poll_once` as often as one likes, then `close`.

    `tick` is called whenever it makes progress or waits as it should, every two seconds plus at most one
    network timeout: the watchdog listens. `tell` is given everything owed to the mailbox after each poll that
    was not given all of its mail. `letters_left` is set when a letter has left whose copy is owed to Sent.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        means: Means,
        *,
        tick: Callable[[], object] = lambda: None,
        tell: Callable[[Sequence[OwedMail]], object] = lambda owed: None,
        backoff: Backoff = BACKOFF,
        letters_left: threading.Event | None = None,
    ) -> None:
        if mailbox.imap is None:
            raise ValueError(f"mailbox {mailbox.name} has no imap")
        self.mailbox, self.imap, self.store = mailbox, mailbox.imap, means.store
        self.clock, self.stop, self.owner, self._means = means.clock, means.stop, means.owner, means
        self.tick, self.tell, self.backoff, self.failures = tick, tell, backoff, 0
        self.fetch = means.fetch
        self._letters_left = letters_left or threading.Event()
        self._door = Door(
            mailbox,
            mailbox.imap,
            means.store,
            means.keep,
            means.clock,
            means.largest,
            self._may_fetch,
            self._by,
        )
        self._places: Places | None = None
        self._begun = False
        self._client: imap.Client | None = None
        self._folder: Folder | None = None
        self._bookmarks: dict[tuple[str, int], Bookmark] = {}
        self._opened = self._held = 0.0
        self._epoch: int | None = None
        self._sent_seen: tuple[int, int] | None = None
        self._wakes_in_vain = 0
        self._left_some = False  # on the server, in this poll: too much waits already

    # -- its turns (triaged/daemon/loops.py) ---------------------------------------------------------

    def wanted(self) -> bool:
        """Until it is told to stop."""
        return not self.stop.is_set()

    def turn(self) -> None:
        """Poll, and wait for mail."""
        self._left_some = False
        count = self._poll_patiently()
        if self._client is None:
            self._pause(self._lease_seconds / 8)  # another daemon reads this mailbox: stand by
            return
        if self._left_some:
            self._pause(_PAUSE_SLICE)
            return
        woken = self._wait(self._client)
        self.failures = 0
        self._brake(woken, count)

    def failed(self, error: Exception) -> None:
        """Give the connection up, and wait longer each time before the next."""
        self._hang_up()
        self.failures += 1
        pause = self.backoff.seconds(self.failures, random.random())
        maillog.poll_failed(self.mailbox.name, said(error), pause)
        self._pause(pause)

    def close(self) -> None:
        """Say goodbye to the server and give the mailbox to whoever wants it."""
        if self._client is not None:
            imap.part(self._client)
        self._client = self._folder = None
        epoch, self._epoch = self._epoch, None
        if epoch is not None:
            try:
                self.store.drop_lease(self._lease, self.owner, epoch)
            except Exception as error:  # it runs out by itself
                maillog.loop_failed(self._lease, said(error))

    # -- a poll --------------------------------------------------------------------------------------

    def _poll_patiently(self) -> int:
        """A poll that heeds the backoff of owed mail, but for the first, and goes on where it was incomplete."""
        first, self._begun = not self._begun, True
        try:
            return self.poll_once(all_owed=first)
        except Incomplete as incomplete:
            maillog.poll_failed(self.mailbox.name, said(incomplete), self._until_next())
            return incomplete.count

    def poll_once(self, *, all_owed: bool = True) -> int:
        """Read what is new; how many mails were new to us; 0 also where another daemon holds the mailbox.

        What the server did not give before is asked for again: all of it, or only what is due by its backoff.
        Raises Incomplete where something could not be done; whatever else went wrong with the connection
        given up. Both are noted.
        """
        self.tick()
        try:
            if not self._hold():
                return 0
            count, faults = self._poll(self._connected(), all_owed)
        except Fenced:  # we were away, and another daemon has read on
            self._epoch = None
            self._hang_up()
            return 0
        except BaseException as error:
            self._hang_up()
            self._note_failure(said(error))
            self._tell_owed()
            raise
        if count:
            maillog.polled(self.mailbox.name, count)
        self._tell_owed()
        if faults:
            self._note_failure("; ".join(faults))
            raise Incomplete(faults, count)
        self.store.note_poll(self.mailbox.name, True, None, self.clock())
        return count

    def _poll(self, client: imap.Client, all_owed: bool) -> tuple[int, list[str]]:
        """How many mails were new, and what could not be done."""
        there = self._find(client)
        if there.inbox is None:
            raise Permanent("; ".join(there.faults))
        unfiled = self._file_letters(client, there.sent)
        inbox = self._selected(client, there.inbox)
        count, owed = inbox.read(all_owed=all_owed), inbox.owed
        missing = [*there.faults, *([unfiled] if unfiled else [])]
        if there.sent is not None:
            sent_owed = [one for one in self.store.owed(self.mailbox.name) if one.folder == there.sent]
            if sent_owed or self._sent_has_news(client, there.sent):
                sent = self._selected(client, there.sent, sent=True)
                count += sent.read(all_owed=all_owed)
                owed = owed + sent.owed
                inbox = self._selected(client, there.inbox)  # IDLE must listen to the inbox
                count += inbox.read()
        if inbox.unsettled:
            missing.append(
                f"kept mail cannot be {'moved to ' + there.move_to if there.move_to else 'flagged'}: "
                f"{inbox.unsettled}; create the folder or change after"
            )
        return count, [*_told(owed), *missing]

    def _file_letters(self, client: imap.Client, sent: str | None) -> str:
        """Put copies of letters that have left into the Sent folder; why one could not be."""
        self._letters_left.clear()
        if sent is None or self.mailbox.smtp is None or not self.mailbox.smtp.copy_to_sent:
            return ""
        self._folder = None  # filing selects another
        return filing.file_letters(client, sent, self.store, self.mailbox.name, self._go_on)

    def _find(self, client: imap.Client) -> Places:
        """The folders on this server; asked anew by each connection, and while one is missing."""
        if self._places is None or self._places.faults:
            self._places = places.find(client, self.imap)
            if self._places.sent is None and self.imap.sent_folder is not None:
                folder.absent(self._door, self.imap.sent_folder)
            if not self._places.faults:
                names = [name for name in (self._places.inbox, self._places.sent) if name]
                self.store.owed_only_of(self.mailbox.name, names)
        return self._places

    def _selected(self, client: imap.Client, name: str, *, sent: bool = False) -> Folder:
        if self._folder is None or self._folder.name != name:
            self._folder = None
            called = self.imap.sent_folder or "" if sent else self.imap.folder
            moves = not sent and self.imap.after.action != "leave"
            target = self._places.move_to if self._places else ""
            mover = Mover(client, name, self.imap.after, target) if moves else None
            self._folder = Folder(
                self._door, client, name, self._bookmarks, sent=sent, called=called, mover=mover
            )
        return self._folder

    def _sent_has_news(self, client: imap.Client, name: str) -> bool:
        """Whether the Sent folder has changed since last read."""
        told = client.folder_status(name, ["UIDNEXT", "UIDVALIDITY"])
        seen, self._sent_seen = self._sent_seen, (told[b"UIDVALIDITY"], told[b"UIDNEXT"])
        return seen != self._sent_seen

    def _tell_owed(self) -> None:
        """Tell of what is owed; where that fails, it is told after the next poll."""
        try:
            owed = self.store.owed(self.mailbox.name)
            if owed:
                self.tell(owed)
        except Exception as error:
            maillog.loop_failed(self._lease, said(error))

    # -- waiting ------------------------------------------------------------------------------------

    def _wait(self, client: imap.Client) -> bool:
        """Until mail is announced (True) or `poll_seconds` are over."""
        if not (self.imap.idle and client.has_capability("IDLE")):
            self._pause(self._until_next())
            return False
        until = time.monotonic() + self._until_next()
        while (left := until - time.monotonic()) > 0 and self._go_on():
            if self._letters_left.is_set():
                return False
            if imap.wait_for_mail(
                client, min(left, IDLE_SECONDS), imap.Either(self.stop, self._letters_left), self.tick
            ):
                return True
        return False

    def _until_next(self) -> float:
        """Seconds to the next poll: sooner where owed mail is asked for again before."""
        read = (self._places.inbox, self._places.sent) if self._places else ()
        marks = [mark for (name, _), mark in self._bookmarks.items() if name in read]
        again = [one.retry_at for mark in marks for one in mark.owed.values()]
        soonest = min(((at - self.clock()).total_seconds() for at in again), default=self.imap.poll_seconds)
        return min(max(soonest, 1.0), self.imap.poll_seconds)

    def _brake(self, woken: bool, count: int) -> None:
        # Some servers announce the same mails at every IDLE: without this we would poll without a break.
        self._wakes_in_vain = self._wakes_in_vain + 1 if woken and not count else 0
        if self._wakes_in_vain > _PATIENT_WAKES:
            self._pause(min(0.1 * 2.0 ** min(self._wakes_in_vain, 20), self.imap.poll_seconds))

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.stop.wait(min(left, _PAUSE_SLICE)):
            self.tick()

    def _note_failure(self, error: str) -> None:
        try:
            self.store.note_poll(self.mailbox.name, False, error, self.clock())
        except Exception:  # the database itself may be what failed: /healthz tells that
            pass

    # -- the lease and the connection ---------------------------------------------------------------

    @property
    def _lease_seconds(self) -> float:
        """The same however slow the server may be: whoever hangs on it loses nothing by that (heart.py)."""
        return LEASE_SECONDS if self._means.lease_seconds is None else self._means.lease_seconds

    @property
    def _lease(self) -> str:
        return f"mailbox:{self.mailbox.name}"

    def _may_fetch(self) -> bool:
        """Between two batches: whether to go on, and whether there is room for more."""
        self._left_some = self._left_some or self._means.keep.full()
        return not self._left_some and self._go_on()

    def _by(self) -> Held | None:
        return Held(self._lease, self.owner, self._epoch) if self._epoch is not None else None

    def _go_on(self) -> bool:
        """Between two batches or waits: still wanted, and the mailbox still ours."""
        self.tick()
        return not self.stop.is_set() and self._hold()

    def _hold(self) -> bool:
        """Whether this mailbox is ours to read; the store is asked three times a lease at most."""
        seconds, now, epoch = self._lease_seconds, self.clock(), self._epoch
        if epoch is not None and (
            steady.seconds() - self._held < seconds / 3 or self._means.held(self._lease, epoch)
        ):
            return True
        if epoch is None or not self.store.renew_lease(self._lease, self.owner, epoch, now, seconds):
            self._bookmarks.clear()  # whoever had the mailbox in between has read on
            self._folder = None
            self._epoch = self.store.take_lease(self._lease, self.owner, now, seconds)
        self._held = steady.seconds()
        if self._epoch is None:
            self._hang_up()
        return self._epoch is not None

    def _connected(self) -> imap.Client:
        if self._client is not None and time.monotonic() - self._opened > RECONNECT_SECONDS:
            imap.part(self._client)
            self._client = self._folder = None
        if self._client is None:
            self._client, self._sent_seen, self._places = imap.connect(self.imap, self.fetch), None, None
            self._opened = time.monotonic()
        return self._client

    def _hang_up(self) -> None:
        if self._client is not None:
            imap.hang_up(self._client)
        self._client = self._folder = None


def _told(owed: Sequence[OwedMail]) -> list[str]:
    """What is owed, as one reason of a poll that failed."""
    if not owed:
        return []
    named = ", ".join(f"{one.folder} uid {one.uid} ({one.error})" for one in owed[:_NAMED])
    more = ", …" if len(owed) > _NAMED else ""
    mails = "1 mail is" if len(owed) == 1 else f"{len(owed)} mails are"
    return [f"{mails} not given whole by the server, and stay there: {named}{more}"]
