"""The composition root: builds everything from the config, runs the loops, reloads, and stops in order.

Threads: one per mailbox, one sender per mailbox, the walk, the HTTP and SMTP doors; APScheduler only ticks.
Nothing lives in memory that a restart could lose: what is to be done stands in the store.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triaged import __version__, maillog
from triaged.alerts.sending import NAME as ALERTS
from triaged.alerts.sending import Telling
from triaged.config.config import Config, Mailbox
from triaged.daemon import ending, systemd
from triaged.daemon.chores import Chores
from triaged.daemon.clockwatch import SetBack
from triaged.daemon.health import Health
from triaged.daemon.heart import Heart
from triaged.daemon.loops import Loops
from triaged.daemon.reload import Reloading, ReloadWhenAsked
from triaged.daemon.schedule import Job, Ticking
from triaged.daemon.walking import Walking
from triaged.grants.renewing import NAME as GRANTS
from triaged.grants.renewing import Renewing
from triaged.grants.secrets import Secrets
from triaged.intake import mailbox as intake
from triaged.intake.backlog import Backlog
from triaged.intake.keep import Keep
from triaged.intake.mailbox import MailboxLoop
from triaged.learning import places
from triaged.metrics import Metrics
from triaged.outbox import may_leave, pace, sending
from triaged.outbox.sending import MailboxSender
from triaged.outbox.smtp import Lines
from triaged.readers.pool import Readers
from triaged.store.open_store import open_store
from triaged.store.pulse import LIFE_SECONDS
from triaged.store.rows import Unavailable
from triaged.vocabulary import counted
from triaged.walk import deadlines, observing, owing, triage
from triaged.walk.house import House, new_owner
from triaged.walk.knowledge import gather
from triaged.walk.own_shares import known_by_tickets
from triaged.web.server import HttpServer

if TYPE_CHECKING:
    from triaged.intake.smtpd import Listening

# How long a thread that computes lets those wait that only answer a server. With Python's 5 ms a sender, which has
# to ask for each of the ten small steps of a letter, falls behind a walk that works off a backlog.
TURN_SECONDS = 0.0005


def now() -> datetime:
    """The edge's clock: aware UTC."""
    return datetime.now(UTC)


class Daemon:
    """One daemon. `start`, then `stop`; or `once`; `serve` does all of it until a signal comes."""

    def __init__(
        self, config: Config, *, config_path: Path | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        """Everything is read and checked here. Raises Faulty with every complaint, OldSchema, Unavailable."""
        self.clock = clock
        self.house = house = _house(config, clock())
        self.loops = Loops(house.metrics)
        self.keep = Keep(house.store, clock, house.mail_waits, house.metrics)
        self.reloading = Reloading(house, config_path, clock)
        self._reload_loop = ReloadWhenAsked(self.loops, self.reload, self._status)
        self.reload_asked = self._reload_loop.asked
        ring, ask = self.ring_senders, self.reload_asked.set
        self.chores = Chores(house, clock, self.loops, ring=ring, ask_reload=ask)
        catch_up = Job(self.reloading.catch_up, 30, slow=True)
        self.ticking = Ticking([*self.chores.jobs(), catch_up], partial(self.loops.failed, "tick"))
        set_back = SetBack(house, clock, self._ring_by_clock)
        self.heart = Heart(house, clock, self.loops, freed=self._freed)
        self._walking = Walking(house, clock, self.loops, first=set_back.look, ring=self._let_leave)
        self._health = Health(
            house.store,
            self.stuck,
            lambda: house.knowledge.rulebook.version,
            lambda: house.knowledge.config.mailboxes,
            clock,
        )
        self.secrets = Secrets(lambda: house.knowledge.config, house.store, clock, house.owner)
        self._filing: dict[str, threading.Event] = {}  # set when a letter has left whose copy is owed
        self.senders: Sequence[MailboxSender] = ()
        self.listening: Listening | None = None
        self.http: HttpServer | None = None
        house.metrics.watch(lambda: observing.observe(house.store, clock()))

    # -- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the doors and run the loops; returns when all is ready. Raises Faulty, OSError."""
        sys.setswitchinterval(TURN_SECONDS)
        self.house.readers.ready()
        self.heart.start()
        self.house.suspects_from = self.clock() + triage.SETTLED
        try:
            self._open()
        except BaseException:
            with suppress(Unavailable):
                self.heart.stop()
            raise

    def _open(self) -> None:
        house, config = self.house, self.house.knowledge.config
        self._prepare()
        if house.store.shared:
            maillog.not_alone(sorted(set(house.store.living(self.clock())) - {house.owner}))
        self.keep.backlog = Backlog(house.store, config.limits.most_waiting)
        if config.listener:
            from triaged.intake.smtpd import listen  # 20 ms that a house without that door does not pay

            largest = config.limits.largest
            self.listening = listen(config.listener, config.mailboxes, self.keep, largest, house.metrics)
        if config.http:
            self.http = HttpServer(config.http, self.health, house.metrics)
            self.http.start()
        self.chores.announce()
        self.reloading.note_in_force()  # only now: who fails to start leaves standing what is in force elsewhere
        house.store.note("reload.refused", None, self.clock())  # what needed a restart has had it
        self.loops.start("walk", self._walking)
        self.loops.start("reload", self._reload_loop)
        self.senders = self._senders()
        for sender in self.senders:
            self.loops.start(f"sender-{sender.mailbox.name}", sender)
        for mailbox in self._mailboxes():
            self.loops.start(f"mailbox-{mailbox.mailbox.name}", mailbox)
        self._start_service()
        self.ticking.start()
        maillog.ready(__version__, house.knowledge.rulebook.version, self.reloading.model_name())

    def stop(self, why: str = "asked to") -> list[str]:
        """End everything in order and in time (triaged/daemon/ending.py); the names of what still hangs."""
        parts = ending.Parts(
            listener=self.listening.stop if self.listening else None,
            loops=self.loops.threads,
            stop_loops=self._stop_loops,
            ticks=self.ticking.stop,
            readers=self.house.readers,
            http=self.http.stop if self.http else None,
            last_words=self._last_words,
        )
        return ending.end(parts, why)

    def serve(self) -> None:
        """Run until SIGTERM or SIGINT; SIGHUP reloads. Says READY to systemd and feeds its watchdog."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        signal.signal(signal.SIGHUP, lambda *_: self.reload_asked.set())
        self.start()
        systemd.ready(self._status())
        every = min((systemd.watchdog_seconds() or 30.0) / 3, 10.0)
        fed = float("-inf")
        while not asked.wait(0.5):
            if time.monotonic() - fed > every and not self.stuck():
                fed = time.monotonic()
                systemd.tell("WATCHDOG=1", f"STATUS={self._status()}")
        if self.stop("signal"):
            logging.shutdown()
            os._exit(0)  # Python would wait for what hangs, in a thread pool of a library, for ever

    def once(self) -> list[str]:
        """Poll every mailbox, triage, take what is due, send, and end; the faults met, one line each."""
        faults: list[str] = []
        house = self.house
        house.readers.ready()
        self.heart.start()
        self._prepare()
        for mailbox in self._mailboxes():
            with _noting(faults, f"mailbox {mailbox.mailbox.name}"):
                mailbox.poll_once()
            with _noting(faults, f"mailbox {mailbox.mailbox.name}"):
                mailbox.close()
        for name, work in (("walk", triage.triage_batch), ("deadlines", deadlines.take_due)):
            with _noting(faults, name):
                while work(house, self.clock()):
                    pass
        with _noting(faults, "outbox"):
            sending.send_due(self._senders())
        if house.knowledge.config.alerts:
            with _noting(faults, ALERTS):
                self._telling().look_and_tell()
        quarantined = house.store.counts(self.clock()).mail.get("quarantine", 0)
        if quarantined:
            faults.append(f"{counted(quarantined, 'mail')} in quarantine: triaged quarantine list")
        house.readers.close()
        with suppress(Unavailable):
            self.heart.stop()
        house.store.close()
        return faults

    def reload(self) -> bool:
        """Everything anew or nothing (triaged/daemon/reload.py). A database that is away then must not end the daemon."""
        try:
            return self.reloading.reload()
        except Exception as error:
            maillog.loop_failed("reload", f"{type(error).__name__}: {error}")
            return False

    # -- how it is -----------------------------------------------------------------------------------

    @property
    def threads(self) -> Sequence[threading.Thread]:
        """Its loops."""
        return self.loops.threads

    def stuck(self) -> list[str]:
        """Loops without progress for too long, or dead."""
        return self.loops.stuck()

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and what is not."""
        return self._health()

    def ring_senders(self) -> None:
        """Letters were written."""
        for sender in self.senders:
            sender.ring()

    def _let_leave(self) -> None:
        """Letters were written, and others may be at once: those that leave swiftly go first."""
        self.ring_senders()
        pace.let_leave(self.senders)

    def _status(self) -> str:
        stuck = self.stuck()
        if stuck:
            return f"stuck: {', '.join(stuck)}"
        in_force = f"rulebook {self.house.knowledge.rulebook.version}, model {self.reloading.model_name()}"
        refused = self.reloading.refused
        return f"reload refused: {refused}; still {in_force}" if refused else in_force

    # -- its parts -----------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """What a daemon that died or a clock that was wrong left, each mailbox's digest, and letters of mailboxes that are gone."""
        house, at = self.house, self.clock()
        inherited = house.store.inherit(house.owner, at)
        if inherited:
            maillog.inherited(inherited)
        house.store.bring_forward(at, house.owner)
        deadlines.plan_digests(house, at)
        house.hand_over(at)

    def _senders(self) -> Sequence[MailboxSender]:
        house = self.house
        means = sending.Means(
            store=house.store,
            owner=house.owner,
            clock=self.clock,
            stop=self.loops.stopping,
            metrics=house.metrics,
            leaving=may_leave.by_ticket(house.store, lambda: house.knowledge.rulebook.promises),
            lines=partial(Lines, fetch=self.secrets.fetch),
            sent=lambda mailbox: self._filing[mailbox].set() if mailbox in self._filing else None,
            life=self.heart.epoch,
            urgent=may_leave.is_urgent(house.store),
        )
        return [
            MailboxSender(one, means, tick=partial(self.loops.tick, f"sender-{one.name}"))
            for one in house.knowledge.config.mailboxes
            if one.smtp
        ]

    def _mailboxes(self) -> Sequence[MailboxLoop]:
        house = self.house
        config = house.knowledge.config
        means = intake.Means(
            store=house.store,
            keep=self.keep,
            clock=self.clock,
            stop=self.loops.stopping,
            owner=house.owner,
            largest=config.limits.largest,
            fetch=self.secrets.fetch,
            lease_seconds=LIFE_SECONDS if self.heart.shared else None,
            held=self.heart.holds,
        )
        self._filing = {one.name: threading.Event() for one in config.mailboxes}

        def made(mailbox: Mailbox) -> MailboxLoop:
            return MailboxLoop(
                mailbox,
                means,
                tick=partial(self.loops.tick, f"mailbox-{mailbox.name}"),
                tell=lambda owed: owing.tell(house, mailbox, owed, self.clock()),
                letters_left=self._filing[mailbox.name],
            )

        return [made(one) for one in config.mailboxes if one.imap]

    def _start_service(self) -> None:
        """What keeps the service going beside the mail: tokens renewed, and whoever is to be told."""
        config = self.house.knowledge.config
        if any(one.grants for one in config.mailboxes):
            renewing = Renewing(
                self.secrets.keeper,
                lambda: [grant for one in config.mailboxes for grant in one.grants],
                self.loops.stopping,
                tick=partial(self.loops.tick, GRANTS),
                failed=partial(self.loops.failed, GRANTS),
            )
            self.loops.start(GRANTS, renewing)
        self.loops.start(ALERTS, self._telling())

    def _telling(self) -> Telling:
        house = self.house
        return Telling(
            house.store,
            lambda: house.knowledge.config,
            house.owner,
            self.clock,
            house.metrics,
            self.loops.stopping,
            tick=partial(self.loops.tick, ALERTS),
            failed=partial(self.loops.failed, ALERTS),
        )

    def _freed(self) -> None:
        """Work of a daemon that died waits to be taken up."""
        self.house.mail_came.set()
        self.ring_senders()

    def _ring_by_clock(self) -> None:
        self.ticking.again()
        self.ring_senders()

    def _stop_loops(self) -> None:
        self.loops.stopping.set()
        self.house.mail_came.set()
        self.reload_asked.set()
        self.ring_senders()

    def _last_words(self, hanging: bool) -> None:
        """Who hangs holds no mailbox any more, and `status` need not look for us."""
        with suppress(Unavailable):
            if hanging:
                self.house.store.drop_leases(self.house.owner)
            self.heart.stop()
        self.chores.forget()
        self.house.store.close()


def _house(config: Config, at: datetime) -> House:
    knowledge = gather(config)
    for told in knowledge.former:
        maillog.former_name(told)
    model = places.current(knowledge.models)
    owner = new_owner()
    store = open_store(config, owner)
    store.check_schema()
    knowledge = known_by_tickets(knowledge, store, at)
    return House(
        store=store,
        readers=Readers(knowledge.surroundings, model, config.limits.reader_workers),
        knowledge=knowledge,
        secret=store.secret(),
        owner=owner,
        metrics=Metrics(),
    )


@contextmanager
def _noting(faults: list[str], what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        faults.append(f"{what}: {error or type(error).__name__}")
