"""How much waits is looked up once a second at most; a database that is away is no reason to take more, or less."""

from __future__ import annotations

import pytest

from triaged.intake import backlog
from triaged.intake.backlog import Backlog
from triaged.store import Unavailable


class Counting:
    """A store that tells how much waits, or is away."""

    def __init__(self) -> None:
        self.waiting, self.away, self.asked = 0, False, 0

    def waiting_mail(self) -> int:
        self.asked += 1
        if self.away:
            raise Unavailable("the database is away")
        return self.waiting


def test_it_is_full_at_its_bound_and_free_again_a_tenth_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "_LOOK_SECONDS", 0.0)
    store = Counting()
    one, told = Backlog(store, 100), []
    for waiting in (99, 100, 91, 90, 89, 99, 100):
        store.waiting = waiting
        told.append(one.full())
    assert told == [False, True, True, True, False, False, True]


def test_between_two_looks_what_is_taken_is_counted_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "_LOOK_SECONDS", 3600.0)
    store = Counting()
    one = Backlog(store, 10)
    assert not one.full() and not one.full() and store.asked == 1
    one.took(9)
    assert not one.full()
    one.took(1)
    assert one.full() and store.asked == 1


@pytest.mark.parametrize("was_full", [True, False])
def test_while_the_database_is_away_it_stays_as_it_was_and_asks_again(
    was_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "_LOOK_SECONDS", 0.0)
    store = Counting()
    store.waiting = 5 if was_full else 0
    one = Backlog(store, 5)
    assert one.full() is was_full
    store.away, store.waiting = True, 0 if was_full else 5
    assert one.full() is was_full and one.full() is was_full and store.asked == 3
    store.away = False
    assert one.full() is not was_full
