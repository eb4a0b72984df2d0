"""A command on a real terminal, with somebody who types what it waits for."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60.0


@dataclass(frozen=True)
class Seen:
    """How it ended, and what stood on the screen."""

    status: int
    screen: str


def at_terminal(
    folder: Path, *arguments: str, types: tuple[tuple[str, str], ...] = (), columns: int = 200, rows: int = 50,
    **environ: str,
) -> Seen:  # fmt: skip
    """Run it there; each of `types` is what the screen has to show, and what is typed then."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    command = [sys.executable, "-m", "triaged", "--config", str(folder / "config.yaml"), *arguments]
    size = {"COLUMNS": str(columns), "LINES": str(rows)}
    given = {**os.environ, "TERM": "xterm-256color", "PAGER": "cat", **size, **environ}
    screen, waiting, end = b"", list(types), time.monotonic() + SECONDS
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=given, start_new_session=True
    ) as running:
        os.close(theirs)
        while time.monotonic() < end:
            if not select.select([ours], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not piece:
                break
            screen += piece
            if waiting and waiting[0][0].encode() in screen:
                os.write(ours, waiting.pop(0)[1].encode())
        else:
            running.kill()
        status = running.wait(SECONDS)
    os.close(ours)
    assert not waiting, f"never asked {waiting[0][0]!r}: {screen.decode('utf-8', 'replace')}"
    return Seen(status, screen.decode("utf-8").replace("\r\n", "\n"))
