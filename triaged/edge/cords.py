"""A cord on every connection a loop has, by which it is cut when the daemon stops.

A server that answers nothing (a black hole) holds its loop for a whole timeout, at connecting, in the TLS
handshake, or between any two commands. Nobody can end a thread in Python; but a socket that another thread
shuts down wakes whoever waits for it, with an error like any other. One connection per thread, so the cord
hangs on the thread, and connections need not be handed round to be cut. `within` hangs one on a piece of work
that may take so long in all: a server that drips a byte a second never runs into a time-out.
"""

from __future__ import annotations

import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path


class Cord:
    """Tied to the socket a thread uses now. Once it is cut, whatever is tied to it later is cut at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut = False
        self._sock: weakref.ref[socket.socket] | None = None

    def tie(self, sock: socket.socket) -> None:
        """This is the socket now."""
        with self._lock:
            self._sock = weakref.ref(sock)
            if self._cut:
                self._shut()

    @property
    def is_cut(self) -> bool:
        """Whether it was cut."""
        return self._cut

    def cut(self) -> None:
        """Whoever waits for the socket fails at once; for good."""
        with self._lock:
            self._cut = True
            self._shut()

    def _shut(self) -> None:
        sock = self._sock() if self._sock else None
        if sock is not None:
            with suppress(OSError):  # it is closed already
                # Not SSLSocket's own: that would take the TLS from under whoever is reading.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Loop(threading.Thread):
    """A thread with a cord; the process does not wait for it at its end."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(target=work, name=name, daemon=True)
        self.cord = Cord()


_hanging = threading.local()  # `cord`: of what a thread does within a time


@contextmanager
def within(seconds: float) -> Iterator[Cord]:
    """What this thread connects inside the block is cut when so many seconds are over; not within another."""
    cord = _hanging.cord = Cord()
    timer = threading.Timer(seconds, cord.cut)
    timer.daemon = True
    timer.start()
    try:
        yield cord
    finally:
        timer.cancel()
        _hanging.cord = None


def connect(host: str, port: int, seconds: float | None) -> socket.socket:
    """`socket.create_connection`, on the cord of this thread if it has one. Raises OSError."""
    failed: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, where in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(seconds)
            _tie(sock)
            sock.connect(where)
        except OSError as error:
            failed = error
            sock.close()
        else:
            return sock
    raise failed


def trust(ca_file: str | None) -> ssl.SSLContext:
    """The system's trust, or that of a CA file, whose connections hang on the cord too. Raises OSError.

    Reading the certificates takes 47 ms: the same context serves all connections until their file changes.
    Nobody who is given one changes it.
    """
    shared = ssl.get_default_verify_paths()
    return _trusting(ca_file, tuple(map(_state, (ca_file,) if ca_file else (shared.cafile, shared.capath))))


def _state(file: str | None) -> tuple[int, ...]:
    try:
        told = Path(file).stat() if file else None
    except OSError:
        return ()  # whoever reads it says so
    return (told.st_mtime_ns, told.st_size, told.st_ino) if told else ()


@lru_cache(maxsize=16)
def _trusting(ca_file: str | None, _state: tuple[tuple[int, ...], ...]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.sslsocket_class = _Tied
    return context


class _Tied(ssl.SSLSocket):
    """TLS makes a new socket of the old one: tied before it waits for the first answer."""

    def do_handshake(self, block: bool = False) -> None:
        _tie(self)
        super().do_handshake(block)


def _tie(sock: socket.socket) -> None:
    thread = threading.current_thread()
    if isinstance(thread, Loop):
        thread.cord.tie(sock)
    within_time: Cord | None = getattr(_hanging, "cord", None)
    if within_time is not None:
        within_time.tie(sock)
