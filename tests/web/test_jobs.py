"""A job ends with the pages that began it: whoever looks then is told so, and may begin it anew at once. By real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.servers.ports import free_port
from tests.web.desk import LEE, Browser, Desk, eventually, opened_desk, small_rules
from triaged.store.jobs import Job
from triaged.web.signing_in import passes


@pytest.fixture
def desk(tmp_path: Path, empty_database: Path) -> Iterator[Desk]:
    small_rules(tmp_path)
    (tmp_path / "triaged.db").write_bytes(empty_database.read_bytes())
    with opened_desk(tmp_path, f"sqlite:///{tmp_path}/triaged.db", daemon=False) as made:
        yield made


@pytest.fixture
def others(desk: Desk) -> Iterator[tuple[subprocess.Popen[bytes], Browser]]:
    """A `triaged web` of its own on the same store, a group of processes like a unit of systemd's, and a lead signed in there."""
    given = yaml.safe_load((desk.folder / "config.yaml").read_text("utf-8"))
    port = free_port()
    given["web"] |= {"public_url": f"http://127.0.0.1:{port}", "listen": f"127.0.0.1:{port}"}
    path = desk.folder / "other.yaml"
    path.write_text(yaml.safe_dump(given), "utf-8")
    one = subprocess.Popen(
        [sys.executable, "-m", "triaged", "--config", str(path), "web"], start_new_session=True
    )
    browser = Browser(f"http://127.0.0.1:{port}")

    def signed_in() -> bool:
        try:
            link = passes.by_hand(desk.pages.house, LEE, datetime.now(UTC)).removeprefix(desk.url)
            return browser.post(browser.get(link), "/sign-in/link/").status_code == 200
        except httpx2.TransportError:
            return False

    try:
        eventually(signed_in, "the other pages did not come up", 60)
        yield one, browser
    finally:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def job_of(desk: Desk) -> Job:
    found = desk.store.last_job("train")
    assert found is not None
    return found


def child_of(process: int) -> int:
    """The process of the job: the child of the pages that is told to run one."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat, line = (entry / "stat").read_text("utf-8"), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if stat.rpartition(")")[2].split()[1] == str(process) and b"spawn_main" in line:
                return int(entry.name)
    return 0


@pytest.mark.parametrize(
    ("how", "state", "told"),
    [
        ("systemctl stop", "stopped", "were stopped, and it with them"),
        ("Ctrl-C", "stopped", "were stopped, and it with them"),
        ("the pages killed", "stopped", "ended without a word; last heard of at"),
        ("the job killed", "failed", "its process was ended by SIGKILL"),
    ],
)
def test_a_job_whose_process_is_gone_is_told_plainly_and_can_be_begun_anew_at_once(
    desk: Desk, others: tuple[subprocess.Popen[bytes], Browser], how: str, state: str, told: str
) -> None:
    one, theirs = others
    theirs.post(theirs.get("/model"), "/model/train")
    working = eventually(lambda: child_of(one.pid), "the job has no process")
    lee = desk.signed_in(LEE)
    assert "Train by" in lee.get("/model").text and job_of(desk).runs
    assert "one at a time" in lee.post(lee.get("/model"), "/model/train").text  # it runs, though elsewhere
    if how == "the job killed":
        os.kill(working, signal.SIGKILL)
        eventually(lambda: not job_of(desk).runs, "nobody noticed", 10)
    elif how == "the pages killed":
        os.kill(one.pid, signal.SIGKILL)
        one.wait()
    else:  # both tell the whole group
        os.killpg(one.pid, signal.SIGTERM if how == "systemctl stop" else signal.SIGINT)
        one.wait(30)
        assert not job_of(desk).runs
    page = lee.get("/model").text  # no waiting for the silence of minutes
    job = job_of(desk)
    assert (job.state, job.who) == (state, LEE) and job.ended_at is not None, job.result
    assert told in page and f"Train by {LEE}" in page and "Cancel it" not in page
    assert "It has begun" in lee.post(lee.get("/model"), "/model/train").text
    lee.post(lee.get("/model"), f"/jobs/{job_of(desk).id}/cancel")
    eventually(lambda: not Path(f"/proc/{working}").exists(), "the job goes on without its pages", 15)
