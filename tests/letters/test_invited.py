"""Whose calendars have a session: what letters that left, failed or were withdrawn changed in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.letters.test_mime import LETTER
from tests.meetings.test_moves import FIRST, NOW, accepted, after, meeting, who
from tests.tickets.world import event
from triaged.letters import invited
from triaged.meetings import moves
from triaged.tickets.event_data import LetterFate, OfLetter
from triaged.tickets.meeting_data import MeetingChanged
from triaged.tickets.ticket import Attached, Event, Happening, Person, State, Ticket

ANNA, BO, CY = "anna@oakbridge.example", "bo@oakbridge.example", "cy@oakbridge.example"
MINUTE = timedelta(minutes=1)


def held(
    happening: Happening, kind: str, *people: str, minutes: int = 1, refused: tuple[str, ...] = ()
) -> Event:
    """What an event of a letter keeps: its entries when it is written, its fate when it has left."""
    if happening is Happening.LETTER_WRITTEN:
        data = OfLetter(kind, f"{kind}:1", entry_for=people).stored()
    else:
        data = {
            **OfLetter(kind, f"{kind}:1", entry_for=people).stored(),
            **LetterFate(7, kind, people, (), "<l@desk.example>", refused).stored(),
        }
    return event(NOW + minutes * MINUTE, happening, **data)


def booked(*events: Event, people: tuple[str, ...] = (ANNA, BO)) -> Ticket:
    t = accepted()
    persons = tuple(Person(one, role="cc" if at else "requester") for at, one in enumerate(people))
    return replace(t, people=persons, events=(*t.events, *events))


def told(t: Ticket) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(newcomers, leavers)."""
    return invited.newcomers(t, meeting(t)), invited.leavers(t, meeting(t))


WRITTEN, SENT = Happening.LETTER_WRITTEN, Happening.LETTER_SENT
LOST, WITHHELD = Happening.LETTER_FAILED, Happening.LETTER_WITHDRAWN
INVITES, MOVES, ENDS = "meeting_invitation", "meeting_moved", "meeting_cancelled"


@pytest.mark.parametrize(
    ("events", "newcomers"),
    [
        ((), ()),  # it cannot be said yet whom it went to
        ((held(WRITTEN, INVITES, ANNA, BO),), ()),
        ((held(WRITTEN, INVITES, ANNA),), (BO,)),
        ((held(WRITTEN, INVITES),), ()),  # an older version wrote it: known when it has left
        ((held(WRITTEN, INVITES), held(SENT, INVITES, ANNA, minutes=2)), (BO,)),
        ((held(WRITTEN, INVITES, ANNA, BO), held(SENT, INVITES, ANNA, BO, minutes=2, refused=(BO,))), ()),
        ((held(WRITTEN, INVITES, ANNA, BO), held(LOST, INVITES, ANNA, BO, minutes=2)), ()),
        ((held(WRITTEN, INVITES), held(LOST, INVITES, ANNA, minutes=2)), (BO,)),
        ((held(WRITTEN, INVITES, ANNA, BO), held(WRITTEN, ENDS, BO, minutes=2)), (BO,)),
        ((held(WRITTEN, INVITES, ANNA, BO), held(SENT, ENDS, BO, minutes=2)), (BO,)),
        ((held(WRITTEN, INVITES, ANNA, BO), held(LOST, ENDS, BO, minutes=2)), (BO,)),
        ((held(WRITTEN, INVITES, ANNA, minutes=-1),), ()),  # of a session before this one
        ((held(WRITTEN, INVITES, ANNA, minutes=0),), (BO,)),
        ((held(WRITTEN, "acknowledgment", ANNA),), (ANNA, BO)),
    ],
)  # fmt: skip
def test_who_joined_is_known_once_the_invitation_that_stands_is(
    events: tuple[Event, ...], newcomers: tuple[str, ...]
) -> None:
    assert told(booked(*events))[0] == newcomers


@pytest.mark.parametrize(
    ("events", "leavers"),
    [
        ((held(WRITTEN, INVITES, ANNA, CY),), (CY,)),
        ((held(WRITTEN, INVITES, ANNA, CY), held(SENT, INVITES, ANNA, CY, minutes=2)), (CY,)),
        ((held(WRITTEN, INVITES, ANNA, CY), held(SENT, INVITES, ANNA, CY, minutes=2, refused=(CY,))), ()),
        ((held(WRITTEN, INVITES, ANNA, CY), held(LOST, INVITES, CY, minutes=2)), ()),
        ((held(WRITTEN, INVITES, ANNA, CY), held(WITHHELD, MOVES, CY, minutes=2)), ()),
        ((held(WRITTEN, INVITES, ANNA, CY), held(WRITTEN, ENDS, CY, minutes=2)), ()),
        ((held(WRITTEN, INVITES, ANNA, CY), held(SENT, ENDS, CY, minutes=2)), ()),
        ((held(WRITTEN, INVITES, ANNA, CY), held(SENT, ENDS, CY, minutes=2, refused=(CY,))), (CY,)),
        ((held(WRITTEN, INVITES, ANNA, CY), held(WITHHELD, ENDS, CY, minutes=2)), ()),
        ((held(WRITTEN, INVITES, ANNA, "erased-1@erased.invalid"),), ()),
    ],
)  # fmt: skip
def test_who_left_keeps_the_entry_until_a_letter_took_it_back(
    events: tuple[Event, ...], leavers: tuple[str, ...]
) -> None:
    assert told(booked(*events))[1] == leavers


def test_a_time_agreed_anew_wants_an_invitation_of_its_own() -> None:
    t = booked(held(WRITTEN, INVITES, ANNA))
    assert told(t)[0] == (BO,)
    moved = after(moves.move(t, FIRST + timedelta(days=1), who(NOW + 5 * MINUTE)))
    assert told(moved)[0] == ()
    later = replace(moved, events=(*moved.events, held(WRITTEN, MOVES, BO, minutes=6)))
    assert told(later)[0] == (ANNA,)


def test_a_session_that_begins_or_of_another_number_wants_no_new_invitation() -> None:
    t = booked(held(WRITTEN, INVITES, ANNA))
    begun = after(moves.begin(t, who(FIRST)))
    assert told(begun)[0] == (BO,)
    other = MeetingChanged(2, "accepted").stored()
    elsewhere = replace(t, events=(*t.events, event(NOW + 2 * MINUTE, Happening.MEETING_CHANGED, **other)))
    assert invited.newcomers(elsewhere, meeting(t)) == (BO,)


@pytest.mark.parametrize(
    ("fields", "minutes", "astray"),
    [
        ({}, -1, True),
        ({}, 0, False),
        ({"state": State.WAITING}, -1, True),
        ({"state": State.RESOLVED}, -1, False),
        ({"people": (Person(ANNA),)}, -1, False),
    ],
)
def test_a_calendar_is_astray_until_the_session_is_over(
    fields: dict[str, object], minutes: int, astray: bool
) -> None:
    t = replace(booked(held(WRITTEN, INVITES, ANNA)), **fields)  # type: ignore[arg-type]
    ends = meeting(t).ends
    assert ends is not None
    assert invited.is_astray(t, meeting(t), ends + minutes * MINUTE) is astray


def test_of_a_cancelled_session_no_calendar_is_astray() -> None:
    t = after(moves.cancel(booked(held(WRITTEN, INVITES, ANNA)), who(NOW + 5 * MINUTE)))
    assert not invited.is_astray(t, meeting(t), NOW + 6 * MINUTE)


def test_who_was_invited_and_gets_no_letters_now_is_told_but_not_whose_address_failed() -> None:
    t = booked(held(WRITTEN, INVITES, ANNA, BO, CY))
    assert invited.without_letters(t, meeting(t)) == (CY,)
    reader = replace(t, people=(Person(ANNA), Person(BO, role="reader"), Person(CY, role="cc", failed=True)))
    assert invited.without_letters(reader, meeting(reader)) == (BO,)


ENTRY = Attached("invite.ics", "text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")
TO_BOTH = (*LETTER.to, *LETTER.cc)


@pytest.mark.parametrize(
    ("audience", "files", "people"),
    [
        ("partner", (ENTRY,), TO_BOTH),
        ("partner", (replace(ENTRY, type="text/plain"), ENTRY), TO_BOTH),
        ("partner", (replace(ENTRY, type="text/plain"),), ()),
        ("partner", (), ()),
        ("staff", (ENTRY,), ()),
    ],
)
def test_a_letter_to_the_partner_s_side_with_an_entry_changes_their_calendars(
    audience: str, files: tuple[Attached, ...], people: tuple[str, ...]
) -> None:
    letter = replace(LETTER, kind=INVITES, key="k", audience=audience, files=files)  # type: ignore[arg-type]
    assert invited.entry_for(letter) == people
    assert invited.as_written(letter) == OfLetter(INVITES, "k", entry_for=people)
    told = invited.told_of((LETTER, letter), NOW)
    assert told == (
        (Event(NOW, WRITTEN, "daemon", INVITES, OfLetter(INVITES, "k", entry_for=people).stored()),)
        if people
        else ()
    )
