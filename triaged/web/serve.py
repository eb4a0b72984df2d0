"""The process behind `triaged web`: store and knowledge opened, the app served, the knowledge renewed when it changed.

It knows no mail password: letters go into the outbox, and the daemon sends them. uvicorn has no time limit on
headers, so beyond this machine a reverse proxy stands before it (docs/how-to/web.md).
"""

from __future__ import annotations

import queue
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import uvicorn

from triaged import maillog
from triaged.config import whole_folder
from triaged.config.config import Config
from triaged.config.file_marks import FileMarks
from triaged.edge.listening import listening
from triaged.errors import Faulty
from triaged.store.open_store import open_store
from triaged.walk import knowledge
from triaged.web.app import build
from triaged.web.house import House
from triaged.web.jobs import Working
from triaged.web.provider import Provider

_LOOK_SECONDS = 15.0  # between looks whether rulebook or directory changed
_WORK_WAITING = 200  # letters to be written, beyond which no more are taken
_GRACE_SECONDS = 10


def now() -> datetime:
    """The edge's clock: aware UTC."""
    return datetime.now(UTC)


class Aside:
    """One thread that does what no page waits for, in order; what is too much of it is let go and told."""

    def __init__(self) -> None:
        self._work: queue.Queue[tuple[str, Callable[[], None]] | None] = queue.Queue(_WORK_WAITING)
        self._about: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="aside", daemon=True)
        self._thread.start()

    def __call__(self, about: str, work: Callable[[], None]) -> None:
        """Do it soon. What is about the same as work that waits is done by that: a flood in one name fills no queue."""
        if about in self._about:
            return
        self._about.add(about)
        try:
            self._work.put_nowait((about, work))
        except queue.Full:
            self._about.discard(about)
            maillog.page_failed("aside", "too much waits: a letter was not written")

    def wait(self) -> None:
        """Until all is done that was given."""
        self._work.join()

    def stop(self) -> None:
        """Finish what waits, then end."""
        self._work.put(None)
        self._thread.join(_GRACE_SECONDS)

    def _run(self) -> None:
        while (given := self._work.get()) is not None:
            about, work = given
            self._about.discard(about)
            try:
                work()
            except Exception as error:
                maillog.page_failed("aside", f"{type(error).__name__}: {error}"[:300])
            finally:
                self._work.task_done()
        self._work.task_done()


class Pages:
    """The pages of a config: `start`, then `stop`; or `run` until a signal comes."""

    def __init__(self, config: Config, *, clock: Callable[[], datetime] = now) -> None:
        """Everything is read and checked here. Raises Faulty with every complaint, OldSchema, Unavailable."""
        if config.web is None:
            raise Faulty(
                "web: the config has no such section; without it nothing is served (see config.example.yaml)"
            )
        self.store = open_store(config)
        try:
            self.store.check_schema()
            known, secret = knowledge.gather(config), self.store.secret()
        except BaseException:
            self.store.close()
            raise
        self.aside = Aside()
        oidc = Provider(config.web.oidc) if config.web.oidc else None
        working = Working(config, self.store)
        self.house = House(config, config.web, self.store, known, clock, secret, self.aside, working, oidc)
        self._stop = threading.Event()
        self._asked = threading.Event()
        self._seen = known.files
        self.server = _server(self.house)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Bind and serve in threads; `port` is the one really bound. Raises Faulty where the address can't be had."""
        sock = self._bound()
        self.house.working.settle()
        self.port = int(sock.getsockname()[1])
        work: Sequence[tuple[str, Callable[[], Any]]] = (
            ("pages", lambda: self.server.run(sockets=[sock])),
            ("renew", self._renew),
        )
        self._threads = [threading.Thread(target=run, name=name, daemon=True) for name, run in work]
        for thread in self._threads:
            thread.start()
        maillog.pages_ready(self.house.web.public_url)

    def stop(self) -> None:
        """Finish what is being answered, then end."""
        self._stop.set()
        self._asked.set()
        self.server.should_exit = True
        for thread in self._threads:
            thread.join(_GRACE_SECONDS)
        self.aside.stop()
        self.house.working.stop()
        self.store.close()

    def run(self) -> None:
        """Until SIGTERM or SIGINT; SIGHUP has the rulebook and the directory read anew."""
        over = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: over.set())
        signal.signal(signal.SIGINT, lambda *_: over.set())
        signal.signal(signal.SIGHUP, lambda *_: self._asked.set())
        self.start()
        try:
            while not over.wait(1.0):
                if not self._threads[0].is_alive():
                    raise Faulty("web: the server has ended by itself; its log says why")
        finally:
            self.stop()

    def _bound(self) -> socket.socket:
        web = self.house.web
        return listening(web.host, web.port, f"web: cannot listen on {web.listen}", 512)

    def _renew(self) -> None:
        """A rulebook or directory that changed and is whole takes the place of the old; a faulty one is told."""
        while not self._stop.is_set():
            self._asked.wait(_LOOK_SECONDS)
            asked = self._asked.is_set()
            self._asked.clear()
            if self._stop.is_set():
                return
            try:
                self._look(asked)
            except Faulty as fault:
                maillog.reload_refused("; ".join(fault.lines)[:500])
            except Exception as error:  # a folder that may not be looked into must not end the looking
                maillog.reload_refused(f"{type(error).__name__}: {error}"[:500])

    def _look(self, asked: bool) -> None:
        config = self.house.config
        if config.rulebook is not None:
            whole_folder.settle(config.rulebook)
        files = FileMarks.of(config)
        if not asked and files == self._seen:
            return
        self._seen = files
        self.house.knowledge = known = knowledge.gather(config)
        maillog.reloaded(known.rulebook.version, "", known.directory.version)


def _server(house: House) -> uvicorn.Server:
    settings = uvicorn.Config(
        build(house),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(house.web.proxies),
        forwarded_allow_ips=list(house.web.proxies),
        limit_concurrency=1000,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE_SECONDS // 2,
    )
    server = uvicorn.Server(settings)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
