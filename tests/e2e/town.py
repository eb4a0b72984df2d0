"""A small town for whole-house tests: Dovecot, an SMTP sink, a directory, a config, and a daemon among them.

    town.arrives(mail("anna@oakbridge.example", "Printer", "..."))
    with town.daemon() as daemon:
        letter = town.letter_to("anna@oakbridge.example")

Everything is real but the clock, which begins on a Monday morning and is moved by hand: `town.clock.move`.
Mail is put into the mailboxes with the town's own time as INTERNALDATE.
"""

from __future__ import annotations

import email
import email.policy
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import text

from tests.intake.scene import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.smtp_sink import Sink, Taken
from triaged.config import config as configs
from triaged.config.config import Config
from triaged.daemon.daemon import Daemon
from triaged.store import Store
from triaged.store.rows import LedgerMail
from triaged.tickets.ticket import Ticket

# In the past: Dovecot takes no INTERNALDATE that is yet to come, and would write its own time instead.
MONDAY = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
ADDRESSES = {"global": "partner-support@zohocorp.com", "europe": "partner-support@eu.zohocorp.com"}
ANNA, CARL = "anna@oakbridge.example", "carl@elmhill.example"

ACCOUNTS = """\
key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions,plan
alder,Alder Works,60031122334,it@alder.example,alder.example,EU,oakbridge.example,70011000001,Zoho CRM=240,paid
birch,Birch Bakery,60031122399,owner@birch.example,birch.example,EU,oakbridge.example,70011000009,Zoho CRM=12,paid
"""
PARTNERS = """\
domain,name,tier,region,contacts,time_zone,language
oakbridge.example,Oakbridge Consulting,premium,EU,,Europe/Berlin,en
elmhill.example,Elm Hill Partners,advanced,US,,America/New_York,en
"""


class Clock:
    """Runs like any clock from a Monday morning on, and can be moved."""

    def __init__(self, begin: datetime = MONDAY) -> None:
        self._begin, self._started = begin, time.monotonic()

    def __call__(self) -> datetime:
        return self._begin + timedelta(seconds=time.monotonic() - self._started)

    def move(self, **by: float) -> None:
        """Later, at once."""
        self._begin += timedelta(**by)


class Town:
    """One test's world. `config` holds what is written to config.yaml; change it before a daemon starts."""

    def __init__(self, folder: Path, dovecot: Dovecot, database: str, users: str) -> None:
        self.folder, self.dovecot, self.database, self.clock = folder, dovecot, database, Clock()
        self.users = {name: f"{users}{name}" for name in ADDRESSES}
        for user in self.users.values():
            dovecot.make(user, "Sent")
        self.sink = Sink().start()
        self.lmtp_port = free_port()
        (folder / "accounts.csv").write_text(ACCOUNTS, "utf-8")
        (folder / "partners.csv").write_text(PARTNERS, "utf-8")
        (folder / "secret").write_text(dovecot.password, "utf-8")
        self.config: dict[str, Any] = self._config()
        self._stores: list[Store] = []

    # -- the house ------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The config file."""
        return self.folder / "config.yaml"

    def written(self) -> Config:
        """The config as it is now, written and read again as an operator's would be."""
        self.path.write_text(yaml.safe_dump(self.config, sort_keys=False), "utf-8")
        return configs.load(self.path)

    def build(self) -> Daemon:
        """A daemon, not started."""
        return Daemon(self.written(), config_path=self.path, clock=self.clock)

    @contextmanager
    def daemon(self) -> Iterator[Daemon]:
        """A running daemon; stopped in order at the end, which it must do soon."""
        daemon = self.build()
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop("the test is over")
            alive = [thread.name for thread in daemon.threads if thread.is_alive()]
            assert not alive, f"these loops did not stop: {alive}"

    @property
    def store(self) -> Store:
        """The test's own look at the database."""
        if not self._stores:
            self._stores.append(Store.open(self.database))
        return self._stores[0]

    def leases_run_out(self) -> None:
        """On PostgreSQL eleven minutes later, also by its own clock. On SQLite the next daemon need not wait."""
        if self.store.dialect == "postgresql":
            self.clock.move(minutes=11)
            with self.store._writing() as connection:
                connection.execute(text("UPDATE lease SET until = 0"))

    def close(self) -> None:
        """The end of the town; the servers of the session stay."""
        self.sink.stop()
        for store in self._stores:
            store.close()

    # -- mail in --------------------------------------------------------------------------------------

    def arrives(self, *mails: bytes, at: str = "europe", folder: str = "INBOX", ago: float = 0) -> None:
        """Put mails into a mailbox, received `ago` seconds before now."""
        received = self.clock() - timedelta(seconds=ago)
        self.dovecot.append(self.users[at], *mails, folder=folder, at=received)

    def inbox(self, at: str = "europe", folder: str = "INBOX") -> list[bytes]:
        """What lies in a folder."""
        return list(self.dovecot.contents(self.users[at], folder).values())

    # -- letters out ----------------------------------------------------------------------------------

    def letters(self, to: str | None = None, subject: str = "") -> list[EmailMessage]:
        """Letters the sink took, in order: to an address, with words in the subject."""
        taken = [(one, parsed(one.raw)) for one in list(self.sink.taken)]
        return [
            letter
            for one, letter in taken
            if (to is None or to in one.rcpt_to) and subject in str(letter["Subject"])
        ]

    def letter_to(self, address: str, subject: str = "", count: int = 1) -> EmailMessage:
        """The `count`th letter to an address; waits for it."""
        found: list[EmailMessage] = eventually(
            lambda: x if len(x := self.letters(address, subject)) >= count else None
        )
        return found[count - 1]

    # -- what became of it ----------------------------------------------------------------------------

    def mails(self) -> list[LedgerMail]:
        """The ledger, in order of arrival."""
        return sorted(self.store.mails(limit=10_000), key=lambda mail: mail.id)

    def tickets(self) -> list[Ticket]:
        """Every ticket whole, in order."""
        ids = sorted({m.ticket_id for m in self.mails() if m.ticket_id})
        return [ticket for one in ids if (ticket := self.store.ticket(one))]

    def settled(self, count: int, seconds: float = 40) -> list[LedgerMail]:
        """The ledger once `count` mails have their fate and no letter that is due waits any more."""

        def done() -> list[LedgerMail] | None:
            mails = self.mails()
            if len(mails) < count or any(m.fate == "waiting" for m in mails):
                return None
            now, waiting = self.clock(), self.store.letters(state="waiting", limit=10_000)
            under_way = [one for one in waiting if one.runs or (one.ready_at and one.ready_at <= now)]
            return None if under_way else mails

        return eventually(done, seconds)  # type: ignore[no-any-return]

    def failed(self, mail: int, times: int) -> None:
        """Waits until a mail has failed so often: not when it is claimed, for its next try is timed from the failure."""

        def done() -> bool:
            with self.store._reading() as connection:
                asked = text("SELECT runs, owner, finished_at FROM mail WHERE id = :id")
                runs, owner, finished_at = connection.execute(asked, {"id": mail}).one()
            return bool(finished_at or (runs >= times and owner is None))

        eventually(done)

    def step_taken(self, look: Callable[[Ticket], Any]) -> Ticket:
        """The first ticket in which `look` finds what it wants; which of several mails opens the first, nobody promises."""
        return eventually(lambda: next(filter(look, self.tickets()), None))  # type: ignore[no-any-return]

    # -- the config -----------------------------------------------------------------------------------

    def mailbox(self, name: str) -> dict[str, Any]:
        """The mailbox's part of the config."""
        return next(m for m in self.config["mailboxes"] if m["name"] == name)  # type: ignore[no-any-return]

    def _config(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "directory": {"accounts": "accounts.csv", "partners": "partners.csv"},
            "trusted_authserv_ids": ["mx.intake.example"],
            "staff": {"domains": ["zohocorp.com"], "alert": ["leads@zohocorp.com"]},
            "mailboxes": [self._mailbox("global", ["US", "IN"]), self._mailbox("europe", ["EU", "UK"])],
            "listener": {"protocol": "lmtp", "port": self.lmtp_port, "behind_mta": True},
            "http": {"listen": "127.0.0.1:0"},
        }

    def _mailbox(self, name: str, regions: list[str]) -> dict[str, Any]:
        return {
            "name": name,
            "address": ADDRESSES[name],
            "regions": regions,
            "imap": {
                "host": "127.0.0.1",
                "port": self.dovecot.port,
                "tls": "none",
                "user": self.users[name],
                "password_file": "secret",
                "sent_folder": "Sent",
                "poll_seconds": 3600,
                "timeout_seconds": 10,
            },
            "smtp": {"host": "127.0.0.1", "port": self.sink.port, "tls": "none"},
        }


def parsed(raw: bytes) -> EmailMessage:
    """A letter as a mail client sees it."""
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def text_of(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


_count = iter(range(1, 1_000_000))
_counting = threading.Lock()


def mail(sender: str, subject: str, body: str, *, to: str = ADDRESSES["europe"], **headers: str) -> bytes:
    """A mail as our mail server hands it on, DMARC passed. Headers by name, `_` for `-`; "" leaves one out."""
    with _counting:
        number = next(_count)
    domain = sender.rpartition("@")[2]
    lines = {
        "Authentication-Results": f"mx.intake.example; dmarc=pass header.from={domain}",
        "From": sender,
        "To": to,
        "Subject": subject,
        "Message-ID": f"<{number}.{abs(hash(body)) % 10**8}@{domain}>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return (head + "\r\n" + body.replace("\n", "\r\n") + "\r\n").encode()


def answer(letter: EmailMessage, sender: str, body: str, **headers: str) -> bytes:
    """An answer to a letter (or any mail), as a mail client writes one."""
    references = " ".join(filter(None, [str(letter["References"] or ""), str(letter["Message-ID"])]))
    to = str(letter["Reply-To"] or letter["From"])
    threaded = {"In_Reply_To": str(letter["Message-ID"]), "References": references.replace("\n", " ")}
    return mail(sender, f"Re: {letter['Subject']}", body, **{"to": to, **threaded, **headers})


def taken_by(sink: Sink) -> list[Taken]:
    """A snapshot of what a sink took."""
    return list(sink.taken)
