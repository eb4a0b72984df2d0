"""A cheap SMTP server in a process of its own: takes everything, remembers only how much.

    with Sinking() as sink: sink.port; sink.taken() -> number of mails

Run as a module it listens on a port the system chooses and tells it. Written for speed: a few bytes are
looked at a mail, so that neither the floor nor the daemon waits for it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from multiprocessing.connection import Connection
from types import TracebackType

_spawn = multiprocessing.get_context("spawn")
_END = b"\r\n.\r\n"


class _Session(asyncio.Protocol):
    def __init__(self, counter: list[int]) -> None:
        self.counter, self.buffer, self.in_data = counter, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._say(b"220 sink.example")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        end = self.buffer.find(_END if self.in_data else b"\r\n")
        if end < 0:
            return False
        if self.in_data:
            self.buffer, self.in_data = self.buffer[end + len(_END) :], False
            self.counter[0] += 1
            self._say(b"250 taken")
            return True
        line, self.buffer = self.buffer[:end].upper(), self.buffer[end + 2 :]
        self._answer(line)
        return True

    def _answer(self, line: bytes) -> None:
        if line.startswith(b"DATA"):
            self.in_data = True
            self._say(b"354 go on")
        elif line.startswith(b"EHLO"):
            self._say(b"250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8")
        elif line.startswith(b"QUIT"):
            self._say(b"221 bye")
            self.transport.close()
        else:
            self._say(b"250 ok")

    def _say(self, line: bytes) -> None:
        self.transport.write(line + b"\r\n")  # type: ignore[attr-defined]


def _serve(pipe: Connection) -> None:
    asyncio.run(_listen(pipe))


async def _listen(pipe: Connection) -> None:
    counter = [0]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Session(counter), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    over = asyncio.Event()

    def asked() -> None:
        try:
            pipe.recv()
            pipe.send(counter[0])
        except EOFError:
            over.set()

    loop.add_reader(pipe.fileno(), asked)
    await over.wait()


class Sinking:
    """The sink's process, from outside."""

    def __enter__(self) -> Sinking:
        self._pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.port: int = self._pipe.recv()
        return self

    def taken(self) -> int:
        """Mails taken so far."""
        self._pipe.send("count")
        return int(self._pipe.recv())

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
