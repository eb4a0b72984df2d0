"""Parts of a mail at their borders: limits, wrappings, files, rare codes of text; faults that are told."""

from __future__ import annotations

import base64

import pytest

from tests.reading.test_message import HEAD, HTML, LONG, PLAIN, der, mail, multipart, of, signed
from triaged.reading.mime import attachments, charsets, smime
from triaged.reading.mime.addresses import mailbox
from triaged.reading.mime.headers import Headers
from triaged.reading.mime.message import leaves, parse
from triaged.reading.values import Limits

CUT = "body longer than the limit, its beginning is read"


@pytest.mark.parametrize(
    ("kind", "most"), [("text/plain", 4 * 30), ("text/html", 50)], ids=["four bytes a character", "a page"]
)
def test_a_body_at_its_limit_is_whole_and_one_byte_more_is_told(kind: str, most: int) -> None:
    def read(size: int) -> tuple[str, ...]:
        raw = HEAD + f"Content-Type: {kind}\n\n".encode() + b"a" * size
        return parse(raw, Limits(text=30, html=50)).defects

    assert read(most) == ()
    assert read(most + 1) == (CUT,)


@pytest.mark.parametrize(
    ("kind", "written", "text"),
    [
        ("text/enriched", "<bold>Down</bold> since <<nine> today", "Down since <nine> today"),
        ("text/enriched", "<color><param>red</param>Down</color> now", "Down now"),
        ("text/richtext", "<Bold>Down</Bold> since 5 < 6 > 4", "Down since 5 < 6 > 4"),
        ("text/plain", "<bold>Down</bold> since <<nine>", "<bold>Down</bold> since <<nine>"),
    ],
)
def test_enriched_text_is_shown_without_its_commands(kind: str, written: str, text: str) -> None:
    assert mail(written, f"Content-Type: {kind}").text == text


@pytest.mark.parametrize(
    ("start", "text"),
    [("", "one\n\ntwo"), ('; start="<two>"', "two\n\none"), ('; start="two"', "two\n\none"), ('; start="<no>"', "one\n\ntwo")],
)  # fmt: skip
def test_of_related_parts_the_named_root_comes_first(start: str, text: str) -> None:
    parts = (f"Content-Type: text/plain\nContent-ID: <{word}>\n\n{word}" for word in ("one", "two"))
    read = mail(multipart("related", *parts), f'Content-Type: multipart/related; boundary="xyz"{start}')
    assert read.text == text


def attached(inner: bytes, *, contents: bool = True) -> list[tuple[int, bytes]]:
    """Size and bytes of a mail that is attached to one."""
    head = HEAD + b'Content-Type: multipart/mixed; boundary="xyz"\n\n--xyz\nContent-Type: message/rfc822\n\n'
    read = parse(head + inner + b"\n--xyz--\n", Limits(contents=contents))
    assert [one.type for one in read.attachments] == ["message/rfc822"]
    return [(one.size, one.content) for one in read.attachments]


def test_an_attached_mail_is_kept_byte_by_byte_where_contents_are_wanted() -> None:
    inner = b"From: Cy <cy@alder.example>\nSubject: Down\n\nWe are down"
    assert attached(inner) == [(len(inner) + 1, inner)]
    assert attached(inner, contents=False) == [(len(inner) + 1, b"")]


def test_an_attached_mail_of_eight_bits_whose_boundary_is_missing_is_kept_too() -> None:
    inner = "From: cy@alder.example\nContent-Type: multipart/mixed; boundary=no\n\nStörung überall".encode(
        "latin-1"
    )
    assert [content for _, content in attached(inner)] == [inner + b"\n"]


def test_a_mail_attached_in_base64_gives_its_leaves() -> None:
    inner = base64.b64encode(b"From: cy@alder.example\n\nWe are down").decode()
    part = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}"
    raw = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="xyz"\n\n'
        + multipart("mixed", PLAIN + "a", part).encode()
    )
    assert leaves(raw) == [b"a", b"We are down"]


@pytest.mark.parametrize("encoding", ["x-uuencode", "uuencode", "x-uue", "UUE"])
def test_a_uuencoded_part_is_decoded(encoding: str) -> None:
    assert mail("begin 644 a\n#0V%T\n`\nend\n", f"Content-Transfer-Encoding: {encoding}").text == "Cat"


@pytest.mark.parametrize(
    ("plain", "page", "text"),
    [
        ("---", "<p>The portal</p>", "The portal"),
        ("---", "<p>==</p>", "---"),
        ("down", f"<p>{'x' * 68}</p>", "down"),
        ("down", f"<p>{'x' * 69}</p>", "x" * 69),
    ],
)
def test_the_page_is_read_where_it_says_far_more_than_the_text(plain: str, page: str, text: str) -> None:
    assert of("alternative", PLAIN + plain, HTML + page).text == text


NOTICE = "View it in a browser xxxx"
NAMED = "<table><tr><th>Email</th><th>ZOID</th></tr><tr><td>a@b.example</td><td>6003</td></tr></table>"
NAMED_TEXT = "Email: a@b.example\nZOID: 6003"


def padded(page: str, size: int) -> str:
    """The page with a comment behind it, so long in all."""
    return f"{page}<!--{'-' * (size - len(page) - 7)}-->"


@pytest.mark.parametrize(
    ("plain", "page", "which"),
    [
        ("-" * 397 + "Hi", "x" * 100, "page"),
        ("-" * 398 + "Hi", "x" * 100, "plain"),
        ("-" * 398 + "Hi", padded("x" * 100, 16_000), "plain"),
        ("-" * 398 + "Hi", padded("x" * 100, 16_001), "page"),
        (NOTICE, "y" * 24, "plain"),
        (NOTICE, "y" * 25, "page"),
        (NOTICE.replace("browser", "windows"), "y" * 25, "plain"),
        (NOTICE.replace("View", "Love"), "y" * 25, "plain"),
        (NOTICE + "-" * 374, f"<table><tr><td>{'y' * 40}</td></tr></table>", "page"),
        (NOTICE + "-" * 375, f"<table><tr><td>{'y' * 40}</td></tr></table>", "plain"),
        ("z" * 24, NAMED, "page"),
        ("z" * 25, NAMED, "plain"),
    ],
)  # fmt: skip
def test_of_a_text_and_its_page_the_page_is_read_from_a_limit_on(plain: str, page: str, which: str) -> None:
    text = of("alternative", PLAIN + plain, HTML + page).text
    shown = page.partition("<!--")[0]
    for markup in ("<table><tr><td>", "</td></tr></table>"):
        shown = shown.replace(markup, "")
    assert text == {"plain": plain, "page": NAMED_TEXT if page == NAMED else shown}[which]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((HTML + f"<p>{LONG}</p>", PLAIN + LONG + "plain"), LONG + "plain"),
        ((PLAIN + "one", PLAIN + "two"), "one"),
        ((HTML + "one", HTML + "two"), "two"),
        ((PLAIN + " \n", PLAIN + "two"), "two"),
        ((), ""),
    ],
)
def test_of_alternatives_of_a_kind_the_first_text_and_the_last_page_are_meant(
    parts: tuple[str, ...], text: str
) -> None:
    assert of("alternative", *parts).text == text


def test_a_text_beside_the_page_in_one_alternative_is_no_markup() -> None:
    inner = multipart("related", PLAIN + "a &amp; b", HTML + f"<p>{'x' * 100} &amp; y</p>", boundary="in")
    related = f'Content-Type: multipart/related; boundary="in"\n\n{inner}'
    assert of("alternative", PLAIN + "Hi", related).text == f"a &amp; b\n\n{'x' * 100} & y"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((PLAIN + "we are down", HTML + "<p>we are down now</p>"), "we are down now"),
        ((HTML + "<p>we are down</p>", PLAIN + "are down"), "we are down"),
        ((HTML + "<p>we are down</p>", PLAIN + "we  are down."), "we are down"),
        ((PLAIN + "same", PLAIN + "same"), "same\n\nsame"),
        ((HTML + "same", HTML + "same"), "same\n\nsame"),
        ((PLAIN + "---", HTML + "<p>we are down</p>", PLAIN + "==="), "---\n\nwe are down\n\n==="),
    ],
)
def test_of_a_text_and_a_page_side_by_side_one_that_repeats_the_other_is_left_out(
    parts: tuple[str, ...], text: str
) -> None:
    assert of("mixed", *parts).text == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<div>a</div>", "a"),
        ("<table><tr><td>a</td></tr></table>", "a"),
        ("<body>a<br>b", "a\nb"),
        ("<P>a</P>", "a"),
        ("<!DOCTYPE html>a<br/>b", "a\nb"),
        ("<p>a", "<p>a"),
        ("<span>a</span>", "<span>a</span>"),
        ("a <p>b</p>", "a <p>b</p>"),
        (" " * 1_995 + "<html><p>x</p>", "x"),
        (" " * 1_996 + "<html><p>x</p>", " " * 1_996 + "<html><p>x</p>"),
    ],
)
def test_a_plain_text_is_a_page_if_it_begins_as_one_and_closes_something(written: str, text: str) -> None:
    assert mail(written).text == text


def test_a_page_alone_is_shown_as_one_whatever_it_begins_with() -> None:
    assert mail("Hello &amp; you", "Content-Type: text/html").text == "Hello & you"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"\0\0\0\x18ftypqt  ", "a.mov", "video/quicktime"),
        (b"\0\0\0\x18ftypisom", "a.mp4", "video/mp4"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a", "audio/wav"),
        (b"RIFF\0\0\0\0AVI LIST", "a", "video/x-msvideo"),
        (b"RIFF\0\0\0\0SOME", "a.bin", "application/x-declared"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "a.DOC", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "a.msg", "application/vnd.ms-outlook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "a.bin", "application/x-ole-storage"),
        (b"PK\x03\x04....", "a.docx", "application/zip"),
        (b"PK\x03\x04....xl/x", "a", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"BM\0", "a", "image/bmp"),
        (b"MZ has a car", "a.txt", "text/plain"),
        (b"MZ has a car", "a", "application/x-declared"),
        (b"PK\x05\x06", "a", "application/zip"),
        (
            b"PK\x03\x04" + b"." * 9_000 + b"word/" + b"." * 8_187,
            "a",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04" + b"." * 9_000 + b"word/" + b"." * 8_188, "a", "application/zip"),
        (
            b"PK\x03\x04" + b"." * 4_087 + b"word/" + b"." * 9_000,
            "a",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04" + b"." * 4_088 + b"word/" + b"." * 9_000, "a", "application/zip"),
        (b"\xef\xbb\xbf \r\n<!DocType HTML x", "a.bin", "text/html"),
        (b"<!doctype htm", "a.bin", "application/x-declared"),
        (b"", "a.HAR", "application/json"),
        (b"a" * 4_096 + b"\0", "a.log", "text/plain"),
        (b"a" * 4_095 + b"\0", "a.log", "application/x-declared"),
        (b"", "log", "text/plain"),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(data: bytes, name: str, kind: str) -> None:
    assert attachments.real_type(data, name, "application/x-declared") == kind


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind"),
    [
        (b"a", "a.eml", "message/rfc822", "message/rfc822"),
        (b"a", "a.txt", "image/svg+xml", "image/svg+xml"),
        (b"a", "a.ics", "text/plain", "text/calendar"),
        (b"a", "a", "", "text/plain"),
        (b"\0", "a", "", "application/octet-stream"),
        (b"\0", "a.txt", "text/plain", "application/octet-stream"),
        (b"\xff\xfea\0", "a.txt", "text/plain", "text/plain"),
        (b"\xfe\xff\0a", "a.txt", "text/plain", "text/plain"),
        (b"\xff\xff\0a", "a.txt", "text/plain", "application/octet-stream"),
        (b"\0", "a", "image/x-own", "image/x-own"),
        (b"BM is a car", "a", "", "text/plain"),
    ],
)
def test_where_the_first_bytes_tell_nothing_name_and_declaration_do(
    data: bytes, name: str, declared: str, kind: str
) -> None:
    assert attachments.real_type(data, name, declared) == kind


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a" * 120, "a" * 120),
        ("a" * 121, "a" * 120),
        ("a" * 117 + ".pdf", "a" * 116 + ".pdf"),
        ("a" * 130 + "." + "b" * 12, "a" * 107 + "." + "b" * 12),
        ("a" * 130 + "." + "b" * 13, "a" * 120),
        ("b" * 116 + ".pdf", "b" * 116 + ".pdf"),
        ("a" * 121 + ".", "a" * 120),
        ("." * 200, ""),
        ("a/b\\c:d?.txt", "cd.txt"),
        ("x" * 1_996 + "/a.txt", "a.t"),
        ("  ~a.txt. ", "a.txt"),
        ("COM1", "_COM1"),
        ("com10.txt", "com10.txt"),
    ],
)
def test_a_long_name_is_cut_before_its_ending(name: str, shown: str) -> None:
    assert attachments.safe_name(name) == shown


@pytest.mark.parametrize(
    ("name", "codec"),
    [("x-sjis", "cp932"), ("x-iso-8859-1", "cp1252"), ("X-UTF-8", "utf-8"), ("x-nothing", None), ("rot13", None),
     ("idna", None), ("x-" * 28 + "utf8", "utf-8"), ("x-" * 28 + "utf-8", None), ("", None)],
)  # fmt: skip
def test_a_charset_is_known_by_its_old_names_too(name: str, codec: str | None) -> None:
    assert charsets.codec_name(name) == codec


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("iso2022_jp_1", "丂"),  # JIS X 0212
        ("iso2022_jp_2", "한국"),
        ("iso2022_jp_2", "简体"),  # GB 2312
        ("iso2022_jp_3", "①障害"),
        ("iso2022_jp_2004", "①障害"),
        ("iso2022_jp_2004", "丂と障害"),
        ("iso2022_jp_ext", "ｱｲｳ"),
    ],
)
def test_rare_sets_of_seven_bit_japanese_are_read(codec: str, text: str) -> None:
    assert mail(text.encode(codec), "Content-Type: text/plain; charset=ISO-2022-JP").text == text


def test_an_address_of_a_thousand_characters_is_read_to_the_letter_and_no_longer_one() -> None:
    longest = f"{'a' * 981} <anna@oak.example>"
    assert len(longest) == 1_000
    found = mailbox(longest)
    assert found is not None
    assert found.address == "anna@oak.example"
    assert mailbox(f"a{longest}") is None


def test_a_field_that_its_judge_cannot_read_is_a_fault_of_the_mail() -> None:
    read = parse(b"From: =?utf-8?B?\xff?=<anna@oak.example>\n\nx")
    assert read.from_[0].address == "anna@oak.example"
    assert read.defects == ("structure: unreadable (HeaderParseError)",)


def test_headers_show_themselves() -> None:
    assert repr(Headers([("A", "b")])) == "Headers([('A', 'b')])"


def in_pieces(depth: int) -> bytes:
    """An octet string whose pieces come in pieces, so deep."""
    made = der(0x04, b"words")
    for _ in range(depth):
        made = der(0x24, made)
    return made


def test_a_signed_content_in_pieces_of_pieces_is_read_as_deep_as_goes() -> None:
    assert smime.content(signed(in_pieces(13))) == b"words"
    assert smime.content(signed(in_pieces(14))) is None


def test_of_signed_items_ten_thousand_are_read() -> None:
    def many(pieces: int) -> bytes | None:
        return smime.content(signed(der(0x24, der(0x04, b"x") * pieces)))

    assert many(9_990) == b"x" * 9_990  # ten more are the wrapping's
    assert many(9_991) is None
