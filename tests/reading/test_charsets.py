"""Every way a body arrives: declared rightly, wrongly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.reading.mime import charsets, iso2022jp
from triaged.reading.mime.charsets import codec_name, decode, guess

JAPANESE = "全員ログインできません。至急ご確認ください。"
FRENCH = "L'été dernier, le réseau était coupé – c'est grave"

READ_AS_MEANT = [
    # (text, encoded with, declared)
    (JAPANESE, "cp932", "Shift_JIS"),
    ("①㈱髙橋 ～", "cp932", "shift_jis"),
    (JAPANESE, "cp932", "windows-31j"),
    (JAPANESE, "cp932", None),
    (JAPANESE, "cp932", "iso-8859-1"),
    (JAPANESE, "euc_jp", "EUC-JP"),
    (JAPANESE, "euc_jp", None),
    (JAPANESE, "iso2022_jp", "ISO-2022-JP"),
    (JAPANESE, "iso2022_jp", "us-ascii"),
    (JAPANESE, "iso2022_jp", None),
    (JAPANESE, "iso2022_jp", "utf-8"),
    (JAPANESE, "utf-8", "iso-2022-jp"),
    (JAPANESE, "utf-8", "us-ascii"),
    (JAPANESE, "utf-8", "x-unknown"),
    (JAPANESE, "utf-16", "utf-16"),
    (JAPANESE, "utf-16-le", "utf-16le"),
    (JAPANESE, "utf-16-be", "utf-16"),
    (JAPANESE, "utf-7", "utf-7"),
    ("The portal is down", "utf-16-le", None),
    (FRENCH, "cp1252", "iso-8859-1"),
    (FRENCH, "cp1252", None),
    (FRENCH, "cp1252", "utf-8"),
    (FRENCH, "utf-8", "iso-8859-1"),
    (FRENCH, "utf-8", "windows-1252http-equivcontent-type"),
    (FRENCH, "utf-8", "hex"),
    (FRENCH, "utf-8", "a\0b"),
    ("Größe 200 €", "iso8859_15", "iso-8859-15"),
    ("我们的所有用户都无法登录系统，请尽快处理", "gb18030", "gb2312"),
    ("我们的所有用户都无法登录系统，请尽快处理", "gb18030", None),
    ("我們的所有用戶都無法登錄系統，請盡快處理", "big5", None),
    ("모든 사용자가 로그인할 수 없습니다", "cp949", "ks_c_5601-1987"),
    ("모든 사용자가 로그인할 수 없습니다 도와주세요", "cp949", None),
    ("Все пользователи не могут войти в систему", "cp1251", None),
    ("Все пользователи не могут войти в систему", "koi8_r", "KOI8-R"),
    ("Все пользователи не могут войти в систему", "koi8_r", None),
]


@pytest.mark.parametrize(("text", "codec", "declared"), READ_AS_MEANT)
def test_a_body_is_read_as_it_was_meant(text: str, codec: str, declared: str | None) -> None:
    assert decode(text.encode(codec), declared).text == text


def test_one_bad_byte_costs_one_character_not_the_mail() -> None:
    broken = JAPANESE.encode("cp932") + b"\x81\x20 ok"
    text, _, defect = decode(broken, "shift_jis")
    assert text.startswith(JAPANESE)
    assert text.endswith("ok")
    assert "not cp932" in defect


def test_a_wrong_charset_is_told() -> None:
    assert "iso-8859-1" in decode(JAPANESE.encode("cp932"), "iso-8859-1").defect
    assert decode(FRENCH.encode("cp1252"), "iso-8859-1").defect == ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b$B-!\x1b(B", "①"),
        (b"\x1b$B-j|b\x1b(B", "㈱髙"),
        (b"\x1b(I6@6E\x1b(B ok", "ｶﾀｶﾅ ok"),
        (b"\x0e6@6E\x0f ok", "ｶﾀｶﾅ ok"),
        (b"\x1b$BF|K\\\nplain again", "日本\nplain again"),
        (b"\x1b$@F|K\\\x1b(J.", "日本."),
        (b"\x1b$BF|K", "日K"),
    ],
)
def test_iso_2022_jp_of_real_mailers(data: bytes, text: str) -> None:
    assert iso2022jp.decode(data) == text


def test_iso_2022_jp_agrees_with_the_standard_codec_on_every_kanji_both_know() -> None:
    differing = []
    for code in range(0x4E00, 0x9FA0):
        try:
            data = chr(code).encode("iso2022_jp")
        except UnicodeEncodeError:
            continue
        if iso2022jp.decode(data) != chr(code):
            differing.append(chr(code))
    assert not differing


@pytest.mark.parametrize(
    "name", ["hex", "zip", "rot13", "undefined", "idna", "unicode_escape", "\0", "x" * 99, ""]
)
def test_codecs_that_are_no_charsets_are_refused(name: str) -> None:
    assert codec_name(name) is None


def spoilt(good: int, bad: int) -> bytes:
    """UTF-8 with so many letters and so many bytes that are none."""
    return "é".encode() * good + b"\xff" * bad


@pytest.mark.parametrize(
    ("good", "bad", "believed"),
    [(6, 2, True), (4, 2, True), (3, 2, False), (20, 3, True), (19, 3, False), (40, 4, True), (39, 4, False)],
)
def test_a_declared_charset_is_believed_until_too_much_is_broken(good: int, bad: int, believed: bool) -> None:
    read = decode(spoilt(good, bad), "utf-8")
    if believed:
        assert read == ("é" * good + "\ufffd" * bad, "utf-8", f"{bad} bytes are not utf-8")
    else:
        assert read.defect == f"charset 'utf-8' does not fit, read as {read.charset}"
        assert read.charset != "utf-8"


@pytest.mark.parametrize(
    ("good", "bad", "known"), [(40, 4, True), (39, 4, False), (10, 1, True), (9, 1, False)]
)
def test_undeclared_utf_8_is_known_with_one_bad_byte_in_eleven(good: int, bad: int, known: bool) -> None:
    assert (guess(spoilt(good, bad)) == "utf-8") is known


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (JAPANESE.encode("cp932") + b"\x81", "cp932"),
        (JAPANESE.encode("cp932") + b"\x81  ", "cp932"),
        (JAPANESE.encode("cp932") + b"\x81   ", "cp1252"),
        (JAPANESE.encode("euc_jp") + b"\xa4  ", "euc_jp"),
        (JAPANESE.encode("euc_jp") + b"\xa4   ", "cp1252"),
        ("あ".encode("cp932"), "cp1252"),
        ("ああ".encode("cp932"), "cp932"),
        ("ああ".encode("euc_jp"), "euc_jp"),
        (b"a\0b\0", "utf-16-le"),
        (b"\0a\0b", "utf-16-be"),
        (b"a\0b", "utf-8"),
        (b"a\0b\0cdefgh", "utf-8"),
        (b"a\0b\0c\0defg", "utf-16-le"),
        ("Приве".encode("cp1251"), "cp1252"),
        ("Привет".encode("cp1251"), "cp1251"),
        ("пр при при пр".encode("cp1251"), "cp1251"),
        ("пр при пр пр".encode("cp1251"), "cp1252"),
        ("ПРИвет".encode("cp1251"), "koi8_r"),
        ("ПРивет".encode("cp1251"), "cp1251"),
        ("аааааа".encode("cp1251"), "cp1251"),
        ("привет".encode("koi8_r"), "koi8_r"),
        ("한국 한국".encode("cp949"), "cp949"),
        ("我們的所有用戶".encode("big5"), "big5hkscs"),
    ],
)  # fmt: skip
def test_bytes_without_a_charset_are_read_as_what_they_look_like(data: bytes, codec: str) -> None:
    assert guess(data) == codec


@pytest.mark.parametrize(
    ("data", "declared", "read"),
    [
        (b"\xef\xbb\xbfab\xff", None, ("ab\ufffd", "utf-8", "")),
        (b"\xff\xfea\0", "latin1", ("a", "utf-16-le", "")),
        (b"\xfe\xff\0a", None, ("a", "utf-16-be", "")),
        (b"\xff\xfe\0\0a\0\0\0", None, ("a", "utf-32-le", "")),
        (b"\0\0\xfe\xff\0\0\0a", None, ("a", "utf-32-be", "")),
        (b"\x1bplain", None, ("\x1bplain", "ascii", "")),
        (b"\x1b$B\x1b(B ok", "utf-8", (" ok", "iso-2022-jp", "")),
        ("a한".encode("iso2022_kr"), "iso-2022-kr", ("a한", "iso2022_kr", "")),
        (b"ab\0", "utf-8", ("ab\0", "utf-8", "")),
        (b"~{<:Ky2;~}", "hz-gb-2312", ("己所不", "hz", "")),
        ("日本é".encode(), "iso-2022-jp", ("日本é", "utf-8", "charset 'iso-2022-jp' does not fit, read as utf-8")),
        (b"caf\xe9", "x" * 50, ("café", "cp1252", f"charset '{'x' * 40}' does not fit, read as cp1252")),
        (b"\x81caf\xe9", "cp1252", ("\ufffdcafé", "cp1252", "1 bytes are not cp1252")),
        (b"caf\xe9", None, ("café", "cp1252", "")),
        ("ああ".encode("cp932"), "iso-8859-1", ("\u201a\xa0\u201a\xa0", "cp1252", "")),
        ("あああ".encode("cp932"), "iso-8859-1", ("あああ", "cp932", "charset 'iso-8859-1' does not fit, read as cp932")),
    ],
)  # fmt: skip
def test_what_was_read_is_told_with_its_charset_and_what_was_wrong(
    data: bytes, declared: str | None, read: tuple[str, str, str]
) -> None:
    assert decode(data, declared) == read


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("'utf-8'", "utf-8"), ("charset=utf-8", "utf-8"), ('charset="latin1"', "cp1252"), ("<UTF8>;", "utf-8"),
        ("windows-1251", "cp1251"), ("WIN1251", "cp1251"), ("cp-1252", "cp1252"), ("ibm850", "cp850"), ("x-cp1250", "cp1250"),
        ("cp1252http-equiv", "cp1252"), ("x-mac-cyrillic", "mac-cyrillic"), ("raw_unicode_escape", None), ("punycode", None),
        ("utf_8", "utf-8"), ("ISO_8859_1", "cp1252"), ("latin_1", "cp1252"), ("é", None), ("8bit", None), ("x" * 60, None), (None, None),
    ],
)  # fmt: skip
def test_a_charset_is_known_however_it_is_written(name: str | None, codec: str | None) -> None:
    assert codec_name(name) == codec


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b$BF|K\\\x1b(I6@\x0f.", "日本ｶﾀ."),
        (b"\x1b$B\x21\x21\x1b(B", "\u3000"),
        (b"\x1b$BF| K\\\x1b(B", "日 本"),
        (b"\x1b$B\x7e\x7e\x1b(B", "\ufffd\ufffd"),
        (b"\x1b$BF|K\\\r\nok\r\n", "日本\r\nok\r\n"),
        (b"\x1b$)AF|", "\x1b$)AF|"),
        (b"\x93\xfa\x96\x7b \x1b$BF|\x1b(B", "日本 日"),
        (b"\x1b(J\x5c~\x1b(B", "\\~"),
        (b"\x1b(I\x21\x5f\x60\x20\x1b(B", "｡ﾟ` "),
    ],
)
def test_iso_2022_jp_is_read_pair_by_pair_and_line_by_line(data: bytes, text: str) -> None:
    assert iso2022jp.decode(data) == text


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "shift_jis", "iso-2022-jp", "utf-16", "utf-7", "gb2312", "x", None]))  # fmt: skip
def test_any_bytes_give_a_text_without_surrogates(data: bytes, declared: str | None) -> None:
    text = decode(data, declared).text
    assert text == charsets.without_surrogates(text)
    assert len(text) <= 2 * len(data) + 2
    text.encode("utf-8")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_utf_8_survives_whole(text: str) -> None:
    assert decode(text.encode("utf-8"), "utf-8").text == text.removeprefix("\ufeff") or "\x1b" in text
