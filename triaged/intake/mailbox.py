"""The IMAP door: one thread and one connection a mailbox, which never waits for another mailbox.

A poll: hold the mailbox's lease, be connected, read the inbox and what is new in the Sent folder
(triaged/intake/folder.py). Between polls: IDLE. Whatever goes wrong, the connection is given up and built
anew after a growing pause, for ever: no fault disables a mailbox, and starting over anywhere loses and
doubles nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from imapclient.exceptions import IMAPClientError

from triaged import maillog
from triaged.backoff import Backoff
from triaged.config import Mailbox
from triaged.intake import fetch, folder, imap
from triaged.intake.bookmark import Bookmark
from triaged.intake.folder import Door, Folder
from triaged.intake.imap import said
from triaged.intake.keep import Clock, Keep

RECONNECT_SECONDS = 25 * 60  # before the 29 minutes after which servers end an IDLE
IDLE_SECONDS = 60
LEASE_SECONDS = 180
BACKOFF = Backoff(first=1, cap=120)
_PAUSE_SLICE = 2.0
_PATIENT_WAKES = 3


class Ledger(folder.Ledger, Protocol):
    """What a mailbox asks of the store, beside keeping."""

    def note_poll(self, mailbox: str, ok: bool, error: str | None, now: datetime) -> None:
        """A poll went well or badly."""

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> int | None:
        """Ours, or None."""

    def renew_lease(self, name: str, owner: str, epoch: int, now: datetime, seconds: float) -> bool:
        """Still ours."""

    def drop_lease(self, name: str, owner: str, epoch: int) -> bool:
        """Somebody else's turn."""


class MailboxLoop:
    """Reads one mailbox: `run` until `stop` is set; or `poll_once` as often as one likes, then `close`.

    `owner`: this daemon's name, unique in the world. `tick` is called whenever it makes progress or
    waits as it should, every two seconds plus at most one network timeout: the watchdog listens.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        store: Ledger,
        keep: Keep,
        clock: Clock,
        stop: threading.Event,
        owner: str,
        mail_size: int = 25 * 1024 * 1024,
        tick: Callable[[], object] = lambda: None,
        backoff: Backoff = BACKOFF,
    ) -> None:
        if mailbox.imap is None:
            raise ValueError(f"mailbox {mailbox.name} has no imap")
        self.mailbox, self.imap, self.store = mailbox, mailbox.imap, store
        self.clock, self.stop, self.owner, self.tick, self.backoff = clock, stop, owner, tick, backoff
        self.failures = 0
        self._door = Door(mailbox, mailbox.imap, store, keep, clock, mail_size, self._go_on)
        self._client: imap.Client | None = None
        self._folder: Folder | None = None
        self._bookmarks: dict[tuple[str, int], Bookmark] = {}
        self._opened = self._held = 0.0
        self._epoch: int | None = None
        self._sent_seen: tuple[int, int] | None = None
        self._wakes_in_vain = 0

    def run(self) -> None:
        """Poll and wait until `stop`; no exception ends it."""
        try:
            while not self.stop.is_set():
                self._turn()
        finally:
            self.close()

    def _turn(self) -> None:
        try:
            count = self.poll_once()
            if self._client is None:
                self._pause(LEASE_SECONDS / 3)  # another daemon reads this mailbox: stand by
                return
            woken = self._wait(self._client)
            self.failures = 0
            self._brake(woken, count)
        except Exception as error:
            self._back_off(error)

    def poll_once(self) -> int:
        """Read what is new; how many mails were new to us; 0 also where another daemon holds the mailbox.

        Raises whatever went wrong, noted, with the connection given up.
        """
        self.tick()
        try:
            if not self._hold():
                return 0
            count = self._poll(self._connected())
            self.store.note_poll(self.mailbox.name, True, None, self.clock())
        except BaseException as error:
            self._hang_up()
            self._note_failure(said(error))
            raise
        if count:
            maillog.polled(self.mailbox.name, count)
        return count

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

    def _poll(self, client: imap.Client) -> int:
        count = self._selected(client, self.imap.folder).read()
        if self.imap.sent_folder is not None and self._sent_has_news(client, self.imap.sent_folder):
            count += self._selected(client, self.imap.sent_folder, sent=True).read()
            count += self._selected(client, self.imap.folder).read()  # IDLE must listen to the inbox
        return count

    def _selected(self, client: imap.Client, name: str, *, sent: bool = False) -> Folder:
        if self._folder is None or self._folder.name != name:
            self._folder = None
            self._folder = Folder(self._door, client, name, self._bookmarks, sent=sent)
        return self._folder

    def _sent_has_news(self, client: imap.Client, name: str) -> bool:
        """Whether the Sent folder has changed since last read; one that is not there is told, not fatal."""
        try:
            told = client.folder_status(name, ["UIDNEXT", "UIDVALIDITY"])
        except fetch.BROKEN:
            raise
        except IMAPClientError as error:
            if self._sent_seen != (0, 0):
                maillog.poll_failed(f"{self.mailbox.name}/{name}", said(error), self.imap.poll_seconds)
                folder.absent(self._door, name)
            self._sent_seen = (0, 0)
            return False
        seen, self._sent_seen = self._sent_seen, (told[b"UIDVALIDITY"], told[b"UIDNEXT"])
        return seen != self._sent_seen

    # -- waiting ------------------------------------------------------------------------------------

    def _wait(self, client: imap.Client) -> bool:
        """Until mail is announced (True) or `poll_seconds` are over."""
        if not (self.imap.idle and client.has_capability("IDLE")):
            self._pause(self.imap.poll_seconds)
            return False
        until = time.monotonic() + self.imap.poll_seconds
        while (left := until - time.monotonic()) > 0 and self._go_on():
            if imap.wait_for_mail(client, min(left, IDLE_SECONDS), self.stop, self.tick):
                return True
        return False

    def _brake(self, woken: bool, count: int) -> None:
        # Some servers announce the same mails at every IDLE: without this we would poll without a break.
        self._wakes_in_vain = self._wakes_in_vain + 1 if woken and not count else 0
        if self._wakes_in_vain > _PATIENT_WAKES:
            self._pause(min(0.1 * 2.0 ** min(self._wakes_in_vain, 20), self.imap.poll_seconds))

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.stop.wait(min(left, _PAUSE_SLICE)):
            self.tick()

    def _back_off(self, error: Exception) -> None:
        self._hang_up()
        self.failures += 1
        pause = self.backoff.seconds(self.failures, random.random())
        maillog.poll_failed(self.mailbox.name, said(error), pause)
        self._pause(pause)

    def _note_failure(self, error: str) -> None:
        try:
            self.store.note_poll(self.mailbox.name, False, error, self.clock())
        except Exception:  # the database itself may be what failed: /healthz tells that
            pass

    # -- the lease and the connection ---------------------------------------------------------------

    @property
    def _lease(self) -> str:
        return f"mailbox:{self.mailbox.name}"

    def _go_on(self) -> bool:
        """Between two batches or waits: still wanted, and the mailbox still ours."""
        self.tick()
        return not self.stop.is_set() and self._hold()

    def _hold(self) -> bool:
        """Whether this mailbox is ours to read; the store is asked once a minute at most."""
        if self._epoch is not None and time.monotonic() - self._held < LEASE_SECONDS / 3:
            return True
        seconds, now, epoch = max(LEASE_SECONDS, 3 * self.imap.timeout_seconds), self.clock(), self._epoch
        if epoch is None or not self.store.renew_lease(self._lease, self.owner, epoch, now, seconds):
            self._bookmarks.clear()  # whoever had the mailbox in between has read on
            self._epoch = self.store.take_lease(self._lease, self.owner, now, seconds)
        self._held = time.monotonic()
        if self._epoch is None:
            self._hang_up()
        return self._epoch is not None

    def _connected(self) -> imap.Client:
        if self._client is not None and time.monotonic() - self._opened > RECONNECT_SECONDS:
            imap.part(self._client)
            self._client = self._folder = None
        if self._client is None:
            self._client, self._sent_seen = imap.connect(self.imap), None
            self._opened = time.monotonic()
        return self._client

    def _hang_up(self) -> None:
        if self._client is not None:
            imap.hang_up(self._client)
        self._client = self._folder = None
