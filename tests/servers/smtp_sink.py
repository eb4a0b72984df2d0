"""A real SMTP server (aiosmtpd) that keeps what it is given and answers as it is told.

`answers` maps a verb ("EHLO", "MAIL", "RCPT", "DATA"; "354": before the mail itself is given) or a recipient's address to what is answered instead of
250: an SMTP line like "451 4.3.0 later", or `HANG` (no answer at all), or `DIE` (the connection is cut;
for DATA: after the mail was taken, so that its fate is unknown to the sender). A line that begins with 421
ends the connection, and so does the mail after the last of `letters_a_connection`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.ports import free_port

HANG, DIE = "hang", "die"


@dataclass(frozen=True)
class Taken:
    """A mail the sink took: its envelope and its bytes."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes
    connection: int


@dataclass
class Sink:
    """The server. `user`/`password`: what AUTH must give; `tls`: offered as STARTTLS."""

    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    letters_a_connection: int = 0  # 0: as many as one likes
    tokens: list[bytes] = field(default_factory=list)
    good_tokens: Callable[[], Collection[str]] = lambda: ("good-token",)

    def start(self, port: int = 0) -> Sink:
        """Listen on loopback."""
        self.port = port or free_port()
        self._controller = _Controller(self, self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Listen no more; `start(port)` comes back."""
        self._controller.stop(no_assert=True)

    async def handle_EHLO(
        self, server: SMTP, session: Session, _e: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses if "EHLO" not in self.answers else [await self._told("EHLO", server)]

    async def handle_MAIL(
        self, server: SMTP, _se: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        number = getattr(server, "number", 0)
        if 0 < self.letters_a_connection <= sum(one.connection == number for one in self.taken):
            return self._goodbye(server, "421 4.7.0 too many mails on this connection")
        answer = await self._told("MAIL", server)
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, server: SMTP, _se: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        answer = await self._told(address if address in self.answers else "RCPT", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers.get("DATA", "250") in ("250", DIE):
            raw = envelope.original_content or b""
            number: int = getattr(server, "number", 0)
            self.taken.append(Taken(str(envelope.mail_from), tuple(envelope.rcpt_tos), raw, number))
        return await self._told("DATA", server)

    async def _told(self, what: str, server: SMTP) -> str:
        answer = self.answers.get(what, "250 2.0.0 taken")
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == DIE and server.transport is not None:
            server.transport.abort()  # type: ignore[attr-defined]
            await asyncio.sleep(3600)
        return self._goodbye(server, answer) if answer.startswith("421") else answer

    def _goodbye(self, server: SMTP, answer: str) -> str:
        """The answer is the last thing on this connection."""
        if server.transport is not None:
            server.loop.call_soon(server.transport.close)
        return answer

    def authenticate(self, server: SMTP, _s: Session, _e: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = (
            isinstance(data, LoginPassword)
            and data.login == self.user.encode()
            and data.password == self.password.encode()
        )
        return AuthResult(success=good, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Google's and Microsoft's way: user and token in one blob, `good-token` is good."""
        import base64

        blob = base64.b64decode(args[1]) if len(args) > 1 else b""
        self.tokens.append(blob)
        if any(blob == f"user={self.user}\1auth=Bearer {one}\1\1".encode() for one in self.good_tokens()):
            return AuthResult(success=True, auth_data=b"token")
        await server.challenge_auth("eyJzdGF0dXMiOiI0MDAifQ==", encode_to_b64=False)
        return AuthResult(success=False, handled=False)


class _Session(SMTP):
    """One that may refuse DATA before the mail is given; the transaction then stands until RSET."""

    async def smtp_DATA(self, arg: str | None) -> None:
        sink: Sink = self.event_handler
        if "354" in sink.answers:
            await self.push(sink.answers["354"])
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def __init__(self, sink: Sink, port: int) -> None:
        self.sink = sink
        super().__init__(sink, hostname="127.0.0.1", port=port, ready_timeout=20)

    def factory(self) -> SMTP:
        sink = self.sink
        sink.connections += 1
        server = _Session(
            sink,
            hostname="sink.example",
            tls_context=sink.tls,
            authenticator=sink.authenticate if sink.user else None,
            auth_require_tls=sink.tls is not None,
            auth_required=bool(sink.user),
            enable_SMTPUTF8=True,
        )
        server.number = sink.connections  # type: ignore[attr-defined]
        return server
