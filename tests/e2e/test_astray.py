"""Daemons that are frozen, that know fewer mailboxes, or whose clock is set back (issue 9, 4 and 5)."""

from __future__ import annotations

import os
import signal
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e import doomed
from tests.e2e.town import ADDRESSES, ANNA, CARL, Town, mail, parsed
from tests.intake.scene import eventually
from triaged.config import config as configs
from triaged.daemon.daemon import Daemon
from triaged.store import engine

REQUEST = "Org ID: 60031122399\nThe export of reports fails."


@contextmanager
def knowing_less(town: Town) -> Iterator[Daemon]:
    """A second daemon on the same database, whose config holds one mailbox only."""
    config: dict[str, Any] = {**town.config, "mailboxes": [town.mailbox("global")]}
    del config["listener"]
    path = town.folder / "less.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    daemon = Daemon(configs.load(path), config_path=path, clock=town.clock)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop("the test is over")


def test_a_daemon_that_knows_fewer_mailboxes_leaves_a_living_ones_alone(town: Town) -> None:
    town.sink.answers["MAIL"] = "421 4.3.2 not now"
    town.arrives(mail(ANNA, "Before", REQUEST))
    with town.daemon() as whole:
        eventually(lambda: town.store.letters(address=ANNA))
        with knowing_less(town) as less:
            assert less.house.elsewhere(town.clock()) == {"europe"}
            town.arrives(*(mail(ANNA, f"After {n}", REQUEST) for n in range(4)))
            eventually(lambda: len(town.store.letters(address=ANNA)) == 5)
            less.chores.announce()
            assert {letter.mailbox for letter in town.store.letters(address=ANNA)} == {"europe"}
            town.sink.answers.clear()
            whole.ring_senders()
            eventually(lambda: len(town.letters(ANNA)) == 5, seconds=60)  # one may be put aside for 20 s
    assert {str(one["From"].addresses[0].addr_spec) for one in town.letters(ANNA)} == {ADDRESSES["europe"]}


def test_letters_of_a_mailbox_that_nobody_knows_any_more_leave_by_the_first(town: Town) -> None:
    town.sink.answers["MAIL"] = "421 4.3.2 not now"
    town.arrives(mail(ANNA, "Before", REQUEST))
    with town.daemon():
        eventually(lambda: town.store.letters(address=ANNA))
    assert town.store.living(town.clock()) == {}  # it stopped in order
    town.sink.answers.clear()
    with knowing_less(town):
        town.letter_to(ANNA)
    assert {letter.mailbox for letter in town.store.letters(address=ANNA)} == {"global"}


@pytest.mark.parametrize("running", [True, False])
def test_a_clock_that_is_set_back_holds_up_no_letter(town: Town, running: bool) -> None:
    town.clock.move(days=20)
    town.arrives(mail(ANNA, "Before", REQUEST))
    town.sink.answers["RCPT"] = "451 4.2.0 busy"
    with town.daemon():
        eventually(lambda: any(one.error for one in town.store.letters(address=ANNA)))
        if running:
            town.clock.move(days=-20)
            town.sink.answers.clear()
            town.letter_to(ANNA)
            return
    town.clock.move(days=-20)
    town.sink.answers.clear()
    with town.daemon():
        town.letter_to(ANNA)


def test_the_ticks_go_on_when_the_clock_is_set_back(town: Town) -> None:
    """The scheduler sets its next ticks by the machine's clock: an hour back, and it would sleep for an hour."""
    with town.daemon() as daemon:
        scheduler = daemon.ticking._scheduler
        hour = datetime.now(UTC) + timedelta(hours=2)  # further off than any job waits
        for job in scheduler.get_jobs():
            job.modify(next_run_time=hour)
        town.clock.move(hours=-2)
        eventually(lambda: all(job.next_run_time < hour for job in scheduler.get_jobs()))


def test_a_frozen_daemon_holds_up_nobody_for_long_and_does_nothing_stale_when_it_thaws(town: Town) -> None:
    if town.database.startswith("sqlite"):
        pytest.skip("several daemons share PostgreSQL, not SQLite")
    listener = town.config.pop("listener")
    town.config["limits"] = {"letters_per_address_hour": 100}
    town.arrives(*(mail(ANNA, f"Case {n}", f"Org ID: 6003112{n:04}\nThe export fails.") for n in range(4)))
    town.written()
    frozen = doomed.started(town.path, town.clock(), "everything written, not committed", 1, signal.SIGSTOP)
    assert frozen.pid is not None
    eventually(lambda: _stopped(frozen.pid), 60)
    town.config["listener"] = listener
    try:
        with town.daemon():
            began = time.monotonic()
            with smtplib.LMTP("127.0.0.1", town.lmtp_port) as door:
                sent = mail(CARL, "Meanwhile", "Org ID: 60031122399\nThe export of reports fails.")
                door.sendmail(CARL, [ADDRESSES["europe"]], sent)
            eventually(lambda: town.letters(CARL), engine.IDLE_SECONDS + 20)
            waited = time.monotonic() - began
            os.kill(frozen.pid, signal.SIGCONT)
            eventually(lambda: len(town.letters(ANNA)) >= 4, 60)
            town.settled(5)
            assert waited < engine.IDLE_SECONDS + 15
    finally:
        frozen.kill()
        frozen.join(10)
    subjects = [ticket.subject for ticket in town.tickets()]
    assert Counter(subjects) == Counter(["Meanwhile", *(f"Case {n}" for n in range(4))])
    assert set(Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken).values()) == {1}


def _stopped(pid: int | None) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
