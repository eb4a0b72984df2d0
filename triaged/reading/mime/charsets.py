"""bytes -> text, whatever charset the mail claims.

Contract: `decode` never raises, never answers with lone surrogates (RE2 and the database refuse
them), and says in `defect` when the declared charset was not what the bytes are. Order: what the
bytes show beyond doubt (ISO-2022-JP escapes, a byte order mark), what the mail declares, UTF-8,
what the bytes look like, Windows-1252. Cost is linear in the bytes. PURE.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from triaged.reading.mime import iso2022jp


class Decoded(NamedTuple):
    """Text, the charset it was read with, and what was wrong with the declared one ("" if nothing)."""

    text: str
    charset: str
    defect: str = ""


# What mail programs write -> the codec that reads what they mean: supersets where vendors extend a standard.
_ALIASES = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"), "cp932"),
    **dict.fromkeys(("ms932", "x-ms-cp932", "cswindows31j", "shift_jisx0213", "shiftjis"), "cp932"),
    **dict.fromkeys(
        ("csshiftjis", "x-shift-jis", "x-shift_jis", "shift-jis-2004", "cswindows932", "sjis-win", "cp943"),
        "cp932",
    ),
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936", "euc-cn", "gb18030"), "gb18030"),
    **dict.fromkeys(
        (
            "iso-gb2312",
            "chinese",
            "csgb2312",
            "csiso58gb231280",
            "iso-ir-58",
            "gb-2312",
            "x-gb2312",
            "x-euc-cn",
            "x-cp20936",
            "gb_2312",
            "gb2312-80",
            "gb2312_charset",
            "gbk2312",
            "simplified chinese",
            "ms936",
            "zh-cn",
            "gb231280",
        ),
        "gb18030",
    ),
    **dict.fromkeys(("ks_c_5601-1987", "ks_c_5601", "euc-kr", "ksc5601", "korean", "iso-ir-149"), "cp949"),
    **dict.fromkeys(
        (
            "ksc_5601",
            "ks_c_5601_1987",
            "ks_c_5601-1989",
            "csksc56011987",
            "ks-c-5601-1987",
            "x-euc-kr",
            "uhc",
            "ms949",
            "x-windows-949",
            "cseuckr",
            "euckr",
            "ksc5601_1987",
        ),
        "cp949",
    ),
    **dict.fromkeys(("us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "latin1"), "cp1252"),
    **dict.fromkeys(("iso_8859-1", "latin-1", "l1", "ansi", "windows1252", "x-ansi", "8859_1"), "cp1252"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical"), "iso8859_8"),
    **dict.fromkeys(("x-euc-jp", "eucjp", "ujis", "x-eucjp", "cp51932", "eucjp-ms"), "euc_jp"),
    **dict.fromkeys(("iso-2022-jp-ms", "cp50220", "cp50221", "cp50222", "iso-2022-jp-1"), "iso-2022-jp"),
    **dict.fromkeys(("iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "csiso2022jp"), "iso-2022-jp"),
    **dict.fromkeys(("iso2022-jp", "iso2022jp", "jis", "iso-2022-jp-ext"), "iso-2022-jp"),
    **dict.fromkeys(("utf8", "utf-8-sig", "unicode-1-1-utf-8", "x-unknown-utf-8", "cp65001"), "utf-8"),
    **dict.fromkeys(("big5", "x-x-big5", "cn-big5", "big5-eten", "cp950"), "big5hkscs"),
    **dict.fromkeys(
        (
            "chinesebig5",
            "csbig5",
            "x-big5",
            "big-5",
            "big5_charset",
            "big5-hkscs",
            "ms950",
            "zh-tw",
            "chinese-big5",
            "iso-big5",
            "traditional chinese",
            "x-windows-950",
        ),
        "big5hkscs",
    ),
    **dict.fromkeys(("x-mac-roman", "macintosh", "mac"), "mac_roman"),
    **dict.fromkeys(("tis-620", "windows-874", "iso-8859-11"), "cp874"),
    **dict.fromkeys(("unicode", "ucs-2", "iso-10646-ucs-2"), "utf-16"),
    **dict.fromkeys(("unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "utf7"), "utf-7"),
    **dict.fromkeys(("iso-8859-6-i", "iso-8859-6-e"), "iso8859_6"),
    **dict.fromkeys(("visual", "iso-8859-8-visual"), "iso8859_8"),
    **dict.fromkeys(("utf8mb4", "utf-8mb4", "csutf8"), "utf-8"),
    **dict.fromkeys(("cseucpkdfmtjapanese", "cp20932"), "euc_jp"),
    **dict.fromkeys(("latin-9", "latin-0"), "iso8859_15"),
    "mac-ce": "mac_latin2",
    "tis-620-2": "cp874",
    "csgb18030": "gb18030",
    "koi8-ru": "koi8_u",
    "koi8": "koi8_r",
    "hz-gb-2312": "hz",
}
_UNKNOWN = {"unknown-8bit", "x-unknown", "unknown", "binary", "none", "default", "8bit", "7bit", "x-user-defined", "default_charset", "_iso-2022-jp$esc", "iso-10646", "cp-850"}  # fmt: skip
_CODE_PAGE = re.compile(r"^(?:x-)?(?:windows|win|cp|ibm|ms|dos)[-_]?(\d{3,5})[\w-]{0,40}$", re.ASCII)
_SINGLE_BYTE = re.compile(r"cp125\d|cp874|iso8859|latin|mac_|koi8|cp437|cp85\d|cp866", re.ASCII)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The bytes of hiragana and katakana in the Japanese charsets; in Western text these pairs do not occur.
_KANA_CP932 = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
_KANA_EUC = re.compile(rb"\xa4[\xa1-\xf3]|\xa5[\xa1-\xf6]")
_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]+")


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of `data`. `declared` is the charset as the mail writes it, None where it writes none."""
    certain = _beyond_doubt(data, declared)
    if certain:
        return certain
    codec = codec_name(declared)
    if codec and not _is_mistaken(data, codec):
        read = _declared(data, codec)
        if read:
            return read
    guessed = guess(data)
    return Decoded(
        without_surrogates(data.decode(guessed, "replace")),
        guessed,
        f"charset {declared[:40]!r} does not fit, read as {guessed}" if declared else "",
    )


def without_surrogates(text: str) -> str:
    """The text with lone surrogates (bytes nobody could decode) replaced by U+FFFD."""
    if text.isascii():
        return text
    return _SURROGATES.sub("\ufffd", text)


@lru_cache(maxsize=512)
def codec_name(declared: str | None) -> str | None:
    """Python's codec for a declared charset; None for unknown, missing and senseless ones."""
    name = (declared or "").strip(" \t\r\n\"'<>;=").lower()
    name = name.removeprefix("charset=").strip("\"'")
    if not name or name in _UNKNOWN or len(name) > 60 or not name.isascii():
        return None
    if name in _ALIASES:
        return _ALIASES[name]
    if name.startswith("x-") and (known := codec_name(name[2:])):
        return known
    try:
        info = codecs.lookup(_CODE_PAGE.sub(r"cp\1", name))
    except Exception:  # a NUL in the name is a ValueError, not a LookupError
        return None
    # `hex`, `zip`, `rot13` are codecs too, but no charsets; `idna` and `undefined` raise on any text
    if not getattr(info, "_is_text_encoding", True) or info.name in {"idna", "undefined", "punycode"}:
        return None
    if info.name in {"unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape"}:
        return None
    return _ALIASES.get(info.name.replace("_", "-"), _ALIASES.get(info.name, info.name))


def guess(data: bytes) -> str:
    """The codec the bytes look like: UTF-8, the East Asian ones by their letters, Cyrillic, else cp1252."""
    wide = _wide(data)
    if wide:
        return wide
    if data.isascii() or _mostly_utf8(data):
        return "utf-8"
    sample = data[:20_000]
    for codec, kana in (("cp932", _KANA_CP932), ("euc_jp", _KANA_EUC)):
        if len(kana.findall(sample)) > 1 and _reads(sample, codec):
            return codec
    return _guess_by_runs(sample)


def _beyond_doubt(data: bytes, declared: str | None) -> Decoded | None:
    """What the bytes themselves settle: byte order marks, ISO-2022-JP escapes, plain ASCII."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return Decoded(without_surrogates(data[len(mark) :].decode(codec, "replace")), codec)
    shifted = b"\x1b" in data and iso2022jp.looks_like(data)
    if shifted and b"\x1b$)C" not in data:
        return Decoded(without_surrogates(iso2022jp.decode(data)), "iso-2022-jp")
    if data.isascii() and b"\0" not in data and codec_name(declared) not in _SEVEN_BIT:
        return Decoded(data.decode("ascii"), "ascii")
    return None


_SEVEN_BIT = {"utf-7", "hz", "iso2022_kr", "iso-2022-jp", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037", "cp500", "cp1140"}  # fmt: skip


def _is_mistaken(data: bytes, codec: str) -> bool:
    """A single-byte charset decodes anything: believe it only if the bytes are not plainly another's."""
    if not _SINGLE_BYTE.match(codec):
        return False
    if _reads(data, "utf-8"):
        return True
    sample = data[:20_000]
    return len(_KANA_CP932.findall(sample)) > 2 and _reads(sample, "cp932")


def _declared(data: bytes, codec: str) -> Decoded | None:
    """The text by the declared codec; None if so much is broken that it must be another charset."""
    if codec == "iso-2022-jp":
        return Decoded(iso2022jp.decode(data), codec) if data.isascii() else None
    if codec == "utf-16":
        codec = _wide(data) or "utf-16-be"  # RFC 2781: big-endian where no mark says otherwise
    try:
        return Decoded(without_surrogates(data.decode(codec)), codec)
    except Exception:  # codecs raise more than UnicodeDecodeError on hostile bytes
        pass
    try:
        text = without_surrogates(data.decode(codec, "replace"))
    except Exception:
        return None
    broken = text.count("\ufffd")
    whole = len(_FOREIGN.findall(text)) - broken
    if (broken > 2 + whole // 20 or broken * 2 > whole) and not _SINGLE_BYTE.match(codec):
        return None
    return Decoded(text, codec, f"{broken} bytes are not {codec}")


def _mostly_utf8(data: bytes) -> bool:
    """Valid UTF-8, or UTF-8 with a few bad bytes (a cut character, one line in another charset)."""
    if _reads(data, "utf-8"):
        return True
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(_FOREIGN.findall(text)) - broken
    return broken <= whole // 10


def _reads(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError as broken:
        # a sample or a truncated mail may end within a character
        return broken.start >= len(data) - 3 and broken.start > 0 and codec != "utf-8"
    return True


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: Western text has a NUL at every second byte, Japanese its kana's 0x30."""
    sample = data[:2000]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    even, odd = sample[0::2], sample[1::2]
    for high, codec in ((odd, "utf-16-le"), (even, "utf-16-be")):
        if high.count(0) + high.count(0x30) > len(high) * 0.4 and _reads(data[: len(data) // 2 * 2], codec):
            return codec
    return None


def _guess_by_runs(sample: bytes) -> str:
    """Other scripts' letters come in runs of high bytes, Western accents alone among ASCII letters."""
    runs = _HIGH.findall(sample)
    high = sum(map(len, runs))
    if high < 6 or high < 2.5 * len(runs):
        return "cp1252"
    letters = sum(1 for byte in sample if byte >= 0xC0)
    if letters > high * 0.95 and high < 12 * len(runs):  # Cyrillic: whole words of letters, blanks between
        second_half = sum(1 for byte in sample if byte >= 0xE0)
        return "cp1251" if second_half * 2 > letters else "koi8_r"
    if len(_HANGUL.findall(sample)) * 2 > high * 0.8 and b" " in sample and _reads(sample, "cp949"):
        return "cp949"
    candidates = [codec for codec in ("gb18030", "big5hkscs", "cp949", "cp932") if _reads(sample, codec)]
    return min(candidates, key=lambda codec: _private(sample, codec), default="cp1252")


def _private(sample: bytes, codec: str) -> int:
    """Private-use characters a reading gives: a text read by the wrong East Asian codec is full of them."""
    return len(_PRIVATE.findall(sample.decode(codec, "replace")))
