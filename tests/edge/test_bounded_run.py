"""A program of the operator's: so much time, so much output, nothing of ours in its hands, nothing of it left behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from triaged.edge.bounded_run import MOST_INPUT, RunFailed, run


def program(folder: Path, script: str) -> str:
    file = folder / "a program; rm -rf x"
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o700)
    return str(file)


def test_it_gets_its_input_and_words_as_they_are_and_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGED_SECRET", "x")
    script = 'read told; echo "$told|$1|$TRIAGED_SECRET|$PWD"'
    heard = run([program(tmp_path, script), "$(id); `id` *"], b'{"a": 1}\n', 60)
    assert heard == b'{"a": 1}|$(id); `id` *||/\n'


@pytest.mark.parametrize(
    ("script", "seconds", "why"),
    [
        ("exit 3", 60, "ended with 3"),
        ("exec sleep 300", 0.5, "took too long"),
        ("echo half; exec sleep 300", 0.5, "took too long"),
        ("exec >&-; exec sleep 300", 0.5, "took too long"),  # closes its output and goes on
        ("yes", 60, "printed more than 4096 bytes"),
    ],
)
def test_what_it_does_wrong_is_told_in_its_time(
    tmp_path: Path, script: str, seconds: float, why: str
) -> None:
    began = time.monotonic()
    with pytest.raises(RunFailed, match=why):
        run([program(tmp_path, script)], b"", seconds)
    assert time.monotonic() - began < 60


def test_what_it_started_dies_with_it(tmp_path: Path) -> None:
    left = tmp_path / "left"
    script = f"sleep 300 & echo $! > '{left}'; exec sleep 300"
    with pytest.raises(RunFailed):
        run([program(tmp_path, script)], b"", 3)
    for _ in range(200):
        if not _lives(int(left.read_text())):
            return
        time.sleep(0.05)
    raise AssertionError("a child of the program lives on")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.parametrize("command", [["/nowhere/at/all"], ["/etc/passwd"], ["/bin/echo", "a\0b"]])
def test_what_cannot_be_run_is_told(command: list[str]) -> None:
    with pytest.raises(RunFailed):
        run(command, b"", 5)


def test_so_much_may_be_given_to_it_and_no_byte_more(tmp_path: Path) -> None:
    counting = [program(tmp_path, "wc -c")]
    assert int(run(counting, b"x" * MOST_INPUT, 60)) == MOST_INPUT
    with pytest.raises(ValueError, match="too much"):
        run(counting, b"x" * (MOST_INPUT + 1), 60)
