"""The sending hand: claims due letters, sends them, records what became of each (promises 3, 8, 10).

Each mailbox has a sender of its own, so that one dead SMTP server holds up nobody else's letters. It
connects before it claims: while a server is away no letter is touched, none grows old by trying, and all
leave when it is back. Only an answer about a letter is a try of it; an outage that meets it on the way is none.
A letter is recorded as sent as soon as the server took it, one by one, and what the database could not take is
kept and written before anything is claimed anew (triaged/outbox/unwritten.py): a crash can double no more than the one
letter whose sending was not recorded yet, and that under one Message-ID.
What cannot be sent is told by log, metric and `status`, never by mail alone.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from triaged import maillog
from triaged.config.config import Mailbox
from triaged.config.servers import Smtp
from triaged.edge.backoff import ASIDE, UNANSWERED_WAITS, URGENT, Backoff, is_between_tries, letter_wait
from triaged.errors import Permanent
from triaged.frozen import frozen
from triaged.letters import kinds
from triaged.metrics import Metrics
from triaged.outbox.claim import Claim
from triaged.outbox.letter_store import LetterStore
from triaged.outbox.may_leave import MayLeave, always
from triaged.outbox.smtp import Late, Line, Lines, Lost, Outage
from triaged.outbox.unwritten import Unwritten
from triaged.store.filing import WAITS_FOR_HOURS
from triaged.store.outbox import Ended
from triaged.store.rows import OutboxLetter, Unavailable
from triaged.vocabulary import counted

LETTERS_A_CLAIM = 20
LEASE = timedelta(minutes=10)
_CLAIM_SECONDS = 300.0  # half the lease: later than that, what is claimed is given back unsent
_OURS_SECONDS = 540.0  # from the claim on: later than that no letter goes out, another daemon may have it
_PATIENT_RUNS = 3  # tries (some 20 minutes) through which a greylisted recipient holds the others back
_REST_SECONDS = 2.0  # between looks for letters; and as soon as a bell can end a wait for the server
_DATABASE_SECONDS = 5.0  # at most between looks whether the database is back
_LOST_IN_A_ROW = 2  # letters whose answers were lost, after which it is the server and not the letter
BACKOFF = Backoff(first=2, cap=24)  # with its jitter half a minute at most


@frozen(kw_only=True)
class Means:
    """What the senders of one daemon share. `leaving` is asked before each letter; `lines` opens connections
    (triaged/outbox/smtp.py); `chance`, 0 to 1, spreads what is tried again. `sent` hears of each mailbox's letter
    whose copy is owed to its Sent folder. `life`: which life of ours this is, None while others may think us dead
    (triaged/daemon/heart.py): then nothing is claimed, and what was claimed stays. `urgent`: whether somebody waits
    for a letter so that every half minute counts.
    """

    store: LetterStore
    owner: str
    clock: Callable[[], datetime]
    stop: threading.Event = field(default_factory=threading.Event)
    metrics: Metrics | None = None
    leaving: MayLeave = always
    lines: Callable[[Smtp], Any] = Lines
    chance: Callable[[], float] = random.random
    sent: Callable[[str], object] = lambda mailbox: None
    life: Callable[[], int | None] = lambda: 0
    urgent: Callable[[OutboxLetter], bool] = lambda _letter: False


def send_due(senders: Sequence[MailboxSender]) -> int:
    """Send once what is due, every mailbox by itself and side by side; how many letters left.

    Raises Outage, after every mailbox has had its turn, where a server could not be used.
    """
    if not senders:
        return 0
    with ThreadPoolExecutor(len(senders), "sender") as pool:
        rounds = [pool.submit(sender.send_once) for sender in senders]
    for sender in senders:
        sender.close()
    return sum(one.result() for one in rounds)


class MailboxSender:
    """Sends one mailbox's letters, turn by turn until `stop` is set, or `send_once`. `ring` when letters were written."""

    def __init__(
        self,
        mailbox: Mailbox,
        means: Means,
        *,
        tick: Callable[[], object] = lambda: None,
        backoff: Backoff = BACKOFF,
    ) -> None:
        """`tick` is called whenever it makes progress or waits as it should."""
        if mailbox.smtp is None:
            raise ValueError(f"mailbox {mailbox.name} has no smtp")
        self.mailbox, self.smtp, self.tick, self.backoff = mailbox, mailbox.smtp, tick, backoff
        self.store, self.owner, self.clock, self.stop = means.store, means.owner, means.clock, means.stop
        self.metrics, self.leaving = means.metrics, means.leaving
        self.lines, self.chance, self._tell_sent = means.lines, means.chance, means.sent
        self.life, self.urgent = means.life, means.urgent
        self.failures = 0
        self._bell = threading.Event()
        self._unwritten = Unwritten(self.stop)
        # A claim is under way, or its answer was lost: what is ours may be unknown to us.
        self._astray = False
        self._sent = 0  # in this round
        self.left = 0  # letters, in all its life
        self.busy = False  # from a ring until nothing is due
        self._lost: list[str] = []  # in a row: letters whose answers were lost
        self._said_well = False
        self._staff_reached = False
        self._came: Mapping[
            int, datetime
        ] = {}  # when the requests of the claimed letters' tickets reached us

    def ring(self) -> None:
        """There may be something to send: do not wait for the next look."""
        self._bell.set()
        self.busy = True

    # -- its turns (triaged/daemon/loops.py) ---------------------------------------------------------

    def wanted(self) -> bool:
        """Until it is told to stop."""
        return not self.stop.is_set()

    def turn(self) -> None:
        """Send what is due; where that is nothing, wait a while to be rung."""
        self.tick()
        sent = self.send_once()
        self.failures = 0
        if not sent:
            self.busy = self._bell.is_set()
            self._bell.wait(_REST_SECONDS)
            self._bell.clear()

    def failed(self, error: Exception) -> None:
        """Wait longer each time nothing left; a new letter ends the wait, for what is true now nobody knows."""
        self.failures = 1 if self._sent else self.failures + 1
        pause = self.backoff.seconds(self.failures, random.random())
        if isinstance(error, Unavailable):
            self._unwritten.doubt()
            pause = min(pause, _DATABASE_SECONDS)
        maillog.loop_failed(f"smtp {self.mailbox.name}", f"{type(error).__name__}: {error}"[:300])
        until = time.monotonic() + pause
        self.stop.wait(min(pause, _REST_SECONDS))
        while (left := until - time.monotonic()) > 0 and not self.stop.is_set():
            self.tick()
            if self._bell.wait(min(left, _REST_SECONDS)):
                break
        self._bell.clear()

    def close(self) -> None:
        """Before the end: what could not be written down yet; else some letters leave twice."""
        if not self._unwritten.settle_at_last():
            lost = f"the database is away: what became of {counted(len(self._unwritten), 'letter')} is not written"
            maillog.loop_failed(f"smtp {self.mailbox.name}", lost)

    # -- a round -------------------------------------------------------------------------------------

    def send_once(self) -> int:
        """Send what is due now; how many letters left. Raises Outage, told in log, metric and `status`."""
        self._sent, self._lost = 0, []
        self._settle()
        due = self.store.next_letter_at(self.mailbox.name)
        if due is None or due > self.clock():
            return 0
        try:
            self._send_all()
        except Outage as error:
            self._tell_outage(str(error))
            raise
        if self._lost:
            self._tell_outage(self._lost[-1])
        else:
            self._tell_well()
        return self._sent

    def _settle(self) -> None:
        """Before anything new: what we know is written down, and what is ours and unknown to us is freed."""
        self._unwritten.settle()
        if self._astray:
            self.store.take_back_letters(self.owner, self.mailbox.name, self.clock())
            self._astray = False

    def _send_all(self) -> None:
        with self.lines(self.smtp) as lines:
            while not self.stop.is_set() and (claim := self._claim()).letters:
                self._send_claimed(lines, claim)

    def _claim(self) -> Claim:
        self._settle()
        life = self.life()
        if life is None:
            return Claim((), self.clock(), time.monotonic())
        at, began, self._astray = self.clock(), time.monotonic(), True
        letters = self.store.claim_letters(LETTERS_A_CLAIM, at, self.owner, LEASE, self.mailbox.name)
        self._astray = False
        return Claim(letters, at, began, life)

    def _send_claimed(self, lines: Lines, claim: Claim) -> None:
        """Each in turn; what is not reached is given back, so that it need not wait for the lease to end."""
        untouched = list(claim.letters)
        try:
            bounced = self.store.failed_of(a for letter in untouched for a in (*letter.to, *letter.cc))
            self._came = self.store.arrivals(letter.ticket_id for letter in untouched if letter.ticket_id)
            while untouched and not self.stop.is_set() and self._has(claim, _CLAIM_SECONDS):
                lines.fresh()
                self._sent += self._deliver(lines, untouched[0], bounced, claim)
                del untouched[0]
                self.tick()
        finally:
            self._give_back(untouched)

    def _has(self, claim: Claim, seconds: float) -> bool:
        """Whether what was claimed is ours still."""
        return not claim.older(seconds, self.clock()) and not claim.outlived(self.life())

    def _give_back(self, letters: Sequence[OutboxLetter]) -> None:
        """Whose fate was written, or is kept to be, is not ours any more when its turn comes: nothing happens to it."""
        for letter in letters:
            self._unwritten.keep(self._put_off(letter.id, "given back unsent", self.clock(), "untried"))
        with suppress(Unavailable):  # kept until it is back
            self._unwritten.settle()

    def _put_off(self, letter_id: int, error: str, at: datetime, ended: Ended) -> Callable[[], bool]:
        return lambda: self.store.letter_retry(letter_id, self.owner, error, at, ended)

    def _deliver(self, lines: Lines, letter: OutboxLetter, bounced: frozenset[str], claim: Claim) -> bool:
        """One letter to its fate; True if it left. Raises Outage, with the letter put off."""
        if letter.expires is not None and letter.expires <= self.clock():
            return self._withdraw(letter, "expired before it could be sent")
        leave = self.leaving(letter, self.clock())
        if leave.withdraw:
            return self._withdraw(letter, leave.withdraw)
        if leave.wait_until is not None:
            return self._wait(letter, WAITS_FOR_HOURS, leave.wait_until)
        to = [a for a in letter.to if a.lower() not in bounced]
        cc = [a for a in letter.cc if a.lower() not in bounced]
        if not to and not cc:
            return self._withdraw(letter, "letters to its addresses came back before")
        try:
            refused = self._hand_over(lines, letter, to or cc, cc, claim)
        except Outage as error:
            self._later(letter, str(error), ASIDE * (0.75 + self.chance() / 2), "untried")
            raise
        except Lost as error:
            return self._unanswered(letter, str(error))
        except Late as error:
            return self._wait(letter, str(error), self.clock())
        except Permanent as error:
            self._lost = []
            return self._failed(letter, str(error))
        except Exception as error:  # a fault of ours that one letter brings out must not stop the others
            return self._again(letter, str(error) or type(error).__name__)
        return self._left(letter, [f"{address}: {words}" for address, words in refused.items()])

    def _hand_over(
        self, lines: Lines, letter: OutboxLetter, to: Sequence[str], cc: Sequence[str], claim: Claim
    ) -> Mapping[str, str]:
        """A server that ends a connection after so many letters gets this one on the next."""

        def send(line: Line) -> Mapping[str, str]:
            return line.send(
                self._envelope_from,
                to,
                cc,
                letter.raw,
                patient=letter.runs <= _PATIENT_RUNS,
                ours=lambda: self._has(claim, _OURS_SECONDS),
            )

        line = lines.fresh()
        try:
            return send(line)
        except Outage:
            if not line.carried:
                raise
        return send(lines.fresh())

    @property
    def _envelope_from(self) -> str:
        return self.smtp.bounce_address or self.mailbox.address

    # -- what became of a letter --------------------------------------------------------------------

    def _left(self, letter: OutboxLetter, refused: Sequence[str]) -> bool:
        now, self._lost = self.clock(), []
        self.left += 1
        to_file = self.smtp.copy_to_sent and letter.audience == "partner"
        sent = partial(self.store.letter_sent, letter.id, self.owner, now, refused, to_file=to_file)
        self._unwritten.write(sent, lasting=False)
        maillog.letter_sent(letter.id, letter.kind, letter.mailbox)
        self._count("sent")
        self._time(letter, now)
        if to_file:
            self._tell_sent(self.mailbox.name)
        if letter.audience == "staff" and not self._staff_reached:
            self._staff_reached = True
            self._note("letters:staff", None)
        return True

    def _again(self, letter: OutboxLetter, error: str) -> bool:
        """The server said: not now."""
        self._lost = []
        wait = letter_wait(letter.runs, self.chance())
        if wait is None:
            return self._failed(letter, f"given up after {letter.runs} tries: {error}")
        if wait > URGENT and self.urgent(letter):
            age = self.clock() - (letter.written_at or self.clock())
            ended: Ended = "untried" if is_between_tries(letter.runs, age) else "refused"
            return self._later(letter, error, URGENT * (0.75 + self.chance() / 2), ended)
        return self._later(letter, error, wait, "refused")

    def _unanswered(self, letter: OutboxLetter, error: str) -> bool:
        """No try, yet it may have been taken: each time once more, it waits longer. Raises Outage after some in a row."""
        wait = letter_wait(letter.unanswered + 1, self.chance(), UNANSWERED_WAITS)
        self._lost.append(error)
        if wait is None:
            return self._failed(letter, f"given up: {letter.unanswered + 1} times {error}")
        self._later(letter, error, wait, "unanswered")
        if len(self._lost) >= _LOST_IN_A_ROW:
            raise Outage(error)
        return False

    def _later(self, letter: OutboxLetter, error: str, wait: timedelta, ended: Ended) -> bool:
        self._unwritten.write(self._put_off(letter.id, error, self.clock() + wait, ended))
        maillog.letter_retry(letter.id, letter.kind, error, wait.total_seconds())
        self._count("retry")
        return False

    def _wait(self, letter: OutboxLetter, why: str, until: datetime) -> bool:
        """No fault of anybody: it is night where it goes, or we overslept."""
        self._unwritten.write(self._put_off(letter.id, why, until, "untried"))
        return False

    def _failed(self, letter: OutboxLetter, error: str) -> bool:
        now = self.clock()
        self._unwritten.write(lambda: self.store.letter_failed(letter.id, self.owner, error, now))
        maillog.letter_failed(letter.id, letter.kind, error)
        self._count("failed")
        if letter.audience == "staff":  # no letter can tell them that letters to them fail
            self._staff_reached = False
            self._note("letters:staff", {"letter": letter.id, "kind": letter.kind, "error": error})
        return False

    def _withdraw(self, letter: OutboxLetter, why: str) -> bool:
        now = self.clock()
        self._unwritten.write(lambda: self.store.withdraw(letter.id, why, now, owner=self.owner))
        maillog.letter_withdrawn(letter.id, letter.kind, why)
        self._count("withdrawn")
        return False

    # -- an outage ----------------------------------------------------------------------------------

    def _tell_outage(self, error: str) -> None:
        self._said_well = False
        self._count("outage")
        self._note(f"smtp:{self.mailbox.name}", {"ok": False, "error": error})

    def _tell_well(self) -> None:
        if not self._said_well:
            self._note(f"smtp:{self.mailbox.name}", {"ok": True, "error": None})
            self._said_well = True

    def _time(self, letter: OutboxLetter, now: datetime) -> None:
        """How long it took from a request's arrival to its acknowledgment."""
        came = self._came.get(letter.ticket_id or 0)
        if (
            self.metrics is not None
            and came is not None
            and kinds.of(letter.kind).counts_as == "acknowledgment"
        ):
            self.metrics.acknowledged.observe(max((now - came).total_seconds(), 0.0))

    def _count(self, outcome: str) -> None:
        if self.metrics is not None:
            self.metrics.letters.labels(outcome).inc()

    def _note(self, name: str, value: dict[str, Any] | None) -> None:
        try:
            self.store.note(name, value, self.clock())
        except Unavailable:  # the log and the metric have it
            pass
