"""winmail.dat: what Outlook wrapped into it is the mail's text and its files; a broken one is told of."""

from __future__ import annotations

import base64
import struct

import pytest

from triaged.reading.mime import message, tnef
from triaged.reading.mime.message import Message
from triaged.reading.values import Limits

BODY, TITLE, DATA, RENDERED, PROPERTIES, ATTACHED, CODE_PAGE = (
    (1, 0x800C, 2), (2, 0x8010, 1), (2, 0x800F, 6), (2, 0x9002, 6), (1, 0x9003, 6), (2, 0x9005, 6), (1, 0x9007, 6),
)  # fmt: skip
A_STRING, A_UNICODE, BINARY = 0x1E, 0x1F, 0x102
M_BODY, M_HTML, M_LONG_NAME = 0x1000, 0x1013, 0x3707


def item(kind: tuple[int, int, int], data: bytes) -> bytes:
    level, name, type_ = kind
    return struct.pack("<BHHI", level, name, type_, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(kind: tuple[int, int, int], *held: tuple[int, int, bytes]) -> bytes:
    made = struct.pack("<I", len(held))
    for type_, name, data in held:
        made += struct.pack("<HHII", type_, name, 1, len(data)) + data + b"\0" * (-len(data) % 4)
    return item(kind, made)


def wrapped(*items: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(items)


def file(title: bytes, data: bytes) -> bytes:
    return item(RENDERED, b"\0" * 14) + item(TITLE, title + b"\0") + item(DATA, data)


PAGE = properties(PROPERTIES, (BINARY, M_HTML, b"<p>The portal is <b>down</b></p>\0"))
WESTERN = item(CODE_PAGE, struct.pack("<II", 1252, 0))


def mail(
    data: bytes, *parts: str, limits: Limits | None = None, kind: str = "application/ms-tnef"
) -> Message:
    held = f'Content-Type: {kind}; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}'
    body = "".join(f"--x\n{part}\n" for part in (*parts, held)) + "--x--\n"
    raw = f'From: anna@oak.example\nSubject: Help\nContent-Type: multipart/mixed; boundary="x"\n\n{body}'
    return message.parse(raw.encode(), limits or Limits())


@pytest.mark.parametrize(
    ("items", "text", "html"),
    [
        ((item(BODY, b"The portal is down\0"),), "The portal is down", ""),
        ((item(BODY, "Störung".encode("cp1252")),), "Störung", ""),
        ((properties(PROPERTIES, (A_UNICODE, M_BODY, "障害です\0".encode("utf-16-le"))),), "障害です", ""),
        ((PAGE,), "", "<p>The portal is <b>down</b></p>"),
        ((item(BODY, b"The portal is do\0wn since nine o'clock today"), PAGE), "The portal is down since nine o'clock today", "<p>The portal is <b>down</b></p>"),
        ((item(CODE_PAGE, struct.pack("<II", 932, 0)), properties(PROPERTIES, (A_STRING, M_BODY, "障害".encode("cp932")))), "障害", ""),
        ((file(b"a.txt", b"x"),), "", ""),
    ],
)  # fmt: skip
def test_the_text_is_read_as_it_was_written(items: tuple[bytes, ...], text: str, html: str) -> None:
    found = tnef.unwrap(wrapped(*items))
    assert (found.text, found.html, found.defect) == (text, html, "")


def test_its_files_are_the_mail_s_by_their_names_and_what_their_bytes_show() -> None:
    data = wrapped(file(b"report.pdf", b"%PDF-1.7 x"), file(b"list.csv", b"a,b\n1,2"), file(b"", b"\0\1"))
    found = tnef.unwrap(data)
    assert [(one.name, one.type, one.size, one.content) for one in found.files] == [
        ("report.pdf", "application/pdf", 10, b""),
        ("list.csv", "text/csv", 7, b""),
        ("", "application/octet-stream", 2, b""),
    ]
    assert [one.content for one in tnef.unwrap(data, content=True).files] == [
        b"%PDF-1.7 x",
        b"a,b\n1,2",
        b"\0\1",
    ]


def test_the_long_name_of_a_file_goes_before_its_short_one() -> None:
    long = properties(ATTACHED, (A_UNICODE, M_LONG_NAME, "Störung im Büro.pdf\0".encode("utf-16-le")))
    found = tnef.unwrap(wrapped(WESTERN, file(b"STRUNG~1.PDF", b"%PDF-"), long))
    assert [one.name for one in found.files] == ["Störung im Büro.pdf"]


def test_a_short_name_in_the_sender_s_own_charset_costs_neither_the_text_nor_the_other_files() -> None:
    found = tnef.unwrap(
        wrapped(
            WESTERN,
            item(BODY, b"See the files"),
            file("Störung.pdf".encode("cp1252"), b"%PDF-"),
            file(b"list.csv", b"a,b"),
        )
    )
    assert (found.text, found.defect) == ("See the files", "")
    assert [one.name for one in found.files] == ["Störung.pdf", "list.csv"]


def test_of_many_files_a_hundred_are_taken() -> None:
    found = tnef.unwrap(wrapped(*(file(b"%d.txt" % number, b"x") for number in range(101))))
    assert [one.name for one in found.files] == [f"{number}.txt" for number in range(100)]


def test_one_of_ten_megabytes_is_opened_and_a_larger_one_is_not() -> None:
    rest = tnef.LARGEST - len(wrapped(item(BODY, b""), file(b"a.bin", b"")))
    whole = wrapped(item(BODY, b"see"), file(b"a.bin", b"x" * (rest - 3)))
    assert len(whole) == tnef.LARGEST == 10 * 1024 * 1024
    assert tnef.unwrap(whole).text == "see"
    assert tnef.unwrap(whole + b"\0") == tnef.Unwrapped(defect="winmail.dat too large to open")


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "error"), (b"no such thing", "ValueError"), (wrapped(item(DATA, b"x" * 20)), "UnboundLocalError")],
)
def test_a_broken_one_gives_nothing_and_says_so(data: bytes, why: str) -> None:
    assert tnef.unwrap(data) == tnef.Unwrapped(defect=f"winmail.dat unreadable ({why})")


@pytest.mark.parametrize("kind", ["application/ms-tnef", "application/vnd.ms-tnef"])
def test_a_mail_that_is_nothing_but_its_wrapping_has_the_words_and_files_in_it(kind: str) -> None:
    read = mail(wrapped(PAGE, file(b"report.pdf", b"%PDF-1.7")), kind=kind)
    assert read.text == "The portal is down"
    assert [(one.name, one.type) for one in read.attachments] == [("report.pdf", "application/pdf")]


def test_what_stands_beside_the_wrapping_goes_before_the_words_in_it() -> None:
    read = mail(wrapped(item(BODY, b"within")), "Content-Type: text/plain\n\nbeside")
    assert read.text == "beside"
    assert read.attachments == ()


def test_a_wrapping_of_blanks_has_no_words() -> None:
    assert mail(wrapped(item(BODY, b" \r\n "))).text == ""


@pytest.mark.parametrize("contents", [False, True])
def test_a_wrapping_that_cannot_be_opened_is_a_file_and_a_defect(contents: bool) -> None:
    read = mail(b"\x78\x9f\x3e\x22?", "Content-Type: text/plain\n\nbeside", limits=Limits(contents=contents))
    assert read.text == "beside"
    assert [(one.name, one.type, one.size, one.content) for one in read.attachments] == [
        ("winmail.dat", "application/ms-tnef", 5, b"\x78\x9f\x3e\x22?" if contents else b"")
    ]
    assert [told for told in read.defects if "winmail" in told] == ["winmail.dat unreadable (error)"]
