"""How long a conversation may last, to the second, by a clock that stands until it is moved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from tests.intake.scene import utc_now
from tests.intake.test_smtpd import MAILBOXES
from triaged.config.config import Listener
from triaged.intake.keep import Keep
from triaged.intake.smtp_session import FRUITLESS, SLOWEST, Conversation
from triaged.intake.smtpd import Door
from triaged.store import Store

PATIENCE = 10


class Clock:
    """Stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made


@pytest.fixture
def said(store: Store, clock: Clock) -> Iterator[Conversation]:
    """A conversation that nobody leads: its loop does not run."""
    loop = asyncio.new_event_loop()
    door = Door(Listener(port=2525, protocol="smtp"), MAILBOXES, Keep(store, utc_now, lambda: None))
    yield Conversation(door, data_size_limit=20 * SLOWEST, timeout=PATIENCE, loop=loop)
    loop.close()


def left(said: Conversation, clock: Clock) -> float:
    """Seconds until it is cut."""
    handle = said._timeout_handle
    assert handle is not None and not handle.cancelled()
    return round(handle.when() - clock.now, 3)


def done(work: Coroutine[Any, Any, None]) -> None:
    """Work that waits for nothing."""
    with pytest.raises(StopIteration):
        work.send(None)


@pytest.mark.parametrize(
    ("after", "given", "seconds"),
    [
        (0, None, PATIENCE),
        (0, 3, 3),
        ((FRUITLESS - 1) * PATIENCE, None, PATIENCE),
        ((FRUITLESS - 1) * PATIENCE + 1, None, PATIENCE - 1),
        ((FRUITLESS - 1) * PATIENCE + 1, 3, 3),
        (FRUITLESS * PATIENCE, None, 0.01),
        (FRUITLESS * PATIENCE + 60, 3, 0.01),
    ],
)
def test_a_command_has_so_long_and_all_without_a_mail_five_times_as_long(
    said: Conversation, clock: Clock, after: float, given: float | None, seconds: float
) -> None:
    clock.now += after
    said._reset_timeout(given)
    assert left(said, clock) == seconds


def test_a_mail_has_a_second_more_for_each_piece_that_has_come_up_to_the_largest(
    said: Conversation, clock: Clock
) -> None:
    seen: list[float] = []

    async def data(argument: str) -> None:
        assert argument == "it"
        clock.now += 4
        for pieces in (1, 2, 30):
            said.data_received(b"x" * (pieces * SLOWEST))
            seen.append(left(said, clock))
        clock.now += 60
        said.data_received(b"x")
        seen.append(left(said, clock))

    clock.now += 30
    done(said._receive(data, "it"))
    assert seen == [PATIENCE - 4 + 1, PATIENCE - 4 + 3, PATIENCE - 4 + 20, 0.01]
    assert left(said, clock) == 0.01, "no mail was kept, and all of its time is over"


def test_what_comes_of_another_mail_counts_for_it_alone(said: Conversation, clock: Clock) -> None:
    async def large(_: str) -> None:
        said.data_received(b"x" * 5 * SLOWEST)

    async def small(_: str) -> None:
        said.data_received(b"")
        assert left(said, clock) == PATIENCE

    done(said._receive(large, ""))
    clock.now += 4
    said.data_received(b"x" * SLOWEST)
    assert left(said, clock) == PATIENCE - 4, "what is said between two mails earns nothing"
    done(said._receive(small, ""))


def test_while_a_mail_is_kept_nobody_is_cut_and_all_begins_anew(said: Conversation, clock: Clock) -> None:
    said._reset_timeout()
    before = said._timeout_handle
    said._commands, said._data_since = 7, clock.now
    clock.now += FRUITLESS * PATIENCE
    with said.keeping():
        assert before is not None and before.cancelled()
        clock.now += 100
    assert (said._commands, left(said, clock)) == (0, PATIENCE)
    clock.now += (FRUITLESS - 1) * PATIENCE
    said._reset_timeout()
    assert left(said, clock) == PATIENCE


def test_a_mail_that_could_not_be_kept_gains_no_time(said: Conversation, clock: Clock) -> None:
    said._commands, said._data_since = 7, clock.now
    clock.now += FRUITLESS * PATIENCE - 3
    with pytest.raises(OSError, match="away"), said.keeping():
        raise OSError("the database is away")
    assert (said._commands, left(said, clock)) == (7, 3)
