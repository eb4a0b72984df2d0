"""What of presence, sign-ins, sessions and the tally nobody would have noticed: who stands exactly at a border."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.store.samples import MINUTE, NOW, open_tickets
from tests.store.test_meetings import BEN, DORA, HOUR, STARTS, S, keep
from triaged.store import Store, tally
from triaged.store.meeting_rows import MeetingFilter
from triaged.store.presence import FADES, Seen
from triaged.store.sessions import Session

LEE, ADA = "lee@desk.example", "ada@desk.example"
TICK = timedelta(microseconds=1)
DAYS = timedelta(days=30)


def test_presence_is_told_latest_first_and_fades_at_its_minute(store: Store) -> None:
    store.tell_presence(7, ADA.upper(), NOW, writes=True)
    store.tell_presence(7, LEE, NOW + MINUTE, writes=False)
    assert store.present([7], "x@y.example", NOW + MINUTE) == {
        7: (Seen(LEE, NOW + MINUTE, False), Seen(ADA, NOW, True))
    }
    assert store.present([7], ADA.upper(), NOW + MINUTE) == {7: (Seen(LEE, NOW + MINUTE, False),)}
    assert store.present([7], LEE, NOW + FADES - TICK) == {7: (Seen(ADA, NOW, True),)}
    assert store.present([7], LEE, NOW + FADES) == {}
    for after, left in ((FADES, 3), (FADES + TICK, 2)):
        store.tell_presence(8, LEE, NOW + after, writes=False)
        with store._reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM presence")) == left


def test_keys_in_use_since_then_are_told_newest_first(store: Store) -> None:
    for n, seen in enumerate((NOW, NOW + MINUTE, NOW + 2 * MINUTE)):
        store.begin_session(Session(str(n) * 64, LEE.upper(), "Firefox", NOW, seen))
    store.begin_session(Session("9" * 64, ADA, "Firefox", NOW, NOW + MINUTE))
    assert store.keys_of(LEE, NOW + MINUTE) == ["2" * 64, "1" * 64]
    assert store.keys_of(LEE.upper(), NOW + 2 * MINUTE + TICK) == []
    assert (
        store.end_sessions_of(LEE, "left", NOW) == 3
        and store.end_sessions_of(LEE, "again", NOW + MINUTE) == 0
    )
    ended = store.session_of_key("0" * 64)
    assert ended is not None and (ended.address, ended.ended_at, ended.why_ended) == (LEE, NOW, "left")
    other = store.session_of_key("9" * 64)
    assert other is not None and other.ended_at is None
    store.touch_session(other.id, NOW + 5 * MINUTE)
    assert store.session_of_key("9" * 64) == replace(other, seen_at=NOW + 5 * MINUTE)
    store.begin_session(Session("a" * 64, ADA, "Firefox", NOW + DAYS, NOW + DAYS))
    assert store.session_of_key("0" * 64) is not None, "seen exactly so long ago"
    store.begin_session(Session("b" * 64, ADA, "Firefox", NOW + DAYS + TICK, NOW + DAYS))
    assert store.session_of_key("0" * 64) is None and store.session_of_key("1" * 64) is not None


def test_the_tally_is_added_up_from_so_many_rows_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    open_tickets(store, 3)
    with store._reading() as connection:
        rows = connection.scalar(text("SELECT count(*) FROM tally"))
    before = store.counts(NOW)
    monkeypatch.setattr(tally, "MANY", rows + 1)
    assert store.add_up() == 0
    monkeypatch.setattr(tally, "MANY", rows)
    assert store.add_up() == rows and store.counts(NOW) == before
    assert before.tickets == {("new", "S3"): 3}


def test_sessions_and_a_hosts_time_at_their_borders(store: Store) -> None:
    first, second = (one.id for one in open_tickets(store, 2))
    keep(store, first)
    keep(store, second, starts=STARTS + HOUR, host=DORA)

    def listed(**asked) -> list[int]:
        return [row.ticket_id for row in store.meetings(MeetingFilter(**asked))]

    assert listed(since=STARTS) == [first, second] and listed(since=STARTS + TICK) == [second]
    assert listed(until=STARTS) == [] and listed(until=STARTS + TICK) == [first]
    its = [(STARTS, STARTS + 40 * MINUTE)]
    assert store.taken_times(BEN, STARTS + 40 * MINUTE - TICK, STARTS + HOUR) == its
    assert store.taken_times(BEN, STARTS + 40 * MINUTE, STARTS + HOUR) == []
    assert store.taken_times(BEN, STARTS - HOUR, STARTS + TICK) == its
    assert store.taken_times(BEN, STARTS - HOUR, STARTS) == []
    assert store.taken_times(BEN, STARTS, STARTS + HOUR, but=first) == []
    assert store.taken_times(BEN, STARTS, STARTS + HOUR, but=second) == its
    keep(store, first, state=S.CANCELLED)
    assert store.taken_times(BEN, STARTS, STARTS + HOUR) == []
