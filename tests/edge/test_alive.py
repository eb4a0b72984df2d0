"""Whether a process has ended is known of one's own machine, and guessed of no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from triaged.edge import alive

HERE = alive.here()
TELLS = "from triaged.edge import alive; print(alive.here(), flush=True); input()"


def another() -> tuple[subprocess.Popen[str], alive.Place]:
    one = subprocess.Popen(
        [sys.executable, "-c", TELLS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert one.stdout is not None
    place = alive.read(one.stdout.readline())
    assert place is not None
    return one, place


def test_one_that_runs_has_not_ended_and_one_that_was_killed_has_even_unburied() -> None:
    one, place = another()
    assert not alive.has_ended(place, HERE) and not alive.has_ended(HERE, place)
    one.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)  # dead, and nobody has asked for its status
    assert alive.has_ended(place, HERE)
    one.wait()
    assert alive.has_ended(place, HERE)


def test_its_number_given_again_is_another_process() -> None:
    assert alive.has_ended(replace(HERE, begun="1"), HERE)


@pytest.mark.parametrize(
    "change", [{"host": "other"}, {"machine": "f" * 32}, {"space": "pid:[1]"}, {"space": "-"}, {"begun": "-"}, {"number": "../1"}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_known_is_never_called_ended(change: dict[str, str]) -> None:
    gone = replace(HERE, number="999999999")
    assert alive.has_ended(gone, HERE)
    assert not alive.has_ended(replace(gone, **change), HERE)


def test_a_place_is_read_as_it_was_written_and_nonsense_is_none() -> None:
    assert alive.read(str(HERE)) == HERE
    assert [alive.read(one) for one in ("", "a b", "x " * 9)] == [None] * 3


@pytest.mark.parametrize("blind", [{"begun": "-"}, {"space": "-"}])
def test_who_does_not_know_where_he_is_calls_nobody_ended(blind: dict[str, str]) -> None:
    seen_from = replace(HERE, **blind)
    dead = replace(HERE, begun="1", **{name: one for name, one in blind.items() if name == "space"})
    assert not alive.has_ended(dead, seen_from)
