"""Waits: growing, bounded, jittered."""

from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from triaged.edge.backoff import LETTER_WAITS, Backoff, letter_wait

chances = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10**9), chances)
def test_a_wait_is_never_zero_and_never_beyond_its_cap(failures: int, chance: float) -> None:
    assert 0.75 <= Backoff(1, 120).seconds(failures, chance) <= 150


@given(chances)
def test_waits_double_until_the_cap(chance: float) -> None:
    waits = [Backoff(1, 100).seconds(n, chance) for n in range(1, 10)]
    assert [round(b / a, 6) for a, b in itertools.pairwise(waits[:6])] == [2.0] * 5
    assert waits[-1] == waits[-2]


def test_letters_are_tried_for_two_days() -> None:
    assert timedelta(days=1.9) < sum(LETTER_WAITS, timedelta()) < timedelta(days=2.1)


@given(st.integers(1, len(LETTER_WAITS)), chances)
def test_a_letters_wait_is_about_the_tables(runs: int, chance: float) -> None:
    wait = letter_wait(runs, chance)
    assert wait is not None
    assert 0.85 <= wait / LETTER_WAITS[runs - 1] <= 1.15


@given(st.integers(len(LETTER_WAITS) + 1, 10**9), chances)
def test_after_that_nothing_is_promised(runs: int, chance: float) -> None:
    assert letter_wait(runs, chance) is None
