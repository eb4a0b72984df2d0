"""The composition root: builds everything from the config, runs the loops, reloads, and stops in order.

Threads: one a mailbox, one sender a mailbox, the walk, the HTTP and SMTP doors; APScheduler only ticks.
Nothing lives in memory that a restart could lose: what is to be done stands in the store.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from triaged import __version__, deadlines, knowledge, maillog, notify, rejudging, triage
from triaged.config import Config
from triaged.errors import Faulty
from triaged.house import House
from triaged.http import HttpDoor
from triaged.intake.keep import Keep
from triaged.intake.mailbox import MailboxLoop
from triaged.intake.smtpd import Listening, listen
from triaged.learning import places
from triaged.letters import compose
from triaged.metrics import Metrics
from triaged.observing import Observed
from triaged.opened_store import open_store
from triaged.outbox import MailboxSender
from triaged.readers import Readers
from triaged.recording import Pen, desk_of
from triaged.store.values import Unavailable

REST_SECONDS = 5.0  # between looks for waiting mail when nothing woke the walk
STALE_SECONDS = 180.0  # a loop without progress for so long is stuck: systemd restarts us
JOIN_SECONDS = 20.0


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
        self._scheduler: Any = None
        self._watched: tuple[float, ...] = ()

    # -- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the doors and run the loops; returns when all is ready. Raises Faulty, OSError."""
        self.house.readers.ready()
        config = self.house.knowledge.config
        deadlines.plan_digests(self.house, self.clock())
        self._note_in_force()
        if config.listener:
            self.listening = listen(
                config.listener, config.mailboxes, self.keep, config.limits.mail_size, self.house.metrics
            )
        if config.http:
            self.http = HttpDoor(config.http.host, config.http.port, self.health, self.house.metrics.text)
            self.http.start()
        self._run("walk", self._walk)
        for mailbox in config.mailboxes:
            if mailbox.smtp:
                sender = self._sender(mailbox)
                self.senders.append(sender)
                self._run(f"sender-{mailbox.name}", sender.run)
            if mailbox.imap:
                self._run(f"mailbox-{mailbox.name}", self._mailbox_loop(mailbox).run)
        self._start_ticking()
        maillog.ready(__version__, self.house.knowledge.rulebook.version, self._model_name())

    def stop(self, why: str = "asked to") -> None:
        """End every loop in order: doors first, then the walk, then the senders."""
        maillog.stopping(why)
        notify.stopping()
        if self.listening:
            self.listening.stop()
        self.stopping.set()
        self._ring_all()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
        for thread in self.threads:
            thread.join(JOIN_SECONDS)
        if self.http:
            self.http.stop()
        self.house.readers.close()
        self.house.store.close()

    def serve(self) -> None:
        """Run until SIGTERM or SIGINT; SIGHUP reloads. Says READY to systemd and feeds its watchdog."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        signal.signal(signal.SIGHUP, lambda *_: self.reload_asked.set())
        self.start()
        notify.ready(self._status())
        every = min((notify.watchdog_seconds() or 30.0) / 3, 10.0)
        while not asked.wait(0.5):
            if self.reload_asked.is_set():
                self.reload_asked.clear()
                notify.reloading()
                self.reload()
                notify.ready(self._status())
            if time.monotonic() - self.ticks.get("watchdog", 0.0) > every and not self.stuck():
                self.ticks["watchdog"] = time.monotonic()
                notify.tell("WATCHDOG=1", f"STATUS={self._status()}")
        self.stop("signal")

    def once(self) -> list[str]:
        """Poll every mailbox, triage, take what is due, send, and end; the faults met, one line each."""
        from triaged.outbox import send_due

        faults: list[str] = []
        self.house.readers.ready()
        deadlines.plan_digests(self.house, self.clock())
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
            send_due(_Sending(self.house), self.clock())
        quarantined = self.house.store.counts(self.clock()).mail.get("quarantine", 0)
        if quarantined:
            faults.append(f"{quarantined} mails in quarantine: triaged quarantine list")
        self.house.readers.close()
        self.house.store.close()
        return faults

    # -- reload --------------------------------------------------------------------------------------

    def reload(self) -> bool:
        """Build everything anew and swap one reference, or change nothing but a gauge, a log line and a letter."""
        from triaged import config as configs

        house = self.house
        try:
            config = configs.load(self.config_path) if self.config_path else house.knowledge.config
            self._only_what_can_change(config)
            fresh = knowledge.gather(config)
            house.readers.replace(fresh.surroundings, places.current(fresh.models))
        except Faulty as fault:
            self._refused(fault.lines)
            return False
        except Exception as error:
            self._refused((f"{type(error).__name__}: {error}",))
            return False
        directory_changed = fresh.directory.version != house.knowledge.directory.version
        house.knowledge = fresh
        house.metrics.reload_ok.set(1)
        self._note_in_force()
        house.store.note("reload.refused", None, self.clock())
        maillog.reloaded(fresh.rulebook.version, self._model_name(), fresh.directory.version)
        if directory_changed:
            rejudging.judge_again(house, self.clock())
        return True

    def _only_what_can_change(self, config: Config) -> None:
        """Doors, database and mailboxes are built at the start; changing them needs a restart."""
        old = self.house.knowledge.config
        for name in ("database", "mailboxes", "listener", "http"):
            if getattr(config, name) != getattr(old, name):
                raise Faulty(f"{name} has changed: that needs a restart (systemctl restart triaged)")

    def _refused(self, lines: tuple[str, ...]) -> None:
        house, at = self.house, self.clock()
        house.metrics.reload_ok.set(0)
        maillog.reload_refused("; ".join(lines[:5]))
        try:
            house.store.note("reload.refused", {"lines": list(lines[:50])}, at)
            known = house.knowledge
            desk = desk_of(known.config.mailboxes[0], known.config)
            letter = compose.rulebook_refused(lines, known.rulebook.letters, desk, at)
            with house.store.transaction() as tx:
                Pen(tx, known.config, known.rulebook, house.secret, at).write_from_desk(
                    [letter] if letter else []
                )
            house.letters_wait()
        except Unavailable as error:
            maillog.loop_failed("reload", str(error))

    # -- loops ---------------------------------------------------------------------------------------

    def _walk(self) -> None:
        """Read the next batch while the last one is recorded."""
        house = self.house
        ahead: triage.Batch | None = None
        while not self.stopping.is_set():
            self._tick("walk")
            try:
                batch = ahead or triage.begin(house, self.clock())
                ahead = None
                if batch is None:
                    house.mail_came.wait(REST_SECONDS)
                    house.mail_came.clear()
                    continue
                ahead = triage.begin(house, self.clock()) if len(batch.mails) == triage.BATCH else None
                triage.finish(house, batch, self.clock())
                for sender in self.senders:
                    sender.ring()
            except Exception as error:
                self._loop_failed("walk", error)

    def _start_ticking(self) -> None:
        from apscheduler.events import EVENT_JOB_ERROR
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(2), "slow": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_job(self._take_due, "interval", seconds=1)
        scheduler.add_job(self._heartbeat, "interval", seconds=15, next_run_time=datetime.now(UTC))
        scheduler.add_job(self._watch_rulebook, "interval", seconds=2)
        scheduler.add_job(self._look_at_directory, "interval", minutes=10, next_run_time=datetime.now(UTC))
        scheduler.add_job(self._train, "interval", minutes=30, executor="slow")
        scheduler.add_listener(lambda event: self._loop_failed("tick", event.exception), EVENT_JOB_ERROR)
        scheduler.start()
        self._scheduler = scheduler

    def _take_due(self) -> None:
        self._tick("deadlines")
        while not self.stopping.is_set() and deadlines.take_due(self.house, self.clock()):
            for sender in self.senders:
                sender.ring()

    def _heartbeat(self) -> None:
        at = self.clock()
        value = {
            "version": __version__,
            "threads": {n: round(time.monotonic() - t, 1) for n, t in self.ticks.items()},
        }
        self.house.store.note(f"daemon.{self.house.owner}", value, at)

    def _look_at_directory(self) -> None:
        """A directory that nobody renews makes wrong severities quietly: tell of it."""
        files = self.house.knowledge.config.directory
        if files.max_age is None:
            return
        age = timedelta(
            seconds=time.time() - min(p.stat().st_mtime for p in (files.accounts, files.partners))
        )
        old = age > files.max_age
        self.house.metrics.directory_old.set(1 if old else 0)
        if old:
            maillog.directory_old(f"{age.days}d")
        self.house.store.note("directory.old", f"{age.days} days" if old else None, self.clock())

    def _watch_rulebook(self) -> None:
        """`reload_on_change`: a file that changed, and has rested for a tick, asks for a reload."""
        known = self.house.knowledge
        if not known.config.reload_on_change or known.config.rulebook is None:
            return
        seen = tuple(sorted(p.stat().st_mtime for p in known.config.rulebook.glob("*.yaml")))
        if self._watched and seen != self._watched and time.time() - max(seen, default=0.0) > 1:
            self.reload()
        if not self._watched or time.time() - max(seen, default=0.0) > 1:
            self._watched = seen

    def _train(self) -> None:
        """Train a new model where the rulebook's schedule says so; it is promoted only if it is no worse."""
        from triaged.learning import schedule

        if schedule.train_if_due(self.house.store, self.house.knowledge, self.clock()):
            self.reload_asked.set()

    def _sender(self, mailbox: Any) -> MailboxSender:
        return MailboxSender(
            mailbox,
            store=self.house.store,
            owner=self.house.owner,
            clock=self.clock,
            stop=self.stopping,
            metrics=self.house.metrics,
            tick=lambda: self._tick(f"sender-{mailbox.name}"),
        )

    def _mailbox_loop(self, mailbox: Any) -> MailboxLoop:
        return MailboxLoop(
            mailbox,
            store=self.house.store,
            keep=self.keep,
            clock=self.clock,
            stop=self.stopping,
            owner=self.house.owner,
            mail_size=self.house.knowledge.config.limits.mail_size,
            tick=lambda: self._tick(f"mailbox-{mailbox.name}"),
        )

    def _run(self, name: str, work: Callable[[], None]) -> None:
        self._tick(name)
        thread = threading.Thread(target=work, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _tick(self, loop: str) -> None:
        self.ticks[loop] = time.monotonic()
        self.house.metrics.loop_tick.labels(loop).set_to_current_time()

    def _loop_failed(self, loop: str, error: Exception) -> None:
        maillog.loop_failed(loop, f"{type(error).__name__}: {error}"[:500])
        self.house.metrics.loop_failures.labels(loop).inc()
        self.stopping.wait(1.0)

    def _ring_all(self) -> None:
        self.house.mail_came.set()
        for sender in self.senders:
            sender.ring()

    # -- how it fares --------------------------------------------------------------------------------

    def stuck(self) -> list[str]:
        """Loops without progress for too long, or dead."""
        dead = [thread.name for thread in self.threads if not thread.is_alive()]
        late = [
            name
            for name, at in self.ticks.items()
            if name != "watchdog" and time.monotonic() - at > STALE_SECONDS
        ]
        return sorted({*dead, *late})

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and what is not."""
        what: dict[str, Any] = {"version": __version__, "stuck": self.stuck()}
        try:
            self.house.store.ping()
            what["database"] = "ok"
        except Unavailable as error:
            what["database"] = str(error)
        what["rulebook"] = self.house.knowledge.rulebook.version
        return not what["stuck"] and what["database"] == "ok", what

    def _status(self) -> str:
        stuck = self.stuck()
        if stuck:
            return f"stuck: {', '.join(stuck)}"
        return f"rulebook {self.house.knowledge.rulebook.version}, model {self._model_name()}"

    def _model_name(self) -> str:
        return places.name_of(places.current(self.house.knowledge.models))

    def _note_in_force(self) -> None:
        known = self.house.knowledge
        value = {
            "rulebook": known.rulebook.version,
            "files": list(known.rulebook.files),
            "rules": len(known.rulebook.rules),
            "model": self._model_name(),
            "directory": known.directory.version,
            "accounts": len(known.directory.accounts),
            "partners": len(known.directory.partners),
        }
        self.house.store.note("in_force", value, self.clock())


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
