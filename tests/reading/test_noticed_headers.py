"""Header fields: encoded words side by side, unfolding, bounds, and looking them up."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from triaged.reading.mime import headers
from triaged.reading.mime.headers import Headers, decode_words, from_part


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        ("x =?utf-8?q?a?= y", "x a y"),
        ("=?utf-8?q?a?=x", "ax"),
        ("=?utf-8?q?a?= =?latin1?q?=FC?= =?UTF-8?q?=C3=BC?=", "aüü"),
        ("=?utf-8?q?=C3?= =?UTF-8?b?vA==?=", "ü"),
        ("=?utf-8?q?=C3?= x =?utf-8?q?=BC?=", "Ã x ¼"),
        ("=?utf-8*en?q?a_b?=", "a b"),
        ("=?utf-8?B?YQ?=", "a"),
        ("=?utf-8?B?Y Q = =?=", "a"),
        ("=?utf-8?B?YWJjY?=", "abc"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q?=zz=4?=", "=zz=4"),
        ("=?utf-8?q??=", ""),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=? ?q?a?=", "=? ?q?a?="),
        (f"=?{'x' * 60}?q?a?=", "a"),
        (f"=?{'x' * 61}?q?a?=", f"=?{'x' * 61}?q?a?="),
        (f"=?utf-8?q?{'a' * 2_000}?=", "a" * 2_000),
        (f"=?utf-8?q?{'a' * 2_001}?=", f"=?utf-8?q?{'a' * 2_001}?="),
        ("=?utf-8?q?a=00=07b?=", "a b"),
        ("plain", "plain"),
    ],
)
def test_encoded_words_are_read_and_blanks_between_them_go(written: str, shown: str) -> None:
    assert decode_words(written) == shown


@pytest.mark.parametrize(
    ("written", "left"), [("a =?utf-8?q?b?= c", "a  c"), ("=?utf-8?q?b?=", ""), ("=?utf-8", "=?utf-8")]
)
def test_words_can_be_left_out(written: str, left: str) -> None:
    assert headers.without_words(written) == left


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("Subject", " a\r\n\tb\n  c ", "a b c"),
        ("Subject", "a\rb", "a b"),
        ("Subject", "=?utf-8?q?a?=", "a"),
        ("COMMENTS", "=?utf-8?q?a?=", "a"),
        ("From", "=?utf-8?q?a?= <b@c.example>", "=?utf-8?q?a?= <b@c.example>"),
        ("From", "St\udcf6rung", "Störung"),
        ("From", "St\udcc3\udcb6rung", "Störung"),
        ("From", "\x1b$B>c32\x1b(B", "障害"),
        ("From", "a\x00\x07b\x7f", "a b"),
        ("From", "a\tb", "a\tb"),
    ],
)
def test_a_value_is_one_line_of_text(name: str, written: str, value: str) -> None:
    assert headers.value_of(name, written) == value


def test_fields_are_looked_up_in_any_case_topmost_first() -> None:
    found = Headers([("To", "a"), ("X-Own", "b"), ("TO", "c")])
    assert (found.get("to"), found.get_all("tO"), found.get("x-own")) == ("a", ("a", "c"), "b")
    assert (found.get("Cc"), found.get("Cc", "none"), found.get_all("Cc")) == ("", "none", ())
    assert (list(found), len(found), "x-OWN" in found, "Cc" in found, 7 in found) == (
        ["To", "X-Own", "TO"], 3, True, False, False,
    )  # fmt: skip
    assert found.items() == (("To", "a"), ("X-Own", "b"), ("TO", "c"))
    assert len(Headers()) == 0


def test_so_many_fields_and_characters_of_each_are_read() -> None:
    many = b"".join(b"X-%d: %d\n" % (number, number) for number in range(headers.MOST_FIELDS + 1))
    found = from_part(message_from_bytes(many + b"\n"))
    assert (len(found), found.get(f"X-{headers.MOST_FIELDS - 1}")) == (
        headers.MOST_FIELDS,
        str(headers.MOST_FIELDS - 1),
    )
    long = from_part(message_from_bytes(b"X: " + b"a" * (headers.LONGEST_VALUE + 1) + b"\n\n"))
    assert long.get("X") == "a" * headers.LONGEST_VALUE
