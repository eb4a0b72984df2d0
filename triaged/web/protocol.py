"""One HTTP connection: one request, within a time, from a peer that does not have too many already.

uvicorn waits for ever for a request that never becomes complete (slowloris) and for a reader that does not
read, and puts a traceback into the log when garbage follows a request. So the whole connection has one time,
after which it is cut, and what it cannot digest ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from triaged.edge import peers

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol with bounds."""

    def __init__(
        self,
        *given: Any,
        bounds: peers.Connections,
        seconds: float,
        refused: Callable[[str], None],
        **more: Any,
    ) -> None:
        super().__init__(*given, **more)
        self._bounds, self._seconds, self._refused = bounds, seconds, refused
        self._peer: str | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or say 503."""
        who = peers.peer(transport.get_extra_info("peername"))
        why = self._bounds.refusal(who)
        if why is not None:
            self._refused(why)
            transport.write(_FULL)
            transport.close()
            return
        self._peer = who
        self._end = self.loop.call_later(self._seconds, transport.abort)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """What breaks the rules so that h11 has no answer left ends the connection, not in our log."""
        if self._peer is None:
            return
        try:
            super().data_received(data)
        except Exception as error:
            self._refused(type(error).__name__)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Its place is free again."""
        if self._peer is None:
            return
        self._bounds.gone(self._peer)
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)

    def _unsupported_upgrade_warning(self) -> None:
        """A peer asked for a protocol we do not speak: his affair."""


def bounded(bounds: peers.Connections, seconds: float, refused: Callable[[str], None]) -> Any:
    """The protocol as uvicorn wants it, with its bounds."""
    return partial(BoundedProtocol, bounds=bounds, seconds=seconds, refused=refused)
