"""Pages at their borders: sheets that hide and show again, pages too deep to parse, tables too deep to draw."""

from __future__ import annotations

import pytest

from triaged.reading.page import grids, hidden, html
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


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>a &nbsp; b</p>", "a   b"),
        ("a <b> b</b>c", "a bc"),
        ("a<b> </b>b", "a b"),
        ("a <b></b> b", "a b"),
        ("<b>a </b><i> b</i>", "a b"),
        ("<pre>a\r\n\r\n  b</pre>c", "a\n\n  b\n\nc"),
        ("<pre>\n</pre>c", "c"),
        ("<div style='white-space:break-spaces'>a  b</div>c  d", "a  b\nc d"),
        ("<div>a<p>b</p>c</div>", "a\n\nb\n\nc"),
        ("a<br><br>b", "a\n\nb"),
        ("a<br>", "a"),
        ("<br>a", "a"),
        ("a<div></div>b", "a\nb"),
        ("a<p></p>b", "a\n\nb"),
        ("a<h1>b</h1>c", "a\n\nb\n\nc"),
        ("a<div style='border-top:1px solid'>b</div>", "a\n--------------------------------\nb"),
        ("a<div style='border-top:none'>b</div>", "a\nb"),
        ("a<p style='border-top:1px solid'>b</p>", "a\n\nb"),
        ("<p style='margin:0'>a</p><p style='margin:0cm 0cm .0001pt'>b</p><p style='margin:0 0 0 40px'>c</p><p style='margin:0'>d</p>", "a\nb\n\nc\n\nd"),
        ("<blockquote type=cite style='border:none'>x</blockquote>", "> x"),
        ("<blockquote class='gmail_quote' style='border:none'>x</blockquote>y", "> x\n\ny"),
        ("<blockquote style='border-left:0'>x</blockquote>y", "x\n\ny"),
        ("<blockquote></blockquote>a", "a"),
        ("<blockquote>&gt; a<br>b<br><br>c</blockquote>d", ">> a\n> b\n>\n> c\n\nd"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<ol start=x><li>a</ol>", "1. a"),
        ("<ol start=99999><li>a</ol>", "99999. a"),
        ("<ol start=100000><li>a</ol>", "1. a"),
        ("<ol start=0><li>a</ol>", "0. a"),
        ("<ol start=-2><li>a</ol>", "1. a"),
        ("<ol><li>a<br>b</ol>", "1. a\n   b"),
        ("<ol start=10><li>a<br>b</ol>", "10. a\n    b"),
        ("<li>a<li>b", "- a\n- b"),
        ("<ul><li></ul>a", "a"),
        ("<ol><li></li><li>b</ol>", "2. b"),
        ("a<ul><li>b</ul>c", "a\n\n- b\n\nc"),
        ("a<ul><li>b<ul><li>c</ul>d</ul>e", "a\n\n- b\n  - c\n  d\n\ne"),
        ("<table><tr><td colspan=2>t</td><td>x</td></tr><tr><td>a</td></tr></table>", "t\tx\na"),
        ("<table><tr><th colspan=2>Name</th><th>ZOID</th></tr><tr><td>a</td><td>b</td><td>600</td></tr></table>", "Name: a\nb\nZOID: 600"),
        ("<table><tr><th colspan=0>Name</th><th>ZOID</th></tr><tr><td>a</td><td>600</td></tr></table>", "Name: a\nZOID: 600"),
        ("<table><tr><th colspan=x>Name</th><th>ZOID</th></tr><tr><td>a</td><td>600</td></tr></table>", "Name: a\nZOID: 600"),
        ("<table><td>a<td>b</table>", "a\tb"),
        ("a<table><tr><td>b</td></tr></table>c", "a\n\nb\n\nc"),
        ("<table><tr><td style='font-weight:bold'>Kunde</td><td style='font-weight:700'>Nummer</td></tr><tr><td>Alder</td><td>6003</td></tr></table>", "Kunde: Alder\nNummer: 6003"),
        ("<table><tr><td style='font-weight:500'>Kunde</td><td>Nummer</td></tr><tr><td>Alder</td><td>6003</td></tr></table>", "Kunde\tNummer\nAlder\t6003"),
        ("<table><tr><td><h2>Kunde</h2></td><td><strong>Nummer</strong></td></tr><tr><td>Alder</td><td>6003</td></tr></table>", "Kunde: Alder\nNummer: 6003"),
        ("<table><tr><td><b>Kunde</b> x</td><td><b>Nummer</b></td></tr><tr><td>Alder</td><td>6003</td></tr></table>", "Kunde x\tNummer\nAlder\t6003"),
        ("<table><tr><td><b>Kunde</b>&nbsp;</td><td><b>Nummer</b></td></tr><tr><td>Alder</td><td>6003</td></tr></table>", "Kunde: Alder\nNummer: 6003"),
        ("<a href='http://a.example/1'>x</a>.", "x <http://a.example/1>."),
        ("<a href='http://a.example/1'>x </a>y", "x <http://a.example/1> y"),
        ("<a href='http://a.example/1'></a>y", "y"),
        ("<a href='http://a.example/1'>b<a href='http://b.example/2'>c</a>d</a>e", "b <http://a.example/1>c <http://b.example/2>de"),
        ("<a href=' http://a.example/1 '>x</a>", "x <http://a.example/1>"),
        ("<a href='#top'>x</a>", "x"),
        ("<a>x</a>", "x"),
        ("<a href='http://a.example/1'>x</a> <a href='http://b.example/2'>y</a> z", "x <http://a.example/1> y <http://b.example/2> z"),
        ("a <s>b</s> c", "a ~~b~~ c"),
        ("a<strike>b</strike>c", "a~~b~~c"),
        ("a <del> b </del> c", "a ~~ b~~ c"),
        ("<span style='text-decoration:line-through'>x</span> y", "~~x~~ y"),
        ("<span style='text-decoration:underline'>x</span>", "x"),
        ("<span class='a b' id=c>x</span><style>#c{display:none}</style>", ""),
        ("<html hidden><body hidden>x</body></html>", "x"),
        ("<body style='display:none'>x</body>", "x"),
        ("<div style='display:none'><div>a</div></div>b", "b"),
        ("<noscript>a</noscript>b<select><option>c</select>d", "abd"),
        ("<template>a</template>b", "b"),
        ("a&#8204;b", "a\u200cb"),
        ("a&#8204;&nbsp;b", "a b"),
        ("a\xadb", "ab"),
        ("<b>\u200b</b>", ""),
    ],
)  # fmt: skip
def test_blanks_blocks_lists_tables_and_links_are_written_as_they_look(page: str, text: str) -> None:
    assert to_text(page) == text


def table(*rows: list[str]) -> list[list[grids.Cell]]:
    """Cells: `*` before one marks it as a heading, each `|` behind it is a further column it covers."""
    return [
        [
            grids.Cell(
                tuple(cell.strip("*|").split("\n")) if cell else (), cell[:1] == "*", 1 + cell.count("|")
            )
            for cell in row
        ]
        for row in rows
    ]


RECORD = ["Name: a", "Town: b"]
PAIR = ["*Name", "*Town"]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([["", ""], PAIR, ["", ""], ["a", "b"]], RECORD),
        ([["Details||"], PAIR, ["a", "b"]], ["Details", *RECORD]),
        ([PAIR, *[["a", "b"]] * 51], [*[*RECORD, ""] * 50, *RECORD]),
        ([["*" + "n" * 60, "*Town"], ["a", "b"]], ["n" * 60 + ": a", "Town: b"]),
        ([["*Name 12", "*Town"], ["a", "b"]], ["Name 12: a", "Town: b"]),
        ([["*Name", "*Town:"], ["a", "b\nc"]], [*RECORD, "c"]),
        ([["*Name||", "*Town"], ["a", "b", "c"]], ["Name: a", "b", "c"]),
        ([["*Name|", "*Town"], ["a", "b", "c"]], ["Name: a", "b", "Town: c"]),
        ([["*Name", "*Town", "*Land"], ["a|", "c"]], ["Name: a", "Land: c"]),
        ([["*Name", "*Town", "*Land"], ["a", "b"]], RECORD),
        ([PAIR, ["a"], ["a", "b"]], ["Name: a", "", *RECORD]),
        ([PAIR, ["a", "1\n2\n3\n4\n5\n6"]], ["Name: a", "Town: 1", "2", "3", "4", "5", "6"]),
        ([PAIR, ["a", "b" * 400]], ["Name: a", "Town: " + "b" * 400]),
        ([["*Name", "", "*Town"], ["a", "x", "b"]], ["Name: a", "x", "Town: b"]),
        ([PAIR, ["*a", "b"], ["c", "d"]], [*RECORD, "", "Name: c", "Town: d"]),
        ([PAIR, ["*a", "*b"]], RECORD),
        ([["*Field", "*Value"], ["ZOID", "600"]], ["Field: ZOID", "Value: 600"]),
        ([["*Field", "*Value"], ["ZOID", "1"], ["ZUID", "2"], ["x", "3"], ["y", "4"], ["z", "5"]],
         [line for pair in (("ZOID", 1), ("ZUID", 2), ("x", 3), ("y", 4), ("z", 5)) for line in ("", f"Field: {pair[0]}", f"Value: {pair[1]}")][1:]),
        ([["*Field", "*Value"], ["ZOID 600", "1"], ["ZUID 700", "2"]], ["Field: ZOID 600", "Value: 1", "", "Field: ZUID 700", "Value: 2"]),
        ([["Email", "Town", "ZOID"], ["a@b.example", "x", "600"]], ["Email: a@b.example", "Town: x", "ZOID: 600"]),
        ([["Email", "ZOID"], ["a", "7"]], ["Email: a", "ZOID: 7"]),
        ([["Email", "ZOID"], ["a", "６００"]], ["Email: a", "ZOID: ６００"]),
    ],
)  # fmt: skip
def test_a_heading_row_names_each_value_below_it(rows: list[list[str]], lines: list[str]) -> None:
    assert grids.render(table(*rows)) == (lines, True)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([PAIR], ["Name\tTown"]),
        ([PAIR, *[["a", "b"]] * 52], ["Name\tTown", *["a\tb"] * 52]),
        ([["Title"], PAIR], ["Title", "Name\tTown"]),
        ([["Title"], ["Sub"], PAIR, ["a", "b"]], ["Title", "Sub", "Name\tTown", "a\tb"]),
        ([["*" + "n" * 61, "*Town"], ["a", "b"]], ["n" * 61 + "\tTown", "a\tb"]),
        ([["*Name 123", "*Town"], ["a", "b"]], ["Name 123\tTown", "a\tb"]),
        ([["*Name", "*name"], ["a", "b"]], ["Name\tname", "a\tb"]),
        ([["*Name:", "*Town"], ["a", "b"]], ["Name:\tTown", "a\tb"]),
        ([["*Name：", "*Town"], ["a", "b"]], ["Name：\tTown", "a\tb"]),
        ([["*Name", ""], ["a", "b"]], ["Name", "a\tb"]),
        ([PAIR, ["a", "b", "c"]], ["Name\tTown", "a\tb\tc"]),
        ([PAIR, ["a"]], ["Name\tTown", "a"]),
        ([PAIR, ["a", "1\n2\n3\n4\n5\n6\n7"]], ["Name\tTown", "a\t1", "2", "3", "4", "5", "6", "7"]),
        ([PAIR, ["a", "b" * 401]], ["Name\tTown", "a\t" + "b" * 401]),
        ([["*Name", "Town"], ["a", "b"]], ["Name\tTown", "a\tb"]),
        ([PAIR, ["*a", "b"], ["*c", "d"]], ["Name\tTown", "a\tb", "c\td"]),
        ([["*Field", "*Value"], ["ZOID", "1"], ["ZUID", "2"], ["x", "3"], ["y", "4"]], ["Field\tValue", "ZOID\t1", "ZUID\t2", "x\t3", "y\t4"]),
        ([["Email", "Town"], ["a@b.example", "600"]], ["Email\tTown", "a@b.example\t600"]),
        ([["Email", "ZOID"], ["a@b.example", "600"], ["c", "d"]], ["Email\tZOID", "a@b.example\t600", "c\td"]),
        ([["Email", "ZOID"], ["ZUID", "600"]], ["Email\tZOID", "ZUID\t600"]),
        ([["ZOID", ":", "600"], ["：", "x"]], ["ZOID:\t600", "：\tx"]),
        ([["Desc", "1\n2"]], ["Desc\t1", "2"]),
        ([["d" * 60, "1\n2"]], ["d" * 60 + "\t1", "2"]),
        ([["d" * 61, "1\n2"]], ["d" * 61, "", "1", "2", ""]),
        ([["1\n2", "x"]], ["1", "2", "", "x", ""]),
        ([["a", "1\n2", "c"]], ["a", "", "1", "2", "", "c", ""]),
        ([["", ""]], []),
    ],
)  # fmt: skip
def test_a_table_without_a_heading_row_is_its_cells(rows: list[list[str]], lines: list[str]) -> None:
    assert grids.render(table(*rows)) == (lines, False)


def test_boxes_quotes_and_lists_are_drawn_as_deep_as_goes() -> None:
    quotes = to_text("<blockquote>" * 10 + "x")
    assert quotes == ">" * 8 + " x"
    lists = to_text("<ul><li>" * 10 + "x")
    assert lists == "- " * 8 + "x"
    assert to_text("<ul><li>" * 10 + "x</li><li>y") == lists + "\n" + " " * 16 + "y"
