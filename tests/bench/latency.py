"""How soon a mail in the mailbox is acknowledged: by IDLE, with polling so rare that it cannot be the reason."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import Row
from tests.bench.drain import configure, wait_until_ready
from tests.bench.mails import SUPPORT, partner
from tests.bench.sink import Sinking
from tests.servers.dovecot import Dovecot

MAILS = 15
BOUND = 1.0


def rows() -> Iterator[Row]:
    """Median and worst over 15 mails, one at a time."""
    dovecot, folder = Dovecot().start(), Path(tempfile.mkdtemp(prefix="triaged-latency-"))
    with Sinking() as sink, (folder / "log").open("wb") as log:
        port = configure(folder, dovecot, sink.port, MAILS)
        program = [
            str(Path(sys.executable).with_name("triaged")),
            "--config",
            str(folder / "config.yaml"),
            "run",
        ]
        process = subprocess.Popen(program, stderr=log)
        try:
            wait_until_ready(port, process)
            times = [_acknowledged(dovecot, sink, number) for number in range(MAILS)]
        finally:
            process.terminate()
            process.wait(60)
            dovecot.stop()
            shutil.rmtree(folder)
    median = statistics.median(times)
    yield Row("acknowledged by IDLE, median of 15", f"{median:.2f} s", f"< {BOUND} s", median < BOUND)
    yield Row("acknowledged by IDLE, worst of 15", f"{max(times):.2f} s")


def _acknowledged(dovecot: Dovecot, sink: Sinking, number: int) -> float:
    domain = partner(number)
    raw = (
        f"Authentication-Results: mx.intake.example; dmarc=pass header.from={domain}\r\n"
        f"From: staff@{domain}\r\nTo: {SUPPORT}\r\nSubject: Export {number}\r\n"
        f"Message-ID: <{number}.latency@{domain}>\r\n\r\nThe export of reports fails for us.\r\n"
    )
    before, start = sink.taken(), time.perf_counter()
    dovecot.append("bench", raw.encode())
    while sink.taken() == before:
        if time.perf_counter() - start > 60:
            return 60.0
        time.sleep(0.005)
    return time.perf_counter() - start
