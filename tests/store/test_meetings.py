"""Sessions in the store: a host's time given once, codes good once, and nothing left when they are over."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.store.samples import NOW, event, new_ticket, open_tickets
from tests.store.test_privacy import everything
from triaged.meetings.meeting import Access, Meeting, MeetingState
from triaged.store import Store, meetings
from triaged.store.forgetting import Before
from triaged.store.meeting_rows import CodeMade, HourTaken, MeetingFilter, MeetingKept
from triaged.tickets.meeting_data import MeetingChanged
from triaged.tickets.ticket import Event, Happening, Person, State

S = MeetingState
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTS = (NOW + DAY).replace(second=0, microsecond=0)
BEN, DORA = "ben@desk.example", "dora@desk.example"


def meeting(number: int = 1, **changes) -> Meeting:
    basis = Meeting(number, S.ACCEPTED, NOW, NOW, f"uid-{number}", (STARTS,), 40, BEN, STARTS)
    return replace(basis, **changes)


def keep(store: Store, ticket_id: int, **changes) -> None:
    one = meeting(uid=f"uid-{ticket_id}", **changes)
    with store.transaction() as tx:
        tx.keep_meeting(ticket_id, one)


def code(store: Store, ticket_id: int, number: int, hashed: str, expires=STARTS + HOUR) -> None:
    with store.transaction() as tx:
        tx.keep_of_meeting(MeetingKept(ticket_id, 1, made=CodeMade(number, hashed, expires)), NOW)


@pytest.fixture
def tickets(store: Store) -> list[int]:
    return [one.id for one in open_tickets(store, 3)]


def test_a_hosts_minutes_are_one_sessions_and_free_again_when_it_is_over(
    store: Store, tickets: list[int]
) -> None:
    first, second, third = tickets
    keep(store, first)
    with pytest.raises(HourTaken, match="another session then"):
        keep(store, second, starts=STARTS + 39 * MINUTE)
    keep(store, second, starts=STARTS + 40 * MINUTE)
    keep(store, third, host=DORA)
    keep(store, first, starts=STARTS - 30 * MINUTE)  # moved over its own time
    taken = store.taken_times(BEN.upper(), STARTS - HOUR, STARTS + 2 * HOUR)
    assert taken == [
        (STARTS - 30 * MINUTE, STARTS + 10 * MINUTE),
        (STARTS + 40 * MINUTE, STARTS + 80 * MINUTE),
    ]
    assert store.taken_times(BEN, STARTS - HOUR, STARTS + 30 * MINUTE, but=first) == []
    for state in (S.HELD, S.MISSED, S.CANCELLED):
        keep(store, first, state=state)
        keep(store, third, host=BEN)
        keep(store, third, host=DORA)
        keep(store, first)


def test_of_ten_who_take_one_hour_at_once_one_has_it(store: Store) -> None:
    numbers = [one.id for one in open_tickets(store, 10)]
    got, refused = list[int](), list[int]()
    gate = threading.Barrier(10)

    def take(number: int) -> None:
        gate.wait()
        try:
            keep(store, number)
            got.append(number)
        except HourTaken:
            refused.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in numbers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(got), len(refused)) == (1, 9)
    assert [row.ticket_id for row in store.meetings(MeetingFilter())] == got


def test_the_database_itself_keeps_an_hour_from_being_given_twice(store: Store, tickets: list[int]) -> None:
    """P43: by whichever door, at the same moment."""
    keep(store, tickets[0])
    keep(store, tickets[1], host=DORA)
    with pytest.raises(Exception, match=r"(?i)unique"), store._engines.writer.begin() as connection:
        connection.execute(text(f"UPDATE meeting_minute SET host = '{BEN}' WHERE host = '{DORA}'"))


def test_codes_live_one_at_a_time_are_good_once_and_die_of_tries(store: Store, tickets: list[int]) -> None:
    one, other = tickets[:2]
    keep(store, one)
    keep(store, other, starts=STARTS + 2 * HOUR)
    assert store.try_code(one, 1, "a", NOW) == "none"
    code(store, one, 1, "a")
    code(store, one, 2, "b")
    code(store, other, 1, "c")
    assert [store.try_code(one, 1, hashed, NOW) for hashed in ("a", "c", "b")] == ["wrong", "wrong", "good"]
    assert store.try_code(one, 1, "b", STARTS + HOUR) == "none"
    with store.transaction() as tx:
        assert tx.is_live_code(one, 1, "b", NOW) and not tx.is_live_code(one, 1, "a", NOW)
        tx.keep_of_meeting(MeetingKept(one, 1, used="b"), NOW)
        assert not tx.is_live_code(one, 1, "b", NOW)
    assert store.try_code(one, 1, "b", NOW) == "none"
    assert [store.try_code(other, 1, "x", NOW) for _ in range(6)] == [*["wrong"] * 4, "dead", "none"]
    assert store.try_code(other, 1, "c", NOW) == "none"


def test_a_code_dies_with_its_session(store: Store, tickets: list[int]) -> None:
    keep(store, tickets[0])
    code(store, tickets[0], 1, "a")
    keep(store, tickets[0], state=S.CANCELLED)
    assert store.try_code(tickets[0], 1, "a", NOW) == "none"


def test_the_way_in_is_kept_while_it_is_needed_and_told_in_no_list(store: Store, tickets: list[int]) -> None:
    keep(store, tickets[0], state=S.OFFERED, starts=None)
    with store.transaction() as tx:
        tx.keep_of_meeting(MeetingKept(tickets[0], 1, Access("https://meet.example/x", "4711")), NOW)
    keep(store, tickets[0])
    assert store.access_of(tickets[0], 1) == Access("https://meet.example/x", "4711")
    assert "meet.example" not in repr(store.meetings(MeetingFilter()))
    keep(store, tickets[0], state=S.HELD)
    assert "4711" not in everything(store) and store.access_of(tickets[0], 1) == Access()
    assert store.access_of(4711, 1) == Access()


def test_a_calendar_entry_leads_to_its_ticket_whatever_a_stranger_writes_for_one(
    store: Store, tickets: list[int]
) -> None:
    keep(store, tickets[0])
    with store.transaction() as tx:
        found = [tx.ticket_of_meeting(uid) for uid in (f"uid-{tickets[0]}", "", "\x00\ud800", "u" * 9999)]
    assert found == [tickets[0], None, None, None]


def test_sessions_are_listed_by_time_state_and_host(store: Store, tickets: list[int]) -> None:
    first, second, third = tickets
    keep(store, first, starts=STARTS + DAY)
    keep(store, second)
    keep(store, third, state=S.OFFERED, starts=None, host=DORA)

    def listed(**asked) -> list[int]:
        return [row.ticket_id for row in store.meetings(MeetingFilter(**asked))]

    assert listed() == [second, first, third]
    assert listed(states=("offered",)) == listed(host=DORA.upper()) == [third]
    assert listed(since=STARTS + HOUR) == listed(ticket_id=first) == [first]
    assert listed(until=STARTS + HOUR) == listed(limit=1) == [second]


def test_what_was_over_and_stands_is_a_fault_of_the_check(store: Store, tickets: list[int]) -> None:
    keep(store, tickets[0])
    assert not [one for one in store.faults(STARTS + HOUR) if one.name.startswith("session")]
    (fault,) = [one for one in store.faults(STARTS + 3 * HOUR) if one.name.startswith("session")]
    assert (fault.name, fault.ids) == ("session-stands-over", (f"PS-{tickets[0]}",))


def test_a_session_goes_with_its_ticket(store: Store) -> None:
    closed = new_ticket(state=State.CLOSED, closed_at=NOW)
    with store.transaction() as tx:
        one = tx.open_ticket(closed, [event(Happening.RECEIVED)])
    open_tickets(store)  # the last number stays
    keep(store, one.id)
    code(store, one.id, 1, "a")
    assert store.forget_some(Before(None, None, NOW + DAY, None), NOW + 2 * DAY) == {"closed_tickets": 1}
    assert store.meetings(MeetingFilter()) == []
    assert store.faults(NOW + 2 * DAY) == []


def test_who_accepted_and_who_holds_are_shown_and_erased(store: Store) -> None:
    anna = "anna@oakbridge.example"
    told = MeetingChanged(
        1, "accepted", "partner", person=anna, peer="192.0.2.77", host=BEN, starts=STARTS
    ).stored()
    story = [event(Happening.RECEIVED), Event(NOW, Happening.MEETING_CHANGED, anna, "accepted", told)]
    with store.transaction() as tx:
        one = tx.open_ticket(new_ticket(people=(Person(anna, "Anna"),)), story)
        ours = tx.open_ticket(
            new_ticket(people=(Person("carl@elmhill.example"),)), [event(Happening.RECEIVED)]
        )
    keep(store, one.id)
    keep(store, ours.id, starts=STARTS + HOUR)
    assert "192.0.2.77" in repr(store.held(anna).events)
    assert len(store.held(BEN).meetings) == 2
    store.erase(anna, "cli:dora", NOW)
    assert not {anna, "192.0.2.77"} & {word for word in (anna, "192.0.2.77") if word in everything(store)}
    store.erase(BEN, "cli:dora", NOW)
    assert store.held(BEN).meetings == []
    assert [row.host.endswith("@erased.invalid") for row in store.meetings(MeetingFilter())] == [True, True]


def test_wrong_tries_that_come_at_once_are_all_counted(
    store: Store, tickets: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sees the row before any other was counted."""
    one = tickets[0]
    keep(store, one)
    code(store, one, 1, "a" * 64)
    seen = meetings._live_code
    with store._reading() as connection:
        stale = seen(connection, one, 1)
    monkeypatch.setattr(meetings, "_live_code", lambda *_: stale)
    assert [store.try_code(one, 1, "b" * 64, STARTS) for _ in range(6)] == ["wrong"] * 4 + ["dead"] * 2
    monkeypatch.undo()
    assert store.try_code(one, 1, "a" * 64, STARTS) == "none"
