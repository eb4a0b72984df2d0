"""A small TCP proxy between a client and a real server, to make the network misbehave.

`stall()` swallows everything and keeps the connection (a black hole), `flow()` lets it go on,
`drop()` cuts every connection, `refuse()` takes no new ones, `delay` slows each piece down, `drip` lets so many
bytes pass at a time, `cut_after(n)` cuts the connection that is the first to have had n more bytes from the server,
`swallow` names what the server's words never arrive of, where a packet holds nothing else.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from pathlib import Path


class Proxy:
    """Listens on 127.0.0.1:`port` (or the UNIX socket `at`) and passes on to `target`, a port or a UNIX socket.

    `connections` counts what ever came.
    """

    def __init__(self, target: int | Path, *, delay: float = 0.0, at: Path | None = None) -> None:
        self.target = target
        self.delay = delay
        self.drip = 0  # bytes at a time, each after `delay`; 0: as they come
        self.swallow: re.Pattern[bytes] | None = None
        self.swallowed = 0  # packets
        self._cut_after: int | None = None
        self.connections = 0
        self.flowing = threading.Event()
        self.flowing.set()
        self.refusing = False
        self._socks: set[socket.socket] = set()
        self._lock = threading.Lock()
        if at is None:
            self._listening = socket.create_server(("127.0.0.1", 0))
            self.port: int = self._listening.getsockname()[1]
        else:
            self._listening = socket.socket(socket.AF_UNIX)
            self._listening.bind(str(at))
            self._listening.listen(100)
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        """From now on nothing passes, in neither direction, and nobody is told."""
        self.flowing.clear()

    def flow(self) -> None:
        """Everything passes again (what was held back first)."""
        self.flowing.set()

    def refuse(self, refusing: bool = True) -> None:
        """New connections are cut as soon as they come."""
        self.refusing = refusing

    def cut_after(self, count: int | None) -> None:
        """Once: in the middle of whatever the server is saying then. None: not any more."""
        self._cut_after = count

    def heal(self) -> None:
        """Everything passes, quickly, and stays whole."""
        self.refusing, self.delay, self.drip, self._cut_after = False, 0.0, 0, None
        self.flow()

    def drop(self) -> None:
        """Cut every connection there is."""
        with self._lock:
            socks, self._socks = self._socks, set()
        for sock in socks:
            _close(sock)

    def close(self) -> None:
        """Stop listening and cut everything."""
        _close(self._listening)
        self.flow()
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        if self.refusing:
            _close(near)
            return
        self.flowing.wait()
        try:
            far = self._reached()
        except OSError:
            _close(near)
            return
        far.settimeout(None)
        with self._lock:
            self._socks |= {near, far}
        threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()
        self._pass(near, far, False)

    def _reached(self) -> socket.socket:
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target), timeout=10)
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self.target))
        return far

    def _pass(self, source: socket.socket, to: socket.socket, from_server: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self.flowing.wait()
                if from_server and (left := self._cut_after) is not None:
                    self._cut_after = left - len(piece) if left > len(piece) else None
                    if left <= len(piece):
                        to.sendall(piece[:left])
                        break
                if from_server and self.swallow and self.swallow.fullmatch(piece):
                    self.swallowed += 1
                    continue
                step = self.drip or len(piece)
                for start in range(0, len(piece), step):
                    if self.delay:
                        time.sleep(self.delay)
                    to.sendall(piece[start : start + step])
        _close(source)
        _close(to)


def _close(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        sock.close()
