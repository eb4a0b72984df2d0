"""What tests of the doors share: mailboxes on a test server, a loop in its thread, mails, patience."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.servers.dovecot import Dovecot
from triaged.config.config import Mailbox
from triaged.daemon.loops import take_turns
from triaged.intake.mailbox import MailboxLoop
from triaged.store import Store


def utc_now() -> datetime:
    """The real clock: INTERNALDATE is the server's."""
    return datetime.now(UTC)


def mailbox(server: Dovecot, user: str, secret: Path, **imap: Any) -> Mailbox:
    """A configured mailbox on that server; keywords override its imap section."""
    secret.write_text(server.password, "utf-8")
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "tls": "none",
        "user": user,
        "password_file": secret,
        "after": {"move_to": "Triaged"},
        "poll_seconds": 3600,
        "timeout_seconds": 5,
    }
    extra = {k: imap.pop(k) for k in ("history", "acknowledge_within", "name") if k in imap}
    return Mailbox(
        **{"name": "global", "address": f"{user}@support.example", **extra},
        imap=settings | imap,
    )


class Running:
    """A loop in its thread."""

    def __init__(self, loop: MailboxLoop) -> None:
        self.loop = loop
        self.thread = threading.Thread(target=lambda: take_turns(loop), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.loop.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive(), "the loop did not stop"


def eventually(what: Callable[[], Any], seconds: float = 60) -> Any:
    """What becomes true (or is returned) in a while; fails the test otherwise."""
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, f"never happened: {what}"
        time.sleep(0.02)
    return found


def mail(number: int, *, body: str = "Org ID: 60031122334", size: int = 0) -> bytes:
    """A small partner mail."""
    text = (
        f"From: Anna <anna@oakbridge.example>\r\nTo: help@support.example\r\nSubject: Case {number}\r\n"
        f"Message-ID: <{number}@oakbridge.example>\r\n\r\n{body} {number}\r\n"
    )
    return (text + ("x" * 70 + "\r\n") * (size // 72)).encode()


def subjects(store: Store) -> list[str]:
    """The subjects of everything kept, sorted by number; a doubled mail shows twice."""
    raws = [store.mail(row.id).raw for row in store.mails(limit=10_000)]  # type: ignore[union-attr]
    found = [
        line for raw in raws for line in (raw or b"").decode().splitlines() if line.startswith("Subject: ")
    ]
    return sorted((line[9:] for line in found), key=lambda s: int(s.split()[-1]))
