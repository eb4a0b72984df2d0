"""Which of the times offered can still be chosen, and by what words one is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from triaged.meetings.eligibility import Taken
from triaged.meetings.meeting import Meeting, MeetingState
from triaged.walk.plans.meeting_acts import _no_time, free_times

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
TEN, ELEVEN = NINE + timedelta(hours=1), NINE + timedelta(hours=2)
HALF = timedelta(minutes=30)


def offered(starts: datetime | None = None) -> Meeting:
    return Meeting(
        number=1, state=MeetingState.OFFERED, since=NINE, offered_at=NINE, uid="u", times=(NINE, TEN, ELEVEN), minutes=30,
        host="lee@desk.example", starts=starts,
    )  # fmt: skip


def at_ten() -> list[Taken]:
    return [(TEN, TEN + HALF)]


@pytest.mark.parametrize(
    ("now", "starts", "taken", "free"),
    [
        (NINE - HALF, None, [], (NINE, TEN, ELEVEN)),
        (NINE - HALF, TEN, [], (NINE, ELEVEN)),  # it stands already
        (NINE, None, [], (TEN, ELEVEN)),
        (NINE - HALF, None, at_ten(), (NINE, ELEVEN)),
        (ELEVEN, None, [], ()),
    ],
)
def test_what_is_past_taken_or_stands_already_is_no_choice(
    now: datetime, starts: datetime | None, taken: list[Taken], free: tuple[datetime, ...]
) -> None:
    assert free_times(offered(starts), taken, now) == free


@pytest.mark.parametrize(
    ("starts", "now", "taken", "code"),
    [
        (NINE, NINE - HALF, [], None),
        (NINE, NINE, [], "meeting_time"),
        (NINE + HALF, NINE - HALF, [], "meeting_time"),  # was never offered
        (TEN, NINE, at_ten(), "meeting_taken"),
        (ELEVEN, NINE, at_ten(), None),
    ],
)
def test_a_time_is_refused_by_the_word_of_its_reason(
    starts: datetime, now: datetime, taken: list[Taken], code: str | None
) -> None:
    act: Any = SimpleNamespace(now=now)
    no = _no_time(offered(), starts, taken, act)
    assert (no and no.why) == code
