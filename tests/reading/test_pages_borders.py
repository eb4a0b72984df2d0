"""Pages at their borders: sheets that hide and show again, pages too deep to parse, tables too deep to draw."""

from __future__ import annotations

import pytest

from triaged.reading.page import hidden, html
from triaged.reading.page.html import DEEPEST, read, to_text


@pytest.mark.parametrize(
    ("sheet", "shown"),
    [
        (".a{display:none}", False),
        (".a{display:none}.a{display:block}", True),
        (".a{display:none}.a{color:red}", False),
        (".a,.b{display:none}.b{display:block}", False),
        ("@media print{.a{display:none}}", True),
        ("@media print{.b{color:red}} .a{display:none}", False),
        (".a .b{display:none}", True),
        ("p.a{visibility:hidden}", False),
        (".a{font-size:0}", False),
        (".a{font-size:0.5em}", True),
        (".a{height:0;overflow:hidden}", False),
        (".a{height:0}", True),
        (".a{text-indent:-99px}", True),
        (".a{text-indent:-100px}", False),
    ],
)
def test_a_style_sheet_hides_what_it_does_not_show_again(sheet: str, shown: bool) -> None:
    text = to_text(f"<style>{sheet}</style><p class=a>secret</p><p>plain</p>")
    assert text == ("secret\n\nplain" if shown else "plain")


def test_a_sheet_at_its_longest_hides_and_a_longer_one_is_not_read() -> None:
    rule = ".a{display:none}"
    assert hidden.by_sheet(rule + " " * (hidden.LONGEST_SHEET - len(rule))) == {".a"}
    assert hidden.by_sheet(rule + " " * (hidden.LONGEST_SHEET + 1 - len(rule))) == frozenset()


TABLE = "<table><tr><th>Email</th><th>ZOID</th></tr><tr><td>a@b.example</td><td>6003</td></tr></table>"


def test_a_page_at_its_deepest_is_drawn_and_a_deeper_one_has_its_words() -> None:
    drawn = read("<div>" * (DEEPEST - 1) + TABLE)
    assert drawn.columns_named
    assert drawn.text == "Email: a@b.example\nZOID: 6003"
    stripped = read("<div>" * DEEPEST + TABLE)
    assert not stripped.columns_named
    assert stripped.text.split() == ["Email", "ZOID", "a@b.example", "6003"]


def test_what_is_never_deep_does_not_count() -> None:
    assert read("<p><br><td>" * (DEEPEST + 1) + "<div>" * 9 + TABLE).columns_named


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<style>a</style><p>one</p><script>bad</script>two<br>three", "one\ntwo\nthree"),
        ("<STYLE x=1>a</STYLE >one<Title>t</title>two", "one two"),
        ("<style>endless one", "endless one"),
        ("one<script>x</script", "one"),
        ("<script>a<style>b</script>c</style>d", "c d"),
        ("İ <style>a</style>one", "İ one"),
        ("a &lt;b&gt; c", "a <b> c"),
    ],
)
def test_of_a_page_too_deep_scripts_and_styles_are_cut_out_by_pattern(page: str, text: str) -> None:
    assert to_text("<div>" * (DEEPEST + 1) + page) == text


def test_tables_in_tables_are_drawn_as_deep_as_goes_and_lose_no_word() -> None:
    for depth in (20, 25, 30, 100):
        inner = "<table><tr><td>" * depth + "in" + "</td><td>side</td></tr></table>" * depth
        words = to_text(inner).replace("|", " ").split()
        assert words.count("in") == 1
        assert words.count("side") == depth


def test_a_word_without_width_is_none() -> None:
    assert to_text("<p>a\u200b</p>\u200b<p>\u200b</p><p>b</p>") == "a\n\nb"
    assert to_text("<p>a</p>\u200b<p>b</p>") == to_text("<p>a</p><p>b</p>")


def test_a_page_is_read_up_to_its_longest() -> None:
    end = "<p>end</p>"
    fits = "x" * (html.LONGEST - len(end)) + end
    assert to_text(fits).endswith("\n\nend")
    assert "end" not in to_text("x" * 10 + fits)
