"""What is wrong with a mail's structure and fields is told by the class of fault, each once, sorted."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from triaged.reading.mime import faults


@pytest.mark.parametrize(
    "head",
    [
        b"From: a@b.example",
        b'From: "A B" <a@b.example>, c@d.example',
        b"From: a@b.example,\r\n c@d.example",
        b"From: A. B. <a@b.example>",
        b"From: undisclosed-recipients:;",
        b"X-Else: a@b@c",
        b"Date: Mon, 9 Nov 2026 10:14:00 +0900",
        "Content-Type: text/plain; name=ü".encode(),
        b"Content-Description: \xff",
        b"Subject: \xff",
    ],
)
def test_a_faultless_field_is_not_told(head: bytes) -> None:
    assert faults.of(message_from_bytes(head + b"\n\nx")) == []


@pytest.mark.parametrize(
    ("head", "told"),
    [
        *((head, "AddressHeaderDefect") for head in (b"From: a@b@c", b"TO: a@b@c", b"Cc: nobody", b"Bcc: <a@b.example", b"Reply-To: a b", b"Delivered-To: a b", b"From: a@b.example;c@d.example")),
        *((head, "DateHeaderDefect") for head in (b"Date: yesterday", b"DATE: never", b"Resent-Date: never", b"Date: Mon, 9 Nov 2026")),
        *((head, "MimeHeaderDefect") for head in (b"Content-Type: text/plain; name=\xff", b"Content-Disposition: attachment; filename=\xff", b"content-id: \xff", b"Content-Transfer-Encoding: \xff")),
        (b"no colon here", "MissingHeaderBodySeparatorDefect"),
        (b" folded", "FirstHeaderLineIsContinuationDefect"),
        (b"From: =?utf-8?B?\xff?=<anna@oak.example>", "unreadable (HeaderParseError)"),
    ],
)  # fmt: skip
def test_a_faulty_field_is_told_by_its_class(head: bytes, told: str) -> None:
    assert faults.of(message_from_bytes(head + b"\n\nx")) == [told]


def test_faults_of_every_part_are_told_once_and_sorted() -> None:
    head = b"Date: never\nFrom: a@b@c\nTo: a@b@c\nContent-Type: multipart/mixed; boundary=x\n\n"
    part = b"--x\nContent-Type: text/plain; name=\xff\n\na\n"
    assert faults.of(message_from_bytes(head + part * 2)) == [
        "AddressHeaderDefect",
        "CloseBoundaryNotFoundDefect",
        "DateHeaderDefect",
        "MimeHeaderDefect",
    ]
