"""HTML mail as text that reads like the page. Each case: markup, text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.reading.page import html
from triaged.reading.page.html import to_text

RULE = "-" * 32

PAGES = {
    "inline markup splits no word": ("<p>The <b>por</b>tal is <i>down</i>.</p>", "The portal is down."),
    "an id split by markup is whole": ("ZOID: 600<span>311</span><b>22334</b>", "ZOID: 60031122334"),
    "an id split by zero-width marks is whole": ("ZOID: 6003&#8203;1122&shy;334", "ZOID: 60031122334"),
    "blanks collapse, no-break blanks stay": ("a \n\t b&nbsp;&nbsp;c", "a b  c"),
    "blocks are lines": ("<div>a</div><div>b<br></div><div>c</div>", "a\nb\nc"),
    "an empty div line is an empty line": ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
    "paragraphs stand apart": ("<p>a</p><p>b</p>", "a\n\nb"),
    "Outlook's paragraphs do not": ("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"),
    "Outlook's empty paragraph does": (
        "<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>",
        "a\n\nb",
    ),
    "pre is kept": ("<pre>a  b\n c</pre>", "a  b\n c"),
    "pre-wrap is kept": ('<div style="white-space: pre-wrap">a  b\nc</div>', "a  b\nc"),
    "lists": ("<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>", "- a\n- b\n  1. c\n  2. d"),
    "a link shows where it leads": (
        '<a href="https://crm.zoho.example/crm/org20071234567/tab">the lead</a> fails',
        "the lead <https://crm.zoho.example/crm/org20071234567/tab> fails",
    ),
    "a link that shows itself does not": (
        '<a href="http://www.acme.example/">acme.example</a>',
        "acme.example",
    ),
    "a mail link to another address shows it": (
        '<a href="mailto:it@acme.example?subject=x">our IT</a>',
        "our IT <it@acme.example>",
    ),
    "a filter's wrapping is taken off": (
        '<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Forg1&data=x">l</a>',
        "l <https://a.example/org1>",
    ),
    "a script's link is none": ('<a href="javascript:x()">go</a>', "go"),
    "blockquotes": ("a<blockquote>b<blockquote>c</blockquote></blockquote>d", "a\n\n> b\n>\n>> c\n\nd"),
    "Gmail's indentation is no quote": (
        '<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>x</div></blockquote>',
        "x",
    ),
    "Outlook's divider is a line": (
        '<p>a</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class=MsoNormal><b>From:</b> B</p></div>',
        f"a\n\n{RULE}\nFrom: B",
    ),
    "hr is a line": ("a<hr>b", f"a\n{RULE}\nb"),
    "struck-out text is marked": ("ZOID <s>111222</s> 333444", "ZOID ~~111222~~ 333444"),
    "scripts and comments are not seen": ("a<script>b</script><!-- c --><style>d</style>e", "ae"),
    "Outlook's conditional comments are not seen": ("a<!--[if mso]>b<![endif]-->c", "ac"),
    "hidden by style": ('a<div style="display: none">b</div><span style="FONT-SIZE:0px;">c</span>d', "ad"),
    "a font size of 0.9em is seen": ('<span style="font-size:0.9em">b</span>', "b"),
    "hidden by visibility, by Outlook": (
        '<p style="visibility:hidden">x</p><p style="mso-hide:all">y</p><p>z</p>',
        "z",
    ),
    "hidden by zero height": ('<div style="height:0;overflow:hidden">x</div>y', "y"),
    "hidden by attribute": ("<p hidden>x</p>y", "y"),
    "hidden by a style sheet": (
        "<style>.pre, p.x { color: red; display:none } #y{visibility:hidden}</style>"
        "<p class='a pre'>a</p><p class=x>b</p><p id=y>c</p><p>d</p>",
        "d",
    ),
    "hidden on phones only is seen": (
        "<style>@media (max-width:600px){.d{display:none}} .m{display:none}</style><p class=d>a</p><p class=m>b</p>",
        "a",
    ),
    "a title swallows nothing": ("<title>x<p>The portal is down</p>", "x The portal is down"),
    "plain text in HTML's clothes": ("just text\nhere", "just text here"),
    "Word's namespaced tags": ("<o:p>a</o:p><st1:place>b</st1:place>", "ab"),
}

TABLES = {
    "labels beside values": (
        "<table><tr><td>ZOID</td><td>60031122334</td></tr><tr><td>Service</td><td>Zoho CRM</td></tr></table>",
        "ZOID\t60031122334\nService\tZoho CRM",
    ),
    "a colon in its own cell": (
        "<table><tr><td>ZOID</td><td>:</td><td>60031122334</td></tr></table>",
        "ZOID:\t60031122334",
    ),
    "row headings are no column headings": (
        "<table><tr><th>Name</th><td>Acme</td></tr><tr><th>ZOID</th><td>60031122334</td></tr></table>",
        "Name\tAcme\nZOID\t60031122334",
    ),
    "a heading row names every value": (
        "<table><tr><th>Email</th><th>ZOID</th></tr><tr><td>a@b.example</td><td>60031122334</td></tr>"
        "<tr><td>c@d.example</td><td>60031122335</td></tr></table>",
        "Email: a@b.example\nZOID: 60031122334\n\nEmail: c@d.example\nZOID: 60031122335",
    ),
    "a bold first row is a heading": (
        "<table><tr><td><b>Kunde</b></td><td><b>Nummer</b></td></tr><tr><td>Alder</td><td>60031122334</td></tr></table>",
        "Kunde: Alder\nNummer: 60031122334",
    ),
    "an unmarked first row of labels is a heading": (
        "<table><tr><td>Primary email</td><td>ZOID</td><td>Service</td></tr>"
        "<tr><td>it@alder.example</td><td>60031122334</td><td>Zoho CRM</td></tr></table>",
        "Primary email: it@alder.example\nZOID: 60031122334\nService: Zoho CRM",
    ),
    "a title above the heading": (
        "<table><tr><td colspan=2>Details</td></tr><tr><th>ZOID</th><th>ZUID</th></tr>"
        "<tr><td>600311</td><td>600312</td></tr></table>",
        "Details\nZOID: 600311\nZUID: 600312",
    ),
    "two columns of labels and values without ids are no heading": (
        "<table><tr><td>Company</td><td>Acme</td></tr><tr><td>ZOID</td><td>60031122334</td></tr></table>",
        "Company\tAcme\nZOID\t60031122334",
    ),
    "an empty cell names nothing": (
        "<table><tr><th>ZOID</th><th>ZUID</th></tr><tr><td></td><td>600312</td></tr></table>",
        "ZUID: 600312",
    ),
    "a layout table is its cells": (
        "<table><tr><td><p>Hello</p><p>we are down</p></td><td><p>Logo</p><p>Bye</p></td></tr></table>",
        "Hello\n\nwe are down\n\nLogo\n\nBye",
    ),
    "a table in a layout table": (
        "<table><tr><td><p>Hi</p><table><tr><td>ZOID</td><td>600311</td></tr></table></td></tr></table>",
        "Hi\n\nZOID\t600311",
    ),
    "a value of several lines": (
        "<table><tr><td>Description</td><td>one<br>two</td></tr></table>",
        "Description\tone\ntwo",
    ),
    "Japanese labels": (
        "<table><tr><td>メールアドレス</td><td>組織ID</td></tr><tr><td>a@b.example</td><td>60031122334</td></tr></table>",
        "メールアドレス: a@b.example\n組織ID: 60031122334",
    ),
}


@pytest.mark.parametrize("name", PAGES | TABLES)
def test_a_page_reads_as_it_looks(name: str) -> None:
    markup, text = (PAGES | TABLES)[name]
    assert to_text(markup) == text


def test_deep_nesting_is_read_without_structure() -> None:
    assert to_text("<div>" * 40_000 + "the portal is down") == "the portal is down"


def test_deep_quotes_and_lists_swell_nothing() -> None:
    deep = "<blockquote><ul><li>" * 150 + "x<br>" * 2_000
    assert len(to_text(deep)) < 20 * len(deep)


@pytest.mark.parametrize(
    "hostile",
    ['<a href="' * 40_000, "<!--" * 40_000, "<table><tr><td>" * 3_000, "<style>" + "a{" * 50_000, "<" * 200_000, "&" * 200_000],
)  # fmt: skip
def test_hostile_pages_are_read(hostile: str) -> None:
    assert len(to_text(hostile)) <= 2 * len(hostile)


# fmt: off
_PIECES = st.sampled_from((
    "<table>", "<tr>", "<td colspan=3>", "<th>", "</td>", "</table>", "<p>", "</p>", "<b>", "<blockquote>",
    "</blockquote>", "<li>", "<ul>", "<ol start=x>", "<pre>", "</pre>", "<s>", "</s>", "<a href='http://a.example/1'>",
    "</a>", "x y", "\n", "&nbsp;", "<div style='display:none'>", "</div>", "<hr>", "<br>", "ZOID: 60031", "<select>",
    "<style>.a{display:none}</style>",
))
# fmt: on


@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_soup_of_tags_is_read(soup: str) -> None:
    text = to_text(soup)
    assert len(text) <= 60 * len(soup) + 10
    assert text == text.strip("\n")


def test_long_pages_are_cut() -> None:
    assert len(to_text("<p>word</p>" * 200_000)) <= html.LONGEST
