"""Mails as they come: what is header, body, attachment, report; and that no mail is ever lost."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spent import spent
from triaged.reading.mime import message
from triaged.reading.mime.message import Message, leaves, parse
from triaged.reading.values import Limits

HEAD = b"From: Anna <anna@oakbridge.example>\nTo: partner-support@zohocorp.com\nSubject: Help\n"


def mail(body: str | bytes, *fields: str, head: bytes = HEAD) -> Message:
    data = body if isinstance(body, bytes) else body.encode()
    return parse(
        head + "".join(f"{field}\n" for field in fields).encode("utf-8", "surrogateescape") + b"\n" + data
    )


def multipart(kind: str, *parts: str, boundary: str = "xyz") -> str:
    return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"


def of(kind: str, *parts: str) -> Message:
    return mail(multipart(kind, *parts), f'Content-Type: multipart/{kind}; boundary="xyz"')


PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"
LONG = (
    "The leads view stays empty for everybody since this morning, and nothing was changed on our side. " * 6
)


# --- headers


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?ISO-2022-JP?B?GyRCLWobKEIgGyRCPmMzMhsoQg==?=", "㈱ 障害"),
        (b"=?utf-8?B?5Y+W5byV5YWI44Gu?= =?utf-8?B?6Zqc5a6z?=", "取引先の障害"),
        (b"=?utf-8?Q?Caf=C3?=\n =?utf-8?Q?=A9?= open", "Café open"),
        (b"=?x-unknown?Q?caf=E9?=", "café"),
        (b"=?utf-8?Q?two_words?= =?iso-8859-1?Q?_gr=FC=DFe?=", "two words grüße"),
        ("Störung im Büro".encode("latin-1"), "Störung im Büro"),
        ("Störung".encode(), "Störung"),
        ("障害のご報告です".encode("cp932"), "障害のご報告です"),
        (b"\x1b$B>c32\x1b(B", "障害"),
        (b"folded\n\tonce\n more", "folded once more"),
        (b"=?utf-8?B?not base64 at all?=", None),
        (b"=?utf-8?Q?unclosed", "=?utf-8?Q?unclosed"),
        (b"a\x00b\x07c", "a b c"),
    ],
)
def test_subjects_are_decoded(raw: bytes, subject: str | None) -> None:
    read = parse(b"From: a@b.example\nSubject: " + raw + b"\n\nx").subject
    assert read == subject if subject is not None else isinstance(read, str)


def test_repeated_headers_are_all_kept_in_order() -> None:
    read = mail("x", "X-One: a", "x-one: b", "From: Eve <eve@else.example>")
    assert read.headers.get_all("X-ONE") == ("a", "b")
    assert read.headers.get("x-one") == "a"
    assert len(read.headers.get_all("from")) == 2
    assert [a.address for a in read.from_] == ["anna@oakbridge.example", "eve@else.example"]
    assert read.headers.get("absent") == ""


def test_received_headers_are_kept() -> None:
    read = mail("x", "Received: from a by b; Mon, 1 Jan 2026 00:00:00 +0000", "Received: from c by d")
    assert len(read.headers.get_all("received")) == 2


def test_a_name_in_no_known_charset_does_not_cost_the_address() -> None:
    read = parse(b"From: =?x-unknown?B?6eg=?= <anna@oakbridge.example>\n\nx")
    assert read.from_[0].address == "anna@oakbridge.example"


@pytest.mark.parametrize(
    ("value", "message_id"),
    [
        ("<a@b.example>", "<a@b.example>"),
        ("a@b.example", "<a@b.example>"),
        ("  < a@b.example > (comment)", "<a@b.example>"),
        ("<<a@b.example>>", "<a@b.example>"),
        ("", None),
    ],
)
def test_message_ids_are_read_however_written(value: str, message_id: str | None) -> None:
    assert mail("x", f"Message-ID: {value}").message_id == message_id


def test_a_mail_without_message_id_is_whole() -> None:
    read = mail("hello")
    assert read.message_id is None
    assert read.text == "hello"


def test_references_keep_their_order_and_come_once() -> None:
    read = mail(
        "x",
        "References: <a@x.example>\n\t<b@x.example> <a@x.example>",
        'In-Reply-To: Your mail "<b@x.example>"',
    )
    assert read.references == ("<a@x.example>", "<b@x.example>")
    assert read.in_reply_to == ("<b@x.example>",)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("Tue, 10 Nov 2026 10:00:00 +0900", datetime(2026, 11, 10, 1, tzinfo=UTC)),
        ("10 Nov 2026 10:00:00 GMT", datetime(2026, 11, 10, 10, tzinfo=UTC)),
        ("Tue, 10 Nov 2026 99:00:00 +0900", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_nothing(value: str, date: datetime | None) -> None:
    assert mail("x", f"Date: {value}").date == date


def test_where_it_was_delivered() -> None:
    read = mail("x", "Delivered-To: Partner-Support@zohocorp.com", "X-Original-To: all@oakbridge.example")
    assert read.delivered_to == ("partner-support@zohocorp.com", "all@oakbridge.example")


# --- bodies


def test_plain_text_is_preferred() -> None:
    read = of("alternative", PLAIN + LONG, HTML + f"<p>{LONG}</p>")
    assert read.text.strip() == LONG.strip()
    assert read.html_seen


@pytest.mark.parametrize(
    "plain",
    [
        "",
        " \n\n",
        "Please view this mail in an HTML capable browser.",
        "Ihr E-Mail-Programm kann HTML nicht anzeigen.",
        "このメールはHTML形式に対応したメールソフトでご覧ください。表示できません。",
        "Hi",
    ],
)
def test_html_is_taken_where_the_plain_text_says_nothing(plain: str) -> None:
    read = of("alternative", PLAIN + plain, HTML + f"<p>{LONG}</p>")
    assert read.text.startswith("The leads view")


def test_a_table_with_named_columns_beats_its_flattened_form() -> None:
    table = "<table><tr><th>Email</th><th>ZOID</th></tr><tr><td>it@alder.example</td><td>60031122334</td></tr></table>"
    read = of("alternative", PLAIN + "Email\nZOID\nit@alder.example\n60031122334", HTML + table)
    assert "ZOID: 60031122334" in read.text


def test_html_in_a_plain_part_is_shown_as_a_page() -> None:
    assert mail("<html><body><p>The portal is down</p></body></html>").text == "The portal is down"


def test_related_and_mixed_within_alternative() -> None:
    inner = 'Content-Type: multipart/related; boundary="in"\n\n' + multipart(
        "related", HTML + f"<p>{LONG}</p>", "Content-Type: image/png\nContent-ID: <a>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=", boundary="in"
    )  # fmt: skip
    read = of("alternative", PLAIN + "short", inner)
    assert read.text.startswith("The leads view")
    assert [(a.type, a.inline) for a in read.attachments] == [("image/png", True)]


def test_texts_of_a_mixed_mail_are_joined_and_the_named_one_is_a_file() -> None:
    named = "Content-Type: text/plain; name=error.log\n\nZOID: 1234567890"
    read = of("mixed", PLAIN + "first", named, PLAIN + "second")
    assert read.text == "first\n\nsecond"
    assert [(a.name, a.type) for a in read.attachments] == [("error.log", "text/plain")]


def test_a_named_inline_text_is_the_body_where_there_is_none() -> None:
    named = 'Content-Type: text/plain; name="msg.txt"\nContent-Disposition: inline\n\nthe portal is down'
    assert of("mixed", named).text == "the portal is down"


def test_the_same_words_in_plain_and_html_side_by_side_come_once() -> None:
    assert (
        of("mixed", PLAIN + "the portal is down", HTML + "<p>the portal is down</p>").text
        == "the portal is down"
    )


@pytest.mark.parametrize("encoding", ["base64", "BASE64 ", '"base64"', "Base64; x=1"])
def test_sloppy_transfer_encodings(encoding: str) -> None:
    body = base64.b64encode("障害です".encode()).decode()
    fields = ("Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}")
    assert mail(body, *fields).text.strip() == "障害です"


def test_a_list_footer_behind_base64_does_not_spoil_it() -> None:
    body = (
        base64.b64encode(b"the portal is down ").decode()
        + "\n_______\nThis is the announce list, see there\n"
    )
    read = mail(body, "Content-Transfer-Encoding: base64")
    assert "the portal is down" in read.text


def test_seven_bit_japanese() -> None:
    body = "ポータルが使えません".encode("iso2022_jp")
    assert mail(body, "Content-Type: text/plain; charset=ISO-2022-JP").text == "ポータルが使えません"


def test_format_flowed_is_unfolded() -> None:
    fields = ("Content-Type: text/plain; charset=utf-8; format=flowed",)
    assert mail("the portal \nis down\n> quoted \n> words\n-- \nAnna", *fields).text == (
        "the portal is down\n> quoted words\n-- \nAnna"
    )
    japanese = mail(
        "ポータルが \n使えません", "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"
    )
    assert japanese.text == "ポータルが使えません"


def test_uuencoded_files_are_attachments() -> None:
    read = mail("see file\nbegin 644 notes.txt\n#0V%T\n`\nend\nbye")
    assert read.text == "see file\nbye"
    assert [(a.name, a.size) for a in read.attachments] == [("notes.txt", 3)]


def test_the_word_begin_is_no_file() -> None:
    assert mail("begin 644 days ago\nwe had no trouble").text == "begin 644 days ago\nwe had no trouble"


def test_a_missing_boundary_is_found_in_the_text() -> None:
    read = mail(multipart("mixed", PLAIN + "the portal is down"), "Content-Type: multipart/mixed")
    assert read.text == "the portal is down"
    assert any("boundary" in defect for defect in read.defects)


def test_a_wrong_boundary_is_replaced() -> None:
    read = mail(
        multipart("mixed", PLAIN + "the portal is down"), "Content-Type: multipart/mixed; boundary=other"
    )
    assert read.text == "the portal is down"


def test_a_folded_boundary_is_read() -> None:
    folded = mail(
        multipart("mixed", PLAIN + "down", boundary="a b"), 'Content-Type: multipart/mixed; boundary="a\n b"'
    )
    assert folded.text == "down"


def test_a_mail_of_a_byte_order_mark_and_blank_lines_keeps_its_headers() -> None:
    assert parse(b"\xef\xbb\xbf\r\n\r\n" + HEAD + b"\nx").subject == "Help"


# --- what is attached


def test_an_attached_mail_is_read_as_one() -> None:
    inner = "Content-Type: message/rfc822\n\nFrom: Cy <cy@alder.example>\nSubject: Down\n\nWe are down. ZOID 60031122334"
    read = of("mixed", PLAIN + "see below", inner)
    (attached,) = read.attached
    assert attached.from_[0].address == "cy@alder.example"
    assert attached.text == "We are down. ZOID 60031122334"
    assert read.text == "see below"


def test_a_mail_attached_in_base64_or_as_eml_file_is_read_too() -> None:
    inner = b"From: cy@alder.example\nSubject: Down\n\nWe are down"
    encoded = "Content-Transfer-Encoding: base64\n\n" + base64.b64encode(inner).decode()
    for kind in ("Content-Type: message/rfc822", "Content-Type: application/octet-stream; name=case.eml"):
        (attached,) = of("mixed", PLAIN + "fwd", f"{kind}\n{encoded}").attached
        assert attached.text == "We are down"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("Content-Disposition: attachment; filename*=utf-8''%E9%9A%9C%E5%AE%B3.pdf", "障害.pdf"),
        ("Content-Disposition: attachment; filename*0*=utf-8''%E9%9A%9C; filename*1=\"x.pdf\"", "障x.pdf"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?6Zqc5a6z?=.pdf"', "障害.pdf"),
        ("Content-Disposition: attachment; filename=ダウン.pdf", "ダウン.pdf"),
        ('Content-Disposition: attachment; filename="..\\\\..\\\\etc/passwd"', "passwd"),
        ('Content-Disposition: attachment; filename="inv\u202efdp.exe"', "invfdp.exe"),
        ('Content-Disposition: attachment; filename="con.txt"', "_con.txt"),
        ('Content-Disposition: attachment; filename="' + "a" * 400 + '.pdf"', "a" * 116 + ".pdf"),
        ("Content-Disposition: attachment; filename=my file.pdf", "my file.pdf"),
        ("Content-Disposition: attachment", ""),
    ],
)
def test_names_of_files_are_decoded_and_safe(fields: str, name: str) -> None:
    read = of("mixed", PLAIN + "x", f"Content-Type: application/octet-stream\n{fields}\n\ndata")
    assert read.attachments[0].name == name


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind"),
    [
        (b"%PDF-1.4", "a.png", "image/png", "application/pdf"),
        (b"MZ\x90\x00\x03\x00", "invoice.pdf", "application/pdf", "application/vnd.microsoft.portable-executable"),
        (b"\x89PNG\r\n\x1a\n", "", "application/octet-stream", "image/png"),
        (b"PK\x03\x04....word/document.xml", "a.docx", "application/octet-stream",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"a,b\n1,2", "list.csv", "application/vnd.ms-excel", "text/csv"),
        (b"<html><body>", "a.txt", "text/plain", "text/html"),
        (b"BMW is a car", "a.txt", "text/plain", "text/plain"),
        (b"\x00\x01\x02", "", "text/plain", "application/octet-stream"),
    ],
)  # fmt: skip
def test_types_are_what_the_bytes_show(data: bytes, name: str, declared: str, kind: str) -> None:
    part = f'Content-Type: {declared}\nContent-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64\n\n'
    read = of("mixed", PLAIN + "x", part + base64.b64encode(data).decode())
    assert (read.attachments[0].type, read.attachments[0].size) == (kind, len(data))


def test_an_invitation_is_known_and_its_words_are_the_text_of_a_mail_without_any() -> None:
    calendar = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Review\\, weekly\nDESCRIPTION:Bring\n  numbers\nEND:VEVENT"
    read = mail(calendar, "Content-Type: text/calendar; method=REQUEST")
    assert read.has_calendar
    assert read.calendar_method == "REQUEST"
    assert read.text == "Review, weekly\nBring numbers"


def test_a_report_gives_its_fields_and_the_returned_headers() -> None:
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n"
    returned = "Content-Type: text/rfc822-headers\n\nMessage-ID: <ours@zohocorp.com>\nSubject: Case\n"
    read = of("report; report-type=delivery-status", PLAIN + "could not deliver", status, returned)
    assert read.report_type == "delivery-status"
    assert read.report[1]["final-recipient"] == "rfc822; x@y.example"
    assert read.original_headers is not None
    assert read.original_headers.get("message-id") == "<ours@zohocorp.com>"
    assert read.text == "could not deliver"


def der(tag: int, *contents: bytes) -> bytes:
    held = b"".join(contents)
    width = (len(held).bit_length() + 7) // 8
    return (
        bytes((tag, 0x80 | width)) + len(held).to_bytes(width, "big") + held
        if len(held) > 127
        else bytes((tag, len(held))) + held
    )


def signed(content: bytes) -> bytes:
    """A PKCS #7 SignedData around the content, without its signatures."""
    data, signed_data = bytes.fromhex("2a864886f70d010701"), bytes.fromhex("2a864886f70d010702")
    inner = der(0x30, der(0x02, b"\x01"), der(0x31), der(0x30, der(0x06, data), der(0xA0, content)))
    return der(0x30, der(0x06, signed_data), der(0xA0, inner))


@pytest.mark.parametrize(
    "octets",
    [
        der(0x04, b"Content-Type: text/plain\n\n" + LONG.encode()),
        b"\x24\x80" + der(0x04, b"Content-Type: text/plain\n\n") + der(0x04, LONG.encode()) + b"\0\0",
    ],
)
def test_a_mail_signed_in_one_piece_is_read(octets: bytes) -> None:
    body = base64.encodebytes(signed(octets))
    fields = (
        "Content-Type: application/pkcs7-mime; smime-type=signed-data",
        "Content-Transfer-Encoding: base64",
    )
    assert mail(body, *fields).text.strip() == LONG.strip()


@given(st.binary(max_size=60))
def test_a_broken_signed_mail_is_an_attachment(noise: bytes) -> None:
    body = base64.encodebytes(signed(b"")[:12] + noise)
    fields = ("Content-Type: application/pkcs7-mime", "Content-Transfer-Encoding: base64")
    assert isinstance(mail(body, *fields), Message)


# --- bounds and broken mail


def test_an_empty_mail_and_noise_are_messages_too() -> None:
    for raw in (b"", b"\n\n\n", b"\x00\xff\xfe", b"no headers, only words"):
        assert isinstance(parse(raw), Message)
    assert parse(b"no headers, only words").text == "no headers, only words"


def test_a_thousand_nested_multiparts_keep_their_headers() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1_000))
    read = parse(HEAD + nested.encode() + b"\nthe portal is down")
    assert read.subject == "Help"
    assert read.defects


def test_parts_beyond_the_limits_are_left_out_and_told() -> None:
    read = parse(
        HEAD
        + b'Content-Type: multipart/mixed; boundary="xyz"\n\n'
        + multipart("mixed", *[PLAIN + "x"] * 30).encode(),
        Limits(parts=10),
    )
    assert read.text.count("x") == 9
    assert "too many parts" in read.defects


def test_a_mail_over_the_size_limit_is_read_from_its_beginning() -> None:
    read = parse(HEAD + b"\nthe portal is down\n" + b"x\n" * 500_000, Limits(size=100_000))
    assert read.raw_size > 1_000_000
    assert read.text.startswith("the portal is down")
    assert "over the limit" in read.defects[0]


def test_of_the_beginning_of_a_mail_the_whole_size_is_told() -> None:
    read = parse(HEAD + b"\nthe portal is down\n", Limits(), size=90_000_000)
    assert read.raw_size == 90_000_000
    assert "mail of 90000000 bytes is over the limit" in read.defects[0]


def test_a_large_attachment_cut_within_its_base64_costs_no_more_than_a_whole_one() -> None:
    costs = []
    for lines in (20_000, 80_000):
        body = b"\nContent-Transfer-Encoding: base64\nContent-Type: application/pdf; name=a.pdf\n\n"
        raw = HEAD.rstrip(b"\n") + body + (b"QUJD" * 19 + b"\n") * lines + b"QUJ"
        costs.append(spent(lambda raw=raw: parse(raw)))
    # Four times the lines: sixteen times the work where it grows by the square
    assert costs[1] < 12 * costs[0]


def test_long_texts_are_cut() -> None:
    assert len(mail("word " * 200_000).text) == Limits().text


def test_headers_alone_can_be_read() -> None:
    read = message.of_headers(HEAD + b"Content-Type: multipart/mixed\n", 99)
    assert (read.subject, read.text, read.raw_size) == ("Help", "", 99)


def test_leaves_are_the_bytes_of_every_part_in_order() -> None:
    inner = "Content-Type: message/rfc822\n\nContent-Transfer-Encoding: quoted-printable\n\nb=3Dc"
    raw = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="xyz"\n\n'
        + multipart("mixed", PLAIN + "a", inner).encode()
    )
    assert leaves(raw) == [b"a", b"b=c"]


_LINES = st.sampled_from((
    b"From: a@b.example", b"Subject: =?utf-8?B?", b"Content-Type: multipart/mixed; boundary=x", b"--x", b"--x--", b"",
    b"Content-Type: message/rfc822", b"Content-Type: text/html; charset=\0", b"Content-Transfer-Encoding: base64",
    b"Content-Type: message/delivery-status", b"AAAA====AAAA", b"\xff\xfe\x1b$B", b" folded", b"begin 644 x", b"end",
    b"Content-Type: text/plain; charset*0=utf; charset*1*=x''-8", b"Content-Disposition: attachment; filename*=''%",
    b"Content-Type: multipart/alternative; boundary=x", b"Content-Type: application/ms-tnef", b"Date: 99 99 99",
))  # fmt: skip


@given(st.lists(_LINES | st.binary(max_size=40), max_size=40).map(b"\n".join))
def test_any_bytes_are_a_message(raw: bytes) -> None:
    read = parse(raw)
    read.text.encode("utf-8")
    read.subject.encode("utf-8")
    assert len(read.text) <= 10 * len(raw) + 1_000
    assert all("\0" not in value for _, value in read.headers.items())
