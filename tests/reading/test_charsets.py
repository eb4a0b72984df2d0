"""Every way a body arrives: declared rightly, wrongly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.reading.mime import charsets, iso2022jp
from triaged.reading.mime.charsets import codec_name, decode

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


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "shift_jis", "iso-2022-jp", "utf-16", "utf-7", "gb2312", "x", None]))  # fmt: skip
def test_any_bytes_give_a_text_without_surrogates(data: bytes, declared: str | None) -> None:
    text = decode(data, declared).text
    assert text == charsets.without_surrogates(text)
    assert len(text) <= 2 * len(data) + 2
    text.encode("utf-8")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_utf_8_survives_whole(text: str) -> None:
    assert decode(text.encode("utf-8"), "utf-8").text == text.removeprefix("\ufeff") or "\x1b" in text
