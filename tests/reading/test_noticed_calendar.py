"""Answers to invitations and reactions at their borders: which event, how much of it, and what is no answer."""

from __future__ import annotations

import pytest

from tests.reading.test_automatic import detect
from tests.reading.test_invitation_reply import UID, calendar
from triaged.reading import invitation_reply
from triaged.reading.values import Attending, InvitationReply

YES = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@oak.example"
NO = "ATTENDEE;PARTSTAT=DECLINED:mailto:a@oak.example"


def told(*lines: str, method: str = "REPLY", uid: str = UID) -> InvitationReply | None:
    return invitation_reply.read(calendar(*lines, method=method).replace(UID, uid))


def test_an_answer_is_read_whole() -> None:
    assert told(
        YES, "SEQUENCE:3", "COMMENT:Yes\\, \\n gladly", "DTSTART:20261125T080000Z"
    ) == InvitationReply(
        uid=UID, sequence=3, attending=(Attending("a@oak.example", "accepted"),), comment="Yes, gladly"
    )


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ((YES, NO), "accepted"),
        ((YES, "END:VEVENT", "BEGIN:VEVENT", NO), "accepted"),
        (("BEGIN:VALARM", NO, "END:VALARM", YES), "accepted"),
        (("BEGIN:VALARM", "END:VALARM", YES), "accepted"),
        (("begin:valarm", NO, "end:valarm", YES), "accepted"),
        (("X-OWN:1", "no property", YES), "accepted"),
        (("END:VEVENT", YES), None),
        (("END:VEVENT", "BEGIN:VEVENT", YES), None),
        (("END:VEVENT", "END:VCALENDAR", YES), None),
        ((*["BEGIN:X"] * 6, *["END:X"] * 6, YES), "accepted"),
        ((*["BEGIN:X"] * 7, *["END:X"] * 7, YES), None),
        ((f"{YES}{' ' * (2_000 - len(YES))}",), "accepted"),
        ((f"{YES}{' ' * (2_001 - len(YES))}",), None),
        ((*["X:1"] * 1_991, YES), "accepted"),
        ((*["X:1"] * 1_992, YES), None),
    ],
)
def test_the_first_event_alone_answers(lines: tuple[str, ...], answer: str | None) -> None:
    found = told(*lines)
    assert (found.of("a@oak.example") if found else None) == answer


@pytest.mark.parametrize(
    ("change", "known"),
    [(("METHOD:REPLY", "method: reply"), True), (("METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:REQUEST"), True), (("METHOD:REPLY", "METHOD:REQUEST\r\nMETHOD:REPLY"), False),
     (("METHOD:REPLY\r\n", ""), False), (("BEGIN:VEVENT", "METHOD:REPLY\r\nBEGIN:VEVENT"), True), (("\r\n", "\n"), True), (("\r\n", "\r"), True)],
)  # fmt: skip
def test_the_calendar_s_first_method_counts(change: tuple[str, str], known: bool) -> None:
    assert (invitation_reply.read(calendar(YES).replace(*change)) is not None) is known


@pytest.mark.parametrize(
    ("line", "sequence"),
    [
        ("SEQUENCE:0", 0),
        ("SEQUENCE:2147483647", 2**31 - 1),
        ("SEQUENCE:2147483648", 2**31 - 1),
        ("SEQUENCE:9999999999", 2**31 - 1),
        ("SEQUENCE:10000000000", None),
        ("SEQUENCE: 4", 4),
        ("SEQUENCE:", 0),
        ("SEQUENCE:٤", None),
        ("SEQUENCE:4\r\nSEQUENCE:5", 4),
    ],
)
def test_a_state_is_a_number_of_ten_digits_at_most(line: str, sequence: int | None) -> None:
    found = told(YES, line)
    assert (found.sequence if found else None) == sequence


def test_ids_comments_and_attendees_are_taken_as_far_as_goes() -> None:
    assert told(YES, uid="u" * 255) is not None
    assert told(YES, uid="u" * 256) is None
    assert told(YES, uid="") is None
    found = told(*(f"ATTENDEE:mailto:a{n}@oak.example" for n in range(21)), f"COMMENT:{'c' * 501}")
    assert found is not None
    assert found.comment == "c" * 500
    assert [one.address for one in found.attending] == [f"a{n}@oak.example" for n in range(20)]
    assert told("ATTENDEE:mailto:nobody", YES) == told(YES)


def why(body: str, subject: str, *headers: str) -> str:
    """Kind and reason of what a mail is; empty for a person's."""
    found = detect(body, subject, *headers)
    return f"{found.kind}: {found.why}" if found else ""


ANSWERS = "In-Reply-To: <x@own.example>"


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ("👍", (ANSWERS,), "reaction: a reaction: “👍”"),
        ("👍", (), ""),
        ("👍\ufe0f ❤ 🎉", (ANSWERS,), "reaction: a reaction: “👍\ufe0f ❤ 🎉”"),
        ("👍" * 8, (ANSWERS,), f"reaction: a reaction: “{'👍' * 8}”"),
        ("👍" * 9, (ANSWERS,), ""),
        ("👍 ok", (ANSWERS,), ""),
        ("Liked “We fixed it”", (), "reaction: a reaction: “liked “we fixed it””"),
        ('Reacted 👍 to "We fixed the export of it"', (), "reaction: a reaction: “reacted 👍 to \"we fix”"),
        ("Liked “We fixed it”\n👍", (), "reaction: a reaction: “liked “we fixed it””"),
        ("Liked “We fixed it”\nhttps://a.example/x", (), "reaction: a reaction: “liked “we fixed it””"),
        ("Liked “We fixed it”\nAnna", (), ""),
        ("Liked “Can you check?”", (), ""),
        (f"Liked “{'x' * 292}”", (), "reaction: a reaction: “liked “xxxxxxxxxxxxx”"),
        (f"Liked “{'x' * 293}”", (), ""),
    ],
)  # fmt: skip
def test_a_sign_alone_or_a_line_that_says_so_is_a_reaction(
    body: str, headers: tuple[str, ...], expected: str
) -> None:
    assert why(body, "Export", "Content-Type: text/plain; charset=utf-8", *headers) == expected


def with_calendar(method: str, words: str, *, kind: str = "text/calendar", multipart: str = "mixed") -> str:
    """What a mail with such a part is taken for."""
    name = "; name=a.ics" if kind != "text/calendar" else ""
    part = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR"
    body = f"--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n--b\r\nContent-Type: {kind}{name}\r\n\r\n{part}\r\n--b--\r\n"
    return why(body, "Session", f"Content-Type: multipart/{multipart}; boundary=b")


@pytest.mark.parametrize(
    ("method", "words", "kind", "multipart", "expected"),
    [
        ("REQUEST", "Please check our customer, ZOID: 60011122233", "text/calendar", "mixed", "METHOD:REQUEST"),
        ("COUNTER", "Hello", "text/calendar", "mixed", "METHOD:COUNTER"),
        ("PUBLISH", "Hello", "text/calendar", "mixed", None),
        ("PUBLISH", " ", "text/calendar", "mixed", ""),
        ("CANCEL", "Hello", "application/ics", "mixed", "METHOD:CANCEL"),
        ("CANCEL", "Please check, can you help? ZOID: 60011122233", "application/ics", "mixed", None),
        ("CANCEL", "Please check, can you help? ZOID: 60011122233", "application/ics", "alternative", "METHOD:CANCEL"),
    ],
)  # fmt: skip
def test_a_calendar_part_that_asks_or_answers_makes_calendar_mail(
    method: str, words: str, kind: str, multipart: str, expected: str | None
) -> None:
    reason = f"calendar mail, {expected}" if expected else "a calendar entry and no words"
    assert with_calendar(method, words, kind=kind, multipart=multipart) == (
        "" if expected is None else f"calendar: {reason}"
    )
