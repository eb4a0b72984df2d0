"""The sending hand: claims due letters, sends them, records what became of each (promises 3, 8, 10).

Each mailbox has a sender of its own, so that one dead SMTP server holds up nobody else's letters. It
connects before it claims: while a server is away no letter is touched, none grows old by trying, and all
leave when it is back. A letter is recorded as sent as soon as the server took it, one by one: a crash can
double no more than the one letter whose sending was not recorded yet, and that under one Message-ID.
What cannot be sent is told by log, metric and `status`, never by mail alone.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

from triaged import maillog
from triaged.backoff import Backoff, letter_wait
from triaged.config import Config, Mailbox, Smtp
from triaged.errors import Permanent, Temporary
from triaged.leaving import MayLeave, always
from triaged.metrics import Metrics
from triaged.sender import Line, Lines, Outage
from triaged.store.values import OutboxLetter, Unavailable

LETTERS_A_CLAIM = 20
LEASE = timedelta(minutes=10)
_CLAIM_SECONDS = 300.0  # half the lease: later than that, what is claimed is given back unsent
_PATIENT_RUNS = 3  # tries (some 20 minutes) through which a greylisted recipient holds the others back
_REST_SECONDS = 2.0
_RECORDING_TRIES = 5
BACKOFF = Backoff(first=2, cap=300)


class Ledger(Protocol):
    """What is asked of the store."""

    def next_letter_at(self, mailbox: str | None = None) -> datetime | None:
        """When there is something to send."""

    def claim_letters(
        self, limit: int, now: datetime, owner: str, lease: timedelta, mailbox: str | None = None
    ) -> list[OutboxLetter]:
        """Ours for a while."""

    def letter_sent(self, letter_id: int, owner: str, now: datetime, refused: Sequence[str] = ()) -> bool:
        """Taken."""

    def letter_retry(self, letter_id: int, owner: str, error: str, at: datetime) -> bool:
        """Later."""

    def letter_failed(self, letter_id: int, owner: str, error: str, now: datetime) -> bool:
        """Never."""

    def withdraw(
        self, letter_id: int, reason: str, now: datetime, owner: str | None = None, actor: str = "daemon"
    ) -> bool:
        """Not any more."""

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Addresses our letters bounced from."""

    def note(self, name: str, value: Any, now: datetime) -> None:
        """Tell `status`."""


class House(Protocol):
    """What `send_due` needs of the daemon."""

    @property
    def store(self) -> Ledger: ...
    @property
    def config(self) -> Config: ...
    @property
    def owner(self) -> str: ...
    @property
    def metrics(self) -> Metrics | None: ...


def send_due(house: House, now: datetime, leaving: MayLeave = always) -> int:
    """Send once what is due, every mailbox by itself and side by side; how many letters left.

    Raises Outage, after every mailbox has had its turn, where a server could not be used.
    """
    senders = [
        MailboxSender(
            m,
            store=house.store,
            owner=house.owner,
            clock=lambda: now,
            metrics=house.metrics,
            leaving=leaving,
        )
        for m in house.config.mailboxes
        if m.smtp is not None
    ]
    if not senders:
        return 0
    with ThreadPoolExecutor(len(senders), "sender") as pool:
        rounds = [pool.submit(sender.send_once) for sender in senders]
    faults = [error for one in rounds if (error := one.exception()) is not None]
    if faults:
        raise faults[0]
    return sum(one.result() for one in rounds)


class MailboxSender:
    """Sends one mailbox's letters: `run` until `stop` is set, or `send_once`. `ring` when letters were written."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        store: Ledger,
        owner: str,
        clock: Callable[[], datetime],
        stop: threading.Event | None = None,
        metrics: Metrics | None = None,
        tick: Callable[[], object] = lambda: None,
        backoff: Backoff = BACKOFF,
        leaving: MayLeave = always,
        lines: Callable[[Smtp], Any] = Lines,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`leaving` is asked before each letter; `lines` opens connections (triaged/sender.py).
        `chance`, 0 to 1, spreads what is tried again.
        """
        if mailbox.smtp is None:
            raise ValueError(f"mailbox {mailbox.name} has no smtp")
        self.mailbox, self.smtp, self.store, self.owner = mailbox, mailbox.smtp, store, owner
        self.clock, self.metrics, self.tick, self.backoff = clock, metrics, tick, backoff
        self.leaving, self.lines, self.chance = leaving, lines, chance
        self.stop = stop or threading.Event()
        self.failures = 0
        self._bell = threading.Event()
        self._said_well = False
        self._staff_reached = False

    def ring(self) -> None:
        """There may be something to send: do not wait for the next look."""
        self._bell.set()

    def run(self) -> None:
        """Send until `stop`; no exception ends it."""
        while not self.stop.is_set():
            self.tick()
            try:
                sent = self.send_once()
                self.failures = 0
            except Exception as error:
                self._back_off(error)
            else:
                if not sent:
                    self._bell.wait(_REST_SECONDS)
                    self._bell.clear()

    def send_once(self) -> int:
        """Send what is due now; how many letters left. Raises Outage, told in log, metric and `status`."""
        due = self.store.next_letter_at(self.mailbox.name)
        if due is None or due > self.clock():
            return 0
        try:
            sent = self._send_all()
        except Outage as error:
            self._tell_outage(str(error))
            raise
        self._tell_well()
        return sent

    def _send_all(self) -> int:
        sent = 0
        with self.lines(self.smtp) as lines:
            while not self.stop.is_set() and (letters := self._claim()):
                sent += self._send_claimed(lines, letters)
        return sent

    def _claim(self) -> list[OutboxLetter]:
        return self.store.claim_letters(LETTERS_A_CLAIM, self.clock(), self.owner, LEASE, self.mailbox.name)

    def _send_claimed(self, lines: Lines, letters: Sequence[OutboxLetter]) -> int:
        """Each in turn; what is not reached is given back, so that it need not wait for the lease to end."""
        sent, until, untouched = 0, time.monotonic() + _CLAIM_SECONDS, list(letters)
        bounced = self.store.failed_of(a for letter in letters for a in (*letter.to, *letter.cc))
        try:
            while untouched and time.monotonic() < until and not self.stop.is_set():
                line = lines.fresh()
                sent += self._deliver(line, untouched.pop(0), bounced)
                self.tick()
        finally:
            self._give_back(untouched)
        return sent

    def _give_back(self, letters: Sequence[OutboxLetter]) -> None:
        with suppress(Unavailable):  # then their leases run out
            for letter in letters:
                self.store.letter_retry(letter.id, self.owner, "given back unsent", self.clock())

    def _deliver(self, line: Line, letter: OutboxLetter, bounced: frozenset[str]) -> bool:
        """One letter to its fate; True if it left. Raises Outage, with the letter put off."""
        if letter.expires is not None and letter.expires <= self.clock():
            return self._withdraw(letter, "expired before it could be sent")
        leave = self.leaving(letter, self.clock())
        if leave.withdraw:
            return self._withdraw(letter, leave.withdraw)
        if leave.wait_until is not None:
            return self._hold(letter, leave.wait_until)
        to = [a for a in letter.to if a.lower() not in bounced]
        cc = [a for a in letter.cc if a.lower() not in bounced]
        if not to and not cc:
            return self._withdraw(letter, "letters to its addresses came back before")
        try:
            refused = line.send(
                self._envelope_from, to or cc, cc, letter.raw, patient=letter.runs <= _PATIENT_RUNS
            )
        except Permanent as error:
            return self._failed(letter, str(error))
        except Outage as error:
            self._later(letter, str(error))
            raise
        except Temporary as error:
            return self._later(letter, str(error))
        return self._sent(letter, [f"{address}: {words}" for address, words in refused.items()])

    @property
    def _envelope_from(self) -> str:
        return self.smtp.bounce_address or self.mailbox.address

    # -- what became of a letter --------------------------------------------------------------------

    def _sent(self, letter: OutboxLetter, refused: Sequence[str]) -> bool:
        self._record(lambda: self.store.letter_sent(letter.id, self.owner, self.clock(), refused))
        maillog.letter_sent(letter.id, letter.kind, letter.mailbox)
        self._count("sent")
        if letter.audience == "staff" and not self._staff_reached:
            self._staff_reached = True
            self._note("letters:staff", None)
        return True

    def _later(self, letter: OutboxLetter, error: str) -> bool:
        wait = letter_wait(letter.runs, self.chance())
        if wait is None:
            return self._failed(letter, f"given up after {letter.runs} tries: {error}")
        at = self.clock() + wait
        self._record(lambda: self.store.letter_retry(letter.id, self.owner, error, at))
        maillog.letter_retry(letter.id, letter.kind, error, wait.total_seconds())
        self._count("retry")
        return False

    def _hold(self, letter: OutboxLetter, until: datetime) -> bool:
        """No fault of anybody: it is night where it goes."""
        self._record(lambda: self.store.letter_retry(letter.id, self.owner, "waits for its hours", until))
        return False

    def _failed(self, letter: OutboxLetter, error: str) -> bool:
        now = self.clock()
        self._record(lambda: self.store.letter_failed(letter.id, self.owner, error, now))
        maillog.letter_failed(letter.id, letter.kind, error)
        self._count("failed")
        if letter.audience == "staff":  # no letter can tell them that letters to them fail
            self._staff_reached = False
            self._note("letters:staff", {"letter": letter.id, "kind": letter.kind, "error": error})
        return False

    def _withdraw(self, letter: OutboxLetter, why: str) -> bool:
        self._record(lambda: self.store.withdraw(letter.id, why, self.clock(), owner=self.owner))
        maillog.letter_withdrawn(letter.id, letter.kind, why)
        self._count("withdrawn")
        return False

    def _record(self, write: Callable[[], bool]) -> None:
        """Write down what happened; a database that blinks now would cost a second copy of the letter."""
        for _ in range(_RECORDING_TRIES - 1):
            try:
                write()
                return
            except Unavailable:
                self.stop.wait(1)
        write()

    # -- an outage ----------------------------------------------------------------------------------

    def _back_off(self, error: Exception) -> None:
        self.failures += 1
        pause = self.backoff.seconds(self.failures, random.random())
        maillog.loop_failed(f"smtp {self.mailbox.name}", f"{type(error).__name__}: {error}"[:300])
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0 and not self.stop.wait(min(left, _REST_SECONDS)):
            self.tick()

    def _tell_outage(self, error: str) -> None:
        self._said_well = False
        self._count("outage")
        self._note(f"smtp:{self.mailbox.name}", {"ok": False, "error": error})

    def _tell_well(self) -> None:
        if not self._said_well:
            self._note(f"smtp:{self.mailbox.name}", {"ok": True, "error": None})
            self._said_well = True

    def _count(self, outcome: str) -> None:
        if self.metrics is not None:
            self.metrics.letters.labels(outcome).inc()

    def _note(self, name: str, value: dict[str, Any] | None) -> None:
        try:
            self.store.note(name, value, self.clock())
        except Unavailable:  # the log and the metric have it
            pass
