"""A house with pages for tests: daemon, SMTP sink, directory and pages, all real but the clock, which is moved by hand.

Anna asks, Bo stands in copy, Dee is of the same partner and on nothing of hers, Lena is the partner's admin, Carl is
another partner's, Ben, Lee and Ada are staff (agent, lead, admin).
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import re
import smtplib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
import yaml

from tests.servers.ports import free_port
from tests.servers.smtp_sink import Sink
from triaged.config import config as configs
from triaged.config import shipped
from triaged.daemon.daemon import Daemon
from triaged.store import upgrade
from triaged.store.rows import LedgerMail, LetterState
from triaged.tickets.ticket import Ticket
from triaged.walk.by_hand import ByHand
from triaged.web.serve import Pages
from triaged.web.signing_in import passes

ANNA, BO, DEE = "anna@oakbridge.example", "bo@oakbridge.example", "dee@oakbridge.example"
LENA, CARL = "lena@oakbridge.example", "carl@elmhill.example"
BEN, LEE, ADA = "ben.carter@desk.example", "lee@desk.example", "ada@desk.example"
STRANGER = "eve@nowhere.example"
SUPPORT = "partner-support@desk.example"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PARTNERS = f"""\
domain,name,tier,region,contacts,time_zone,language,admins
oakbridge.example,Oakbridge Consulting,premium,EU,,Europe/Berlin,en,{LENA}
elmhill.example,Elm Hill Partners,advanced,US,,America/New_York,en,
"""
ACCOUNTS = """\
key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions,plan
alder,Alder Works,60031122334,it@alder.example,alder.example,EU,oakbridge.example,70011000001,Zoho CRM=240,paid
birch,Birch Works,60031122335,it@birch.example,birch.example,EU,oakbridge.example,70011000002,Zoho CRM=20,premium
"""
BODY = "Hello,\n\none report in Zoho CRM is slow.\n\nSuperAdmin: it@alder.example\nZOID: 60031122334\nZUID: 70011000001\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
T = TypeVar("T")


class Clock:
    """Runs from a Monday morning on, and can be moved."""

    def __init__(self) -> None:
        self._begin, self._started = MONDAY, time.monotonic()

    def __call__(self) -> datetime:
        return self._begin + timedelta(seconds=time.monotonic() - self._started)

    def move(self, **by: float) -> None:
        self._begin += timedelta(**by)


class Desk:
    """`config`: changed before `open`. The pages always stand; the daemon where `daemon` says so."""

    def __init__(self, folder: Path, database: str, *, daemon: bool = True, **web: Any) -> None:
        self.folder, self.clock, self.sink = folder, Clock(), Sink().start()
        self.door, port = free_port(), free_port()
        (folder / "partners.csv").write_text(PARTNERS, "utf-8")
        (folder / "accounts.csv").write_text(ACCOUNTS, "utf-8")
        self.url = f"http://127.0.0.1:{port}"
        given = {
            "database": database,
            "directory": {"accounts": "accounts.csv", "partners": "partners.csv"},
            "trusted_authserv_ids": ["mx.intake.example"],
            "staff": {"domains": ["desk.example"], "alert": [LEE]},
            "mailboxes": [
                {
                    "name": "global", "address": SUPPORT, "regions": ["US", "EU"], "time_zone": "UTC",
                    "smtp": {"host": "127.0.0.1", "port": self.sink.port, "tls": "none"},
                }
            ],
            "listener": {"protocol": "smtp", "port": self.door, "behind_mta": True},
            "limits": {
                "letters_per_address_hour": 1000,
                "letters_per_ticket_day": 1000,
                "seconds_per_mail": 60,  # a reader that begins beside browsers is slow
            },
            "web": {
                "public_url": self.url, "listen": f"127.0.0.1:{port}", "roles": {"lead": [LEE], "admin": [ADA]}, **web,
            },
        }  # fmt: skip
        if (folder / "rules").is_dir():
            given["rulebook"] = "rules"
        if (folder / "models").is_dir():
            given["models"] = "models"
        path = folder / "config.yaml"
        path.write_text(yaml.safe_dump(given), "utf-8")
        self.config = configs.load(path)
        self.daemon: Daemon | None = None
        if daemon:
            self.daemon = Daemon(self.config, config_path=path, clock=self.clock)
            self.daemon.start()
        self.pages = Pages(self.config, clock=self.clock)
        self.pages.start()
        self.store = self.pages.store
        self._numbers = iter(range(1, 10_000))

    def close(self) -> None:
        self.pages.stop()
        if self.daemon:
            self.daemon.stop("the test is over")
        self.sink.stop()

    # -- browsers of tests ----------------------------------------------------------------------------

    def browser(self, **more: Any) -> Browser:
        return Browser(self.url, **more)

    def link(self, address: str, going_to: str = "") -> str:
        return passes.by_hand(self.pages.house, address, self.clock(), going_to)

    def signed_in(self, address: str) -> Browser:
        made = self.browser()
        page = made.get(self.link(address))
        assert made.post(page, "/sign-in/link/").status_code == 200
        return made

    # -- mail -----------------------------------------------------------------------------------------

    def mail(
        self, subject: str = "One report is slow", body: str = BODY, *, by: str = ANNA, cc: str = "", html: str = "",
        files: list[tuple[str, str, bytes]] | None = None, answers: str = "", name: str = "", to: str = SUPPORT,
    ) -> LedgerMail:  # fmt: skip
        """A mail through the door; its row once it is walked."""
        made = EmailMessage(policy=email.policy.SMTP)
        made["From"] = f'"{name}" <{by}>' if name else by
        made["To"], made["Subject"] = to, subject
        if cc:
            made["Cc"] = cc
        made["Message-ID"] = f"<{next(self._numbers)}.{id(self)}@{by.rpartition('@')[2]}>"
        if answers:
            made["In-Reply-To"] = made["References"] = answers
        made.set_content(body)
        if html:
            made.add_alternative(html, subtype="html")
        for file, kind, content in files or []:
            main, _, sub = kind.partition("/")
            made.add_attachment(content, maintype=main, subtype=sub, filename=file)
        made["Date"] = email.utils.format_datetime(self.clock())
        domain = by.rpartition("@")[2]
        head = f"Authentication-Results: mx.intake.example; dmarc=pass header.from={domain}\r\n"
        return self.raw(head.encode() + made.as_bytes(), by)

    def raw(self, raw: bytes, by: str = ANNA) -> LedgerMail:
        before = max((m.id for m in self.store.mails(limit=1)), default=0)
        with smtplib.SMTP("127.0.0.1", self.door, timeout=20) as server:
            server.sendmail(by, [SUPPORT], raw)

        def walked() -> LedgerMail | None:
            rows = [m for m in self.store.mails(limit=5) if m.id > before]
            return rows[0] if rows and all(m.fate != "waiting" for m in rows) else None

        return eventually(walked, "the mail was not walked")

    def opened(self, subject: str = "One report is slow", body: str = BODY, **more: Any) -> Ticket:
        row = self.mail(subject, body, **more)
        found = self.store.ticket(row.ticket_id or 0)
        assert found is not None, (row.fate, row.why)
        return found

    def again(self, ticket: Ticket) -> Ticket:
        found = self.store.ticket(ticket.id)
        assert found is not None
        return found

    def by(self, address: str = BEN) -> ByHand:
        return ByHand(self.store, self.pages.house.knowledge, address, self.clock())

    def until_walked(self) -> None:
        """Until nothing waits for the walk."""
        eventually(lambda: not self.store.waiting_mail(), "mail waits")

    def until_quiet(self) -> None:
        """Until nothing is due and no letter is to leave: what earlier tests began, by a clock that was moved, is over."""

        def quiet() -> bool:
            now, store = self.clock(), self.store
            due = any(one.due_at <= now for t in store.each_ticket() for one in store.dues(t.id))
            leaves = (r for r in store.letters(limit=10_000) if r.state is LetterState.WAITING)
            return not due and not any(row.ready_at is not None and row.ready_at <= now for row in leaves)

        eventually(quiet, "steps are due or letters wait")

    def letters_to(self, address: str) -> list[EmailMessage]:
        found = [
            email.message_from_bytes(t.raw, policy=email.policy.default)
            for t in self.sink.taken
            if address in t.rcpt_to
        ]
        return [one for one in found if isinstance(one, EmailMessage)]

    def sign_in_letter(self, address: str, after: int = 0) -> str:
        """The text of the newest sign-in letter beyond so many, as it came."""

        def came() -> str | None:
            found = [t for t in map(text_of, self.letters_to(address)) if "/sign-in/link/" in t]
            return found[-1] if len(found) > after else None

        return eventually(came, f"no sign-in letter to {address}")


class Browser:
    """What a browser does with forms, without script: one jar of cookies."""

    def __init__(self, url: str, **more: Any) -> None:
        self.url = url
        self.http = httpx2.Client(base_url=url, follow_redirects=True, timeout=30, **more)

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self.http.get(path.removeprefix(self.url), **more)

    def post(
        self, page: httpx2.Response, action: str, data: dict[str, Any] | None = None, *,
        files: list[tuple[str, bytes]] | None = None, **more: Any,
    ) -> httpx2.Response:  # fmt: skip
        """Send the form of a page whose action begins so, its hidden fields as they stand."""
        target, hidden = form(page.text, action)
        fields = {**hidden, **(data or {})}
        sent = [("files", (name, content)) for name, content in files] if files else None
        return self.http.post(target, data=fields, files=sent, **more)


def database(request: pytest.FixtureRequest, folder: Path) -> str:
    """An empty database for a whole file, of the kind that the fixture's parameter names: its URL."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").fresh(upgrade))
    url = f"sqlite:///{folder}/triaged.db"
    upgrade(url)
    return url


def form(html: str, action: str) -> tuple[str, dict[str, str]]:
    for found in re.finditer(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', html, re.DOTALL):
        if found[1].startswith(action):
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[2])
            return found[1], dict(hidden)
    raise AssertionError(f"there is no form for {action} in {html[:3000]}")


SMALL = (
    "00-basics",
    "10-services",
    "20-large-accounts",
    "40-service-levels",
    "41-calendars",
    "50-letters.en",
    "60-answers",
)


def small_rules(folder: Path) -> Path:
    """A rulebook of the desk's own, small enough to be loaded in a blink: no words, no tests, English letters."""
    made = folder / "rules"
    made.mkdir()
    for name in SMALL:
        text = (shipped.rules() / f"{name}.yaml").read_text("utf-8")
        (made / f"{name}.yaml").write_text(text.partition("\ntests:")[0] + "\n", "utf-8")
    return made


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def link_of(text: str) -> str:
    found = re.search(r"http://\S+/sign-in/link/\S+", text)
    assert found, text
    return found[0]


def code_of(text: str) -> str:
    found = re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", text)
    assert found, text
    return found[0]


def eventually(look: Callable[[], T | None], otherwise: str, seconds: float = 40) -> T:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.03)
    raise AssertionError(otherwise)


@contextlib.contextmanager
def opened_desk(folder: Path, database: str, **more: Any) -> Any:
    made = Desk(folder, database, **more)
    try:
        yield made
    finally:
        made.close()
