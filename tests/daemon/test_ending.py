"""How a daemon ends: who is waited for, who is cut, and who is left, each in its time."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.said import listening
from triaged.daemon import ending
from triaged.edge import cords


class Readers:
    """Worker processes that end when they are told to, or hang in `close` until they are given up."""

    def __init__(self, hang: bool = False) -> None:
        self.hang, self.told = hang, list[str]()
        self._given_up = threading.Event()

    def close(self) -> None:
        self.told.append("close")
        if self.hang:
            assert self._given_up.wait(20)

    def give_up(self) -> None:
        self.told.append("give up")
        self._given_up.set()


class World:
    """A daemon's parts: one loop that takes so long to end after it was told, or ends when its cord is cut."""

    def __init__(self, loop: str = "walk", takes: float = 0.0, readers: Readers | None = None) -> None:
        self.stop, self.over = threading.Event(), threading.Event()
        self.readers, self.said = readers or Readers(), list[bool]()
        self.ours, self.theirs = socket.socketpair()
        self.ours.settimeout(takes or 0.001)
        self.loop = cords.Loop(loop, lambda: self._work(takes))
        self.loop.cord.tie(self.ours)
        self.loop.start()

    def _work(self, takes: float) -> None:
        """Hear from somebody who says nothing."""
        assert self.stop.wait(20)
        with contextlib.suppress(TimeoutError):
            self.ours.recv(1)
        if takes > 100:
            self.over.wait(20)

    def end(self, **parts: Callable[[], object]) -> tuple[list[str], float]:
        given = {"listener": None, "ticks": lambda: None, "http": None, **parts}
        began = time.monotonic()
        left = ending.end(
            ending.Parts(
                loops=[self.loop],
                stop_loops=self.stop.set,
                readers=self.readers,
                last_words=self.said.append,
                **given,  # type: ignore[arg-type]
            ),
            "the test is over",
        )
        return left, time.monotonic() - began


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, seconds in (("GRACE", 1.5), ("CUT", 2.5), ("SECONDS", 9.5)):
        monkeypatch.setattr(ending, name, seconds)
    yield


def test_who_ends_within_the_grace_is_not_cut() -> None:
    world = World(takes=0.7)
    left, took = world.end()
    assert left == [] and took >= 0.7 and not world.loop.cord.is_cut
    assert world.readers.told == ["close"] and world.said == [False]


@pytest.mark.parametrize(("loop", "readers"), [("walk", True), ("reload", True), ("send europe", False)])
def test_who_does_not_is_cut_and_readers_are_stopped_for_who_may_wait_for_them(
    loop: str, readers: bool
) -> None:
    world = World(loop, takes=50)
    left, took = world.end()
    assert left == [] and took >= 1.5 and world.loop.cord.is_cut and not world.loop.is_alive()
    assert world.readers.told == (["give up", "close"] if readers else ["close"])
    assert world.said == [False]


def test_who_hangs_even_then_is_named_and_the_store_hears_of_it() -> None:
    world = World(takes=1000)
    with listening() as said:
        left, _ = world.end()
    world.over.set()
    assert left == ["walk"] and world.said == [True]
    assert said.of("daemon.left_hanging") == [{"what": "walk"}]
    assert said.of("daemon.stopping") == [{"why": "the test is over"}]


def test_readers_that_do_not_end_are_given_up() -> None:
    world = World(readers=Readers(hang=True))
    assert world.end()[0] == [] and world.readers.told == ["close", "give up"]


def test_what_fails_while_it_ends_is_told_and_ends_nothing_else() -> None:
    done = list[str]()

    def fails() -> None:
        raise RuntimeError("no")

    world = World()
    with listening() as said:
        left, _ = world.end(
            listener=fails, ticks=lambda: done.append("ticks"), http=lambda: done.append("http")
        )
    assert left == [] and sorted(done) == ["http", "ticks"] and world.said == [False]
    assert said.of("daemon.loop_failed") == [{"loop": "listener", "error": "RuntimeError: no"}]
