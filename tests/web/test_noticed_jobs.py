"""What of jobs nobody would have noticed: how their processes end, and what is written down of it. By real processes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.learning.conftest import BATCHES
from tests.web.desk import LEE, Desk, eventually, opened_desk, small_rules
from triaged.config import shipped
from triaged.errors import Faulty
from triaged.learning import places
from triaged.store.jobs import CANCELLED, FAILED, RUNNING, Job
from triaged.web import job_process
from triaged.web.job_process import Work
from triaged.web.jobs import Working


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Desk]:
    """Pages without a daemon over a small rulebook and the examples of five writers, for this file."""
    folder = tmp_path_factory.mktemp("calm-jobs")
    small_rules(folder)
    models = folder / "models"
    shutil.copytree(shipped.models() / "current", models / "current")
    (models / "examples").mkdir()
    for batch in BATCHES:
        shutil.copy(shipped.models() / "examples" / f"{batch}.jsonl", models / "examples")
    (folder / "triaged.db").write_bytes(empty_database.read_bytes())
    with opened_desk(folder, f"sqlite:///{folder}/triaged.db", daemon=False) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_runs(calm: Desk) -> Iterator[None]:
    yield
    for job in calm.store.running_jobs():
        calm.store.end_job(job.id, CANCELLED, {}, job_process.now())


def job_of(desk: Desk, number: int | None) -> Job:
    found = desk.store.job(number or 0)
    assert found is not None
    return found


def begun(desk: Desk, kind: str, **asked: Any) -> Work:
    """A job that this process does itself."""
    number = desk.store.begin_job(kind, LEE, asked, job_process.now())
    assert number is not None
    return Work(desk.config, desk.store, number)


@pytest.mark.parametrize(
    ("number", "told"),
    [(signal.SIGKILL, "its process was ended by SIGKILL"), (40, "its process was ended by signal 40")],
)
def test_how_the_process_of_a_job_was_ended_is_told(calm: Desk, number: int, told: str) -> None:
    before = set(multiprocessing.active_children())
    begun_at = calm.pages.house.working.begin("watch", LEE, {"since": "2026-11-01T00:00:00+00:00"})
    (process,) = set(multiprocessing.active_children()) - before
    os.kill(process.pid or 0, number)
    eventually(lambda: not job_of(calm, begun_at).runs, "nobody noticed", 20)
    job = job_of(calm, begun_at)
    assert (job.state, job.result) == (FAILED, {"error": told})


def test_a_process_that_cannot_reach_the_store_is_told_by_its_status(calm: Desk) -> None:
    config = calm.config.model_copy(update={"database": f"sqlite:///{calm.folder}/nowhere/triaged.db"})
    number = Working(config, calm.store).begin("watch", LEE, {})
    eventually(lambda: not job_of(calm, number).runs, "nobody noticed", 40)
    assert job_of(calm, number).result == {"error": "its process ended with status 1"}


def test_where_no_process_can_be_begun_the_job_is_over_and_says_why(
    calm: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that is out of processes cannot be had in a test."""

    def refused(_process: Any) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with monkeypatch.context() as patched:
        patched.setattr(multiprocessing.get_context("spawn").Process, "start", refused)
        number = calm.pages.house.working.begin("train", LEE, {})
    job = job_of(calm, number)
    assert (job.state, job.result) == (FAILED, {"error": "no process: Resource temporarily unavailable"})
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert number not in calm.pages.house.working._processes


BEATS = """
import os, sys
from datetime import timedelta
from pathlib import Path
from triaged.config import config as configs
from triaged.store.store import Store
from triaged.web import job_process

folder, number, parent, longest = sys.argv[1:]
job_process.BEAT_SECONDS, job_process.LONGEST = 0.01, timedelta(seconds=float(longest))
config = configs.load(Path(folder) / "config.yaml")
work = job_process.Work(config, Store.open(config.database), int(number), 3, 7)
if parent == "over":
    work.over.set()
work.beat(0 if parent == "gone" else os.getppid())
sys.exit(7)
"""


@pytest.mark.parametrize(
    ("parent", "longest", "state", "status"),
    [("here", 0, FAILED, 0), ("gone", 60, RUNNING, 0), ("cancelled", 60, CANCELLED, 0), ("over", 60, RUNNING, 7)],
)  # fmt: skip
def test_a_job_ends_with_its_time_its_pages_and_whoever_cancels_it(
    calm: Desk, parent: str, longest: float, state: str, status: int
) -> None:
    number = calm.store.begin_job("train", LEE, {}, job_process.now()) or 0
    if parent == "cancelled":
        calm.store.end_job(number, CANCELLED, {}, job_process.now())
    done = subprocess.run(
        [sys.executable, "-c", BEATS, str(calm.folder), str(number), parent, str(longest)],
        timeout=60, capture_output=True, text=True, check=False,
    )  # fmt: skip
    job = job_of(calm, number)
    assert (done.returncode, job.state) == (status, state), done.stderr
    if longest == 0:
        assert job.result == {"error": "it took longer than 0:00:00"}
    assert (job.done, job.total) == (0, 0)


def test_a_job_that_is_wanted_says_how_far_it_is(calm: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    work = begun(calm, "watch")
    monkeypatch.setattr(job_process, "BEAT_SECONDS", 0.01)
    work.told(3, 9)
    beating = threading.Thread(target=work.beat, args=(os.getppid(),))
    beating.start()
    try:
        eventually(lambda: job_of(calm, work.number).done == 3, "it does not say how far it is", 10)
        assert (job_of(calm, work.number).done, job_of(calm, work.number).total) == (3, 9)
        work.told(4)  # of as many as before
        eventually(lambda: job_of(calm, work.number).done == 4, "it does not say how far it is", 10)
        assert job_of(calm, work.number).total == 9
    finally:
        work.over.set()
        beating.join(10)
    assert not beating.is_alive() and job_of(calm, work.number).runs


def test_a_job_that_is_over_or_never_was_is_not_done(calm: Desk) -> None:
    work = begun(calm, "train")
    calm.store.end_job(work.number, CANCELLED, {}, job_process.now())
    assert work.result() == {} and replace(work, number=999_999).result() == {}
    assert list((calm.folder / "models").glob("candidates/*")) == []


def test_stored_mail_is_not_judged_by_a_faulty_rulebook(calm: Desk) -> None:
    work = begun(calm, "backtest", files={"60-tills.yaml": "rulez: []\n"}, since="2026-11-01T00:00:00+00:00")
    with pytest.raises(Faulty, match="unknown key"):
        work.result()


def test_a_model_is_trained_of_the_examples_and_told_with_its_name(calm: Desk) -> None:
    work, models = begun(calm, "train"), calm.folder / "models"
    result = work.result()
    (made,) = (models / "candidates").iterdir()
    assert made.name == result["model"] == places.card_of(made)["id"] != places.name_of(models / "current")
    assert any("175 examples" in line for line in result["lines"]), result["lines"]
    assert work.done == work.total > 0
