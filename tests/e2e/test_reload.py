"""A reload: in one place, one at a time; what it cannot apply is named; no reader is left over."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.town import Town
from tests.intake.scene import eventually
from tests.servers.ports import free_port
from triaged.config import shipped
from triaged.readers.pool import Readers
from triaged.reading.values import Door


def readers() -> set[int]:
    """The reader processes of this process."""
    return {c.pid for c in multiprocessing.active_children() if c.name == "triaged-reader" and c.pid}


@pytest.fixture
def own_readers(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town whose daemon has readers of its own."""
    monkeypatch.setattr("triaged.daemon.daemon.Readers", Readers)
    return town


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    """SQLite will do: a reload has nothing to do with the database."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    return f"sqlite:///{tmp_path}/triaged.db"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("database", lambda c: c.update(database="sqlite:///other.db")),
        ("database_password_file", lambda c: c.update(database_password_file="secret")),
        ("listener", lambda c: c["listener"].update(max_connections=7)),
        ("listener", lambda c: c.pop("listener")),
        ("http", lambda c: c.update(http={"listen": f"127.0.0.1:{free_port()}"})),
        ("mailboxes", lambda c: c["mailboxes"][0].update(display_name="Desk")),
        ("limits.mail_size", lambda c: c.update(limits={"mail_size": 1_000_000})),
    ],
)
def test_what_a_reload_cannot_apply_is_named_in_log_and_status(
    town: Town, name: str, change: Callable[[Any], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with town.daemon() as daemon:
        before = daemon.house.knowledge
        change(town.config)
        town.written()
        assert not daemon.reload() and daemon.house.knowledge is before
        said = f"{name} has changed: that needs a restart"
        assert any(said in str(r.__dict__.get("what")) for r in caplog.records)
        assert said in str(town.store.notes()["reload.refused"].value)


def test_every_name_is_told_and_a_restart_makes_an_end_of_it(town: Town) -> None:
    with town.daemon() as daemon:
        town.config["listener"]["max_connections"] = 7
        town.config["limits"] = {"mail_size": 1_000_000, "letters_per_ticket_day": 3}
        town.config["http"] = {"listen": "127.0.0.1:0", "timeout_seconds": 3}
        town.written()
        assert not daemon.reload()
        lines = town.store.notes()["reload.refused"].value["lines"]
        assert [line.partition(" ")[0] for line in lines] == ["listener", "http", "limits.mail_size"]
    with town.daemon():
        assert "reload.refused" not in town.store.notes()


FAROESE = (
    "language: fo\nabsence: {subject: [^sjálvvirkandi svar], away: [eg eri í feriu], later: [eg svari tá]}\n"
)
AWAY = "Subject: Sjálvvirkandi svar: Export\n\nEg eri í feriu og eg svari tá eg komi aftur.\n"


def test_an_operators_words_are_taken_by_a_reload_and_a_wrong_file_leaves_those_in_force(
    own_readers: Town,
) -> None:
    town = own_readers
    words = town.folder / "words"
    words.mkdir()
    (words / "fo.yaml").write_text("language: fo\n", "utf-8")
    town.config |= {"reading_words": "words", "reload_on_change": True}
    with town.daemon() as daemon:

        def is_absence() -> bool:
            (reading,) = daemon.house.readers.read([(f"From: eva@ahorn.example\n{AWAY}".encode(), Door())])
            return reading.automatic is not None

        assert not is_absence()
        (words / "fo.yaml").write_text(FAROESE, "utf-8")
        assert daemon.reload()
        assert is_absence()
        (words / "fo.yaml").write_text(FAROESE.replace("away", "awya"), "utf-8")
        assert not daemon.reload()
        (line,) = town.store.notes()["reload.refused"].value["lines"]
        assert line.endswith("fo.yaml:2:43: unknown key 'awya'; did you mean 'away'?")
        assert is_absence()
        (words / "fo.yaml").write_text("language: fo\n", "utf-8")
        eventually(lambda: not is_absence(), 60)  # noticed by itself


def test_limits_and_log_are_applied(own_readers: Town) -> None:
    town, root = own_readers, logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        with town.daemon() as daemon:
            town.config["limits"] = {"seconds_per_mail": 33, "letters_per_ticket_day": 3, "reader_workers": 2}
            town.config["log"] = {"level": "debug", "format": "json"}
            town.written()
            assert daemon.reload()
            assert root.level == logging.DEBUG
            assert len(daemon.house.readers._crew._workers) == 2
            assert daemon.house.knowledge.config.limits.letters_per_ticket_day == 3
            assert daemon.house.knowledge.surroundings.limits.seconds == 33.0
    finally:
        root.handlers[:], root.level = handlers, level


def test_reloads_asked_for_at_once_run_one_after_the_other_and_leave_no_readers(own_readers: Town) -> None:
    town = own_readers
    before = readers()
    with town.daemon() as daemon:
        (first,) = readers() - before
        together = [threading.Thread(target=daemon.reload) for _ in range(2)]
        for one in together:
            one.start()
        daemon.reload_asked.set()
        for one in together:
            one.join(120)
        eventually(lambda: not daemon.reload_asked.is_set() and len(readers() - before) == 1, 60)
        assert first not in readers()
    assert readers() == before


def test_a_stop_in_the_middle_of_a_reload_leaves_no_readers(own_readers: Town) -> None:
    town = own_readers
    before = readers()
    with town.daemon() as daemon:
        daemon.reload_asked.set()
        eventually(lambda: len(readers() - before) > 1, 60)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    assert readers() == before


def test_a_changed_file_and_a_signal_at_once_lead_to_reloads_of_the_real_daemon(town: Town) -> None:
    shutil.copytree(shipped.rules(), town.folder / "rules")
    town.config |= {"rulebook": "rules", "reload_on_change": True}
    town.written()
    command = [sys.executable, "-m", "triaged", "--config", str(town.path), "run"]
    log = town.folder / "log"
    running = subprocess.Popen(command, stderr=log.open("wb"), cwd=town.folder)
    try:
        eventually(lambda: "daemon.ready" in log.read_text(), 60)
        rules = town.folder / "rules" / "99-new.yaml"
        rules.write_text("rules: []\n", "utf-8")
        for _ in range(5):
            running.send_signal(signal.SIGHUP)
            time.sleep(0.2)
        eventually(lambda: log.read_text().count("daemon.reloaded") >= 2, 90)
        children = subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True, text=True).stdout
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    told = log.read_text()
    assert "Traceback" not in told and "reload_refused" not in told
    # A reader, perhaps one that takes over, and multiprocessing's own helper
    assert len(children.split()) <= 3


def test_a_reader_that_cannot_be_started_is_told_and_the_old_ones_stay(
    own_readers: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process, no memory: the reload hung for ever."""
    town = own_readers
    with town.daemon() as daemon:
        old = daemon.house.readers._crew
        with monkeypatch.context() as patched:

            def full(*_: Any, **__: Any) -> Any:
                raise BlockingIOError(11, "Resource temporarily unavailable")

            patched.setattr("triaged.readers.pool._spawn.Process", full)
            assert not daemon.reload()
        assert daemon.house.readers._crew is old
        assert daemon.reload()
