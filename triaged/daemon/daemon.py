"""The composition root: builds everything from the config, runs the loops, reloads, and stops in order.

Threads: one a mailbox, one sender a mailbox, the walk, the HTTP and SMTP doors; APScheduler only ticks.
Nothing lives in memory that a restart could lose: what is to be done stands in the store.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triaged import __version__, maillog
from triaged.config.config import Config
from triaged.daemon import ending, systemd
from triaged.daemon.clockwatch import ClockWatch
from triaged.daemon.health import Health
from triaged.daemon.reload import Reloading
from triaged.daemon.schedule import Ticking
from triaged.edge import cords
from triaged.intake.keep import Keep
from triaged.intake.mailbox import MailboxLoop
from triaged.intake.smtpd import Listening, listen
from triaged.learning import places
from triaged.metrics import Metrics
from triaged.outbox import may_leave
from triaged.outbox.sending import MailboxSender
from triaged.readers.pool import Readers
from triaged.store.open_store import open_store
from triaged.store.rows import Unavailable
from triaged.walk import deadlines, knowledge, owing, triage
from triaged.walk.house import House
from triaged.walk.observing import Observed
from triaged.web.server import HttpDoor

REST_SECONDS = 5.0  # between looks for waiting mail when nothing woke the walk
STALE_SECONDS = 180.0  # a loop without progress for so long is stuck: systemd restarts us
MOST_AHEAD = 64 * 1024 * 1024  # bytes of mail claimed and not recorded, beyond which no more is claimed


def now() -> datetime:
    """The edge's clock: aware UTC."""
    return datetime.now(UTC)


class Daemon:
    """One daemon. `start`, then `stop`; or `once`; `serve` does all of it until a signal comes."""

    def __init__(
        self, config: Config, *, config_path: Path | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        """Everything is read and checked here. Raises Faulty with every complaint, OldSchema, Unavailable."""
        self.config_path, self.clock = config_path, clock
        known = knowledge.gather(config)
        model = places.current(known.models)
        store = open_store(config)
        store.check_schema()
        self.house = House(
            store=store,
            readers=Readers(known.surroundings, model, config.limits.reader_workers),
            knowledge=known,
            secret=store.secret(),
            metrics=Metrics(),
        )
        self.house.metrics.watch(Observed(store), clock)
        self.keep = Keep(store, clock, self.house.mail_waits, self.house.metrics)
        self.stopping = threading.Event()
        self.reload_asked = threading.Event()
        self.ticks: dict[str, float] = {}
        self.listening: Listening | None = None
        self.http: HttpDoor | None = None
        self.threads: list[threading.Thread] = []
        self.senders: list[MailboxSender] = []
        self._health = Health(store, self.stuck, lambda: self.house.knowledge.rulebook.version)
        self.reloading = Reloading(self.house, config_path, clock)
        self.ticking = Ticking(self)
        self.clockwatch = ClockWatch(clock)
        self._owed_to_clock = 0.0  # seconds it was set back by, while the database is away
        self._mail_astray = False  # a claim's answer was lost: some mail may be ours and unknown to us

    # -- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the doors and run the loops; returns when all is ready. Raises Faulty, OSError."""
        self.house.readers.ready()
        config = self.house.knowledge.config
        self._prepare()
        if self.house.store.shared:
            maillog.not_alone()
        if config.listener:
            self.listening = listen(
                config.listener, config.mailboxes, self.keep, config.limits.largest, self.house.metrics
            )
        if config.http:
            self.http = HttpDoor(config.http, self.health, self.house.metrics)
            self.http.start()
        self.ticking.announce()
        self.reloading.note_in_force()  # only now: who fails to start leaves standing what is in force elsewhere
        self.house.store.note("reload.refused", None, self.clock())  # what needed a restart has had it
        self._run("walk", self._walk)
        self._run("reload", self._reload_when_asked)
        for mailbox in config.mailboxes:
            if mailbox.smtp:
                sender = self._sender(mailbox)
                self.senders.append(sender)
                self._run(f"sender-{mailbox.name}", sender.run)
            if mailbox.imap:
                self._run(f"mailbox-{mailbox.name}", self._mailbox_loop(mailbox).run)
        self.ticking.start()
        maillog.ready(__version__, self.house.knowledge.rulebook.version, self.reloading.model_name())

    def stop(self, why: str = "asked to") -> list[str]:
        """End everything in order and in time (triaged/daemon/ending.py); the names of what still hangs."""
        return ending.end(self, why)

    def wake(self) -> None:
        """Whoever waits looks round at once."""
        self.house.mail_came.set()
        self.reload_asked.set()
        self.ring_senders()

    def serve(self) -> None:
        """Run until SIGTERM or SIGINT; SIGHUP reloads. Says READY to systemd and feeds its watchdog."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        signal.signal(signal.SIGHUP, lambda *_: self.reload_asked.set())
        self.start()
        systemd.ready(self._status())
        every = min((systemd.watchdog_seconds() or 30.0) / 3, 10.0)
        while not asked.wait(0.5):
            if time.monotonic() - self.ticks.get("watchdog", 0.0) > every and not self.stuck():
                self.ticks["watchdog"] = time.monotonic()
                systemd.tell("WATCHDOG=1", f"STATUS={self._status()}")
        if self.stop("signal"):
            logging.shutdown()
            os._exit(0)  # Python would wait for what hangs, in a thread pool of a library, for ever

    def once(self) -> list[str]:
        """Poll every mailbox, triage, take what is due, send, and end; the faults met, one line each."""
        from triaged.outbox.sending import send_due

        faults: list[str] = []
        self.house.readers.ready()
        self._prepare()
        for mailbox in self.house.knowledge.config.mailboxes:
            if mailbox.imap:
                loop = self._mailbox_loop(mailbox)
                with _noting(faults, f"mailbox {mailbox.name}"):
                    loop.poll_once()
                with _noting(faults, f"mailbox {mailbox.name}"):
                    loop.close()
        for name, work in (("walk", triage.triage_batch), ("deadlines", deadlines.take_due)):
            with _noting(faults, name):
                while work(self.house, self.clock()):
                    pass
        with _noting(faults, "outbox"):
            send_due(_Sending(self.house), self.clock(), self._leaving())
        quarantined = self.house.store.counts(self.clock()).mail.get("quarantine", 0)
        if quarantined:
            faults.append(f"{quarantined} mails in quarantine: triaged quarantine list")
        self.house.readers.close()
        self.house.store.close()
        return faults

    def reload(self) -> bool:
        """Everything anew or nothing (triaged/daemon/reload.py). A database that is away then must not end the daemon."""
        try:
            return self.reloading.reload()
        except Exception as error:
            maillog.loop_failed("reload", f"{type(error).__name__}: {error}")
            return False

    def _reload_when_asked(self) -> None:
        """The one place where a signal, a changed file and a new model lead to a reload, one after the other."""
        while not self.stopping.is_set():
            self.tick("reload")
            if not self.reload_asked.wait(REST_SECONDS) or self.stopping.is_set():
                continue
            self.reload_asked.clear()  # first: who asks while it runs wants another
            self.ticks.pop("reload", None)  # new readers may take minutes to start: that is not being stuck
            systemd.reloading()
            self.reload()
            if not self.stopping.is_set():
                systemd.ready(self._status())

    def _prepare(self) -> None:
        """What a daemon that died or a clock that was wrong left, each mailbox's digest, and letters of mailboxes that are gone."""
        house, at = self.house, self.clock()
        inherited = house.store.inherit(house.owner, at)
        if inherited:
            maillog.inherited(inherited)
        house.store.bring_forward(at, house.owner)
        deadlines.plan_digests(house, at)
        house.hand_over(at)

    def _look_at_clock(self) -> None:
        """Set back: what waits for a time that was reckoned by the old one must not wait for it."""
        back = self.clockwatch.set_back()
        self._owed_to_clock = max(self._owed_to_clock, back.total_seconds())
        if not self._owed_to_clock:
            return
        work = self.house.store.bring_forward(self.clock(), self.house.owner, seen=True)
        deadlines.plan_digests(self.house, self.clock())
        self.ticking.again()
        self.ring_senders()
        maillog.clock_set_back(self._owed_to_clock, work)
        self._owed_to_clock = 0.0

    # -- loops ---------------------------------------------------------------------------------------

    def _walk(self) -> None:
        """Record one batch while the readers are at the next ones; none is given up for a database away."""
        batches: deque[triage.Batch] = deque()
        while (
            batches or not self.stopping.is_set()
        ):  # what is claimed is finished, else it waits for its lease
            self.tick("walk")
            try:
                self._look_at_clock()
                self._read_ahead(batches)
                if batches:
                    self._record_first(batches)
                else:
                    self.house.mail_came.wait(REST_SECONDS)
                    self.house.mail_came.clear()
            except Exception as error:
                self.loop_failed("walk", error)

    def _record_first(self, batches: deque[triage.Batch]) -> None:
        again = False
        try:
            triage.finish(self.house, batches[0], self.clock())
        except Unavailable:
            again = not self.stopping.is_set()  # else it would wait for its lease
            raise
        finally:
            if not again:
                batches.popleft()
        self.ring_senders()

    def _read_ahead(self, batches: deque[triage.Batch]) -> None:
        """Claim so much that no reader waits for the recorder, and no more than memory can bear."""
        if self._mail_astray:
            held = [mail.id for batch in batches for mail in batch.mails]
            self.house.store.take_back_mail(self.house.owner, held, self.clock())
            self._mail_astray = False
        most = self.house.knowledge.config.limits.reader_workers + 2
        while len(batches) < most and not self.stopping.is_set():
            if batches and not (batches[-1].full and sum(b.size for b in batches) < MOST_AHEAD):
                return
            self._mail_astray = True
            batch = triage.begin(self.house, self.clock())
            self._mail_astray = False
            if batch is None:
                return
            batches.append(batch)

    def _sender(self, mailbox: Any) -> MailboxSender:
        return MailboxSender(
            mailbox,
            store=self.house.store,
            owner=self.house.owner,
            clock=self.clock,
            stop=self.stopping,
            metrics=self.house.metrics,
            tick=lambda: self.tick(f"sender-{mailbox.name}"),
            leaving=self._leaving(),
        )

    def _leaving(self) -> may_leave.MayLeave:
        return may_leave.by_ticket(self.house.store, lambda: self.house.knowledge.rulebook.promises)

    def _mailbox_loop(self, mailbox: Any) -> MailboxLoop:
        return MailboxLoop(
            mailbox,
            store=self.house.store,
            keep=self.keep,
            clock=self.clock,
            stop=self.stopping,
            owner=self.house.owner,
            largest=self.house.knowledge.config.limits.largest,
            tick=lambda: self.tick(f"mailbox-{mailbox.name}"),
            tell=lambda owed: owing.tell(self.house, mailbox, owed, self.clock()),
        )

    def _run(self, name: str, work: Callable[[], None]) -> None:
        self.tick(name)
        thread = cords.Loop(name, work)
        self.threads.append(thread)
        thread.start()

    def tick(self, loop: str) -> None:
        """A loop made progress: the watchdog goes by this."""
        self.ticks[loop] = time.monotonic()
        self.house.metrics.loop_tick.labels(loop).set_to_current_time()

    def loop_failed(self, loop: str, error: BaseException) -> None:
        """A loop met a fault; it goes on after a moment."""
        maillog.loop_failed(loop, f"{type(error).__name__}: {error}"[:500])
        self.house.metrics.loop_failures.labels(loop).inc()
        self.stopping.wait(1.0)

    def ring_senders(self) -> None:
        """Letters were written."""
        for sender in self.senders:
            sender.ring()

    # -- how it fares --------------------------------------------------------------------------------

    def stuck(self) -> list[str]:
        """Loops without progress for too long, or dead."""
        dead = [thread.name for thread in self.threads if not thread.is_alive()]
        late = [
            name
            for name, at in list(self.ticks.items())
            if name != "watchdog" and time.monotonic() - at > STALE_SECONDS
        ]
        return sorted({*dead, *late})

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and what is not."""
        return self._health()

    def _status(self) -> str:
        stuck = self.stuck()
        if stuck:
            return f"stuck: {', '.join(stuck)}"
        return f"rulebook {self.house.knowledge.rulebook.version}, model {self.reloading.model_name()}"


class _Sending:
    """The house as the outbox sees it."""

    def __init__(self, house: House) -> None:
        self.store, self.owner, self.metrics = house.store, house.owner, house.metrics
        self.config = house.knowledge.config


@contextmanager
def _noting(faults: list[str], what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        faults.append(f"{what}: {error or type(error).__name__}")
