"""One SMTP or LMTP conversation: who may begin one, and how long it may last.

aiosmtpd limits neither how many talk at once nor how long somebody may go on with commands that lead nowhere;
it gives a mail of any size the time of one command, and it waits for ever for a peer that reads no answers.
So here: a command is given `timeout_seconds`; a mail the same, and a second more for each SLOWEST bytes that
have come; without a mail kept a conversation ends after FRUITLESS such times or IDLE_COMMANDS commands.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

from triaged.edge import peers

SLOWEST = 32 * 1024  # bytes a second; a mail server beside us sends a thousand times as much
FRUITLESS = 5
IDLE_COMMANDS = 300  # three times what a mail to MAX_RECIPIENTS needs
_LONGEST_LINE = 1024 * 1024  # RFC 5321 says 1,000; mail with longer lines exists, and refusing it loses it

Command = Callable[[str], Awaitable[None]]


class Door(Protocol):
    """What a conversation asks of its door."""

    talking: peers.Connections

    def refuse(self, answer: str, why: str) -> str:
        """Tell of it, and give back the answer."""


class Conversation(SMTP):
    """aiosmtpd's conversation with bounds."""

    line_length_limit = _LONGEST_LINE

    def __init__(self, door: Door, **settings: Any) -> None:
        super().__init__(door, **settings)
        self._door = door
        self._fruitful_at, self._commands = time.monotonic(), 0
        self._data_since: float | None = None
        self._data_bytes = 0
        self._smtp_methods = {name: self._counted(name, said) for name, said in self._smtp_methods.items()}

    async def _handle_client(self) -> None:
        who = peers.peer(self.session.peer if self.session else None)
        why = self._door.talking.refusal(who)
        if why is not None:
            await self._end(f"421 4.7.0 {why}, try again later", why)
            return
        try:
            await super()._handle_client()
        finally:
            self._door.talking.gone(who)

    def _counted(self, name: str, command: Command) -> Command:
        """The same command, as long as something comes of it all."""

        async def counted(argument: str) -> None:
            self._commands += 1
            if self._commands > IDLE_COMMANDS and name != "QUIT":
                await self._end("421 4.7.0 too many commands without a mail", "too many commands")
            elif name == "DATA":
                await self._receive(command, argument)
            else:
                await command(argument)

        return counted

    async def _receive(self, data: Command, argument: str) -> None:
        self._data_since, self._data_bytes = time.monotonic(), 0
        try:
            await data(argument)
        finally:
            self._data_since = None
        self._reset_timeout()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """The mail is there and being kept: that is our time, not the peer's. Once kept, all of his begins anew."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        try:
            yield
            self._fruitful_at, self._commands = time.monotonic(), 0
        finally:
            self._data_since = None
            self._reset_timeout()

    def data_received(self, data: bytes) -> None:
        """A mail that comes fast enough is given the time it needs, up to the largest we take."""
        if self._data_since is not None:
            self._data_bytes += len(data)
            self._reset_timeout()
        super().data_received(data)

    def _reset_timeout(self, duration: float | None = None) -> None:
        now, patience = time.monotonic(), self._timeout_duration
        if self._data_since is not None:
            earned = min(self._data_bytes, self.data_size_limit or self._data_bytes) / SLOWEST
            left = self._data_since + patience + earned - now
        else:
            left = min(duration or patience, self._fruitful_at + FRUITLESS * patience - now)
        super()._reset_timeout(max(left, 0.01))

    def _timeout_cb(self) -> None:
        """Cut it: an orderly close would wait for a peer that reads nothing."""
        if self.transport is not None:
            self.transport.abort()  # type: ignore[attr-defined]

    async def _end(self, answer: str, why: str) -> None:
        await self.push(self._door.refuse(answer, why))
        if self.transport is not None:
            self.transport.close()


class LmtpConversation(Conversation, LMTP):
    """The same in LMTP."""
