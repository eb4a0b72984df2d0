"""What a single line of a signature, or of the words above it, is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from triaged.reading.new_text import signature_rows as rows

ASKED: dict[str, Callable[[str], bool]] = {
    "s": rows.is_sentence, "d": rows.is_data, "n": rows.is_name, "r": rows.reaches, "v": rows.is_device_line, "l": rows.is_rule,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sort", "marks", "speaks"),
    [
        ("12345", "data", "d", False),
        ("1234", "short", "", False),
        ("12345 •", "data", "d", False),
        ("-12345-", "data", "d", False),
        ("Tel. 030 5550 1234", "short", "r", False),
        ("ZOID: 6003", "data", "d", False),
        ("Name: x", "data", "d", False),
        ("Favourite colour: blue", "data", "d", False),
        ("Favourite colour:", "short", "", False),
        ("https://a.example: x", "short", "r", False),
        ("a: b", "short", "", False),
        ("Ab: c", "data", "d", False),
        ("Abc : d", "data", "d", False),
        ("Phone: 030 5550 1234", "short", "r", False),
        ("1) Colour: blue", "data", "d", False),
        ("x" * 140, "short", "n", False),
        ("x" * 141, "prose", "n", False),
        ("We need help with it now.", "prose", "s", True),
        ("We need help now.", "short", "", False),
        ("Is it on?", "short", "s", False),
        ("You are all welcome. ok then", "prose", "", True),
        ("The quick brown fox jumps over.", "prose", "s", False),
        ("The quick brown fox.", "short", "", False),
        ("We cannot do it", "short", "", False),
        ("We cannot do this again", "prose", "", True),
        ("we@x cannot do this again", "short", "", False),
        ("これはひらがなです", "prose", "", True),
        ("これはひら", "short", "", False),
        ("これはひらが", "prose", "", True),
        ("Anna", "short", "n", False),
        ("anna", "short", "n", False),
        ("Anna Holm", "short", "n", False),
        ("anna holm", "short", "", False),
        ("Anna von Holm", "short", "n", False),
        ("Anna Von der Holm x", "short", "", False),
        ("Anna A B C D", "short", "n", False),
        ("Anna A B C D E", "short", "", False),
        ("Anna, Holm", "short", "", False),
        ("Anna Holm,", "short", "n", False),
        ("Ünna", "short", "n", False),
        ("ünna holm", "short", "n", False),
        ("田中太郎", "short", "n", False),
        ("田中太郎です", "short", "", False),
        ("ünna holm abcdefgh", "short", "", False),
        ("ünna holm abcdef", "short", "", False),
        ("it@alder.example", "short", "r", False),
        ("mail it@alder.example", "short", "r", False),
        ("you may write it@alder.example", "short", "r", False),
        ("you may always write it@alder.example", "short", "", False),
        ("www.alder.example", "short", "nr", False),
        ("Sent from my iPhone", "short", "v", False),
        ("Sent from my desk, is much easier than typing", "prose", "", True),
        ("Sent from my iPhone to all", "short", "v", False),
        ("Sent", "short", "n", False),
        ("Sent from Outlook for iOS<http://x>", "short", "rv", False),
        ("Get Outlook for Android", "short", "v", False),
        ("-----", "short", "l", False),
        ("----", "short", "", False),
        ("- - -", "short", "l", False),
        ("::::::", "short", "", False),
        ("......", "short", "", False),
        ("・・・・・", "short", "", False),
        ("=====x", "short", "", False),
        ("*****", "short", "l", False),
        ("-.---", "short", "l", False),
        (".----", "short", "", False),
        (f"Tel. {'030 ' * 40}", "short", "r", False),
        ("Mail: x", "short", "", False),
        ("Mail: ZOID 6003", "data", "d", False),
        ("the zoid, please see below", "data", "d", True),
        ("Category", "data", "dn", False),
        ("Category" + "." * 62, "data", "dn", False),
        ("Category" + "." * 63, "short", "n", False),
        ("x" * 24 + "?", "short", "s", False),
        ("x" * 25 + "?", "prose", "s", False),
        ("ünna holm abcd", "short", "n", False),
        ("ünna holm abcde", "short", "", False),
        ("发自我的 iPhone", "short", "nv", False),
        ("auから送信", "short", "v", False),
        ("auで送信", "short", "", False),
        ("Sent from my iPhone" + "." * 141, "prose", "v", False),
        ("Sent from my iPhone" + "." * 142, "prose", "", False),
        ("Sent from my iPhone " + "x" * 50, "short", "v", False),
        ("Sent from my iPhone " + "x" * 51, "short", "", False),
        ("Sent from my iPhone, which is new", "prose", "", True),
        ("Sent from my iPhone, Anna", "short", "", False),
        ("Sent from my iPhone. Anna", "short", "", False),
        ("Sent from my hand", "short", "", False),
    ],
)  # fmt: skip
def test_a_line_is_prose_data_or_short_and_what_else_it_is(
    text: str, sort: str, marks: str, speaks: bool
) -> None:
    """s: a sentence, d: data, n: a name, r: a way to reach somebody, v: a device's line, l: a ruled line."""
    assert "".join(sign for sign, asked in ASKED.items() if asked(text)) == marks
    assert (rows.sort_of(text), rows.speaks(text, 5)) == (sort, speaks)
