"""A mail as a whole and at its borders: every field at once, ids, dates, how many of each, and how deep."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.reading.test_message import HEAD, mail, multipart, of
from triaged.reading.mime import encryption, message
from triaged.reading.mime.header_block import HeaderBlock
from triaged.reading.mime.headers import Headers
from triaged.reading.mime.message import Message, parse
from triaged.reading.values import Address, Attachment, Limits

WHOLE = b"""From: Anna <Anna@Oak.example>
From: eve@else.example
Sender: Office <office@oak.example>
To: desk@own.example, "B, C" <bc@elm.example>
Cc: d@elm.example
Reply-To: anna.reply@oak.example
Delivered-To: Desk@own.example
Envelope-To: all@oak.example
X-Envelope-To: desk@own.example
Subject:  Help
  please
Message-ID: < 1@oak.example >
In-Reply-To: <2@own.example> <3@own.example>
References: <1@own. example> <2@own.example> <1@own.example>
Date: Mon, 9 Nov 2026 10:14:00 +0900
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

Hi
--x
Content-Type: message/rfc822

From: c@elm.example
Subject: Inner

Inner words
--x
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
METHOD:request
END:VCALENDAR
--x--
"""


def told(read: Message) -> dict[str, Any]:
    """What a mail gives beside what every mail gives, by field."""
    found = {}
    for one in fields(Message):
        value = getattr(read, one.name)
        if isinstance(value, Headers):
            value = value.items()
        elif one.name == "attached":
            value = tuple(map(told, value))
        if value or (value == 0 and one.name == "raw_size"):
            found[one.name] = value
    return found


def test_a_whole_mail_is_read_into_its_fields() -> None:
    anna, eve = Address("Anna", "anna@oak.example"), Address("", "eve@else.example")
    inner = (("From", "c@elm.example"), ("Subject", "Inner"))
    read = told(parse(WHOLE))
    assert [name for name, _ in read.pop("headers")][:3] == ["From", "From", "Sender"]
    assert read == {
        "raw_size": len(WHOLE),
        "block": HeaderBlock((("from", "Anna <Anna@Oak.example>"), ("from", "eve@else.example"))),
        "from_": (anna, eve),
        "to": (Address("", "desk@own.example"), Address("B, C", "bc@elm.example")),
        "cc": (Address("", "d@elm.example"),),
        "reply_to": (Address("", "anna.reply@oak.example"),),
        "sender": (Address("Office", "office@oak.example"),),
        "delivered_to": ("desk@own.example", "all@oak.example"),
        "subject": "Help please",
        "message_id": "<1@oak.example>",
        "in_reply_to": ("<2@own.example>", "<3@own.example>"),
        "references": ("<1@own.example>", "<2@own.example>"),
        "date": datetime(2026, 11, 9, 1, 14, tzinfo=UTC),
        "text": "Hi",
        "content_type": "multipart/mixed",
        "original_headers": inner,
        "attachments": (Attachment("", "message/rfc822", 48), Attachment("", "text/calendar", 44)),
        "attached": (
            {
                "raw_size": 0,
                "headers": inner,
                "from_": (Address("", "c@elm.example"),),
                "subject": "Inner",
                "text": "Inner words",
                "content_type": "text/plain",
                "block": HeaderBlock(),
            },
        ),
        "has_calendar": True,
        "calendar_method": "REQUEST",
    }


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("<1@oak.example", "<1@oak.example>"),
        (" 1@ oak.example> ", "<1@oak.example>"),
        ("<a><b>", "<a>"),
        ("<>", None),
        ("", None),
        (f"<{'a' * 998}>", f"<{'a' * 998}>"),
        (f"<{'a' * 999}>", f"<{'a' * 998}>"),
    ],
)
def test_an_id_is_known_without_its_brackets_too_and_up_to_its_longest(
    written: str, known: str | None
) -> None:
    assert mail("x", f"Message-ID: {written}").message_id == known


@pytest.mark.parametrize(
    ("written", "ids"),
    [
        ("<1@a><2@b> <1@a>", ("<1@a>", "<2@b>")),
        ("1@a, 2@b", ("<1@a>", "<2@b>")),
        ("1@a of", ()),
        ("<1@a> x@y", ("<1@a>",)),
        ("<1\n @a>", ("<1@a>",)),
        ("< >", ()),
        (f"<{'a' * 998}>", (f"<{'a' * 998}>",)),
        (f"<{'a' * 999}>", ()),
        (f"{'x@y ' * 2_047}zz@z", ("<x@y>", "<zz@z>")),
        (f"{'x@y ' * 2_047}zzz@z", ("<x@y>", "<zzz@>")),
    ],
)
def test_every_id_of_an_answer_is_read_in_order(written: str, ids: tuple[str, ...]) -> None:
    assert mail("x", f"In-Reply-To: {written}").in_reply_to == ids
    assert mail("x", f"References: {written}").references == ids


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("9 Nov 2026 10:14", datetime(2026, 11, 9, 10, 14, tzinfo=UTC)),
        ("Mon, 9 Nov 2026 10:14:07 -0000", datetime(2026, 11, 9, 10, 14, 7, tzinfo=UTC)),
        ("Mon, 9 Nov 2026 10:14:00 +2359", datetime(2026, 11, 8, 10, 15, tzinfo=UTC)),
        ("Mon, 9 Nov 2026 10:14:00 +2400", None),
        ("Mon, 9 Nov 2026 25:14:00 +0000", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
    ],
)
def test_a_date_that_is_none_costs_nothing_else(written: str, date: datetime | None) -> None:
    read = mail("x", f"Date: {written}")
    assert (read.date, read.text) == (date, "x")


def test_of_each_field_of_addresses_and_ids_twenty_are_read() -> None:
    def repeated(name: str) -> list[str]:
        return [f"{name}: <a{n}@b.example>" for n in range(21)]

    read = mail(
        "x", *repeated("Cc"), *repeated("Delivered-To"), *repeated("X-Original-To"), *repeated("References")
    )
    assert [one.address for one in read.cc] == [f"a{n}@b.example" for n in range(20)]
    assert read.delivered_to == tuple(f"a{n}@b.example" for n in range(20))
    assert read.references == tuple(f"<a{n}@b.example>" for n in range(20))


@pytest.mark.parametrize(("deepest", "read"), [(1, 2), (2, 3), (3, 4), (9, 6)])
def test_mails_in_mails_are_read_as_deep_as_goes(deepest: int, read: int) -> None:
    body = "From: z@z.example\n\nwords"
    for number in range(5):
        body = f"From: a{number}@b.example\nContent-Type: message/rfc822\n\n{body}"
    found, depth = [parse(body.encode(), Limits(depth=deepest))], 0
    while found:
        found, depth = list(found[0].attached), depth + 1
    assert depth == read


@pytest.mark.parametrize(
    ("parts", "attached", "defects"),
    [
        (3, 0, [("too many parts",)]),
        (4, 1, [(), ("too many parts",)]),
        (5, 2, [(), (), ("too many parts",)]),
        (7, 3, [(), (), (), ()]),
    ],
)
def test_mails_attached_to_one_share_its_parts(
    parts: int, attached: int, defects: list[tuple[str, ...]]
) -> None:
    inner = (f"Content-Type: message/rfc822\n\nFrom: c{n}@elm.example\n\nwords" for n in range(3))
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="xyz"\n\n' + multipart("mixed", *inner).encode()
    read = parse(raw, Limits(parts=parts))
    assert len(read.attached) == attached
    assert [read.defects, *(one.defects for one in read.attached)] == defects


def files(kind: str, disposition: str, *words: str) -> list[str]:
    return [
        f'Content-Type: text/{kind}; name="{word}.x"\nContent-Disposition: {disposition}\n\n<b>{word}</b>'
        for word in words
    ]


STATUS = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (files("plain", "inline", "one", "two"), "<b>one</b>"),
        (files("html", "inline", "one", "two", "three"), "one\n\ntwo"),
        (files("plain", "attachment", "one", "two"), ""),
        ([STATUS, *files("plain", "attachment", "one", "two")], "<b>one</b>"),
        ([STATUS, *files("html", "attachment", "one", "two", "three")], "one\n\ntwo"),
        ([STATUS, *files("plain", "attachment", "one"), *files("plain", "inline", "two")], "<b>two</b>"),
    ],
)  # fmt: skip
def test_a_mail_without_a_body_says_what_is_shown_in_place_or_what_its_report_holds(
    parts: list[str], text: str
) -> None:
    assert of("mixed", *parts).text == text


@pytest.mark.parametrize(
    ("more", "size", "defects"),
    [
        (0, None, ()),
        (1, None, ("mail of 101 bytes is over the limit, its first 100 bytes are read",)),
        (0, 101, ("mail of 101 bytes is over the limit, its first 100 bytes are read",)),
        (0, 99, ()),
    ],
)
def test_a_mail_at_its_limit_is_whole_and_a_longer_one_is_told(
    more: int, size: int | None, defects: tuple[str, ...]
) -> None:
    raw = HEAD + b"\n" + b"x" * (100 - len(HEAD) - 1 + more)
    read = parse(raw, Limits(size=100), size)
    assert (read.defects, read.raw_size) == (defects, max(size or 0, len(raw)))
    assert read.text == "x" * (100 - len(HEAD) - 1)


@pytest.mark.parametrize(
    ("top", "size", "fault"),
    [
        (HEAD + b"\n", len(HEAD) + 1, ""),
        (HEAD, len(HEAD), "the header block has no end"),
        (HEAD, len(HEAD) + 1, "the header block is cut"),
    ],
)
def test_of_headers_alone_it_is_told_whether_they_are_whole(top: bytes, size: int, fault: str) -> None:
    read = message.of_headers(top, size)
    assert (read.block.fault, read.defects, read.raw_size) == (fault, ("only the headers are read",), size)


def test_of_headers_alone_nothing_is_said_of_the_body() -> None:
    top = b"Content-Type: text/html\nContent-Transfer-Encoding: base64\nSubject: Help\n\n<p>x"
    read = message.of_headers(top, 500)
    assert (read.text, read.content_type, read.headers.items()) == ("", "text/plain", (("Subject", "Help"),))


BEGIN, END = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"a\n{BEGIN}\nhQEM\n{END}\nb", ("a\n\nb", True)),
        (f"a\n {BEGIN}\nVersion: 1\n\nhQEM=\n=wx\nb c", ("a\nb c", True)),
        (f"we saw {BEGIN}\n{END}", (f"we saw {BEGIN}\n{END}", False)),
        (f"{END}\n{BEGIN}\nhQ", (END, True)),
        (f"{BEGIN}\n{'A' * 100}\n{'A' * 101}", ("A" * 101, True)),
        (f"> {BEGIN}\n> hQEM", (f"> {BEGIN}\n> hQEM", False)),
    ],
)
def test_armour_is_cut_out_and_the_text_around_it_stays(text: str, left: tuple[str, bool]) -> None:
    assert encryption.without_armour(text) == left
