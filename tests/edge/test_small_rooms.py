"""Small things that many doors share, at their borders: what is written for what does harm, waits, shares of a door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from triaged.edge import backoff, harmless, peers


@pytest.mark.parametrize(
    ("text", "line", "screen"),
    [
        ("plain é 日本 😀", "plain é 日本 😀", "plain é 日本 😀"),
        ("a\x1b[2J", "a\\u001b[2J", "a\\u001b[2J"),
        ("a\n\tb\r", "a\\u000a\\u0009b\\u000d", "a\n\tb\\u000d"),
        ("\x7f\x9f\xa0", "\\u007f\\u009f\xa0", "\\u007f\\u009f\xa0"),
        ("\u202e\ufeff\ud800", "\\u202e\\ufeff\\ud800", "\\u202e\\ufeff\\ud800"),
        # Beyond 16 bits two units, as JSON writes them: the tag characters, and none beside them
        ("\U000e0000\U000e0fff\U000e1000", "\\udb40\\udc00\\udb43\\udfff\U000e1000", "\\udb40\\udc00\\udb43\\udfff\U000e1000"),
    ],
)  # fmt: skip
def test_what_does_harm_is_written_as_json_writes_it(text: str, line: str, screen: str) -> None:
    assert harmless.escaped(text) == line
    assert harmless.on_screen(text) == screen


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("ascii", b"\\u00e9 \\u65e5 \\ud83d\\ude00 x"), ("latin-1", b"\xe9 \\u65e5 \\ud83d\\ude00 x")],
)
def test_what_an_encoding_lacks_is_written_so_too(encoding: str, written: bytes) -> None:
    harmless.register()
    assert "é 日 😀 x".encode(encoding, harmless.AS_JSON) == written
    assert (
        "\uffff\U00010000\U0010ffff".encode(encoding, harmless.AS_JSON) == rb"\uffff\ud800\udc00\udbff\udfff"
    )


# -- waits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(0, 0.5, 2), (1, 0.5, 2), (2, 0.5, 4), (3, 0.5, 8), (4, 0.5, 10), (1, 0.0, 1.5), (1, 1.0, 2.5), (10**9, 0.5, 10)],
)  # fmt: skip
def test_a_wait_doubles_from_the_second_failure_on(failures: int, chance: float, seconds: float) -> None:
    assert backoff.Backoff(first=2, cap=10).seconds(failures, chance) == seconds


MINUTES = [timedelta(minutes=n) for n in (1, 5, 15)]


@pytest.mark.parametrize(
    ("tries", "chance", "wait"),
    [
        (0, 0.5, MINUTES[0]),
        (1, 0.5, MINUTES[0]),
        (3, 0.5, MINUTES[2]),
        (1, 0.0, MINUTES[0] * 0.85),
        (1, 1.0, MINUTES[0] * 1.15),
        (4, 0.5, None),
    ],
)
def test_a_letter_waits_by_the_table_and_no_longer_than_it(
    tries: int, chance: float, wait: timedelta | None
) -> None:
    assert backoff.letter_wait(tries, chance, MINUTES) == wait


@pytest.mark.parametrize(("tries", "minutes"), [(0, 0), (1, 1), (2, 6), (3, 21)])
def test_a_letter_that_is_younger_than_its_tries_was_not_tried_again_yet(tries: int, minutes: int) -> None:
    age = timedelta(minutes=minutes)
    assert not backoff.is_between_tries(tries, age)
    assert backoff.is_between_tries(tries, age - timedelta(seconds=1))


# -- a door's connections ------------------------------------------------------------------------------


def test_a_peer_has_its_share_and_the_door_its_end() -> None:
    door = peers.Connections(5, None)
    assert [door.refusal("a") for _ in range(5)] == [None] * 4 + ["too many connections from one address"]
    assert (door.refusal("b"), len(door)) == (None, 5)
    assert [door.refusal(who) for who in "abc"] == ["too many connections"] * 3
    door.gone("a")
    assert (len(door), door.refusal("c"), len(door)) == (4, None, 5)
    for who in "aaabc":
        door.gone(who)
    assert len(door) == 0
    # Who is gone once too often is owed nothing
    door.gone("a")
    assert (len(door), door.refusal("a"), len(door)) == (0, None, 1)


def test_a_share_may_be_written() -> None:
    door = peers.Connections(5, 1)
    assert [door.refusal(who) for who in "aab"] == [None, "too many connections from one address", None]
