"""Pages once more: marks that hold no word, quotes side by side, the deepest table, and rules within @media."""

from __future__ import annotations

import pytest

from triaged.reading.page import hidden, html
from triaged.reading.page.page import DEEPEST_BOX

TABLE = (
    "<table><tr><td>{0}Kunde{1}</td><td>{0}Nummer{1}</td></tr><tr><td>Alder</td><td>6003</td></tr></table>"
)
NAMED, CELLS = "Kunde: Alder\nNummer: 6003", "Kunde\tNummer\nAlder\t6003"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a<b>\u200b</b>b", "ab"),
        ("a<b>\u00ad\ufeff</b>b", "ab"),
        ("<b>a</b>\u200b<i>b</i>", "ab"),
        ("<blockquote style='border:none'>x</blockquote>a  b", "x\n\na b"),
        ("<blockquote style='border:none'>x</blockquote>" + TABLE.format("", ""), "x\n\n" + CELLS),
        ("<p>a</p><blockquote style='border:none'>x</blockquote>y", "a\n\nx\n\ny"),
        (TABLE.format("<b>", "</b>"), NAMED),
        (TABLE.format("<pre>", "</pre>"), CELLS),
        (TABLE.format("<b><pre>", "</pre></b>"), CELLS),
        (TABLE.format("<h1>", "</h1>"), NAMED),
        (TABLE.format("<hr>", "</hr>"), "-" * 32 + "\nKunde\n\n" + "-" * 32 + "\nNummer\n\nAlder\t6003"),
        ("<h1>a</h1>" + TABLE.format("", ""), "a\n\n" + CELLS),
        ("<b>a</b>" + TABLE.format("", ""), "a\n\n" + CELLS),
        ("<pre>a  b</pre>c  d", "a  b\n\nc d"),
        ("<blockquote>x</blockquote>" * 10, "\n\n".join(["> x"] * 10)),
    ],
)
def test_what_an_element_changes_ends_with_it(page: str, text: str) -> None:
    assert html.to_text(page) == text


def within_tables(depth: int, inner: str) -> str:
    return html.to_text("<table><tr><td>" * depth + inner + "</td></tr></table>" * depth)


def test_a_table_in_the_deepest_box_has_rows_and_one_beyond_is_lines() -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr></table>"
    assert within_tables(DEEPEST_BOX - 1, inner) == "a\tb"
    assert within_tables(DEEPEST_BOX, inner) == "a\nb"


def test_a_list_and_a_quote_in_the_deepest_box_are_marked_and_those_beyond_are_lines() -> None:
    listed, quoted = "<ul><li>a<li>b</ul>c", "<blockquote>a</blockquote>c"
    assert within_tables(DEEPEST_BOX - 1, listed) == "- a\n- b\n\nc"
    assert within_tables(DEEPEST_BOX, listed) == "a\nb\n\nc"
    assert within_tables(DEEPEST_BOX - 1, quoted) == "> a\n\nc"
    assert within_tables(DEEPEST_BOX, quoted) == "a\n\nc"


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        ("@media print{.b{color:red}.c{display:none}} .a{display:none}", {".a"}),
        ("@media print{.b{display:none}", set()),
        (".a{display:none}@media print{.a{display:block}}.b{display:none}", {".a", ".b"}),
        ("@media print{}.a{display:none}", {".a"}),
        ("@media print{.b{display:none}}@media all{.c{display:none}}.a{display:none}", {".a"}),
        (".a{color:red}.a{overflow:hidden;height:0}", {".a"}),
        (".a{overflow:visible;height:0}", set()),
    ],
)
def test_a_rule_within_media_hides_nothing_and_one_behind_it_does(sheet: str, found: set[str]) -> None:
    assert hidden.by_sheet(sheet) == found
