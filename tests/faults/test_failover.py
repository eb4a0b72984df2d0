"""Several daemons on one PostgreSQL: when one dies, however it dies, the others go on in seconds; it does nothing stale."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import yaml

from tests.e2e import doomed
from tests.e2e.town import ANNA, CARL, Town, mail, parsed
from tests.intake.scene import eventually
from tests.servers.postgres import Postgres
from tests.servers.proxy import Proxy
from triaged.outbox.sending import MailboxSender
from triaged.walk import triage

PROMISED = 15.0  # seconds, where a core is free for each daemon
CASES = 4
UP_SECONDS = 240  # patience, until a daemon is up: two seconds where nobody else wants the processor
MAILBOXES = {"mailbox:europe", "mailbox:global"}


def promised() -> float:
    """What may be asked of this machine now: where ten want one core, each second of work takes ten."""
    return PROMISED * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _mails(first: int = 0) -> list[bytes]:
    return [
        mail(ANNA, f"Case {n}", f"Org ID: 6003112{n:04}\nThe export fails.")
        for n in range(first, first + CASES)
    ]


@contextmanager
def doomed_first(town: Town, point: str, end: signal.Signals, count: int = 1) -> Iterator[BaseProcess]:
    """A daemon that has the mailboxes, and comes to its end at the point."""
    town.written()
    process = doomed.started(town.path, town.clock(), point, count, end)
    try:
        yield process
    finally:
        process.kill()
        process.join(10)


def _over(process: BaseProcess) -> bool:
    """Dead, or frozen."""
    if not process.is_alive():
        return True
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _once(town: Town, subjects: Counter[str]) -> None:
    assert Counter(ticket.subject for ticket in town.tickets()) == subjects
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken)
    twice = [
        (one.connection, one.rcpt_to, str(parsed(one.raw)["Subject"]))
        for one in town.sink.taken
        if sent[str(parsed(one.raw)["Message-ID"])] > 1
    ]
    assert not twice, "a letter left twice"


def _gone_on(town: Town, since: float, what: str) -> None:
    """The next has polled both mailboxes, and answered what the first had claimed."""
    town.arrives(mail(CARL, "Afterwards", "Org ID: 60031122399\nThe import fails."), at="global")
    patience = promised() + 20
    eventually(lambda: town.letters(CARL), patience)
    polled = time.monotonic() - since
    eventually(lambda: len(town.letters(ANNA)) == CASES, patience)
    taken = time.monotonic() - since
    print(
        f"{what}: the other polled the mailbox after {polled:.1f} s, and had done the claimed mail after {taken:.1f} s"
    )
    assert polled < promised() and taken < promised()


@pytest.mark.long
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
@pytest.mark.parametrize(
    "point",
    ["kept, not moved on the server", "claimed for triage", "everything written, not committed", "letters claimed",
     "recipients told, no data"],
)  # fmt: skip
def test_another_daemon_goes_on_within_fifteen_seconds_and_who_wakes_does_nothing_stale(
    shared: Town, point: str, end: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_alone = threading.Event()
    first_alone.set()
    _leaving_work_to_the_first(monkeypatch, first_alone)
    # A start writes once, each mailbox's digest; the second time it is mail.
    with doomed_first(shared, point, end, 2 if point.startswith("everything written") else 1) as first:
        eventually(lambda: shared.store.leases().keys() >= MAILBOXES, UP_SECONDS)
        with shared.daemon():  # stands by
            shared.arrives(*_mails())
            eventually(lambda: _over(first), UP_SECONDS)
            since = time.monotonic()
            first_alone.clear()
            _gone_on(shared, since, f"{end.name} at {point!r}")
            if end == signal.SIGSTOP:
                assert first.pid is not None
                os.kill(first.pid, signal.SIGCONT)
                time.sleep(3)  # it wakes, and would write and send by now
            shared.settled(CASES + 1)
            _once(shared, Counter([*(f"Case {n}" for n in range(CASES)), "Afterwards"]))


def _leaving_work_to_the_first(monkeypatch: pytest.MonkeyPatch, first_alone: threading.Event) -> None:
    """The standby, in this process, claims neither mail nor letters while the other is to come to its point."""
    claims, sends = triage.begin, MailboxSender.send_once
    monkeypatch.setattr(triage, "begin", lambda *given: None if first_alone.is_set() else claims(*given))
    monkeypatch.setattr(MailboxSender, "send_once", lambda one: 0 if first_alone.is_set() else sends(one))


@pytest.mark.long
def test_a_standby_that_has_waited_takes_over_within_fifteen_seconds_too(shared: Town) -> None:
    """It stood by all the time: its looks at the mailbox come at intervals."""
    with doomed_first(shared, "sent and recorded", signal.SIGKILL, 10_000) as first:
        eventually(lambda: shared.store.leases().keys() >= MAILBOXES, UP_SECONDS)
        with shared.daemon():
            first.kill()
            shared.arrives(*_mails())
            _gone_on(shared, time.monotonic(), "SIGKILL with a standby")
            _once(shared, Counter([*(f"Case {n}" for n in range(CASES)), "Afterwards"]))


@pytest.mark.long
def test_a_daemon_cut_off_from_the_database_is_dead_and_comes_back_without_doing_anything_twice(
    shared: Town, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A lost host, seen from both sides: its packets vanish, the servers of mail it still reaches."""
    folder = tmp_path_factory.mktemp("pg")
    proxy = Proxy(postgres.folder / ".s.PGSQL.5432", at=folder / ".s.PGSQL.5432")
    config = {**shared.config, "database": shared.database.replace(str(postgres.folder), str(folder))}
    path = shared.folder / "far.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    first = doomed.started(path, shared.clock(), "sent and recorded", 10_000)
    try:
        eventually(lambda: shared.store.leases().keys() >= MAILBOXES, UP_SECONDS)
        shared.arrives(*_mails())
        eventually(lambda: shared.store.letters(address=ANNA), UP_SECONDS)
        with shared.daemon():  # stands by
            proxy.stall()
            _gone_on(shared, time.monotonic(), "a host lost")
            proxy.flow()
            time.sleep(3)
            shared.settled(CASES + 1)
            _once(shared, Counter([*(f"Case {n}" for n in range(CASES)), "Afterwards"]))
    finally:
        first.kill()
        first.join(10)
        proxy.close()


@pytest.mark.long
def test_a_server_that_hangs_stretches_no_lease(shared: Town) -> None:
    """`imap.timeout_seconds` is ten minutes, and the thread hangs in it: its daemon dies, and the mailbox is read."""
    hole = Proxy(shared.dovecot.port)
    config = {**shared.config, "mailboxes": [dict(box) for box in shared.config["mailboxes"]]}
    for box in config["mailboxes"]:
        box["imap"] = {**box["imap"], "port": hole.port, "timeout_seconds": 600}
    path = shared.folder / "slow.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    first = doomed.started(path, shared.clock(), "sent and recorded", 10_000)
    try:
        eventually(lambda: len(shared.store.mailbox_states()) == 2, UP_SECONDS)
        hole.stall()
        shared.arrives(*_mails())
        time.sleep(2)
        with shared.daemon():  # stands by
            time.sleep(2)
            first.kill()
            _gone_on(shared, time.monotonic(), "SIGKILL while its mailboxes hung")
    finally:
        first.kill()
        first.join(10)
        hole.close()


@pytest.mark.long
def test_a_daemon_that_lives_keeps_what_it_has_for_as_long_as_its_mailbox_hangs(shared: Town) -> None:
    """The heart beats apart from the thread that hangs: nobody takes a living daemon's mailbox."""
    with shared.daemon() as daemon:
        eventually(lambda: shared.store.leases().keys() >= MAILBOXES, UP_SECONDS)
        before = shared.store.leases()
        time.sleep(10)  # longer than a lease: nothing but the heart renews it while the loops wait in IDLE
        after = shared.store.leases()
        assert all(after[name][0] == daemon.house.owner for name in MAILBOXES)
        assert all(after[name][1] > before[name][1] for name in MAILBOXES)
        assert daemon.heart.epoch() == 1


@pytest.mark.long
def test_a_restart_of_the_database_kills_nobody(shared: Town, postgres: Postgres) -> None:
    with shared.daemon() as one:
        eventually(lambda: shared.store.mailbox_states(), UP_SECONDS)
        postgres.stop(hard=True)
        time.sleep(2)
        postgres.start()
        eventually(lambda: _answers(shared), 30)
        shared.arrives(*_mails())
        shared.settled(CASES)
        assert one.heart.epoch() == 1
        _once(shared, Counter(f"Case {n}" for n in range(CASES)))


def _answers(town: Town) -> bool:
    try:
        town.store.ping()
    except Exception:
        return False
    return True
