"""A letter laid out: lines of 76 columns, soft or hard, and the same words as a plain page."""

from __future__ import annotations

import pytest

from triaged.letters import layout
from triaged.letters.wording import LONGEST_SUBJECT, one_line, thread_subject

WORD = "a" * 25


@pytest.mark.parametrize(
    ("text", "flowed", "lines"),
    [
        ("a" * 50 + " " + "b" * 25, True, ["a" * 50 + " " + "b" * 25]),
        ("a" * 50 + " " + "b" * 26, True, ["a" * 50 + " ", "b" * 26]),
        ("a" * 50 + " " + "b" * 26, False, ["a" * 50, "b" * 26]),
        ("a" * 90, True, ["a" * 90]),
        ("> " + "a" * 50 + " " + "b" * 23, True, ["> " + "a" * 50 + " " + "b" * 23]),
        ("> " + "a" * 50 + " " + "b" * 24, True, ["> " + "a" * 50 + " ", "> " + "b" * 24]),
        (" indented", True, ["  indented"]),
        ("From here", True, [" From here"]),
        ("From here", False, ["From here"]),
        (" indented", False, [" indented"]),
        ("a \n\nb", True, ["a", "", "b"]),
        (">", True, [">"]),
    ],
)
def test_lines_have_seventy_six_columns_and_end_softly_where_they_flow(
    text: str, flowed: bool, lines: list[str]
) -> None:
    assert layout.wrapped(text, flowed=flowed).split("\n") == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("あ" * 38, ["あ" * 38]),
        ("あ" * 39, ["あ" * 38, "あ"]),
        ("あ" * 38 + "。", ["あ" * 37, "あ。"]),
        ("あ" * 37 + "「い」", ["あ" * 37, "「い」"]),
        ("あ" * 37 + "ab", ["あ" * 37 + "ab"]),
        ("あ" * 37 + "abc", ["あ" * 37, "abc"]),
    ],
)
def test_japanese_is_cut_by_columns_and_no_line_begins_with_what_closes(text: str, lines: list[str]) -> None:
    assert layout.wrapped(text, flowed=False).split("\n") == lines


@pytest.mark.parametrize(
    ("text", "flowed"), [("plain", True), ("Grüße – “x”", True), ("障害", False), ("ok 👍", False)]
)
def test_a_text_flows_where_none_of_its_letters_is_wide(text: str, flowed: bool) -> None:
    assert layout.is_flowed(text) is flowed


def body(text: str) -> str:
    whole = layout.page(text, "en")
    return whole.partition('max-width: 42em;">\n')[2].removesuffix("\n</body>\n</html>\n")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("x:\n- a\ny", "<p>x:</p>\n<ul>\n<li>a</li>\n</ul>\n<p>y</p>"),
        ("・あ", "<ul>\n<li>あ</li>\n</ul>"),
        ("-a\n- ", "<p>-a<br>\n- </p>"),
        ("-" * 10, "<hr>"),
        ("-" * 9, f"<p>{'-' * 9}</p>"),
        ("<b> & \"x\"", "<p>&lt;b&gt; &amp; &quot;x&quot;</p>"),
        ("see https://a.example/x?a=1&b=2.", '<p>see <a href="https://a.example/x?a=1&amp;b=2">https://a.example/x?a=1&amp;b=2</a>.</p>'),
        ("  two", "<p>&nbsp;&nbsp;two</p>"),
        ("\n\n \n\na\n", "<p>a</p>"),
        ("##- above -##", '<p style="font-size: smaller; opacity: 0.7;">##- above -##</p>'),
    ],
)  # fmt: skip
def test_a_page_has_paragraphs_lists_rules_and_links(text: str, page: str) -> None:
    assert body(text) == page


def test_the_mark_above_is_left_out_where_there_is_nothing_above() -> None:
    assert layout.without_mark("##- write above -##\n\nHello") == "Hello"
    assert layout.without_mark(f"##-{'x' * 80}-##\nHello") == "Hello"
    assert layout.without_mark(f"##-{'x' * 81}-##\nHello") == f"##-{'x' * 81}-##\nHello"
    assert layout.without_mark("Hello ##- x -##") == "Hello ##- x -##"


@pytest.mark.parametrize(
    ("text", "most", "line"),
    [
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "abcd…"),
        ("abc def", 5, "abc…"),
        ("a\tb\u200bc\ud800d", 9, "a bcd"),
        ("", 5, ""),
        (" " * 47 + "abc", 5, "abc"),
        (" " * 50 + "abc", 5, ""),
    ],
)
def test_one_line_is_cut_with_a_mark_and_looks_ten_times_as_far(text: str, most: int, line: str) -> None:
    assert one_line(text, most) == line


def test_a_subject_in_its_thread_is_two_hundred_long_at_most() -> None:
    head = "[PS-1] Re: "
    fits = "x" * (LONGEST_SUBJECT - len(head))
    assert thread_subject("PS-1", fits) == head + fits
    assert thread_subject("PS-1", fits + "y") == head + fits[:-1] + "…"
