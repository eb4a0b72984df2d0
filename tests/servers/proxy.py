"""A small TCP proxy between a client and a real server, to make the network misbehave.

`stall()` swallows everything and keeps the connection (a black hole), `flow()` lets it go on,
`drop()` cuts every connection, `refuse()` takes no new ones, `delay` slows each piece down.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Proxy:
    """Listens on 127.0.0.1:`port` and passes on to `target`. `connections` counts what ever came."""

    def __init__(self, target: int, *, delay: float = 0.0) -> None:
        self.target = target
        self.delay = delay
        self.connections = 0
        self.flowing = threading.Event()
        self.flowing.set()
        self.refusing = False
        self._socks: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
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
            far = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            _close(near)
            return
        far.settimeout(None)
        with self._lock:
            self._socks |= {near, far}
        threading.Thread(target=self._pass, args=(far, near), daemon=True).start()
        self._pass(near, far)

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self.flowing.wait()
                if self.delay:
                    time.sleep(self.delay)
                to.sendall(piece)
        _close(source)
        _close(to)


def _close(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        sock.close()
