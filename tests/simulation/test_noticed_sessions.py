"""What breaks an invariant of sessions is told in one whole line, and what stands exactly at its limit breaks none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.simulation.forgeries import copied
from tests.simulation.scene import Scene
from tests.walk.test_meetings import HOST, WEDNESDAY, booked
from triaged.simulation import session_invariants as invariants
from triaged.simulation.evidence import Evidence
from triaged.simulation.month import Outage
from triaged.tickets.meeting_data import MeetingChanged, MeetingCode
from triaged.tickets.ticket import Event, Happening, State

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATE, TICK = timedelta(minutes=45), timedelta(microseconds=1)
ENDS = WEDNESDAY + 40 * MINUTE
REMINDER, INVITATION = "meeting_reminder", "meeting_invitation"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """Agreed upon on Monday at ten for Wednesday at eleven; it is five minutes before."""
    scene = Scene(tmp_path_factory.mktemp("lived"))
    booked(scene)
    scene.month.until(WEDNESDAY - 5 * MINUTE)
    yield Evidence(scene.month)
    scene.month.close()


@pytest.fixture
def e(lived: Evidence) -> Evidence:
    found = copied(lived)
    assert [line for check in invariants.CHECKS for line in check(found)] == []
    return found


def tells(e: Evidence, *events: Event, number: int = 1001) -> None:
    ticket = e.tickets[number]
    e.tickets[number] = replace(ticket, events=(*ticket.events, *events))


def state(name: str, at: datetime, meeting: int = 1) -> Event:
    return Event(at, Happening.MEETING_CHANGED, HOST, "", MeetingChanged(meeting, name).stored())


def code(at: datetime, number: int = 1, *, used: bool = False) -> Event:
    return Event(at, Happening.MEETING_CODE, HOST, "", MeetingCode(1, number, used=used).stored())


def left(e: Evidence, kind: str) -> list[int]:
    return [n for n, one in enumerate(e.delivered) if e.letters[one.message_id].kind == kind]


def agreed(e: Evidence) -> int:
    """The place of the event by which a time was agreed upon."""
    return next(
        n
        for n, one in enumerate(e.tickets[1001].events)
        if one.kind is Happening.MEETING_CHANGED and MeetingChanged.of(one).state == "accepted"
    )


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (WEDNESDAY - 15 * MINUTE, ""),
        (WEDNESDAY - 15 * MINUTE - TICK, "11-18 15:44"),
        (ENDS - TICK, ""),
        (ENDS, "11-18 16:40"),
    ],
)
def test_a_code_is_of_its_hour(e: Evidence, at: datetime, told: str) -> None:
    tells(e, code(at))
    line = f"PS-1001 had a code {told} for 11-18 16:00"
    assert list(invariants.no_code_before_acceptance(e)) == ([line] if told else [])


@pytest.mark.parametrize(
    ("name", "told"), [("begun", False), ("cancelled", True), ("held", True), ("missed", True)]
)
def test_a_code_is_of_a_session_that_runs(e: Evidence, name: str, told: bool) -> None:
    tells(e, state(name, WEDNESDAY - 2 * MINUTE), code(WEDNESDAY))
    line = "PS-1001 had a code 11-18 16:00 without a time agreed upon"
    assert list(invariants.no_code_before_acceptance(e)) == ([line] if told else [])


def test_a_code_before_anything_was_agreed_or_offered(e: Evidence) -> None:
    ticket, place = e.tickets[1001], agreed(e)
    for before in (ticket.events[:place], ticket.events[:1]):
        e.tickets[1001] = replace(ticket, events=(*before, code(WEDNESDAY)))
        assert list(invariants.no_code_before_acceptance(e)) == [
            "PS-1001 had a code 11-18 16:00 without a time agreed upon"
        ]


def test_a_code_is_used_once(e: Evidence) -> None:
    tells(e, code(WEDNESDAY), code(WEDNESDAY, used=True), code(WEDNESDAY, 2), code(WEDNESDAY, 2, used=True))
    assert list(invariants.no_code_before_acceptance(e)) == []
    tells(e, code(WEDNESDAY + MINUTE, used=True))
    assert list(invariants.no_code_before_acceptance(e)) == ["PS-1001: code (1, 1) was used 2 times"]


def test_reminded_twice_or_of_what_began_or_is_over(e: Evidence) -> None:
    first, *_, last = left(e, REMINDER)
    one = e.delivered[last]
    key = e.letters[one.message_id].key
    e.delivered[last] = replace(one, at=WEDNESDAY - TICK)
    assert list(invariants.reminders_hold(e)) == []
    e.delivered[last] = replace(one, at=WEDNESDAY)
    late = "PS-1001 was reminded 11-18 16:00 of 11-18 16:00"
    assert list(invariants.reminders_hold(e)) == [late]
    e.delivered.append(one)
    assert list(invariants.reminders_hold(e)) == [late, f"PS-1001 {key} left 2 times"]
    e.delivered = [e.delivered[first]]
    at = e.delivered[0].at
    for name in ("cancelled", "held"):
        there = replace(e.tickets[1001], events=(*e.tickets[1001].events[: agreed(e) + 1], state(name, at)))
        forged = copied(e)
        forged.tickets[1001] = there
        line = f"PS-1001 was reminded {at:%m-%d %H:%M} of a session that is {name}"
        assert list(invariants.reminders_hold(forged)) == [line]


def test_reminded_of_nothing_or_of_another_time(e: Evidence) -> None:
    (first, *_) = left(e, REMINDER)
    one, ticket = e.delivered[first], e.tickets[1001]
    e.delivered = [one]
    e.tickets[1001] = replace(ticket, events=ticket.events[:1])
    line = f"PS-1001 was reminded {one.at:%m-%d %H:%M} of a session that is"
    assert list(invariants.reminders_hold(e)) == [f"{line} None"]
    e.tickets[1001] = ticket
    row = e.letters[one.message_id]
    for key in (row.key.replace("1", "7"), "nothing of ours"):
        e.letters[one.message_id] = replace(row, key=key)
        assert list(invariants.reminders_hold(e)) == [f"{line} accepted"], key


def test_nobody_was_reminded_of_each_reminder(e: Evidence) -> None:
    spans = [one.text for one in reversed(e.promises.screen_sharing.reminders)]  # type: ignore[union-attr]
    e.delivered = [one for n, one in enumerate(e.delivered) if n not in left(e, REMINDER)]
    assert list(invariants.everybody_reminded(e)) == [], "the session has not begun"
    e.now = WEDNESDAY + LATE
    assert list(invariants.everybody_reminded(e)) == []
    e.now += TICK
    lines = [f"PS-1001 was not reminded {span} before 11-18 16:00" for span in spans]
    assert list(invariants.everybody_reminded(e)) == lines
    e.month.outages = (Outage("daemon", WEDNESDAY - HOUR, WEDNESDAY),)
    assert list(invariants.everybody_reminded(e)) == []
    e.month.outages = ()
    tells(e, Event(WEDNESDAY, Happening.RESOLVED, HOST, "", {}))
    assert list(invariants.everybody_reminded(e)) == []


def test_a_reminder_was_not_due_where_its_time_stood_no_longer(e: Evidence) -> None:
    (span, *_) = reversed(e.promises.screen_sharing.reminders)  # type: ignore[union-attr]
    e.delivered, e.now = [], WEDNESDAY + HOUR
    at, ticket = WEDNESDAY - span.length, e.tickets[1001]
    line = f"PS-1001 was not reminded {span.text} before 11-18 16:00"
    for after, told in ((LATE, False), (LATE + TICK, True)):
        e.tickets[1001] = replace(ticket, events=(*ticket.events, state("cancelled", at + after)))
        assert (line in list(invariants.everybody_reminded(e))) is told


def test_nobody_was_invited_to_what_stood_a_day(e: Evidence) -> None:
    e.delivered = [one for n, one in enumerate(e.delivered) if n not in left(e, INVITATION)]
    line = "PS-1001 was not invited to 11-18 16:00"
    assert list(invariants.everybody_invited(e)) == [line]
    since = e.tickets[1001].events[agreed(e)].at
    e.now = since + timedelta(days=1)
    assert list(invariants.everybody_invited(e)) == []
    e.now += TICK
    assert list(invariants.everybody_invited(e)) == [line]
    e.month.outages = (Outage("smtp", since, since + HOUR),)
    assert list(invariants.everybody_invited(e)) == []


def test_an_invitation_that_left_twice_alike(e: Evidence) -> None:
    (place,) = left(e, INVITATION)
    e.delivered.append(e.delivered[place])
    (one, _) = invariants.entries(e)
    line = f"{one.uid}: the SEQUENCE of its entries to {one.to} is [(0, 'REQUEST'), (0, 'REQUEST')]"
    assert list(invariants.everybody_invited(e)) == [line]


@pytest.mark.parametrize("apart", [timedelta(), 39 * MINUTE, 40 * MINUTE, -39 * MINUTE, -40 * MINUTE])
def test_a_host_in_two_places(e: Evidence, apart: timedelta) -> None:
    ticket, place = e.tickets[1001], agreed(e)
    told = ticket.events[place]
    moved = replace(told, data={**told.data, "starts": (WEDNESDAY + apart).isoformat()})
    events = (*ticket.events[:place], moved, *ticket.events[place + 1 :])
    e.tickets[1002] = replace(ticket, id=1002, reference="PS-1002", events=events)
    line = f"{HOST} has PS-1001 and PS-1002 at 11-18 16:00"
    assert list(invariants.hours_given_once(e)) == ([line] if abs(apart) < 40 * MINUTE else [])
    e.tickets[1002] = replace(e.tickets[1002], events=(*events, state("cancelled", told.at)))
    assert list(invariants.hours_given_once(e)) == [], "it stood for no moment"
    e.tickets[1001], e.tickets[1002] = (
        replace(ticket, events=(*ticket.events[: place + 1], state("cancelled", told.at))),
        replace(e.tickets[1002], events=events),
    )
    assert list(invariants.hours_given_once(e)) == [], "nor did the first"


def test_what_is_over_is_told_over(e: Evidence) -> None:
    e.now = ENDS + LATE
    assert list(invariants.nothing_stands_over(e)) == []
    e.now += TICK
    since = e.tickets[1001].events[agreed(e)].at
    line = f"PS-1001 session 1 is accepted since {since:%m-%d %H:%M}"
    assert list(invariants.nothing_stands_over(e)) == [line]
    e.month.outages = (Outage("daemon", ENDS, ENDS + MINUTE),)
    assert list(invariants.nothing_stands_over(e)) == []
    e.month.outages = ()
    tells(e, state("held", ENDS))
    assert list(invariants.nothing_stands_over(e)) == []


def test_what_was_declined_is_not_offered_again(e: Evidence) -> None:
    offer = next(one for one in e.tickets[1001].events if one.kind is Happening.MEETING_CHANGED)
    tells(e, state("declined", e.now))
    assert list(invariants.nothing_stands_over(e)) == []
    tells(e, replace(offer, data={**offer.data, "meeting": 2}))
    assert list(invariants.nothing_stands_over(e)) == ["PS-1001 declined, and was offered another session"]


@pytest.mark.parametrize("closed", [False, True])
def test_who_is_addressed_has_no_entry(e: Evidence, closed: bool) -> None:
    e.delivered = [one for n, one in enumerate(e.delivered) if n not in left(e, INVITATION)]
    ticket = e.tickets[1001]
    events = ticket.events[: agreed(e) + 1]
    e.tickets[1001] = replace(ticket, events=events, state=State.RESOLVED if closed else State.OPEN)
    line = f"PS-1001: {ticket.people[0].address} has no entry of 11-18 16:00"
    told = [] if closed else [line]
    assert list(invariants.nobody_is_without_his_entry(e)) == told
    e.now = events[-1].at + timedelta(hours=4) + TICK
    assert list(invariants.nobody_is_without_his_entry(e)) == told
    e.now -= TICK
    assert list(invariants.nobody_is_without_his_entry(e)) == []


@pytest.mark.parametrize("whose", [True, False])
def test_whose_entry_was_withheld_lacks_none(e: Evidence, whose: bool) -> None:
    e.delivered = [one for n, one in enumerate(e.delivered) if n not in left(e, INVITATION)]
    ticket = e.tickets[1001]
    address = ticket.people[0].address
    told = {"letter": 3, "entry_for": [address if whose else "another@x.example"]}
    withheld = Event(ticket.events[agreed(e)].at, Happening.LETTER_WITHDRAWN, "daemon", "", told)
    e.tickets[1001] = replace(ticket, events=(*ticket.events[: agreed(e) + 1], withheld))
    line = f"PS-1001: {address} has no entry of 11-18 16:00"
    assert list(invariants.nobody_is_without_his_entry(e)) == ([] if whose else [line])
