"""What a start costs and what lies in memory at rest: CPU seconds until READY, and PSS of all processes."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import Row
from tests.bench.drain import configure, cpu_of, memory_of
from tests.servers.dovecot import Dovecot

READY, ONCE, REST = 2.0, 2.5, 190.0  # CPU seconds, CPU seconds, MB
TRIAGED = str(Path(sys.executable).with_name("triaged"))


def rows() -> Iterator[Row]:
    """The least of three, each with the byte code there already."""
    dovecot, folder = Dovecot().start(), Path(tempfile.mkdtemp(prefix="triaged-start-"))
    try:
        configure(folder, dovecot, 9, 10)
        program = [TRIAGED, "--config", str(folder / "config.yaml"), "run"]
        once = min(_cpu([*program, "--once"]) for _ in range(3))
        tries = [_ready([*program], folder) for _ in range(3)]
    finally:
        dovecot.stop()
        shutil.rmtree(folder)
    ready, settled, rest = (min(told) for told in zip(*tries, strict=True))
    bare = min(_cpu([sys.executable, "-I", "-c", "pass"]) for _ in range(9))
    yield Row("bare Python, CPU", f"{1000 * bare:.0f} ms")
    yield Row("CPU until READY", f"{ready:.2f} s", f"<= {READY} s", ready <= READY)
    yield Row("CPU two seconds later", f"{settled:.2f} s")
    yield Row("--once on an empty mailbox, CPU", f"{once:.2f} s", f"<= {ONCE} s", once <= ONCE)
    yield Row("memory at rest", f"{rest:.0f} MB", f"<= {REST:.0f} MB", rest <= REST)


def _cpu(program: list[str]) -> float:
    """CPU seconds of a program and what it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _ready(program: list[str], folder: Path) -> tuple[float, float, float]:
    """CPU seconds until systemd would be told; CPU seconds and MB two seconds later, when readers are warm."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        where = folder / f"notify-{time.monotonic_ns()}"
        told.bind(str(where))
        told.settimeout(120)
        process = subprocess.Popen(
            program, env={**os.environ, "NOTIFY_SOCKET": str(where)}, stderr=subprocess.DEVNULL
        )
        try:
            while b"READY=1" not in told.recv(4096):
                pass
            cpu = cpu_of(process.pid)
            time.sleep(2)
            return cpu, cpu_of(process.pid), memory_of(process.pid)
        finally:
            process.terminate()
            process.wait(60)
