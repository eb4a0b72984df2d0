"""Done-when 8: mails from Dovecot to acknowledgments at a sink, by the daemon and by the floor, in turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tests.bench import Row
from tests.bench.mails import SUPPORT, partner_mails, partners_csv
from tests.bench.sink import Sinking
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from triaged.store import Store, upgrade

RATIO = 0.6
PATIENCE = 120.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Drained:
    """One drain."""

    seconds: float
    cpu: float
    peak: float = 0.0  # MB, all processes together
    start_up: float = 0.0
    memory: list[float] = field(default_factory=list)  # MB, as the mails went through
    faults: list[str] = field(default_factory=list)


def rows(count: int = 2000, turns: int = 2) -> Iterator[Row]:
    """Floor and daemon in turn, best of each; nothing lost, nothing doubled; memory."""
    mails = partner_mails(count)
    if len(mails) < count:
        yield Row("drain", "skipped: the spamassassin corpus is not there")
        return
    floors, ours = [], []
    with Sinking() as sink:
        for _ in range(turns):
            floors.append(by_floor(mails, sink))
            ours.append(by_daemon(mails, sink))
    floor, best = min(f.seconds for f in floors), min(ours, key=lambda one: one.seconds)
    ratio = floor / best.seconds
    yield Row("floor, mails a second", f"{count / floor:.0f}")
    yield Row("triaged, mails a second", f"{count / best.seconds:.0f}")
    yield Row("triaged to floor", f"{ratio:.2f}", f">= {RATIO}", ratio >= RATIO)
    yield Row("floor, CPU ms a mail", f"{1000 * min(f.cpu for f in floors) / count:.2f}")
    yield Row("triaged, CPU ms a mail", f"{1000 * min(o.cpu for o in ours) / count:.2f}")
    yield Row("triaged, peak memory", f"{max(o.peak for o in ours):.0f} MB")
    growth = max(o.memory[-1] - o.memory[len(o.memory) // 2] for o in ours)
    yield Row("memory grown over the second half", f"{growth:.0f} MB", "<= 30 MB", growth <= 30)
    yield Row("start-up until ready", f"{min(o.start_up for o in ours):.1f} s")
    faults = [fault for one in ours for fault in one.faults]
    yield Row("lost or doubled", "; ".join(faults) or "nothing", "nothing", not faults)


def by_floor(mails: Sequence[bytes], sink: Sinking) -> Drained:
    """The floor's drain."""
    dovecot, folder = Dovecot().start(), Path(tempfile.mkdtemp(prefix="triaged-floor-"))
    try:
        dovecot.deliver_many("floor", mails, datetime.now(UTC))
        given = [str(dovecot.port), "floor", dovecot.password, str(sink.port), str(folder / "floor.db")]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.floor", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin and process.stdout
        process.stdout.readline()
        process.stdin.write("go\n")
        process.stdin.flush()
        seconds, cpu = process.stdout.readline().split()
        process.wait()
        return Drained(float(seconds), float(cpu))
    finally:
        dovecot.stop()
        shutil.rmtree(folder)


def by_daemon(mails: Sequence[bytes], sink: Sinking, database: str | None = None) -> Drained:
    """The daemon's drain: `triaged run` in a process of its own; the clock starts when it is ready."""
    dovecot, folder = Dovecot().start(), Path(tempfile.mkdtemp(prefix="triaged-bench-"))
    try:
        port = configure(folder, dovecot, sink.port, len(mails), database)
        begun = time.perf_counter()
        with running(folder, *_profiler()) as process:
            return _watch(process, folder, dovecot, mails, sink, port, begun)
    finally:
        dovecot.stop()
        if os.environ.get("BENCH_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


@contextmanager
def daemon(sink: Sinking, partners: int) -> Iterator[tuple[Dovecot, Path, subprocess.Popen[bytes]]]:
    """A server, a folder and the daemon on both, ready; all gone behind."""
    dovecot, folder = Dovecot().start(), Path(tempfile.mkdtemp(prefix="triaged-bench-"))
    try:
        port = configure(folder, dovecot, sink.port, partners)
        with running(folder) as process:
            wait_until_ready(port, process)
            yield dovecot, folder, process
    finally:
        dovecot.stop()
        shutil.rmtree(folder)


@contextmanager
def running(folder: Path, *under: str) -> Iterator[subprocess.Popen[bytes]]:
    """`triaged run` on a folder's config in a process of its own, its log beside."""
    program = str(Path(sys.executable).with_name("triaged"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*under, program, "--config", str(folder / "config.yaml"), "run"], stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _profiler() -> list[str]:
    """BENCH_PROFILE=file: py-spy or such could go before the program."""
    return os.environ.get("BENCH_UNDER", "").split()


def _watch(
    process: subprocess.Popen[bytes],
    folder: Path,
    dovecot: Dovecot,
    mails: Sequence[bytes],
    sink: Sinking,
    port: int,
    begun: float,
) -> Drained:
    wait_until_ready(port, process)
    result = Drained(0.0, 0.0, start_up=time.perf_counter() - begun)
    appear = dovecot.lay_down("bench", mails, datetime.now(UTC))
    cpu, before = cpu_of(process.pid), sink.taken()
    start = time.perf_counter()
    appear()
    while (taken := sink.taken() - before) < len(mails):
        if process.poll() is not None or time.perf_counter() - start > PATIENCE:
            result.faults.append(
                f"only {taken} of {len(mails)} letters left: {(folder / 'log').read_text()[-500:]}"
            )
            break
        result.memory.append(memory_of(process.pid))
        time.sleep(0.05)
    result.seconds = time.perf_counter() - start
    result.cpu = cpu_of(process.pid) - cpu
    result.memory.append(memory_of(process.pid))
    result.peak = max(result.memory)
    time.sleep(1)  # anything doubled would come now
    if sink.taken() - before > len(mails):
        result.faults.append(f"{sink.taken() - before} letters for {len(mails)} mails")
    result.faults += _accounted(folder, len(mails))
    return result


def _accounted(folder: Path, count: int) -> list[str]:
    database = yaml.safe_load((folder / "config.yaml").read_text())["database"]
    store = Store.open(
        database if "://" in database and ":///" not in database else f"sqlite:///{folder}/triaged.db"
    )
    try:
        fates: dict[str, int] = {}
        for mail in store.each_mail():
            fates[mail.fate] = fates.get(mail.fate, 0) + 1
        return [] if fates == {"ticket": count} else [f"fates {json.dumps(fates)}"]
    finally:
        store.close()


def configure(
    folder: Path, dovecot: Dovecot, smtp_port: int, partners: int, database: str | None = None
) -> int:
    """Config, directory and database of the bench's daemon; answers its HTTP port."""
    port = free_port()
    (folder / "secret").write_text(dovecot.password)
    (folder / "partners.csv").write_text(partners_csv(partners))
    (folder / "accounts.csv").write_text(
        "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions\n"
    )
    mailbox = {
        "name": "global",
        "address": SUPPORT,
        "regions": ["US"],
        "imap": {
            "host": "127.0.0.1",
            "port": dovecot.port,
            "tls": "none",
            "user": "bench",
            "password_file": "secret",
            "poll_seconds": 3600,
        },
        "smtp": {"host": "127.0.0.1", "port": smtp_port, "tls": "none"},
    }
    config = {
        "database": database or "sqlite:///triaged.db",
        "directory": {"accounts": "accounts.csv", "partners": "partners.csv"},
        "trusted_authserv_ids": ["mx.intake.example"],
        "staff": {"domains": ["zohocorp.com"]},
        "mailboxes": [mailbox],
        "listener": {"protocol": "lmtp", "port": free_port(), "behind_mta": True},
        "http": {"listen": f"127.0.0.1:{port}"},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    upgrade(database or f"sqlite:///{folder}/triaged.db")
    return port


def lmtp_port(folder: Path) -> int:
    """Where the bench's daemon takes mail by LMTP."""
    return int(yaml.safe_load((folder / "config.yaml").read_text())["listener"]["port"])


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            body = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read()
            if b'triaged_mailbox_last_good_poll_age_seconds{mailbox="global"}' in body:
                return
        except (urllib.error.URLError, OSError):
            pass
        threading.Event().wait(0.1)
    raise RuntimeError("the daemon did not become ready")


def _family(pid: int) -> list[int]:
    """A process and its children's children."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and all below it, the dead ones it waited for included."""
    total = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / _TICKS


def memory_of(pid: int) -> float:
    """MB of private and shared memory (PSS) of a process and all below it."""
    total = 0
    for one in _family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1024
