"""Invitations to a meeting: what RFC 5545, 5546 and 6047 ask, checked by a reader of our own (rfc5545.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.letters.rfc5545 import checked
from tests.letters.test_mime import LETTER, sent, text_of
from tests.tickets.world import at
from triaged.letters.invitation import OURS, Invitation, Party, attached, compose, is_session_entry
from triaged.tickets.ticket import Attached

NOW = at("2026-11-20 16:00")
INVITATION = Invitation(
    uid="ps-1042-1.8f3c@desk.example", sequence=0, method="REQUEST",
    organiser=Party("support@desk.example", "Partner Support"),
    attendees=(Party("anna@oakbridge.example", "Anna Holm"), Party("bo@oakbridge.example")),
    starts=at("2026-11-24 09:30"), minutes=40, summary="[PS-1042] Screen-sharing session",
    description="What to prepare:\n- a computer, not a phone\n- closed windows; the meeting program, too",
    location="https://meet.desk.example/j/42",
)  # fmt: skip


def event_of(invitation: Invitation):
    (event,) = checked(compose(invitation, NOW)).within
    return event


def test_an_invitation_says_who_when_and_how_long_and_asks_each_for_an_answer():
    root = checked(compose(INVITATION, NOW))
    (event,) = root.within
    assert root.one("METHOD") == "REQUEST"
    assert (event.one("UID"), event.one("SEQUENCE")) == (INVITATION.uid, "0")
    assert (event.one("DTSTAMP"), event.one("DTSTART"), event.one("DTEND")) == (
        "20261120T160000Z",
        "20261124T093000Z",
        "20261124T101000Z",
    )
    assert event.all("ORGANIZER") == [({"CN": "Partner Support"}, "mailto:support@desk.example")]
    asked = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    assert event.all("ATTENDEE") == [
        ({"CN": "Anna Holm", **asked}, "mailto:anna@oakbridge.example"),
        (asked, "mailto:bo@oakbridge.example"),
    ]
    assert event.one("SUMMARY") == INVITATION.summary
    assert event.one("DESCRIPTION") == INVITATION.description
    assert event.one("LOCATION") == INVITATION.location
    assert event.one("STATUS") == "CONFIRMED"
    (alarm,) = event.within
    assert (alarm.one("ACTION"), alarm.one("TRIGGER")) == ("DISPLAY", "-PT15M")


def test_a_move_keeps_the_uid_and_raises_the_sequence():
    moved = event_of(replace(INVITATION, sequence=1, starts=at("2026-11-25 08:00")))
    assert (moved.one("UID"), moved.one("SEQUENCE")) == (INVITATION.uid, "1")
    assert moved.one("DTSTART") == "20261125T080000Z"


def test_cancelling_names_the_same_people_and_rings_no_alarm():
    cancelled = event_of(replace(INVITATION, sequence=2, method="CANCEL"))
    assert (cancelled.one("STATUS"), cancelled.one("SEQUENCE")) == ("CANCELLED", "2")
    assert [uri for _, uri in cancelled.all("ATTENDEE")] == [
        uri for _, uri in event_of(INVITATION).all("ATTENDEE")
    ]
    assert cancelled.within == []


def test_times_of_any_zone_are_written_in_utc():
    tokyo = at("2026-11-24 09:30").astimezone(timezone(timedelta(hours=9)))
    assert event_of(replace(INVITATION, starts=tokyo)).one("DTSTART") == "20261124T093000Z"


def test_nobody_is_called_twice():
    twice = (*INVITATION.attendees, Party("Anna@Oakbridge.example"))
    assert len(event_of(replace(INVITATION, attendees=twice)).all("ATTENDEE")) == 2


_EVIL = 'x\r\nATTENDEE:mailto:eve@evil.example\n\x85BEGIN:VALARM\u2028\x07\x00;a="b":c,d\\n^n\udcff\u202e'


@pytest.mark.parametrize("part", ["summary", "description", "location", "name"])
def test_nothing_that_a_stranger_wrote_begins_a_line_or_ends_a_parameter(part):
    evil = (
        replace(INVITATION, attendees=(Party("anna@oakbridge.example", _EVIL),))
        if part == "name"
        else replace(INVITATION, **{part: _EVIL})
    )
    event = event_of(evil)
    assert event.all("ATTENDEE")[0][1] == "mailto:anna@oakbridge.example"
    assert len(event.all("ATTENDEE")) == len(evil.attendees)
    assert len(event.within) == 1


@given(text=st.text(max_size=300), name=st.text(max_size=100))
@settings(max_examples=150, deadline=None)
def test_any_text_and_name_make_a_lawful_object(text, name):
    odd = Party("anna@oakbridge.example", name)
    event_of(replace(INVITATION, summary=f"[PS-1] {text}", description=text, location=text, attendees=(odd,)))


def test_japanese_is_folded_between_characters():
    said = event_of(replace(INVITATION, summary="画面共有セッション" * 12, description="準備\n" * 60))
    assert said.one("SUMMARY") == "画面共有セッション" * 12


@pytest.mark.parametrize(
    "wrong",
    [
        {"uid": "a\r\nb@desk.example"},
        {"uid": ""},
        {"sequence": -1},
        {"minutes": 0},
        {"attendees": ()},
        {"attendees": (Party('eve"@x.example\r\nX:'),)},
        {"attendees": tuple(Party(f"a{n}@oak.example") for n in range(51))},
        {"organiser": Party("no address")},
        {"starts": at("2026-11-24 09:30").replace(tzinfo=None)},
    ],
)
def test_what_cannot_stand_in_an_invitation_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        compose(replace(INVITATION, **wrong), NOW)


def parts_of(mail):
    return [part.get_content_type() for part in mail.walk()]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_letter_shows_its_invitation_as_clients_want_it(method):
    file = attached(replace(INVITATION, method=method), NOW)
    mail = sent(replace(LETTER, files=(file,)))
    assert parts_of(mail) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    shown = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert shown["Content-Type"].params == {"method": method, "charset": "utf-8"}
    assert shown.get_content_disposition() is None
    assert checked(shown.get_payload(decode=True)).one("METHOD") == method
    kept = next(part for part in mail.walk() if part.get_content_type() == "application/ics")
    assert (kept.get_filename(), kept.get_content_disposition()) == ("invite.ics", "attachment")
    assert kept.get_payload(decode=True) == file.content
    assert text_of(mail) == LETTER.body


def test_staff_get_the_invitation_beside_the_text():
    mail = sent(replace(LETTER, audience="staff", files=(attached(INVITATION, NOW),)))
    assert parts_of(mail)[1:5] == ["multipart/alternative", "text/plain", "text/calendar", "application/ics"]


def test_a_calendar_file_that_people_attach_invites_nobody():
    file = Attached("holiday.ics", "text/calendar", compose(INVITATION, NOW))
    assert parts_of(sent(replace(LETTER, files=(file,))))[-1:] == ["text/calendar"]
    mail = sent(replace(LETTER, files=(file,)))
    assert [p.get_content_disposition() for p in mail.walk()][-1] == "attachment"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_an_entry_of_ours_is_known_also_folded_and_answered_and_no_other(end: str) -> None:
    """P44: P42: P41: no zone block that a calendar could misread."""
    uid = f"{OURS}12-1-1763200000@desk.example"
    made = (
        f"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:{uid[:9]}\n {uid[9:]}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert is_session_entry(made.replace("\n", end).encode())
    assert not is_session_entry(made.replace(OURS[:9], "our-sync-").encode())
    assert not is_session_entry(f"UID:{uid}".encode())
