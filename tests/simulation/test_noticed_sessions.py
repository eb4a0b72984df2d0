"""What breaks an invariant of sessions is told in one whole line, and what stands exactly at its limit breaks none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.simulation.forgeries import copied
from tests.simulation.scene import Scene
from tests.walk.test_meetings import HOST, WEDNESDAY, booked
from triaged.errors import Faulty
from triaged.simulation import session_invariants as invariants
from triaged.simulation.evidence import Evidence
from triaged.simulation.month import Outage
from triaged.simulation.sessions import Sessions
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


@pytest.mark.parametrize("starts", [timedelta(), timedelta(days=1)])
def test_a_time_stands_from_its_word_to_the_next_that_ends_it(e: Evidence, starts: timedelta) -> None:
    """What began, or was said before, ends nothing."""
    since, again = e.tickets[1001].events[agreed(e)].at, WEDNESDAY - 3 * HOUR
    moved = MeetingChanged(1, "moved", starts=WEDNESDAY + starts).stored()
    tells(e, state("begun", again - HOUR), Event(again, Happening.MEETING_CHANGED, HOST, "", moved))
    tells(e, state("begun", again + HOUR), state("held", again + 2 * HOUR))
    assert [(one.starts, one.agreed, one.until) for one in invariants.stretches(e)] == [
        (WEDNESDAY, since, again),
        (WEDNESDAY + starts, again, again + 2 * HOUR),
    ]


def test_each_reminder_that_did_not_leave_is_missed_by_itself(e: Evidence) -> None:
    e.now = WEDNESDAY + LATE + TICK
    assert list(invariants.everybody_reminded(e)) == []
    a_day, an_hour = left(e, REMINDER)
    rows = [e.letters[e.delivered[n].message_id] for n in (a_day, an_hour)]
    assert [row.key for row in rows] == ["meeting:remind-2@1", "meeting:remind-1@1"]
    for row, span in zip(rows, ("1d", "1h"), strict=True):
        line = f"PS-1001 was not reminded {span} before 11-18 16:00"
        for key in (row.key.replace("@1", "@2"), row.key.removesuffix("@1"), "nothing of ours"):
            e.letters[row.message_id] = replace(row, key=key)
            assert list(invariants.everybody_reminded(e)) == [line], key
        e.letters[row.message_id] = replace(row, kind=INVITATION)
        assert list(invariants.everybody_reminded(e)) == [line]
        e.letters[row.message_id] = row


@pytest.mark.parametrize(("after", "told"), [(timedelta(), False), (-TICK, True)])
def test_whoever_agreed_later_than_a_reminder_gets_none(e: Evidence, after: timedelta, told: bool) -> None:
    e.delivered, e.now = [], WEDNESDAY + HOUR
    ticket, place = e.tickets[1001], agreed(e)
    word = replace(ticket.events[place], at=WEDNESDAY - HOUR + after)
    e.tickets[1001] = replace(ticket, events=(*ticket.events[:place], word))
    line = "PS-1001 was not reminded 1h before 11-18 16:00"
    assert list(invariants.everybody_reminded(e)) == ([line] if told else [])


UID = "screen-sharing-1001-1-1794841200@zohocorp.com"
JOE, TUESDAY = "joe@harbour-us1.example", datetime(2026, 11, 17, 12, tzinfo=UTC)
NOW = WEDNESDAY - 5 * MINUTE
Sent = tuple[datetime, str, int]


def sends(e: Evidence, *entries: Sent, to: str = JOE, uid: str = UID) -> None:
    """As if an entry with its METHOD and SEQUENCE had left."""
    (one,) = (e.delivered[n] for n in left(e, INVITATION)[:1])
    for at, method, sequence in entries:
        raw = f"Content-Type: text/calendar\n\nUID:{uid}\nSEQUENCE:{sequence}\nMETHOD:{method}\nDTSTAMP:{at:%Y%m%dT%H%M%SZ}\n"
        e.delivered.append(replace(one, at=at, to=(to,), raw=raw.encode()))


@pytest.mark.parametrize(
    ("entries", "sequences"),
    [
        ([(0, "REQUEST", 0), (1, "REQUEST", 1)], ""),
        ([(0, "REQUEST", 0), (1, "CANCEL", 0), (2, "REQUEST", 0)], ""),
        ([(0, "REQUEST", 0), (1, "CANCEL", 1)], ""),
        ([(1, "REQUEST", 0), (0, "REQUEST", 1)], "[(1, 'REQUEST'), (0, 'REQUEST')]"),
        ([(0, "CANCEL", 1), (1, "CANCEL", 1)], "[(1, 'CANCEL'), (1, 'CANCEL')]"),
        ([(0, "CANCEL", 2), (1, "REQUEST", 1)], "[(2, 'CANCEL'), (1, 'REQUEST')]"),
    ],
)
def test_the_numbers_of_entries_rise_in_each_calendar(
    e: Evidence, entries: list[tuple[int, str, int]], sequences: str
) -> None:
    sends(e, *((TUESDAY + after * MINUTE, method, number) for after, method, number in entries))
    sends(e, (TUESDAY, "REQUEST", 7), to="other@harbour-us1.example")
    line = f"{UID}: the SEQUENCE of its entries to {JOE} is {sequences}"
    assert list(invariants.everybody_invited(e)) == ([line] if sequences else [])


@pytest.mark.parametrize(
    ("uid", "method", "sequence"), [("x", "REQUEST", 0), (UID, "CANCEL", 0), (UID, "REQUEST", 1)]
)
def test_another_entry_is_no_invitation(e: Evidence, uid: str, method: str, sequence: int) -> None:
    sends(e, (TUESDAY, method, sequence), uid=uid)
    del e.delivered[left(e, INVITATION)[0]]
    assert list(invariants.everybody_invited(e)) == ["PS-1001 was not invited to 11-18 16:00"]


def change(at: datetime, how: str, who: str = JOE) -> Event:
    return Event(at, Happening.PEOPLE_CHANGED, HOST, "", {how: who})


REQUEST, CANCEL = (TUESDAY + MINUTE, "REQUEST", 0), (TUESDAY + 2 * MINUTE, "CANCEL", 0)
IN, OUT, SLOW = change(TUESDAY, "added"), change(TUESDAY, "removed"), 4 * HOUR


@pytest.mark.parametrize(
    ("changes", "entries", "told"),
    [
        ([IN], [], "joined 11-17 12:00, and has ('nothing', 0)"),
        ([IN], [REQUEST], ""),
        ([IN], [CANCEL], "joined 11-17 12:00, and has ('CANCEL', 0)"),
        ([IN], [REQUEST, CANCEL], "joined 11-17 12:00, and has ('CANCEL', 0)"),
        ([IN], [(TUESDAY, "REQUEST", 1)], "joined 11-17 12:00, and has ('REQUEST', 1)"),
        ([IN], [(NOW, "REQUEST", 0)], "joined 11-17 12:00, and has ('nothing', 0)"),
        ([IN], [(NOW - TICK, "REQUEST", 0)], ""),
        ([OUT], [], ""),
        ([OUT], [REQUEST], "left 11-17 12:00, and has ('REQUEST', 0)"),
        ([OUT], [REQUEST, CANCEL], ""),
        ([IN, change(TUESDAY + HOUR, "removed")], [REQUEST], "left 11-17 13:00, and has ('REQUEST', 0)"),
        ([OUT, change(TUESDAY + HOUR, "added")], [], "joined 11-17 13:00, and has ('nothing', 0)"),
        ([change(NOW - SLOW, "added")], [], "joined 11-18 11:55, and has ('nothing', 0)"),
        ([change(NOW - SLOW + TICK, "added")], [], ""),
        ([IN, change(NOW, "removed")], [], "joined 11-17 12:00, and has ('nothing', 0)"),
        ([IN, change(NOW - TICK, "removed")], [], ""),
        ([IN, change(TUESDAY + HOUR, "removed", "other@x.example")], [REQUEST], ""),
        ([replace(IN, kind=Happening.STAFF_NOTED)], [], ""),
        ([IN, Event(TUESDAY + HOUR, Happening.RESOLVED, HOST, "", {})], [], ""),
        ([IN, Event(TUESDAY, Happening.LETTER_WITHDRAWN, "daemon", "", {"entry_for": [JOE]})], [], ""),
        (
            [OUT, Event(TUESDAY, Happening.LETTER_WITHDRAWN, "daemon", "", {"entry_for": [JOE]})],
            [REQUEST],
            "left 11-17 12:00, and has ('REQUEST', 0)",
        ),
    ],
)
def test_who_joined_has_the_entry_that_stands_and_who_left_has_none(
    e: Evidence, changes: list[Event], entries: list[Sent], told: str
) -> None:
    assert e.now == NOW
    tells(e, *changes)
    sends(e, *entries)
    line = f"PS-1001: {JOE} {told} of 11-18 16:00"
    assert list(invariants.nobody_is_without_his_entry(e)) == ([line] if told else [])
    e.month.outages = (Outage("smtp", TUESDAY + 2 * HOUR, TUESDAY + 3 * HOUR),)
    assert list(invariants.nobody_is_without_his_entry(e)) == (
        [line] if told.startswith("joined 11-18") else []
    )


@pytest.mark.parametrize(("after", "told"), [(timedelta(), True), (-TICK, False)])
def test_who_joined_before_anything_was_agreed_is_asked_for_nothing(
    e: Evidence, after: timedelta, told: bool
) -> None:
    since = e.tickets[1001].events[agreed(e)].at
    tells(e, change(since + after, "added"))
    line = f"PS-1001: {JOE} joined {since:%m-%d %H:%M}, and has ('nothing', 0) of 11-18 16:00"
    assert list(invariants.nobody_is_without_his_entry(e)) == ([line] if told else [])


def test_what_ended_a_time_ends_what_is_asked_of_its_entries(e: Evidence) -> None:
    """Whoever joined less than four hours before it ended needs none, and its end is no part of the time."""
    tells(e, IN, state("cancelled", TUESDAY + SLOW - TICK))
    assert list(invariants.nobody_is_without_his_entry(e)) == []
    ticket = e.tickets[1001]
    e.tickets[1001] = replace(ticket, events=(*ticket.events[:-1], state("cancelled", TUESDAY + SLOW)))
    sends(e, (TUESDAY + SLOW, "REQUEST", 0))
    line = f"PS-1001: {JOE} joined 11-17 12:00, and has ('nothing', 0) of 11-18 16:00"
    assert list(invariants.nobody_is_without_his_entry(e)) == [line]


def test_nobody_needs_an_entry_once_it_has_begun_or_soon_after_a_change(e: Evidence) -> None:
    e.delivered = [one for n, one in enumerate(e.delivered) if n not in left(e, INVITATION)]
    ticket = e.tickets[1001]
    events = ticket.events[: agreed(e) + 1]
    e.tickets[1001] = replace(ticket, events=events)
    line = f"PS-1001: {ticket.people[0].address} has no entry of 11-18 16:00"
    for now, told in ((WEDNESDAY - TICK, [line]), (WEDNESDAY, [])):
        e.now = now
        assert list(invariants.nobody_is_without_his_entry(e)) == told
    e.now = NOW
    for at, told in ((NOW, []), (NOW + TICK, [line]), (NOW - SLOW, []), (NOW - SLOW - TICK, [line])):
        e.tickets[1001] = replace(ticket, events=(*events, Event(at, Happening.STAFF_NOTED, HOST, "", {})))
        assert list(invariants.nobody_is_without_his_entry(e)) == told


@pytest.mark.parametrize("late", [1001, 1002])
@pytest.mark.parametrize(("at", "told"), [(ENDS - TICK, True), (ENDS, False)])
def test_a_host_is_in_two_places_whenever_the_second_time_was_agreed_upon(
    e: Evidence, late: int, at: datetime, told: bool
) -> None:
    """Until the first is over."""
    ticket, place = e.tickets[1001], agreed(e)
    word = ticket.events[place]
    for number, when in ((1001, word.at), (1002, word.at), (late, at)):
        events = (*ticket.events[:place], replace(word, at=when))
        e.tickets[number] = replace(ticket, id=number, reference=f"PS-{number}", events=events)
    line = f"{HOST} has PS-1001 and PS-1002 at 11-18 16:00"
    assert list(invariants.hours_given_once(e)) == ([line] if told else [])


def test_what_was_declined_and_offered_anew_is_told_however_many_follow(e: Evidence) -> None:
    offer = next(one for one in e.tickets[1001].events if one.kind is Happening.MEETING_CHANGED)
    tells(e, state("declined", e.now), *(replace(offer, data={**offer.data, "meeting": n}) for n in (2, 3)))
    assert "PS-1001 declined, and was offered another session" in list(invariants.nothing_stands_over(e))


@pytest.mark.parametrize(
    ("begin", "end", "excused"),
    [
        (ENDS + 2 * LATE, ENDS + 3 * LATE, True),
        (ENDS + 2 * LATE + TICK, ENDS + 3 * LATE, False),
        (ENDS - 3 * LATE, ENDS - LATE, False),
        (ENDS - 3 * LATE, ENDS - LATE + TICK, True),
    ],
)
def test_an_outage_excuses_for_three_quarters_of_an_hour_on_either_side(
    e: Evidence, begin: datetime, end: datetime, excused: bool
) -> None:
    e.now = ENDS + LATE + TICK
    e.month.outages = (Outage("daemon", begin, end),)
    assert (list(invariants.nothing_stands_over(e)) == []) is excused


@pytest.mark.parametrize("kind", [Happening.RESOLVED, Happening.CLOSED, Happening.MERGED, Happening.REOPENED])
def test_nobody_is_reminded_on_a_ticket_that_was_over_meanwhile(e: Evidence, kind: Happening) -> None:
    e.delivered, e.now = [], WEDNESDAY + HOUR
    ticket, place = e.tickets[1001], agreed(e)
    since = ticket.events[place].at
    for at, told in ((since - TICK, True), (since, False), (WEDNESDAY, False), (WEDNESDAY + TICK, True)):
        e.tickets[1001] = replace(ticket, events=(*ticket.events[: place + 1], Event(at, kind, HOST, "", {})))
        assert bool(list(invariants.everybody_reminded(e))) is told, at
        over = replace(e.tickets[1001], state=State.CLOSED)
        e.tickets[1001] = over
        assert bool(list(invariants.everybody_reminded(e))) is told, "its story says when"
    e.tickets[1001] = replace(ticket, state=State.CLOSED, events=ticket.events[: place + 1])
    assert list(invariants.everybody_reminded(e)) == [], "nothing says when it was closed"


def test_times_are_offered_by_the_quarter_of_an_hour_in_the_hours_of_the_desk(lived: Evidence) -> None:
    month, ticket = lived.month, lived.tickets[1001]
    sessions = Sessions(month, Random(5))
    promises = month.knowledge.rulebook.promises
    calendar = promises.calendar(promises.sharing.hours, ticket.region)
    offers = [sessions._times(ticket, HOST) for _ in range(12)]
    times = [at for some in offers for at in some]
    assert {len(some) for some in offers} <= {1, 2, 3} and max(map(len, offers)) == 3
    assert all(list(some) == sorted(set(some)) for some in offers)
    assert {(at.minute % 15, at.second, at.microsecond) for at in times} == {(0, 0, 0)}
    assert all(calendar.is_open(at) for at in times)
    assert month.now + 2 * HOUR <= min(times) and max(times) < month.now + timedelta(days=8)
    assert len({at.minute for at in times}) > 1


def test_who_is_refused_is_counted_in_the_words_of_the_refusal(lived: Evidence) -> None:
    sessions, done = Sessions(lived.month, Random(5)), list[str]()

    def refused(_by: object) -> None:
        raise Faulty("not now")

    sessions._do(refused)
    sessions._do(lambda by: done.append(type(by).__name__))
    assert (sessions.refused, done) == (["not now"], ["ByMeeting"])
