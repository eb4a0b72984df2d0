"""Answers to our invitations, as Outlook, Gmail, Apple, Thunderbird and strangers write them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spent import spent
from tests.tickets.world import at
from triaged.reading import invitation_reply
from triaged.reading.read import read
from triaged.reading.values import Attending, Door, Surroundings

UID = "ps-1042-1.8f3c@desk.example"


def calendar(*lines: str, method: str = "REPLY") -> str:
    own = lines or (
        'ATTENDEE;PARTSTAT=ACCEPTED;CN="Holm, Anna":mailto:Anna@oakbridge.example',
        "SEQUENCE:1",
    )
    return "\r\n".join([
        "BEGIN:VCALENDAR", "PRODID:-//x//EN", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{UID}",
        "DTSTAMP:20261120T160000Z", "ORGANIZER:mailto:support@desk.example", *own, "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


def test_an_answer_tells_who_answers_what_to_which_state_of_the_meeting():
    found = invitation_reply.read(calendar())
    assert found and (found.uid, found.sequence, found.counter) == (UID, 1, False)
    assert found.attending == (Attending("anna@oakbridge.example", "accepted"),)
    assert found.of("ANNA@oakbridge.example") == "accepted"
    assert found.of("bo@oakbridge.example") is None


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:a@oak.example", "declined"),
        ("attendee;partstat=tentative:MAILTO:a@oak.example", "tentative"),
        ('ATTENDEE;PARTSTAT="ACCEPTED";X-NUM-GUESTS=0:mailto:a@oak.example', "accepted"),
        ('ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:b@oak.example":mailto:a@oak.example', "delegated"),
        ("ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACC\r\n EPTED;CN=a:mai\r\n\tlto:a@oak.example", "accepted"),
        ('ATTENDEE;CN="A \\"the\\" B";PARTSTAT=DECLINED:mailto:a@oak.example', "declined"),
        ("ATTENDEE;CN=山田;PARTSTAT=ACCEPTED:mailto:a@oak.example", "accepted"),
        ("ATTENDEE;PARTSTAT=X-MAYBE:mailto:a@oak.example", "needs-action"),
        ("ATTENDEE:mailto:a@oak.example", "needs-action"),
    ],
)
def test_each_client_writes_it_in_its_own_way(line, answer):
    found = invitation_reply.read(calendar(line))
    assert found and found.of("a@oak.example") == answer
    assert found.sequence == 0  # absent means the first


@pytest.mark.parametrize(
    ("when", "starts"),
    [
        ("DTSTART:20261125T080000Z", "2026-11-25 08:00"),
        ("DTSTART;TZID=Europe/Berlin:20261125T090000", "2026-11-25 08:00"),
        ("DTSTART;TZID=Tokyo Standard Time:20261125T170000", "2026-11-25 08:00"),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261125T090000", "2026-11-25 08:00"),
        ("DTSTART;TZID=Customized Time Zone:20261125T090000", None),
        ("DTSTART;VALUE=DATE:20261125", None),
        ("DTSTART:20261125T080000", None),
        ("DTSTART:99999999T999999Z", None),
        ("DTSTART;TZID=Asia/Tokyo:00010101T000000", None),
        ("DTSTART;TZID=../../etc/passwd:20261125T090000", None),
    ],
)
def test_another_time_is_told_where_it_can_be_known(when, starts):
    line = "ATTENDEE;PARTSTAT=TENTATIVE:mailto:a@oak.example"
    found = invitation_reply.read(calendar(line, when, "COMMENT:Later\\, please", method="COUNTER"))
    assert found and found.counter and found.of("a@oak.example") == "tentative"
    assert found.starts == (at(starts) if starts else None)
    assert found.comment == "Later, please"


def test_the_time_in_a_plain_answer_means_nothing():
    found = invitation_reply.read(calendar("ATTENDEE:mailto:a@oak.example", "DTSTART:20991125T080000Z"))
    assert found and found.starts is None


def test_a_strangers_own_zone_is_not_believed():
    zone = "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+1400\r\nTZOFFSETTO:+1400\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"  # fmt: skip
    line = "ATTENDEE;PARTSTAT=TENTATIVE:mailto:a@oak.example"
    said = calendar(line, "DTSTART;TZID=Mine:20261125T080000", method="COUNTER")
    found = invitation_reply.read(said.replace("BEGIN:VEVENT", zone))
    assert found and found.starts is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "METHOD:REPLY",
        calendar(method="REQUEST"),
        calendar(method="CANCEL"),
        calendar().replace(f"UID:{UID}\r\n", ""),
        calendar().replace(UID, "two\\nlines"),
        calendar("ATTENDEE;PARTSTAT=ACCEPTED:https://a.example/"),
        calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@oak.example", "SEQUENCE:-1"),
        calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@oak.example", "SEQUENCE:" + "9" * 400),
        calendar().replace("BEGIN:VEVENT", "BEGIN:VTODO").replace("END:VEVENT", "END:VTODO"),
        "BEGIN:VCALENDAR\r\n" * 500 + calendar(),
    ],
)
def test_what_answers_nothing_is_none(text):
    assert invitation_reply.read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        calendar("ATTENDEE;X=" + "a" * 100_000 + ":mailto:a@oak.example"),
        calendar(*(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a{n}@oak.example" for n in range(20_000))),
        calendar("ATTENDEE" + ";" * 60_000),
        calendar("ATTENDEE" + ";A=" * 30_000 + ":x"),
        calendar("BEGIN:VALARM\r\n" * 10_000),
        calendar('ATTENDEE;CN="' * 5_000),
        calendar().replace("\r\n", "\r\n " * 20_000),
        "\r\n ".join(calendar()),
        calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:" + "a" * 1_900 + "@oak.example"),
    ],
)
def test_hostile_objects_cost_little(text):
    assert spent(lambda: invitation_reply.read(text)) < 0.5
    found = invitation_reply.read(text)
    assert found is None or len(found.attending) <= 20


PIECES = [
    *'\r\n\t ;:=",\\AZ09',
    *("ATTENDEE", "UID:", "BEGIN:VEVENT\r\n", "DTSTART", "TZID=", "mailto:a@oak.example"),
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@settings(max_examples=200, deadline=None)
def test_nothing_raises(noise):
    invitation_reply.read(calendar(noise, method="COUNTER"))
    invitation_reply.read(noise)


def mail(*parts: str) -> bytes:
    head = "From: Anna <anna@oakbridge.example>\r\nTo: support@desk.example\r\nSubject: Accepted: Session\r\nMIME-Version: 1.0\r\n"
    body = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n{body}--b--\r\n'.encode()


def test_a_mail_carries_its_answer_into_the_reading():
    coded = base64.encodebytes(calendar().encode()).decode().replace("\n", "\r\n")
    raw = mail(
        "Content-Type: text/plain\r\n\r\nAnna has accepted.",
        'Content-Type: text/calendar; charset="UTF-8"; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n' + coded,
    )  # fmt: skip
    reading = read(raw, Door(), Surroundings())
    assert reading.invitation_reply and reading.invitation_reply.of(reading.sender.address) == "accepted"
    assert reading.automatic and reading.automatic.kind == "calendar"
    assert read(mail("Content-Type: text/plain\r\n\r\nYes"), Door(), Surroundings()).invitation_reply is None


@pytest.mark.parametrize("line", ["SEQUENCE", 'SEQUENCE"=1', "SEQUENCE:-1", "SEQUENCE:one"])
def test_an_answer_that_does_not_say_to_which_state_is_none(line):
    assert (
        invitation_reply.read(calendar("ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@oakbridge.example", line))
        is None
    )
