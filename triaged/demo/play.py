"""The demo's play: each sample mail goes through the real door, and what became of it is told."""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import smtplib
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from triaged.config import config as configs
from triaged.config.config import Config
from triaged.daemon.daemon import Daemon
from triaged.demo.sink import Sink
from triaged.errors import Faulty
from triaged.store import schema
from triaged.store.rows import LedgerMail

if TYPE_CHECKING:
    from triaged.web.serve import Pages

HERE = Path(__file__).parent
PATIENCE = 60.0
LETTERS_PATIENCE = 5.0
Tell = Callable[[str], None]
T = TypeVar("T")

_CONFIG = """\
database: sqlite:///demo.db
directory: {{accounts: accounts.csv, partners: partners.csv}}
trusted_authserv_ids: [mx.intake.example]
staff: {{domains: [zohocorp.com], alert: [support-leads@zohocorp.com]}}
mailboxes:
  - name: global
    address: partner-support@zohocorp.com
    regions: [US, IN, AU, JP, SA, CA]
    time_zone: America/Los_Angeles
    smtp: {{host: 127.0.0.1, port: {sink}, tls: none}}
  - name: europe
    address: partner-support@eu.zohocorp.com
    regions: [EU, UK]
    time_zone: Europe/Amsterdam
    smtp: {{host: 127.0.0.1, port: {sink}, tls: none}}
listener: {{protocol: smtp, host: 127.0.0.1, port: {door}, behind_mta: true}}
http: {{listen: "127.0.0.1:0"}}
"""
_PAGES = """\
web: {{public_url: "http://127.0.0.1:{pages}", listen: "127.0.0.1:{pages}", roles: {{admin: [{admin}]}}}}
limits: {{letters_per_address_hour: 1000, letters_per_ticket_day: 1000}}
"""


class Play:
    """The house, the sink, and the folder they live in."""

    def __init__(self, folder: Path, tell: Tell, *, admin: str = "") -> None:
        """`admin`: one of staff, for whom the pages are served too."""
        self.folder, self.tell, self.admin = folder, tell, admin
        self.door, self.sink_port, self.pages_port = _free_port(), _free_port(), _free_port()
        self.sink = Sink(self.sink_port)
        self.last = 0
        self.pages: Pages | None = None

    def begin(self) -> Daemon:
        """Start everything on an empty database."""
        for name in ("accounts.csv", "partners.csv"):
            shutil.copy(HERE / name, self.folder / name)
        path = self.folder / "config.yaml"
        self.sink.start()
        pages = _PAGES.format(pages=self.pages_port, admin=self.admin) if self.admin else ""
        path.write_text(_CONFIG.format(sink=self.sink_port, door=self.door) + pages)
        config: Config = configs.load(path)
        schema.upgrade(config.database)
        self.daemon = Daemon(config, config_path=path)
        self.daemon.start()
        if self.admin:
            from triaged.web.serve import Pages

            self.pages = Pages(config)
            self.pages.start()
        return self.daemon

    def end(self) -> None:
        """Stop everything in order."""
        if self.pages:
            self.pages.stop()
        self.daemon.stop("the demo is over")
        self.sink.stop()

    def send(self, file: Path) -> LedgerMail:
        """One sample mail through the SMTP door; answers its row when it has its fate and its letters left."""
        return self.deliver(file.read_text("utf-8"))

    def deliver(self, text: str) -> LedgerMail:
        """The same with a mail's text, which may hold stage directions."""
        raw = self._dressed(text)
        with smtplib.SMTP("127.0.0.1", self.door, timeout=20) as server:
            server.sendmail("mta@mx.intake.example", [_recipient(raw)], raw.encode())
        mail = self._settled()
        self._letters_left()
        return mail

    def _settled(self) -> LedgerMail:
        def settled() -> LedgerMail | None:
            newest = self.daemon.house.store.mails(limit=1)
            done = newest and newest[0].id > self.last and newest[0].fate != "waiting"
            return newest[0] if done else None

        mail = _wait(settled, "the mail was not triaged")
        self.last = mail.id
        return mail

    def _letters_left(self) -> None:
        """Wait until nothing waits; a letter kept for its sending hours may, so only for a moment."""
        until = time.monotonic() + LETTERS_PATIENCE
        while self.daemon.house.store.letters(state="waiting", limit=1) and time.monotonic() < until:
            time.sleep(0.02)

    def _dressed(self, text: str) -> str:
        """What our mail server adds, and the thread of our own letters where the sample answers one."""
        head, _, body = text.partition("\n\n")
        lines = head.split("\n")
        dmarc = _taken(lines, "X-Demo-Dmarc") or "pass"
        domain = next(x for x in lines if x.startswith("From:")).rpartition("@")[2].rstrip("> ")
        lines.insert(0, f"Authentication-Results: mx.intake.example; dmarc={dmarc} header.from={domain}")
        lines.append(f"Date: {format_datetime(datetime.now(UTC))}")
        answered = _taken(lines, "X-Demo-Answers")
        if answered:
            letters = _wait(lambda: self.sink.answering(answered), f"no letter answers {answered}")
            ours = str(letters[0]["Message-ID"])
            lines += [f"In-Reply-To: {ours}", f"References: {answered} {ours}"]
            lines = [x.replace("[PS]", str(letters[0]["Subject"]).partition("]")[0] + "]") for x in lines]
            body = body.replace("<x-demo-letter>", ours)
        return "\n".join(lines) + "\n\n" + body


def samples() -> list[Path]:
    """The sample mails in order."""
    return sorted((HERE / "mails").glob("*.eml"))


@contextlib.contextmanager
def playing(tell: Tell, *, admin: str = "") -> Iterator[Play]:
    """The play on its stage, cleared away at the end. `admin`: the pages too, for this one of staff."""
    logging.getLogger("triaged").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="triaged-demo-") as folder:
        play = Play(Path(folder), tell, admin=admin)
        play.begin()
        try:
            yield play
        finally:
            play.end()


def stay(play: Play) -> None:
    """Keep the daemon up until Ctrl-C or SIGTERM."""
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    http = play.daemon.http
    play.tell(f"staying up. Send mail to 127.0.0.1:{play.door} (SMTP), look around with:")
    play.tell(f"  export TRIAGED_CONFIG={play.folder}/config.yaml")
    play.tell("  triaged tickets list · triaged tickets show PS-1001 · triaged outbox list · triaged status")
    play.tell(
        f"  health and metrics: http://127.0.0.1:{http.port if http else '-'}/metrics    Ctrl-C ends it"
    )
    over.wait()


def _wait(look: Callable[[], T | None], otherwise: str) -> T:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise Faulty(f"demo: {otherwise} within {PATIENCE:.0f} seconds")


def _taken(lines: list[str], name: str) -> str:
    """The value of a header of the sample that is only a stage direction, taken out."""
    for number, line in enumerate(lines):
        if line.startswith(f"{name}:"):
            del lines[number]
            return line.partition(":")[2].strip()
    return ""


def _recipient(raw: str) -> str:
    line = next(x for x in raw.split("\n") if x.startswith("To:"))
    return line.partition(":")[2].strip()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
