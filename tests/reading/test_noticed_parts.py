"""Parts once more: how deep they lie, boundaries nobody declared, wrappings, calendars and what is told once."""

from __future__ import annotations

import base64

import pytest

from tests.reading.test_message import HEAD, HTML, PLAIN, der, mail, multipart, of, signed
from triaged.reading.mime import smime
from triaged.reading.mime.message import Message, parse
from triaged.reading.values import Limits

FOUND = "boundary missing, the one in the text is used"
DEEP, MANY = "parts nested too deep", "too many parts"
INSIDE = "--in\nContent-Type: text/plain\n\nwords\n--in--\n"


def nested(levels: int, inner: str) -> str:
    """A part within so many multiparts."""
    for number in range(levels):
        inner = (
            f'Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n{inner}\n--b{number}--\n'
        )
    return inner


def read(whole: str, limits: Limits | None = None) -> Message:
    return parse(HEAD + whole.encode(), limits)


@pytest.mark.parametrize(("levels", "deepest", "text"), [(1, 1, "x"), (2, 1, ""), (2, 2, "x"), (5, 4, ""), (5, 5, "x")])  # fmt: skip
def test_a_part_is_read_as_deep_as_goes(levels: int, deepest: int, text: str) -> None:
    found = read(nested(levels, PLAIN + "x"), Limits(depth=deepest))
    assert (found.text, found.defects) == (text, () if text else (DEEP,))


def test_what_wraps_no_mail_is_walked_as_deep_as_goes() -> None:
    wrapped = "Content-Type: message/partial\n\n" * 3 + PLAIN + "x"
    assert (read(wrapped, Limits(depth=3)).text, read(wrapped, Limits(depth=3)).attachments) == ("x", ())
    assert (read(wrapped, Limits(depth=2)).text, read(wrapped, Limits(depth=2)).defects) == ("", (DEEP,))


def test_so_many_parts_are_read_and_of_more_it_is_told_once() -> None:
    three = nested(1, "\n--b0\n".join([PLAIN + "x"] * 3))
    assert (read(three, Limits(parts=4)).text, read(three, Limits(parts=4)).defects) == ("x\n\nx\n\nx", ())
    assert (read(three, Limits(parts=2)).text, read(three, Limits(parts=2)).defects) == ("x", (MANY,))


def test_a_fault_of_two_bodies_is_told_once_and_of_many_faults_fifty() -> None:
    cut = "body longer than the limit, its beginning is read"
    twice = nested(1, "\n--b0\n".join([PLAIN + "x" * 50] * 2))
    assert read(twice, Limits(text=10)).defects == (cut,)
    unlike = (f"Content-Type: text/plain; charset=x-{n}\n\n\xfc" for n in range(60))
    assert of("mixed", *unlike).defects == tuple(
        f"charset 'x-{n}' does not fit, read as utf-8" for n in range(50)
    )


@pytest.mark.parametrize(
    ("fields", "body", "text", "defects"),
    [
        ((), INSIDE, "words", (FOUND,)),
        ((), f"This is a multi-part message in MIME format.\n\n{INSIDE}", "words", (FOUND,)),
        ((), f"We saw this:\n\n{INSIDE}", f"We saw this:\n\n{INSIDE.rstrip()}", ()),
        (("Content-Type: text/plain",), INSIDE, INSIDE.rstrip(), ()),
        (("Content-Type: multipart/mixed",), f"We saw this:\n\n{INSIDE}", "words", (FOUND,)),
        ((), INSIDE.replace("Content-Type", "MIME-Version"), "words", (FOUND,)),
        ((), INSIDE.replace("Content-Type", "X-Type"), INSIDE.replace("Content-Type", "X-Type").rstrip(), ()),
        (("Content-Type: multipart/mixed; boundary=b",), f"--b\n\n{INSIDE}\n--b--", INSIDE.strip(), ()),
        (("Content-Type: multipart/mixed",), "words alone", "words alone", None),
    ],
)  # fmt: skip
def test_a_boundary_that_nobody_declared_is_used_where_the_mail_is_its_parts(
    fields: tuple[str, ...], body: str, text: str, defects: tuple[str, ...] | None
) -> None:
    found = mail(body, *fields)
    assert found.text.strip() == text
    assert tuple(one for one in found.defects if not one.startswith("structure")) == (defects or ())


def test_a_boundary_in_the_text_is_looked_for_at_its_beginning_and_four_deep() -> None:
    def behind(size: int) -> bool:
        body = "-" * (size - 2) + "\n\n" + INSIDE
        return FOUND in mail(body, "Content-Type: multipart/mixed").defects

    mark = len("--in\nContent-Type:")
    assert (behind(4_096 - mark), behind(4_097 - mark)) == (True, False)
    inner = f"Content-Type: multipart/mixed\n\n{INSIDE}"
    assert FOUND in read(nested(3, inner)).defects
    assert FOUND not in read(nested(4, inner)).defects


def test_alternatives_without_their_boundary_stay_alternatives() -> None:
    parts = multipart("alternative", PLAIN + "Down since nine", HTML + "<p>Up since ten</p>", boundary="in")
    assert mail(parts, "Content-Type: multipart/alternative").text == "Down since nine"
    assert mail(parts).text == "Down since nine\n\nUp since ten"


@pytest.mark.parametrize(
    ("kind", "text", "files"),
    [
        ("text/x-own", "words", []),
        ("text/x-own; name=a.x", "", [("a.x", "text/x-own")]),
        ("application/x-own", "", [("", "application/x-own")]),
        ("text/csv", "", [("", "text/csv")]),
        ("text/vcard", "", [("", "text/vcard")]),
        ("text/watch-html", "", [("", "text/watch-html")]),
        ("text/markdown", "words", []),
        ("text/calendar", "", [("", "text/calendar")]),
    ],
)
def test_unnamed_text_is_shown_and_data_is_a_file(kind: str, text: str, files: list[tuple[str, str]]) -> None:
    found = of("mixed", f"Content-Type: {kind}\n\nwords")
    assert (found.text, [(one.name, one.type) for one in found.attachments]) == (text, files)


def sealed(oid: str) -> bytes:
    """The beginning of an envelope, without what it holds."""
    return der(0x30, der(0x06, bytes.fromhex(oid)), der(0xA0, b""))


ENVELOPE = base64.encodebytes(sealed("2a864886f70d010703")).decode()
ARMOUR = "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----"


@pytest.mark.parametrize(
    ("kind", "body", "how"),
    [
        ("application/pkcs7-mime", ENVELOPE, "S/MIME"),
        ("application/octet-stream; name=a.P7M", ENVELOPE, "S/MIME"),
        ("application/octet-stream; name=a.bin", ENVELOPE, ""),
        ("image/png; name=smime.p7m", ENVELOPE, ""),
        ("application/pkcs7-mime", base64.encodebytes(sealed("2a864886f70d010705")).decode(), ""),
        ("application/octet-stream", base64.encodebytes(ARMOUR.encode()).decode(), ""),
    ],
)  # fmt: skip
def test_a_file_within_a_mail_is_an_envelope_by_its_type_or_name(kind: str, body: str, how: str) -> None:
    part = f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{body}"
    assert of("mixed", PLAIN + "see", part).encrypted == how


def test_a_mail_that_is_nothing_but_an_envelope_is_encrypted_whatever_its_file_is_called() -> None:
    code = "Content-Transfer-Encoding: base64"
    assert mail(ENVELOPE, "Content-Type: application/x-own; name=a.bin", code).encrypted == "S/MIME"
    assert mail(ENVELOPE, "Content-Type: image/png; name=a.png", code).encrypted == ""
    assert mail(ARMOUR, "Content-Type: application/x-own").encrypted == "PGP/MIME"


def test_parts_that_are_called_encrypted_are_whatever_lies_in_them() -> None:
    found = of("encrypted", "Content-Type: application/octet-stream; name=a.bin\n\nhQEM")
    assert (found.encrypted, found.defects) == (
        "PGP/MIME",
        ("encrypted (PGP/MIME): what it says could not be read",),
    )


def test_what_was_signed_lies_below_the_signature() -> None:
    """So a named text in it is a file, and what is too deep with it is told."""
    inner = nested(1, PLAIN + "words\n--b0\nContent-Type: text/plain; name=a.txt\n\nfile")
    body = base64.encodebytes(signed(der(0x04, inner.encode()))).decode()
    whole = f"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n{body}"
    found = read(whole, Limits(depth=2))
    assert (found.text, [one.name for one in found.attachments], found.defects) == ("words", ["a.txt"], ())
    assert read(whole, Limits(depth=1)).defects == (DEEP,)


@pytest.mark.parametrize(
    ("name", "text", "files"),
    [
        ("smime.p7m", "outside\n\ninside", []),
        ("SMIME-2.p7m", "outside\n\ninside", []),
        ("invoice.p7m", "outside", ["invoice.p7m"]),
    ],
)
def test_a_signed_file_is_opened_if_it_is_called_a_mail(name: str, text: str, files: list[str]) -> None:
    body = base64.encodebytes(signed(der(0x04, PLAIN.encode() + b"inside"))).decode()
    part = f"Content-Type: application/octet-stream; name={name}\nContent-Transfer-Encoding: base64\n\n{body}"
    found = of("mixed", PLAIN + "outside", part)
    assert (found.text, [one.name for one in found.attachments]) == (text, files)


def within(depth: int, inner: bytes) -> bytes:
    """An octet string in pieces whose lengths are left open, so deep."""
    return b"\x24\x80" * depth + inner + b"\0\0" * depth


def test_signed_pieces_of_open_length_are_read_one_behind_the_other_and_as_deep_as_goes() -> None:
    one = der(0x04, b"one ")
    assert smime.content(signed(der(0x24, within(1, one), within(2, one), one))) == b"one one one "
    assert smime.content(signed(der(0x24, one, der(0x04)))) == b"one "
    assert smime.content(signed(within(12, one))) == b"one "
    assert smime.content(signed(within(13, one))) is None


@pytest.mark.parametrize(
    ("fields", "inline"),
    [
        ("Content-Disposition: inline", True),
        ("Content-ID: <a>", True),
        ("Content-ID: <a>\nContent-Disposition: attachment", False),
        ("Content-Disposition: attachment", False),
        ("X-Own: 1", False),
    ],
)
def test_a_picture_stands_in_the_text_by_its_disposition_or_its_id(fields: str, inline: bool) -> None:
    part = f"Content-Type: image/png; name=a.png\n{fields}\n\nx"
    raw = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="xyz"\n\n'
        + multipart("mixed", PLAIN + "x", part).encode()
    )
    (kept,) = parse(raw, Limits(contents=True)).attachments
    assert (kept.inline, kept.content_id, kept.content) == (inline, "a" if "-ID" in fields else "", b"x")
    (bare,) = parse(raw).attachments
    assert (bare.inline, bare.content_id, bare.content) == (inline, "", b"")


REPORT = "Reporting-MTA: dns; mx.example\n\nAction: failed\n"


@pytest.mark.parametrize(
    ("kind", "body", "report", "text", "typed"),
    [
        ("delivery-status", REPORT, ({"reporting-mta": "dns; mx.example"}, {"action": "failed"}), "", "delivery-status"),
        ("global-delivery-status", REPORT, ({"reporting-mta": "dns; mx.example"}, {"action": "failed"}), "", "delivery-status"),
        ("delivery-status", "\nIt could not be delivered", (), "It could not be delivered", "delivery-status"),
        ("disposition-notification", "Disposition: a; displayed\n", ({"disposition": "a; displayed"},), "", "disposition-notification"),
    ],
)  # fmt: skip
def test_a_report_is_its_blocks_of_fields_and_words_where_none_stand(
    kind: str, body: str, report: tuple[dict[str, str], ...], text: str, typed: str
) -> None:
    found = of("mixed", f"Content-Type: message/{kind}\n\n{body}")
    assert (found.report, found.text, found.report_type) == (report, text, typed)


def test_a_report_of_parts_is_what_it_calls_itself_first() -> None:
    typed = 'Content-Type: multipart/report; report-type=Feedback-Report; boundary="xyz"'
    body = multipart("report", f"Content-Type: message/delivery-status\n\n{REPORT}")
    assert mail(body, typed).report_type == "feedback-report"


MEETING = (
    "BEGIN:VCALENDAR\nMETHOD:{}\nSUMMARY:Review\nLOCATION:Room 4\nDESCRIPTION:a\\, b\\;\\Nc\nEND:VCALENDAR"
)


@pytest.mark.parametrize(
    "part",
    [
        f"Content-Type: text/calendar\n\n{MEETING.format('cancel')}",
        f"Content-Type: application/octet-stream; name=A.ICS\n\n{MEETING.format('cancel')}",
    ],
)
def test_a_calendar_is_one_by_its_type_or_its_name(part: str) -> None:
    found = of("mixed", part)
    assert (found.has_calendar, found.calendar_method) == (True, "CANCEL")
    assert found.text == "Review\nRoom 4\na, b;\nc"


def test_of_several_calendars_the_first_that_names_its_method_does() -> None:
    parts = (f"Content-Type: text/calendar\n\n{MEETING.format(word)}" for word in ("", "reply", "cancel"))
    assert of("mixed", *parts).calendar_method == "REPLY"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.eml", "From: c@elm.example\nSubject: Inner\n\nwords", "message/rfc822"),
        ("a.EML", "From c@elm Mon\nFrom: c@elm.example\nSubject: In\n ner\n\nwords", "message/rfc822"),
        ("a.eml", "From: c@elm.example\n\nwords", "message/rfc822"),
        ("a.bin", "From: c@elm.example\nSubject: Inner\n\nwords", "application/octet-stream"),
    ],
)
def test_a_file_is_a_mail_by_its_name_and_two_fields(name: str, data: str, kind: str) -> None:
    found = of("mixed", PLAIN + "see", f"Content-Type: application/octet-stream; name={name}\n\n{data}")
    assert [one.type for one in found.attachments] == [kind]
    assert [one.text for one in found.attached] == (["words"] if "Subject" in data and kind[0] == "m" else [])


def test_blocks_of_an_international_report_are_parted_by_blank_lines_up_to_as_many_as_parts() -> None:
    part = "Content-Type: message/global-delivery-status\n\nA: 1\n\nB: 2\n \t\nC: 3\n\n\n\nD: 4\n words\n"
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="xyz"\n\n' + multipart("mixed", part).encode()
    whole = ({"a": "1"}, {"b": "2"}, {"c": "3"}, {"d": "4 words"})
    assert parse(raw).report == parse(raw.replace(b"\n", b"\r\n")).report == whole
    assert parse(raw, Limits(parts=3)).report == whole[:3]
