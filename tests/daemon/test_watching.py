"""`reload_on_change`: whatever lies otherwise than it was read is loaded, once, and when it has rested."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from triaged.config.file_marks import FileMarks
from triaged.daemon.chores import Chores

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Watched:
    """A folder of rules, one of words, and a daemon's chores that watch them."""

    def __init__(self, folder: Path, on_change: bool = True) -> None:
        self.rules, self.words = folder / "rules", folder / "words"
        for one in (self.rules, self.words):
            one.mkdir()
            (one / "one.yaml").write_text("a: 1\n")
        directory = SimpleNamespace(accounts=folder / "accounts.csv", partners=folder / "partners.csv")
        self.config: Any = SimpleNamespace(
            rulebook=self.rules, reading_words=self.words, directory=directory, reload_on_change=on_change
        )
        self.reloads = 0
        self.house: Any = SimpleNamespace(knowledge=None)
        self.load()
        self.chores = Chores(
            self.house, lambda: NOW, cast(Any, None), ring=lambda: None, ask_reload=self._asked
        )

    def load(self) -> None:
        self.house.knowledge = SimpleNamespace(config=self.config, files=FileMarks.of(self.config))

    def _asked(self) -> None:
        self.reloads += 1

    def looks(self, times: int = 2) -> int:
        for _ in range(times):
            self.chores.watch_files()
        return self.reloads


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def other_text(watched: Watched) -> None:
    (watched.rules / "one.yaml").write_text("a: 22\n")


def of_the_words(watched: Watched) -> None:
    (watched.words / "one.yaml").write_text("a: 22\n")


def a_new_file(watched: Watched) -> None:
    (watched.rules / "two.yaml").write_text("b: 1\n")


def a_file_less(watched: Watched) -> None:
    (watched.rules / "one.yaml").unlink()


def another_name(watched: Watched) -> None:
    (watched.rules / "one.yaml").rename(watched.rules / "two.yaml")


def as_old_and_as_long(watched: Watched) -> None:
    """As `cp -p` and `mv` do with what a colleague prepared."""
    place, beside = watched.rules / "one.yaml", watched.rules.parent / "beside"
    beside.write_text("a: 2\n")
    stat = place.stat()
    os.utime(beside, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    beside.replace(place)


def from_tomorrow(watched: Watched) -> None:
    """A clock that went wrong, or an archive unpacked."""
    other_text(watched)
    os.utime(watched.rules / "one.yaml", (4e9, 4e9))


CHANGES = [other_text, of_the_words, a_new_file, a_file_less, another_name, as_old_and_as_long, from_tomorrow]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_before_the_first_look_is_noticed_as_one_after_it(
    tmp_path: Path, change: Callable[[Watched], None]
) -> None:
    for number, looks_before in enumerate((0, 3)):
        folder = tmp_path / str(number)
        folder.mkdir()
        watched = Watched(folder)
        assert watched.looks(looks_before) == 0
        change(watched)
        assert watched.looks() == 1, looks_before
        watched.load()
        assert watched.looks() == 1


def test_what_was_refused_is_asked_for_once_and_again_when_it_changes(watched: Watched) -> None:
    other_text(watched)
    assert watched.looks(5) == 1
    a_new_file(watched)
    assert watched.looks(5) == 2


def test_who_still_writes_is_waited_for(watched: Watched) -> None:
    for length in range(5):
        (watched.rules / "one.yaml").write_text("a: " + "9" * (10 + length))
        assert watched.looks(1) == 0
    assert watched.looks(1) == 1


def test_nothing_is_asked_for_where_nobody_wants_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path, on_change=False)
    other_text(watched)
    assert watched.looks(4) == 0
