"""The SMTP and LMTP door: 250 is said only after the mail is durable, 451 when it cannot be made so.

Meant to stand behind the operator's own mail server: no AUTH, no TLS, and for our own mailboxes only.
LMTP owes one answer per recipient after DATA, and aiosmtpd gives one in all; so the second recipient of an
LMTP mail is put off with 452 and the mail server delivers to it in a transaction of its own.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import time
from collections.abc import Sequence

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from triaged import maillog
from triaged.config.config import Listener, Mailbox
from triaged.config.places import is_loopback
from triaged.edge import peers
from triaged.errors import Faulty
from triaged.intake.keep import Keep
from triaged.intake.smtp_session import Conversation, LmtpConversation
from triaged.metrics import Metrics
from triaged.store.rows import Arrival

MAX_RECIPIENTS = 100
_LAST_WORDS_SECONDS = 5.0


def route(address: str, mailboxes: Sequence[Mailbox]) -> Mailbox | None:
    """The mailbox an envelope recipient means; `name+tag@` is `name@`; None: not ours."""
    local, _, domain = address.strip().lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    for wanted in (f"{local}@{domain}", plain):
        for mailbox in mailboxes:
            if wanted in (mailbox.address, *mailbox.aliases):
                return mailbox
    return None


class Door:
    """What is answered to a mail server: aiosmtpd calls these hooks."""

    def __init__(
        self, config: Listener, mailboxes: Sequence[Mailbox], keep: Keep, metrics: Metrics | None = None
    ) -> None:
        self.config, self.mailboxes, self.keep, self.metrics = config, tuple(mailboxes), keep, metrics
        self.talking = peers.Connections(config.max_connections, config.max_connections_per_peer)
        self.keeping = 0

    @property
    def connections(self) -> int:
        """How many talk to us now."""
        return len(self.talking)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Ours, and one an LMTP mail."""
        if route(address, self.mailboxes) is None:
            return self.refuse("550 5.1.1 no such mailbox here", "no such mailbox")
        if self.config.protocol == "lmtp" and envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time, please"
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return self.refuse("452 4.5.3 too many recipients", "too many recipients")
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Conversation, _session: Session, envelope: Envelope) -> str:
        """Durable, then 250."""
        if await asyncio.to_thread(self.keep.full):
            return self.refuse(
                "451 4.3.1 too much mail waits here now, try again later", "too much mail waits"
            )
        arrivals = self._arrivals(envelope)
        self.keeping += 1
        try:
            with server.keeping():
                await asyncio.to_thread(self.keep, arrivals)
        except Exception as error:
            return self.refuse("451 4.3.0 cannot keep mail now, try again later", type(error).__name__)
        finally:
            self.keeping -= 1
        return "250 2.0.0 kept"

    async def handle_exception(self, error: Exception) -> str:
        """What went wrong is for our log, not for strangers."""
        return self.refuse("451 4.3.0 internal error, try again later", f"{type(error).__name__}: {error}")

    def _arrivals(self, envelope: Envelope) -> list[Arrival]:
        """One for each mailbox meant; a mail to both is made one ticket later, by its hash."""
        raw, now = bytes(envelope.original_content or b""), self.keep.clock()
        meant: dict[str, list[str]] = {}
        for address in envelope.rcpt_tos:
            mailbox = route(address, self.mailboxes)
            if mailbox is not None:
                meant.setdefault(mailbox.name, []).append(address.lower())
        return [
            Arrival(
                raw=raw,
                mailbox=name,
                door=self.config.protocol,
                folder=None,
                uidvalidity=None,
                uid=None,
                received_at=now,
                envelope_from=envelope.mail_from or "",
                envelope_to=tuple(to),
                behind_mta=self.config.behind_mta,
            )
            for name, to in meant.items()
        ]

    def refuse(self, answer: str, why: str) -> str:
        """Tell of it, and give back the answer."""
        maillog.refused(self.config.protocol, why)
        if self.metrics is not None:
            self.metrics.refused.labels(self.config.protocol).inc()
        return answer


class Listening(Controller):
    """The door, open in a thread of its own from `start()` to `stop()`. `port` is the true one."""

    def __init__(self, door: Door, mail_size: int) -> None:
        config = door.config
        if not config.public and not is_loopback(config.host):
            raise Faulty(
                f"listener: {config.host} can be reached from outside; write public: true if that is meant"
            )
        self.door, self.mail_size = door, mail_size
        super().__init__(door, hostname=config.host, port=config.port, ready_timeout=20)

    def factory(self) -> SMTP:
        """The server's end of one connection."""
        kind = LmtpConversation if self.door.config.protocol == "lmtp" else Conversation
        return kind(
            self.door,
            data_size_limit=self.mail_size,
            timeout=self.door.config.timeout_seconds,
            enable_SMTPUTF8=True,
            hostname=_own_name(),
            ident="triaged",
            loop=self.loop,
        )

    def stop(self, no_assert: bool = False) -> None:
        """Close the door; whoever is being answered is answered, for a few seconds."""
        if self._thread is None:  # it is closed
            return
        if self.server is not None:
            self.loop.call_soon_threadsafe(self.server.close)
        until = time.monotonic() + _LAST_WORDS_SECONDS
        while self.door.keeping and time.monotonic() < until:
            time.sleep(0.02)
        super().stop(no_assert=no_assert)

    def cancel_tasks(self, stop_loop: bool = True) -> None:
        """Break off every conversation; stop the loop once all have ended."""
        # aiosmtpd stops it at once; a conversation that had just begun, or is not yet cut, is told of as destroyed.
        if stop_loop:
            self._farewell = self.loop.create_task(self._stop_when_ended())
        else:
            super().cancel_tasks(stop_loop=False)

    async def _stop_when_ended(self) -> None:
        until = self.loop.time() + _LAST_WORDS_SECONDS
        await asyncio.sleep(0)  # whoever was let in a moment ago begins only now
        while (left := asyncio.all_tasks() - {asyncio.current_task()}) and self.loop.time() < until:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=0.1)
        self.loop.stop()


def listen(
    config: Listener,
    mailboxes: Sequence[Mailbox],
    keep: Keep,
    mail_size: int,
    metrics: Metrics | None = None,
) -> Listening:
    """Open the door. Raises Faulty when the address cannot be listened on or must not be."""
    listening = Listening(Door(config, mailboxes, keep, metrics), mail_size)
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        # Tried first by ourselves: the controller would wait its whole patience for a port that is taken.
        socket.create_server((config.host, config.port), family=family).close()
        listening.start()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Faulty(f"listener: cannot listen on {config.host}:{config.port}: {why}") from None
    return listening


@functools.cache
def _own_name() -> str:
    # Once, not at every connection as aiosmtpd would: getfqdn asks the DNS and can take seconds.
    return socket.getfqdn()
